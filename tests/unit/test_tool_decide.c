/* SPDX-License-Identifier: ISC */
/* Three answers, never a guess: what statements come to. */
#include "test.h"
#include "tool/decide.h"
#include "tool/words.h"

/* Statements in JSON with ' for ". */
static void judge(const char *quoted, struct decision *ret)
{
    char text[4096];
    json_t *statements;
    size_t i;

    for (i = 0; i == 0 || quoted[i - 1] != '\0'; i++)
        text[i] = quoted[i];
    for (i = 0; text[i] != '\0'; i++)
        if (text[i] == '\'')
            text[i] = '"';
    statements = json_loads(text, 0, NULL);
    CHECK(statements != NULL);
    decide(statements, ret);
    json_decref(statements);
}

static bool has_doubt(const struct decision *d, enum import_doubt doubt)
{
    size_t i;

    for (i = 0; i < d->doubts_n; i++)
        if (d->doubts[i] == doubt)
            return true;
    return false;
}

#define CNA(readings) "{'feed':'cve5','provider':'cna','readings':[" readings "]}"
#define NVD(readings) "{'feed':'nvd2','provider':'nvd','readings':[" readings "]}"
#define BELOW(build)  "{'words':'w','rule':'r','until':'" build "'}"
#define UPTO(build)   "{'words':'w','rule':'r','until':'" build "','until_included':true}"
#define EXACT(build)  "{'words':'w','rule':'r','exact':'" build "'}"
#define DOUBT(name)   "{'words':'w','rule':'r','doubt':'" name "'}"

struct row {
    const char *statements;
    enum answer answer;
    enum import_doubt doubt;
};

TEST(answers)
{
    static const struct row rows[] = {
        {"[" CNA(BELOW("1.4")) "]", ANSWER_LISTED, DOUBT_NONE},
        {"[" CNA(EXACT("1.4")) "]", ANSWER_EXACT, DOUBT_NONE},
        {"[" CNA(EXACT("1.3") "," BELOW("1.4")) "]", ANSWER_LISTED, DOUBT_NONE},
        {"[" CNA(DOUBT("no-version")) "]", ANSWER_REVIEW, DOUBT_NO_VERSION},
        {"[" CNA("") "]", ANSWER_REVIEW, DOUBT_NO_VERSION},
        {"[]", ANSWER_REVIEW, DOUBT_NO_VERSION},
        {"[7, 'x', {}]", ANSWER_REVIEW, DOUBT_NO_VERSION},
        /* one who says nothing does not speak against another */
        {"[" CNA(DOUBT("no-version")) "," NVD(BELOW("1.4")) "]", ANSWER_LISTED, DOUBT_NONE},
        {"[" CNA(DOUBT("prose")) "," NVD(BELOW("1.4")) "]", ANSWER_LISTED, DOUBT_NONE},
        /* but what depends on hardware does so whoever says it */
        {"[" CNA(DOUBT("hardware-revision")) "," NVD(BELOW("1.4")) "]", ANSWER_REVIEW,
         DOUBT_REVISION},
        {"[" CNA(DOUBT("platform")) "," NVD(BELOW("1.4")) "]", ANSWER_REVIEW, DOUBT_PLATFORM},
        /* a doubt makes its own statement doubtful, whole */
        {"[" CNA(BELOW("1.4") "," DOUBT("prose")) "]", ANSWER_REVIEW, DOUBT_PROSE},
        /* agreement and contradiction */
        {"[" CNA(BELOW("1.4")) "," NVD(BELOW("v1.4")) "]", ANSWER_LISTED, DOUBT_NONE},
        {"[" CNA(BELOW("1.14")) "," NVD(BELOW("1.1.4")) "]", ANSWER_REVIEW, DOUBT_CONTRADICTION},
        {"[" CNA(BELOW("1.4")) "," NVD(UPTO("1.4")) "]", ANSWER_REVIEW, DOUBT_CONTRADICTION},
        {"[" CNA(EXACT("1.3")) "," NVD(UPTO("1.3")) "]", ANSWER_LISTED, DOUBT_NONE},
        {"[" CNA(EXACT("1.5")) "," NVD(UPTO("1.3")) "]", ANSWER_REVIEW, DOUBT_CONTRADICTION},
        {"[" CNA(EXACT("1.3")) "," NVD(EXACT("1.3") "," EXACT("1.2")) "]", ANSWER_EXACT,
         DOUBT_NONE},
        {"[" CNA(EXACT("1.3")) "," NVD(EXACT("1.2")) "]", ANSWER_REVIEW, DOUBT_CONTRADICTION},
        /* branches: the fix of one lies inside the other */
        {"[" CNA(BELOW("4.3.6.2441") "," BELOW("4.3.3.2420")) "]", ANSWER_REVIEW,
         DOUBT_FIX_COVERED},
        {"[{'feed':'csaf','provider':'c','readings':[" UPTO("1.4") "],'fixed':['1.3']}]",
         ANSWER_REVIEW, DOUBT_FIX_COVERED},
        {"[{'feed':'csaf','provider':'c','readings':[" UPTO("1.4") "],'fixed':['1.5']}]",
         ANSWER_LISTED, DOUBT_NONE},
        /* a mark says nothing of builds, and takes nothing away */
        {"[{'feed':'kev','provider':'kev','readings':[" DOUBT("no-builds") "]}]", ANSWER_REVIEW,
         DOUBT_NO_BUILDS},
        {"[{'feed':'kev','provider':'kev','readings':[" DOUBT("no-builds") "]}," NVD(
             BELOW("1.4")) "]",
         ANSWER_LISTED, DOUBT_NONE},
        /* edited by hand, and broken */
        {"[" CNA("{'words':'w','from':'2.0','until':'1.0'}") "]", ANSWER_REVIEW, DOUBT_TEXT},
        {"[" CNA("{'words':'w','from':'1.0','until':'BMI_2'}") "]", ANSWER_REVIEW, DOUBT_TEXT},
        {"[" CNA("{'words':'w','from':'1.0','from_excluded':true,'until':'2.0'}") "]",
         ANSWER_REVIEW, DOUBT_TEXT},
        {"[" CNA("{'words':'w'}") "]", ANSWER_REVIEW, DOUBT_TEXT},
        {"[" CNA("{'words':'w','doubt':'no such doubt'}") "]", ANSWER_REVIEW, DOUBT_TEXT},
    };
    struct decision d;
    size_t i;

    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        judge(rows[i].statements, &d);
        test_case("%s", rows[i].statements);
        CHECK_EQ_STR(answer_name(d.answer), answer_name(rows[i].answer));
        CHECK_EQ_INT(d.ranges != NULL, d.answer != ANSWER_REVIEW);
        if (rows[i].doubt != DOUBT_NONE)
            CHECK(has_doubt(&d, rows[i].doubt));
        else
            CHECK_EQ_INT(d.doubts_n, 0);
        decision_free(&d);
    }
}

TEST(contained_ranges_are_dropped)
{
    struct decision d;

    judge("[" CNA(EXACT("1.2") "," EXACT("1.3") "," UPTO("1.4") "," UPTO("1.4.0")) "]", &d);
    CHECK_EQ_INT(d.answer, ANSWER_LISTED);
    CHECK_EQ_INT(json_array_size(d.ranges), 1);
    CHECK_EQ_INT(json_array_size(d.versions), 0);
    decision_free(&d);
}

TEST(more_than_eight_ranges_are_not_signable)
{
    struct decision d;

    judge("[" CNA(EXACT("1") "," EXACT("2") "," EXACT("3") "," EXACT("4") "," EXACT("5") "," EXACT(
              "6") "," EXACT("7") "," EXACT("8") "," EXACT("9")) "]",
          &d);
    CHECK_EQ_INT(d.answer, ANSWER_REVIEW);
    CHECK(has_doubt(&d, DOUBT_TOO_MANY));
    decision_free(&d);
}

TEST(every_build_only_if_the_vendor_has_given_up)
{
    struct decision d;

    judge("[" CNA("{'words':'w','rule':'unsupported','all':true}") "]", &d);
    CHECK_EQ_INT(d.answer, ANSWER_LISTED);
    CHECK(d.all_builds);
    decision_free(&d);
    judge("[" CNA("{'words':'w','rule':'unsupported','all':true}") "," NVD(BELOW("1.4")) "]", &d);
    CHECK_EQ_INT(d.answer, ANSWER_REVIEW);
    CHECK(!d.all_builds);
    decision_free(&d);
}

TEST(the_fix_is_the_highest_excluded_bound)
{
    struct decision d;

    judge("[" CNA("{'words':'w','from':'1.0','until':'1.4'},{'words':'x','from':'2.0','until':'2.1'"
                  "}") "]",
          &d);
    CHECK_EQ_STR(d.fixed_in, "2.1");
    CHECK_EQ_INT(json_array_size(d.ranges), 2);
    decision_free(&d);
}

static bool is_derived(const char *text)
{
    json_t *statement = json_pack("{s:[]}", "readings"), *reading;
    struct words w;
    bool derived;

    words_read(text, WORDS_PLAIN, &w);
    import_reading(statement, text, &w);
    reading = json_array_get(json_object_get(statement, "readings"), 0);
    CHECK(json_object_get(reading, "doubt") == NULL);
    derived = json_is_true(json_object_get(reading, "derived"));
    json_decref(statement);
    return derived;
}

TEST(what_was_read_out_of_a_sentence_is_marked)
{
    CHECK(is_derived("prior to 1.2"));
    CHECK(is_derived("1.2 and earlier"));
    CHECK(!is_derived("1.2"));
}
