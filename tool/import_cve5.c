/* SPDX-License-Identifier: ISC */
/* CVE JSON 5 records: the CNA's statements and those of the ADP containers. It must not fill gaps of
 * the one out of the other: each says its own, and decide.c compares. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/cve5.h"
#include "tool/shape.h"
#include "tool/words.h"

#define FEED      "cve5"
#define FIXED_MAX 4096 /* of one record; more are not compared with other products */

static const char *const statuses[] = {"affected", "unaffected", "unknown", NULL};
static const struct shape change_shape[] = {{"at", SHAPE_TEXT, true, NULL, NULL},
                                            {"status", SHAPE_TEXT, true, NULL, statuses},
                                            {NULL, SHAPE_TEXT, false, NULL, NULL}};
static const struct shape version_shape[] = {{"version", SHAPE_TEXT, true, NULL, NULL},
                                             {"status", SHAPE_TEXT, true, NULL, statuses},
                                             {"lessThan", SHAPE_TEXT, false, NULL, NULL},
                                             {"lessThanOrEqual", SHAPE_TEXT, false, NULL, NULL},
                                             {"versionType", SHAPE_TEXT, false, NULL, NULL},
                                             {"changes", SHAPE_OBJECTS, false, change_shape, NULL},
                                             {NULL, SHAPE_TEXT, false, NULL, NULL}};
static const struct shape affected_shape[] = {
    {"vendor", SHAPE_TEXT, false, NULL, NULL},
    {"product", SHAPE_TEXT, false, NULL, NULL},
    {"cpes", SHAPE_TEXTS, false, NULL, NULL},
    {"platforms", SHAPE_TEXTS, false, NULL, NULL},
    {"defaultStatus", SHAPE_TEXT, false, NULL, statuses},
    {"versions", SHAPE_OBJECTS, false, version_shape, NULL},
    {NULL, SHAPE_TEXT, false, NULL, NULL}};
static const struct shape text_shape[] = {{"lang", SHAPE_TEXT, true, NULL, NULL},
                                          {"value", SHAPE_TEXT, true, NULL, NULL},
                                          {NULL, SHAPE_TEXT, false, NULL, NULL}};
static const struct shape container_shape[] = {
    {"affected", SHAPE_OBJECTS, false, affected_shape, NULL},
    {"descriptions", SHAPE_OBJECTS, false, text_shape, NULL},
    {"solutions", SHAPE_OBJECTS, false, text_shape, NULL},
    {"tags", SHAPE_TEXTS, false, NULL, NULL},
    {NULL, SHAPE_TEXT, false, NULL, NULL}};
static const struct shape containers_shape[] = {
    {"cna", SHAPE_OBJECT, true, container_shape, NULL},
    {"adp", SHAPE_OBJECTS, false, container_shape, NULL},
    {NULL, SHAPE_TEXT, false, NULL, NULL}};
static const struct shape meta_shape[] = {{"cveId", SHAPE_TEXT, true, NULL, NULL},
                                          {"state", SHAPE_TEXT, false, NULL, NULL},
                                          {"datePublished", SHAPE_TEXT, false, NULL, NULL},
                                          {NULL, SHAPE_TEXT, false, NULL, NULL}};
static const struct shape record_shape[] = {
    {"cveMetadata", SHAPE_OBJECT, true, meta_shape, NULL},
    {"containers", SHAPE_OBJECT, true, containers_shape, NULL},
    {NULL, SHAPE_TEXT, false, NULL, NULL}};

static const char *description_of(const json_t *container)
{
    const json_t *one;
    size_t i;

    json_array_foreach(json_object_get(container, "descriptions"), i, one)
    {
        if (strncmp(import_text(one, "lang"), "en", 2) == 0)
            return import_text(one, "value");
    }
    return "";
}

static bool has_tag(const json_t *container, const char *tag)
{
    const json_t *one;
    size_t i;

    json_array_foreach(json_object_get(container, "tags"), i, one)
    {
        if (json_is_string(one) && strcmp(json_string_value(one), tag) == 0)
            return true;
    }
    return false;
}

static void read_references(struct cve5 *c)
{
    const json_t *one;
    size_t i;

    json_array_foreach(json_object_get(c->cna, "references"), i, one)
    {
        if (has_tag(one, "vendor-advisory"))
            import_url(c->result, import_text(one, "url"));
    }
}

static bool is_exploited(const json_t *adps)
{
    const json_t *adp, *metric;
    size_t i, k;

    json_array_foreach(adps, i, adp)
    {
        json_array_foreach(json_object_get(adp, "metrics"), k, metric)
        {
            if (strcmp(import_text(json_object_get(metric, "other"), "type"), "kev") == 0)
                return true;
        }
    }
    return false;
}

/* What the record's members say of one version, for a reader. */
static char *tell(const json_t *version)
{
    static const char *const keys[] = {"version", "lessThan", "lessThanOrEqual", "versionType"};
    char *text = import_format("%s", ""), *longer;
    size_t i;

    for (i = 0; i < sizeof keys / sizeof *keys && text != NULL; i++) {
        if (json_object_get(version, keys[i]) == NULL)
            continue;
        longer = import_format("%s%s%s \"%.200s\"", text, text[0] != '\0' ? ", " : "", keys[i],
                               import_text(version, keys[i]));
        free(text);
        text = longer;
    }
    return text;
}

static enum import_doubt doubt_of_type(const json_t *version)
{
    const char *type = import_text(version, "versionType");

    if (strcmp(type, "git") == 0)
        return DOUBT_UNORDERED;
    if (strcmp(type, "hardware") == 0)
        return DOUBT_REVISION;
    if (strcmp(type, "date") == 0 && (json_object_get(version, "lessThan") != NULL ||
                                      json_object_get(version, "lessThanOrEqual") != NULL))
        return DOUBT_DATE;
    return DOUBT_NONE;
}

/* "changes" says from where in the range a status holds. One fix inside ends the range there. */
static void apply_changes(const json_t *version, json_t *statement, struct words *w)
{
    const json_t *changes = json_object_get(version, "changes"),
                 *change = json_array_get(changes, 0);
    struct words before = *w;
    struct muster_range range;
    char at[WORDS_CAP];

    if (json_array_size(changes) == 0)
        return;
    import_fixed(statement, import_text(change, "at"));
    if (w->doubt != DOUBT_NONE)
        return;
    if (json_array_size(changes) != 1 || strcmp(import_text(change, "status"), "unaffected") != 0 ||
        words_build(import_text(change, "at"), at) != DOUBT_NONE || !words_range(w, &range)) {
        w->doubt = DOUBT_PROSE;
        return;
    }
    if (muster_range_covers(&range, muster_slice_of(at), 0)) {
        words_bounds(before.from, false, at, false, w);
        w->rule = "changes";
    } else if (w->until_included || !muster_order_alike(muster_slice_of(at), range.until) ||
               muster_order_compare(muster_slice_of(at), range.until) != 0) {
        w->doubt = DOUBT_CONTRADICTION;
    }
}

static void read_bounds(const json_t *version, json_t *statement, struct words *w)
{
    const char *less = json_string_value(json_object_get(version, "lessThan"));
    const char *equal = json_string_value(json_object_get(version, "lessThanOrEqual"));
    const char *from = json_string_value(json_object_get(version, "version"));

    if (less != NULL && equal != NULL) {
        *w = (struct words){.doubt = DOUBT_PROSE, .rule = "bounds"};
        return;
    }
    words_bounds(from, false, less != NULL ? less : equal, equal != NULL, w);
    apply_changes(version, statement, w);
}

/* A lower bound of words next to "*" may be all there is to say: all versions, no more updates. */
static void allow_all(const struct cve5 *c, const json_t *version, struct words *w)
{
    struct words lower;

    words_bounds(import_text(version, "version"), false, "1", true, &lower);
    if (w->doubt != DOUBT_ALL || !c->is_unsupported ||
        (json_object_get(version, "lessThan") != NULL && lower.from[0] != '\0'))
        return;
    *w = (struct words){.rule = "unsupported", .is_all = true};
}

static void read_builds(const json_t *version, enum words_style style, json_t *statement,
                        struct words *w)
{
    bool has_bound = json_object_get(version, "lessThan") != NULL ||
                     json_object_get(version, "lessThanOrEqual") != NULL;

    if (has_bound)
        read_bounds(version, statement, w);
    else
        words_read(import_text(version, "version"), style, w);
}

/* Is the build, or the upper bound that was refused as a day, the day of the report? */
static bool is_filing_day(const struct cve5 *c, const json_t *version, const struct words *w)
{
    const char *below = import_text(version, "lessThan");
    const char *to = import_text(version, "lessThanOrEqual");

    if (w->doubt == DOUBT_DATE)
        return words_is_filing_day(c->result->published, below[0] != '\0' ? below : to);
    return w->doubt == DOUBT_NONE && !w->is_all &&
           words_is_filing_day(c->result->published, w->until[0] != '\0' ? w->until : w->from);
}

static void read_affected(struct cve5 *c, const json_t *version, enum words_style style,
                          json_t *statement, struct words *w)
{
    read_builds(version, style, statement, w);
    if (json_object_get(version, "lessThan") != NULL)
        import_fixed(statement, import_text(version, "lessThan"));
    allow_all(c, version, w);
    if (doubt_of_type(version) != DOUBT_NONE)
        w->doubt = doubt_of_type(version);
    else if (is_filing_day(c, version, w))
        w->doubt = DOUBT_FILING_DATE;
}

/* Does the CNA say this range, of whatever product; or, of single builds, one inside the other? */
static bool is_said(const struct cve5 *c, const struct words *w)
{
    struct muster_range range, said;
    size_t i;

    for (i = 0; i < c->said_n; i++) {
        const struct words *s = &c->said[i];

        if (!words_range(w, &range) || !words_range(s, &said))
            continue;
        if (s->is_all == w->is_all && words_is_level(s->from, w->from) &&
            words_is_level(s->until, w->until) &&
            (w->until_included == s->until_included || w->is_exact || s->is_exact))
            return true;
        if (s->is_exact && muster_range_covers(&range, said.from, 0))
            return true;
        if ((w->is_exact || words_is_level(w->from, w->until)) &&
            muster_range_covers(&said, range.from, 0))
            return true;
    }
    return c->said_n == 0 && !c->said_broken;
}

static void read_version(struct cve5 *c, const json_t *version, bool is_cna, json_t *statement)
{
    const char *status = import_text(version, "status");
    enum words_style style = is_cna ? WORDS_PLAIN : WORDS_CPE;
    struct words w;
    char *text = tell(version);

    if (text == NULL) {
        c->failed = true;
    } else if (strcmp(status, "unaffected") == 0) {
        read_builds(version, style, statement, &w);
        import_unaffected(statement, text, &w);
    } else if (strcmp(status, "affected") == 0) {
        read_affected(c, version, style, statement, &w);
        if (is_cna && w.doubt == DOUBT_NONE && c->said_n < CVE5_SAID_MAX)
            c->said[c->said_n++] = w;
        c->said_broken |= is_cna && w.doubt == DOUBT_TEXT;
        if (!is_cna && w.doubt == DOUBT_NONE && !w.is_all && !is_said(c, &w))
            w.doubt = DOUBT_CONTRADICTION;
        import_reading(statement, text, &w);
    }
    free(text);
}

/* Words that say what a program was built for; a device is one platform. */
static bool is_plain_platform(const char *platform)
{
    static const char *const words[] = {"Linux",    "x86",      "x64",      "ARM",    "64 bit",
                                        "32 bit",   "MIPS",     "arm64",    "x86_64", "ARM64",
                                        "Firmware", "Embedded", "Hardware", NULL};

    return words_is_one_of(platform, words);
}

static void check_platforms(const json_t *entry, json_t *statement)
{
    const json_t *one;
    char *text;
    size_t i;

    json_array_foreach(json_object_get(entry, "platforms"), i, one)
    {
        if (json_is_string(one) && is_plain_platform(json_string_value(one)))
            continue;
        text = import_format("platforms \"%.200s\"",
                             json_is_string(one) ? json_string_value(one) : "?");
        if (text != NULL)
            import_doubtful(statement, text, "platforms", DOUBT_PLATFORM);
        free(text);
    }
}

static void check_default(const json_t *entry, json_t *statement)
{
    const char *status = import_text(entry, "defaultStatus");

    if (strcmp(status, "affected") == 0)
        import_doubtful(statement, "defaultStatus \"affected\"", "default",
                        json_array_size(json_object_get(entry, "versions")) > 0 ? DOUBT_DEFAULT
                                                                                : DOUBT_ALL);
}

static void read_versions(struct cve5 *c, const json_t *entry, bool is_cna, json_t *statement)
{
    const json_t *versions = json_object_get(entry, "versions"), *version;
    size_t i;

    check_default(entry, statement);
    check_platforms(entry, statement);
    json_array_foreach(versions, i, version)
    {
        read_version(c, version, is_cna, statement);
    }
}

/* The provider's statement on each model; words and doubts of the names go with it. */
static void state(struct cve5 *c, const json_t *entry, const char *provider, bool is_cna,
                  const struct models *models, const char *named)
{
    size_t i;

    for (i = 0; i < models->n; i++) {
        json_t *s = import_statement(c->result, c->result->id, models->model[i].vendor,
                                     models->model[i].model, FEED, provider);

        if (s == NULL) {
            c->failed = true;
            return;
        }
        (void)json_object_set_new(s, "vendor", json_string(import_text(entry, "vendor")));
        (void)json_object_set_new(s, "product", json_string(import_text(entry, "product")));
        if (models->by_names_tsv)
            (void)json_object_set_new(s, "mapped", json_true());
        if (models->doubt != DOUBT_NONE)
            import_doubtful(s, named, "names", models->doubt);
        read_versions(c, entry, is_cna, s);
    }
}

static void state_cpe(struct cve5 *c, const json_t *entry, const char *provider, bool is_cna,
                      const char *text)
{
    struct models models = {.n = 1, .doubt = DOUBT_NO_MODEL};
    struct cpe cpe;

    if (cpe_parse(text, &cpe) == 0) {
        models_of_cpe(c->aliases, &cpe, cpe_revision(&cpe), &models);
        if (models.doubt == DOUBT_NONE && !models.by_names_tsv)
            models.doubt = cve5_doubt_name(c, &cpe, is_cna);
    } else {
        c->is_broken = true;
    }
    state(c, entry, provider, is_cna, &models, text);
}

/* Every model that the entry's CPE names stand for; false if there are none. */
static bool state_cpes(struct cve5 *c, const json_t *entry, const char *provider, bool is_cna)
{
    const json_t *cpes = json_object_get(entry, "cpes"), *one;
    size_t i;

    json_array_foreach(cpes, i, one)
    {
        if (json_is_string(one))
            state_cpe(c, entry, provider, is_cna, json_string_value(one));
    }
    return json_array_size(cpes) > 0;
}

static void read_cna_entry(struct cve5 *c, const json_t *entry)
{
    const char *vendor = import_text(entry, "vendor"), *product = import_text(entry, "product");
    struct models models;
    char *named;

    if (state_cpes(c, entry, "cna", true))
        return;
    models_of_words(c->aliases, vendor, product, &models);
    cve5_name_by_twin(c, vendor, product, &models);
    if (models.doubt == DOUBT_NONE && !models.by_names_tsv &&
        (json_object_get(entry, "packageName") != NULL ||
         json_object_get(entry, "collectionURL") != NULL))
        models.doubt = DOUBT_NOT_FIRMWARE;
    named = import_format("vendor \"%.100s\", product \"%.200s\"", vendor, product);
    if (named == NULL)
        c->failed = true;
    else
        state(c, entry, "cna", true, &models, named);
    free(named);
}

static void read_cna(struct cve5 *c)
{
    const json_t *affected = json_object_get(c->cna, "affected"), *entry;
    size_t i;

    json_array_foreach(affected, i, entry)
    {
        if (c->failed)
            return;
        read_cna_entry(c, entry);
    }
}

static void read_adp(struct cve5 *c, const json_t *adp)
{
    const char *who = import_text(json_object_get(adp, "providerMetadata"), "shortName");
    char *provider = import_format("adp %.40s", who[0] != '\0' ? who : "?");
    const json_t *entry;
    struct models models;
    size_t i;

    json_array_foreach(json_object_get(adp, "affected"), i, entry)
    {
        if (provider == NULL || state_cpes(c, entry, provider, false))
            continue;
        models_of_words(c->aliases, import_text(entry, "vendor"), import_text(entry, "product"),
                        &models);
        state(c, entry, provider, false, &models, import_text(entry, "product"));
    }
    c->failed |= provider == NULL;
    free(provider);
}

/* The builds that anybody in the record calls fixed or unaffected, of whatever product. */
struct fixed {
    const char *build[FIXED_MAX];
    size_t n;
};

static int by_order(const void *a, const void *b)
{
    return muster_order_compare(muster_slice_of(*(const char *const *)a),
                                muster_slice_of(*(const char *const *)b));
}

static void collect_fixed(const struct cve5 *c, struct fixed *ret)
{
    const json_t *one;
    size_t i, k;

    ret->n = 0;
    for (i = 0; i < c->result->findings_n; i++)
        json_array_foreach(json_object_get(c->result->findings[i].statement, "fixed"), k, one)
        {
            if (ret->n < FIXED_MAX)
                ret->build[ret->n++] = json_string_value(one);
        }
    qsort(ret->build, ret->n, sizeof *ret->build, by_order);
}

/* A CNA may write the fixed build as the affected one; an ADP then has it as an excluded bound. */
static void check_single(const struct fixed *fixed, json_t *statement)
{
    json_t *reading;
    struct words w;
    const char *build = w.from;
    size_t i;

    json_array_foreach(json_object_get(statement, "readings"), i, reading)
    {
        if (import_words(reading, &w) && w.doubt == DOUBT_NONE && !w.is_all &&
            (w.is_exact || words_is_level(w.from, w.until)) &&
            bsearch(&build, fixed->build, fixed->n, sizeof *fixed->build, by_order) != NULL)
            (void)json_object_set_new(reading, "doubt",
                                      json_string(import_doubt_name(DOUBT_CONTRADICTION)));
    }
}

static void check_all_single(struct cve5 *c)
{
    struct fixed fixed;
    size_t i;

    collect_fixed(c, &fixed);
    for (i = 0; i < c->result->findings_n; i++)
        check_single(&fixed, c->result->findings[i].statement);
}

static void check_prose(struct cve5 *c)
{
    size_t i;

    for (i = 0; i < c->result->findings_n; i++)
        prose_check(&c->prose, c->result->findings[i].statement);
    if (c->is_broken || json_object_get(c->cna, "descriptions") == NULL)
        import_doubt_all(c->result, "a part is missing or cannot be read", DOUBT_TEXT);
}

static void read_containers(struct cve5 *c)
{
    const json_t *adp, *solution;
    size_t i;

    prose_read(c->result->summary, &c->prose);
    json_array_foreach(json_object_get(c->cna, "solutions"), i, solution)
    {
        prose_read_remedy(import_text(solution, "value"), &c->prose);
    }
    c->prose.is_disputed |= has_tag(c->cna, "disputed");
    c->is_unsupported = c->prose.is_unsupported || has_tag(c->cna, "unsupported-when-assigned");
    cve5_relate(c);
    read_cna(c);
    json_array_foreach(c->adps, i, adp)
    {
        read_adp(c, adp);
    }
    check_all_single(c);
    check_prose(c);
}

static void read_meta(struct cve5 *c, const json_t *meta)
{
    struct import_result *r = c->result;

    import_time(import_text(meta, "dateUpdated"), r->modified);
    import_time(import_text(meta, "datePublished"), r->published);
    if (r->published[0] == '\0')
        import_time(import_text(c->cna, "datePublic"), r->published);
    r->rejected = strcmp(import_text(meta, "state"), "REJECTED") == 0;
}

static void read_sound(struct cve5 *c, const json_t *meta)
{
    c->result->summary = description_of(c->cna);
    c->result->known_exploited = is_exploited(c->adps);
    read_meta(c, meta);
    read_references(c);
    if (!c->result->rejected)
        read_containers(c);
    c->failed |= import_end(c->result, FEED, "cna") != 0;
}

static int read_record(const json_t *record, const struct aliases *aliases,
                       struct import_result *ret_result, char *err, size_t err_cap)
{
    const json_t *meta = json_object_get(record, "cveMetadata"),
                 *containers = json_object_get(record, "containers");
    struct cve5 *c;
    bool is_broken;
    int ret;

    if (shape_check(record, record_shape, &is_broken, err, err_cap) != 0)
        return -1;
    if (import_begin(import_text(meta, "cveId"), ret_result) != 0) {
        (void)snprintf(err, err_cap, "cveMetadata.cveId: is no id");
        return -1;
    }
    c = calloc(1, sizeof *c);
    if (c != NULL) {
        c->cna = json_object_get(containers, "cna");
        c->adps = json_object_get(containers, "adp");
        c->aliases = aliases;
        c->result = ret_result;
        c->is_broken = is_broken;
        read_sound(c, meta);
    }
    ret = c == NULL || c->failed ? -1 : 0;
    if (ret != 0) {
        (void)snprintf(err, err_cap, "it names more models than can be kept, or memory is short");
        import_result_free(ret_result);
    }
    free(c);
    return ret;
}

const struct import_feed import_cve5 = {FEED, NULL, read_record};
