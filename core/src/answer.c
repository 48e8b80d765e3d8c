/* SPDX-License-Identifier: ISC */
/* The head-end's answer: parse, look up, weaken by policy, reply. No key, no clock, no memory of
 * who asked. */
#include "muster/answer.h"

#include <string.h>

#include "muster/record.h"

static int is_test(const struct muster_report *report)
{
    return muster_slice_equal(report->vendor, muster_slice_of(MUSTER_TEST_VENDOR));
}

static int is_usable(const struct muster_source *source, uint64_t now_s)
{
    return source->list != NULL && now_s < source->list->expires;
}

/* The first usable list that has the model; *ret_all_usable tells whether "not found" can be
 * trusted (R3). */
static const struct muster_source *find(const struct muster_answer_state *state,
                                        struct muster_slice name_key,
                                        struct muster_list_entry *ret_entry, int *ret_all_usable)
{
    size_t i;

    *ret_all_usable = 1;
    for (i = 0; i < state->sources_n; i++) {
        const struct muster_source *source = &state->sources[i];

        if (!is_usable(source, state->now_s))
            *ret_all_usable = 0;
        else if (muster_list_find(source->list, name_key, ret_entry) == MUSTER_OK)
            return source;
    }
    return NULL;
}

/* Fits the reply into the request (R1): whole, else `more`, else at full size without the last
 * records. */
static enum muster_outcome fit(struct muster_reply *reply, size_t request_len,
                               enum muster_outcome outcome)
{
    if (muster_reply_len(reply) <= request_len)
        return outcome;
    if (request_len < MUSTER_DATAGRAM_MAX) {
        reply->flags |= MUSTER_FLAG_MORE;
        reply->records_n = 0;
        return MUSTER_ASKED_MORE;
    }
    while (reply->records_n > 0 && muster_reply_len(reply) > request_len)
        reply->records_n--;
    return outcome;
}

static int covers(const struct muster_list_entry *entry, const struct muster_report *report)
{
    struct muster_record r;

    return muster_record_parse(entry->record, &r) == MUSTER_OK && r.kind == MUSTER_ADVISORY &&
           muster_advisory_covers(&r.u.advisory, report->build, report->number);
}

/* What policy makes of a listed model: the reply's flags, and whether records go at all. */
static enum muster_outcome weaken(const struct muster_answer_state *state, int exempt, int test,
                                  struct muster_reply *reply)
{
    if (test)
        return MUSTER_TESTED;
    if (exempt || state->mode == MUSTER_MODE_MONITOR) {
        reply->records_n = 0;
        return exempt ? MUSTER_EXEMPTED : MUSTER_MONITORED;
    }
    if (state->mode == MUSTER_MODE_NOTICE) {
        reply->flags |= MUSTER_FLAG_NOTICE_ONLY;
        return MUSTER_NOTICED;
    }
    return MUSTER_LISTED;
}

static enum muster_outcome answer_report(const struct muster_answer_state *state, size_t len,
                                         int exempt, struct muster_reply *reply,
                                         struct muster_answer *a)
{
    struct muster_list_entry entry;
    int all_usable, test = is_test(&a->report);
    const struct muster_source *source = find(state, a->report.name_key, &entry, &all_usable);
    enum muster_outcome outcome;
    size_t i;

    if (source == NULL && !all_usable && (test || state->mode != MUSTER_MODE_MONITOR))
        return MUSTER_SILENT_LIST;
    if (source == NULL)
        return test ? MUSTER_TESTED : MUSTER_HEARD;
    reply->records[0] = entry.record;
    for (i = 0; i < source->standings_n; i++)
        reply->records[i + 1] = source->standings[i];
    reply->records_n = 1 + source->standings_n;
    a->covers = covers(&entry, &a->report);
    outcome = weaken(state, exempt, test, reply);
    return fit(reply, len, outcome);
}

static int compare_key(const struct muster_standing_entry *entry, const uint8_t *key)
{
    return memcmp(entry->key, key, MUSTER_KEY_LEN);
}

/* The first entry whose key is not before `key`. */
static size_t lower_bound(const struct muster_answer_state *state, const uint8_t *key)
{
    size_t low = 0, high = state->standings_n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare_key(&state->standings[middle], key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static enum muster_outcome answer_inquiry(const struct muster_answer_state *state,
                                          const uint8_t *key, struct muster_reply *reply)
{
    size_t i = lower_bound(state, key);

    for (; i < state->standings_n && reply->records_n < MUSTER_RECORDS_MAX &&
           compare_key(&state->standings[i], key) == 0;
         i++)
        reply->records[reply->records_n++] = state->standings[i].record;
    while (muster_reply_len(reply) > MUSTER_INQUIRY_LEN)
        reply->records_n--;
    return reply->records_n > 0 ? MUSTER_INQUIRED : MUSTER_INQUIRED_UNKNOWN;
}

static enum muster_outcome drop(int error)
{
    switch (error) {
    case MUSTER_E_SIZE:
        return MUSTER_DROP_SIZE;
    case MUSTER_E_ENCODING:
        return MUSTER_DROP_ENCODING;
    case MUSTER_E_LIMIT:
        return MUSTER_DROP_LIMIT;
    default:
        return MUSTER_DROP_SHAPE;
    }
}

static enum muster_outcome take_report(const struct muster_answer_state *state,
                                       const uint8_t *request, size_t len, int exempt,
                                       struct muster_reply *reply, struct muster_answer *a)
{
    int error = muster_report_parse(request, len, &a->report);

    if (error != MUSTER_OK)
        return drop(error);
    a->is_report = 1;
    reply->nonce = a->report.nonce;
    return answer_report(state, len, exempt, reply, a);
}

static enum muster_outcome take_inquiry(const struct muster_answer_state *state,
                                        const uint8_t *request, size_t len,
                                        struct muster_reply *reply)
{
    struct muster_inquiry inquiry;
    int error;

    if (!state->answers_inquiries)
        return MUSTER_DROP_INQUIRY;
    error = muster_inquiry_parse(request, len, &inquiry);
    if (error != MUSTER_OK)
        return drop(error);
    reply->nonce = inquiry.nonce;
    return answer_inquiry(state, inquiry.key, reply);
}

void muster_answer(const struct muster_answer_state *state, const uint8_t *request, size_t len,
                   int exempt, uint8_t *ret_reply, struct muster_answer *ret_answer)
{
    struct muster_reply reply;

    memset(ret_answer, 0, sizeof *ret_answer);
    reply.nonce = NULL;
    reply.flags = 0;
    reply.records_n = 0;
    if (len == 0 || len > MUSTER_DATAGRAM_MAX) {
        ret_answer->outcome = MUSTER_DROP_SIZE;
        return;
    }
    switch (muster_message_type(request, len)) {
    case MUSTER_REPLY:
        ret_answer->outcome = MUSTER_DROP_REPLY;
        return;
    case MUSTER_INQUIRY:
        ret_answer->outcome = take_inquiry(state, request, len, &reply);
        break;
    default:
        ret_answer->outcome = take_report(state, request, len, exempt, &reply, ret_answer);
    }
    if (reply.nonce != NULL && ret_answer->outcome != MUSTER_SILENT_LIST)
        ret_answer->len = muster_reply_write(&reply, ret_reply, len);
}

const char *muster_outcome_name(enum muster_outcome outcome)
{
    static const char *const names[MUSTER_OUTCOMES_N] = {
        "heard",        "listed",        "noticed",    "asked more",       "monitored",
        "exempted",     "tested",        "inquired",   "inquired unknown", "silent list",
        "drop size",    "drop encoding", "drop shape", "drop limit",       "drop reply",
        "drop inquiry", "drop address",
    };

    return outcome < MUSTER_OUTCOMES_N ? names[outcome] : "unknown";
}
