/* SPDX-License-Identifier: ISC */
/* OSV records. Their ecosystems name packages, not devices: only "Muster" and what names.tsv maps
 * is a model. It must not take a package's version for a device's build. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "muster/message.h"
#include "tool/import.h"
#include "tool/models.h"
#include "tool/shape.h"
#include "tool/words.h"

#define FEED "osv"

static const struct shape event_shape[] = {{"introduced", SHAPE_TEXT, false, NULL, NULL},
                                           {"fixed", SHAPE_TEXT, false, NULL, NULL},
                                           {"last_affected", SHAPE_TEXT, false, NULL, NULL},
                                           {"limit", SHAPE_TEXT, false, NULL, NULL},
                                           {NULL, SHAPE_TEXT, false, NULL, NULL}};
static const struct shape range_shape[] = {{"type", SHAPE_TEXT, true, NULL, NULL},
                                           {"events", SHAPE_OBJECTS, true, event_shape, NULL},
                                           {NULL, SHAPE_TEXT, false, NULL, NULL}};
static const struct shape package_shape[] = {{"ecosystem", SHAPE_TEXT, true, NULL, NULL},
                                             {"name", SHAPE_TEXT, true, NULL, NULL},
                                             {NULL, SHAPE_TEXT, false, NULL, NULL}};
static const struct shape affected_shape[] = {{"package", SHAPE_OBJECT, false, package_shape, NULL},
                                              {"ranges", SHAPE_OBJECTS, false, range_shape, NULL},
                                              {"versions", SHAPE_TEXTS, false, NULL, NULL},
                                              {NULL, SHAPE_TEXT, false, NULL, NULL}};
static const struct shape record_shape[] = {
    {"id", SHAPE_TEXT, true, NULL, NULL},
    {"withdrawn", SHAPE_TEXT, false, NULL, NULL},
    {"affected", SHAPE_OBJECTS, false, affected_shape, NULL},
    {NULL, SHAPE_TEXT, false, NULL, NULL}};

static bool is_muster(const char *ecosystem, const char *name, struct models *ret)
{
    const char *slash = strchr(name, '/');
    struct muster_slice vendor = muster_slice_of(name), model;

    if (strcmp(ecosystem, "Muster") != 0 || slash == NULL)
        return false;
    vendor.len = (size_t)(slash - name);
    model = muster_slice_of(slash + 1);
    if (!muster_name_is_legal(vendor) || !muster_name_is_legal(model) ||
        strncmp(name, "muster.test/", 12) == 0)
        return false;
    ret->n = 1;
    (void)snprintf(ret->model[0].vendor, sizeof ret->model[0].vendor, "%.*s", (int)vendor.len,
                   name);
    (void)snprintf(ret->model[0].model, sizeof ret->model[0].model, "%s", slash + 1);
    return true;
}

static void find_models(const struct aliases *aliases, const json_t *package, struct models *ret)
{
    const char *ecosystem = import_text(package, "ecosystem"), *name = import_text(package, "name");

    memset(ret, 0, sizeof *ret);
    if (is_muster(ecosystem, name, ret) || models_of_alias(aliases, ecosystem, name, "", ret))
        return;
    ret->n = 1;
    ret->doubt = DOUBT_NOT_FIRMWARE;
}

/* One event: opens a range, or closes the open one. */
static void read_event(const json_t *event, json_t *statement, char **io_open)
{
    const char *introduced = json_string_value(json_object_get(event, "introduced"));
    const char *fixed = json_string_value(json_object_get(event, "fixed"));
    const char *last = json_string_value(json_object_get(event, "last_affected"));
    struct words w;
    char *text;

    if (fixed != NULL)
        import_fixed(statement, fixed);
    if (introduced != NULL && *io_open == NULL && fixed == NULL && last == NULL) {
        *io_open = import_format("%s", introduced);
        return;
    }
    if (*io_open == NULL || introduced != NULL || (fixed == NULL) == (last == NULL)) {
        import_doubtful(statement, "events that do not pair", "events", DOUBT_PROSE);
        return;
    }
    text = import_format("introduced \"%.200s\", %s \"%.200s\"", *io_open,
                         fixed != NULL ? "fixed" : "last_affected", fixed != NULL ? fixed : last);
    words_bounds(*io_open, false, fixed != NULL ? fixed : last, fixed == NULL, &w);
    w.rule = "events";
    if (text != NULL)
        import_reading(statement, text, &w);
    free(text);
    free(*io_open);
    *io_open = NULL;
}

static void read_range(const json_t *range, json_t *statement)
{
    const char *type = import_text(range, "type");
    const json_t *event;
    char *open = NULL, *text;
    size_t i;

    if (strcmp(type, "ECOSYSTEM") != 0 && strcmp(type, "SEMVER") != 0) {
        import_doubtful(statement, type, "events", DOUBT_UNORDERED);
        return;
    }
    json_array_foreach(json_object_get(range, "events"), i, event)
    {
        read_event(event, statement, &open);
    }
    if (open == NULL)
        return;
    text = import_format("introduced \"%.200s\"", open);
    if (text != NULL)
        import_doubtful(statement, text, "events", DOUBT_ALL);
    free(text);
    free(open);
}

static void read_versions(const json_t *versions, json_t *statement)
{
    const json_t *one;
    struct words w;
    size_t i;

    json_array_foreach(versions, i, one)
    {
        if (!json_is_string(one))
            continue;
        words_read(json_string_value(one), WORDS_PLAIN, &w);
        import_reading(statement, json_string_value(one), &w);
    }
}

static int read_affected(const json_t *affected, const struct aliases *aliases,
                         struct import_result *result)
{
    const json_t *package = json_object_get(affected, "package"), *range;
    struct models models;
    size_t i, k;

    find_models(aliases, package, &models);
    for (i = 0; i < models.n; i++) {
        json_t *s = import_statement(result, result->id, models.model[i].vendor,
                                     models.model[i].model, FEED, FEED);

        if (s == NULL)
            return -1;
        (void)json_object_set_new(s, "vendor", json_string(import_text(package, "ecosystem")));
        (void)json_object_set_new(s, "product", json_string(import_text(package, "name")));
        if (models.doubt != DOUBT_NONE)
            import_doubtful(s, import_text(package, "ecosystem"), "names", models.doubt);
        json_array_foreach(json_object_get(affected, "ranges"), k, range)
        {
            read_range(range, s);
        }
        read_versions(json_object_get(affected, "versions"), s);
    }
    return 0;
}

static int read_record(const json_t *record, const struct aliases *aliases,
                       struct import_result *ret_result, char *err, size_t err_cap)
{
    const json_t *one;
    bool is_strange;
    size_t i;

    if (shape_check(record, record_shape, &is_strange, err, err_cap) != 0)
        return -1;
    if (import_begin(import_text(record, "id"), ret_result) != 0) {
        (void)snprintf(err, err_cap, "id: is too long or no id");
        return -1;
    }
    ret_result->summary = import_text(record, "summary");
    if (ret_result->summary[0] == '\0')
        ret_result->summary = import_text(record, "details");
    import_time(import_text(record, "modified"), ret_result->modified);
    import_time(import_text(record, "published"), ret_result->published);
    ret_result->rejected = json_object_get(record, "withdrawn") != NULL;
    json_array_foreach(json_object_get(record, "references"), i, one)
    {
        if (strcmp(import_text(one, "type"), "ADVISORY") == 0)
            import_url(ret_result, import_text(one, "url"));
    }
    if (ret_result->rejected)
        return 0;
    json_array_foreach(json_object_get(record, "affected"), i, one)
    {
        if (read_affected(one, aliases, ret_result) == 0)
            continue;
        (void)snprintf(err, err_cap, "it names more models than can be kept, or memory is short");
        import_result_free(ret_result);
        return -1;
    }
    if (is_strange)
        import_doubt_all(ret_result, "invisible or look-alike characters", DOUBT_TEXT);
    return import_end(ret_result, FEED, FEED);
}

const struct import_feed import_osv = {FEED, NULL, read_record};
