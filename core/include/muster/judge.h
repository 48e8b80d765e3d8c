/* SPDX-License-Identifier: ISC */
/* The device's decision (R4, R5, R9, R10): what it remembers of signers and authorities, and the
 * pure judgement of one advisory against it. doc/protocol.md, "The judge", gives the same steps
 * by number. */
#ifndef MUSTER_JUDGE_H
#define MUSTER_JUDGE_H

#include <stdbool.h>

#include "muster/config.h"
#include "muster/message.h"
#include "muster/record.h"

#define MUSTER_FLOOR_STEP_S        (400 * MUSTER_DAY_S)
#define MUSTER_CHECKS_PER_HOUR     64
#define MUSTER_CHECKS_FOR_RECHECKS 16

/* An authority in the firmware. `next` is all zero if there is none. */
struct muster_anchor {
    uint8_t key[MUSTER_KEY_LEN];
    uint8_t next[MUSTER_KEY_LEN];
    bool has_service; /* answers inquiries somewhere; the caller knows the address */
};

/* What the firmware says of itself. Copied into the device. */
struct muster_identity {
    char vendor[MUSTER_NAME_MAX], model[MUSTER_NAME_MAX], build[MUSTER_BUILD_MAX];
    uint8_t vendor_len, model_len, build_len;
    uint64_t number;
};

struct muster_firmware {
    struct muster_identity id;
    uint8_t anchors_n;
    struct muster_anchor anchors[MUSTER_AUTHORITIES];
    uint8_t quorum;      /* 0 = the default: 2 with two or more authorities, else 1 */
    bool notice_only;    /* the firmware asks never to cut */
    bool forwards;       /* forwards for others or carries telephony: notice only ... */
    bool enforce_anyway; /* ... unless the firmware says so */
    uint64_t built_s;    /* Unix seconds; the first floor of time */
};

/* A standing as held: the record's bytes, and what was read from them. */
struct muster_held_standing {
    uint64_t issued, expires;
    uint64_t floor; /* the highest this authority ever set on this signer */
    uint8_t level;  /* enum muster_level */
    uint8_t rank;   /* 0 signed by the authority's current key, 1 by its next */
    bool speaks;    /* of our vendor */
    uint16_t len;   /* 0 = none held */
    uint8_t bytes[MUSTER_STANDING_MAX];
};

enum muster_verdict_level {
    MUSTER_FIT = 0,
    MUSTER_NOTICE = 1,
    MUSTER_FAIL = 2,
    MUSTER_ENDING = 3 /* a fail whose time is out; released at `release_ms` */
};

struct muster_held_verdict {
    uint8_t level; /* enum muster_verdict_level */
    uint16_t len;
    uint8_t bytes[MUSTER_ADVISORY_MAX]; /* the advisory's record */
    bool kept; /* a NOTICE that was a fail until its time ran out: only its lease ends it by time */
    uint64_t lease_end_s; /* on the aged running time */
    uint64_t release_ms;  /* ENDING: when */
};

/* All that is remembered of one signer. */
struct muster_signer {
    bool used;
    uint8_t key[MUSTER_KEY_LEN];
    uint64_t newest_issued; /* rollback memory; 0 = none accepted yet */
    uint8_t newest_hash[MUSTER_HASH_LEN];
    uint8_t answered;  /* bit per authority: it has answered an inquiry on this signer */
    uint32_t last_use; /* greater = more recent, for eviction */
    struct muster_held_standing standings[MUSTER_AUTHORITIES];
    struct muster_held_verdict verdict;
};

/* An override: the ids shown and the build, by hash. */
struct muster_override {
    uint8_t ids_n; /* 0 = free */
    bool any_build;
    bool forever;
    uint8_t ids[MUSTER_DEFECTS_MAX][8];
    uint8_t build[8];
    uint64_t until_s; /* on the honest running time */
};

/* R10. Windows of one hour of running time. */
struct muster_budget {
    uint64_t window_s;
    uint8_t used;
    bool recheck;   /* the occasion under way is a recheck */
    bool unlimited; /* judging the saved state at start */
};

struct muster_memory {
    struct muster_firmware fw;
    struct muster_signer signers[MUSTER_SIGNERS];
    struct muster_override overrides[MUSTER_OVERRIDES];
    uint8_t retired; /* bit per authority: its current key is retired for good */
    uint32_t uses;
    struct muster_budget budget;
    /* Time (R9). */
    uint64_t floor_s;                       /* the floor ... */
    uint64_t floor_aged_s, floor_running_s; /* ... and both times at which it last rose */
};

/* What the judge is told of time. */
struct muster_judge_time {
    uint64_t now_s; /* raised to the floor of time */
    bool synced;
    uint64_t clock_s;
    uint64_t running_s, aged_s;
};

struct muster_judgement {
    enum muster_verdict_level level; /* FIT, NOTICE or FAIL */
    int why;                         /* MUSTER_OK, or the first condition that did not hold */
    uint8_t defect;                  /* the one that names the verdict; valid if level is not FIT */
    bool named;                      /* it names this vendor and model */
    bool covers;                     /* and a range covers the build */
    bool verified;                   /* its signature verified */
    bool accepted;                   /* R4 d, e, f, g passed: it moves the rollback memory */
    bool overridden;                 /* covers, but the owner has overridden all that covers */
};

uint8_t muster_memory_quorum(const struct muster_memory *m);
struct muster_signer *muster_memory_signer(struct muster_memory *m, const uint8_t key[32]);

/* Index of the authority with this anchor key and the key's rank, or -1. For new words a retired
 * key is none; muster_memory_anchor knows it still, for what was held before. */
int muster_memory_anchor(const struct muster_memory *m, const uint8_t key[32], int *ret_rank);
int muster_memory_authority(const struct muster_memory *m, const uint8_t key[32], int *ret_rank);

/* Proves one standing's origin: an anchor's key, not older than what is held, one signature
 * check (none if the same bytes are held). MUSTER_OK with the authority and its key's rank; else
 * why not: ignore, count. */
MUSTER_MUST_CHECK int muster_judge_standing(struct muster_memory *m,
                                            const struct muster_record *record,
                                            const struct muster_judge_time *t, int *ret_authority,
                                            int *ret_rank);

/* Takes a proven standing into memory (R5), making room for its signer if need be. MUSTER_OK if
 * it is now held, *ret_news telling whether it was not before; MUSTER_E_FUTURE, _ROLLBACK,
 * _SPACE: it was not taken. */
MUSTER_MUST_CHECK int muster_judge_take(struct muster_memory *m, const struct muster_record *record,
                                        int authority, int rank, const struct muster_judge_time *t,
                                        bool *ret_news);

/* Sets the floor of time from the authorities' newest `issued` (R9). True if it moved. It may
 * pull `now` back where that ran ahead of the standings (each start counts as a day), but never
 * by more than a standing's life behind what certainly ran. */
bool muster_judge_raise_floor(struct muster_memory *m, const uint64_t issued[MUSTER_AUTHORITIES],
                              const struct muster_judge_time *t);
/* now = max(clock, floor + what ran since). */
uint64_t muster_judge_now(const struct muster_memory *m, uint64_t clock_s, uint64_t aged_s);

/* MUSTER_OK if at least quorum vouch, else MUSTER_E_STANDING, _DISOWNED, _FLOOR. ret_until: when
 * that ends by itself (Unix seconds). */
MUSTER_MUST_CHECK int muster_judge_vouched(const struct muster_memory *m,
                                           const struct muster_signer *signer, uint64_t issued,
                                           const struct muster_judge_time *t, uint64_t *ret_until);

/* Whether quorum would vouch if no standing ever expired: what is missing is only time. */
bool muster_judge_would_be_vouched(const struct muster_memory *m,
                                   const struct muster_signer *signer);

/* Judges one advisory (R4). Changes nothing but the signature budget. Stack < 2 KiB. */
void muster_judge(struct muster_memory *m, const struct muster_record *advisory,
                  bool notice_only_flag, const struct muster_judge_time *t,
                  struct muster_judgement *ret_judgement);

/* The cheap part of it: R4 b, c, e and f, no signature, no standing. MUSTER_OK: worth asking its
 * authorities about. */
MUSTER_MUST_CHECK int muster_judge_screen(struct muster_memory *m,
                                          const struct muster_record *advisory,
                                          const struct muster_judge_time *t);

/* What remains to be said of a held advisory without checking its signature again: coverage,
 * overrides, h, i. */
void muster_judge_defects(const struct muster_memory *m, const struct muster_advisory *advisory,
                          bool notice_only_flag, const struct muster_judge_time *t,
                          struct muster_judgement *io_judgement);

/* Takes one signature check from the budget (R10); false if none is left. */
bool muster_budget_take(struct muster_budget *b, uint64_t running_s);

/* Whether this device may be cut at all, as its firmware and its work for others are (R4 i). */
bool muster_judge_may_cut(const struct muster_memory *m);

/* Whether the owner has overridden a defect with this id for this build. */
bool muster_judge_is_overridden(const struct muster_memory *m, struct muster_slice id,
                                uint64_t running_s);
/* The short hash by which overrides know ids and builds. */
void muster_judge_short_hash(uint8_t ret_hash[8], struct muster_slice text);

struct muster_slice muster_identity_vendor(const struct muster_identity *id);
struct muster_slice muster_identity_model(const struct muster_identity *id);
struct muster_slice muster_identity_build(const struct muster_identity *id);
/* Fills the identity; MUSTER_E_LIMIT if a text breaks the protocol's grammar: refuse to start. */
MUSTER_MUST_CHECK int muster_identity_set(struct muster_identity *ret_id, const char *vendor,
                                          const char *model, const char *build, uint64_t number);

#endif
