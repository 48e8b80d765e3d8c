/* SPDX-License-Identifier: ISC */
/* A device for fuzzing, with the promises that hold whatever happens to it: deadlines move,
 * nothing is cut without a signed advisory that a quorum of authorities vouched for, a release
 * does not wait for saving. */
#ifndef MUSTER_FUZZ_SHELL_H
#define MUSTER_FUZZ_SHELL_H

#include "fuzz.h"
#include "fuzz_stub.h"
#include "muster/device.h"

#define START_S UINT64_C(1767225600)

struct shell {
    struct muster_device d;
    struct muster_now now;
    struct muster_actions actions;
    struct muster_firmware fw;
    bool store_fails, cut;
    uint8_t saved[MUSTER_STATE_MAX];
    size_t saved_len;
    uint64_t random;
};

static void shell_random(void *ctx, uint8_t *ret_bytes, size_t len)
{
    struct shell *s = ctx;

    while (len-- > 0) {
        s->random = s->random * UINT64_C(6364136223846793005) + 1;
        *ret_bytes++ = (uint8_t)(s->random >> 56);
    }
}

/* Authorities A, with the next key N, and B; both answer inquiries. */
static void shell_firmware(struct muster_firmware *ret_fw, unsigned kind)
{
    static const char keys[] = {'A', 'B'};

    memset(ret_fw, 0, sizeof *ret_fw);
    PROMISE(muster_identity_set(&ret_fw->id, "acme", "cam", "1.0", 7) == MUSTER_OK);
    ret_fw->anchors_n = (uint8_t)(kind % 3);
    for (unsigned i = 0; i < ret_fw->anchors_n; i++) {
        stub_key(ret_fw->anchors[i].key, keys[i]);
        ret_fw->anchors[i].has_service = (kind & 4) == 0;
    }
    stub_key(ret_fw->anchors[0].next, 'N');
    ret_fw->notice_only = kind % 16 == 15;
    ret_fw->built_s = START_S;
}

/* Whether some authority once vouched for this signer: a cut goes on without it for an hour at
 * most. */
static bool shell_is_vouched(const struct muster_signer *s)
{
    unsigned n = 0;

    for (int a = 0; a < MUSTER_AUTHORITIES; a++) {
        struct muster_slice raw = {s->standings[a].bytes, s->standings[a].len};
        struct muster_record r;

        n += muster_record_parse(raw, &r) == MUSTER_OK && r.kind == MUSTER_STANDING &&
             r.signature[0] == STUB_GOOD && r.u.standing.level == MUSTER_GOOD &&
             memcmp(r.u.standing.key, s->key, MUSTER_KEY_LEN) == 0;
    }
    return n > 0;
}

static bool shell_may_cut(const struct shell *s)
{
    for (int i = 0; i < MUSTER_SIGNERS; i++) {
        const struct muster_signer *signer = &s->d.memory.signers[i];
        struct muster_slice raw = {signer->verdict.bytes, signer->verdict.len};
        struct muster_record r;

        if (signer->used && signer->verdict.level >= MUSTER_FAIL &&
            muster_record_parse(raw, &r) == MUSTER_OK && r.signature[0] == STUB_GOOD &&
            muster_advisory_covers(&r.u.advisory, muster_identity_build(&s->fw.id),
                                   s->fw.id.number) &&
            shell_is_vouched(signer))
            return true;
    }
    return false;
}

static void shell_perform(struct shell *s);

static void shell_store(struct shell *s)
{
    s->saved_len = muster_device_save(&s->d, &s->now, s->saved, sizeof s->saved);
    PROMISE(s->saved_len > 0);
    muster_device_on_stored(&s->d, &s->now, !s->store_fails, &s->actions);
    shell_perform(s);
}

static void shell_send(struct shell *s, const struct muster_action *a)
{
    uint8_t bytes[MUSTER_DATAGRAM_MAX];
    struct muster_inquiry q;
    struct muster_report r;
    size_t len = muster_device_datagram(&s->d, a->slot, bytes);

    PROMISE(s->d.emit && !s->d.silenced && s->d.families != 0);
    if (a->slot < MUSTER_SLOT_INQUIRY)
        PROMISE(muster_report_parse(bytes, len, &r) == MUSTER_OK);
    else
        PROMISE(muster_inquiry_parse(bytes, len, &q) == MUSTER_OK);
}

static void shell_perform(struct shell *s)
{
    struct muster_actions actions = s->actions;
    bool stored = false;

    PROMISE(actions.n <= MUSTER_ACTIONS_MAX);
    s->actions.n = 0;
    for (size_t i = 0; i < actions.n; i++) {
        const struct muster_action *a = &actions.list[i];

        PROMISE(a->kind != MUSTER_DO_RELEASE || !stored);
        stored |= a->kind == MUSTER_DO_STORE;
        if (a->kind == MUSTER_DO_SEND)
            shell_send(s, a);
        else if (a->kind == MUSTER_DO_STORE)
            shell_store(s);
        else if (a->kind == MUSTER_DO_CUT)
            s->cut = shell_may_cut(s);
        if (a->kind == MUSTER_DO_CUT)
            PROMISE(s->cut);
        if (a->kind == MUSTER_DO_RELEASE)
            s->cut = false;
    }
    PROMISE(s->cut == muster_device_is_quarantined(&s->d));
}

static int shell_start(struct shell *s)
{
    int error;

    s->cut = false;
    muster_device_init(&s->d, &s->fw, true, shell_random, s);
    error = muster_device_start(&s->d, &s->now, s->saved, s->saved_len, true, &s->actions);
    shell_perform(s);
    return error;
}

/* Passes time; the timer is called when the device wants it. */
static void shell_advance(struct shell *s, uint64_t ms)
{
    uint64_t to_ms = s->now.mono_ms + ms, begun_ms = s->now.mono_ms, begun_s = s->now.clock_s;
    unsigned calls = 0;

    for (;;) {
        uint64_t due_ms = muster_device_next_deadline(&s->d, &s->now);

        if (due_ms > to_ms)
            break;
        if (due_ms > s->now.mono_ms) {
            s->now.mono_ms = due_ms;
            s->now.clock_s = begun_s + (due_ms - begun_ms) / 1000;
            calls = 0;
        }
        PROMISE(++calls < 100); /* else the deadline does not move */
        muster_device_on_timer(&s->d, &s->now, &s->actions);
        shell_perform(s);
    }
    s->now.mono_ms = to_ms;
    s->now.clock_s = begun_s + ms / 1000;
}

#endif
