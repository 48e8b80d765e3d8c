/* SPDX-License-Identifier: ISC */
/* A device's life, written by the fuzzer: each byte is an event, the bytes behind it say which.
 * Signatures are stubbed (fuzz_stub.h); fuzz_shell.h holds the promises. */
#include "fuzz_shell.h"

#define NAMED_MAX 16

struct kept {
    uint8_t bytes[MUSTER_ADVISORY_MAX];
    size_t len;
};

static struct shell shell;
static struct kept records[NAMED_MAX];

static uint64_t days(uint8_t byte)
{
    return byte == 255 ? MUSTER_TIME_MAX - MUSTER_ADVISORY_LIFE_S
                       : START_S + ((uint64_t)byte - 64) * MUSTER_DAY_S;
}

static void keep(struct fuzz_input *in, enum muster_record_kind kind, const uint8_t *payload,
                 size_t len, char signer)
{
    uint8_t first = fuzz_byte(in) % 8 == 0 ? 0 : STUB_GOOD;
    struct kept *k = &records[fuzz_byte(in) % NAMED_MAX];
    struct muster_slice body = {payload, len};
    struct muster_signing signing;
    size_t record_len;

    stub_key(signing.key, signer);
    signing.sign = stub_sign;
    signing.secret = &first;
    if (muster_record_sign(kind, body, &signing, k->bytes, sizeof k->bytes, &record_len) ==
        MUSTER_OK)
        k->len = record_len;
}

static void make_advisory(struct fuzz_input *in)
{
    static const char *const untils[] = {"2.0", "0.9", "1.0", ""};
    uint8_t range[32], payload[MUSTER_ADVISORY_MAX];
    struct muster_range natural = {.kind = MUSTER_RANGE_NATURAL, .from = muster_slice_of("")};
    struct muster_advisory a;
    struct muster_cbor_out o;

    memset(&a, 0, sizeof a);
    a.vendor = muster_slice_of("acme");
    a.model = muster_slice_of(fuzz_byte(in) % 16 == 0 ? "dome" : "cam");
    a.issued = days(fuzz_byte(in));
    a.expires = a.issued + 1 + (uint64_t)fuzz_byte(in) % 40 * MUSTER_DAY_S;
    natural.until = muster_slice_of(untils[fuzz_byte(in) % 4]);
    muster_cbor_out_init(&o, range, sizeof range);
    muster_range_write(&o, &natural);
    a.defects_n = fuzz_byte(in) % 3;
    for (size_t i = 0; i < a.defects_n; i++) {
        a.defects[i].id = muster_slice_of(i == 0 ? "CVE-1" : "CVE-2");
        a.defects[i].enforce_from = fuzz_byte(in) % 4 == 0 ? 0 : days(fuzz_byte(in));
        a.defects[i].fixed_in = a.defects[i].url = muster_slice_of("");
        a.defects[i].ranges_n = 1;
        a.defects[i].ranges.bytes = range;
        a.defects[i].ranges.len = o.len;
    }
    keep(in, MUSTER_ADVISORY, payload, muster_advisory_write(&a, payload, sizeof payload),
         (char)('S' + fuzz_byte(in) % 6));
}

static void make_standing(struct fuzz_input *in)
{
    static const char authorities[] = "ABNX";
    uint8_t payload[MUSTER_STANDING_MAX], key[MUSTER_KEY_LEN];
    struct muster_standing s;

    memset(&s, 0, sizeof s);
    stub_key(key, (char)('S' + fuzz_byte(in) % 6));
    s.key = key;
    s.name = muster_slice_of("signer");
    s.level = (enum muster_level)(2 - fuzz_byte(in) % 8 % 3);
    s.issued = days(fuzz_byte(in));
    s.expires = s.issued + 1 + (uint64_t)fuzz_byte(in) % 14 * MUSTER_DAY_S;
    s.floor = days(fuzz_byte(in));
    if (s.floor > s.issued)
        s.floor = 0;
    s.scope_n = fuzz_byte(in) % 8 == 0;
    s.scope[0] = muster_slice_of("other");
    keep(in, MUSTER_STANDING, payload, muster_standing_write(&s, payload, sizeof payload),
         authorities[fuzz_byte(in) % 4]);
}

static const uint8_t *nonce_of(unsigned slot)
{
    const struct muster_occasion *o = &shell.d.occasion;

    return slot < MUSTER_SLOT_INQUIRY ? o->nonce[slot]
                                      : o->questions[slot - MUSTER_SLOT_INQUIRY].nonce;
}

/* A reply to the running occasion, out of what was signed. */
static void deliver(struct fuzz_input *in)
{
    unsigned slot = fuzz_byte(in) % 4;
    uint8_t bytes[MUSTER_DATAGRAM_MAX], picks;
    struct muster_reply reply;
    size_t len;

    memset(&reply, 0, sizeof reply);
    reply.nonce = nonce_of(slot);
    picks = fuzz_byte(in);
    reply.flags = picks >> 6;
    reply.records_n = reply.flags & MUSTER_FLAG_MORE ? 0 : picks % 5;
    for (size_t i = 0; i < reply.records_n; i++) {
        const struct kept *k = &records[fuzz_byte(in) % NAMED_MAX];

        reply.records[i].bytes = k->bytes;
        reply.records[i].len = k->len;
    }
    len = muster_reply_write(&reply, bytes, sizeof bytes);
    muster_device_on_datagram(&shell.d, &shell.now, slot, bytes, len, &shell.actions);
}

/* Bytes of the fuzzer's own, with the right nonce where one belongs. */
static void deliver_raw(struct fuzz_input *in)
{
    uint8_t bytes[256];
    unsigned slot = fuzz_byte(in) % MUSTER_SLOTS;
    size_t len;
    const uint8_t *from = fuzz_bytes(in, fuzz_byte(in), &len);

    memcpy(bytes, from, len);
    if (len > 19)
        memcpy(bytes + 3, nonce_of(slot), MUSTER_NONCE_LEN);
    muster_device_on_datagram(&shell.d, &shell.now, slot, bytes, len, &shell.actions);
}

static void attach(struct fuzz_input *in)
{
    uint8_t id[8] = {fuzz_byte(in)};

    muster_device_on_attach(&shell.d, &shell.now, id, fuzz_byte(in) % 4, &shell.actions);
}

static void owner(struct fuzz_input *in)
{
    static const uint64_t times[] = {0, 60, MUSTER_OVERRIDE_S, MUSTER_FOREVER};
    uint8_t what = fuzz_byte(in);

    if (what % 6 == 0)
        (void)!muster_device_override(&shell.d, &shell.now, times[what / 6 % 4], &shell.actions);
    else if (what % 6 == 1)
        (void)!muster_device_override_off(&shell.d, &shell.now, &shell.actions);
    else if (what % 6 == 2)
        muster_device_report(&shell.d, &shell.now, &shell.actions);
    else if (what % 6 == 3)
        muster_device_factory_reset(&shell.d, &shell.now, &shell.actions);
    else
        muster_device_set_emit(&shell.d, &shell.now, what % 6 == 4, &shell.actions);
}

static void show(void)
{
    struct muster_shown shown;
    size_t n = 0;

    while (muster_device_shown(&shell.d, &shell.now, n, &shown))
        n++;
    PROMISE(n <= MUSTER_SIGNERS);
    (void)muster_device_override_left(&shell.d, &shell.now);
}

static void restart(struct fuzz_input *in)
{
    shell_firmware(&shell.fw, fuzz_byte(in));
    PROMISE(shell_start(&shell) == MUSTER_OK);
}

static void set_clock(struct fuzz_input *in)
{
    uint8_t byte = fuzz_byte(in);

    shell.now.clock_s = byte == 0 ? 0 : days(byte);
    shell.now.synced = fuzz_byte(in) % 2;
    muster_device_on_timer(&shell.d, &shell.now, &shell.actions);
}

static void live(struct fuzz_input *in)
{
    static void (*const events[])(struct fuzz_input *) = {
        make_advisory, make_standing, deliver, deliver,   deliver_raw,
        attach,        owner,         restart, set_clock,
    };
    static const uint32_t steps_ms[] = {20, 3100, 31000, 61000, 3700000, 90000000};
    uint8_t event = fuzz_byte(in);

    if (event < sizeof events / sizeof *events)
        events[event](in);
    else if (event == 9)
        shell.store_fails = !shell.store_fails;
    else
        shell_advance(&shell, steps_ms[event % (sizeof steps_ms / sizeof *steps_ms)]);
    shell_perform(&shell);
    show();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct fuzz_input in = {bytes, bytes + (len < 600 ? len : 600)};

    memset(&shell, 0, sizeof shell);
    memset(records, 0, sizeof records);
    shell.random = 7;
    shell.now.mono_ms = 1000;
    shell.now.clock_s = START_S;
    shell.now.synced = true;
    shell_firmware(&shell.fw, fuzz_byte(&in));
    PROMISE(shell_start(&shell) == MUSTER_OK);
    while (in.at < in.end)
        live(&in);
    shell_advance(&shell, 20 * MUSTER_DAY_S * 1000);
    PROMISE(!shell.cut); /* nobody renewed it for 20 days */
    return 0;
}
