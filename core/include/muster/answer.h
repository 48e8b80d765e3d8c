/* SPDX-License-Identifier: ISC */
/* The head-end's answer as a pure function (R1, R3, and an authority's inquiries): datagram in,
 * reply out, and the outcome to count. It selects by vendor and model only; policy may only
 * weaken. */
#ifndef MUSTER_ANSWER_H
#define MUSTER_ANSWER_H

#include "muster/list.h"
#include "muster/message.h"

#define MUSTER_TEST_VENDOR "muster.test"
#define MUSTER_ALWAYS_FAIL "always-fail"
#define MUSTER_NEVER_FAIL  "never-fail"

enum muster_mode { MUSTER_MODE_MONITOR = 0, MUSTER_MODE_NOTICE = 1, MUSTER_MODE_ENFORCE = 2 };

/* One configured list with the standings on its signer. */
struct muster_source {
    const struct muster_list *list; /* verified; NULL while the configured file is unusable */
    size_t standings_n;
    struct muster_slice standings[MUSTER_RECORDS_MAX - 1]; /* best first */
};

/* An authority's standings by signer key, for inquiries. Sorted by key. */
struct muster_standing_entry {
    const uint8_t *key; /* MUSTER_KEY_LEN bytes, of the signer it is about */
    struct muster_slice record;
};

/* What a worker holds while it answers a batch. Owned by the caller, never written here. */
struct muster_answer_state {
    enum muster_mode mode;
    size_t sources_n;
    const struct muster_source *sources; /* in order of precedence */
    int answers_inquiries;
    size_t standings_n;
    const struct muster_standing_entry *standings;
    uint64_t now_s; /* Unix seconds, read once per batch */
};

/* One outcome a datagram; every one is counted. */
enum muster_outcome {
    MUSTER_HEARD = 0,        /* nothing known of this model */
    MUSTER_LISTED,           /* advisory sent */
    MUSTER_NOTICED,          /* advisory sent with notice only */
    MUSTER_ASKED_MORE,       /* `more` sent */
    MUSTER_MONITORED,        /* heard sent; in enforce mode an advisory would have gone */
    MUSTER_EXEMPTED,         /* heard sent; the asker is exempt */
    MUSTER_TESTED,           /* muster.test, answered as in enforce mode */
    MUSTER_INQUIRED,         /* standings sent */
    MUSTER_INQUIRED_UNKNOWN, /* no standing on this key */
    MUSTER_SILENT_LIST,      /* not found while a list is invalid or expired: no answer */
    MUSTER_DROP_SIZE,        /* longer than 1232 bytes, empty, or an inquiry not of 384 */
    MUSTER_DROP_ENCODING,    /* not deterministic CBOR */
    MUSTER_DROP_SHAPE,       /* not a report or inquiry */
    MUSTER_DROP_LIMIT,       /* a value outside its limit */
    MUSTER_DROP_REPLY,       /* a reply: never answered */
    MUSTER_DROP_INQUIRY,     /* an inquiry, but this head-end is no authority */
    MUSTER_DROP_ADDRESS,     /* source port 6878, or not a unicast host's: set by the caller */
    MUSTER_OUTCOMES_N
};

struct muster_answer {
    enum muster_outcome outcome;
    int covers; /* the model was found and the advisory covers the reported build */
    size_t len; /* of the reply; 0 = stay silent */
    struct muster_report report; /* valid if the datagram was a legal report; points into it */
    int is_report;
};

/* Answers request[0..len). `exempt`: the asker's address is in an exempt prefix. ret_reply must
 * have room for MUSTER_DATAGRAM_MAX bytes and not overlap the request. Never fails; never longer
 * than the request. Stack < 2 KiB. */
void muster_answer(const struct muster_answer_state *state, const uint8_t *request, size_t len,
                   int exempt, uint8_t *ret_reply, struct muster_answer *ret_answer);

/* "listed", "drop encoding", ... : static strings for counters and status. */
const char *muster_outcome_name(enum muster_outcome outcome);

#endif
