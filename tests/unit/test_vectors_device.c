/* SPDX-License-Identifier: ISC */
/* The shared vectors of the judge, of leases and of time, played on the core's device. */
#include "vectors.h"
#include "virtual.h"

static void read_firmware(const json_t *device, struct muster_firmware *fw)
{
    const json_t *anchors = json_object_get(device, "anchors");

    memset(fw, 0, sizeof *fw);
    CHECK_EQ_INT(muster_identity_set(&fw->id, vector_text(device, "vendor"),
                                     vector_text(device, "model"), vector_text(device, "build"),
                                     vector_uint(device, "number")),
                 0);
    fw->anchors_n = (uint8_t)json_array_size(anchors);
    for (size_t i = 0; i < fw->anchors_n; i++) {
        struct vector_bytes key = vector_field(json_array_get(anchors, i), "current"),
                            next = vector_field(json_array_get(anchors, i), "next");

        memcpy(fw->anchors[i].key, key.bytes, MUSTER_KEY_LEN);
        if (next.len == MUSTER_KEY_LEN)
            memcpy(fw->anchors[i].next, next.bytes, MUSTER_KEY_LEN);
    }
    fw->quorum = (uint8_t)vector_uint(device, "quorum");
    fw->notice_only = json_is_true(json_object_get(device, "notice_only"));
    fw->forwards = json_is_true(json_object_get(device, "forwards"));
    fw->enforce_anyway = json_is_true(json_object_get(device, "enforce_when_forwarding"));
    fw->built_s = vector_uint(device, "firmware_time");
}

/* The records of a reply; their bytes live until the next call with the same `keep`. */
static struct virtual_answer read_answer(const json_t *reply, struct vector_bytes keep[8])
{
    const json_t *records = json_object_get(reply, "records");
    struct virtual_answer a;

    memset(&a, 0, sizeof a);
    a.silent = json_is_null(records);
    a.flags = (unsigned)vector_uint(reply, "flags");
    a.records_n = json_array_size(records);
    for (size_t i = 0; i < a.records_n && i < 8; i++) {
        keep[i] = vector_hex(json_string_value(json_array_get(records, i)));
        if (i < MUSTER_RECORDS_MAX) {
            a.records[i].bytes = keep[i].bytes;
            a.records[i].len = keep[i].len;
        }
    }
    return a;
}

static void set_clock(struct virtual *v, const json_t *clock)
{
    if (clock == NULL)
        return;
    v->now.clock_s = vector_uint(clock, "now");
    v->now.synced = json_is_true(json_object_get(clock, "synced"));
}

static void start_device(struct virtual *v, const json_t *c)
{
    const json_t *clock = json_object_get(c, "clock");
    struct muster_firmware fw;

    read_firmware(json_object_get(c, "device"), &fw);
    virtual_init(v, &fw, vector_uint(clock, "now"), json_is_true(json_object_get(clock, "synced")));
}

/* Puts a reply into the occasion under way, even one that our own writer would refuse. */
static void deliver(struct virtual *v, const json_t *reply, bool wrong_nonce)
{
    static struct vector_bytes keep[8];
    struct virtual_answer a = read_answer(reply, keep);
    uint8_t nonce[MUSTER_NONCE_LEN];

    if (a.records_n > MUSTER_RECORDS_MAX)
        return; /* cannot be written; replies.json has its bytes */
    memcpy(nonce, v->d.occasion.nonce[MUSTER_SLOT_IPV4], sizeof nonce);
    nonce[0] ^= wrong_nonce;
    v->queue_n = 0;
    virtual_reply(v, MUSTER_SLOT_IPV4, nonce, &a);
    if (v->queue_n > 0)
        virtual_deliver_first(v);
}

static void one_occasion(struct virtual *v, const json_t *clock, const json_t *reply)
{
    set_clock(v, clock);
    muster_device_report(&v->d, &v->now, &v->actions);
    muster_device_on_timer(&v->d, &v->now, &v->actions);
    virtual_perform(v);
    deliver(v, reply, false);
}

static void end_occasion(struct virtual *v)
{
    virtual_advance(v, v->now.mono_ms + 120000);
}

/* Counted, or still open for what the occasion may bring. */
static unsigned times_ignored(const struct virtual *v, int error)
{
    unsigned n = error == 0 ? 0 : v->d.counts.ignored[-error];

    for (size_t i = 0; i < MUSTER_SIGNERS; i++)
        n +=
            error != 0 && v->d.occasion.pending[i].len > 0 && v->d.occasion.pending[i].why == error;
    return n;
}

static unsigned ignored(const struct virtual *v, const char *word)
{
    static const struct {
        const char *word;
        int errors[3];
    } words[] = {
        {"foreign", {MUSTER_E_FOREIGN}},
        {"covered", {MUSTER_E_NOT_COVERED, MUSTER_E_SIGNATURE}},
        {"expired", {MUSTER_E_EXPIRED}},
        {"future", {MUSTER_E_FUTURE}},
        {"rollback", {MUSTER_E_ROLLBACK}},
        {"standing", {MUSTER_E_STANDING, MUSTER_E_DISOWNED}},
        {"floor", {MUSTER_E_FLOOR}},
        {"signature", {MUSTER_E_SIGNATURE, MUSTER_E_BUDGET}},
        {"malformed", {MUSTER_E_SHAPE, MUSTER_E_LIMIT, MUSTER_E_ENCODING}},
    };
    unsigned n = 0;

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        for (size_t k = 0; k < 3 && strcmp(words[i].word, word) == 0; k++)
            n += times_ignored(v, words[i].errors[k]);
    return n;
}

static bool is_shown(struct virtual *v, const char *id)
{
    struct muster_shown shown;

    for (size_t i = 0; muster_device_shown(&v->d, &v->now, i, &shown); i++)
        if (muster_slice_equal(shown.id, muster_slice_of(id)))
            return true;
    return false;
}

static const char *held(struct virtual *v)
{
    static const char *const names[] = {"none", "notice", "fail"};
    char id[64];

    return names[virtual_verdict(v, id)];
}

TEST(judge)
{
    static struct virtual v;

    VECTORS_EACH("judge", c)
    {
        const json_t *expect = json_object_get(c, "expect"), *reply = json_object_get(c, "reply");
        const char *nothing = vector_text(expect, "void");
        json_t *earlier;
        unsigned before = 0;
        size_t i;

        test_case("%s", vector_text(c, "name"));
        start_device(&v, c);
        virtual_attach(&v, 1, MUSTER_IPV4);
        end_occasion(&v);
        json_array_foreach(json_object_get(c, "before"), i, earlier)
        {
            const json_t *clock = json_object_get(earlier, "clock");

            one_occasion(&v, clock != NULL ? clock : json_object_get(c, "clock"), earlier);
            end_occasion(&v);
        }
        if (nothing != NULL)
            before = ignored(&v, nothing);
        one_occasion(&v, json_object_get(c, "clock"), reply);
        CHECK_EQ_STR(held(&v), vector_text(expect, "held"));
        if (vector_text(expect, "id") != NULL &&
            strcmp(vector_text(expect, "verdict"), "none") != 0)
            CHECK(is_shown(&v, vector_text(expect, "id")));
        if (nothing != NULL && json_array_size(json_object_get(reply, "records")) <= 4)
            CHECK(ignored(&v, nothing) > before);
    }
    json_decref(vectors_file);
}

static void do_step(struct virtual *v, const json_t *step, const char *word)
{
    static struct vector_bytes keep[8];

    if (strcmp(word, "attach") == 0) {
        virtual_attach(v, 1, MUSTER_IPV4);
    } else if (strcmp(word, "manual") == 0) {
        muster_device_report(&v->d, &v->now, &v->actions);
    } else if (strcmp(word, "reply") == 0) {
        if (json_is_true(json_object_get(step, "auto")))
            v->answer = read_answer(step, keep);
        else
            deliver(v, step, json_is_true(json_object_get(step, "wrong_nonce")));
        return;
    } else if (strcmp(word, "override") == 0) {
        const json_t *for_s = json_object_get(step, "for_s");

        CHECK_EQ_INT(muster_device_override(&v->d, &v->now,
                                            for_s == NULL         ? MUSTER_OVERRIDE_S
                                            : json_is_null(for_s) ? MUSTER_FOREVER
                                                                  : vector_uint(step, "for_s"),
                                            &v->actions),
                     0);
    } else if (strcmp(word, "override_off") == 0) {
        CHECK_EQ_INT(muster_device_override_off(&v->d, &v->now, &v->actions), 0);
    } else if (strcmp(word, "emit_off") == 0) {
        muster_device_set_emit(&v->d, &v->now, false, &v->actions);
    } else if (strcmp(word, "clock") == 0) {
        set_clock(v, step);
        muster_device_on_timer(&v->d, &v->now, &v->actions);
    } else {
        CHECK(!"a known step");
    }
    virtual_perform(v);
}

static void restart(struct virtual *v, const json_t *step, const char *word)
{
    if (strcmp(word, "build") == 0)
        CHECK_EQ_INT(muster_identity_set(&v->fw.id, "hikvision", "ds-2cd2042wd-i",
                                         vector_text(step, "build"), vector_uint(step, "number")),
                     0);
    virtual_store(v); /* the vectors save all that has happened before a restart */
    virtual_restart(v);
}

static void play_step(struct virtual *v, const json_t *step)
{
    const json_t *expect = json_object_get(step, "expect");
    const char *word = vector_text(step, "do");

    virtual_advance(v, 1000000 + vector_uint(step, "at_s") * 1000);
    if (word != NULL && (strcmp(word, "restart") == 0 || strcmp(word, "build") == 0))
        restart(v, step, word);
    else if (word != NULL)
        do_step(v, step, word);
    if (expect == NULL)
        return;
    CHECK_EQ_INT(v->cut, json_is_true(json_object_get(expect, "quarantined")));
    if (json_object_get(expect, "verdict") != NULL)
        CHECK_EQ_STR(held(v), vector_text(expect, "verdict"));
}

TEST(leases)
{
    static struct virtual v;

    VECTORS_EACH("leases", c)
    {
        json_t *step;
        size_t i;

        test_case("%s", vector_text(c, "name"));
        start_device(&v, c);
        json_array_foreach(json_object_get(c, "steps"), i, step)
        {
            test_case("%s, step %zu", vector_text(c, "name"), i);
            play_step(&v, step);
        }
    }
    json_decref(vectors_file);
}

struct hour {
    struct muster_memory m;
    struct muster_judge_time t;
    uint64_t clock_base_s; /* clock - running */
    uint32_t starts;
};

static void reckon(struct hour *h)
{
    h->t.aged_s = h->t.running_s + h->starts * MUSTER_DAY_S;
    h->t.clock_s = h->clock_base_s == 0 ? 0 : h->clock_base_s + h->t.running_s;
    h->t.now_s = muster_judge_now(&h->m, h->t.clock_s, h->t.aged_s);
}

static void hour_step(struct hour *h, const json_t *step)
{
    const json_t *standing = json_object_get(step, "standing"),
                 *clock = json_object_get(step, "clock");
    uint64_t issued[MUSTER_AUTHORITIES] = {0};

    h->t.running_s += vector_uint(step, "run_s");
    h->starts += json_is_true(json_object_get(step, "start"));
    if (clock != NULL) {
        h->clock_base_s = vector_uint(clock, "now") - h->t.running_s;
        h->t.synced = json_is_true(json_object_get(clock, "synced"));
    }
    reckon(h);
    if (standing == NULL)
        return;
    /* a standing on a signer of its own for each authority, as if it were held */
    issued[vector_uint(standing, "authority")] = vector_uint(standing, "issued");
    (void)muster_judge_raise_floor(&h->m, issued, &h->t);
    for (size_t a = 0; a < MUSTER_AUTHORITIES; a++) {
        struct muster_held_standing *s = &h->m.signers[0].standings[a];

        h->m.signers[0].used = true;
        if (issued[a] > s->issued) {
            s->issued = issued[a];
            s->len = 1;
        }
    }
    reckon(h);
}

TEST(times)
{
    static struct hour h;

    VECTORS_EACH("times", c)
    {
        json_t *step;
        size_t i;

        memset(&h, 0, sizeof h);
        h.m.fw.anchors_n = (uint8_t)vector_uint(c, "n_authorities");
        h.m.fw.quorum = (uint8_t)vector_uint(c, "quorum");
        h.m.floor_s = h.m.fw.built_s = vector_uint(c, "firmware_time");
        json_array_foreach(json_object_get(c, "steps"), i, step)
        {
            test_case("%s, step %zu", vector_text(c, "name"), i);
            hour_step(&h, step);
            if (json_object_get(step, "expect_now") != NULL)
                CHECK_EQ_INT(h.t.now_s, vector_uint(step, "expect_now"));
        }
    }
    json_decref(vectors_file);
}
