/* SPDX-License-Identifier: ISC */
/* Pairing of OSV events into ranges: the tool's only own reading of OSV. */
#include "test.h"
#include "tool/events.h"

static struct muster_range ranges[EVENTS_MAX];
static size_t ranges_n;
static char err[1200];

static struct event introduced(const char *build)
{
    return (struct event){EVENT_INTRODUCED, muster_slice_of(build)};
}

static struct event fixed(const char *build)
{
    return (struct event){EVENT_FIXED, muster_slice_of(build)};
}

static struct event last(const char *build)
{
    return (struct event){EVENT_LAST_AFFECTED, muster_slice_of(build)};
}

static int pair(struct event *events, size_t n)
{
    ranges_n = 0;
    err[0] = '\0';
    return events_pair(events, n, ranges, &ranges_n, err, sizeof err);
}

static void check_range(size_t i, const char *from, const char *until, unsigned bounds)
{
    CHECK(muster_slice_equal(ranges[i].from, muster_slice_of(from)));
    CHECK(muster_slice_equal(ranges[i].until, muster_slice_of(until)));
    CHECK_EQ_INT(ranges[i].bounds, bounds);
    CHECK_EQ_INT(ranges[i].kind, MUSTER_RANGE_NATURAL);
    CHECK(muster_range_check(&ranges[i]) == MUSTER_OK);
}

TEST(zero_opens_at_the_first_build)
{
    struct event events[] = {introduced("0"), fixed("V5.5.800 build 210628")};

    REQUIRE(pair(events, 2) == 0);
    REQUIRE(ranges_n == 1);
    check_range(0, "", "V5.5.800 build 210628", 0);
}

TEST(last_affected_is_included)
{
    struct event events[] = {introduced("1.0"), last("1.4")};

    REQUIRE(pair(events, 2) == 0);
    check_range(0, "1.0", "1.4", MUSTER_UNTIL_INCLUDED);
}

TEST(one_build_alone)
{
    struct event events[] = {introduced("1.0"), last("1.0")};

    REQUIRE(pair(events, 2) == 0);
    check_range(0, "1.0", "1.0", MUSTER_UNTIL_INCLUDED);
}

TEST(without_an_end_it_stays_open)
{
    struct event events[] = {introduced("2.0")};

    REQUIRE(pair(events, 1) == 0);
    check_range(0, "2.0", "", 0);
}

TEST(order_in_the_file_does_not_matter)
{
    struct event events[] = {fixed("4.0"),      introduced("3.0"), fixed("10.0"),
                             introduced("9.0"), introduced("0"),   fixed("2.0")};

    REQUIRE(pair(events, 6) == 0);
    REQUIRE(ranges_n == 3);
    check_range(0, "", "2.0", 0);
    check_range(1, "3.0", "4.0", 0);
    check_range(2, "9.0", "10.0", 0);
}

TEST(touching_ranges_keep_the_order_of_the_file)
{
    struct event events[] = {introduced("1"), fixed("2"), introduced("2"), fixed("3")};

    REQUIRE(pair(events, 4) == 0);
    CHECK_EQ_INT(ranges_n, 2);
}

TEST(refusals)
{
    static const struct {
        const char *name, *wanted;
        struct event events[4];
        size_t n;
    } cases[] = {
        {"nothing", "no introduced", {{0}}, 0},
        {"fixed alone", "no introduced before", {{EVENT_FIXED, {(const uint8_t *)"1", 1}}}, 1},
    };
    struct event reversed[] = {introduced("2.0"), fixed("1.0")};
    struct event empty[] = {introduced("2.0"), fixed("v2")};
    struct event nested[] = {introduced("1"), introduced("2"), fixed("3")};
    struct event twice[] = {introduced("1"), fixed("2"), fixed("3")};
    struct event unlike[] = {introduced("1.0"), fixed("r25000")};
    struct event runless[] = {introduced("0"), fixed("0.0")};
    struct event copy[4];
    size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        test_case("%s", cases[i].name);
        memcpy(copy, cases[i].events, sizeof copy);
        CHECK(pair(copy, cases[i].n) < 0);
        CHECK(strstr(err, cases[i].wanted) != NULL);
    }
    test_case("reversed");
    CHECK(pair(reversed, 2) < 0 && strstr(err, "reversed") != NULL);
    test_case("empty");
    CHECK(pair(empty, 2) < 0 && strstr(err, "empty") != NULL);
    test_case("nested");
    CHECK(pair(nested, 3) < 0 && strstr(err, "already open") != NULL);
    test_case("closed twice");
    CHECK(pair(twice, 3) < 0 && strstr(err, "closed twice") != NULL);
    test_case("unlike");
    CHECK(pair(unlike, 2) < 0 && strstr(err, "like with like") != NULL);
    test_case("without runs");
    CHECK(pair(runless, 2) < 0 && strstr(err, "no digits or letters") != NULL);
}

TEST(numbers_reversed)
{
    struct muster_range range = {.kind = MUSTER_RANGE_NUMBER, .low = 9, .high = 2};

    CHECK(events_explain(&range, err, sizeof err) < 0);
    range.high = 9;
    CHECK(events_explain(&range, err, sizeof err) == 0);
}
