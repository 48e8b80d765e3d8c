/* SPDX-License-Identifier: ISC */
/* The owner's side (R11): what is shown, and the one step out. */
#include <string.h>

#include "device_call.h"

static unsigned gravity(const struct muster_signer *s)
{
    if (!s->used || s->verdict.level == MUSTER_FIT)
        return 0;
    return s->verdict.level == MUSTER_NOTICE ? 1 : 2;
}

/* The i-th signer with a verdict, fails first. */
static struct muster_signer *shown_signer(struct muster_device *d, size_t i)
{
    unsigned grave;
    size_t k;

    for (grave = 2; grave > 0; grave--)
        for (k = 0; k < MUSTER_SIGNERS; k++)
            if (gravity(&d->memory.signers[k]) == grave && i-- == 0)
                return &d->memory.signers[k];
    return NULL;
}

static struct muster_slice signer_name(const struct muster_signer *s)
{
    struct muster_slice name = {(const uint8_t *)"", 0}, raw;
    struct muster_record r;
    size_t a;

    for (a = 0; a < MUSTER_AUTHORITIES && name.len == 0; a++) {
        raw.bytes = s->standings[a].bytes;
        raw.len = s->standings[a].len;
        if (muster_record_parse(raw, &r) == MUSTER_OK && r.kind == MUSTER_STANDING)
            name = r.u.standing.name;
    }
    return name;
}

bool muster_device_shown(struct muster_device *d, const struct muster_now *now, size_t i,
                         struct muster_shown *ret_shown)
{
    struct call c = call_begin(d, now, NULL);
    struct muster_signer *s = shown_signer(d, i);
    const struct muster_defect *defect;
    struct muster_judgement j;
    struct muster_record r;

    if (s == NULL || !verdict_parse(s, &r))
        return false;
    muster_judge_defects(&d->memory, &r.u.advisory, false, &c.t, &j);
    if (j.level == MUSTER_FIT)
        return false;
    defect = &r.u.advisory.defects[j.defect];
    memset(ret_shown, 0, sizeof *ret_shown);
    ret_shown->level = (enum muster_verdict_level)s->verdict.level;
    ret_shown->id = defect->id;
    ret_shown->reason = muster_reason_read(defect->reason);
    ret_shown->fixed_in = defect->fixed_in;
    if (call_is_anchored(&c))
        ret_shown->url = defect->url; /* nobody vouches for it otherwise */
    ret_shown->enforce_from = defect->enforce_from;
    ret_shown->issued = r.u.advisory.issued;
    ret_shown->expires = r.u.advisory.expires;
    ret_shown->left_s =
        s->verdict.lease_end_s > c.t.aged_s ? s->verdict.lease_end_s - c.t.aged_s : 0;
    ret_shown->signer_key = s->key;
    ret_shown->signer_name = signer_name(s);
    return true;
}

/* A free place, or one bound to a build that no longer runs. */
static struct muster_override *place(struct muster_memory *m, const uint8_t build[8])
{
    size_t i;

    for (i = 0; i < MUSTER_OVERRIDES; i++)
        if (m->overrides[i].ids_n == 0)
            return &m->overrides[i];
    for (i = 0; i < MUSTER_OVERRIDES; i++)
        if (!m->overrides[i].any_build && memcmp(m->overrides[i].build, build, 8) != 0)
            return &m->overrides[i];
    return NULL;
}

/* Binds an override to every defect of this verdict that covers the build. */
static int override_verdict(struct call *c, const struct muster_signer *s, uint64_t for_s)
{
    struct muster_memory *m = &c->d->memory;
    struct muster_slice build = muster_identity_build(&m->fw.id);
    struct muster_override o, *to;
    struct muster_record r;
    size_t i;

    memset(&o, 0, sizeof o);
    if (!verdict_parse(s, &r))
        return MUSTER_E_NOT_FOUND;
    for (i = 0; i < r.u.advisory.defects_n; i++)
        if (muster_defect_covers(&r.u.advisory.defects[i], build, m->fw.id.number))
            muster_judge_short_hash(o.ids[o.ids_n++], r.u.advisory.defects[i].id);
    muster_judge_short_hash(o.build, build);
    o.forever = o.any_build = for_s == MUSTER_FOREVER;
    o.until_s = o.forever ? 0 : c->t.running_s + for_s;
    to = place(m, o.build);
    if (to == NULL)
        return MUSTER_E_SPACE;
    *to = o;
    return MUSTER_OK;
}

int muster_device_override(struct muster_device *d, const struct muster_now *now, uint64_t for_s,
                           struct muster_actions *ret_actions)
{
    struct call c = call_begin(d, now, ret_actions);
    int error = MUSTER_E_NOT_FOUND;
    size_t i;

    if (for_s != MUSTER_FOREVER && for_s > MUSTER_TIME_MAX)
        for_s = MUSTER_TIME_MAX;
    for (i = 0; i < MUSTER_SIGNERS; i++) {
        if (gravity(&d->memory.signers[i]) == 0)
            continue;
        error = override_verdict(&c, &d->memory.signers[i], for_s);
        if (error != MUSTER_OK)
            break;
    }
    verdict_review(&c);
    verdict_settle(&c);
    return error;
}

static bool forget_overrides(struct muster_device *d)
{
    bool any = false;
    size_t i;

    for (i = 0; i < MUSTER_OVERRIDES; i++)
        any = any || d->memory.overrides[i].ids_n > 0;
    memset(d->memory.overrides, 0, sizeof d->memory.overrides);
    return any;
}

int muster_device_override_off(struct muster_device *d, const struct muster_now *now,
                               struct muster_actions *ret_actions)
{
    struct call c = call_begin(d, now, ret_actions);

    if (!forget_overrides(d))
        return MUSTER_E_NOT_FOUND;
    d->due_ms[MUSTER_MANUAL] = now->mono_ms;
    call_do(&c, MUSTER_DO_STORE);
    call_do(&c, MUSTER_DO_TELL);
    return MUSTER_OK;
}

void muster_device_report(struct muster_device *d, const struct muster_now *now,
                          struct muster_actions *ret_actions)
{
    ret_actions->n = 0;
    d->due_ms[MUSTER_MANUAL] = now->mono_ms;
}

static void fall_silent(struct call *c)
{
    struct muster_device *d = c->d;

    memset(d->due_ms, 0, sizeof d->due_ms);
    memset(&d->occasion, 0, sizeof d->occasion);
    d->memory.budget.recheck = false;
    d->report_at_s = 0;
    verdict_delete_all(c);
    verdict_settle(c);
    call_do(c, MUSTER_DO_CLOSE);
}

void muster_device_set_emit(struct muster_device *d, const struct muster_now *now, bool emit,
                            struct muster_actions *ret_actions)
{
    struct call c = call_begin(d, now, ret_actions);

    if (d->silenced == !emit)
        return;
    d->silenced = !emit;
    if (emit)
        d->due_ms[MUSTER_MANUAL] = now->mono_ms;
    else
        fall_silent(&c);
    call_do(&c, MUSTER_DO_STORE);
    call_do(&c, MUSTER_DO_TELL);
}

void muster_device_set_forwards(struct muster_device *d, const struct muster_now *now,
                                bool forwards, struct muster_actions *ret_actions)
{
    struct call c = call_begin(d, now, ret_actions);

    d->memory.fw.forwards = forwards;
    verdict_review(&c);
    verdict_settle(&c);
}

void muster_device_factory_reset(struct muster_device *d, const struct muster_now *now,
                                 struct muster_actions *ret_actions)
{
    struct call c = call_begin(d, now, ret_actions);

    (void)forget_overrides(d);
    d->silenced = false;
    d->due_ms[MUSTER_MANUAL] = now->mono_ms;
    verdict_delete_all(&c);
    verdict_settle(&c);
    call_do(&c, MUSTER_DO_STORE);
}

uint64_t muster_device_override_left(struct muster_device *d, const struct muster_now *now)
{
    struct call c = call_begin(d, now, NULL);
    uint64_t most = 0;
    size_t i;

    for (i = 0; i < MUSTER_OVERRIDES; i++) {
        const struct muster_override *o = &d->memory.overrides[i];

        if (o->ids_n > 0 && o->forever)
            return MUSTER_FOREVER;
        if (o->ids_n > 0 && o->until_s > c.t.running_s && o->until_s - c.t.running_s > most)
            most = o->until_s - c.t.running_s;
    }
    return most;
}
