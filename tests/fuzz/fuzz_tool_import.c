/* SPDX-License-Identifier: ISC */
/* Records of feeds: whatever an importer makes of a record has legal names and builds, and what is
 * decided can be signed. The first byte picks the feed. */
#include <jansson.h>

#include "fuzz.h"
#include "muster/message.h"
#include "tool/decide.h"
#include "tool/events.h"

static const struct import_feed *const feeds[] = {&import_cve5, &import_nvd2, &import_kev,
                                                  &import_csaf, &import_osv};

static void check_range(const json_t *range)
{
    const json_t *events = json_object_get(range, "events"), *first = json_array_get(events, 0),
                 *second = json_array_get(events, 1);
    const char *from = import_text(first, "introduced"), *fixed = import_text(second, "fixed"),
               *last = import_text(second, "last_affected");
    struct event pair[2] = {{EVENT_INTRODUCED, muster_slice_of(from)},
                            {fixed[0] != '\0' ? EVENT_FIXED : EVENT_LAST_AFFECTED,
                             muster_slice_of(fixed[0] != '\0' ? fixed : last)}};
    struct muster_range ranges[EVENTS_MAX];
    char err[1200];
    size_t n;

    PROMISE(events_pair(pair, second != NULL ? 2 : 1, ranges, &n, err, sizeof err) == 0);
    PROMISE(n == 1 && muster_range_check(&ranges[0]) == MUSTER_OK);
}

static void check_decision(const json_t *statement)
{
    json_t *statements = json_array(), *one;
    struct decision d;
    size_t i;

    (void)json_array_append(statements, (json_t *)(uintptr_t)statement);
    decide(statements, &d);
    PROMISE((d.answer == ANSWER_REVIEW) == (d.doubts_n > 0));
    PROMISE((d.answer == ANSWER_REVIEW) == (d.ranges == NULL));
    PROMISE(json_array_size(d.ranges) + json_array_size(d.versions) <= MUSTER_RANGES_MAX);
    json_array_foreach(d.ranges, i, one)
    {
        check_range(one);
    }
    json_array_foreach(d.versions, i, one)
    {
        PROMISE(muster_build_is_legal(muster_slice_of(json_string_value(one))));
    }
    decision_free(&d);
    json_decref(statements);
}

static void check_finding(const struct import_finding *f)
{
    PROMISE(f->id[0] != '\0');
    PROMISE((f->vendor[0] == '\0') == (f->model[0] == '\0'));
    PROMISE(f->vendor[0] == '\0' || (muster_name_is_legal(muster_slice_of(f->vendor)) &&
                                     muster_name_is_legal(muster_slice_of(f->model))));
    check_decision(f->statement);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct import_result result;
    json_t *record;
    char err[400];
    size_t i;

    if (len < 2)
        return 0;
    record = json_loadb((const char *)bytes + 1, len - 1, JSON_REJECT_DUPLICATES, NULL);
    if (json_is_object(record) &&
        feeds[bytes[0] % 5]->read(record, NULL, &result, err, sizeof err) == 0) {
        for (i = 0; i < result.findings_n; i++)
            check_finding(&result.findings[i]);
        import_result_free(&result);
    }
    json_decref(record);
    return 0;
}
