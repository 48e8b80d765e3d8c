/* SPDX-License-Identifier: ISC */
/* database_specific.muster: reason, fixed-in, url, enforce-after, numbers, all-builds. Unknown keys are
 * mistakes here, because a misspelt "enforce-after" would enforce too early. */
#include "tool/osv_muster.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "muster/cbor.h"
#include "tool/cli.h"
#include "tool/events.h"

typedef void read_key_fn(struct osv_reader *r, const struct osv_place *place, const json_t *value);

static void refuse_twice(struct osv_reader *r, const struct osv_place *place)
{
    osv_fault(r, RULE_TWICE, place, "is given twice in this file; keep one");
}

static void read_reason(struct osv_reader *r, const struct osv_place *place, const json_t *value)
{
    static const char *const names[] = {"",
                                        "remote-takeover",
                                        "default-password",
                                        "known-exploited",
                                        "used-in-attacks",
                                        "no-more-updates",
                                        "other"};
    const char *name = json_string_value(value);
    json_int_t number = json_integer_value(value);
    uint64_t i;

    for (i = MUSTER_REMOTE_TAKEOVER; i <= MUSTER_OTHER; i++) {
        if (name == NULL ? number != (json_int_t)i : strcmp(name, names[i]) != 0)
            continue;
        if (r->source->reason != 0)
            refuse_twice(r, place);
        r->source->reason = i;
        return;
    }
    osv_fault(r, RULE_VALUE, place,
              "must be 1 remote-takeover, 2 default-password, 3 known-exploited, "
              "4 used-in-attacks, 5 no-more-updates or 6 other");
}

static void keep_text(struct osv_reader *r, const struct osv_place *place, struct muster_slice text,
                      char **text_of_source)
{
    if (*text_of_source != NULL)
        refuse_twice(r, place);
    else if ((*text_of_source = strndup((const char *)text.bytes, text.len)) == NULL)
        osv_fault(r, RULE_MEMORY, place, "out of memory");
}

static void read_fixed_in(struct osv_reader *r, const struct osv_place *place, const json_t *value)
{
    struct muster_slice text;

    if (osv_text(r, place, value, "it", MUSTER_FIXED_IN_MAX, &text))
        keep_text(r, place, text, &r->source->fixed_in);
    r->fixed_in = *place;
}

static void read_url(struct osv_reader *r, const struct osv_place *place, const json_t *value)
{
    static const char scheme[] = "https://";
    struct muster_slice text;

    if (!osv_text(r, place, value, "it", MUSTER_URL_MAX, &text))
        return;
    if (text.len > 0 &&
        (text.len < sizeof scheme || memcmp(text.bytes, scheme, sizeof scheme - 1) != 0))
        osv_fault(r, RULE_VALUE, place, "must begin with https:// (or be \"\")");
    else
        keep_text(r, place, text, &r->source->url);
}

static void read_enforce_after(struct osv_reader *r, const struct osv_place *place,
                               const json_t *value)
{
    const char *word = json_string_value(value);
    json_int_t days = json_integer_value(value);
    bool never = word != NULL && strcmp(word, "never") == 0;

    if (!never && (!json_is_integer(value) || days < 0 || days > SOURCE_ENFORCE_DAYS_MAX)) {
        osv_fault(r, RULE_VALUE, place,
                  "must be days from the first issue, 0 to %d, or \"never\" for notice only",
                  SOURCE_ENFORCE_DAYS_MAX);
        return;
    }
    if (r->source->enforce != ENFORCE_DEFAULT)
        refuse_twice(r, place);
    r->source->enforce = never ? ENFORCE_NEVER : ENFORCE_AFTER;
    r->source->enforce_after_s = never ? 0 : (uint64_t)days * MUSTER_DAY_S;
}

static void read_pair(struct osv_reader *r, const struct osv_place *place, const json_t *value)
{
    const json_t *low = json_array_get(value, 0), *high = json_array_get(value, 1);
    struct muster_range range;
    char err[256];

    if (json_array_size(value) != 2 || !json_is_integer(low) || !json_is_integer(high) ||
        json_integer_value(low) < 1 || json_integer_value(high) < 1) {
        osv_fault(r, RULE_VALUE, place,
                  "must hold pairs [LOWEST, HIGHEST] of build numbers from 1 on");
        return;
    }
    memset(&range, 0, sizeof range);
    range.kind = MUSTER_RANGE_NUMBER;
    range.low = (uint64_t)json_integer_value(low);
    range.high = (uint64_t)json_integer_value(high);
    if (events_explain(&range, err, sizeof err) != 0)
        osv_fault(r, RULE_ORDER, place, "[%" PRIu64 ", %" PRIu64 "]: %s", range.low, range.high,
                  err);
    else
        osv_range(r, place, &range);
}

static void read_numbers(struct osv_reader *r, const struct osv_place *place, const json_t *value)
{
    size_t i;

    if (json_array_size(value) == 0)
        osv_fault(r, RULE_VALUE, place, "must be an array of pairs [LOWEST, HIGHEST]");
    for (i = 0; i < json_array_size(value); i++)
        read_pair(r, place, json_array_get(value, i));
}

static void read_all_builds(struct osv_reader *r, const struct osv_place *place,
                            const json_t *value)
{
    if (!json_is_boolean(value))
        osv_fault(r, RULE_VALUE, place,
                  "must be true (every build is meant, also those to come) or false");
    r->all_builds = r->all_builds || json_is_true(value);
}

static void read_key(struct osv_reader *r, const struct osv_place *parent, const char *key,
                     const json_t *value)
{
    static const struct {
        const char *key;
        read_key_fn *read;
    } keys[] = {{"reason", read_reason},   {"fixed-in", read_fixed_in},
                {"url", read_url},         {"enforce-after", read_enforce_after},
                {"numbers", read_numbers}, {"all-builds", read_all_builds}};
    struct osv_place place;
    size_t i;

    (void)snprintf(place.text, sizeof place.text, "%.80s%sdatabase_specific.muster.%.40s",
                   parent != NULL ? parent->text : "", parent != NULL ? "." : "", SAFE(key));
    for (i = 0; i < sizeof keys / sizeof *keys; i++)
        if (strcmp(key, keys[i].key) == 0) {
            keys[i].read(r, &place, value);
            return;
        }
    osv_fault(
        r, RULE_KEY, &place,
        "is not known; the keys are reason, fixed-in, url, enforce-after, numbers, all-builds");
}

void osv_read_specific(struct osv_reader *r, const struct osv_place *parent, const json_t *specific)
{
    static const struct osv_place top = {"database_specific.muster"};
    json_t *muster = json_object_get(specific, "muster");
    const char *key;
    json_t *value;

    if (muster != NULL && !json_is_object(muster)) {
        osv_fault(r, RULE_SHAPE, parent != NULL ? parent : &top,
                  "database_specific.muster must be an object");
        return;
    }
    json_object_foreach(muster, key, value) read_key(r, parent, key, value);
}
