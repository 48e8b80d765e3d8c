/* SPDX-License-Identifier: ISC */
/* Tallies as they may come, and what lists do to the devices in them. */
#include "test.h"
#include "test_tool_sources.h"
#include "tool/blast.h"
#include "tool/compile.h"

#define NOW UINT64_C(1790000000)

static struct problems problems;
static char seen[4096];
static size_t rows_n;

static void note(void *ctx, const struct tally_row *row)
{
    size_t len = strlen(seen);

    (void)ctx;
    rows_n++;
    (void)snprintf(seen + len, sizeof seen - len, "%.*s/%.*s %.*s %llu %llu;", (int)row->vendor.len,
                   (const char *)row->vendor.bytes, (int)row->model.len,
                   (const char *)row->model.bytes, (int)row->build.len,
                   (const char *)row->build.bytes, (unsigned long long)row->number,
                   (unsigned long long)row->count);
}

static int read_bytes(const char *text, size_t len)
{
    FILE *stream = fmemopen((void *)(uintptr_t)text, len, "r");
    int ret;

    memset(&problems, 0, sizeof problems);
    seen[0] = '\0';
    rows_n = 0;
    if (stream == NULL)
        return -2;
    ret = tally_read_stream(stream, "tally", &problems, note, NULL);
    fclose(stream);
    return ret;
}

static int read_text(const char *text)
{
    test_case("%.100s", text);
    return read_bytes(text, strlen(text));
}

TEST(rows_are_read)
{
    REQUIRE(read_text("# seen in March\n\nacme\tcam\t1.0 build 7\t0\t12\nacme\ttv\tr"
                      "9\t18446744073709551615\t1") == 0);
    CHECK_EQ_STR(seen, "acme/cam 1.0 build 7 0 12;acme/tv r9 18446744073709551615 1;");
}

TEST(what_is_no_row_is_refused)
{
    static const char *const lines[] = {"acme\tcam\t1\t0",
                                        "acme\tcam\t1\t0\t1\t",
                                        "acme\tcam\t1\t0\t1\tx\ty",
                                        "ACME\tcam\t1\t0\t1",
                                        "acme\t\t1\t0\t1",
                                        "acme\tcam\t\t0\t1",
                                        "acme\tcam\t1\x1b[2J\t0\t1",
                                        "acme\tcam\t1\t\t1",
                                        "acme\tcam\t1\t-1\t1",
                                        "acme\tcam\t1\t18446744073709551616\t1",
                                        "acme\tcam\t1\t0\t0",
                                        "acme\tcam\t1\t0\t1.5",
                                        "acme\tcam\t1\t0\t9007199254740992",
                                        "acme\tcam\t1\t0\t1\r",
                                        "acme cam 1 0 1"};
    size_t i;

    for (i = 0; i < sizeof lines / sizeof *lines; i++) {
        CHECK(read_text(lines[i]) != 0);
        CHECK_EQ_INT(problems.n, 1);
        CHECK_EQ_INT(problems.last, RULE_TALLY);
        CHECK_EQ_INT(rows_n, 0);
    }
}

TEST(nul_bytes_and_long_lines)
{
    char text[3 * TALLY_LINE_MAX];

    CHECK(read_bytes("acme\tcam\t1\0\t0\t1\n", 16) != 0);
    memset(text, 'a', sizeof text);
    memcpy(text + sizeof text - 14, "\nacme\tc\t1\t0\t5\n", 14);
    CHECK(read_bytes(text, sizeof text) != 0);
    CHECK_EQ_INT(problems.n, 1);
    CHECK_EQ_STR(seen, "acme/c 1 0 5;");
}

TEST(counts_cannot_overflow_together)
{
    CHECK(read_text("a\tb\t1\t0\t9007199254740991\n") == 0);
    CHECK(read_text("a\tb\t1\t0\t9007199254740991\na\tb\t2\t0\t1\n") != 0);
    CHECK_EQ_INT(rows_n, 1);
}

/* Lists. */

struct made {
    uint8_t *image;
    size_t len;
    struct muster_list list;
};

static void make(struct made *ret, struct source *sources, size_t n, uint64_t issued)
{
    struct progress progress = {.what = NULL};
    struct test_signer signer;
    struct changes changes[CHANGES_N];
    struct folder folder;
    struct list_build build;
    struct compile_order order = {.folder = &folder,
                                  .draft = {.key = signer.signing.key,
                                            .issued = issued,
                                            .expires = issued + 30 * MUSTER_DAY_S},
                                  .threads = 1,
                                  .enforce = ENFORCE_AFTER,
                                  .enforce_after_s = 14 * MUSTER_DAY_S};
    size_t i;

    test_signer_make(&signer, 9);
    memset(&folder, 0, sizeof folder);
    memset(&problems, 0, sizeof problems);
    for (i = 0; i < n; i++)
        REQUIRE(folder_add(&folder, &sources[i]) == 0);
    folder_sort(&folder, &problems);
    list_build_init(&build);
    REQUIRE(compile_list(&order, &problems, &build, changes) == 0);
    REQUIRE(list_build_sign(&build, &signer.signing, 1, &progress) == 0);
    REQUIRE(list_build_finish(&build, issued, &signer.signing, 1, &ret->image, &ret->len) == 0);
    REQUIRE(muster_list_open((struct muster_slice){ret->image, ret->len}, &ret->list) == MUSTER_OK);
    list_build_free(&build);
    folder_free(&folder);
}

static struct source with(struct source s, enum enforce enforce, uint64_t after_s)
{
    s.enforce = enforce;
    s.enforce_after_s = after_s;
    return s;
}

static const char tally[] = "acme\tcam\t1.5\t0\t60\n"
                            "acme\tcam\t2.0\t0\t30\n"
                            "acme\ttv\t1.0\t0\t8\n"
                            "acme\tdsl\t1.0\t0\t2\n"
                            "muster.test\talways-fail\t1\t0\t1000\n"
                            "other\tthing\t1.0\t0\t100\n";

static struct blast blast;

static void count(const struct muster_list *old, const struct muster_list *next, uint64_t now_s)
{
    struct blast_tally text = {"tally", {(const uint8_t *)tally, sizeof tally - 1}};

    memset(&problems, 0, sizeof problems);
    CHECK(blast_count(&text, old, next, now_s, &problems, &blast) == 0);
}

TEST(a_first_list_s_blast)
{
    struct source sources[] = {
        test_source("acme", "cam", "CVE-1", "2.0"),
        with(test_source("acme", "tv", "CVE-2", "9"), ENFORCE_AFTER, 0),
        with(test_source("acme", "dsl", "CVE-3", "9"), ENFORCE_NEVER, 0),
    };
    struct made next;

    make(&next, sources, 3, NOW);
    count(NULL, &next.list, NOW);
    CHECK_EQ_INT(blast.seen, 200);
    CHECK_EQ_INT(blast.fail_now, 8);
    CHECK_EQ_INT(blast.fail_later, 60);
    CHECK_EQ_INT(blast.notice, 2);
    CHECK_EQ_INT(blast.groups[BLAST_NEWLY_FAIL].devices, 68);
    CHECK_EQ_INT(blast.groups[BLAST_NEWLY_FAIL].rows_n, 2);
    CHECK_EQ_STR(blast.groups[BLAST_NEWLY_FAIL].top[0].name, "acme/cam");
    CHECK_EQ_STR(blast.groups[BLAST_NEWLY_FAIL].top[0].build, "1.5");
    CHECK_EQ_INT(blast.groups[BLAST_NEWLY_NOTICE].devices, 2);
    CHECK_EQ_INT(blast.groups[BLAST_RELEASED].devices, 0);
    free(next.image);
}

TEST(only_what_is_new_counts)
{
    struct source before[] = {test_source("acme", "cam", "CVE-1", "1.9"),
                              test_source("acme", "tv", "CVE-2", "9"),
                              with(test_source("acme", "dsl", "CVE-3", "9"), ENFORCE_NEVER, 0)};
    struct source after[] = {test_source("acme", "cam", "CVE-1", "2.1"),
                             with(test_source("acme", "tv", "CVE-2", "9"), ENFORCE_NEVER, 0),
                             test_source("acme", "dsl", "CVE-3", "9")};
    struct made old, next;

    make(&old, before, 3, NOW - 10 * MUSTER_DAY_S);
    make(&next, after, 3, NOW);
    count(&old.list, &next.list, NOW);
    CHECK_EQ_INT(blast.groups[BLAST_NEWLY_FAIL].devices, 32); /* cam 2.0, and dsl, noticed before */
    CHECK_EQ_INT(blast.groups[BLAST_RELEASED].devices, 8);
    count(&old.list, &old.list, NOW);
    CHECK_EQ_INT(blast.groups[BLAST_NEWLY_FAIL].devices, 0);
    free(old.image);
    free(next.image);
}

TEST(enforced_sooner_is_new)
{
    struct source before[] = {
        with(test_source("acme", "cam", "CVE-1", "2.0"), ENFORCE_AFTER, 365 * MUSTER_DAY_S),
        with(test_source("acme", "tv", "CVE-2", "9"), ENFORCE_AFTER, 5 * MUSTER_DAY_S)};
    struct source sooner[] = {
        with(test_source("acme", "cam", "CVE-1", "2.0"), ENFORCE_AFTER, 12 * MUSTER_DAY_S),
        with(test_source("acme", "tv", "CVE-2", "9"), ENFORCE_AFTER, 0)};
    struct source later[] = {
        with(test_source("acme", "cam", "CVE-1", "2.0"), ENFORCE_AFTER, 400 * MUSTER_DAY_S),
        with(test_source("acme", "tv", "CVE-2", "9"), ENFORCE_AFTER, 30 * MUSTER_DAY_S)};
    struct made old, next, put_off;

    make(&old, before, 2, NOW - 10 * MUSTER_DAY_S);
    make(&next, sooner, 2, NOW);
    make(&put_off, later, 2, NOW);
    count(&old.list, &next.list, NOW);
    CHECK_EQ_INT(blast.groups[BLAST_NEWLY_FAIL].devices, 60); /* the tv is enforced already */
    count(&old.list, &put_off.list, NOW);
    CHECK_EQ_INT(blast.groups[BLAST_NEWLY_FAIL].devices, 0);
    count(&old.list, &old.list, NOW + 10 * MUSTER_DAY_S);
    CHECK_EQ_INT(blast.groups[BLAST_NEWLY_FAIL].devices, 0);
    free(old.image);
    free(next.image);
    free(put_off.image);
}

TEST(an_old_list_that_has_ended_covers_nothing)
{
    struct source before[] = {test_source("acme", "cam", "CVE-1", "2.0")};
    struct source after[] = {test_source("acme", "cam", "CVE-1", "2.0")};
    struct made old, next;

    make(&old, before, 1, NOW - 30 * MUSTER_DAY_S);
    make(&next, after, 1, NOW);
    count(&old.list, &next.list, NOW);
    CHECK_EQ_INT(blast.groups[BLAST_NEWLY_FAIL].devices, 60);
    free(old.image);
    free(next.image);
}

TEST(the_largest_rows_are_kept_in_order)
{
    struct source sources[] = {test_source("acme", "cam", "CVE-1", "9999")};
    size_t cap = 64 * 1000, len = 0, i;
    char *text = malloc(cap);
    struct blast_tally rows = {"tally", {(const uint8_t *)text, 0}};
    struct made next;

    REQUIRE(text != NULL);
    for (i = 0; i < 500; i++)
        len += (size_t)snprintf(text + len, cap - len, "acme\tcam\t%zu\t0\t%zu\n", i + 1,
                                i * 7 % 500 + 1);
    rows.text.len = len;
    make(&next, sources, 1, NOW);
    memset(&problems, 0, sizeof problems);
    REQUIRE(blast_count(&rows, NULL, &next.list, NOW, &problems, &blast) == 0);
    CHECK_EQ_INT(blast.groups[BLAST_NEWLY_FAIL].rows_n, 500);
    REQUIRE(blast.groups[BLAST_NEWLY_FAIL].top_n == BLAST_TOP);
    for (i = 0; i < BLAST_TOP; i++)
        CHECK_EQ_INT(blast.groups[BLAST_NEWLY_FAIL].top[i].count, 500 - i);
    free(text);
    free(next.image);
}
