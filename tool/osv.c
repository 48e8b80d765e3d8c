/* SPDX-License-Identifier: ISC */
/* OSV-shaped JSON to a source (muster-osv.5). Every mistake is named by its place in the document;
 * it must not guess what a mistake meant. */
#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>

#include "host/clock.h"
#include "host/file.h"
#include "muster/message.h"
#include "tool/cli.h"
#include "tool/events.h"
#include "tool/locate.h"
#include "tool/names.h"
#include "tool/osv_lint.h"
#include "tool/osv_muster.h"

#define ERR_CAP 1200

/* "affected[0].ranges[1]" out of its parent and the last step. */
static struct osv_place inside(const struct osv_place *parent, const char *key, size_t index)
{
    struct osv_place place;

    (void)snprintf(place.text, sizeof place.text, "%.100s.%s[%zu]", parent->text, key, index);
    return place;
}

void osv_fault(struct osv_reader *r, enum rule rule, const struct osv_place *place, const char *fmt,
               ...)
{
    struct problem_at at = {r->path, r->line, place->text};
    char message[ERR_CAP];
    va_list args;

    if (!rule_is_error(rule) && !r->problems->warns)
        return;
    va_start(args, fmt);
    (void)vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    at.line += locate_line(r->bytes, r->len, place->text) - 1;
    problem_add(r->problems, rule, at, "%s", message);
}

bool osv_text(struct osv_reader *r, const struct osv_place *place, const json_t *value,
              const char *what, size_t max_len, struct muster_slice *ret)
{
    struct muster_slice text = {(const uint8_t *)json_string_value(value),
                                json_string_length(value)};
    size_t i;

    if (!json_is_string(value)) {
        osv_fault(r, RULE_TEXT, place, "%s must be a string", what);
        return false;
    }
    if (text.len > max_len) {
        osv_fault(r, RULE_TEXT, place, "%s has %zu characters; at most %zu are allowed", what,
                  text.len, max_len);
        return false;
    }
    for (i = 0; i < text.len; i++)
        if (text.bytes[i] < 0x20 || text.bytes[i] > 0x7e) {
            osv_fault(r, RULE_TEXT, place,
                      "%s \"%s\" may hold printable ASCII only; write it without other characters",
                      what, SAFE_SLICE(text));
            return false;
        }
    *ret = text;
    return true;
}

void osv_range(struct osv_reader *r, const struct osv_place *place,
               const struct muster_range *range)
{
    size_t before = r->source->ranges_n;

    if (source_add_range(r->source, range) != 0)
        osv_fault(r, RULE_RANGES_MAX, place,
                  "a defect holds at most %d ranges; join neighbouring ones or use numbers",
                  MUSTER_RANGES_MAX);
    else if (r->source->ranges_n > before)
        r->ranges[before] = (struct osv_range){*range, *place};
}

static bool read_build(struct osv_reader *r, const struct osv_place *place, const json_t *value,
                       const char *what, struct muster_slice *ret)
{
    if (!osv_text(r, place, value, what, MUSTER_BUILD_MAX, ret))
        return false;
    if (ret->len > 0)
        return true;
    osv_fault(r, RULE_BUILD, place, "%s is empty; write a build%s", what,
              strcmp(what, "introduced") == 0 ? ", or \"0\" for the very first" : "");
    return false;
}

static bool read_event(struct osv_reader *r, const struct osv_place *place, const json_t *value,
                       struct event *ret)
{
    static const char *const kinds[] = {"introduced", "fixed", "last_affected"};
    const json_t *build;
    enum event_kind kind;

    if (!json_is_object(value) || json_object_size(value) != 1) {
        osv_fault(
            r, RULE_EVENTS, place,
            "an event must be an object with exactly one of introduced, fixed, last_affected");
        return false;
    }
    for (kind = EVENT_INTRODUCED; kind <= EVENT_LAST_AFFECTED; kind++) {
        build = json_object_get(value, kinds[kind]);
        if (build == NULL)
            continue;
        ret->kind = kind;
        return read_build(r, place, build, kinds[kind], &ret->build);
    }
    osv_fault(r, RULE_EVENTS, place,
              "this event is not understood (limit means nothing here); use introduced, fixed or "
              "last_affected");
    return false;
}

static bool has_kind(const struct event *events, size_t n, enum event_kind kind)
{
    size_t i;

    for (i = 0; i < n; i++)
        if (events[i].kind == kind)
            return true;
    return false;
}

/* Keeps the builds that are called fixed. There are no more of them than ranges, else the file is
 * refused anyhow. */
static void note_fixes(struct osv_reader *r, const struct osv_place *place,
                       const struct event *events, size_t n)
{
    size_t i;

    for (i = 0; i < n; i++)
        if (events[i].kind == EVENT_FIXED && r->fixes_n < MUSTER_RANGES_MAX)
            r->fixes[r->fixes_n++] = (struct osv_fix){events[i].build, inside(place, "events", i)};
}

/* The highest build that a fix names, "" if none: what fixed-in is if the file does not say. */
static struct muster_slice highest_fix(const struct osv_reader *r)
{
    struct muster_slice highest = muster_slice_of("");
    size_t i;

    for (i = 0; i < r->fixes_n; i++)
        if (highest.len == 0 || muster_order_compare(r->fixes[i].build, highest) > 0)
            highest = r->fixes[i].build;
    return highest;
}

static void pair(struct osv_reader *r, const struct osv_place *place, struct event *events,
                 size_t n)
{
    struct muster_range ranges[EVENTS_MAX];
    char err[ERR_CAP];
    size_t i, ranges_n;

    if (has_kind(events, n, EVENT_FIXED) && has_kind(events, n, EVENT_LAST_AFFECTED)) {
        osv_fault(r, RULE_EVENTS, place,
                  "fixed and last_affected in one range (OSV forbids it); use two ranges");
        return;
    }
    note_fixes(r, place, events, n);
    if (events_pair(events, n, ranges, &ranges_n, err, sizeof err) != 0) {
        osv_fault(r, RULE_EVENTS, place, "%s", err);
        return;
    }
    for (i = 0; i < ranges_n; i++)
        osv_range(r, place, &ranges[i]);
}

static void read_events(struct osv_reader *r, const struct osv_place *place, const json_t *list)
{
    struct event events[EVENTS_MAX];
    size_t i, n = json_array_size(list);

    if (n < 1 || n > EVENTS_MAX) {
        osv_fault(r, RULE_SHAPE, place, "events must be an array of 1 to %d events", EVENTS_MAX);
        return;
    }
    for (i = 0; i < n; i++) {
        struct osv_place event = inside(place, "events", i);

        if (!read_event(r, &event, json_array_get(list, i), &events[i]))
            return;
    }
    pair(r, place, events, n);
}

static void read_range(struct osv_reader *r, const struct osv_place *place, const json_t *value)
{
    const char *type = json_string_value(json_object_get(value, "type"));

    if (type == NULL)
        osv_fault(r, RULE_RANGE_TYPE, place, "type is missing; write \"ECOSYSTEM\"");
    else if (strcmp(type, "ECOSYSTEM") != 0)
        osv_fault(
            r, RULE_RANGE_TYPE, place,
            "type \"%s\" cannot be compared by a device; restate it as ECOSYSTEM with builds as "
            "the vendor prints them, or as exact builds in versions",
            SAFE(type));
    else
        read_events(r, place, json_object_get(value, "events"));
}

/* An optional member that must be an array; NULL if it is not there. */
static const json_t *optional_array(struct osv_reader *r, const struct osv_place *place,
                                    const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    if (value != NULL && !json_is_array(value))
        osv_fault(r, RULE_SHAPE, place, "%s must be an array", key);
    return value;
}

static void read_versions(struct osv_reader *r, const struct osv_place *parent, const json_t *list)
{
    struct muster_range range;
    size_t i;

    memset(&range, 0, sizeof range);
    range.kind = MUSTER_RANGE_EXACT;
    for (i = 0; i < json_array_size(list); i++) {
        struct osv_place place = inside(parent, "versions", i);

        if (read_build(r, &place, json_array_get(list, i), "a version", &range.from))
            osv_range(r, &place, &range);
    }
}

static void refuse_name(struct osv_reader *r, const struct osv_place *place,
                        struct muster_slice vendor, struct muster_slice model)
{
    char better_vendor[MUSTER_NAME_MAX + 1], better_model[MUSTER_NAME_MAX + 1];

    names_suggest(vendor, better_vendor);
    names_suggest(model, better_model);
    osv_fault(
        r, RULE_NAME, place,
        "package.name must be VENDOR/MODEL, each 1 to 64 characters of a-z 0-9 . _ + -; write "
        "lower case, and every other character as \"_\" as CPE names do: \"%s/%s\"",
        better_vendor[0] != '\0' ? better_vendor : "vendor",
        better_model[0] != '\0' ? better_model : "model");
}

static void read_name(struct osv_reader *r, const struct osv_place *place, const char *name)
{
    const char *slash = strchr(name, '/');
    struct muster_slice vendor = muster_slice_of(name), model = muster_slice_of("");
    struct source *s = r->source;

    if (slash != NULL) {
        vendor.len = (size_t)(slash - name);
        model = muster_slice_of(slash + 1);
    }
    if (!muster_name_is_legal(vendor) || !muster_name_is_legal(model))
        refuse_name(r, place, vendor, model);
    else if (muster_slice_equal(vendor, muster_slice_of("muster.test")))
        osv_fault(r, RULE_RESERVED, place,
                  "muster.test is reserved: never-fail must never be listed, and sign adds "
                  "always-fail by itself; remove this file");
    else if (s->name_key.len > 0 &&
             (!muster_slice_equal(vendor, s->vendor) || !muster_slice_equal(model, s->model)))
        osv_fault(r, RULE_ONE_MODEL, place,
                  "a second model in one file; move it to a file of its own");
    else if (s->name_key.len == 0 && source_name(s, vendor, model) != 0)
        osv_fault(r, RULE_MEMORY, place, "out of memory");
}

static void read_package(struct osv_reader *r, const struct osv_place *parent,
                         const json_t *package)
{
    struct osv_place place;
    const char *ecosystem = json_string_value(json_object_get(package, "ecosystem"));
    const char *name = json_string_value(json_object_get(package, "name"));

    (void)snprintf(place.text, sizeof place.text, "%.100s.package.%s", parent->text,
                   ecosystem == NULL || strcmp(ecosystem, "Muster") != 0 ? "ecosystem" : "name");
    if (ecosystem == NULL || strcmp(ecosystem, "Muster") != 0)
        osv_fault(r, RULE_ECOSYSTEM, &place, "package.ecosystem must be \"Muster\"");
    else if (name == NULL)
        osv_fault(r, RULE_NAME, &place, "package.name is missing; write \"vendor/model\"");
    else
        read_name(r, &place, name);
}

static void read_affected(struct osv_reader *r, const struct osv_place *place, const json_t *value)
{
    const json_t *ranges;
    size_t i;

    if (!json_is_object(value)) {
        osv_fault(r, RULE_SHAPE, place, "must be an object");
        return;
    }
    read_package(r, place, json_object_get(value, "package"));
    ranges = optional_array(r, place, value, "ranges");
    for (i = 0; i < json_array_size(ranges); i++) {
        struct osv_place range = inside(place, "ranges", i);

        read_range(r, &range, json_array_get(ranges, i));
    }
    read_versions(r, place, optional_array(r, place, value, "versions"));
    osv_read_specific(r, place, json_object_get(value, "database_specific"));
}

/* RFC 3339 in UTC, as OSV has it; fractions of a second are allowed and mean nothing. */
static bool is_time(const json_t *value, uint64_t *ret_unix_s)
{
    char whole[32];
    const char *text = json_string_value(value);
    size_t fraction;

    if (text == NULL || strlen(text) < 20 || text[10] != 'T')
        return false;
    fraction = text[19] == '.' ? 1 + strspn(text + 20, "0123456789") : 0;
    if (fraction == 1 || strcmp(text + 19 + fraction, "Z") != 0)
        return false;
    (void)snprintf(whole, sizeof whole, "%.19sZ", text);
    return clock_parse(whole, ret_unix_s) == 0;
}

static void read_head(struct osv_reader *r, const json_t *document)
{
    static const struct osv_place id_place = {"id"}, modified_place = {"modified"},
                                  withdrawn_place = {"withdrawn"};
    const json_t *withdrawn = json_object_get(document, "withdrawn");
    struct muster_slice id;

    if (osv_text(r, &id_place, json_object_get(document, "id"), "id", MUSTER_ID_MAX, &id)) {
        if (id.len == 0)
            osv_fault(r, RULE_ID, &id_place, "is empty; write for example \"CVE-2021-36260\"");
        else
            r->source->id = strdup((const char *)id.bytes);
    }
    if (!is_time(json_object_get(document, "modified"), &r->modified_s))
        osv_fault(r, RULE_TIME, &modified_place,
                  "must be a time such as \"2026-01-31T12:00:00Z\" (OSV requires it)");
    (void)is_time(json_object_get(document, "published"), &r->published_s);
    if (withdrawn != NULL && !is_time(withdrawn, &r->withdrawn_s))
        osv_fault(r, RULE_TIME, &withdrawn_place,
                  "must be a time such as \"2026-01-31T12:00:00Z\"");
    r->source->withdrawn = withdrawn != NULL;
}

static void read_document(struct osv_reader *r, const json_t *document)
{
    static const struct osv_place top = {"document"};
    const json_t *affected = json_object_get(document, "affected");
    size_t i;

    read_head(r, document);
    if (json_array_size(affected) == 0)
        osv_fault(r, RULE_SHAPE, &top,
                  "affected must be an array that names the model; see muster-osv(5)");
    for (i = 0; i < json_array_size(affected); i++) {
        struct osv_place place;

        (void)snprintf(place.text, sizeof place.text, "affected[%zu]", i);
        read_affected(r, &place, json_array_get(affected, i));
    }
    osv_read_specific(r, NULL, json_object_get(document, "database_specific"));
    if (r->problems->n == r->problems_before && r->source->ranges_n == 0)
        osv_fault(r, RULE_NO_BUILD, &top, "no build is affected; add ranges, versions or numbers");
}

static void finish(struct osv_reader *r)
{
    struct source *s = r->source;
    struct muster_slice fix = highest_fix(r);

    s->line = r->line;
    if (s->fixed_in == NULL)
        s->fixed_in = strndup((const char *)fix.bytes, fix.len);
    if (s->url == NULL)
        s->url = strdup("");
    if (s->reason == 0)
        s->reason = MUSTER_OTHER;
    s->path = strdup(r->path);
    if (s->fixed_in == NULL || s->url == NULL || s->path == NULL || s->id == NULL)
        problem_add(r->problems, RULE_MEMORY, (struct problem_at){r->path, r->line, NULL},
                    "out of memory");
    else
        osv_lint(r);
}

/* Nesting is bounded before the parser recurses. Strings are skipped; if they are broken, so is the
 * document, and the parser says where. */
static bool is_shallow(const uint8_t *bytes, size_t len)
{
    bool in_string = false;
    size_t i;
    int depth = 0;

    for (i = 0; i < len; i++) {
        if (in_string && bytes[i] == '\\')
            i++;
        else if (bytes[i] == '"')
            in_string = !in_string;
        else if (!in_string && (bytes[i] == '[' || bytes[i] == '{') && ++depth > SOURCE_DEPTH_MAX)
            return false;
        else if (!in_string && (bytes[i] == ']' || bytes[i] == '}'))
            depth--;
    }
    return true;
}

static json_t *parse(const struct osv_reader *r)
{
    struct problem_at at = {r->path, r->line, NULL};
    json_error_t error;
    json_t *document;

    if (!is_shallow(r->bytes, r->len)) {
        problem_add(r->problems, RULE_TOO_DEEP, at, "nested deeper than %d levels; flatten it",
                    SOURCE_DEPTH_MAX);
        return NULL;
    }
    document = json_loadb((const char *)r->bytes, r->len, JSON_REJECT_DUPLICATES, &error);
    if (document != NULL)
        return document;
    at.line += error.line > 0 ? (size_t)error.line - 1 : 0;
    problem_add(r->problems, RULE_JSON, at, "%s; correct the JSON (UTF-8 is needed)",
                SAFE(error.text));
    return NULL;
}

int source_parse(const char *path, size_t line, const uint8_t *bytes, size_t len,
                 struct problems *problems, struct source *ret_source)
{
    struct source source;
    struct osv_reader r = {.path = path,
                           .line = line,
                           .bytes = bytes,
                           .len = len,
                           .problems = problems,
                           .source = &source,
                           .problems_before = problems->n};
    json_t *document = parse(&r);

    if (document == NULL)
        return -1;
    memset(&source, 0, sizeof source);
    if (json_is_object(document))
        read_document(&r, document);
    else
        problem_add(problems, RULE_SHAPE, (struct problem_at){path, line, NULL},
                    "the document must be one JSON object; see muster-osv(5)");
    if (problems->n == r.problems_before)
        finish(&r);
    json_decref(document);
    if (problems->n > r.problems_before) {
        source_free(&source);
        return -1;
    }
    *ret_source = source;
    return 0;
}

int source_bytes(const char *path, struct problems *problems, uint8_t **ret_bytes, size_t *ret_len)
{
    const char *dot = strrchr(path, '.');
    bool has_lines = dot != NULL && strcmp(dot, SOURCE_LINES_SUFFIX) == 0;
    int ret = file_read(path, has_lines ? SOURCE_LINES_MAX : SOURCE_FILE_MAX, ret_bytes, ret_len);

    if (ret == 0)
        return 0;
    problem_add(problems, ret == -EFBIG ? RULE_TOO_LARGE : RULE_UNREADABLE,
                (struct problem_at){path, 1, NULL}, "%s",
                ret != -EFBIG ? strerror(-ret)
                : has_lines   ? "larger than 8 GiB; cut it in two"
                              : "larger than 1 MiB; one file tells of one CVE and one model");
    return -1;
}

int source_read(const char *path, struct problems *problems, struct source *ret_source)
{
    uint8_t *bytes;
    size_t len;
    int ret;

    if (source_bytes(path, problems, &bytes, &len) != 0)
        return -1;
    ret = source_parse(path, 1, bytes, len, problems, ret_source);
    free(bytes);
    return ret;
}
