/* SPDX-License-Identifier: ISC */
/* One model's statements and files. It must not judge a statement (decide.c), and must not forget
 * what another feed or a person has said. */
#include "tool/store_merge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tool/cli.h"
#include "tool/source.h"
#include "tool/store_doc.h"

#define STATEMENT_LEN_MAX (64u << 10) /* longer ones are kept as a note of their length */
#define STATEMENT_LEN_LOW 2048        /* the same, where all together are too long for a file */

/* A file that is there: `ours` as it was written, or edited, with whatever JSON it holds now. */
struct held {
    bool there;
    json_t *ours, *edited;
};

/* One model of it. */
struct merge {
    struct store_put *put;
    const char *vendor, *model;
    struct store_findings findings; /* on this model */
    struct held main, review;
    json_t *statements, *kev, *exploited;
    size_t said_n; /* statements that are not kev's */
    bool speaks;   /* does this record speak of the model? */
};

/* ---- statements */

static bool is_kev(const json_t *statement)
{
    return strcmp(import_text(statement, "feed"), "kev") == 0;
}

/* Is it what an earlier reading of this record has said, and does this one say it anew? */
static bool is_replaced(const struct merge *m, const json_t *statement)
{
    const struct store_put *p = m->put;
    const char *record = import_text(statement, "record");

    return (!p->partly || m->findings.n > 0) &&
           strcmp(import_text(statement, "feed"), p->feed) == 0 &&
           strcmp(record[0] != '\0' ? record : p->id, p->result->id) == 0;
}

static bool has(const json_t *array, const json_t *value)
{
    const json_t *there;
    size_t i;

    json_array_foreach(array, i, there)
    {
        if (json_equal(there, value))
            return true;
    }
    return false;
}

static int compare(const json_t *a, const json_t *b)
{
    int c = store_doc_rank(import_text(a, "feed")) - store_doc_rank(import_text(b, "feed"));

    return c != 0 ? c : strcmp(import_text(a, "record"), import_text(b, "record"));
}

/* Sorted in by feed and record, so that it does not matter which is read first. */
static void add(json_t *statements, json_t *statement)
{
    size_t at = json_array_size(statements);

    if (has(statements, statement))
        return;
    while (at > 0 && compare(json_array_get(statements, at - 1), statement) > 0)
        at--;
    (void)json_array_insert(statements, at, statement);
}

/* The statement, or a note of its length in its place. A new reference. */
static json_t *bounded(json_t *statement, size_t len_max)
{
    static const char *const kept[] = {"feed", "record", "provider", "vendor", "product"};
    size_t len = json_dumpb(statement, NULL, 0, JSON_COMPACT), i;
    json_t *note;

    if (len <= len_max)
        return json_incref(statement);
    note = json_pack("{s:[{s:o, s:s, s:s}]}", "readings", "words",
                     json_sprintf("%zu readings of %zu bytes",
                                  json_array_size(json_object_get(statement, "readings")), len),
                     "rule", "too-long", "doubt", import_doubt_name(DOUBT_TOO_MANY));
    for (i = 0; i < sizeof kept / sizeof *kept; i++) {
        const char *text = import_text(statement, kept[i]);

        if (text[0] != '\0' && strlen(text) < 256)
            (void)json_object_set_new(note, kept[i], json_string(text));
    }
    return note;
}

/* Those of a file that still hold. */
static void add_old(struct merge *m, const json_t *document)
{
    json_t *statement;
    size_t i;

    json_array_foreach(store_doc_member(document, "statements"), i, statement)
    {
        if (!json_is_object(statement))
            continue;
        if (is_kev(statement) && m->put->kev == NULL)
            add(m->kev, statement);
        else if (!is_kev(statement) && !is_replaced(m, statement))
            add(m->statements, statement);
    }
}

/* What kev says is in put->kev. */
static void add_new(struct merge *m)
{
    json_t *statement;
    size_t i;

    m->speaks = m->findings.n > 0;
    for (i = 0; i < m->findings.n; i++) {
        if (is_kev(m->findings.at[i]->statement))
            continue;
        statement = bounded(m->findings.at[i]->statement, STATEMENT_LEN_MAX);
        add(m->statements, statement);
        json_decref(statement);
    }
}

static void add_kev(struct merge *m)
{
    json_t *statement;
    size_t i;

    json_array_foreach(m->put->kev, i, statement) add(m->kev, statement);
    json_array_foreach(m->kev, i, statement) add(m->statements, statement);
}

/* Feeds that call it exploited: those of the files, but for this feed, which says it anew. */
static void add_exploited(struct merge *m)
{
    static const char *const feeds[] = {"cve5", "nvd2", "csaf", "osv", "kev"};
    size_t i;

    for (i = 0; i < sizeof feeds / sizeof *feeds; i++) {
        json_t *feed = json_string(feeds[i]);
        bool says = has(store_doc_member(m->main.ours, "exploited"), feed) ||
                    has(store_doc_member(m->review.ours, "exploited"), feed);

        if (strcmp(feeds[i], m->put->feed) == 0 && m->speaks)
            says = m->put->result->known_exploited;
        if (strcmp(feeds[i], "kev") == 0)
            says = json_array_size(m->kev) > 0;
        if (says)
            (void)json_array_append(m->exploited, feed);
        json_decref(feed);
    }
}

/* ---- files */

static struct store_place place_in(const struct merge *m, bool review)
{
    return (struct store_place){review, m->put->id, m->vendor, m->model};
}

/* To move a file into review/ or out of it is to edit it. */
static bool was_moved(const json_t *document, bool review)
{
    bool for_review =
        strcmp(import_text(store_doc_import(document), "answer"), answer_name(ANSWER_REVIEW)) == 0;

    return json_object_get(document, "withdrawn") == NULL && for_review != review;
}

static struct held hold(struct merge *m, bool review)
{
    struct store_place place = place_in(m, review);
    struct held h = {.there = false};
    uint8_t *bytes;
    size_t len;
    int ret;

    if (m->put->store->tree == NULL || (!review && m->vendor[0] == '\0'))
        return h;
    ret = store_tree_read(m->put->store->tree, &place, &bytes, &len);
    h.there = ret != -ENOENT;
    if (ret != 0)
        return h;
    h.ours = store_doc_read(bytes, len, &h.edited);
    free(bytes);
    if (h.ours != NULL && was_moved(h.ours, review)) {
        h.edited = h.ours;
        h.ours = NULL;
    }
    return h;
}

static bool is_edited(const struct held *h)
{
    return h->there && h->ours == NULL;
}

/* A file that somebody has edited stands against listing: it must be looked at first. */
static bool is_held_up(const struct merge *m)
{
    return is_edited(&m->main) || (is_edited(&m->review) && !m->main.there);
}

static void tell_edited(struct merge *m, bool review)
{
    struct store_place place = place_in(m, review);
    char path[STORE_PATH_CAP];

    m->put->store->counts.kept++;
    log_warn("%s: edited by hand, kept%s", store_tree_path(&place, path),
             review ? "" : "; what the feed says is in review");
}

static void release(struct held *h)
{
    json_decref(h->ours);
    json_decref(h->edited);
}

static int take_out(struct merge *m, bool review)
{
    struct store_place place = place_in(m, review);
    const struct held *h = review ? &m->review : &m->main;

    if (!h->there || is_edited(h))
        return 0;
    m->put->store->counts.removed += review;
    return store_tree_remove(m->put->store->tree, &place);
}

static bool same_document(const json_t *a, const json_t *b)
{
    return a != NULL && strcmp(import_text(store_doc_import(a), "digest"),
                               import_text(store_doc_import(b), "digest")) == 0;
}

/* Writes the document at its place unless it is there, and takes it out of the other. */
static int put_document(struct merge *m, const json_t *doc, const char *text, bool review)
{
    struct store_counts *counts = &m->put->store->counts;
    const struct held *there = review ? &m->review : &m->main;
    struct store_place place = place_in(m, review);
    int ret = 0;

    if (same_document(there->ours, doc))
        counts->unchanged++;
    else if (!is_edited(there)) {
        if (json_object_get(doc, "withdrawn") != NULL)
            counts->withdrawn++;
        else
            counts->written++;
        ret = store_tree_write(m->put->store->tree, &place, text, strlen(text));
    }
    if (ret == 0 && (review ? &m->main : &m->review)->there)
        ret = take_out(m, !review);
    return ret;
}

static json_t *make(const struct merge *m, const struct decision *decision)
{
    struct store_doc parts = {.id = m->put->id,
                              .vendor = m->vendor,
                              .model = m->model,
                              .feed = m->put->feed,
                              .result = m->put->result,
                              .before = m->main.ours != NULL ? m->main.ours : m->review.ours,
                              .statements = m->statements,
                              .exploited = m->exploited,
                              .speaks = m->speaks,
                              .decision = decision};

    if (is_edited(&m->main))
        parts.detail = "the file outside of review/ was edited by hand; compare the two";
    return store_doc_make(&parts);
}

static void shorten_all(struct merge *m)
{
    json_t *statement;
    size_t i;

    json_array_foreach(m->statements, i, statement)(void)
        json_array_set_new(m->statements, i, bounded(statement, STATEMENT_LEN_LOW));
}

static int write_decision(struct merge *m, const struct decision *decision, bool *ret_too_long)
{
    bool review = m->vendor[0] == '\0' || decision->answer == ANSWER_REVIEW;
    json_t *doc = make(m, decision);
    char *text = doc != NULL ? store_doc_text(doc) : NULL;
    int ret;

    if (json_array_size(m->statements) == 0)
        review = false; /* withdrawn */
    *ret_too_long = text != NULL && strlen(text) > SOURCE_FILE_MAX;
    if (text == NULL)
        ret = cli_error("out of memory");
    else
        ret = *ret_too_long ? 0 : put_document(m, doc, text, review);
    json_decref(doc);
    free(text);
    return ret;
}

/* ---- one model */

static void note(struct merge *m, const struct decision *d)
{
    struct store_outcome *o = &m->put->outcome;
    size_t i;

    if (m->put->store->verbose)
        printf("%-7s %s %s%s%s%s%s\n", answer_name(d->answer), m->put->id, m->vendor,
               m->vendor[0] != '\0' ? "/" : "(no model)", m->model, d->doubts_n > 0 ? " " : "",
               d->doubts_n > 0 ? import_doubt_name(d->doubts[0]) : "");
    if (m->put->answers_n++ == 0 || d->answer > o->answer)
        o->answer = d->answer;
    for (i = 0; i < d->doubts_n; i++)
        if (o->reason == DOUBT_NONE || d->doubts[i] < o->reason)
            o->reason = d->doubts[i];
}

static int settle(struct merge *m)
{
    struct decision decision;
    bool too_long = false;
    int ret = 0;

    decide(m->statements, &decision);
    if (is_held_up(m))
        decision.answer = ANSWER_REVIEW;
    if (m->speaks)
        note(m, &decision);
    if (m->put->store->tree != NULL)
        ret = write_decision(m, &decision, &too_long);
    decision_free(&decision);
    if (!too_long || ret != 0)
        return ret;
    shorten_all(m);
    decide(m->statements, &decision);
    ret = write_decision(m, &decision, &too_long);
    decision_free(&decision);
    if (ret == 0 && too_long) {
        m->put->store->counts.kept++;
        log_warn("%s %s/%s: more statements than a file may hold; not written", m->put->id,
                 m->vendor, m->model);
    }
    return ret;
}

/* Nothing is said of this model any more. */
static int drop(struct merge *m)
{
    struct decision none = {.answer = ANSWER_REVIEW};
    bool too_long;

    if (json_object_get(m->main.ours, "withdrawn") != NULL) {
        m->put->store->counts.unchanged++;
        return 0;
    }
    if (m->main.ours != NULL)
        return write_decision(m, &none, &too_long);
    return m->review.there ? take_out(m, true) : 0;
}

static void gather(struct merge *m)
{
    m->main = hold(m, false);
    m->review = hold(m, true);
    m->statements = json_array();
    m->kev = json_array();
    m->exploited = json_array();
    add_old(m, m->main.ours);
    add_old(m, m->review.ours);
    if (m->review.ours == NULL && m->main.ours == NULL) {
        add_old(m, m->main.edited);
        add_old(m, m->review.edited);
    }
    add_new(m);
    m->said_n = json_array_size(m->statements);
    if (m->said_n > 0 || (m->vendor[0] == '\0' && m->put->live_n == 0))
        add_kev(m);
    add_exploited(m);
}

/* The record does not speak of the model, and never did. */
static bool is_untouched(const struct merge *m)
{
    const json_t *ours = m->main.ours != NULL ? m->main.ours : m->review.ours;

    return !m->speaks && m->main.there != m->review.there && ours != NULL &&
           json_equal(store_doc_member(ours, "statements"), m->statements);
}

void store_merge_find_kev(struct store_put *p, const struct store_place *place)
{
    struct merge m = {.put = p, .vendor = place->vendor, .model = place->model};
    struct held h = hold(&m, place->review);
    json_t *statement;
    size_t i;

    json_array_foreach(store_doc_member(h.ours, "statements"), i, statement)
    {
        if (is_kev(statement))
            (void)json_array_append(p->kev_found, statement);
    }
    release(&h);
}

/* A record of kev speaks of every model of its CVE: it marks the files. */
int store_merge_model(struct store_put *p, const struct store_findings *findings,
                      const char *vendor, const char *model)
{
    struct merge m = {.put = p, .vendor = vendor, .model = model, .findings = *findings};
    int ret = 0;

    gather(&m);
    if (is_edited(&m.main))
        tell_edited(&m, false);
    if (is_edited(&m.review))
        tell_edited(&m, true);
    if (m.said_n > 0) {
        p->live_n++;
        m.speaks = m.speaks || strcmp(p->feed, "kev") == 0;
    }
    if (is_untouched(&m))
        p->store->counts.unchanged++;
    else
        ret = json_array_size(m.statements) > 0 ? settle(&m) : drop(&m);
    release(&m.main);
    release(&m.review);
    json_decref(m.statements);
    json_decref(m.kev);
    json_decref(m.exploited);
    return ret;
}
