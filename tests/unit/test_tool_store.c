/* SPDX-License-Identifier: ISC */
/* Records merged into a folder: what is written where, what is kept, what moves, and that nothing
 * leads out of the folder. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>

#include "host/file.h"
#include "scratch.h"
#include "test.h"
#include "tool/cli.h"
#include "tool/source.h"
#include "tool/store.h"
#include "tool/store_doc.h"
#include "tool/store_tree.h"
#include "tool/words.h"

static unsigned folders_n;
static char folder[32];

static const char *path(const char *below)
{
    char name[300];

    (void)snprintf(name, sizeof name, "%s/%s", folder, below);
    return scratch_path(name);
}

/* A fresh folder for a test. */
static void fresh(void)
{
    if (sodium_init() < 0)
        abort();
    (void)snprintf(folder, sizeof folder, "store%u", folders_n++);
}

static bool is_there(const char *below)
{
    return access(path(below), F_OK) == 0;
}

static void begin(struct import_result *result, const char *id)
{
    if (import_begin(id, result) != 0)
        abort();
    result->summary = "A fault.\nIt is bad.";
    (void)snprintf(result->modified, sizeof result->modified, "2024-01-02T03:04:05Z");
}

/* Builds from 1.0 on up to `until` (excluded); "" for words that nobody understands. */
static void say(struct import_result *result, const char *feed, const char *id, const char *vendor,
                const char *model, const char *until)
{
    json_t *statement = import_statement(result, id, vendor, model, feed, feed);
    json_t *reading = until[0] == '\0' ? json_pack("{s:s, s:s, s:s}", "words", "soon", "rule", "t",
                                                   "doubt", "prose")
                                       : json_pack("{s:s, s:s, s:s, s:s}", "words", until, "rule",
                                                   "t", "from", "1.0", "until", until);

    (void)json_array_append_new(json_object_get(statement, "readings"), reading);
}

static struct store_counts counts;
static struct store_outcome outcome;

/* One run that takes in one record, and frees it. */
static int put_partly(const char *feed, struct import_result *result, bool partly)
{
    struct store store = {.tree = NULL};
    int ret = store_tree_open(path(""), &store.tree);

    if (ret == 0)
        ret = store_record(&store, feed, result, partly, &outcome);
    if (store.tree != NULL && store_tree_close(store.tree) != 0)
        ret = STATUS_ERROR;
    store_end(&store);
    counts = store.counts;
    import_result_free(result);
    return ret;
}

static int put(const char *feed, struct import_result *result)
{
    return put_partly(feed, result, false);
}

/* The common case: one record on one model. */
static int put_one(const char *feed, const char *id, const char *vendor, const char *model,
                   const char *until)
{
    struct import_result result;

    begin(&result, id);
    if (vendor != NULL)
        say(&result, feed, id, vendor, model, until);
    return put(feed, &result);
}

static json_t *load(const char *below)
{
    return json_load_file(path(below), 0, NULL);
}

/* A member of muster_import, as compact JSON. */
static const char *member(const char *below, const char *key)
{
    static char text[4096];
    json_t *doc = load(below);
    char *dump = json_dumps(store_doc_member(doc, key), JSON_COMPACT | JSON_ENCODE_ANY);

    (void)snprintf(text, sizeof text, "%s", dump != NULL ? dump : "nothing");
    free(dump);
    json_decref(doc);
    return text;
}

static void check_counts(size_t written, size_t unchanged, size_t withdrawn, size_t removed,
                         size_t kept)
{
    CHECK_EQ_INT(counts.written, written);
    CHECK_EQ_INT(counts.unchanged, unchanged);
    CHECK_EQ_INT(counts.withdrawn, withdrawn);
    CHECK_EQ_INT(counts.removed, removed);
    CHECK_EQ_INT(counts.kept, kept);
}

TEST(a_listed_file_may_be_signed)
{
    struct problems problems = {.out = stdout};
    struct source source;

    fresh();
    REQUIRE(put_one("cve5", "CVE-2024-1", "acme", "cam", "2.0") == 0);
    check_counts(1, 0, 0, 0, 0);
    CHECK_EQ_INT(outcome.answer, ANSWER_LISTED);
    CHECK_EQ_STR(member("acme/cam/CVE-2024-1.json", "answer"), "\"listed\"");
    REQUIRE(source_read(path("acme/cam/CVE-2024-1.json"), &problems, &source) == 0);
    CHECK_EQ_INT(source.ranges_n, 1);
    CHECK(!source.withdrawn);
    source_free(&source);
}

TEST(again_changes_no_byte)
{
    struct stat before, after;

    fresh();
    REQUIRE(put_one("cve5", "CVE-2024-1", "acme", "cam", "2.0") == 0);
    REQUIRE(stat(path("acme/cam/CVE-2024-1.json"), &before) == 0);
    REQUIRE(put_one("cve5", "CVE-2024-1", "acme", "cam", "2.0") == 0);
    check_counts(0, 1, 0, 0, 0);
    REQUIRE(stat(path("acme/cam/CVE-2024-1.json"), &after) == 0);
    CHECK(before.st_ino == after.st_ino && before.st_mtim.tv_nsec == after.st_mtim.tv_nsec);
}

TEST(feeds_are_merged_and_files_move)
{
    fresh();
    REQUIRE(put_one("cve5", "CVE-2024-1", "acme", "cam", "2.0") == 0);
    REQUIRE(put_one("nvd2", "CVE-2024-1", "acme", "cam", "3.0") == 0);
    CHECK_EQ_INT(outcome.answer, ANSWER_REVIEW);
    CHECK_EQ_INT(outcome.reason, DOUBT_CONTRADICTION);
    CHECK(!is_there("acme/cam/CVE-2024-1.json"));
    CHECK_EQ_STR(member("review/acme/cam/CVE-2024-1.json", "reasons"),
                 "[\"contradiction\",\"fix-covered\"]");
    REQUIRE(put_one("nvd2", "CVE-2024-1", "acme", "cam", "2.0") == 0);
    CHECK_EQ_INT(outcome.answer, ANSWER_LISTED);
    CHECK(is_there("acme/cam/CVE-2024-1.json"));
    CHECK(!is_there("review")); /* the empty folders are gone as well */
}

TEST(the_order_of_feeds_does_not_matter)
{
    char *first, *second;
    json_t *doc;

    fresh();
    REQUIRE(put_one("cve5", "CVE-2024-1", "acme", "cam", "2.0") == 0 &&
            put_one("nvd2", "CVE-2024-1", "acme", "cam", "2.0") == 0 &&
            put_one("kev", "CVE-2024-1", "", "", "") == 0);
    doc = load("acme/cam/CVE-2024-1.json");
    first = json_dumps(doc, 0);
    json_decref(doc);
    fresh();
    REQUIRE(put_one("kev", "CVE-2024-1", "", "", "") == 0 &&
            put_one("nvd2", "CVE-2024-1", "acme", "cam", "2.0") == 0 &&
            put_one("cve5", "CVE-2024-1", "acme", "cam", "2.0") == 0);
    doc = load("acme/cam/CVE-2024-1.json");
    second = json_dumps(doc, 0);
    json_decref(doc);
    CHECK_EQ_STR(first, second);
    free(first);
    free(second);
}

TEST(kev_marks_what_is_there)
{
    json_t *doc;

    fresh();
    REQUIRE(put_one("kev", "CVE-2024-1", "", "", "") == 0);
    CHECK_EQ_INT(outcome.answer, ANSWER_REVIEW);
    CHECK(is_there("review/%none/CVE-2024-1.json"));
    REQUIRE(put_one("cve5", "CVE-2024-1", "acme", "cam", "2.0") == 0);
    CHECK_EQ_INT(outcome.answer, ANSWER_LISTED);
    CHECK(!is_there("review/%none/CVE-2024-1.json"));
    doc = load("acme/cam/CVE-2024-1.json");
    CHECK_EQ_STR(
        import_text(json_object_get(json_object_get(doc, "database_specific"), "muster"), "reason"),
        "known-exploited");
    json_decref(doc);
    CHECK_EQ_STR(member("acme/cam/CVE-2024-1.json", "exploited"), "[\"kev\"]");
    REQUIRE(put_one("kev", "CVE-2024-1", "", "", "") == 0);
    CHECK_EQ_INT(outcome.answer, ANSWER_LISTED);
    check_counts(0, 1, 0, 0, 0);
}

TEST(what_is_no_longer_said_is_withdrawn)
{
    struct problems problems = {.out = stdout};
    struct import_result result;
    struct source source;

    fresh();
    begin(&result, "CVE-2024-1");
    say(&result, "cve5", "CVE-2024-1", "acme", "cam", "2.0");
    say(&result, "cve5", "CVE-2024-1", "acme", "dvr", "");
    REQUIRE(put("cve5", &result) == 0);
    CHECK(is_there("review/acme/dvr/CVE-2024-1.json"));
    begin(&result, "CVE-2024-1");
    result.rejected = true;
    REQUIRE(put("cve5", &result) == 0);
    check_counts(0, 0, 1, 1, 0);
    CHECK_EQ_INT(outcome.reason, DOUBT_REJECTED);
    CHECK(!is_there("review/acme/dvr/CVE-2024-1.json"));
    REQUIRE(source_read(path("acme/cam/CVE-2024-1.json"), &problems, &source) == 0);
    CHECK(source.withdrawn);
    source_free(&source);
    begin(&result, "CVE-2024-1");
    result.rejected = true;
    REQUIRE(put("cve5", &result) == 0);
    check_counts(0, 1, 0, 0, 0);
    REQUIRE(put_one("cve5", "CVE-2024-1", "acme", "cam", "2.0") == 0);
    check_counts(1, 0, 0, 0, 0);
}

TEST(another_feeds_words_outlive_a_withdrawal)
{
    fresh();
    REQUIRE(put_one("cve5", "CVE-2024-1", "acme", "cam", "2.0") == 0);
    REQUIRE(put_one("nvd2", "CVE-2024-1", "acme", "cam", "3.0") == 0);
    REQUIRE(put_one("nvd2", "CVE-2024-1", "acme", "dvr", "3.0") == 0);
    CHECK_EQ_STR(member("acme/cam/CVE-2024-1.json", "answer"), "\"listed\"");
    CHECK(!is_there("review/acme/cam/CVE-2024-1.json"));
    CHECK(is_there("acme/dvr/CVE-2024-1.json"));
}

TEST(records_of_one_feed_replace_only_their_own)
{
    struct import_result result;
    int i;

    fresh();
    for (i = 0; i < 2; i++) {
        begin(&result, "ACME-1");
        say(&result, "csaf", "CVE-2024-1", "acme", "cam", "2.0");
        REQUIRE(put("csaf", &result) == 0);
        begin(&result, "ACME-2");
        say(&result, "csaf", "CVE-2024-1", "acme", "dvr", "2.0");
        say(&result, "csaf", "CVE-2024-2", "acme", "dvr", "2.0");
        REQUIRE(put("csaf", &result) == 0);
        check_counts(i == 0 ? 2 : 0, i == 0 ? 1 : 3, 0, 0, 0);
    }
    CHECK(is_there("acme/cam/CVE-2024-1.json") && is_there("acme/dvr/CVE-2024-1.json") &&
          is_there("acme/dvr/CVE-2024-2.json"));
}

TEST(a_record_may_drop_a_cve)
{
    struct import_result result;

    fresh();
    begin(&result, "ACME-1");
    say(&result, "csaf", "CVE-2024-1", "acme", "cam", "2.0");
    say(&result, "csaf", "CVE-2024-2", "acme", "cam", "2.0");
    REQUIRE(put("csaf", &result) == 0);
    begin(&result, "ACME-2");
    say(&result, "csaf", "CVE-2024-3", "acme", "cam", "2.0");
    REQUIRE(put("csaf", &result) == 0);
    begin(&result, "ACME-1");
    say(&result, "csaf", "CVE-2024-1", "acme", "cam", "2.0");
    REQUIRE(put("csaf", &result) == 0);
    check_counts(0, 1, 1, 0, 0); /* CVE-2024-2 is withdrawn, the other record's word stands */
    begin(&result, "ACME-1");
    result.rejected = true;
    REQUIRE(put("csaf", &result) == 0);
    check_counts(0, 0, 1, 0, 0);
}

/* Adds a member, as a person would. */
static void edit(const char *below)
{
    json_t *doc = load(below);

    REQUIRE(doc != NULL);
    (void)json_object_set_new(doc, "details", json_string("I have looked at this."));
    CHECK(json_dump_file(doc, path(below), JSON_INDENT(1)) == 0);
    json_decref(doc);
}

TEST(what_somebody_has_edited_is_kept)
{
    fresh();
    REQUIRE(put_one("cve5", "CVE-2024-1", "acme", "cam", "2.0") == 0);
    edit("acme/cam/CVE-2024-1.json");
    REQUIRE(put_one("cve5", "CVE-2024-1", "acme", "cam", "3.0") == 0);
    check_counts(1, 0, 0, 0, 1);
    CHECK_EQ_INT(outcome.answer, ANSWER_REVIEW);
    CHECK_EQ_STR(member("acme/cam/CVE-2024-1.json", "answer"), "\"listed\"");
    CHECK_EQ_STR(member("review/acme/cam/CVE-2024-1.json", "answer"), "\"review\"");
    CHECK(strstr(member("review/acme/cam/CVE-2024-1.json", "detail"), "edited") != NULL);
    REQUIRE(put_one("cve5", "CVE-2024-1", "acme", "cam", "3.0") == 0);
    check_counts(0, 1, 0, 0, 1);
}

TEST(an_edited_review_case_is_kept)
{
    fresh();
    REQUIRE(put_one("cve5", "CVE-2024-1", "acme", "cam", "") == 0);
    edit("review/acme/cam/CVE-2024-1.json");
    REQUIRE(put_one("cve5", "CVE-2024-1", "acme", "cam", "") == 0);
    check_counts(0, 0, 0, 0, 1);
    REQUIRE(put_one("cve5", "CVE-2024-1", "acme", "cam", "2.0") == 0);
    check_counts(0, 0, 0, 0, 1);
    CHECK_EQ_INT(outcome.answer, ANSWER_REVIEW);
    CHECK(!is_there("acme/cam/CVE-2024-1.json")); /* not listed over a person's doubt */
}

TEST(to_move_a_file_is_to_edit_it)
{
    fresh();
    REQUIRE(put_one("cve5", "CVE-2024-1", "acme", "cam", "2.0") == 0);
    REQUIRE(put_one("cve5", "CVE-2024-2", "acme", "cam", "") == 0);
    REQUIRE(rename(path("acme/cam/CVE-2024-1.json"), path("review/acme/cam/CVE-2024-1.json")) ==
                0 &&
            rename(path("review/acme/cam/CVE-2024-2.json"), path("acme/cam/CVE-2024-2.json")) == 0);
    REQUIRE(put_one("cve5", "CVE-2024-1", "acme", "cam", "2.0") == 0);
    check_counts(0, 0, 0, 0, 1);
    CHECK(!is_there("acme/cam/CVE-2024-1.json"));
    REQUIRE(put_one("cve5", "CVE-2024-2", "acme", "cam", "") == 0);
    check_counts(1, 0, 0, 0, 1);
    CHECK(is_there("acme/cam/CVE-2024-2.json"));
}

TEST(white_space_is_no_edit)
{
    json_t *doc;

    fresh();
    REQUIRE(put_one("cve5", "CVE-2024-1", "acme", "cam", "2.0") == 0);
    doc = load("acme/cam/CVE-2024-1.json");
    REQUIRE(json_dump_file(doc, path("acme/cam/CVE-2024-1.json"), JSON_SORT_KEYS) == 0);
    json_decref(doc);
    REQUIRE(put_one("cve5", "CVE-2024-1", "acme", "cam", "2.0") == 0);
    check_counts(0, 1, 0, 0, 0);
}

TEST(only_some_findings_leave_the_others_alone)
{
    struct import_result result;

    fresh();
    begin(&result, "CVE-2024-1");
    say(&result, "cve5", "CVE-2024-1", "acme", "cam", "2.0");
    say(&result, "cve5", "CVE-2024-1", "acme", "dvr", "2.0");
    say(&result, "cve5", "CVE-2024-1", "", "", "");
    REQUIRE(put("cve5", &result) == 0);
    begin(&result, "CVE-2024-1");
    say(&result, "cve5", "CVE-2024-1", "acme", "cam", "3.0");
    REQUIRE(put_partly("cve5", &result, true) == 0);
    CHECK_EQ_INT(counts.written, 1);
    CHECK_EQ_INT(counts.withdrawn + counts.removed, 0);
    CHECK(is_there("acme/dvr/CVE-2024-1.json") && is_there("review/%none/CVE-2024-1.json"));
}

TEST(names_never_lead_out)
{
    static const char *const names[] = {".", "..", ".git", "review", "..."};
    struct import_result result;
    size_t i;

    fresh();
    begin(&result, "CVE-2024-1");
    for (i = 0; i < 5; i++)
        say(&result, "cve5", "CVE-2024-1", names[i], names[i], i % 2 != 0 ? "2.0" : "");
    REQUIRE(put("cve5", &result) == 0);
    CHECK(is_there("review/%2e/%2e/CVE-2024-1.json"));
    CHECK(is_there("%2e./%2e./CVE-2024-1.json"));
    CHECK(is_there("review/%2egit/%2egit/CVE-2024-1.json"));
    CHECK(is_there("%72eview/review/CVE-2024-1.json"));
    CHECK(is_there("review/%2e../%2e../CVE-2024-1.json"));
    CHECK_EQ_INT(scratch_count(folder), 3);
    REQUIRE(put_one("cve5", "CVE-2024-1", "..", "..", "2.0") == 0);
    check_counts(0, 1, 1, 3, 0); /* the names are read back as they were meant */
    CHECK(!store_tree_takes("") && !store_tree_takes(".") && !store_tree_takes("../x") &&
          !store_tree_takes("a/b") && !store_tree_takes("a b") &&
          !store_tree_takes("CVE-\xc3\xa9") &&
          !store_tree_takes("012345678901234567890123456789012") && store_tree_takes("CVE-2024-1"));
}

TEST(symbolic_links_are_not_followed)
{
    fresh();
    REQUIRE(mkdir(path(""), 0700) == 0 && mkdir(scratch_path("outside"), 0700) == 0);
    REQUIRE(symlink("../outside", path("acme")) == 0);
    CHECK(put_one("cve5", "CVE-2024-1", "acme", "cam", "2.0") != 0);
    CHECK_EQ_INT(scratch_count("outside"), 0);
    REQUIRE(unlink(path("acme")) == 0 && mkdir(path("acme"), 0700) == 0 &&
            mkdir(path("acme/cam"), 0700) == 0);
    scratch_write("outside/secret", "mine");
    REQUIRE(symlink("../../../outside/secret", path("acme/cam/CVE-2024-1.json")) == 0);
    CHECK(put_one("cve5", "CVE-2024-1", "acme", "cam", "2.0") == 0);
    CHECK_EQ_INT(counts.kept, 1);
    CHECK_EQ_STR(member("review/acme/cam/CVE-2024-1.json", "answer"), "\"review\"");
}

TEST(rubbish_in_the_folder_is_kept)
{
    fresh();
    REQUIRE(mkdir(path(""), 0700) == 0 && mkdir(path("acme"), 0700) == 0 &&
            mkdir(path("acme/cam"), 0700) == 0 && mkdir(path("acme/dvr"), 0700) == 0 &&
            mkdir(path("acme/dvr/CVE-2024-1.json"), 0700) == 0);
    REQUIRE(close(open(path("acme/cam/CVE-2024-1.json"), O_CREAT | O_WRONLY, 0600)) == 0);
    CHECK(put_one("cve5", "CVE-2024-1", "acme", "cam", "2.0") == 0);
    CHECK_EQ_INT(counts.kept, 1);
    CHECK(put_one("cve5", "CVE-2024-2", "acme", "dvr", "2.0") == 0);
}

TEST(what_a_killed_import_left_is_removed)
{
    struct store_tree *tree, *other;

    fresh();
    REQUIRE(put_one("cve5", "CVE-2024-1", "acme", "cam", "2.0") == 0);
    REQUIRE(close(open(path("acme/cam/.CVE-2024-1.json.0123456789abcdef"), O_CREAT | O_WRONLY,
                       0600)) == 0);
    REQUIRE(close(open(path("acme/cam/.CVE-2024-1.json.swp"), O_CREAT | O_WRONLY, 0600)) == 0);
    REQUIRE(store_tree_open(path(""), &tree) == 0);
    CHECK(!is_there("acme/cam/.CVE-2024-1.json.0123456789abcdef"));
    CHECK(is_there("acme/cam/.CVE-2024-1.json.swp"));
    CHECK(store_tree_open(path(""), &other) != 0); /* one at a time */
    CHECK_EQ_INT(store_tree_close(tree), 0);
}

TEST(statements_without_measure_are_shortened)
{
    struct import_result result;
    struct stat info;
    json_t *statement;
    char words[32];
    int i;

    fresh();
    begin(&result, "CVE-2024-1");
    statement = import_statement(&result, "CVE-2024-1", "acme", "cam", "cve5", "cna");
    for (i = 0; i < 20000; i++) {
        (void)snprintf(words, sizeof words, "1.%d", i);
        (void)json_array_append_new(
            json_object_get(statement, "readings"),
            json_pack("{s:s, s:s, s:s}", "words", words, "rule", "t", "exact", words));
    }
    REQUIRE(put("cve5", &result) == 0);
    CHECK_EQ_INT(outcome.answer, ANSWER_REVIEW);
    REQUIRE(stat(path("review/acme/cam/CVE-2024-1.json"), &info) == 0);
    CHECK(info.st_size < 2000);
}

TEST(many_changes_come_in_batches)
{
    struct store store = {.tree = NULL};
    struct import_result result;
    char id[32];
    int i;

    fresh();
    REQUIRE(store_tree_open(path(""), &store.tree) == 0);
    for (i = 0; i < 5000; i++) { /* each CVE twice in one run: the second sees the first */
        (void)snprintf(id, sizeof id, "CVE-2024-%d", i / 2);
        begin(&result, id);
        say(&result, "cve5", id, "acme", "cam", i % 2 == 0 ? "2.0" : "");
        REQUIRE(store_record(&store, "cve5", &result, false, &outcome) == 0);
        import_result_free(&result);
    }
    CHECK_EQ_INT(store_tree_close(store.tree), 0);
    store_end(&store);
    CHECK_EQ_INT(store.counts.written, 5000);
    CHECK(!is_there("acme/cam"));
    CHECK(is_there("review/acme/cam/CVE-2024-2499.json"));
}
