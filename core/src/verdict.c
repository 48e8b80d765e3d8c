/* SPDX-License-Identifier: ISC */
/* Verdicts and leases (R6): what a judgement changes, what ends by itself, and whether the
 * device is to be in quarantine. */
#include <string.h>

#include "device_call.h"

bool verdict_parse(const struct muster_signer *s, struct muster_record *ret_record)
{
    struct muster_slice raw = {s->verdict.bytes, s->verdict.len};

    return s->used && s->verdict.level != MUSTER_FIT &&
           muster_record_parse(raw, ret_record) == MUSTER_OK;
}

static void changed(struct call *c)
{
    call_do(c, MUSTER_DO_STORE);
    call_do(c, MUSTER_DO_TELL);
}

void verdict_delete(struct call *c, struct muster_signer *s)
{
    if (s->verdict.level == MUSTER_FIT)
        return;
    memset(&s->verdict, 0, sizeof s->verdict);
    changed(c);
}

void verdict_delete_all(struct call *c)
{
    size_t i;

    for (i = 0; i < MUSTER_SIGNERS; i++)
        verdict_delete(c, &c->d->memory.signers[i]);
}

void verdict_delete_notices(struct call *c)
{
    size_t i;

    for (i = 0; i < MUSTER_SIGNERS; i++)
        if (c->d->memory.signers[i].verdict.level == MUSTER_NOTICE)
            verdict_delete(c, &c->d->memory.signers[i]);
}

static void replace(struct muster_held_verdict *v, const struct muster_record *r)
{
    v->len = (uint16_t)r->raw.len;
    memmove(v->bytes, r->raw.bytes, r->raw.len);
}

/* Sets the verdict and renews its lease; stored and told only if it is not what it was. */
static void hold(struct call *c, struct muster_signer *s, const struct muster_record *r,
                 enum muster_verdict_level level)
{
    struct muster_held_verdict *v = &s->verdict;
    bool same = v->level == level && v->len == r->raw.len &&
                memcmp(v->bytes, r->raw.bytes, r->raw.len) == 0;

    v->level = (uint8_t)level;
    v->kept = false;
    v->lease_end_s = c->t.aged_s + LEASE_S;
    replace(v, r);
    if (!same)
        changed(c);
}

void verdict_accept(struct call *c, const struct muster_record *r)
{
    struct muster_signer *s = muster_memory_signer(&c->d->memory, r->key);

    if (s == NULL)
        return;
    s->last_use = ++c->d->memory.uses;
    if (s->newest_issued == r->u.advisory.issued)
        return;
    s->newest_issued = r->u.advisory.issued;
    muster_crypto_hash(s->newest_hash, r->raw.bytes, r->raw.len);
    call_do(c, MUSTER_DO_STORE); /* else a power cut would let the older one in again */
}

/* R7: a notice turns into a cut only through a fresh report, made a while after enforce-from. */
static void plan_report(struct call *c, uint64_t enforce_from)
{
    struct muster_device *d = c->d;

    if (enforce_from <= c->t.now_s ||
        (d->report_at_s != 0 && d->report_at_s < enforce_from + MUSTER_DAY_S))
        return;
    d->report_at_s = enforce_from + call_random(c, MUSTER_DAY_S);
}

/* A head-end's wish for notice only does not end a fail, it only fails to renew it; a newer word
 * of the signer that no longer enforces does. */
static void apply_notice(struct call *c, struct muster_signer *s, const struct muster_record *r,
                         bool notice_only, const struct muster_judgement *j)
{
    struct muster_judgement unflagged = *j;

    plan_report(c, r->u.advisory.defects[j->defect].enforce_from);
    if (notice_only && s->verdict.level >= MUSTER_FAIL)
        muster_judge_defects(&c->d->memory, &r->u.advisory, false, &c->t, &unflagged);
    if (unflagged.level == MUSTER_FAIL)
        replace(&s->verdict, r);
    else
        hold(c, s, r, MUSTER_NOTICE);
}

static void apply_covering(struct call *c, struct muster_signer *s, const struct muster_record *r,
                           bool notice_only, const struct muster_judgement *j)
{
    struct muster_occasion *o = &c->d->occasion;

    o->judged = true;
    if (j->level == MUSTER_FIT) {
        verdict_delete(c, s);
    } else if (j->level == MUSTER_NOTICE) {
        apply_notice(c, s, r, notice_only, j);
    } else {
        o->renewed = true;
        c->d->aways = 0;
        hold(c, s, r, MUSTER_FAIL);
    }
}

/* Without anchors there is one verdict, a notice, in the first place of the memory. */
static struct muster_signer *unanchored_place(struct call *c, const struct muster_record *r)
{
    struct muster_signer *s = &c->d->memory.signers[0];

    if (!s->used || memcmp(s->key, r->key, MUSTER_KEY_LEN) != 0) {
        memset(s, 0, sizeof *s);
        s->used = true;
        memcpy(s->key, r->key, MUSTER_KEY_LEN);
    }
    return s;
}

void verdict_apply(struct call *c, const struct muster_record *r, bool notice_only,
                   const struct muster_judgement *j)
{
    struct muster_signer *s =
        call_is_anchored(c) ? muster_memory_signer(&c->d->memory, r->key) : unanchored_place(c, r);
    struct muster_record held;

    if (s == NULL || !j->verified)
        return;
    if (j->accepted)
        verdict_accept(c, r);
    c->d->occasion.retries_over = true;
    if (j->covers)
        apply_covering(c, s, r, notice_only, j);
    else if (verdict_parse(s, &held) && r->u.advisory.issued > held.u.advisory.issued)
        verdict_delete(c, s);
}

enum end { STANDS, BY_TIME, AT_ONCE, SOFTENED };

static enum end how_it_ends(struct call *c, const struct muster_signer *s)
{
    struct muster_judgement j;
    struct muster_record r;
    uint64_t until;
    int error = MUSTER_OK;

    if (!verdict_parse(s, &r))
        return AT_ONCE;
    muster_judge_defects(&c->d->memory, &r.u.advisory, false, &c->t, &j);
    if (!j.covers || j.overridden)
        return AT_ONCE;
    if (call_is_anchored(c))
        error = muster_judge_vouched(&c->d->memory, s, r.u.advisory.issued, &c->t, &until);
    if (error == MUSTER_E_DISOWNED || error == MUSTER_E_FLOOR ||
        (error == MUSTER_E_STANDING && !muster_judge_would_be_vouched(&c->d->memory, s)))
        return AT_ONCE;
    if (s->verdict.level >= MUSTER_FAIL && !muster_judge_may_cut(&c->d->memory))
        return SOFTENED;
    if (c->t.aged_s >= s->verdict.lease_end_s)
        return BY_TIME;
    if (s->verdict.kept)
        return STANDS;
    return error != MUSTER_OK || c->t.now_s >= r.u.advisory.expires ? BY_TIME : STANDS;
}

/* Time is out: a fail lingers for a random while, then stays as a notice; a notice goes. */
static void run_out(struct call *c, struct muster_signer *s)
{
    struct muster_held_verdict *v = &s->verdict;

    if (v->level == MUSTER_NOTICE) {
        verdict_delete(c, s);
    } else if (v->level == MUSTER_FAIL) {
        v->level = MUSTER_ENDING;
        v->release_ms = c->now->mono_ms + call_random(c, HOUR_MS);
    } else if (c->now->mono_ms >= v->release_ms) {
        v->level = MUSTER_NOTICE;
        v->kept = true;
        v->lease_end_s = c->t.aged_s + LEASE_S;
        changed(c);
    }
}

/* The device may no longer be cut by it: it forwards for others now. */
static void soften(struct call *c, struct muster_signer *s)
{
    s->verdict.level = MUSTER_NOTICE;
    s->verdict.kept = false;
    changed(c);
}

void verdict_review(struct call *c)
{
    size_t i;

    for (i = 0; i < MUSTER_SIGNERS; i++) {
        struct muster_signer *s = &c->d->memory.signers[i];
        enum end end;

        if (!s->used || s->verdict.level == MUSTER_FIT)
            continue;
        end = how_it_ends(c, s);
        if (end == AT_ONCE)
            verdict_delete(c, s);
        else if (end == SOFTENED)
            soften(c, s);
        else if (end == BY_TIME || s->verdict.level == MUSTER_ENDING)
            run_out(c, s); /* only a new fail takes an ending back */
    }
}

bool verdict_any_fail(const struct muster_device *d)
{
    size_t i;

    for (i = 0; i < MUSTER_SIGNERS; i++)
        if (d->memory.signers[i].used && d->memory.signers[i].verdict.level >= MUSTER_FAIL)
            return true;
    return false;
}

void verdict_settle(struct call *c)
{
    struct muster_device *d = c->d;
    bool fail = verdict_any_fail(d);

    if (fail && d->state == MUSTER_FREE) {
        d->state = MUSTER_SAVING;
        call_do(c, MUSTER_DO_STORE);
    } else if (!fail && d->state == MUSTER_SAVING) {
        d->state = MUSTER_FREE;
    } else if (!fail && d->state == MUSTER_QUARANTINED) {
        d->state = MUSTER_FREE;
        d->aways = 0;
        d->due_ms[MUSTER_RECHECK] = 0;
        d->counts.releases++;
        call_do(c, MUSTER_DO_RELEASE);
        changed(c);
    }
}

/* mono_ms at which `left_s` more seconds have run. */
static uint64_t in(const struct call *c, uint64_t left_s)
{
    return c->now->mono_ms + left_s * 1000;
}

static uint64_t left(uint64_t end_s, uint64_t now_s)
{
    return end_s > now_s ? end_s - now_s : 0;
}

static uint64_t deadline_of(const struct call *c, const struct muster_signer *s)
{
    uint64_t at, until;
    struct muster_record r;

    if (s->verdict.level == MUSTER_ENDING)
        return s->verdict.release_ms;
    at = in(c, left(s->verdict.lease_end_s, c->t.aged_s));
    if (s->verdict.kept || !verdict_parse(s, &r))
        return at;
    if (in(c, left(r.u.advisory.expires, c->t.now_s)) < at)
        at = in(c, left(r.u.advisory.expires, c->t.now_s));
    if (call_is_anchored(c) &&
        muster_judge_vouched(&c->d->memory, s, r.u.advisory.issued, &c->t, &until) == MUSTER_OK &&
        in(c, left(until, c->t.now_s)) < at)
        at = in(c, left(until, c->t.now_s));
    return at;
}

uint64_t verdict_deadline(const struct call *c)
{
    uint64_t earliest = UINT64_MAX;
    size_t i;

    for (i = 0; i < MUSTER_SIGNERS; i++) {
        const struct muster_signer *s = &c->d->memory.signers[i];

        if (s->used && s->verdict.level != MUSTER_FIT && deadline_of(c, s) < earliest)
            earliest = deadline_of(c, s);
    }
    return earliest;
}
