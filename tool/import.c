/* SPDX-License-Identifier: ISC */
/* What the importers share: doubts' names, results, statements. It must not know any feed. */
#include "tool/import.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "muster/message.h"
#include "tool/words.h"

/* Nothing signable has more; a record that does is kept from costing time without bound. */
#define READINGS_MAX 1000
#define FINDINGS_MAX 4096

static const char *const doubt_names[DOUBTS_N] = {
    [DOUBT_NONE] = "none",
    [DOUBT_NO_VERSION] = "no-version",
    [DOUBT_PROSE] = "prose",
    [DOUBT_ALL] = "all-versions",
    [DOUBT_REVERSED] = "reversed",
    [DOUBT_EMPTY] = "empty",
    [DOUBT_UNLIKE] = "unlike-bounds",
    [DOUBT_UNORDERED] = "unordered",
    [DOUBT_BRANCH] = "branch",
    [DOUBT_REVISION] = "hardware-revision",
    [DOUBT_FILING_DATE] = "filing-date",
    [DOUBT_DATE] = "build-date",
    [DOUBT_PATTERN] = "model-pattern",
    [DOUBT_MODELS] = "several-models",
    [DOUBT_NO_MODEL] = "no-model",
    [DOUBT_NOT_FIRMWARE] = "not-firmware",
    [DOUBT_DEFAULT] = "default-affected",
    [DOUBT_PLATFORM] = "platform",
    [DOUBT_TEXT] = "broken-text",
    [DOUBT_CONTRADICTION] = "contradiction",
    [DOUBT_FIX_COVERED] = "fix-covered",
    [DOUBT_TOO_MANY] = "too-many",
    [DOUBT_REJECTED] = "rejected",
    [DOUBT_NO_BUILDS] = "no-builds",
};

const char *import_doubt_name(enum import_doubt doubt)
{
    return doubt_names[doubt];
}

enum import_doubt import_doubt_of(const char *name)
{
    size_t i;

    for (i = DOUBT_NONE + 1; i < DOUBTS_N; i++)
        if (strcmp(name, doubt_names[i]) == 0)
            return (enum import_doubt)i;
    return DOUBT_NONE;
}

void import_result_free(struct import_result *result)
{
    size_t i;

    for (i = 0; i < result->findings_n; i++)
        json_decref(result->findings[i].statement);
    free(result->findings);
    free(result->index);
    memset(result, 0, sizeof *result);
}

int import_begin(const char *id, struct import_result *ret_result)
{
    size_t len = strlen(id), i;

    if (len == 0 || len > MUSTER_ID_MAX)
        return -1;
    for (i = 0; i < len; i++)
        if (id[i] <= 0x20 || id[i] > 0x7e)
            return -1;
    memset(ret_result, 0, sizeof *ret_result);
    ret_result->id = id;
    ret_result->summary = "";
    return 0;
}

static bool is_shaped(const char *text, const char *shape)
{
    for (; *shape != '\0'; text++, shape++)
        if (*shape == '0' ? !isdigit((unsigned char)*text) : *text != *shape)
            return false;
    return true;
}

void import_time(const char *text, char ret[32])
{
    ret[0] = '\0';
    if (is_shaped(text, "0000-00-00T00:00:00"))
        (void)snprintf(ret, 32, "%.19sZ", text);
    else if (is_shaped(text, "0000-00-00T00:00"))
        (void)snprintf(ret, 32, "%.16s:00Z", text);
    else if (is_shaped(text, "0000-00-00"))
        (void)snprintf(ret, 32, "%.10sT00:00:00Z", text);
}

void import_url(struct import_result *result, const char *url)
{
    size_t len = strlen(url), i;

    if (result->url[0] != '\0' || len > MUSTER_URL_MAX || strncmp(url, "https://", 8) != 0 ||
        len == 8)
        return;
    for (i = 0; i < len; i++)
        if (url[i] <= 0x20 || url[i] > 0x7e || strchr("\"<>\\^`{|}", url[i]) != NULL)
            return;
    memcpy(result->url, url, len + 1);
}

/* Chains of findings by their names: a hostile record may have thousands. */
#define BUCKETS_N 1024u

struct import_index {
    uint16_t head[BUCKETS_N], next[FINDINGS_MAX]; /* a finding's number + 1; 0 ends the chain */
};

static unsigned bucket_of(const char *id, const char *vendor, const char *model)
{
    const char *const texts[] = {id, vendor, model};
    unsigned hash = 2166136261u; /* FNV-1a */
    size_t i;

    for (i = 0; i < 3; i++) {
        const char *at;

        for (at = texts[i]; *at != '\0'; at++)
            hash = (hash ^ (unsigned char)*at) * 16777619u;
    }
    return hash % BUCKETS_N;
}

json_t *import_find(const struct import_result *result, const char *id, const char *vendor,
                    const char *model, const char *provider)
{
    size_t n = result->index != NULL ? result->index->head[bucket_of(id, vendor, model)] : 0;

    for (; n > 0; n = result->index->next[n - 1]) {
        const struct import_finding *f = &result->findings[n - 1];

        if (strcmp(f->id, id) == 0 && strcmp(f->vendor, vendor) == 0 &&
            strcmp(f->model, model) == 0 &&
            strcmp(import_text(f->statement, "provider"), provider) == 0)
            return f->statement;
    }
    return NULL;
}

static struct import_finding *new_finding(struct import_result *result)
{
    size_t cap = result->findings_cap == 0 ? 8 : 2 * result->findings_cap;
    struct import_finding *grown;

    if (result->index == NULL && (result->index = calloc(1, sizeof *result->index)) == NULL)
        return NULL;
    if (result->findings_n == FINDINGS_MAX)
        return NULL;
    if (result->findings_n == result->findings_cap) {
        grown = reallocarray(result->findings, cap, sizeof *grown);
        if (grown == NULL)
            return NULL;
        result->findings = grown;
        result->findings_cap = cap;
    }
    memset(&result->findings[result->findings_n], 0, sizeof *result->findings);
    return &result->findings[result->findings_n++];
}

static void index_last(struct import_result *result)
{
    const struct import_finding *f = &result->findings[result->findings_n - 1];
    unsigned bucket = bucket_of(f->id, f->vendor, f->model);

    result->index->next[result->findings_n - 1] = result->index->head[bucket];
    result->index->head[bucket] = (uint16_t)result->findings_n;
}

json_t *import_statement(struct import_result *result, const char *id, const char *vendor,
                         const char *model, const char *feed, const char *provider)
{
    json_t *there = import_find(result, id, vendor, model, provider);
    struct import_finding *f = there == NULL ? new_finding(result) : NULL;

    if (f == NULL)
        return there;
    (void)snprintf(f->id, sizeof f->id, "%s", id);
    (void)snprintf(f->vendor, sizeof f->vendor, "%s", vendor);
    (void)snprintf(f->model, sizeof f->model, "%s", model);
    f->statement = json_pack("{s:s, s:s, s:[]}", "feed", feed, "provider", provider, "readings");
    if (strcmp(id, result->id) != 0)
        (void)json_object_set_new(f->statement, "record", json_string(result->id));
    index_last(result);
    return f->statement;
}

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text[0] != '\0')
        (void)json_object_set_new(object, key, json_string(text));
}

static json_t *new_reading(json_t *statement, const char *text, const char *rule)
{
    json_t *readings = json_object_get(statement, "readings"), *reading, *there;
    size_t i, n = json_array_size(readings);

    if (n > READINGS_MAX)
        return NULL;
    if (n == READINGS_MAX) {
        (void)json_array_append_new(readings,
                                    json_pack("{s:s, s:s, s:s}", "words", "(and more)", "rule",
                                              "limit", "doubt", doubt_names[DOUBT_TOO_MANY]));
        return NULL;
    }
    reading = json_pack("{s:s, s:s}", "words", text[0] != '\0' ? text : "(nothing)", "rule", rule);
    if (reading == NULL)
        reading = json_pack("{s:s, s:s}", "words", "(not text)", "rule", rule);
    json_array_foreach(readings, i, there)
    {
        if (strcmp(import_text(there, "words"), import_text(reading, "words")) == 0 &&
            strcmp(import_text(there, "rule"), rule) == 0) {
            json_decref(reading);
            return NULL;
        }
    }
    (void)json_array_append_new(readings, reading);
    return reading;
}

static void set_words(json_t *reading, const struct words *w)
{
    if (w->is_all)
        (void)json_object_set_new(reading, "all", json_true());
    if (w->is_exact) {
        set_text(reading, "exact", w->from);
        return;
    }
    set_text(reading, "from", w->from);
    set_text(reading, "until", w->until);
    if (w->from_excluded)
        (void)json_object_set_new(reading, "from_excluded", json_true());
    if (w->until_included)
        (void)json_object_set_new(reading, "until_included", json_true());
}

/* The record says it in a sentence, in two members that must be put together, or in a spelling that
 * has lost something. */
static bool is_derived(const char *rule)
{
    static const char *const rules[] = {"sentence", "build-cpe", "changes", "unsupported", NULL};

    return words_is_one_of(rule, rules);
}

void import_reading(json_t *statement, const char *text, const struct words *w)
{
    json_t *reading = new_reading(statement, text, w->rule);

    if (reading == NULL)
        return;
    if (w->doubt != DOUBT_NONE) {
        set_text(reading, "doubt", import_doubt_name(w->doubt));
        return;
    }
    if (is_derived(w->rule))
        (void)json_object_set_new(reading, "derived", json_true());
    set_words(reading, w);
}

void import_unaffected(json_t *statement, const char *text, const struct words *w)
{
    json_t *free_ranges = json_object_get(statement, "free"), *reading;

    if (w->doubt == DOUBT_NONE && w->is_exact) {
        import_fixed(statement, w->from);
        return;
    }
    if (w->doubt == DOUBT_NO_VERSION)
        return;
    if ((w->doubt != DOUBT_NONE && (w->doubt != DOUBT_ALL || w->from[0] == '\0')) ||
        json_array_size(free_ranges) >= READINGS_MAX) {
        import_doubtful(statement, text, "unaffected", DOUBT_FIX_COVERED);
        return;
    }
    if (free_ranges == NULL) {
        free_ranges = json_array();
        (void)json_object_set_new(statement, "free", free_ranges);
    }
    reading = json_pack("{s:s, s:s}", "words", text, "rule", w->rule);
    if (reading != NULL)
        set_words(reading, w);
    (void)json_array_append_new(free_ranges, reading);
}

void import_doubt_all(struct import_result *result, const char *why, enum import_doubt doubt)
{
    size_t i;

    for (i = 0; i < result->findings_n; i++)
        import_doubtful(result->findings[i].statement, why, "record", doubt);
}

/* Names no model and says nothing of builds: "n/a". */
static bool is_empty(const struct import_finding *f)
{
    const json_t *reading;
    size_t i;

    json_array_foreach(json_object_get(f->statement, "readings"), i, reading)
    {
        enum import_doubt doubt = import_doubt_of(import_text(reading, "doubt"));

        if (doubt != DOUBT_NO_MODEL && doubt != DOUBT_NO_VERSION)
            return false;
    }
    return f->vendor[0] == '\0';
}

static void drop_empty(struct import_result *result)
{
    size_t i, kept = 0, empty_n = 0;

    for (i = 0; i < result->findings_n; i++)
        empty_n += is_empty(&result->findings[i]);
    if (empty_n == result->findings_n)
        return;
    for (i = 0; i < result->findings_n; i++)
        if (is_empty(&result->findings[i]))
            json_decref(result->findings[i].statement);
        else
            result->findings[kept++] = result->findings[i];
    result->findings_n = kept;
}

int import_end(struct import_result *result, const char *feed, const char *provider)
{
    json_t *statement;

    if (result->url[0] == '\0' && strncmp(result->id, "CVE-", 4) == 0)
        (void)snprintf(result->url, sizeof result->url, "https://www.cve.org/CVERecord?id=%s",
                       result->id);
    free(result->index); /* numbers change now */
    result->index = NULL;
    drop_empty(result);
    if (result->findings_n > 0 || result->rejected)
        return 0;
    statement = import_statement(result, result->id, "", "", feed, provider);
    if (statement == NULL)
        return -1;
    import_doubtful(statement, "nothing on products", "record", DOUBT_NO_VERSION);
    return 0;
}

void import_doubtful(json_t *statement, const char *text, const char *rule, enum import_doubt doubt)
{
    struct words w = {.doubt = doubt, .rule = rule};

    import_reading(statement, text, &w);
}

static bool copy_build(const json_t *reading, const char *key, char ret[WORDS_CAP])
{
    const char *text = import_text(reading, key);

    if (json_object_get(reading, key) == NULL)
        return true;
    if (!muster_build_is_legal(muster_slice_of(text)))
        return false;
    memcpy(ret, text, strlen(text) + 1);
    return true;
}

bool import_words(const json_t *reading, struct words *ret_words)
{
    struct words w = {.rule = ""};
    const char *doubt = import_text(reading, "doubt");

    w.doubt = import_doubt_of(doubt);
    w.is_all = json_is_true(json_object_get(reading, "all"));
    w.is_exact = json_object_get(reading, "exact") != NULL;
    w.from_excluded = json_is_true(json_object_get(reading, "from_excluded"));
    w.until_included = json_is_true(json_object_get(reading, "until_included"));
    if (!copy_build(reading, w.is_exact ? "exact" : "from", w.from) ||
        !copy_build(reading, "until", w.until))
        return false;
    if (w.doubt == DOUBT_NONE && (json_object_get(reading, "doubt") != NULL ||
                                  (!w.is_all && w.from[0] == '\0' && w.until[0] == '\0')))
        return false;
    *ret_words = w;
    return true;
}

void import_fixed(json_t *statement, const char *build)
{
    json_t *fixed = json_object_get(statement, "fixed"), *there;
    char plain[WORDS_CAP];
    size_t i;

    if (words_build(build, plain) != DOUBT_NONE)
        return;
    if (fixed == NULL) {
        fixed = json_array();
        (void)json_object_set_new(statement, "fixed", fixed);
    }
    json_array_foreach(fixed, i, there)
    {
        if (strcmp(json_string_value(there), plain) == 0)
            return;
    }
    if (json_array_size(fixed) == READINGS_MAX) {
        import_doubtful(statement, "(and more that are not affected)", "limit", DOUBT_TOO_MANY);
        return;
    }
    (void)json_array_append_new(fixed, json_string(plain));
}

const char *import_text(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text != NULL ? text : "";
}

char *import_format(const char *fmt, ...)
{
    char *text = NULL;
    va_list args;

    va_start(args, fmt);
    if (vasprintf(&text, fmt, args) < 0)
        text = NULL;
    va_end(args);
    return text;
}
