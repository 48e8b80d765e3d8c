/* SPDX-License-Identifier: ISC */
/* The device: everything between "the network came up" and "take the default route away", without a
 * socket, a clock or a file (R2, R4 to R11). The caller owns those; it calls in with the time and
 * what arrived, and performs the actions that come back, in their order. doc/protocol.md, "The
 * device's state machine", is this table in full.
 *
 *   state        event                                          next         actions
 *   FREE         a reply is judged fail                         SAVING       STORE
 *   FREE         ... inquiries on its signer are unanswered     (waits)      SEND; for 3 s at most
 *   SAVING       on_stored(ok)                                  QUARANTINED  CUT, TELL
 *   SAVING       on_stored(failed)                              FREE         TELL (a notice)
 *   QUARANTINED  judged fail again                              QUARANTINED  (lease renewed)
 *   QUARANTINED  withdrawn, narrowed, disowned, overridden      FREE         RELEASE, STORE, TELL
 *   QUARANTINED  two rechecks answered without a fail           FREE         RELEASE, STORE, TELL
 *   QUARANTINED  lease, advisory or standing ran out; 0-1 h     FREE         RELEASE, STORE, TELL
 *   any          start, and a saved fail still stands           QUARANTINED  CUT, STORE, TELL
 *   any          start, and none does                           FREE         RELEASE, STORE, TELL
 *   any          reports are switched off                       FREE         RELEASE, STORE, TELL
 */
#ifndef MUSTER_DEVICE_H
#define MUSTER_DEVICE_H

#include "muster/judge.h"

#define MUSTER_IPV4 1u
#define MUSTER_IPV6 2u

/* Slots: one socket each. 0 and 1 are the report over IPv4 and IPv6, the rest inquiries. Every
 * slot is a socket of its own, connected, on a random port, so that a reply cannot come from
 * elsewhere. */
#define MUSTER_INQUIRIES    (MUSTER_SIGNERS * MUSTER_AUTHORITIES)
#define MUSTER_SLOTS        (2 + MUSTER_INQUIRIES)
#define MUSTER_SLOT_IPV4    0
#define MUSTER_SLOT_IPV6    1
#define MUSTER_SLOT_INQUIRY 2

#define MUSTER_FOREVER    UINT64_MAX
#define MUSTER_OVERRIDE_S (30 * MUSTER_DAY_S)

/* Bytes that muster_device_save may need. */
#define MUSTER_STATE_MAX                                                                           \
    (512 + MUSTER_AUTHORITIES * 40 + MUSTER_OVERRIDES * 80 +                                       \
     MUSTER_SIGNERS *                                                                              \
         (128 + MUSTER_AUTHORITIES * (MUSTER_STANDING_MAX + 32) + MUSTER_ADVISORY_MAX + 32))

struct muster_now {
    uint64_t mono_ms; /* from 1; never goes back while the device runs; counts while it sleeps */
    uint64_t clock_s; /* Unix seconds as the clock has them, right or wrong */
    bool synced;      /* the clock is synchronised */
};

typedef void muster_random_fn(void *ctx, uint8_t *ret_bytes, size_t len);

enum muster_action_kind {
    /* Send muster_device_datagram(slot) from the slot's socket (opened at first use). An inquiry
     * goes to `authority`'s service; `try` 0 or 1 may pick another of its addresses. A failed
     * send counts as silence. */
    MUSTER_DO_SEND,
    /* Close all sockets: the occasion is over. */
    MUSTER_DO_CLOSE,
    /* Save muster_device_save() atomically, then call muster_device_on_stored. */
    MUSTER_DO_STORE,
    MUSTER_DO_CUT,     /* block, then take the default routes away (R8). Idempotent */
    MUSTER_DO_RELEASE, /* undo it. Idempotent; never waits for storing */
    MUSTER_DO_TELL     /* what the owner should see has changed; ask muster_device_shown */
};

struct muster_action {
    enum muster_action_kind kind;
    uint8_t slot, authority, try;
};

#define MUSTER_ACTIONS_MAX (MUSTER_SLOTS + 8)
struct muster_actions {
    size_t n;
    struct muster_action list[MUSTER_ACTIONS_MAX];
};

enum muster_state { MUSTER_FREE, MUSTER_SAVING, MUSTER_QUARANTINED };

/* One question under way, to one authority about one signer. */
struct muster_question {
    bool used, answered;
    uint8_t authority, tries;
    uint8_t key[MUSTER_KEY_LEN];
    uint8_t nonce[MUSTER_NONCE_LEN];
    uint64_t asked_ms;
    uint64_t next_ms; /* the retry; 0 = none */
};

/* An advisory of this occasion that covers the build and waits for its signer to be vouched for,
 * or for inquiries. */
struct muster_pending {
    uint16_t len; /* 0 = free */
    bool notice_only;
    int8_t why; /* the last judgement: enum muster_error */
    uint8_t bytes[MUSTER_ADVISORY_MAX];
};

struct muster_occasion {
    bool active, recheck;
    uint8_t event; /* enum muster_event */
    uint8_t families, sent,
        padded; /* bits MUSTER_IPV4 | MUSTER_IPV6; packets so far in this round */
    /* What came: any reply; heard; heard or notice only; a fail; a record that names and covers;
     * a verdict. */
    bool replied, heard, soft, renewed, named, judged;
    bool retries_over;
    uint8_t nonce[2][MUSTER_NONCE_LEN];
    uint64_t next_ms; /* the next packet of the report; 0 = none */
    uint64_t last_packet_ms;
    uint64_t issued[MUSTER_AUTHORITIES]; /* newest `issued` verified in this occasion */
    struct muster_pending pending[MUSTER_SIGNERS];
    struct muster_question questions[MUSTER_INQUIRIES];
};

struct muster_network {
    uint8_t id[8];
    uint64_t reported_ms; /* 0 = never */
};

/* Counters for status; they wrap. Index: -error of muster_error. */
struct muster_device_counts {
    uint32_t replies, heard, more, cuts, releases, reports, inquiries;
    uint32_t ignored[MUSTER_ERRORS_N];
};

struct muster_device {
    struct muster_memory memory;
    struct muster_occasion occasion;
    enum muster_state state;
    bool emit;        /* as the firmware or the configuration says */
    bool silenced;    /* switched off by the owner at run time; saved */
    uint8_t families; /* up now */
    uint8_t aways;    /* rechecks in a row that did not renew */
    bool away_before_start;
    uint64_t away_ms;
    uint64_t report_at_s; /* R7: report when now reaches this; 0 = never */
    uint64_t due_ms[4];   /* by event; 0 = not due */
    uint64_t started_ms, stored_ms;
    uint64_t running_s; /* before this start */
    uint32_t starts;
    struct muster_network networks[MUSTER_NETWORKS];
    uint8_t network; /* index of the current one */
    struct muster_device_counts counts;
    muster_random_fn *random;
    void *random_ctx;
};

/* Sets a device up with nothing remembered. `fw` is copied. The random function must be a
 * CSPRNG. */
void muster_device_init(struct muster_device *d, const struct muster_firmware *fw, bool emit,
                        muster_random_fn *random, void *ctx);

/* Once, after init: with the saved state, or len 0 if there is none. was_off: nobody knows how
 * long the device was off, so the start counts as a day (R9); false if only the program was
 * restarted. Judges what was saved again: a fail that still stands comes back as CUT in
 * ret_actions, to be performed before any network is used; else RELEASE comes, for a block that
 * a dead agent may have left. MUSTER_OK, or MUSTER_E_CORRUPT: the state is damaged, the device
 * starts afresh (log it); ret_actions is valid either way. */
MUSTER_MUST_CHECK int muster_device_start(struct muster_device *d, const struct muster_now *now,
                                          const uint8_t *saved, size_t len, bool was_off,
                                          struct muster_actions *ret_actions);

/* The network `id` (the gateway's link address, or any 8 bytes that tell networks apart) is
 * attached, with these families. Call again when the families change; families 0 = detached. */
void muster_device_on_attach(struct muster_device *d, const struct muster_now *now,
                             const uint8_t id[8], unsigned families,
                             struct muster_actions *ret_actions);

/* A datagram on a slot's socket. Untrusted. */
void muster_device_on_datagram(struct muster_device *d, const struct muster_now *now, unsigned slot,
                               const uint8_t *bytes, size_t len,
                               struct muster_actions *ret_actions);

/* The same for a reply that another process has parsed already; everything in it is untrusted
 * too. */
void muster_device_on_reply(struct muster_device *d, const struct muster_now *now, unsigned slot,
                            const struct muster_reply *reply, struct muster_actions *ret_actions);

/* At muster_device_next_deadline, and whenever the clock was set. Calling it early does no harm. */
void muster_device_on_timer(struct muster_device *d, const struct muster_now *now,
                            struct muster_actions *ret_actions);

/* mono_ms at which on_timer is due; UINT64_MAX if never. */
uint64_t muster_device_next_deadline(struct muster_device *d, const struct muster_now *now);

/* The outcome of a STORE. */
void muster_device_on_stored(struct muster_device *d, const struct muster_now *now, bool ok,
                             struct muster_actions *ret_actions);

/* The datagram to send for a slot; its length, 0 if the slot has none. */
size_t muster_device_datagram(const struct muster_device *d, unsigned slot,
                              uint8_t ret_bytes[MUSTER_DATAGRAM_MAX]);

/* The state to save; its length, 0 if cap (MUSTER_STATE_MAX suffices) is too small. */
size_t muster_device_save(struct muster_device *d, const struct muster_now *now, uint8_t *ret_bytes,
                          size_t cap);

/* The owner's side (R11). */
/* Overrides all that is shown, for `for_s` seconds of running time or MUSTER_FOREVER (then for
 * any build). MUSTER_E_NOT_FOUND if nothing is shown, MUSTER_E_SPACE if eight overrides stand
 * already: tell the owner to take one back. */
MUSTER_MUST_CHECK int muster_device_override(struct muster_device *d, const struct muster_now *now,
                                             uint64_t for_s, struct muster_actions *ret_actions);
/* Takes all overrides back and reports. MUSTER_E_NOT_FOUND if there was none. */
MUSTER_MUST_CHECK int muster_device_override_off(struct muster_device *d,
                                                 const struct muster_now *now,
                                                 struct muster_actions *ret_actions);
void muster_device_report(struct muster_device *d, const struct muster_now *now,
                          struct muster_actions *ret_actions);
/* The owner's switch, remembered over restarts; what the configuration says stands beside it. */
void muster_device_set_emit(struct muster_device *d, const struct muster_now *now, bool emit,
                            struct muster_actions *ret_actions);
/* The device has begun or ceased to forward for others (R4 i): a fail in force turns into a notice
 * where it may no longer cut. */
void muster_device_set_forwards(struct muster_device *d, const struct muster_now *now,
                                bool forwards, struct muster_actions *ret_actions);
/* Forgets overrides and verdicts, emits again; keeps revocations and rollback memory. */
void muster_device_factory_reset(struct muster_device *d, const struct muster_now *now,
                                 struct muster_actions *ret_actions);

/* What the owner should be shown. Slices point into the device and die with the next call into
 * it. */
struct muster_shown {
    enum muster_verdict_level level;
    struct muster_slice id, fixed_in, url,
        signer_name; /* signer_name: as its authority calls it, or "" */
    enum muster_reason reason;
    uint64_t enforce_from, issued, expires; /* Unix seconds */
    uint64_t left_s;                        /* of the lease, in running time */
    const uint8_t *signer_key;
};
/* The i-th verdict in force, the naming one of the gravest first; false when there are no more. */
bool muster_device_shown(struct muster_device *d, const struct muster_now *now, size_t i,
                         struct muster_shown *ret_shown);
/* Seconds of running time until the last override ends; 0 = none, MUSTER_FOREVER. */
uint64_t muster_device_override_left(struct muster_device *d, const struct muster_now *now);
bool muster_device_is_quarantined(const struct muster_device *d);
/* Whether reports are on: configured so, and not switched off by the owner. */
bool muster_device_emits(const struct muster_device *d);
/* Unix seconds as the device reckons them (R9). */
uint64_t muster_device_time(struct muster_device *d, const struct muster_now *now);

#endif
