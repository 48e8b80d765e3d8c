/* SPDX-License-Identifier: ISC */
/* The OSV reader on whole documents. What it refuses, and in which words, is in tests/e2e/tool.sh.
 */
#include "scratch.h"
#include "test.h"
#include "tool/names.h"
#include "tool/source.h"

static struct source source;
static struct problems problems;

static int read_anew(const char *text)
{
    char path[256];
    FILE *file;

    source_free(&source);
    (void)snprintf(path, sizeof path, "%s/source.json", scratch_dir());
    file = fopen(path, "w");
    if (file == NULL)
        return -2;
    fputs(text, file);
    fclose(file);
    return source_read(path, &problems, &source);
}

static int read_text(const char *text)
{
    memset(&problems, 0, sizeof problems);
    return read_anew(text);
}

static int read_warned(const char *text)
{
    memset(&problems, 0, sizeof problems);
    problems.warns = true;
    return read_anew(text);
}

#define HEAD    "{\"id\":\"CVE-1\",\"modified\":\"2026-01-01T00:00:00.25Z\","
#define PACKAGE "\"package\":{\"ecosystem\":\"Muster\",\"name\":\"acme/cam\"}"

static struct muster_range range_at(size_t wanted)
{
    struct muster_range range;
    struct muster_cbor c;
    size_t i;

    memset(&range, 0, sizeof range);
    muster_cbor_init(&c, source.ranges);
    for (i = 0; i <= wanted; i++)
        muster_range_read(&c, &range);
    CHECK(c.error == MUSTER_OK);
    return range;
}

TEST(the_example_reads)
{
    REQUIRE(source_read(MUSTER_SOURCE_DIR
                        "/examples/list/CVE-2021-36260-hikvision-ds-2cd2042wd-i.json",
                        &problems, &source) == 0);
    CHECK_EQ_STR(source.id, "CVE-2021-36260");
    CHECK(muster_slice_equal(source.vendor, muster_slice_of("hikvision")));
    CHECK(muster_slice_equal(source.model, muster_slice_of("ds-2cd2042wd-i")));
    CHECK_EQ_INT(source.reason, MUSTER_REMOTE_TAKEOVER);
    CHECK_EQ_INT(source.enforce, ENFORCE_DEFAULT);
    REQUIRE(source.ranges_n == 1);
    CHECK(muster_slice_equal(range_at(0).until, muster_slice_of("V5.5.800 build 210628")));
}

TEST(all_that_may_be_said)
{
    REQUIRE(
        read_text(HEAD
                  "\"severity\":[],\"references\":[],\"affected\":[{" PACKAGE
                  ",\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"1.0\"},"
                  "{\"last_affected\":\"1.9\"}]}],\"versions\":[\"0.9-beta\"],"
                  "\"database_specific\":{\"muster\":{\"numbers\":[[5,7]]}}}],"
                  "\"database_specific\":{\"other\":1,\"muster\":{\"reason\":3,\"fixed-in\":\"2\","
                  "\"url\":\"https://a.example/\",\"enforce-after\":3}}}") == 0);
    CHECK_EQ_INT(source.ranges_n, 3);
    CHECK_EQ_INT(range_at(0).bounds, MUSTER_UNTIL_INCLUDED);
    CHECK_EQ_INT(range_at(1).kind, MUSTER_RANGE_EXACT);
    CHECK_EQ_INT(range_at(2).low, 5);
    CHECK_EQ_INT(source.reason, MUSTER_KNOWN_EXPLOITED);
    CHECK_EQ_STR(source.fixed_in, "2");
    CHECK_EQ_STR(source.url, "https://a.example/");
    CHECK_EQ_INT(source.enforce, ENFORCE_AFTER);
    CHECK_EQ_INT(source.enforce_after_s, 3 * MUSTER_DAY_S);
}

TEST(what_is_not_said_has_defaults)
{
    REQUIRE(read_text(
                HEAD "\"affected\":[{" PACKAGE
                     ",\"ranges\":[{\"type\":\"ECOSYSTEM\",\"events\":[{\"introduced\":\"0\"},"
                     "{\"fixed\":\"1.9\"},{\"introduced\":\"2\"},{\"fixed\":\"2.10\"}]}]}]}") == 0);
    CHECK_EQ_INT(source.reason, MUSTER_OTHER);
    CHECK_EQ_STR(source.fixed_in, "2.10");
    CHECK_EQ_STR(source.url, "");
}

TEST(the_same_key_in_both_places_is_refused)
{
    CHECK(read_text(HEAD "\"affected\":[{" PACKAGE ",\"versions\":[\"1\"],"
                         "\"database_specific\":{\"muster\":{\"reason\":1}}}],"
                         "\"database_specific\":{\"muster\":{\"reason\":1}}}") < 0);
    CHECK_EQ_INT(problems.n, 1);
}

TEST(several_entries_on_one_model_are_one_defect)
{
    REQUIRE(read_text(HEAD "\"affected\":[{" PACKAGE ",\"versions\":[\"1\"]},{" PACKAGE
                           ",\"versions\":[\"2\",\"1\"]}]}") == 0);
    CHECK_EQ_INT(source.ranges_n, 2);
}

TEST(all_problems_of_a_file_are_told)
{
    CHECK(read_text("{\"affected\":[{\"package\":{\"ecosystem\":\"npm\"},\"versions\":[\"\"]}]}") <
          0);
    CHECK_EQ_INT(problems.n, 4);
}

TEST(a_failed_read_leaves_the_source_alone)
{
    struct source before;

    REQUIRE(read_text(HEAD "\"affected\":[{" PACKAGE ",\"versions\":[\"1\"]}]}") == 0);
    memcpy(&before, &source, sizeof before);
    CHECK(source_read("/nonexistent", &problems, &source) < 0);
    CHECK_EQ_MEM(&before, &source, sizeof before);
    source_free(&source);
}

#define RANGES(events) HEAD "\"affected\":[{" PACKAGE ",\"ranges\":[" events "]}]"
#define EVENTS(text)   "{\"type\":\"ECOSYSTEM\",\"events\":[" text "]}"
#define ALL_BUILDS     ",\"database_specific\":{\"muster\":{\"all-builds\":true}}}"

/* Whether the text is refused by this rule alone. */
static bool refused(enum rule rule, const char *text)
{
    test_case("%.120s", text);
    return read_text(text) < 0 && problems.n == 1 && problems.last == rule;
}

/* Reads it with warnings on; whether it is this one alone. */
static bool warned(enum rule rule, const char *text)
{
    test_case("%.120s", text);
    return read_warned(text) == 0 && problems.warnings_n == 1 && problems.last == rule;
}

TEST(a_fixed_build_that_is_covered_is_refused)
{
    CHECK(refused(RULE_FIXED_COVERED,
                  HEAD "\"affected\":[{" PACKAGE ",\"versions\":[\"1.5\"]}],\"database_specific\":{"
                       "\"muster\":{\"fixed-in\":\"1.5\"}}}"));
    CHECK(refused(RULE_FIXED_COVERED,
                  RANGES(EVENTS("{\"introduced\":\"0\"},{\"fixed\":\"4.3.3\"}") "," EVENTS(
                      "{\"introduced\":\"0\"},{\"fixed\":\"4.3.6\"}")) "}"));
    CHECK(read_text(RANGES(EVENTS("{\"introduced\":\"0\"},{\"fixed\":\"4.3\"},"
                                  "{\"introduced\":\"5\"},{\"fixed\":\"5.1\"}")) "}") == 0);
}

TEST(what_covers_every_build_is_refused)
{
    static const char *const chains[] = {
        RANGES(EVENTS("{\"introduced\":\"0\"}")) "}",
        RANGES(EVENTS("{\"introduced\":\"0\"},{\"last_affected\":\"2\"}") "," EVENTS(
            "{\"introduced\":\"5\"}") "," EVENTS("{\"introduced\":\"2\"},{\"last_affected\":"
                                                 "\"6\"}")) "}",
        HEAD "\"affected\":[{" PACKAGE "}],\"database_specific\":{\"muster\":{"
             "\"numbers\":[[1,9223372036854775807]]}}}",
        HEAD "\"affected\":[{" PACKAGE "}],\"database_specific\":{\"muster\":{"
             "\"numbers\":[[8,9000000000000],[1,7]]}}}"};
    size_t i;

    for (i = 0; i < sizeof chains / sizeof *chains; i++)
        CHECK(refused(RULE_COVERS_ALL, chains[i]));
    CHECK(read_text(RANGES(EVENTS("{\"introduced\":\"0\"}")) ALL_BUILDS) == 0);
    CHECK(read_text(RANGES(EVENTS("{\"introduced\":\"0\"},{\"fixed\":\"2\"}") "," EVENTS(
              "{\"introduced\":\"r3\"}")) "}") == 0);
    CHECK(read_text(RANGES(
              EVENTS("{\"introduced\":\"0\"},{\"fixed\":\"2\"},{\"introduced\":\"3\"}")) "}") == 0);
}

#define SURE "{\"id\":\"CVE-2026-1234\",\"modified\":\"2026-01-01T00:00:00Z\","
#define SAID(events)                                                                               \
    SURE "\"affected\":[{" PACKAGE ",\"ranges\":[" EVENTS(                                         \
        events) "]}],"                                                                             \
                "\"database_specific\":{\"muster\":{\"url\":\"https://a.example/\"}}}"

TEST(warnings_on_one_file)
{
    CHECK(read_warned(SAID("{\"introduced\":\"0\"},{\"fixed\":\"2.1 build 7\"}")) == 0);
    CHECK_EQ_INT(problems.warnings_n, 0);
    CHECK(warned(RULE_OPEN_END, SAID("{\"introduced\":\"2\"}")));
    CHECK(warned(RULE_SURPRISE, SAID("{\"introduced\":\"0\"},{\"fixed\":\"1.0.9_b3\"}")));
    CHECK(warned(RULE_SURPRISE, SAID("{\"introduced\":\"0\"},{\"fixed\":\"1.0-test\"}")));
    CHECK(warned(RULE_SURPRISE, SAID("{\"introduced\":\"1.0\"},{\"last_affected\":\"20151231\"}")));
    CHECK(warned(RULE_SURPRISE,
                 SAID("{\"introduced\":\"1.0 build 7\"},{\"last_affected\":\"1.1.4\"}")));
    CHECK(warned(RULE_NO_FIX, SURE "\"affected\":[{" PACKAGE ",\"versions\":[\"1\"]}]}"));
    CHECK(
        warned(RULE_ID_SHAPE,
               "{\"id\":\"my bug\",\"modified\":\"2026-01-01T00:00:00Z\",\"affected\":[{" PACKAGE
               ",\"versions\":[\"1\"]}],\"database_specific\":{\"muster\":{\"fixed-in\":\"2\"}}}"));
    CHECK(
        warned(RULE_TIME_ORDER,
               "{\"id\":\"CVE-2026-1234\",\"modified\":\"2026-01-01T00:00:00Z\","
               "\"published\":\"2026-02-01T00:00:00Z\",\"affected\":[{" PACKAGE
               ",\"versions\":[\"1\"]}],\"database_specific\":{\"muster\":{\"fixed-in\":\"2\"}}}"));
}

TEST(bounds_that_are_no_surprise)
{
    static const char *const bounds[] = {"1.305b210528", "SP1A.210812.016", "1.0-rc1", "5.4a",
                                         "1.1.4 Build 20230219 rel.12345"};
    char text[512];
    size_t i;

    for (i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        (void)snprintf(text, sizeof text, SAID("{\"introduced\":\"0\"},{\"fixed\":\"%s\"}"),
                       bounds[i]);
        test_case("%s", bounds[i]);
        CHECK(read_warned(text) == 0);
        CHECK_EQ_INT(problems.warnings_n, 0);
    }
    CHECK(read_warned(SAID("{\"introduced\":\"1.05b03\"},{\"last_affected\":\"1.05b03\"}")) == 0);
    CHECK_EQ_INT(problems.warnings_n, 0);
}

TEST(without_warnings_there_are_none)
{
    REQUIRE(read_text(SAID("{\"introduced\":\"2\"}")) == 0);
    CHECK_EQ_INT(problems.warnings_n, 0);
}

TEST(names_are_suggested_as_cpe_writes_them)
{
    char out[MUSTER_NAME_MAX + 1];

    names_suggest(muster_slice_of("DS-2CD2042WD(I) \xc3\xa9"), out);
    CHECK_EQ_STR(out, "ds-2cd2042wd_i____");
}
