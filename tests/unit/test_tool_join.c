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
    CHECK_EQ_INT(advisory.defects[0].ranges_n, 2); /* the identical one is there once */
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

TEST(only_equal_reason_and_enforce_from_are_joined)
{
    begin();
    add("1");
    add("2")->reason = MUSTER_DEFAULT_PASSWORD;
    add("3");
    from[2]++;
    add("4")->reason = MUSTER_OTHER;
    add("5")->reason = MUSTER_NO_MORE_UPDATES;
    CHECK(join() != 0);
    CHECK_EQ_INT(problems.n, 1);
    begin();
    add("1");
    add("2")->reason = MUSTER_DEFAULT_PASSWORD;
    add("3")->reason = MUSTER_OTHER;
    add("4")->reason = MUSTER_NO_MORE_UPDATES;
    add("5")->reason = MUSTER_OTHER;
    REQUIRE(join() == 0);
    check_id(2, "CVE-0002 +1");
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

TEST(too_much_is_refused)
{
    char fixed[65];
    size_t i;

    begin();
    memset(fixed, '1', 64);
    fixed[64] = '\0';
    for (i = 0; i < 9; i++) {
        fixed[0] = (char)('1' + i);
        add(fixed);
    }
    CHECK(join() != 0);
    CHECK_EQ_INT(problems.n, 1);
    begin();
    for (i = 0; i < JOIN_MAX + 1; i++)
        add("1");
    CHECK(join() != 0);
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
