/* SPDX-License-Identifier: ISC */
/* Plays the scripts of tests/scenario: stories about one device on virtual time. One test a
 * file; the language is described in tests/scenario/README.md. Records are made and signed here,
 * with keys named by a letter. */
#include <dirent.h>
#include <sodium.h>

#include "virtual.h"

#define START_S   UINT64_C(1767225600) /* 2026-01-01 */
#define BEGIN_MS  1000000              /* where virtual time begins */
#define NAMED_MAX 32
#define WORDS_MAX 24

struct named {
    char name[16];
    uint8_t bytes[MUSTER_ADVISORY_MAX];
    size_t len;
};

struct story {
    struct virtual v;
    struct named records[NAMED_MAX];
    size_t records_n;
    char *words[WORDS_MAX];
    size_t words_n;
    char vendor[65], model[65], build[65];
};

static struct story st;

struct key {
    uint8_t key[32], secret[64];
};

static struct key key_of(char letter)
{
    uint8_t seed[32];
    struct key k;

    memset(seed, letter, sizeof seed);
    crypto_sign_seed_keypair(k.key, k.secret, seed);
    return k;
}

static int sign(void *secret, uint8_t ret_sig[64], const uint8_t *msg, size_t len)
{
    return crypto_sign_detached(ret_sig, NULL, msg, len, secret);
}

/* 90, 30s, 10m, 2h, 7d, with a sign; seconds. */
static int64_t seconds(const char *text)
{
    char *unit;
    long long n = strtoll(text, &unit, 10);

    switch (*unit) {
    case 'm':
        return n * 60;
    case 'h':
        return n * 3600;
    case 'd':
        return n * 86400;
    default:
        return n;
    }
}

/* The value of WORD in WORD=VALUE, or a default. */
static const char *option(const char *word, const char *otherwise)
{
    size_t len = strlen(word);

    for (size_t i = 1; i < st.words_n; i++)
        if (strncmp(st.words[i], word, len) == 0 && st.words[i][len] == '=')
            return st.words[i] + len + 1;
    return otherwise;
}

static bool has(const char *word)
{
    for (size_t i = 1; i < st.words_n; i++)
        if (strcmp(st.words[i], word) == 0)
            return true;
    return false;
}

/* never: 0; far: as late as a life of 40 days allows; else seconds since the beginning. */
static uint64_t moment_of(const char *text)
{
    if (strcmp(text, "never") == 0)
        return 0;
    if (strcmp(text, "far") == 0)
        return MUSTER_TIME_MAX - MUSTER_ADVISORY_LIFE_S;
    return (uint64_t)((int64_t)START_S + seconds(text));
}

static uint64_t moment(const char *word, const char *otherwise)
{
    return moment_of(option(word, otherwise));
}

/* expires=..., or so many days after it was issued. */
static uint64_t end_of_life(uint64_t issued, uint64_t days)
{
    return option("expires", NULL) != NULL ? moment("expires", "0") : issued + days * MUSTER_DAY_S;
}

static void keep(enum muster_record_kind kind, const uint8_t *payload, size_t len, char signer)
{
    struct key k = key_of(signer);
    struct muster_signing signing;
    struct muster_slice body = {payload, len};
    struct named *n = &st.records[st.records_n < NAMED_MAX ? st.records_n++ : 0];
    memcpy(signing.key, k.key, sizeof k.key);
    signing.sign = sign;
    signing.secret = k.secret;
    snprintf(n->name, sizeof n->name, "%s", st.words[1]);
    CHECK_EQ_INT(muster_record_sign(kind, body, &signing, n->bytes, sizeof n->bytes, &n->len), 0);
    if (has("broken"))
        n->bytes[n->len - 40] ^= 1;
}

/* numbers=LOW-HIGH */
static void read_numbers(const char *text, struct muster_range *ret_range)
{
    char *dash;

    ret_range->kind = MUSTER_RANGE_NUMBER;
    ret_range->low = strtoull(text, &dash, 10);
    ret_range->high = *dash == '-' ? strtoull(dash + 1, NULL, 10) : ret_range->low;
}

static size_t put_range(uint8_t *bytes, size_t cap, const char *suffix)
{
    char exact[16], from[16], until[16], bounds[16];
    struct muster_cbor_out o;
    struct muster_range r;

    snprintf(exact, sizeof exact, "exact%s", suffix);
    snprintf(from, sizeof from, "from%s", suffix);
    snprintf(until, sizeof until, "until%s", suffix);
    snprintf(bounds, sizeof bounds, "bounds%s", suffix);
    memset(&r, 0, sizeof r);
    r.kind = option(exact, NULL) != NULL ? MUSTER_RANGE_EXACT : MUSTER_RANGE_NATURAL;
    r.from = muster_slice_of(option(exact, option(from, "")));
    r.until = muster_slice_of(option(until, ""));
    r.bounds = (unsigned)atoi(option(bounds, "0"));
    if (option("numbers", NULL) != NULL)
        read_numbers(option("numbers", ""), &r);
    muster_cbor_out_init(&o, bytes, cap);
    muster_range_write(&o, &r);
    return o.len;
}

/* One defect, or as many as there are id2=, id3=. */
static size_t count_defects(void)
{
    if (has("withdrawal"))
        return 0;
    if (option("id3", NULL) != NULL)
        return 3;
    return option("id2", NULL) != NULL ? 2 : 1;
}

static void read_defect(const char *suffix, uint8_t *range, size_t cap,
                        struct muster_defect *ret_defect)
{
    char id[8], enforce[16];

    snprintf(id, sizeof id, "id%s", suffix);
    snprintf(enforce, sizeof enforce, "enforce%s", suffix);
    memset(ret_defect, 0, sizeof *ret_defect);
    ret_defect->id = muster_slice_of(option(id, "CVE-1"));
    ret_defect->reason = 1;
    ret_defect->enforce_from = moment(enforce, "0");
    ret_defect->fixed_in = muster_slice_of("2.0");
    ret_defect->url = muster_slice_of("https://example.net/fix");
    ret_defect->ranges_n = 1;
    ret_defect->ranges.bytes = range;
    ret_defect->ranges.len = put_range(range, cap, suffix);
}

static void make_advisory(void)
{
    static const char *const suffixes[] = {"", "2", "3"};
    uint8_t ranges[3][160], payload[MUSTER_ADVISORY_MAX];
    struct muster_advisory a;

    memset(&a, 0, sizeof a);
    a.vendor = muster_slice_of(option("vendor", st.vendor));
    a.model = muster_slice_of(option("model", st.model));
    a.issued = moment("issued", "0");
    a.expires = end_of_life(a.issued, 30);
    a.defects_n = count_defects();
    for (size_t i = 0; i < a.defects_n; i++)
        read_defect(suffixes[i], ranges[i], sizeof ranges[i], &a.defects[i]);
    keep(MUSTER_ADVISORY, payload, muster_advisory_write(&a, payload, sizeof payload),
         option("signer", "S")[0]);
}

static void make_standing(void)
{
    static const char *const levels[] = {"revoked", "suspended", "good"};
    struct key on = key_of(option("on", "S")[0]);
    uint8_t payload[MUSTER_STANDING_MAX];
    struct muster_standing s;

    memset(&s, 0, sizeof s);
    s.key = on.key;
    s.name = muster_slice_of("signer");
    for (int i = 0; i < 3; i++)
        if (strcmp(levels[i], option("level", "good")) == 0)
            s.level = (enum muster_level)i;
    s.issued = moment("issued", "0");
    s.expires = end_of_life(s.issued, 14);
    s.floor = moment("floor", "never");
    s.scope_n = option("scope", NULL) != NULL;
    s.scope[0] = muster_slice_of(option("scope", ""));
    keep(MUSTER_STANDING, payload, muster_standing_write(&s, payload, sizeof payload),
         option("by", "A")[0]);
}

/* anchors=A,B or anchors=A+N,B: authorities, each with a next key after a plus. */
static void read_anchors(struct muster_firmware *fw, const char *text)
{
    memset(fw->anchors, 0, sizeof fw->anchors);
    fw->anchors_n = 0;
    for (const char *p = text; *p != '\0' && fw->anchors_n < MUSTER_AUTHORITIES; p++) {
        struct muster_anchor *a;
        struct key k;

        if (*p == ',')
            continue;
        k = key_of(*p);
        if (p > text && p[-1] == '+') {
            memcpy(fw->anchors[fw->anchors_n - 1].next, k.key, 32);
            continue;
        }
        if (*p == '+')
            continue;
        a = &fw->anchors[fw->anchors_n++];
        memcpy(a->key, k.key, 32);
        a->has_service = has("services");
    }
}

static void keep_option(const char *word, char ret_text[65])
{
    if (option(word, NULL) != NULL)
        snprintf(ret_text, 65, "%s", option(word, NULL));
}

static void set_firmware(struct muster_firmware *fw)
{
    keep_option("vendor", st.vendor);
    keep_option("model", st.model);
    keep_option("build", st.build);
    CHECK_EQ_INT(muster_identity_set(&fw->id, st.vendor, st.model, st.build,
                                     (uint64_t)atoll(option("number", "0"))),
                 0);
    if (option("anchors", NULL) != NULL)
        read_anchors(fw, strcmp(option("anchors", ""), "none") == 0 ? "" : option("anchors", ""));
    fw->quorum = (uint8_t)atoi(option("quorum", "0"));
    fw->notice_only = has("notice_only");
    fw->forwards = has("forwards");
    fw->enforce_anyway = has("enforce_anyway");
    fw->built_s = moment("built", "-30d");
}

static uint64_t clock_of(const char *text)
{
    return strcmp(text, "1970") == 0 ? 0 : moment_of(text);
}

static void do_device(void)
{
    struct muster_firmware fw;

    memset(&fw, 0, sizeof fw);
    set_firmware(&fw);
    if (option("anchors", NULL) == NULL)
        read_anchors(&fw, "A");
    virtual_prepare(&st.v, &fw, START_S, !has("unsynced"));
    if (option("clock", NULL) != NULL)
        st.v.now.clock_s = clock_of(option("clock", ""));
    st.v.emit = strcmp(option("emit", "yes"), "yes") == 0;
    st.v.random += strtoull(option("seed", "0"), NULL, 10);
    virtual_start(&st.v);
}

static void fill_answer(struct virtual_answer *a, size_t from)
{
    memset(a, 0, sizeof *a);
    for (size_t i = from; i < st.words_n; i++) {
        const char *w = st.words[i];

        if (strcmp(w, "silence") == 0)
            a->silent = true;
        else if (strcmp(w, "more") == 0)
            a->flags |= MUSTER_FLAG_MORE;
        else if (strcmp(w, "notice_only") == 0)
            a->flags |= MUSTER_FLAG_NOTICE_ONLY;
        else if (strcmp(w, "padded") == 0)
            st.v.answer_only_padded = true;
        for (size_t k = 0; k < st.records_n; k++)
            if (strcmp(st.records[k].name, w) == 0 && a->records_n < MUSTER_RECORDS_MAX) {
                a->records[a->records_n].bytes = st.records[k].bytes;
                a->records[a->records_n++].len = st.records[k].len;
            }
    }
}

static void do_answer(void)
{
    st.v.answer_only_padded = false;
    fill_answer(&st.v.answer, 1);
    st.v.answer_families = (unsigned)atoi(option("families", "3"));
}

static void do_inquiry(void)
{
    fill_answer(&st.v.inquiry[st.words[1][0] - 'A'], 2);
}

/* A reply put on the wire by somebody: to the running occasion, or with a made-up nonce. */
static void do_deliver(void)
{
    unsigned slot = has("v6") ? MUSTER_SLOT_IPV6 : MUSTER_SLOT_IPV4;
    unsigned times = (unsigned)atoi(option("times", "1"));
    struct virtual_answer a;
    uint8_t nonce[MUSTER_NONCE_LEN];

    fill_answer(&a, 1);
    for (unsigned i = 0; i < times; i++) {
        memcpy(nonce, st.v.d.occasion.nonce[slot], sizeof nonce);
        if (has("wrong_nonce"))
            virtual_random(&st.v, nonce, sizeof nonce);
        st.v.queue_n = 0;
        virtual_reply(&st.v, slot, nonce, &a);
        virtual_deliver_first(&st.v);
    }
}

static void do_attach(void)
{
    virtual_attach(&st.v, (uint8_t)atoi(option("network", "1")),
                   (unsigned)atoi(option("families", "1")));
}

static void do_restart(void)
{
    if (option("off", NULL) != NULL) {
        st.v.off = true;
        virtual_advance(&st.v, st.v.now.mono_ms + (uint64_t)seconds(option("off", "0")) * 1000);
    }
    set_firmware(&st.v.fw);
    if (option("clock", NULL) != NULL)
        st.v.now.clock_s = clock_of(option("clock", ""));
    if (option("emit", NULL) != NULL)
        st.v.emit = strcmp(option("emit", ""), "yes") == 0;
    st.v.damaged = has("damaged");
    virtual_start(&st.v);
}

/* One byte of the saved state turns, or its end is lost. */
static void do_spoil(void)
{
    if (has("cut_short"))
        st.v.saved_len /= 2;
    else
        st.v.saved[st.v.saved_len / 2] ^= 1;
}

static void do_clock(void)
{
    if (has("synced") || has("unsynced"))
        st.v.now.synced = has("synced");
    if (option("at", NULL) != NULL)
        st.v.now.clock_s = moment("at", "0");
    if (option("plus", NULL) != NULL)
        st.v.now.clock_s = (uint64_t)((int64_t)st.v.now.clock_s + seconds(option("plus", "0")));
    muster_device_on_timer(&st.v.d, &st.v.now, &st.v.actions);
    virtual_perform(&st.v);
}

static void do_override(void)
{
    int error;

    if (has("off"))
        error = muster_device_override_off(&st.v.d, &st.v.now, &st.v.actions);
    else
        error = muster_device_override(
            &st.v.d, &st.v.now, has("always") ? MUSTER_FOREVER : (uint64_t)seconds(st.words[1]),
            &st.v.actions);
    CHECK_EQ_INT(error, has("nothing") ? MUSTER_E_NOT_FOUND : MUSTER_OK);
    virtual_perform(&st.v);
}

static void do_report(void)
{
    muster_device_report(&st.v.d, &st.v.now, &st.v.actions);
    virtual_perform(&st.v);
}

static void do_emit(void)
{
    muster_device_set_emit(&st.v.d, &st.v.now, has("yes"), &st.v.actions);
    virtual_perform(&st.v);
}

static void do_forwards(void)
{
    muster_device_set_forwards(&st.v.d, &st.v.now, has("yes"), &st.v.actions);
    virtual_perform(&st.v);
}

static void do_reset(void)
{
    muster_device_factory_reset(&st.v.d, &st.v.now, &st.v.actions);
    virtual_perform(&st.v);
}

static void do_store(void)
{
    st.v.store_fails = has("fails");
}

static void do_at(void)
{
    uint64_t to_ms = BEGIN_MS + (uint64_t)seconds(st.words[1]) * 1000;

    CHECK(to_ms >= st.v.now.mono_ms);
    virtual_advance(&st.v, to_ms);
}

/* COUNT N: since this count was last expected. N may be >=N or <=N. */
static void expect_count(unsigned *count, const char *want)
{
    if (strncmp(want, ">=", 2) == 0)
        CHECK((int)*count >= atoi(want + 2));
    else if (strncmp(want, "<=", 2) == 0)
        CHECK((int)*count <= atoi(want + 2));
    else
        CHECK_EQ_INT(*count, atoi(want));
    *count = 0;
}

static bool expect_counts(void)
{
    const struct {
        const char *name;
        unsigned *count;
    } counts[] = {
        {"reports", &st.v.reports},   {"padded", &st.v.padded},  {"inquiries", &st.v.inquiries},
        {"stores", &st.v.stores},     {"tells", &st.v.tells},    {"cuts", &st.v.cuts},
        {"releases", &st.v.releases}, {"reports4", &st.v.sent4}, {"reports6", &st.v.sent6},
    };

    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        if (strcmp(st.words[1], counts[i].name) == 0) {
            expect_count(counts[i].count, st.words[2]);
            return true;
        }
    return false;
}

/* Names of errors have blanks, words of a script have none: not_covered. */
static bool is_error_name(const char *name, const char *word)
{
    for (; *name != '\0' && (*name == *word || (*name == ' ' && *word == '_')); name++)
        word++;
    return *name == '\0' && *word == '\0';
}

/* expect ignored ERROR LEAST: since the device started. */
static void expect_ignored(void)
{
    for (int i = 0; i < MUSTER_ERRORS_N; i++)
        if (is_error_name(muster_error_name(-i), st.words[2])) {
            CHECK((int)st.v.d.counts.ignored[i] >= atoi(st.words[3]));
            return;
        }
    CHECK(!"a known error");
}

/* expect sent N EARLIEST LATEST: when the N-th report since the last count was sent. */
static void expect_sent(void)
{
    size_t n = (size_t)atoi(st.words[2]);
    int64_t at_ms;

    CHECK(n >= 1 && n <= st.v.reports && n <= VIRTUAL_QUEUE_MAX);
    if (n < 1 || n > st.v.reports || n > VIRTUAL_QUEUE_MAX)
        return;
    at_ms = (int64_t)st.v.report_ms[n - 1] - BEGIN_MS;
    CHECK(at_ms >= seconds(st.words[3]) * 1000);
    CHECK(at_ms <= seconds(st.words[4]) * 1000);
}

/* expect gap N LEAST MOST: between the N-th report and the next. */
static void expect_gap(void)
{
    size_t n = (size_t)atoi(st.words[2]);
    int64_t gap_ms;

    CHECK(n >= 1 && n + 1 <= st.v.reports && n + 1 <= VIRTUAL_QUEUE_MAX);
    if (n < 1 || n + 1 > st.v.reports || n + 1 > VIRTUAL_QUEUE_MAX)
        return;
    gap_ms = (int64_t)(st.v.report_ms[n] - st.v.report_ms[n - 1]);
    CHECK(gap_ms >= seconds(st.words[3]) * 1000);
    CHECK(gap_ms <= seconds(st.words[4]) * 1000);
}

static void expect_shown(void)
{
    struct muster_shown shown;
    int n = 0;

    while (muster_device_shown(&st.v.d, &st.v.now, (size_t)n, &shown))
        n++;
    CHECK_EQ_INT(n, atoi(st.words[2]));
}

static void expect_lease(void)
{
    struct muster_shown shown;

    CHECK(muster_device_shown(&st.v.d, &st.v.now, 0, &shown));
    CHECK((int64_t)shown.left_s >= seconds(st.words[2]));
    CHECK((int64_t)shown.left_s <= seconds(st.words[3]));
}

/* Signature checks of this hour. */
static void expect_checks(void)
{
    CHECK_EQ_INT(st.v.d.memory.budget.used, atoi(st.words[2]));
}

static void expect_url(void)
{
    struct muster_shown shown;

    CHECK(muster_device_shown(&st.v.d, &st.v.now, 0, &shown));
    CHECK_EQ_INT(shown.url.len > 0, strcmp(st.words[2], "yes") == 0);
}

static void expect_override(void)
{
    uint64_t left = muster_device_override_left(&st.v.d, &st.v.now);

    if (strcmp(st.words[2], "forever") == 0) {
        CHECK(left == MUSTER_FOREVER);
        return;
    }
    CHECK(left >= (uint64_t)seconds(st.words[2]));
    CHECK(left <= (uint64_t)seconds(st.words[3]));
}

static void expect_time(void)
{
    int64_t now = (int64_t)(muster_device_time(&st.v.d, &st.v.now) - START_S);

    CHECK(now >= seconds(st.words[2]));
    CHECK(now <= seconds(st.words[3]));
}

static void expect_state(bool cut)
{
    CHECK_EQ_INT(st.v.cut, cut);
    CHECK_EQ_INT(muster_device_is_quarantined(&st.v.d), cut);
}

static void expect_event(void)
{
    static const char *const events[] = {"attach", "periodic", "recheck", "manual"};

    CHECK_EQ_STR(events[st.v.last_event], st.words[2]);
}

static void expect_cut(void)
{
    expect_state(true);
}

static void expect_free(void)
{
    expect_state(false);
}

/* expect fit|notice|fail [ID] */
static void expect_verdict(void)
{
    static const char *const levels[] = {"fit", "notice", "fail"};
    char id[64];

    CHECK_EQ_STR(levels[virtual_verdict(&st.v, id)], st.words[1]);
    if (st.words_n > 2)
        CHECK_EQ_STR(id, st.words[2]);
}

static const struct {
    const char *word;
    void (*check)(void);
    size_t words_n; /* that must be there */
} expectations[] = {
    {"cut", expect_cut, 2},        {"free", expect_free, 2},         {"fit", expect_verdict, 2},
    {"notice", expect_verdict, 2}, {"fail", expect_verdict, 2},      {"ignored", expect_ignored, 4},
    {"time", expect_time, 4},      {"event", expect_event, 3},       {"sent", expect_sent, 5},
    {"gap", expect_gap, 5},        {"shown", expect_shown, 3},       {"lease", expect_lease, 4},
    {"url", expect_url, 3},        {"override", expect_override, 3}, {"checks", expect_checks, 3},
};

static void do_expect(void)
{
    if (st.words_n >= 3 && expect_counts())
        return;
    for (size_t i = 0; st.words_n > 1 && i < sizeof expectations / sizeof *expectations; i++)
        if (strcmp(st.words[1], expectations[i].word) == 0 &&
            st.words_n >= expectations[i].words_n) {
            expectations[i].check();
            return;
        }
    CHECK(!"a known expectation");
}

static const struct {
    const char *word;
    void (*run)(void);
} commands[] = {
    {"device", do_device},   {"advisory", make_advisory}, {"standing", make_standing},
    {"at", do_at},           {"attach", do_attach},       {"answer", do_answer},
    {"inquiry", do_inquiry}, {"deliver", do_deliver},     {"restart", do_restart},
    {"clock", do_clock},     {"override", do_override},   {"report", do_report},
    {"emit", do_emit},       {"store", do_store},         {"expect", do_expect},
    {"reset", do_reset},     {"forwards", do_forwards},   {"spoil", do_spoil},
};

static void play_line(char *line)
{
    char *save = NULL, *word;

    line[strcspn(line, "#\n")] = '\0';
    st.words_n = 0;
    for (word = strtok_r(line, " \t", &save); word != NULL && st.words_n < WORDS_MAX;
         word = strtok_r(NULL, " \t", &save))
        st.words[st.words_n++] = word;
    if (st.words_n == 0)
        return;
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strcmp(st.words[0], commands[i].word) == 0) {
            commands[i].run();
            return;
        }
    CHECK(!"a known command");
}

static void play(void)
{
    char path[512], line[1024];
    unsigned number = 0;
    FILE *f;

    memset(&st, 0, sizeof st);
    snprintf(st.vendor, sizeof st.vendor, "acme");
    snprintf(st.model, sizeof st.model, "cam");
    snprintf(st.build, sizeof st.build, "1.0");
    snprintf(path, sizeof path, "%s/tests/scenario/%s", MUSTER_SOURCE_DIR, test_running->name);
    f = fopen(path, "r");
    REQUIRE(f != NULL);
    while (fgets(line, sizeof line, f) != NULL) {
        test_case("%s:%u", test_running->name, ++number);
        play_line(line);
    }
    fclose(f);
}

static int is_script(const struct dirent *e)
{
    size_t len = strlen(e->d_name);

    return len > 4 && strcmp(e->d_name + len - 4, ".txt") == 0;
}

__attribute__((constructor)) static void find_scripts(void)
{
    struct dirent **found;
    int n = scandir(MUSTER_SOURCE_DIR "/tests/scenario", &found, is_script, alphasort);

    for (int i = 0; i < n; i++)
        test_register(found[i]->d_name, play); /* names live as long as the program */
    if (n >= 0)
        free(found);
}
