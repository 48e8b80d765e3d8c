/* SPDX-License-Identifier: ISC */
/* NVD API 2.0 records: configurations of CPE names. It must not read a configuration that it does
 * not understand in a wider way. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/import.h"
#include "tool/models.h"
#include "tool/prose.h"
#include "tool/shape.h"
#include "tool/words.h"

#define FEED         "nvd2"
#define HARDWARE_MAX 2048 /* CPE names of one configuration's hardware */

static const char *const operators[] = {"AND", "OR", NULL};
static const struct shape match_shape[] = {{"vulnerable", SHAPE_TRUTH, true, NULL, NULL},
                                           {"criteria", SHAPE_TEXT, true, NULL, NULL},
                                           {"versionStartIncluding", SHAPE_TEXT, false, NULL, NULL},
                                           {"versionStartExcluding", SHAPE_TEXT, false, NULL, NULL},
                                           {"versionEndIncluding", SHAPE_TEXT, false, NULL, NULL},
                                           {"versionEndExcluding", SHAPE_TEXT, false, NULL, NULL},
                                           {NULL, SHAPE_TEXT, false, NULL, NULL}};
static const struct shape node_shape[] = {{"operator", SHAPE_TEXT, true, NULL, operators},
                                          {"negate", SHAPE_TRUTH, false, NULL, NULL},
                                          {"cpeMatch", SHAPE_OBJECTS, true, match_shape, NULL},
                                          {NULL, SHAPE_TEXT, false, NULL, NULL}};
static const struct shape configuration_shape[] = {{"operator", SHAPE_TEXT, false, NULL, operators},
                                                   {"negate", SHAPE_TRUTH, false, NULL, NULL},
                                                   {"nodes", SHAPE_OBJECTS, true, node_shape, NULL},
                                                   {NULL, SHAPE_TEXT, false, NULL, NULL}};
static const struct shape text_shape[] = {{"lang", SHAPE_TEXT, true, NULL, NULL},
                                          {"value", SHAPE_TEXT, true, NULL, NULL},
                                          {NULL, SHAPE_TEXT, false, NULL, NULL}};
static const struct shape cve_shape[] = {
    {"id", SHAPE_TEXT, true, NULL, NULL},
    {"published", SHAPE_TEXT, false, NULL, NULL},
    {"vulnStatus", SHAPE_TEXT, false, NULL, NULL},
    {"descriptions", SHAPE_OBJECTS, false, text_shape, NULL},
    {"configurations", SHAPE_OBJECTS, false, configuration_shape, NULL},
    {NULL, SHAPE_TEXT, false, NULL, NULL}};

struct nvd2 {
    const struct aliases *aliases;
    struct import_result *result;
    bool is_unsupported, failed;
    bool is_broken; /* no description, or a CPE name that nobody can read: it might have bounded */
    enum import_doubt doubt; /* of the whole configuration */
    size_t hardware_n;
    struct cpe *hardware; /* of the configuration at hand; HARDWARE_MAX of them */
};

static const char *description_of(const json_t *cve)
{
    const json_t *one;
    size_t i;

    json_array_foreach(json_object_get(cve, "descriptions"), i, one)
    {
        if (strcmp(import_text(one, "lang"), "en") == 0)
            return import_text(one, "value");
    }
    return "";
}

static bool has(const json_t *array, const char *text)
{
    const json_t *one;
    size_t i;

    json_array_foreach(array, i, one)
    {
        if (json_is_string(one) && strcmp(json_string_value(one), text) == 0)
            return true;
    }
    return false;
}

static void read_references(const json_t *cve, struct import_result *result)
{
    const json_t *one;
    size_t i;

    json_array_foreach(json_object_get(cve, "references"), i, one)
    {
        if (has(json_object_get(one, "tags"), "Vendor Advisory"))
            import_url(result, import_text(one, "url"));
    }
}

static bool has_tag(const json_t *cve, const char *tag)
{
    const json_t *one;
    size_t i;

    json_array_foreach(json_object_get(cve, "cveTags"), i, one)
    {
        if (has(json_object_get(one, "tags"), tag))
            return true;
    }
    return false;
}

static char *tell(const json_t *match)
{
    static const char *const keys[] = {"versionStartIncluding", "versionStartExcluding",
                                       "versionEndIncluding", "versionEndExcluding"};
    char *text = import_format("%.300s", import_text(match, "criteria")), *longer;
    size_t i;

    for (i = 0; i < sizeof keys / sizeof *keys && text != NULL; i++) {
        if (json_object_get(match, keys[i]) == NULL)
            continue;
        longer = import_format("%s, %s \"%.200s\"", text, keys[i], import_text(match, keys[i]));
        free(text);
        text = longer;
    }
    return text;
}

static bool has_range(const json_t *match)
{
    return json_object_get(match, "versionStartIncluding") != NULL ||
           json_object_get(match, "versionStartExcluding") != NULL ||
           json_object_get(match, "versionEndIncluding") != NULL ||
           json_object_get(match, "versionEndExcluding") != NULL;
}

static void read_range(const json_t *match, json_t *statement, struct words *w)
{
    const char *from = json_string_value(json_object_get(match, "versionStartIncluding"));
    const char *above = json_string_value(json_object_get(match, "versionStartExcluding"));
    const char *to = json_string_value(json_object_get(match, "versionEndIncluding"));
    const char *below = json_string_value(json_object_get(match, "versionEndExcluding"));

    words_bounds(from != NULL ? from : above, above != NULL,
                 below != NULL ? below
                 : to != NULL  ? to
                               : "*",
                 below == NULL && to != NULL, w);
    if (below != NULL)
        import_fixed(statement, below);
    if ((from != NULL && above != NULL) || (to != NULL && below != NULL))
        w->doubt = DOUBT_PROSE;
}

/* One version, with CPE's update behind it. */
static void read_version(const struct nvd2 *c, const struct cpe *cpe, struct words *w)
{
    char whole[2 * CPE_VALUE_CAP + 2];

    (void)snprintf(whole, sizeof whole, "%s%s%s", cpe->version, cpe_is_open(cpe->update) ? "" : " ",
                   cpe_is_open(cpe->update) ? "" : cpe->update);
    words_read(whole, WORDS_CPE, w);
    if (w->doubt == DOUBT_ALL && c->is_unsupported)
        *w = (struct words){.rule = "unsupported", .is_all = true};
}

static void read_builds(const struct nvd2 *c, const json_t *match, const struct cpe *cpe,
                        json_t *statement)
{
    struct words w;
    char *text = tell(match);

    if (has_range(match))
        read_range(match, statement, &w);
    else
        read_version(c, cpe, &w);
    if (cpe->part == 'h' && (has_range(match) || !cpe_is_open(cpe->version)))
        w.doubt = DOUBT_REVISION;
    else if (cpe->part == 'h')
        w.doubt = DOUBT_NO_VERSION;
    else if (cpe->is_limited)
        w.doubt = DOUBT_PLATFORM;
    else if (!w.is_all &&
             words_is_filing_day(c->result->published, w.until[0] != '\0' ? w.until : w.from))
        w.doubt = DOUBT_FILING_DATE;
    if (text != NULL)
        import_reading(statement, text, &w);
    free(text);
}

static void state(struct nvd2 *c, const json_t *match, const struct cpe *cpe,
                  const struct models *models, const char *revision)
{
    size_t i;

    for (i = 0; i < models->n; i++) {
        json_t *s = import_statement(c->result, c->result->id, models->model[i].vendor,
                                     models->model[i].model, FEED, "nvd");

        if (s == NULL) {
            c->failed = true;
            return;
        }
        (void)json_object_set_new(s, "vendor", json_string(cpe->vendor));
        (void)json_object_set_new(s, "product", json_string(cpe->product));
        if (revision[0] != '\0')
            (void)json_object_set_new(s, "revision", json_string(revision));
        if (models->by_names_tsv)
            (void)json_object_set_new(s, "mapped", json_true());
        if (models->doubt != DOUBT_NONE)
            import_doubtful(s, import_text(match, "criteria"), "names", models->doubt);
        if (c->doubt != DOUBT_NONE)
            import_doubtful(s, import_text(match, "criteria"), "configuration", c->doubt);
        read_builds(c, match, cpe, s);
    }
}

static const char *revision_of(const struct cpe *hardware)
{
    return cpe_is_open(hardware->version) ? "" : hardware->version;
}

/* The firmware of X on hardware X; only its revisions matter. */
static bool state_on_twins(struct nvd2 *c, const json_t *match, const struct cpe *cpe)
{
    char wanted[SQUASH_CAP], there[SQUASH_CAP];
    struct models models;
    bool found = false;
    size_t i;

    models_squash(cpe->model_name, wanted);
    for (i = 0; i < c->hardware_n; i++) {
        if (strcmp(wanted, models_squash(c->hardware[i].model_name, there)) != 0)
            continue;
        models_of_cpe(c->aliases, cpe, revision_of(&c->hardware[i]), &models);
        state(c, match, cpe, &models, revision_of(&c->hardware[i]));
        found = true;
    }
    return found;
}

/* A system that runs on many models (RouterOS, IOS): each of the hardware named is a model. */
static void state_on_hardware(struct nvd2 *c, const json_t *match, const struct cpe *cpe)
{
    struct models models;
    size_t i;

    for (i = 0; i < c->hardware_n && !c->failed; i++) {
        models_of_cpe(c->aliases, &c->hardware[i], revision_of(&c->hardware[i]), &models);
        if (cpe->is_firmware && !models.by_names_tsv && models.doubt == DOUBT_NONE)
            models.doubt = DOUBT_MODELS; /* the firmware of one model on another? */
        state(c, match, cpe, &models, revision_of(&c->hardware[i]));
    }
}

static void read_match(struct nvd2 *c, const json_t *match)
{
    const char *criteria = import_text(match, "criteria");
    struct models models = {.n = 1, .doubt = DOUBT_NO_MODEL};
    struct cpe cpe;

    if (!json_is_true(json_object_get(match, "vulnerable")) || c->failed)
        return;
    if (cpe_parse(criteria, &cpe) != 0) {
        c->is_broken = true;
        memset(&cpe, 0, sizeof cpe);
        state(c, match, &cpe, &models, "");
        return;
    }
    if (cpe.part == 'o' && c->hardware_n > 0) {
        if (!state_on_twins(c, match, &cpe))
            state_on_hardware(c, match, &cpe);
        return;
    }
    models_of_cpe(c->aliases, &cpe, cpe.part == 'h' ? revision_of(&cpe) : "", &models);
    if (cpe.part == 'a' && !cpe.is_firmware && !models.by_names_tsv)
        models.doubt = DOUBT_NOT_FIRMWARE;
    state(c, match, &cpe, &models, "");
}

static bool is_vulnerable(const json_t *node)
{
    const json_t *match;
    size_t i;

    json_array_foreach(json_object_get(node, "cpeMatch"), i, match)
    {
        if (json_is_true(json_object_get(match, "vulnerable")))
            return true;
    }
    return false;
}

/* What the vulnerable firmware runs on. Anything but hardware there is a condition that a build
 * does not tell. */
static void read_platform(struct nvd2 *c, const json_t *node)
{
    const json_t *match;
    struct cpe cpe;
    size_t i;

    json_array_foreach(json_object_get(node, "cpeMatch"), i, match)
    {
        if (cpe_parse(import_text(match, "criteria"), &cpe) != 0)
            c->is_broken = true;
        else if (cpe.part != 'h' || has_range(match) || cpe.is_limited ||
                 c->hardware_n == HARDWARE_MAX)
            c->doubt = DOUBT_PLATFORM;
        else
            c->hardware[c->hardware_n++] = cpe;
    }
}

/* Older records call the hardware vulnerable, too: it is what the firmware runs on all the same. */
static bool is_hardware(const json_t *node)
{
    const json_t *matches = json_object_get(node, "cpeMatch"), *match;
    struct cpe cpe;
    size_t i;

    json_array_foreach(matches, i, match)
    {
        if (cpe_parse(import_text(match, "criteria"), &cpe) != 0 || cpe.part != 'h' ||
            has_range(match) || !cpe_is_open(cpe.version))
            return false;
    }
    return json_array_size(matches) > 0;
}

static bool is_negated(const json_t *object)
{
    const json_t *negate = json_object_get(object, "negate");

    return negate != NULL && !json_is_false(negate);
}

static bool is_and(const json_t *object)
{
    return strcmp(import_text(object, "operator"), "AND") == 0;
}

/* Whether the node's shape is understood: a plain "any of these". */
static bool is_plain(const json_t *node)
{
    return !is_negated(node) && json_object_get(node, "children") == NULL &&
           (!is_and(node) || json_array_size(json_object_get(node, "cpeMatch")) < 2);
}

/* Is the node a condition, not what is vulnerable? */
static bool is_condition(const json_t *configuration, const json_t *node)
{
    const json_t *nodes = json_object_get(configuration, "nodes"), *other;
    size_t i;

    if (!is_vulnerable(node))
        return true;
    if (!is_and(configuration) || !is_hardware(node))
        return false;
    json_array_foreach(nodes, i, other)
    {
        if (other != node && is_vulnerable(other) && !is_hardware(other))
            return true;
    }
    return false;
}

static void read_configuration(struct nvd2 *c, const json_t *configuration)
{
    const json_t *nodes = json_object_get(configuration, "nodes"), *node, *match;
    size_t i, k, vulnerable_n = 0;

    c->hardware_n = 0;
    c->doubt = is_negated(configuration) ? DOUBT_PLATFORM : DOUBT_NONE;
    json_array_foreach(nodes, i, node)
    {
        if (!is_plain(node))
            c->doubt = DOUBT_PLATFORM;
        if (!is_condition(configuration, node))
            vulnerable_n++;
        else if (is_and(configuration))
            read_platform(c, node);
    }
    if (is_and(configuration) && vulnerable_n > 1)
        c->doubt = DOUBT_PLATFORM;
    json_array_foreach(nodes, i, node)
    {
        if (is_condition(configuration, node))
            continue;
        json_array_foreach(json_object_get(node, "cpeMatch"), k, match)
        {
            read_match(c, match);
        }
    }
}

static void read_configurations(struct nvd2 *c, const json_t *cve)
{
    const json_t *one;
    struct prose prose;
    size_t i;

    json_array_foreach(json_object_get(cve, "configurations"), i, one)
    {
        read_configuration(c, one);
    }
    prose_read(c->result->summary, &prose);
    prose.is_disputed |= has_tag(cve, "disputed");
    for (i = 0; i < c->result->findings_n; i++)
        prose_check(&prose, c->result->findings[i].statement);
    if (c->is_broken)
        import_doubt_all(c->result, "a part is missing or cannot be read", DOUBT_TEXT);
}

static int read_cve(struct nvd2 *c, const json_t *cve)
{
    struct import_result *r = c->result;

    r->summary = description_of(cve);
    import_time(import_text(cve, "lastModified"), r->modified);
    import_time(import_text(cve, "published"), r->published);
    r->known_exploited = json_object_get(cve, "cisaExploitAdd") != NULL;
    r->rejected = strcmp(import_text(cve, "vulnStatus"), "Rejected") == 0;
    read_references(cve, r);
    c->is_broken |= json_object_get(cve, "descriptions") == NULL;
    c->is_unsupported = has_tag(cve, "unsupported-when-assigned") ||
                        strstr(r->summary, "UNSUPPORTED WHEN ASSIGNED");
    c->hardware = reallocarray(NULL, HARDWARE_MAX, sizeof *c->hardware);
    if (c->hardware != NULL && !r->rejected)
        read_configurations(c, cve);
    c->failed |= c->hardware == NULL || import_end(r, FEED, "nvd") != 0;
    free(c->hardware);
    return c->failed ? -1 : 0;
}

static int read_record(const json_t *record, const struct aliases *aliases,
                       struct import_result *ret_result, char *err, size_t err_cap)
{
    const json_t *cve = json_object_get(record, "cve");
    struct nvd2 c = {.aliases = aliases, .result = ret_result};

    cve = cve != NULL ? cve : record;
    if (shape_check(cve, cve_shape, &c.is_broken, err, err_cap) != 0)
        return -1;
    if (import_begin(import_text(cve, "id"), ret_result) != 0) {
        (void)snprintf(err, err_cap, "id: is no id");
        return -1;
    }
    if (read_cve(&c, cve) == 0)
        return 0;
    (void)snprintf(err, err_cap, "it names more models than can be kept, or memory is short");
    import_result_free(ret_result);
    return -1;
}

const struct import_feed import_nvd2 = {FEED, "vulnerabilities", read_record};
