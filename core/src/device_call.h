/* SPDX-License-Identifier: ISC */
/* What one call into the device carries around: the device, the time, the actions. Internal to
 * the core. */
#ifndef MUSTER_DEVICE_CALL_H
#define MUSTER_DEVICE_CALL_H

#include "muster/device.h"

#define HOUR_MS          UINT64_C(3600000)
#define LISTEN_MS        UINT64_C(30000)
#define INQUIRY_WAIT_MS  UINT64_C(3000)
#define ATTACH_JITTER_MS UINT64_C(30000)
#define ATTACH_GAP_MS    UINT64_C(600000)
#define AWAY_GAP_MS      UINT64_C(600000)
#define PERIODIC_MS      (30 * MUSTER_DAY_S * 1000)
#define LEASE_S          (7 * MUSTER_DAY_S)

struct call {
    struct muster_device *d;
    const struct muster_now *now;
    struct muster_actions *actions;
    struct muster_judge_time t;
};

/* Empties the actions and reckons the time. */
struct call call_begin(struct muster_device *d, const struct muster_now *now,
                       struct muster_actions *actions);
/* Reckons the time again after the floor has moved. */
void call_reckon(struct call *c);
/* Puts an action, at most once; CUT and RELEASE go before all others, so that nothing slow
 * delays them. */
void call_do(struct call *c, enum muster_action_kind kind);
void call_send(struct call *c, unsigned slot, unsigned authority, unsigned try);
/* Uniform in [0, below); 0 if below is 0. */
uint64_t call_random(struct call *c, uint64_t below);
/* ms plus or minus a tenth. */
uint64_t call_jitter(struct call *c, uint64_t ms);
bool call_is_anchored(const struct call *c);

/* occasion.c */
void occasion_begin(struct call *c, enum muster_event event);
void occasion_reply(struct call *c, unsigned slot, const struct muster_reply *reply);
void occasion_timer(struct call *c);
/* Settles what it said and closes its sockets; nothing if none is under way. */
void occasion_end(struct call *c);
uint64_t occasion_deadline(const struct muster_device *d, uint64_t mono_ms);

/* verdict.c */
/* Applies the judgement of a record that arrived. */
void verdict_apply(struct call *c, const struct muster_record *r, bool notice_only,
                   const struct muster_judgement *j);
/* Ends what time, standings, the build or the owner have ended. */
void verdict_review(struct call *c);
/* Brings the quarantine in line with the verdicts. */
void verdict_settle(struct call *c);
void verdict_delete(struct call *c, struct muster_signer *s);
void verdict_delete_all(struct call *c);
void verdict_delete_notices(struct call *c);
uint64_t verdict_deadline(const struct call *c);
bool verdict_any_fail(const struct muster_device *d);
bool verdict_parse(const struct muster_signer *s, struct muster_record *ret_record);
/* Remembers an accepted advisory as the newest of its signer (R4 f). */
void verdict_accept(struct call *c, const struct muster_record *r);

/* saved.c */
/* Reads the state back and proves what is in it; MUSTER_E_CORRUPT leaves the device as if
 * nothing had been saved. */
int saved_load(struct call *c, const uint8_t *bytes, size_t len, bool was_off);

#endif
