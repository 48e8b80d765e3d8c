/* SPDX-License-Identifier: ISC */
/* Which CVEs and models a record touches: those it speaks of, and those of which it no longer does.
 * It must not look into statements (store_merge.c). */
#include "tool/store.h"

#include <stdlib.h>
#include <string.h>

#include "tool/cli.h"
#include "tool/store_doc.h"
#include "tool/store_merge.h"

/* ---- one CVE */

static int by_model(const char *vendor, const char *model, const char *to_vendor,
                    const char *to_model)
{
    int c = strcmp(vendor, to_vendor);

    return c != 0 ? c : strcmp(model, to_model);
}

/* How many findings from `at` on are on this model. */
static size_t run_of(const struct store_findings *f, size_t at, const char *vendor,
                     const char *model)
{
    size_t n = 0;

    while (at + n < f->n &&
           by_model(f->at[at + n]->vendor, f->at[at + n]->model, vendor, model) == 0)
        n++;
    return n;
}

/* All models of this CVE, in one walk over the findings and the files that are there, both sorted.
 * The one without a name sorts first, but is put last, when it is known what else there is. */
static int put_models(struct store_put *p, const struct store_place *places, size_t places_n)
{
    struct store_findings nameless = {NULL, 0};
    bool has_nameless = false;
    size_t f = 0, at = 0;
    int ret = 0;

    while (ret == 0 && (f < p->findings.n || at < places_n)) {
        bool has_find = f < p->findings.n;
        const struct import_finding *find = has_find ? p->findings.at[f] : NULL;
        bool by_find =
            has_find && (at == places_n || by_model(find->vendor, find->model, places[at].vendor,
                                                    places[at].model) <= 0);
        const char *vendor = by_find ? find->vendor : places[at].vendor;
        const char *model = by_find ? find->model : places[at].model;
        struct store_findings here = {p->findings.at + f, run_of(&p->findings, f, vendor, model)};

        f += here.n;
        while (at < places_n && by_model(places[at].vendor, places[at].model, vendor, model) == 0)
            at++;
        if (vendor[0] == '\0') {
            nameless = here;
            has_nameless = true;
        } else if (here.n > 0 || !p->partly) {
            ret = store_merge_model(p, &here, vendor, model);
        }
    }
    return ret == 0 && has_nameless ? store_merge_model(p, &nameless, "", "") : ret;
}

/* Is there a model without a file, which cannot know what kev said in an earlier run? */
static bool needs_kev(const struct store_put *p, const struct store_place *places, size_t places_n)
{
    size_t f, at = 0;

    for (f = 0; f < p->findings.n; f++) {
        const struct import_finding *next = p->findings.at[f];

        while (at < places_n &&
               by_model(places[at].vendor, places[at].model, next->vendor, next->model) < 0)
            at++;
        if (at == places_n ||
            by_model(places[at].vendor, places[at].model, next->vendor, next->model) != 0)
            return places_n > 0;
    }
    return false;
}

/* What kev said of this CVE in an earlier run: if it did, it is in every file. */
static void find_kev(struct store_put *p, const struct store_place *places, size_t places_n)
{
    size_t i;

    for (i = 0; i < places_n && json_array_size(p->kev_found) == 0; i++)
        store_merge_find_kev(p, &places[i]);
}

static void gather_kev(struct store_put *p, const struct store_place *places, size_t places_n)
{
    size_t i;

    p->kev = json_object_get(p->store->kev, p->id);
    if (p->kev != NULL)
        return;
    if (strcmp(p->feed, "kev") == 0)
        for (i = 0; i < p->findings.n; i++)
            (void)json_array_append(p->kev_found, p->findings.at[i]->statement);
    else if (needs_kev(p, places, places_n))
        find_kev(p, places, places_n);
    if (json_array_size(p->kev_found) > 0)
        p->kev = p->kev_found;
}

static int put_cve(struct store_put *p)
{
    struct store_place *places = NULL;
    size_t places_n = 0;
    int ret;

    if (p->store->tree != NULL && store_tree_find(p->store->tree, p->id, &places, &places_n) != 0)
        return cli_error("out of memory");
    p->kev_found = json_array();
    gather_kev(p, places, places_n);
    ret = put_models(p, places, places_n);
    json_decref(p->kev_found);
    free(places);
    return ret;
}

/* ---- one record */

static int by_finding(const void *left, const void *right)
{
    const struct import_finding *a = *(const struct import_finding *const *)left,
                                *b = *(const struct import_finding *const *)right;
    int c = strcmp(a->id, b->id);

    if (c == 0)
        c = by_model(a->vendor, a->model, b->vendor, b->model);
    return c != 0 ? c : (a > b) - (a < b); /* else as the record has them */
}

static void add_outcome(struct store_outcome *sum, const struct store_put *p)
{
    if (p->answers_n == 0)
        return;
    if (p->outcome.answer > sum->answer)
        sum->answer = p->outcome.answer;
    if (sum->reason == DOUBT_NONE ||
        (p->outcome.reason != DOUBT_NONE && p->outcome.reason < sum->reason))
        sum->reason = p->outcome.reason;
}

/* ---- records that tell of several CVEs */

/* "csaf ICSA-17-124-01" */
static void note_record(json_t *records, const char *feed, const char *record, const char *id)
{
    char key[64];
    json_t *ids;

    (void)snprintf(key, sizeof key, "%s %s", feed, record);
    ids = json_object_get(records, key);
    if (ids == NULL) {
        ids = json_object();
        (void)json_object_set_new(records, key, ids);
    }
    (void)json_object_set_new(ids, id, json_true());
}

static void learn_file(void *context, const struct store_place *place)
{
    struct store *store = context;
    const json_t *statement;
    json_t *ours, *edited = NULL;
    uint8_t *bytes;
    size_t len, i;

    if (store_tree_read(store->tree, place, &bytes, &len) != 0)
        return;
    ours = memmem(bytes, len, "\"record\"", 8) != NULL ? store_doc_read(bytes, len, &edited) : NULL;
    json_array_foreach(store_doc_member(ours, "statements"), i, statement)
    {
        if (import_text(statement, "record")[0] != '\0')
            note_record(store->records, import_text(statement, "feed"),
                        import_text(statement, "record"), place->id);
    }
    json_decref(ours);
    json_decref(edited);
    free(bytes);
}

static bool has_own_id(const struct import_result *result)
{
    size_t i;

    for (i = 0; i < result->findings_n; i++)
        if (strcmp(result->findings[i].id, result->id) != 0)
            return true;
    return false;
}

/* All files are read once, as soon as a record comes whose id is none of its CVEs'; those of csaf
 * always may be. */
static void learn_records(struct store *store, const char *feed, const struct import_result *result)
{
    if (store->tree == NULL || store->records != NULL ||
        (strcmp(feed, "csaf") != 0 && !has_own_id(result)))
        return;
    store->records = json_object();
    store_tree_each(store->tree, learn_file, store);
}

/* CVEs of which the record told once, and no longer does. */
static int put_dropped(const struct store_put *p)
{
    char key[64];
    json_t *ids, *value;
    const char *id;
    size_t i;
    int ret = 0;

    (void)snprintf(key, sizeof key, "%s %s", p->feed, p->result->id);
    ids = json_copy(json_object_get(p->store->records, key));
    for (i = 0; i < p->result->findings_n; i++)
        (void)json_object_del(ids, p->result->findings[i].id);
    json_object_foreach(ids, id, value)
    {
        struct store_put one = *p;

        one.id = id;
        ret = ret == 0 ? put_cve(&one) : ret;
    }
    json_decref(ids);
    for (i = 0; i < p->result->findings_n; i++)
        note_record(p->store->records, p->feed, p->result->id, p->result->findings[i].id);
    return ret;
}

void store_end(struct store *store)
{
    json_decref(store->records);
    store->records = NULL;
}

/* Each CVE of the findings, and those of which the record may no longer speak. */
static int put_all(struct store_put *p, struct store_findings all, struct store_outcome *sum)
{
    size_t first, n;
    bool own = false;
    int ret = 0;

    for (first = 0; ret == 0 && first < all.n; first += n) {
        struct store_put one = *p;

        one.id = all.at[first]->id;
        for (n = 1; first + n < all.n && strcmp(all.at[first + n]->id, one.id) == 0;)
            n++;
        one.findings = (struct store_findings){all.at + first, n};
        own = own || strcmp(one.id, p->result->id) == 0;
        ret = put_cve(&one);
        add_outcome(sum, &one);
    }
    if (ret == 0 && !own) {
        p->id = p->result->id;
        ret = put_cve(p);
    }
    return ret == 0 && p->store->records != NULL && !p->partly ? put_dropped(p) : ret;
}

int store_record(struct store *store, const char *feed, const struct import_result *result,
                 bool partly, struct store_outcome *ret_outcome)
{
    struct store_put p = {.store = store, .feed = feed, .result = result, .partly = partly};
    struct store_outcome sum = {ANSWER_REVIEW, result->rejected ? DOUBT_REJECTED : DOUBT_NONE};
    struct store_findings all = {NULL, result->findings_n};
    size_t i;
    int ret;

    all.at = calloc(all.n + 1, sizeof *all.at);
    if (all.at == NULL)
        return cli_error("out of memory");
    for (i = 0; i < all.n; i++)
        all.at[i] = &result->findings[i];
    qsort(all.at, all.n, sizeof *all.at, by_finding);
    learn_records(store, feed, result);
    ret = put_all(&p, all, &sum);
    free(all.at);
    if (ret == 0)
        *ret_outcome = sum;
    return ret;
}
