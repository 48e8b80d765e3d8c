/* SPDX-License-Identifier: ISC */
/* The grammar of version words, and the schemes that natural order cannot carry. Every row is a
 * text as feeds have it. */
#include "test.h"
#include "tool/scheme.h"
#include "tool/words.h"

struct row {
    const char *text;
    enum import_doubt doubt;
    const char *from, *until; /* of an exact build, `until` is NULL */
    bool until_included;
};

static void check_words(const struct words *w, const struct row *row)
{
    test_case("%s", row->text);
    CHECK_EQ_STR(import_doubt_name(w->doubt), import_doubt_name(row->doubt));
    if (w->doubt != DOUBT_NONE || row->doubt != DOUBT_NONE)
        return;
    CHECK_EQ_STR(w->from, row->from);
    CHECK_EQ_INT(w->is_exact, row->until == NULL);
    if (row->until != NULL)
        CHECK_EQ_STR(w->until, row->until);
    CHECK_EQ_INT(w->until_included, row->until_included);
    CHECK(!w->is_all);
}

TEST(sentences)
{
    static const struct row rows[] = {
        {"V5.4.5 build 170124", DOUBT_NONE, "V5.4.5 build 170124", NULL, false},
        {" 1.0.2B05_20181207 ", DOUBT_NONE, "1.0.2B05_20181207", NULL, false},
        {"version 1.2.3", DOUBT_NONE, "1.2.3", NULL, false},
        {"1.2.3 and earlier", DOUBT_NONE, "", "1.2.3", true},
        {"1.2.3 or prior", DOUBT_NONE, "", "1.2.3", true},
        {"All versions prior to version 1.14 Build 20230219", DOUBT_NONE, "", "1.14 Build 20230219",
         false},
        {"before 6.41.3", DOUBT_NONE, "", "6.41.3", false},
        {"< 3.3", DOUBT_NONE, "", "3.3", false},
        {"<=V4.25", DOUBT_NONE, "", "V4.25", true},
        {"All Versions < V6.4", DOUBT_NONE, "", "V6.4", false},
        {">=  5.3.1 build 150410 | <= 5.4.4  Build 161125", DOUBT_NONE, "5.3.1 build 150410",
         "5.4.4 Build 161125", true},
        {">= 1.0, < 2.0", DOUBT_NONE, "1.0", "2.0", false},
        {">=1.0|<=2.0", DOUBT_NONE, "1.0", "2.0", true},
        {"1.4 through 1.9", DOUBT_NONE, "1.4", "1.9", true},
        {"from 1.4 through 1.9", DOUBT_NONE, "1.4", "1.9", true},
        {"n/a", DOUBT_NO_VERSION, NULL, NULL, false},
        {"", DOUBT_NO_VERSION, NULL, NULL, false},
        {"-", DOUBT_NO_VERSION, NULL, NULL, false},
        {"0", DOUBT_NO_VERSION, NULL, NULL, false},
        {"unspecified", DOUBT_NO_VERSION, NULL, NULL, false},
        {"*", DOUBT_ALL, NULL, NULL, false},
        {"All versions", DOUBT_ALL, NULL, NULL, false},
        {"vers:all/*", DOUBT_ALL, NULL, NULL, false},
        {"1.2 and later", DOUBT_ALL, NULL, NULL, false},
        {">= 1.2", DOUBT_ALL, NULL, NULL, false},
        {"Upgrade to version 11.9.4.0", DOUBT_PROSE, NULL, NULL, false},
        {"see the reference URL", DOUBT_PROSE, NULL, NULL, false},
        {"v3.0.1-r1 for Ubuntu 20.04", DOUBT_PROSE, NULL, NULL, false},
        {"WSR-2533DHPL2 <=1.02, WSR-2533DHP3 <= 1.24", DOUBT_PROSE, NULL, NULL, false},
        {"V3.0,V15.03.06.42_multi", DOUBT_PROSE, NULL, NULL, false},
        {"up to 1.2", DOUBT_PROSE, NULL, NULL, false},
        {">1.0 <2.0", DOUBT_UNORDERED, NULL, NULL, false},
        {"1.5+", DOUBT_PROSE, NULL, NULL, false},
        {"NJ501-1[]0[] Ver.1.64.03 and earlier", DOUBT_PROSE, NULL, NULL, false},
        {"4.3.*", DOUBT_BRANCH, NULL, NULL, false},
        {"CIPC-B2303.X.X.XXXXXX", DOUBT_BRANCH, NULL, NULL, false},
        {"5.x", DOUBT_BRANCH, NULL, NULL, false},
        {"\\&/quot_SAMSUNG_13/2023\\/&quot", DOUBT_TEXT, NULL, NULL, false},
        {"1.0\xe2\x80\x93"
         "1.2",
         DOUBT_TEXT, NULL, NULL, false},
        {"prior to 'TL-WR802N(JP)_V4_221008'", DOUBT_REVISION, NULL, NULL, false},
        {"prior to '1.2", DOUBT_PROSE, NULL, NULL, false},
        {"prior to '1.2'", DOUBT_NONE, "", "1.2", false},
        {"prior to TL-WR802N(JP)_V4_221008", DOUBT_REVISION, NULL, NULL, false},
        {"V3_1.1.4", DOUBT_REVISION, NULL, NULL, false},
        {"prior to 20231012", DOUBT_DATE, NULL, NULL, false},
        {"2.0 through 1.0", DOUBT_REVERSED, NULL, NULL, false},
        {"1.3 through BMI_1.3.5", DOUBT_UNLIKE, NULL, NULL, false},
        {">= 1.0, < 1.0", DOUBT_EMPTY, NULL, NULL, false},
    };
    struct words w;
    size_t i;

    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        words_read(rows[i].text, WORDS_PLAIN, &w);
        check_words(&w, &rows[i]);
    }
}

struct bounds_row {
    const char *from, *until;
    bool included;
    struct row want;
};

TEST(bounds)
{
    static const struct bounds_row rows[] = {
        {"0", "4.21", false, {"0 4.21", DOUBT_NONE, "", "4.21", false}},
        {"unspecified", "4.21", true, {"unspecified", DOUBT_NONE, "", "4.21", true}},
        {"earlier ",
         "3.0.0.6.102_32645",
         false,
         {"earlier", DOUBT_NONE, "", "3.0.0.6.102_32645", false}},
        {"0.0.0.0", "0.1.17.6", true, {"zeros", DOUBT_NONE, "", "0.1.17.6", true}},
        {NULL, "1.9.1", true, {"no lower", DOUBT_NONE, "", "1.9.1", true}},
        {"5.0", "5.3", false, {"both", DOUBT_NONE, "5.0", "5.3", false}},
        {"0", "<=V4.25", true, {"sign repeated", DOUBT_NONE, "", "V4.25", true}},
        {"0", "<V4.25", true, {"sign against member", DOUBT_PROSE, NULL, NULL, false}},
        {"0", "*", false, {"star", DOUBT_ALL, NULL, NULL, false}},
        {"7.0", "*", false, {"from 7", DOUBT_ALL, NULL, NULL, false}},
        {"0", "Upgrade to the latest version.", false, {"upgrade", DOUBT_PROSE, NULL, NULL, false}},
        {"520.2 TCU4 HFR2",
         "511.5 TCU4 HF3",
         true,
         {"reversed", DOUBT_REVERSED, NULL, NULL, false}},
        {"v2", "v1.0.1.865", true, {"v2", DOUBT_REVERSED, NULL, NULL, false}},
        {"221008", "v4_221008", false, {"fused", DOUBT_REVERSED, NULL, NULL, false}},
        {"4.3.*", "4.3.6.2441 build 20230621", false, {"branch", DOUBT_BRANCH, NULL, NULL, false}},
        {"0", "241108", false, {"six digits", DOUBT_DATE, NULL, NULL, false}},
        {"20150101", "20151231", true, {"days", DOUBT_NONE, "20150101", "20151231", true}},
        {"0", NULL, false, {"none", DOUBT_NO_VERSION, NULL, NULL, false}},
        {"1.0", "n/a", false, {"n/a", DOUBT_NO_VERSION, NULL, NULL, false}},
    };
    struct words w;
    size_t i;

    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        words_bounds(rows[i].from, false, rows[i].until, rows[i].included, &w);
        check_words(&w, &rows[i].want);
    }
}

TEST(schemes)
{
    static const struct {
        const char *from, *until;
        bool included;
        enum import_doubt doubt;
    } rows[] = {
        {"", "5.4.5 build 170124", false, DOUBT_NONE},
        {"", "3.0.0.4.386_51598", true, DOUBT_NONE},
        {"", "1380", true, DOUBT_NONE},
        {"", "2021.1", false, DOUBT_NONE},
        {"2.80F", "2.93A", true, DOUBT_NONE},
        {"20211210-1627", "20230329-1042", true, DOUBT_NONE},
        {"", "2.800.0000000.29.R.20210902", true, DOUBT_NONE},
        {"", "1508190", true, DOUBT_DATE},
        {"", "2021-03-29", true, DOUBT_DATE},
        {"", "202006130814", true, DOUBT_DATE},
        {"11.10.2021", "16.01.2023", true, DOUBT_UNORDERED},
        {"", "1.0 01082024", true, DOUBT_UNORDERED},
        {"", "1.0-may.01.2024", true, DOUBT_UNORDERED},
        {"", "3.0.0.4.388_22525-gd35b8fe", true, DOUBT_UNORDERED},
        {"", "9cd8f1b", true, DOUBT_UNORDERED},
        {"", "0x0156", true, DOUBT_UNORDERED},
        {"", "f0b.0e.7e", false, DOUBT_UNORDERED},
        {"", "N", true, DOUBT_UNORDERED},
        {"1.0Z", "1.0AA", true, DOUBT_UNORDERED},
        {"4.1.2cu.5137", "4.1.2u.6165", true, DOUBT_UNORDERED},
        {"", "4.37210411", true, DOUBT_UNORDERED},
        {"hw1", "hw2", true, DOUBT_REVISION},
        {"", "v14_230506", false, DOUBT_REVISION},
        {"", "7.0_1.1.0", true, DOUBT_REVISION},
        {"", "2_2.2.2 Build 20231017", true, DOUBT_REVISION},
        {"", "V1.0 V15.03.06.23", true, DOUBT_REVISION},
        {"", "1.0br_v15.03.05.16", true, DOUBT_REVISION},
        {"", "V1.0.4.6_10.1.12", true, DOUBT_NONE},
        {"", "0.9.1_4.2_v0032.0_build_170315", true, DOUBT_NONE},
        {"", "v3.1.0.2318_23060906", true, DOUBT_NONE},
        {"", "A1_FW110B04", true, DOUBT_REVISION},
        {"", "15.03.05.19_cn", false, DOUBT_BRANCH},
        {"", "2.16ww", true, DOUBT_NONE},
    };
    size_t i;

    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_case("%s..%s", rows[i].from, rows[i].until);
        CHECK_EQ_STR(import_doubt_name(scheme_check(rows[i].from, rows[i].until, rows[i].included)),
                     import_doubt_name(rows[i].doubt));
    }
}

TEST(cpe_builds_match_whatever_case_and_separators)
{
    struct muster_range range;
    struct words w;

    words_read("5.21\\(aazf.14\\)c0", WORDS_CPE, &w);
    REQUIRE(words_range(&w, &range));
    CHECK(muster_range_covers(&range, muster_slice_of("5.21(AAZF.14)C0"), 0));
    CHECK(!muster_range_covers(&range, muster_slice_of("5.21(AAZF.15)C0"), 0));
    CHECK(!muster_range_covers(&range, muster_slice_of("5.21(AAZF.13)C0"), 0));
    words_read("1.0.2", WORDS_CPE, &w);
    CHECK(w.is_exact);
}

TEST(days)
{
    unsigned day = 0;

    CHECK(words_day("20240403", &day) && day == 20240403);
    CHECK(words_day("241108", &day) && day == 20241108);
    CHECK(words_day("2015-12-31", &day) && day == 20151231);
    CHECK(!words_day("20241308", &day));
    CHECK(!words_day("1.2.3", &day));
    CHECK(words_is_filing_day("2024-04-04T00:00:00Z", "20240403"));
    CHECK(words_is_filing_day("2023-10-13T00:00:00Z", "2023-09-28"));
    CHECK(!words_is_filing_day("2023-10-13T00:00:00Z", "20151231"));
    CHECK(!words_is_filing_day("2023-10-13T00:00:00Z", "20240101"));
    CHECK(!words_is_filing_day("", "20240403"));
}
