/* SPDX-License-Identifier: ISC */
/* All that is known of a model in one advisory: what is joined, what is left out, what is refused.
 */
#include "test.h"
#include "test_tool_sources.h"
#include "tool/join.h"

#define NOW  UINT64_C(1790000000)
#define MOST 300

static struct source sources[MOST];
static uint64_t from[MOST];
static size_t n;
static struct join room;
static struct muster_advisory advisory;
static struct problems problems;

static void begin(void)
{
    size_t i;

    for (i = 0; i < n; i++)
        source_free(&sources[i]);
    n = 0;
    memset(&problems, 0, sizeof problems);
}

static struct source *add(const char *fixed)
{
    char id[16];

    (void)snprintf(id, sizeof id, "CVE-%04zu", n);
    sources[n] = test_source("acme", "cam", id, fixed);
    from[n] = NOW + 14 * MUSTER_DAY_S;
    return &sources[n++];
}

static void set_url(struct source *s, size_t len)
{
    free(s->url);
    s->url = malloc(len + 1);
    memset(s->url, 'u', len);
    memcpy(s->url, "https://", 8);
    s->url[len] = '\0';
}

static int join(void)
{
    memset(&advisory, 0, sizeof advisory);
    advisory.vendor = muster_slice_of("acme");
    advisory.model = muster_slice_of("cam");
    advisory.issued = NOW;
    advisory.expires = NOW + 30 * MUSTER_DAY_S;
    return join_model(&room, sources, from, n, &advisory, &problems);
}

static void check_id(size_t i, const char *id)
{
    CHECK(muster_slice_equal(advisory.defects[i].id, muster_slice_of(id)));
}

TEST(each_file_is_a_defect)
{
    begin();
    add("1.1");
    add("1.2");
    REQUIRE(join() == 0);
    CHECK_EQ_INT(advisory.defects_n, 2);
    check_id(0, "CVE-0000");
    check_id(1, "CVE-0001");
}

TEST(more_than_four_are_joined_from_the_front)
{
    size_t i;

    begin();
    for (i = 0; i < 6; i++)
        add(i % 2 ? "1.10" : "1.9");
    REQUIRE(join() == 0);
    CHECK_EQ_INT(advisory.defects_n, 4);
    check_id(0, "CVE-0000 +2");
    CHECK_EQ_INT(advisory.defects[0].ranges_n, 1); /* below 1.10 contains below 1.9 */
    CHECK(muster_slice_equal(advisory.defects[0].fixed_in, muster_slice_of("1.10")));
}

TEST(every_source_still_covers_its_builds)
{
    size_t i;
    char fixed[16], below[16];

    begin();
    for (i = 0; i < 12; i++) {
        (void)snprintf(fixed, sizeof fixed, "%zu.5", i + 1);
        add(fixed);
    }
    REQUIRE(join() == 0);
    for (i = 0; i < 12; i++) {
        (void)snprintf(below, sizeof below, "%zu.4", i + 1);
        test_case("%s", below);
        CHECK(muster_advisory_covers(&advisory, muster_slice_of(below), 0));
    }
    CHECK(!muster_advisory_covers(&advisory, muster_slice_of("12.5"), 0));
}

static void add_said(const char *fixed, uint64_t reason, uint64_t enforce_from)
{
    add(fixed)->reason = reason;
    from[n - 1] = enforce_from;
}

TEST(those_that_lose_least_are_joined_first)
{
    begin();
    add("1");
    add("2")->reason = MUSTER_DEFAULT_PASSWORD;
    add("3")->reason = MUSTER_OTHER;
    add("4")->reason = MUSTER_NO_MORE_UPDATES;
    add("5")->reason = MUSTER_OTHER;
    REQUIRE(join() == 0);
    check_id(2, "CVE-0002 +1");
}

TEST(what_has_passed_is_joined_with_the_later_time)
{
    begin();
    add_said("1", MUSTER_OTHER, NOW - 9);
    add_said("2", MUSTER_OTHER, NOW + 1);
    add_said("3", MUSTER_OTHER, NOW + 2);
    add_said("4", MUSTER_OTHER, NOW);
    add_said("5", MUSTER_OTHER, NOW + 1);
    REQUIRE(join() == 0);
    check_id(0, "CVE-0000 +1");
    CHECK(advisory.defects[0].enforce_from == NOW);
    check_id(1, "CVE-0001");
    check_id(2, "CVE-0002");
}

TEST(different_times_to_come_are_joined_with_the_later)
{
    begin();
    add_said("1", MUSTER_OTHER, NOW + 1);
    add_said("2", MUSTER_OTHER, NOW + 2);
    add_said("3", MUSTER_DEFAULT_PASSWORD, NOW + 3);
    add_said("4", MUSTER_NO_MORE_UPDATES, NOW + 4);
    add_said("5", MUSTER_REMOTE_TAKEOVER, NOW + 5);
    REQUIRE(join() == 0);
    check_id(0, "CVE-0000 +1");
    CHECK(advisory.defects[0].enforce_from == NOW + 2);
}

TEST(different_reasons_are_joined_under_the_graver)
{
    begin();
    add_said("1", MUSTER_OTHER, NOW + 1);
    add_said("2", MUSTER_NO_MORE_UPDATES, NOW + 1);
    add_said("3", MUSTER_DEFAULT_PASSWORD, NOW + 3);
    add_said("4", MUSTER_REMOTE_TAKEOVER, NOW + 4);
    add_said("5", 77, 0); /* an unknown reason is as good as other */
    REQUIRE(join() == 0);
    check_id(0, "CVE-0000 +1");
    CHECK_EQ_INT(advisory.defects[0].reason, MUSTER_NO_MORE_UPDATES);
    CHECK_EQ_INT(join_graver(MUSTER_KNOWN_EXPLOITED, MUSTER_USED_IN_ATTACKS),
                 MUSTER_USED_IN_ATTACKS);
    CHECK_EQ_INT(join_graver(MUSTER_KNOWN_EXPLOITED, MUSTER_REMOTE_TAKEOVER),
                 MUSTER_KNOWN_EXPLOITED);
    CHECK_EQ_INT(join_graver(MUSTER_DEFAULT_PASSWORD, MUSTER_REMOTE_TAKEOVER),
                 MUSTER_REMOTE_TAKEOVER);
    CHECK_EQ_INT(join_graver(77, MUSTER_NO_MORE_UPDATES), MUSTER_NO_MORE_UPDATES);
}

TEST(known_exploited_ones_keep_their_own_line)
{
    begin();
    add_said("1", MUSTER_KNOWN_EXPLOITED, NOW + 1);
    add_said("2", MUSTER_KNOWN_EXPLOITED, NOW + 1);
    add_said("3", MUSTER_USED_IN_ATTACKS, NOW + 1);
    add_said("4", MUSTER_OTHER, NOW + 1);
    add_said("5", MUSTER_REMOTE_TAKEOVER, NOW + 2);
    REQUIRE(join() == 0);
    check_id(0, "CVE-0000");
    check_id(1, "CVE-0001");
    check_id(2, "CVE-0002");
    check_id(3, "CVE-0003 +1");
}

TEST(enforced_and_not_yet_enforced_go_together_last_of_all)
{
    begin();
    add_said("1", MUSTER_OTHER, NOW - 1);
    add_said("2", MUSTER_KNOWN_EXPLOITED, NOW + 1);
    add_said("3", MUSTER_USED_IN_ATTACKS, NOW + 2);
    add_said("4", MUSTER_OTHER, 0);
    add_said("5", MUSTER_OTHER, NOW + 2);
    REQUIRE(join() == 0);
    check_id(0, "CVE-0000");
    check_id(2, "CVE-0002 +1"); /* at the same time; the others would be put off as well */
}

TEST(notice_only_is_joined_with_notice_only_alone)
{
    size_t i;

    begin();
    for (i = 0; i < 5; i++)
        add_said("1", MUSTER_OTHER, i < 3 ? 0 : NOW - 1);
    REQUIRE(join() == 0);
    check_id(0, "CVE-0000 +1");
    CHECK_EQ_INT(advisory.defects[0].enforce_from, 0);
    CHECK_EQ_INT(advisory.defects[0].ranges_n, 1);
    CHECK_EQ_INT(advisory.defects[2].enforce_from, NOW - 1);
}

static struct muster_range natural(const char *lower, const char *upper, unsigned bounds)
{
    return (struct muster_range){.kind = MUSTER_RANGE_NATURAL,
                                 .from = muster_slice_of(lower),
                                 .until = muster_slice_of(upper),
                                 .bounds = bounds};
}

static bool contains(struct muster_range outer, struct muster_range inner)
{
    return join_contains(&outer, &inner);
}

TEST(containment_is_proven_bound_by_bound)
{
    struct muster_range exact = {.kind = MUSTER_RANGE_EXACT, .from = muster_slice_of("1.5")},
                        same = exact, number = {.kind = MUSTER_RANGE_NUMBER, .low = 3, .high = 9},
                        less = {.kind = MUSTER_RANGE_NUMBER, .low = 4, .high = 9};

    CHECK(contains(natural("", "2", 0), natural("", "1", 0)));
    CHECK(contains(natural("", "2", 0), natural("1", "2", 0)));
    CHECK(!contains(natural("", "2", 0), natural("1", "2", MUSTER_UNTIL_INCLUDED)));
    CHECK(contains(natural("", "2", MUSTER_UNTIL_INCLUDED), natural("1", "2.0", 0)));
    CHECK(!contains(natural("1", "2", MUSTER_FROM_EXCLUDED), natural("1", "2", 0)));
    CHECK(contains(natural("1", "2", 0), natural("v1", "2", MUSTER_FROM_EXCLUDED)));
    CHECK(!contains(natural("1", "", 0), natural("", "2", 0)));
    CHECK(!contains(natural("", "2", 0), natural("1", "", 0)));
    CHECK(!contains(natural("", "r2", 0), natural("1", "2", 0)));
    CHECK(contains(natural("", "", 0), natural("r1", "r2", 0)));
    CHECK(contains(natural("1", "2", 0), exact));
    CHECK(!contains(natural("r1", "r2", 0), exact));
    CHECK(contains(exact, same));
    CHECK(!contains(exact, natural("1.5", "1.5", MUSTER_UNTIL_INCLUDED)));
    CHECK(contains(number, less));
    CHECK(!contains(less, number));
    CHECK(!contains(number, exact) && !contains(exact, number));
}

/* Builds near enough to each other to meet at bounds, in several orders and like classes. */
static const char *const builds[] = {"1",     "1.0",  "1.1", "1.1-rc1", "1.1a", "1.2",    "v1.2",
                                     "1.10",  "2",    "r1",  "r1.5",    "R2",   "r10",    "x1",
                                     "0.0.0", "beta", "--",  "2.0.1",   "2.1",  "10.0.0", "9"};
#define BUILDS_N (sizeof builds / sizeof *builds)

static const char *any_build(bool or_open)
{
    uint32_t i = randombytes_uniform((uint32_t)BUILDS_N + (or_open ? 4 : 0));

    return i < BUILDS_N ? builds[i] : "";
}

static struct muster_range any_range(void)
{
    struct muster_range r;

    do {
        r = natural(any_build(true), any_build(true), randombytes_uniform(4));
        r.kind = (enum muster_range_kind)randombytes_uniform(3);
        if (r.kind == MUSTER_RANGE_EXACT)
            r.from = muster_slice_of(any_build(false));
        r.low = randombytes_uniform(9);
        r.high = r.low + randombytes_uniform(5);
    } while (muster_range_check(&r) != MUSTER_OK);
    return r;
}

static void clear_ranges(struct source *s)
{
    free((void *)(uintptr_t)s->ranges.bytes);
    s->ranges = (struct muster_slice){NULL, 0};
    s->ranges_n = 0;
}

static void add_any(void)
{
    static const uint64_t times[] = {0, NOW - 2, NOW - 1, NOW, NOW + 1, NOW + 2};
    uint32_t i, more = randombytes_uniform(4);
    struct muster_range range;

    add_said("1.2", 1 + randombytes_uniform(6), times[randombytes_uniform(6)]);
    clear_ranges(&sources[n - 1]);
    for (i = 0; i <= more; i++) {
        range = any_range();
        if (source_add_range(&sources[n - 1], &range) != 0)
            abort();
    }
}

/* The earliest enforcement of what covers the build; UINT64_MAX: notice only, 0: not covered. */
static uint64_t said_by_sources(struct muster_slice build, uint64_t number)
{
    uint64_t earliest = 0;
    size_t i;

    for (i = 0; i < n; i++) {
        struct muster_defect d = {.ranges_n = sources[i].ranges_n, .ranges = sources[i].ranges};
        uint64_t at = from[i] == 0 ? UINT64_MAX : from[i];

        if (muster_defect_covers(&d, build, number) && (earliest == 0 || at < earliest))
            earliest = at;
    }
    return earliest;
}

static uint64_t said_by_advisory(struct muster_slice build, uint64_t number)
{
    uint64_t earliest = 0;
    size_t i;

    for (i = 0; i < advisory.defects_n; i++) {
        const struct muster_defect *d = &advisory.defects[i];
        uint64_t at = d->enforce_from == 0 ? UINT64_MAX : d->enforce_from;

        if (muster_defect_covers(d, build, number) && (earliest == 0 || at < earliest))
            earliest = at;
    }
    return earliest;
}

TEST(joining_never_changes_what_is_covered_nor_enforces_earlier)
{
    size_t round, i, joined = 0;
    uint64_t number, before, after;

    for (round = 0; round < 1500; round++) {
        begin();
        for (i = 1 + randombytes_uniform(20); i > 0; i--)
            add_any();
        problems.out = NULL;
        if (join() != 0)
            continue;
        joined += advisory.defects_n < n;
        for (i = 0; i < BUILDS_N; i++)
            for (number = 0; number < 14; number++) {
                test_case("round %zu, build %s, number %u", round, builds[i], (unsigned)number);
                before = said_by_sources(muster_slice_of(builds[i]), number);
                after = said_by_advisory(muster_slice_of(builds[i]), number);
                CHECK((before == 0) == (after == 0));
                CHECK(after >= before);
            }
    }
    CHECK(joined > 500);
}

TEST(containment_agrees_with_coverage)
{
    size_t round, i, contained = 0;
    uint64_t number;

    for (round = 0; round < 20000; round++) {
        struct muster_range outer = any_range(), inner = any_range();

        if (!join_contains(&outer, &inner))
            continue;
        contained++;
        for (i = 0; i < BUILDS_N; i++)
            for (number = 0; number < 14; number++)
                CHECK(!muster_range_covers(&inner, muster_slice_of(builds[i]), number) ||
                      muster_range_covers(&outer, muster_slice_of(builds[i]), number));
    }
    CHECK(contained > 500);
}

TEST(dozens_of_defects_of_many_months_make_an_advisory)
{
    char fixed[16];
    size_t i;

    begin();
    for (i = 0; i < 60; i++) {
        (void)snprintf(fixed, sizeof fixed, "5.%zu", i);
        add_said(fixed, 1 + i % 6, NOW - 60 * MUSTER_DAY_S + i * 2 * MUSTER_DAY_S);
    }
    REQUIRE(join() == 0);
    CHECK_EQ_INT(advisory.defects_n, 4);
    for (i = 0; i < 4; i++)
        CHECK_EQ_INT(advisory.defects[i].ranges_n, 1);
}

TEST(fixes_that_do_not_compare_are_left_out)
{
    size_t i;

    begin();
    for (i = 0; i < 5; i++)
        add("r7");
    free(sources[1].fixed_in);
    sources[1].fixed_in = strdup("1.2");
    REQUIRE(join() == 0);
    CHECK_EQ_INT(advisory.defects[0].fixed_in.len, 0);
}

TEST(urls_are_left_out_first_the_longest_before)
{
    begin();
    set_url(add("1"), 90);
    set_url(add("2"), 96);
    set_url(add("3"), 80);
    set_url(add("4"), 90);
    REQUIRE(join() == 0);
    CHECK_EQ_INT(advisory.defects_n, 4);
    CHECK_EQ_INT(advisory.defects[1].url.len, 0);
    CHECK_EQ_INT(advisory.defects[2].url.len, 80);
    CHECK(join_record_len(&advisory) > 0);
}

TEST(equal_urls_survive_joining)
{
    size_t i;

    begin();
    for (i = 0; i < 5; i++)
        set_url(add("1"), 30);
    REQUIRE(join() == 0);
    check_id(0, "CVE-0000 +1");
    CHECK_EQ_INT(advisory.defects[0].url.len, 30);
}

TEST(an_id_that_would_be_too_long_is_not_joined)
{
    size_t i;

    begin();
    for (i = 0; i < 5; i++)
        add("1");
    free(sources[0].id);
    sources[0].id = strdup("A-2345678901234567890123456789012");
    sources[0].id[32] = '\0';
    REQUIRE(join() == 0);
    CHECK_EQ_INT(advisory.defects[0].id.len, 32);
    check_id(1, "CVE-0001 +1");
}

/* A source of `count` exact builds that no other source has, each `len` characters long. */
static void add_exact(size_t count, int len)
{
    struct muster_range exact = {.kind = MUSTER_RANGE_EXACT};
    char build[65];
    size_t i;

    add("");
    clear_ranges(&sources[n - 1]);
    for (i = 0; i < count; i++) {
        (void)snprintf(build, sizeof build, "%0*zu", len, n * 10 + i);
        exact.from = muster_slice_of(build);
        CHECK(source_add_range(&sources[n - 1], &exact) == 0);
    }
}

TEST(too_much_is_refused)
{
    size_t i;

    begin();
    for (i = 0; i < 5; i++)
        add_exact(7, 4); /* 35 ranges; four defects hold 32 */
    CHECK(join() != 0);
    CHECK_EQ_INT(problems.n, 1);
    begin();
    for (i = 0; i < 4; i++)
        add_exact(2, 64); /* 528 bytes of ranges */
    CHECK(join() != 0);
    CHECK_EQ_INT(problems.n, 1);
    begin();
    for (i = 0; i < JOIN_MAX + 1; i++)
        add("1");
    CHECK(join() != 0);
    CHECK_EQ_INT(problems.n, 1);
}

TEST(the_predicted_length_is_the_record_s)
{
    uint8_t payload[MUSTER_ADVISORY_MAX], record[MUSTER_ADVISORY_MAX];
    struct test_signer signer;
    size_t i, len, step;

    test_signer_make(&signer, 7);
    for (step = 9; step < 97; step++) {
        begin();
        for (i = 0; i < 4; i++)
            set_url(add("1"), step);
        test_case("urls of %zu", step);
        REQUIRE(join() == 0);
        len = muster_advisory_write(&advisory, payload, sizeof payload);
        REQUIRE(muster_record_sign(MUSTER_ADVISORY, (struct muster_slice){payload, len},
                                   &signer.signing, record, sizeof record, &len) == MUSTER_OK);
        CHECK_EQ_INT(join_record_len(&advisory), len);
    }
}
