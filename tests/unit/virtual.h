/* SPDX-License-Identifier: ISC */
/* A device on virtual time: the core's state machine with a shell that does nothing but
 * remember. Replies come from an answering policy, as if a head-end and authorities were there;
 * time passes only in virtual_advance. */
#ifndef MUSTER_TEST_VIRTUAL_H
#define MUSTER_TEST_VIRTUAL_H

#include "muster/device.h"
#include "test.h"

#define VIRTUAL_LATENCY_MS 20
#define VIRTUAL_QUEUE_MAX  64

struct virtual_answer {
    bool silent;
    unsigned flags;
    size_t records_n;
    struct muster_slice records[MUSTER_RECORDS_MAX];
};

struct virtual_datagram {
    uint64_t at_ms;
    unsigned slot;
    size_t len;
    uint8_t bytes[MUSTER_DATAGRAM_MAX];
};

struct virtual
{
    struct muster_device d;
    struct muster_firmware fw;
    struct muster_now now;
    struct muster_actions actions;
    bool emit, off;
    bool damaged; /* the saved state is expected to be refused */
    /* the shell's memory */
    uint8_t saved[MUSTER_STATE_MAX];
    size_t saved_len;
    bool store_fails, cut;
    unsigned reports, padded, inquiries, stores, tells, cuts, releases, sent4, sent6;
    uint64_t report_ms[VIRTUAL_QUEUE_MAX]; /* when reports were sent, since the count was reset */
    uint8_t last_event;
    /* who answers */
    struct virtual_answer answer, inquiry[MUSTER_AUTHORITIES];
    bool answer_only_padded; /* `more` until the report is padded */
    unsigned answer_families;
    struct virtual_datagram queue[VIRTUAL_QUEUE_MAX];
    size_t queue_n;
    uint64_t random;
};

static void virtual_random(void *ctx, uint8_t *ret_bytes, size_t len)
{
    struct virtual *v = ctx;

    while (len-- > 0) {
        v->random = v->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        *ret_bytes++ = (uint8_t)(v->random >> 56);
    }
}

static void virtual_queue(struct virtual *v, unsigned slot, const uint8_t *bytes, size_t len)
{
    struct virtual_datagram *d = &v->queue[v->queue_n];

    if (v->queue_n == VIRTUAL_QUEUE_MAX)
        return;
    v->queue_n++;
    d->at_ms = v->now.mono_ms + VIRTUAL_LATENCY_MS;
    d->slot = slot;
    d->len = len;
    memcpy(d->bytes, bytes, len);
}

static void virtual_reply(struct virtual *v, unsigned slot, const uint8_t *nonce,
                          const struct virtual_answer *a)
{
    uint8_t bytes[MUSTER_DATAGRAM_MAX];
    struct muster_reply reply;
    size_t len;

    reply.nonce = nonce;
    reply.flags = a->flags;
    reply.records_n = a->records_n;
    memcpy(reply.records, a->records, sizeof reply.records);
    len = muster_reply_write(&reply, bytes, sizeof bytes);
    if (len > 0)
        virtual_queue(v, slot, bytes, len);
}

static void virtual_answer_report(struct virtual *v, unsigned slot, const uint8_t *bytes,
                                  size_t len)
{
    static const struct virtual_answer more = {.flags = MUSTER_FLAG_MORE};
    struct muster_report r;

    if (muster_report_parse(bytes, len, &r) != MUSTER_OK) {
        CHECK(!"the device sent an illegal report");
        return;
    }
    if (v->reports < VIRTUAL_QUEUE_MAX)
        v->report_ms[v->reports] = v->now.mono_ms;
    v->reports++;
    v->padded += len == MUSTER_DATAGRAM_MAX;
    v->sent4 += slot == MUSTER_SLOT_IPV4;
    v->sent6 += slot == MUSTER_SLOT_IPV6;
    v->last_event = (uint8_t)r.event;
    if (v->answer.silent || !(v->answer_families & (slot == MUSTER_SLOT_IPV6 ? 2u : 1u)))
        return;
    virtual_reply(v, slot, r.nonce,
                  v->answer_only_padded && len < MUSTER_DATAGRAM_MAX ? &more : &v->answer);
}

static void virtual_send(struct virtual *v, const struct muster_action *a)
{
    uint8_t bytes[MUSTER_DATAGRAM_MAX];
    struct muster_inquiry q;
    size_t len = muster_device_datagram(&v->d, a->slot, bytes);

    if (a->slot < MUSTER_SLOT_INQUIRY) {
        virtual_answer_report(v, a->slot, bytes, len);
        return;
    }
    v->inquiries++;
    if (muster_inquiry_parse(bytes, len, &q) != MUSTER_OK)
        CHECK(!"the device sent an illegal inquiry");
    else if (!v->inquiry[a->authority].silent)
        virtual_reply(v, a->slot, q.nonce, &v->inquiry[a->authority]);
}

static void virtual_perform(struct virtual *v);

static void virtual_store(struct virtual *v)
{
    uint8_t bytes[MUSTER_STATE_MAX];
    size_t len = muster_device_save(&v->d, &v->now, bytes, sizeof bytes);

    CHECK(len > 0);
    v->stores++;
    if (!v->store_fails) {
        memcpy(v->saved, bytes, len);
        v->saved_len = len;
    }
    muster_device_on_stored(&v->d, &v->now, !v->store_fails, &v->actions);
    virtual_perform(v);
}

/* R7: release, then save; save, then cut. */
static void virtual_check_order(const struct muster_actions *actions)
{
    bool stored = false;

    for (size_t i = 0; i < actions->n; i++) {
        stored |= actions->list[i].kind == MUSTER_DO_STORE;
        if (stored && actions->list[i].kind == MUSTER_DO_RELEASE)
            CHECK(!"a release that does not wait for saving");
    }
}

static void virtual_perform(struct virtual *v)
{
    struct muster_actions actions = v->actions;

    virtual_check_order(&actions);
    v->actions.n = 0;
    for (size_t i = 0; i < actions.n; i++) {
        switch (actions.list[i].kind) {
        case MUSTER_DO_SEND:
            virtual_send(v, &actions.list[i]);
            break;
        case MUSTER_DO_STORE:
            virtual_store(v);
            break;
        case MUSTER_DO_CUT:
            v->cut = true;
            v->cuts++;
            break;
        case MUSTER_DO_RELEASE:
            v->cut = false;
            v->releases++;
            break;
        case MUSTER_DO_TELL:
            v->tells++;
            break;
        case MUSTER_DO_CLOSE:
            break;
        }
    }
}

static void virtual_start(struct virtual *v)
{
    v->off = false;
    v->cut = false;
    v->queue_n = 0;
    muster_device_init(&v->d, &v->fw, v->emit, virtual_random, v);
    CHECK_EQ_INT(muster_device_start(&v->d, &v->now, v->saved, v->saved_len, true, &v->actions),
                 v->damaged ? MUSTER_E_CORRUPT : MUSTER_OK);
    v->damaged = false;
    virtual_perform(v);
}

/* Everything but the start. */
static void virtual_prepare(struct virtual *v, const struct muster_firmware *fw, uint64_t clock_s,
                            bool synced)
{
    memset(v, 0, sizeof *v);
    v->fw = *fw;
    v->emit = true;
    v->random = 88172645463325252u;
    v->now.mono_ms = 1000000;
    v->now.clock_s = clock_s;
    v->now.synced = synced;
    v->answer.silent = true;
    v->answer_families = 3;
    for (size_t i = 0; i < MUSTER_AUTHORITIES; i++)
        v->inquiry[i].silent = true;
}

TEST_UNUSED static void virtual_init(struct virtual *v, const struct muster_firmware *fw,
                                     uint64_t clock_s, bool synced)
{
    virtual_prepare(v, fw, clock_s, synced);
    virtual_start(v);
}

static void virtual_attach(struct virtual *v, uint8_t network, unsigned families)
{
    uint8_t id[8] = {network, 1, 2, 3, 4, 5, 6, 7};

    muster_device_on_attach(&v->d, &v->now, id, families, &v->actions);
    virtual_perform(v);
}

/* Passes time, the clock with it. */
static void virtual_pass(struct virtual *v, uint64_t to_ms)
{
    uint64_t base = v->now.mono_ms / 1000;

    v->now.mono_ms = to_ms;
    v->now.clock_s += to_ms / 1000 - base;
}

static void virtual_deliver_first(struct virtual *v)
{
    struct virtual_datagram d = v->queue[0];

    memmove(v->queue, v->queue + 1, --v->queue_n * sizeof *v->queue);
    muster_device_on_datagram(&v->d, &v->now, d.slot, d.bytes, d.len, &v->actions);
    virtual_perform(v);
}

TEST_UNUSED static void virtual_advance(struct virtual *v, uint64_t to_ms)
{
    unsigned guard = 0;

    while (!v->off) {
        uint64_t due = muster_device_next_deadline(&v->d, &v->now);
        bool datagram = v->queue_n > 0 && v->queue[0].at_ms <= due;

        if (datagram)
            due = v->queue[0].at_ms;
        if (due > to_ms)
            break;
        if (due > v->now.mono_ms) {
            virtual_pass(v, due);
            guard = 0;
        } else if (++guard > 1000) {
            CHECK(!"the device's deadline does not move");
            break;
        }
        if (datagram) {
            virtual_deliver_first(v);
        } else {
            muster_device_on_timer(&v->d, &v->now, &v->actions);
            virtual_perform(v);
        }
    }
    virtual_pass(v, to_ms);
}

/* Power off, or the agent dies: what was not stored is gone. */
TEST_UNUSED static void virtual_restart(struct virtual *v)
{
    virtual_start(v);
}

/* The gravest verdict shown: its level, and its id. */
TEST_UNUSED static enum muster_verdict_level virtual_verdict(struct virtual *v, char id[64])
{
    struct muster_shown shown;

    id[0] = '\0';
    if (!muster_device_shown(&v->d, &v->now, 0, &shown))
        return MUSTER_FIT;
    snprintf(id, 64, "%.*s", (int)shown.id.len, (const char *)shown.id.bytes);
    return shown.level == MUSTER_ENDING ? MUSTER_FAIL : shown.level;
}

#endif
