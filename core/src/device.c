/* SPDX-License-Identifier: ISC */
/* The device's calls: the time reckoned, the event handed on, the actions collected. The table
 * of states stands in muster/device.h. */
#include "muster/device.h"

#include <string.h>

#include "device_call.h"

void call_reckon(struct call *c)
{
    const struct muster_device *d = c->d;

    c->t.synced = c->now->synced;
    c->t.clock_s = c->now->clock_s <= MUSTER_TIME_MAX ? c->now->clock_s : 0;
    c->t.running_s = d->running_s + (c->now->mono_ms - d->started_ms) / 1000;
    c->t.aged_s = c->t.running_s + d->starts * MUSTER_DAY_S;
    c->t.now_s = muster_judge_now(&d->memory, c->t.clock_s, c->t.aged_s);
}

struct call call_begin(struct muster_device *d, const struct muster_now *now,
                       struct muster_actions *actions)
{
    struct call c;

    memset(&c, 0, sizeof c);
    c.d = d;
    c.now = now;
    c.actions = actions;
    if (actions != NULL)
        actions->n = 0;
    call_reckon(&c);
    return c;
}

static void put(struct call *c, struct muster_action action)
{
    if (c->actions->n < MUSTER_ACTIONS_MAX)
        c->actions->list[c->actions->n++] = action;
}

void call_do(struct call *c, enum muster_action_kind kind)
{
    struct muster_action action = {kind, 0, 0, 0};
    size_t i;

    for (i = 0; i < c->actions->n; i++)
        if (c->actions->list[i].kind == kind)
            return;
    put(c, action);
    if (kind == MUSTER_DO_CUT || kind == MUSTER_DO_RELEASE) {
        for (i = c->actions->n - 1; i > 0; i--)
            c->actions->list[i] = c->actions->list[i - 1];
        c->actions->list[0] = action;
    }
}

bool muster_device_emits(const struct muster_device *d)
{
    return d->emit && !d->silenced;
}

void call_send(struct call *c, unsigned slot, unsigned authority, unsigned try)
{
    struct muster_action action = {MUSTER_DO_SEND, (uint8_t)slot, (uint8_t)authority, (uint8_t)try};

    put(c, action);
}

/* The bias of the modulus is below 2^-24 for every range used here, and only jitter hangs on it. */
uint64_t call_random(struct call *c, uint64_t below)
{
    uint8_t bytes[8];
    uint64_t value = 0;
    size_t i;

    c->d->random(c->d->random_ctx, bytes, sizeof bytes);
    for (i = 0; i < sizeof bytes; i++)
        value = value << 8 | bytes[i];
    return below == 0 ? 0 : value % below;
}

uint64_t call_jitter(struct call *c, uint64_t ms)
{
    return ms - ms / 10 + call_random(c, ms / 5 + 1);
}

bool call_is_anchored(const struct call *c)
{
    return c->d->memory.fw.anchors_n > 0;
}

void muster_device_init(struct muster_device *d, const struct muster_firmware *fw, bool emit,
                        muster_random_fn *random, void *ctx)
{
    memset(d, 0, sizeof *d);
    d->memory.fw = *fw;
    d->memory.floor_s = fw->built_s;
    d->emit = emit;
    d->random = random;
    d->random_ctx = ctx;
}

/* A fail that still stands goes on, and only that: nothing saved can start a quarantine (R7). */
static void go_on(struct call *c)
{
    struct muster_device *d = c->d;

    verdict_review(c);
    d->away_before_start = d->aways > 0;
    if (verdict_any_fail(d)) {
        d->state = MUSTER_QUARANTINED;
        d->due_ms[MUSTER_RECHECK] = c->now->mono_ms + call_jitter(c, HOUR_MS);
        call_do(c, MUSTER_DO_CUT);
    } else {
        d->aways = 0;
        call_do(c, MUSTER_DO_RELEASE);
    }
}

int muster_device_start(struct muster_device *d, const struct muster_now *now, const uint8_t *saved,
                        size_t len, bool was_off, struct muster_actions *ret_actions)
{
    struct call c;
    int error = MUSTER_OK;

    d->started_ms = d->stored_ms = now->mono_ms;
    c = call_begin(d, now, ret_actions);
    if (len > 0)
        error = saved_load(&c, saved, len, was_off);
    if (!muster_device_emits(d))
        verdict_delete_all(&c);
    go_on(&c);
    d->due_ms[MUSTER_PERIODIC] = now->mono_ms + call_jitter(&c, PERIODIC_MS);
    call_do(&c, MUSTER_DO_STORE);
    call_do(&c, MUSTER_DO_TELL);
    return error;
}

/* The place of this network in memory: its own, or the one unused for longest. */
static uint8_t network_place(struct muster_device *d, const uint8_t id[8])
{
    uint8_t i, oldest = 0;

    for (i = 0; i < MUSTER_NETWORKS; i++) {
        if (d->networks[i].reported_ms != 0 && memcmp(d->networks[i].id, id, 8) == 0)
            return i;
        if (d->networks[i].reported_ms < d->networks[oldest].reported_ms)
            oldest = i;
    }
    memcpy(d->networks[oldest].id, id, 8);
    d->networks[oldest].reported_ms = 0;
    return oldest;
}

static void plan_attach(struct call *c, const uint8_t id[8])
{
    struct muster_device *d = c->d;
    uint64_t earliest, reported;

    /* what fell due without a network is this report */
    if (d->due_ms[MUSTER_PERIODIC] < c->now->mono_ms)
        d->due_ms[MUSTER_PERIODIC] = 0;
    if (d->due_ms[MUSTER_RECHECK] < c->now->mono_ms)
        d->due_ms[MUSTER_RECHECK] = 0;
    d->network = network_place(d, id);
    reported = d->networks[d->network].reported_ms;
    earliest = reported == 0 ? 0 : reported + ATTACH_GAP_MS;
    d->due_ms[MUSTER_ATTACH] = c->now->mono_ms + call_random(c, ATTACH_JITTER_MS);
    if (d->due_ms[MUSTER_ATTACH] < earliest)
        d->due_ms[MUSTER_ATTACH] = earliest;
}

static enum muster_event due_event(const struct muster_device *d, uint64_t mono_ms, bool *ret_any)
{
    static const enum muster_event order[] = {MUSTER_MANUAL, MUSTER_ATTACH, MUSTER_RECHECK,
                                              MUSTER_PERIODIC};
    size_t i;

    for (i = 0; i < sizeof order / sizeof *order; i++)
        if (d->due_ms[order[i]] != 0 && mono_ms >= d->due_ms[order[i]]) {
            *ret_any = true;
            return order[i];
        }
    *ret_any = false;
    return MUSTER_MANUAL;
}

static void plan_next(struct call *c)
{
    struct muster_device *d = c->d;

    d->due_ms[MUSTER_PERIODIC] = c->now->mono_ms + call_jitter(c, PERIODIC_MS);
    if (d->state == MUSTER_QUARANTINED)
        d->due_ms[MUSTER_RECHECK] = c->now->mono_ms + call_jitter(c, HOUR_MS);
}

static void begin_if_due(struct call *c)
{
    struct muster_device *d = c->d;
    bool any;
    enum muster_event event = due_event(d, c->now->mono_ms, &any);

    if (!any || !muster_device_emits(d) || d->families == 0 || d->occasion.active)
        return;
    if (d->due_ms[MUSTER_ATTACH] != 0 && event <= MUSTER_ATTACH)
        d->networks[d->network].reported_ms = c->now->mono_ms;
    d->due_ms[event] = 0;
    plan_next(c);
    occasion_begin(c, event);
}

void muster_device_on_attach(struct muster_device *d, const struct muster_now *now,
                             const uint8_t id[8], unsigned families,
                             struct muster_actions *ret_actions)
{
    struct call c = call_begin(d, now, ret_actions);
    bool same = d->families != 0 && memcmp(d->networks[d->network].id, id, 8) == 0;

    d->families = (uint8_t)(families & (MUSTER_IPV4 | MUSTER_IPV6));
    if (!same || d->families == 0)
        occasion_end(&c); /* nothing of it goes on in another network */
    if (d->families == 0 || !muster_device_emits(d))
        return;
    if (!same)
        plan_attach(&c, id);
    begin_if_due(&c);
}

void muster_device_on_reply(struct muster_device *d, const struct muster_now *now, unsigned slot,
                            const struct muster_reply *reply, struct muster_actions *ret_actions)
{
    struct call c = call_begin(d, now, ret_actions);

    occasion_reply(&c, slot, reply);
}

void muster_device_on_datagram(struct muster_device *d, const struct muster_now *now, unsigned slot,
                               const uint8_t *bytes, size_t len, struct muster_actions *ret_actions)
{
    struct muster_reply reply;
    int error = muster_reply_parse(bytes, len, &reply);

    ret_actions->n = 0;
    if (error == MUSTER_OK)
        muster_device_on_reply(d, now, slot, &reply, ret_actions);
    else
        d->counts.ignored[-error]++;
}

/* Overrides whose time is over go, and the device reports within a day (R7). */
static void end_overrides(struct call *c)
{
    size_t i;

    for (i = 0; i < MUSTER_OVERRIDES; i++) {
        struct muster_override *o = &c->d->memory.overrides[i];

        if (o->ids_n == 0 || o->forever || c->t.running_s < o->until_s)
            continue;
        memset(o, 0, sizeof *o);
        c->d->due_ms[MUSTER_PERIODIC] = c->now->mono_ms + call_random(c, MUSTER_DAY_S * 1000);
        call_do(c, MUSTER_DO_STORE);
        call_do(c, MUSTER_DO_TELL);
    }
}

void muster_device_on_timer(struct muster_device *d, const struct muster_now *now,
                            struct muster_actions *ret_actions)
{
    struct call c = call_begin(d, now, ret_actions);

    end_overrides(&c);
    if (d->report_at_s != 0 && c.t.now_s >= d->report_at_s) {
        d->report_at_s = 0;
        d->due_ms[MUSTER_PERIODIC] = now->mono_ms;
    }
    occasion_timer(&c);
    verdict_review(&c);
    verdict_settle(&c);
    begin_if_due(&c);
    if (now->mono_ms >= d->stored_ms + HOUR_MS)
        call_do(&c, MUSTER_DO_STORE);
}

static uint64_t override_deadline(const struct call *c)
{
    uint64_t at = UINT64_MAX;
    size_t i;

    for (i = 0; i < MUSTER_OVERRIDES; i++) {
        const struct muster_override *o = &c->d->memory.overrides[i];
        uint64_t end;

        if (o->ids_n == 0 || o->forever)
            continue;
        end = c->now->mono_ms +
              (o->until_s > c->t.running_s ? o->until_s - c->t.running_s : 0) * 1000;
        if (end < at)
            at = end;
    }
    return at;
}

uint64_t muster_device_next_deadline(struct muster_device *d, const struct muster_now *now)
{
    struct call c = call_begin(d, now, NULL);
    uint64_t at = d->stored_ms + HOUR_MS, other;
    size_t i;

    for (i = 0; i < sizeof d->due_ms / sizeof *d->due_ms; i++)
        if (d->due_ms[i] != 0 && d->due_ms[i] < at && muster_device_emits(d) && d->families != 0 &&
            !d->occasion.active)
            at = d->due_ms[i];
    if ((other = occasion_deadline(d, now->mono_ms)) < at)
        at = other;
    if ((other = verdict_deadline(&c)) < at)
        at = other;
    if ((other = override_deadline(&c)) < at)
        at = other;
    if (d->report_at_s != 0 && d->report_at_s > c.t.now_s &&
        (other = now->mono_ms + (d->report_at_s - c.t.now_s) * 1000) < at)
        at = other;
    return at;
}

static void not_saved(struct call *c)
{
    size_t i;

    for (i = 0; i < MUSTER_SIGNERS; i++)
        if (c->d->memory.signers[i].verdict.level >= MUSTER_FAIL)
            c->d->memory.signers[i].verdict.level = MUSTER_NOTICE;
    c->d->state = MUSTER_FREE;
    call_do(c, MUSTER_DO_TELL);
}

void muster_device_on_stored(struct muster_device *d, const struct muster_now *now, bool ok,
                             struct muster_actions *ret_actions)
{
    struct call c = call_begin(d, now, ret_actions);

    d->stored_ms = now->mono_ms;
    if (d->state != MUSTER_SAVING)
        return;
    if (!ok) {
        not_saved(&c);
        return;
    }
    d->state = MUSTER_QUARANTINED;
    d->aways = 0;
    d->counts.cuts++;
    d->due_ms[MUSTER_RECHECK] = now->mono_ms + call_jitter(&c, HOUR_MS);
    call_do(&c, MUSTER_DO_CUT);
    call_do(&c, MUSTER_DO_TELL);
}

size_t muster_device_datagram(const struct muster_device *d, unsigned slot,
                              uint8_t ret_bytes[MUSTER_DATAGRAM_MAX])
{
    const struct muster_occasion *o = &d->occasion;
    const struct muster_identity *id = &d->memory.fw.id;
    struct muster_inquiry inquiry;
    struct muster_report report;

    if (!o->active || slot >= MUSTER_SLOTS)
        return 0;
    if (slot >= MUSTER_SLOT_INQUIRY) {
        inquiry.nonce = o->questions[slot - MUSTER_SLOT_INQUIRY].nonce;
        inquiry.key = o->questions[slot - MUSTER_SLOT_INQUIRY].key;
        return o->questions[slot - MUSTER_SLOT_INQUIRY].used
                   ? muster_inquiry_write(&inquiry, ret_bytes, MUSTER_DATAGRAM_MAX)
                   : 0;
    }
    memset(&report, 0, sizeof report);
    report.nonce = o->nonce[slot];
    report.event = (enum muster_event)o->event;
    report.vendor = muster_identity_vendor(id);
    report.model = muster_identity_model(id);
    report.build = muster_identity_build(id);
    report.number = id->number;
    return muster_report_write(&report,
                               o->padded & (slot == MUSTER_SLOT_IPV6 ? MUSTER_IPV6 : MUSTER_IPV4),
                               ret_bytes, MUSTER_DATAGRAM_MAX);
}

uint64_t muster_device_time(struct muster_device *d, const struct muster_now *now)
{
    return call_begin(d, now, NULL).t.now_s;
}

bool muster_device_is_quarantined(const struct muster_device *d)
{
    return d->state == MUSTER_QUARANTINED;
}
