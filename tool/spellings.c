/* SPDX-License-Identifier: ISC */
/* Gathering of names out of advisories and tallies. It must not say which belong together. */
#include "tool/spellings.h"

#include <ctype.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "muster/message.h"
#include "tool/cli.h"
#include "tool/feed.h"
#include "tool/import.h"
#include "tool/store_doc.h"
#include "tool/tally.h"

#define KEY_CAP 256

struct reading {
    struct spellings *s;
    struct problems *problems;
    bool failed; /* no memory */
};

/* ---- texts */

static int by_text(const void *left, const void *right)
{
    return strcmp(left, right);
}

const char *spellings_intern(struct spellings *spellings, const char *text)
{
    char **slot = tfind(text, &spellings->texts, by_text), *copy;

    if (slot != NULL)
        return *slot;
    copy = strdup(text);
    if (copy == NULL || tsearch(copy, &spellings->texts, by_text) == NULL) {
        free(copy);
        return NULL;
    }
    return copy;
}

static size_t squash(const char *text, char out[KEY_CAP], size_t n)
{
    for (; *text != '\0' && n < KEY_CAP - 1; text++) {
        if (strncasecmp(text, "firmware", 8) == 0) {
            text += 7;
            continue;
        }
        if (isalnum((unsigned char)*text) || *text == '+')
            out[n++] = (char)tolower((unsigned char)*text);
    }
    return n;
}

const char *spellings_key(struct spellings *spellings, const char *first, const char *second)
{
    char key[KEY_CAP];
    size_t n = squash(first, key, 0);

    n = squash(second, key, n);
    key[n] = '\0';
    return spellings_intern(spellings, key);
}

/* ---- arrays */

static struct spelling *new_row(struct spellings *s)
{
    size_t cap = s->rows_cap == 0 ? 256 : s->rows_cap * 2;
    struct spelling *grown;

    if (s->rows_n == s->rows_cap) {
        grown = reallocarray(s->rows, cap, sizeof *grown);
        if (grown == NULL)
            return NULL;
        s->rows = grown;
        s->rows_cap = cap;
    }
    return &s->rows[s->rows_n++];
}

static struct known *new_known(struct spellings *s)
{
    size_t cap = s->known_cap == 0 ? 256 : s->known_cap * 2;
    struct known *grown;

    if (s->known == NULL || s->known_n == s->known_cap) {
        grown = reallocarray(s->known, cap, sizeof *grown);
        if (grown == NULL)
            return NULL;
        s->known = grown;
        s->known_cap = cap;
    }
    memset(&s->known[s->known_n], 0, sizeof *s->known);
    return &s->known[s->known_n++];
}

static void add_known(struct reading *r, const char *name, uint64_t seen_n, bool is_told)
{
    const char *text = spellings_intern(r->s, name);
    struct known *k = r->s->known_n > 0 ? &r->s->known[r->s->known_n - 1] : NULL;

    if (k != NULL && k->name == text && !is_told && !k->is_told) {
        k->seen_n += seen_n; /* the builds of one model mostly stand together */
        return;
    }
    k = text != NULL ? new_known(r->s) : NULL;
    if (k == NULL) {
        r->failed = true;
        return;
    }
    k->name = text;
    k->seen_n = seen_n;
    k->is_told = is_told;
}

/* ---- advisories */

/* Could a line of names.tsv hold it, and a terminal show it? */
static bool is_clean(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text < 0x20 || *text > 0x7e)
            return false;
    return true;
}

/* A series, several models, a program: such words are no name of one model. */
static bool is_no_name(const json_t *statement)
{
    const json_t *readings = json_object_get(statement, "readings"), *reading;
    enum import_doubt doubt;
    size_t i;

    json_array_foreach(readings, i, reading)
    {
        doubt = import_doubt_of(import_text(reading, "doubt"));
        if (doubt == DOUBT_PATTERN || doubt == DOUBT_MODELS || doubt == DOUBT_NOT_FIRMWARE)
            return true;
    }
    return false;
}

static void add_row(struct reading *r, const json_t *statement, const char *id, const char *model)
{
    const char *texts[5] = {import_text(statement, "vendor"), import_text(statement, "product"),
                            import_text(statement, "revision"), model, id};
    struct spelling row = {.is_cpe = strcmp(import_text(statement, "feed"), "nvd2") == 0};
    struct spelling *to;
    size_t i;

    if (texts[1][0] == '\0' || strcmp(import_text(statement, "feed"), "kev") == 0 ||
        (model[0] == '\0' && is_no_name(statement)))
        return;
    if (!is_clean(texts[0]) || !is_clean(texts[1]) || !is_clean(texts[2]) || texts[0][0] == '#') {
        r->s->unclean_n++;
        return;
    }
    for (i = 0; i < 5; i++) {
        texts[i] = spellings_intern(r->s, texts[i]);
        r->failed = r->failed || texts[i] == NULL;
    }
    to = r->failed ? NULL : new_row(r->s);
    row.vendor = texts[0];
    row.product = texts[1];
    row.revision = texts[2];
    row.model = texts[3];
    row.id = texts[4];
    if (to != NULL)
        *to = row;
    else
        r->failed = true;
}

static bool is_model(const char *name)
{
    const char *slash = strchr(name, '/');

    return slash != NULL && muster_name_is_legal(muster_slice_of(slash + 1)) &&
           muster_name_is_legal(
               (struct muster_slice){(const uint8_t *)name, (size_t)(slash - name)});
}

static int take(void *context, const struct feed_place *place, const json_t *document)
{
    struct reading *r = context;
    const json_t *affected = json_array_get(json_object_get(document, "affected"), 0);
    const char *model = import_text(json_object_get(affected, "package"), "name");
    const json_t *statements = store_doc_member(document, "statements"), *statement;
    size_t i;

    (void)place;
    model = is_model(model) ? model : "";
    if (json_object_get(document, "withdrawn") != NULL)
        return 0;
    if (model[0] != '\0')
        add_known(r, model, 0, true);
    json_array_foreach(statements, i, statement)
    {
        add_row(r, statement, import_text(document, "id"), model);
    }
    return r->failed;
}

static void take_seen(void *context, const struct tally_row *row)
{
    char name[2 * MUSTER_NAME_MAX + 2];

    (void)snprintf(name, sizeof name, "%.*s/%.*s", (int)row->vendor.len,
                   (const char *)row->vendor.bytes, (int)row->model.len,
                   (const char *)row->model.bytes);
    add_known(context, name, row->count, false);
}

/* ---- what is known */

static int by_name(const void *left, const void *right)
{
    return strcmp(((const struct known *)left)->name, ((const struct known *)right)->name);
}

/* One of each name: its files are counted, and its devices. */
static void join_known(struct spellings *s)
{
    size_t i, kept = 0;

    if (s->known_n > 0)
        qsort(s->known, s->known_n, sizeof *s->known, by_name);
    for (i = 0; i < s->known_n; i++) {
        struct known *k = &s->known[i];

        if (kept == 0 || s->known[kept - 1].name != k->name) {
            s->known[kept] = *k;
            s->known[kept++].cves_n = k->is_told;
        } else {
            s->known[kept - 1].seen_n += k->seen_n;
            s->known[kept - 1].cves_n += k->is_told;
            s->known[kept - 1].is_told |= k->is_told;
        }
    }
    s->known_n = kept;
}

const struct known *spellings_find(const struct spellings *spellings, const char *name)
{
    const struct known wanted = {.name = name};

    return spellings->known_n > 0
               ? bsearch(&wanted, spellings->known, spellings->known_n, sizeof wanted, by_name)
               : NULL;
}

static void mark_cpe(struct spellings *s)
{
    struct known *k;
    size_t i;

    for (i = 0; i < s->rows_n; i++) {
        k = (struct known *)(uintptr_t)spellings_find(s, s->rows[i].model);
        if (k != NULL && s->rows[i].is_cpe)
            k->is_cpe = true;
    }
}

static int make_keys(struct spellings *s)
{
    char vendor[MUSTER_NAME_MAX + 1];
    size_t i;

    for (i = 0; i < s->known_n; i++) {
        struct known *k = &s->known[i];
        const char *model = strchr(k->name, '/') + 1;

        (void)snprintf(vendor, sizeof vendor, "%.*s", (int)(model - 1 - k->name), k->name);
        k->vendor_key = spellings_key(s, vendor, "");
        k->model_key = spellings_key(s, model, "");
        k->full_key = spellings_key(s, vendor, model);
        if (k->vendor_key == NULL || k->model_key == NULL || k->full_key == NULL)
            return -1;
    }
    return 0;
}

int spellings_read(char *const *dirs, size_t dirs_n, const char *tally, struct problems *problems,
                   struct spellings *ret_spellings)
{
    struct reading r = {.s = ret_spellings, .problems = problems};
    struct feed feed = {.take = take, .context = &r, .problems = problems};
    size_t i;
    int ret = 0;

    memset(ret_spellings, 0, sizeof *ret_spellings);
    for (i = 0; ret == 0 && i < dirs_n; i++)
        ret = feed_read(&feed, dirs[i]);
    if (ret == 0 && tally != NULL && tally_read(tally, problems, take_seen, &r) != 0)
        return STATUS_ERROR;
    join_known(r.s);
    mark_cpe(r.s);
    if (r.failed || make_keys(r.s) != 0)
        return cli_error("out of memory");
    return ret == 0 ? 0 : STATUS_ERROR;
}

void spellings_free(struct spellings *spellings)
{
    free(spellings->rows);
    free(spellings->known);
    tdestroy(spellings->texts, free);
    memset(spellings, 0, sizeof *spellings);
}
