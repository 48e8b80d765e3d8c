/* SPDX-License-Identifier: ISC */
/* The saved state (R7): one array of plain values and signed records, with a hash behind it so
 * that a torn file is known as one. What is read back is proven again, signatures included,
 * before it counts. Only this file knows the layout. */
#include <string.h>

#include "device_call.h"

/* An array of 13: the text "muster state", version 1, ... */
static const uint8_t saved_open[] = {0x8d, 0x6c, 'm', 'u', 's', 't', 'e', 'r',
                                     ' ',  's',  't', 'a', 't', 'e', 0x01};

static void put_bool(struct muster_cbor_out *o, bool b)
{
    muster_cbor_put_uint(o, b ? 1 : 0);
}

static bool get_bool(struct muster_cbor *c)
{
    return muster_cbor_uint(c, 1) == 1;
}

static void put_standings(struct muster_cbor_out *o, const struct muster_signer *s)
{
    size_t a, n = 0;

    for (a = 0; a < MUSTER_AUTHORITIES; a++)
        n += s->standings[a].len > 0;
    muster_cbor_put_array(o, n);
    for (a = 0; a < MUSTER_AUTHORITIES; a++) {
        const struct muster_held_standing *h = &s->standings[a];

        if (h->len == 0)
            continue;
        muster_cbor_put_array(o, 2);
        muster_cbor_put_uint(o, h->floor);
        muster_cbor_put_bytes(o, h->bytes, h->len);
    }
}

/* [key, newest issued, its hash, standings, level, kept, lease end, advisory] */
static void put_signer(struct muster_cbor_out *o, const struct muster_signer *s)
{
    const struct muster_held_verdict *v = &s->verdict;

    muster_cbor_put_array(o, 8);
    muster_cbor_put_bytes(o, s->key, sizeof s->key);
    muster_cbor_put_uint(o, s->newest_issued);
    muster_cbor_put_bytes(o, s->newest_hash, sizeof s->newest_hash);
    put_standings(o, s);
    muster_cbor_put_uint(o, v->level == MUSTER_ENDING ? MUSTER_FAIL : v->level);
    put_bool(o, v->kept);
    muster_cbor_put_uint(o, v->lease_end_s);
    muster_cbor_put_bytes(o, v->bytes, v->len);
}

static void put_signers(struct muster_cbor_out *o, const struct muster_memory *m)
{
    size_t i, n = 0;

    for (i = 0; i < MUSTER_SIGNERS; i++)
        n += m->signers[i].used;
    muster_cbor_put_array(o, n);
    for (i = 0; i < MUSTER_SIGNERS; i++)
        if (m->signers[i].used)
            put_signer(o, &m->signers[i]);
}

/* [any build, forever, until, build, ids] */
static void put_overrides(struct muster_cbor_out *o, const struct muster_memory *m)
{
    size_t i, k, n = 0;

    for (i = 0; i < MUSTER_OVERRIDES; i++)
        n += m->overrides[i].ids_n > 0;
    muster_cbor_put_array(o, n);
    for (i = 0; i < MUSTER_OVERRIDES; i++) {
        const struct muster_override *v = &m->overrides[i];

        if (v->ids_n == 0)
            continue;
        muster_cbor_put_array(o, 5);
        put_bool(o, v->any_build);
        put_bool(o, v->forever);
        muster_cbor_put_uint(o, v->until_s);
        muster_cbor_put_bytes(o, v->build, sizeof v->build);
        muster_cbor_put_array(o, v->ids_n);
        for (k = 0; k < v->ids_n; k++)
            muster_cbor_put_bytes(o, v->ids[k], sizeof v->ids[k]);
    }
}

static void put_retired(struct muster_cbor_out *o, const struct muster_memory *m)
{
    size_t a, n = 0;

    for (a = 0; a < m->fw.anchors_n; a++)
        n += (m->retired >> a) & 1u;
    muster_cbor_put_array(o, n);
    for (a = 0; a < m->fw.anchors_n; a++)
        if (m->retired & 1u << a)
            muster_cbor_put_bytes(o, m->fw.anchors[a].key, MUSTER_KEY_LEN);
}

size_t muster_device_save(struct muster_device *d, const struct muster_now *now, uint8_t *ret_bytes,
                          size_t cap)
{
    struct call c = call_begin(d, now, NULL);
    const struct muster_memory *m = &d->memory;
    uint8_t hash[MUSTER_HASH_LEN];
    struct muster_cbor_out o;

    muster_cbor_out_init(&o, ret_bytes, cap);
    muster_cbor_put_raw(&o, saved_open, sizeof saved_open);
    muster_cbor_put_uint(&o, c.t.running_s);
    muster_cbor_put_uint(&o, d->starts);
    muster_cbor_put_uint(&o, m->floor_s);
    muster_cbor_put_uint(&o, m->floor_aged_s);
    muster_cbor_put_uint(&o, m->floor_running_s);
    put_bool(&o, d->silenced);
    muster_cbor_put_uint(&o, d->aways);
    muster_cbor_put_uint(&o, d->report_at_s);
    put_retired(&o, m);
    put_overrides(&o, m);
    put_signers(&o, m);
    muster_crypto_hash(hash, ret_bytes, o.len);
    muster_cbor_put_raw(&o, hash, sizeof hash);
    return o.error == MUSTER_OK ? o.len : 0;
}

static void get_retired(struct muster_cbor *c, struct muster_memory *m)
{
    size_t n = muster_cbor_array(c, 0, MUSTER_AUTHORITIES), a;

    for (; n > 0 && c->error == MUSTER_OK; n--) {
        struct muster_slice key = muster_cbor_bytes(c, MUSTER_KEY_LEN, MUSTER_KEY_LEN);

        for (a = 0; key.len > 0 && a < m->fw.anchors_n; a++)
            if (memcmp(m->fw.anchors[a].key, key.bytes, MUSTER_KEY_LEN) == 0)
                m->retired |= (uint8_t)(1u << a);
    }
}

static void get_fixed(struct muster_cbor *c, uint8_t *ret, size_t len)
{
    struct muster_slice s = muster_cbor_bytes(c, len, len);

    if (s.len == len)
        memcpy(ret, s.bytes, len);
}

static void get_overrides(struct muster_cbor *c, struct muster_memory *m)
{
    size_t n = muster_cbor_array(c, 0, MUSTER_OVERRIDES), i, k;

    for (i = 0; i < n && c->error == MUSTER_OK; i++) {
        struct muster_override *v = &m->overrides[i];

        muster_cbor_array(c, 5, 5);
        v->any_build = get_bool(c);
        v->forever = get_bool(c);
        v->until_s = muster_cbor_uint(c, 2 * MUSTER_TIME_MAX);
        get_fixed(c, v->build, sizeof v->build);
        v->ids_n = (uint8_t)muster_cbor_array(c, 1, MUSTER_DEFECTS_MAX);
        for (k = 0; k < v->ids_n; k++)
            get_fixed(c, v->ids[k], sizeof v->ids[k]);
    }
}

/* What came from a key that the firmware no longer has is forgotten here (R5). */
static void restore_standing(struct muster_memory *m, struct muster_signer *s,
                             struct muster_slice raw, uint64_t floor)
{
    struct muster_held_standing *h;
    struct muster_record r;
    int authority, rank;

    if (muster_record_parse(raw, &r) != MUSTER_OK || r.kind != MUSTER_STANDING ||
        memcmp(r.u.standing.key, s->key, MUSTER_KEY_LEN) != 0)
        return;
    authority = muster_memory_anchor(m, r.key, &rank);
    if (authority < 0 || muster_record_verify(&r) != MUSTER_OK)
        return;
    h = &s->standings[authority];
    h->issued = r.u.standing.issued;
    h->expires = r.u.standing.expires;
    h->floor = floor > r.u.standing.floor ? floor : r.u.standing.floor;
    h->level = (uint8_t)r.u.standing.level;
    h->rank = (uint8_t)rank;
    h->speaks =
        muster_standing_speaks_of(&r.u.standing, muster_identity_vendor(&m->fw.id)) ? true : false;
    h->len = (uint16_t)raw.len;
    memcpy(h->bytes, raw.bytes, raw.len);
}

/* A saved verdict counts only if it is still about this model and its signature holds. */
static void restore_verdict(struct call *c, struct muster_signer *s, struct muster_slice raw,
                            enum muster_verdict_level level, bool kept, uint64_t lease_end_s)
{
    const struct muster_identity *id = &c->d->memory.fw.id;
    struct muster_judgement j;
    struct muster_record r;

    if (level == MUSTER_FIT || muster_record_parse(raw, &r) != MUSTER_OK ||
        r.kind != MUSTER_ADVISORY || memcmp(r.key, s->key, MUSTER_KEY_LEN) != 0 ||
        !muster_slice_equal(r.u.advisory.vendor, muster_identity_vendor(id)) ||
        !muster_slice_equal(r.u.advisory.model, muster_identity_model(id)) ||
        muster_record_verify(&r) != MUSTER_OK)
        return;
    muster_judge_defects(&c->d->memory, &r.u.advisory, false, &c->t, &j);
    s->verdict.level =
        (uint8_t)(j.level < level ? j.level : level); /* the firmware may have turned notice only */
    s->verdict.kept = kept && level == MUSTER_NOTICE;
    s->verdict.lease_end_s = lease_end_s;
    if (lease_end_s > c->t.aged_s + LEASE_S)
        s->verdict.lease_end_s = c->t.aged_s + LEASE_S;
    s->verdict.len = (uint16_t)raw.len;
    memcpy(s->verdict.bytes, raw.bytes, raw.len);
}

static bool is_worth_keeping(struct call *c, const struct muster_signer *s)
{
    size_t a;

    for (a = 0; a < MUSTER_AUTHORITIES; a++)
        if (s->standings[a].len > 0)
            return true;
    return !call_is_anchored(c) && s->verdict.level != MUSTER_FIT;
}

static void get_signer(struct muster_cbor *b, struct call *c, struct muster_signer *s)
{
    enum muster_verdict_level level;
    uint64_t lease_end_s;
    size_t n;
    bool kept;

    muster_cbor_array(b, 8, 8);
    get_fixed(b, s->key, sizeof s->key);
    s->newest_issued = muster_cbor_uint(b, MUSTER_TIME_MAX);
    get_fixed(b, s->newest_hash, sizeof s->newest_hash);
    for (n = muster_cbor_array(b, 0, MUSTER_AUTHORITIES); n > 0 && b->error == MUSTER_OK; n--) {
        uint64_t floor;

        muster_cbor_array(b, 2, 2);
        floor = muster_cbor_uint(b, MUSTER_TIME_MAX);
        restore_standing(&c->d->memory, s, muster_cbor_bytes(b, 0, MUSTER_STANDING_MAX), floor);
    }
    level = (enum muster_verdict_level)muster_cbor_uint(b, MUSTER_FAIL);
    kept = get_bool(b);
    lease_end_s = muster_cbor_uint(b, UINT64_MAX);
    restore_verdict(c, s, muster_cbor_bytes(b, 0, MUSTER_ADVISORY_MAX), level, kept, lease_end_s);
    s->used = b->error == MUSTER_OK && is_worth_keeping(c, s);
    s->last_use = ++c->d->memory.uses;
    if (!s->used)
        memset(s, 0, sizeof *s);
}

/* The firmware may be newer than the floor that was saved; then this start counts as one more
 * day (R9). */
static void count_start(struct call *c, bool was_off)
{
    struct muster_memory *m = &c->d->memory;

    call_reckon(c);
    if (m->fw.built_s > m->floor_s + (c->t.running_s - m->floor_running_s)) {
        m->floor_s = m->fw.built_s;
        m->floor_aged_s = c->t.aged_s;
        m->floor_running_s = c->t.running_s;
    }
    c->d->starts += was_off;
    call_reckon(c);
}

static void get_all(struct muster_cbor *b, struct call *c, bool was_off)
{
    struct muster_device *d = c->d;
    struct muster_memory *m = &d->memory;
    size_t n, i;

    muster_cbor_literal(b, saved_open, sizeof saved_open);
    d->running_s = muster_cbor_uint(b, MUSTER_TIME_MAX);
    d->starts = (uint32_t)muster_cbor_uint(b, UINT32_MAX - 1);
    m->floor_s = muster_cbor_uint(b, MUSTER_TIME_MAX);
    m->floor_aged_s = muster_cbor_uint(b, MUSTER_TIME_MAX);
    m->floor_running_s = muster_cbor_uint(b, d->running_s);
    d->silenced = get_bool(b);
    d->aways = (uint8_t)muster_cbor_uint(b, 1);
    d->report_at_s = muster_cbor_uint(b, MUSTER_TIME_MAX + MUSTER_DAY_S);
    count_start(c, was_off);
    get_retired(b, m);
    get_overrides(b, m);
    n = muster_cbor_array(b, 0, MUSTER_SIGNERS);
    for (i = 0; i < n && b->error == MUSTER_OK; i++)
        get_signer(b, c, &m->signers[i]);
}

int saved_load(struct call *c, const uint8_t *bytes, size_t len, bool was_off)
{
    struct muster_firmware fw = c->d->memory.fw;
    bool emit = c->d->emit;
    uint8_t hash[MUSTER_HASH_LEN];
    struct muster_slice body = {bytes, len - MUSTER_HASH_LEN};
    struct muster_cbor b;

    if (len < MUSTER_HASH_LEN)
        return MUSTER_E_CORRUPT;
    muster_crypto_hash(hash, bytes, body.len);
    if (memcmp(hash, bytes + body.len, sizeof hash) != 0)
        return MUSTER_E_CORRUPT;
    muster_cbor_init(&b, body);
    get_all(&b, c, was_off);
    if (muster_cbor_end(&b) != MUSTER_OK) {
        muster_device_init(c->d, &fw, emit, c->d->random, c->d->random_ctx);
        c->d->started_ms = c->d->stored_ms = c->now->mono_ms;
        call_reckon(c);
        return MUSTER_E_CORRUPT;
    }
    return MUSTER_OK;
}
