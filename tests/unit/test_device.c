/* SPDX-License-Identifier: ISC */
/* The device where a script of tests/scenario is too small for the story: every byte of the
 * saved state, a hundred thousand forged replies, the spread of what is random. */
#include "crypto/sodium.h"
#include "virtual.h"

#define START_S   UINT64_C(1767225600) /* 2026-01-01 */
#define MINUTE_MS UINT64_C(60000)
#define HOUR_MS   (60 * MINUTE_MS)

struct record {
    uint8_t bytes[MUSTER_ADVISORY_MAX];
    size_t len;
};

static void sign_record(struct record *r, enum muster_record_kind kind, const uint8_t *payload,
                        size_t len, char letter)
{
    struct muster_slice body = {payload, len};
    struct muster_sodium_secret secret;
    struct muster_signing signing;
    uint8_t seed[MUSTER_SEED_LEN];

    memset(seed, letter, sizeof seed);
    muster_sodium_open(seed, &secret, &signing);
    CHECK_EQ_INT(muster_record_sign(kind, body, &signing, r->bytes, sizeof r->bytes, &r->len),
                 MUSTER_OK);
    muster_sodium_close(&secret);
}

static void key_of(char letter, uint8_t ret_key[MUSTER_KEY_LEN])
{
    struct muster_sodium_secret secret;
    struct muster_signing signing;
    uint8_t seed[MUSTER_SEED_LEN];

    memset(seed, letter, sizeof seed);
    muster_sodium_open(seed, &secret, &signing);
    memcpy(ret_key, signing.key, MUSTER_KEY_LEN);
}

static struct record make_advisory(const char *id, uint64_t issued_s)
{
    uint8_t range[8], payload[MUSTER_ADVISORY_MAX];
    struct muster_range all = {.kind = MUSTER_RANGE_NATURAL, .from = muster_slice_of("")};
    struct muster_advisory a;
    struct muster_cbor_out o;
    struct record r;

    all.until = muster_slice_of("");
    muster_cbor_out_init(&o, range, sizeof range);
    muster_range_write(&o, &all);
    memset(&a, 0, sizeof a);
    a.vendor = muster_slice_of("acme");
    a.model = muster_slice_of("cam");
    a.issued = issued_s;
    a.expires = issued_s + MUSTER_ADVISORY_LIFE_S;
    a.defects_n = 1;
    a.defects[0].id = muster_slice_of(id);
    a.defects[0].enforce_from = START_S - MUSTER_DAY_S;
    a.defects[0].fixed_in = a.defects[0].url = muster_slice_of("");
    a.defects[0].ranges_n = 1;
    a.defects[0].ranges.bytes = range;
    a.defects[0].ranges.len = o.len;
    sign_record(&r, MUSTER_ADVISORY, payload, muster_advisory_write(&a, payload, sizeof payload),
                'S');
    return r;
}

static struct record make_standing(void)
{
    uint8_t payload[MUSTER_STANDING_MAX], key[MUSTER_KEY_LEN];
    struct muster_standing s;
    struct record r;

    key_of('S', key);
    memset(&s, 0, sizeof s);
    s.key = key;
    s.name = muster_slice_of("signer");
    s.level = MUSTER_GOOD;
    s.issued = START_S;
    s.expires = START_S + MUSTER_STANDING_LIFE_S;
    sign_record(&r, MUSTER_STANDING, payload, muster_standing_write(&s, payload, sizeof payload),
                'A');
    return r;
}

static void set_up(struct virtual *v, uint64_t seed)
{
    struct muster_firmware fw;

    memset(&fw, 0, sizeof fw);
    CHECK_EQ_INT(muster_identity_set(&fw.id, "acme", "cam", "1.0", 0), MUSTER_OK);
    fw.anchors_n = 1;
    key_of('A', fw.anchors[0].key);
    fw.built_s = START_S - 30 * MUSTER_DAY_S;
    virtual_prepare(v, &fw, START_S, true);
    v->random += seed;
    virtual_start(v);
}

static void answer_with(struct virtual *v, const struct record *advisory,
                        const struct record *standing)
{
    memset(&v->answer, 0, sizeof v->answer);
    v->answer.records[0].bytes = advisory->bytes;
    v->answer.records[0].len = advisory->len;
    v->answer.records[1].bytes = standing->bytes;
    v->answer.records[1].len = standing->len;
    v->answer.records_n = 2;
}

/* A device in quarantine. */
static void cut(struct virtual *v, uint64_t seed)
{
    static struct record advisory, standing;

    advisory = make_advisory("CVE-1", START_S);
    standing = make_standing();
    set_up(v, seed);
    answer_with(v, &advisory, &standing);
    virtual_attach(v, 1, MUSTER_IPV4);
    virtual_advance(v, v->now.mono_ms + 2 * MINUTE_MS);
    CHECK(v->cut);
}

static void silence(struct virtual *v)
{
    memset(&v->answer, 0, sizeof v->answer);
    v->answer.silent = true;
}

/* Starts a device with these bytes; MUSTER_E_CORRUPT leaves it fresh and free. */
static void check_refused(const struct virtual *from, const uint8_t *saved, size_t len)
{
    static struct muster_device d;
    struct muster_actions actions;
    struct muster_shown shown;
    struct virtual v = {.random = 1};

    muster_device_init(&d, &from->fw, true, virtual_random, &v);
    CHECK_EQ_INT(muster_device_start(&d, &from->now, saved, len, true, &actions), MUSTER_E_CORRUPT);
    CHECK(!muster_device_is_quarantined(&d));
    CHECK(!muster_device_shown(&d, &from->now, 0, &shown));
    for (size_t i = 0; i < actions.n; i++)
        CHECK(actions.list[i].kind != MUSTER_DO_CUT);
}

TEST(state_cut_at_every_byte_is_refused_whole)
{
    static struct virtual v;

    cut(&v, 0);
    for (size_t len = 1; len < v.saved_len; len++) {
        uint8_t *copy = malloc(len); /* so that a sanitizer sees a byte too far */

        REQUIRE(copy != NULL);
        memcpy(copy, v.saved, len);
        check_refused(&v, copy, len);
        free(copy);
    }
}

TEST(state_with_any_byte_changed_is_refused_whole)
{
    static struct virtual v;

    cut(&v, 0);
    for (size_t i = 0; i < v.saved_len; i++) {
        v.saved[i] ^= 0x40;
        check_refused(&v, v.saved, v.saved_len);
        v.saved[i] ^= 0x40;
    }
}

TEST(fullest_state_fits)
{
    static struct virtual v;
    static uint8_t bytes[MUSTER_STATE_MAX];
    struct muster_memory *m = &v.d.memory;

    set_up(&v, 0);
    for (int i = 0; i < MUSTER_SIGNERS; i++) {
        m->signers[i].used = true;
        m->signers[i].newest_issued = MUSTER_TIME_MAX;
        m->signers[i].verdict.level = MUSTER_FAIL;
        m->signers[i].verdict.len = MUSTER_ADVISORY_MAX;
        m->signers[i].verdict.lease_end_s = UINT64_MAX;
        for (int a = 0; a < MUSTER_AUTHORITIES; a++) {
            m->signers[i].standings[a].len = MUSTER_STANDING_MAX;
            m->signers[i].standings[a].floor = MUSTER_TIME_MAX;
        }
    }
    for (int i = 0; i < MUSTER_OVERRIDES; i++) {
        m->overrides[i].ids_n = MUSTER_DEFECTS_MAX;
        m->overrides[i].until_s = MUSTER_TIME_MAX;
    }
    m->fw.anchors_n = MUSTER_AUTHORITIES;
    m->retired = (1u << MUSTER_AUTHORITIES) - 1;
    CHECK(muster_device_save(&v.d, &v.now, bytes, sizeof bytes) > 0);
    CHECK_EQ_INT(muster_device_save(&v.d, &v.now, bytes, 100), 0);
}

/* threats 31, 38: forgeries with the right nonce, each with other bytes. */
TEST(a_hundred_thousand_forged_replies_write_nothing)
{
    static struct virtual v;
    struct record advisory = make_advisory("CVE-1", START_S), standing = make_standing(), forged;
    struct virtual_answer a;

    set_up(&v, 0);
    answer_with(&v, &advisory, &standing);
    a = v.answer;
    silence(&v);
    virtual_attach(&v, 1, MUSTER_IPV4);
    virtual_advance(&v, v.now.mono_ms + 31000);
    v.stores = v.tells = 0;
    for (uint32_t i = 0; i < 100000; i++) {
        forged = i % 2 == 0 ? advisory : standing;
        memcpy(forged.bytes + forged.len - 32, &i, sizeof i);
        forged.bytes[forged.len - 36] ^= 1;
        a.records_n = 1;
        a.records[0].bytes = forged.bytes;
        a.records[0].len = forged.len;
        virtual_reply(&v, MUSTER_SLOT_IPV4, v.d.occasion.nonce[0], &a);
        virtual_deliver_first(&v);
    }
    CHECK_EQ_INT(v.stores + v.tells + v.cuts, 0);
    CHECK(v.d.memory.budget.used <= MUSTER_CHECKS_PER_HOUR - MUSTER_CHECKS_FOR_RECHECKS);
}

/* threats 5: and the true reply still counts after them. */
TEST(a_million_wrong_nonces_do_nothing)
{
    static struct virtual v;
    struct record advisory = make_advisory("CVE-1", START_S), standing = make_standing();
    uint8_t nonce[MUSTER_NONCE_LEN];

    set_up(&v, 0);
    silence(&v);
    virtual_attach(&v, 1, MUSTER_IPV4);
    virtual_advance(&v, v.now.mono_ms + 31000);
    answer_with(&v, &advisory, &standing);
    v.stores = 0;
    for (uint32_t i = 0; i < 1000000; i++) {
        struct muster_reply reply = {nonce, 0, 0, {{NULL, 0}}};

        memcpy(nonce, v.d.occasion.nonce[0], sizeof nonce);
        nonce[i % sizeof nonce] ^= (uint8_t)(1 + i / sizeof nonce % 255);
        muster_device_on_reply(&v.d, &v.now, MUSTER_SLOT_IPV4, &reply, &v.actions);
        if (v.actions.n > 0)
            break;
    }
    CHECK_EQ_INT(v.actions.n, 0);
    CHECK(!v.d.occasion.replied);
    virtual_reply(&v, MUSTER_SLOT_IPV4, v.d.occasion.nonce[0], &v.answer);
    virtual_deliver_first(&v);
    CHECK(v.cut);
}

TEST(a_cut_follows_its_saving)
{
    static struct virtual v;
    struct record advisory = make_advisory("CVE-1", START_S), standing = make_standing();
    struct muster_reply reply;
    bool stores = false;

    set_up(&v, 0);
    silence(&v);
    virtual_attach(&v, 1, MUSTER_IPV4);
    virtual_advance(&v, v.now.mono_ms + 31000);
    answer_with(&v, &advisory, &standing);
    memset(&reply, 0, sizeof reply);
    reply.nonce = v.d.occasion.nonce[0];
    reply.records_n = 2;
    memcpy(reply.records, v.answer.records, sizeof reply.records);
    muster_device_on_reply(&v.d, &v.now, MUSTER_SLOT_IPV4, &reply, &v.actions);
    for (size_t i = 0; i < v.actions.n; i++) {
        stores |= v.actions.list[i].kind == MUSTER_DO_STORE;
        CHECK(v.actions.list[i].kind != MUSTER_DO_CUT);
    }
    CHECK(stores);
    muster_device_on_stored(&v.d, &v.now, true, &v.actions);
    CHECK(v.actions.n > 0 && v.actions.list[0].kind == MUSTER_DO_CUT);
}

static void override_another(struct virtual *v, unsigned i, int want)
{
    static struct record advisory, standing;
    char id[8];

    snprintf(id, sizeof id, "CVE-%u", 100 + i);
    advisory = make_advisory(id, START_S + 1 + i);
    standing = make_standing();
    answer_with(v, &advisory, &standing);
    muster_device_report(&v->d, &v->now, &v->actions);
    virtual_advance(v, v->now.mono_ms + MINUTE_MS);
    CHECK_EQ_INT(muster_device_override(&v->d, &v->now, MUSTER_OVERRIDE_S, &v->actions), want);
    virtual_perform(v);
}

TEST(a_ninth_override_is_refused)
{
    static struct virtual v;
    unsigned i;

    cut(&v, 0);
    for (i = 0; i < MUSTER_OVERRIDES; i++) {
        override_another(&v, i, MUSTER_OK);
        CHECK(!v.cut);
    }
    override_another(&v, i, MUSTER_E_SPACE);
    CHECK(v.cut);
}

/* R2, threats 30: what many devices see at one moment spreads. */
TEST(attach_reports_spread_over_half_a_minute)
{
    static struct virtual v;
    unsigned tenths[3] = {0, 0, 0};

    for (uint64_t seed = 0; seed < 300; seed++) {
        uint64_t begin_ms;

        set_up(&v, seed * 7919);
        begin_ms = v.now.mono_ms;
        virtual_attach(&v, 1, MUSTER_IPV4);
        virtual_advance(&v, begin_ms + 10 * MINUTE_MS);
        CHECK(v.reports == 4 && v.report_ms[0] - begin_ms < 30000);
        tenths[(v.report_ms[0] - begin_ms) / 10000 % 3]++;
    }
    CHECK(tenths[0] > 60 && tenths[1] > 60 && tenths[2] > 60);
}

TEST(gaps_grow_by_a_random_half)
{
    static const uint64_t least_ms[] = {3000, 9000, 27000};
    static struct virtual v;
    unsigned longer[3] = {0, 0, 0};

    for (uint64_t seed = 0; seed < 200; seed++) {
        set_up(&v, seed * 7919);
        virtual_attach(&v, 1, MUSTER_IPV4);
        virtual_advance(&v, v.now.mono_ms + 10 * MINUTE_MS);
        for (int i = 0; i < 3; i++) {
            uint64_t gap_ms = v.report_ms[i + 1] - v.report_ms[i];

            CHECK(gap_ms >= least_ms[i] && gap_ms <= least_ms[i] * 3 / 2);
            longer[i] += gap_ms > least_ms[i] * 5 / 4;
        }
    }
    for (int i = 0; i < 3; i++)
        CHECK(longer[i] > 50 && longer[i] < 150);
}

static uint64_t released_after_ms(struct virtual *v, uint64_t seed)
{
    uint64_t end_ms;

    cut(v, seed);
    end_ms = v->now.mono_ms +
             (v->d.memory.signers[0].verdict.lease_end_s - v->now.mono_ms / 1000 + 1000) * 1000;
    silence(v);
    while (v->cut && v->now.mono_ms < end_ms + 3 * HOUR_MS)
        virtual_advance(v, v->now.mono_ms + MINUTE_MS);
    return v->now.mono_ms - end_ms;
}

TEST(ends_by_time_spread_over_an_hour)
{
    static struct virtual v;
    unsigned early = 0;

    for (uint64_t seed = 0; seed < 30; seed++) {
        uint64_t after_ms = released_after_ms(&v, seed * 7919);

        CHECK(!v.cut && after_ms <= HOUR_MS + 2 * MINUTE_MS);
        early += after_ms < HOUR_MS / 2;
    }
    CHECK(early > 4 && early < 26);
}

TEST(rechecks_come_hourly_give_or_take_a_tenth)
{
    static struct virtual v;

    cut(&v, 0);
    v.reports = 0;
    virtual_advance(&v, v.now.mono_ms + 40 * HOUR_MS);
    CHECK(v.reports >= 36 && v.reports <= 45);
    for (unsigned i = 1; i < v.reports; i++) {
        uint64_t gap_ms = v.report_ms[i] - v.report_ms[i - 1];

        CHECK(gap_ms >= 54 * MINUTE_MS && gap_ms <= 67 * MINUTE_MS);
    }
}

TEST(nonces_are_new_in_each_occasion_and_family)
{
    static struct virtual v;
    uint8_t seen[8][MUSTER_NONCE_LEN];

    set_up(&v, 0);
    virtual_attach(&v, 1, MUSTER_IPV4 | MUSTER_IPV6);
    for (int i = 0; i < 8; i += 2) {
        virtual_advance(&v, v.now.mono_ms + 31000);
        memcpy(seen[i], v.d.occasion.nonce[0], sizeof seen[i]);
        memcpy(seen[i + 1], v.d.occasion.nonce[1], sizeof seen[i]);
        virtual_advance(&v, v.now.mono_ms + 5 * MINUTE_MS);
        muster_device_report(&v.d, &v.now, &v.actions);
    }
    for (int i = 0; i < 8; i++)
        for (int k = 0; k < i; k++)
            CHECK(memcmp(seen[i], seen[k], MUSTER_NONCE_LEN) != 0);
}

TEST(a_clock_before_1970_ends_nothing)
{
    static struct virtual v;

    cut(&v, 0);
    silence(&v);
    v.now.clock_s = (uint64_t)-3600;
    v.now.synced = false;
    muster_device_on_timer(&v.d, &v.now, &v.actions);
    virtual_perform(&v);
    v.now.clock_s = 0;
    virtual_advance(&v, v.now.mono_ms + 3 * HOUR_MS);
    CHECK(v.cut);
}

TEST(a_device_whose_clock_starts_at_one_reports)
{
    struct virtual v = {.random = 1, .now.mono_ms = 1};
    static struct muster_device d;
    struct muster_firmware fw;
    struct muster_actions actions;
    uint8_t id[8] = {1};

    memset(&fw, 0, sizeof fw);
    CHECK_EQ_INT(muster_identity_set(&fw.id, "acme", "cam", "1.0", 0), MUSTER_OK);
    muster_device_init(&d, &fw, true, virtual_random, &v);
    CHECK_EQ_INT(muster_device_start(&d, &v.now, NULL, 0, true, &actions), MUSTER_OK);
    muster_device_report(&d, &v.now, &actions);
    muster_device_on_attach(&d, &v.now, id, MUSTER_IPV4, &actions);
    muster_device_on_timer(&d, &v.now, &actions);
    CHECK(d.occasion.active && d.occasion.event == MUSTER_MANUAL);
}
