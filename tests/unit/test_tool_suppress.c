/* SPDX-License-Identifier: ISC */
/* Lines of suppress, and what they take away from layered folders. */
#include "test.h"
#include "test_tool_sources.h"
#include "tool/folder.h"

static struct folder folder;
static struct problems problems;

static void begin(void)
{
    folder_free(&folder);
    memset(&problems, 0, sizeof problems);
    problems.warns = true;
}

static void add(unsigned layer, const char *model, const char *id)
{
    struct source s = test_source("acme", model, id, "2");

    s.layer = layer;
    REQUIRE(folder_add(&folder, &s) == 0);
}

static void suppress(unsigned layer, const char *text)
{
    REQUIRE(folder_take(&folder, layer, "own/suppress", "suppress", (const uint8_t *)text,
                        strlen(text), &problems) == 0);
}

static bool has(const char *model, const char *id)
{
    size_t i;

    for (i = 0; i < folder.n; i++)
        if (muster_slice_equal(folder.sources[i].model, muster_slice_of(model)) &&
            strcmp(folder.sources[i].id, id) == 0)
            return true;
    return false;
}

TEST(a_model_or_one_defect_of_it)
{
    begin();
    add(0, "cam", "CVE-1");
    add(0, "cam", "CVE-2");
    add(0, "cam2", "CVE-1");
    add(0, "tv", "CVE-1");
    add(0, "tv", "CVE-2");
    suppress(1, "# ours are patched\n\nacme/cam\nacme/tv/CVE-2 seen 2026-03-01, not ours\r\n");
    folder_sort(&folder, &problems);
    CHECK_EQ_INT(problems.n + problems.warnings_n, 0);
    CHECK_EQ_INT(folder.n, 2);
    CHECK(has("cam2", "CVE-1") && has("tv", "CVE-1"));
    CHECK_EQ_INT(folder.changes[0][LAYER_SUPPRESSES], 3);
}

TEST(its_own_folder_and_those_before_it_but_not_a_later_one)
{
    begin();
    add(0, "a", "CVE-1");
    add(1, "a", "CVE-1");
    add(1, "b", "CVE-1");
    add(2, "b", "CVE-1");
    add(2, "c", "CVE-1");
    suppress(1, "acme/a\nacme/b\nacme/c\n");
    folder_sort(&folder, &problems);
    CHECK_EQ_INT(folder.n, 2);
    CHECK(has("b", "CVE-1") && has("c", "CVE-1"));
    CHECK_EQ_INT(problems.n, 0);
    CHECK_EQ_INT(problems.warnings_n, 1); /* acme/c: nothing to take away */
    CHECK_EQ_INT(problems.last, RULE_STALE);
}

TEST(what_later_folders_do_is_counted)
{
    struct source withdrawn = test_source("acme", "b", "CVE-1", "2");

    begin();
    add(0, "a", "CVE-1");
    add(0, "b", "CVE-1");
    add(1, "a", "CVE-1");
    add(1, "a", "CVE-9");
    withdrawn.layer = 1;
    withdrawn.withdrawn = true;
    REQUIRE(folder_add(&folder, &withdrawn) == 0);
    folder_sort(&folder, &problems);
    CHECK_EQ_INT(folder.n, 2);
    CHECK_EQ_INT(folder.changes[1][LAYER_ADDS], 1);
    CHECK_EQ_INT(folder.changes[1][LAYER_CHANGES], 1);
    CHECK_EQ_INT(folder.changes[1][LAYER_WITHDRAWS], 1);
    CHECK_EQ_INT(problems.n + problems.warnings_n, 0);
}

TEST(what_is_no_line_is_refused)
{
    static const char *const lines[] = {"acme",
                                        "acme/",
                                        "/cam",
                                        "acme/cam/",
                                        "ACME/cam",
                                        " acme/cam",
                                        "acme/*",
                                        "acme/c\x1b[2Jam",
                                        "acme/cam/CVE-\xe2\x80\xae",
                                        "acme/cam/A23456789012345678901234567890123"};
    size_t i;

    for (i = 0; i < sizeof lines / sizeof *lines; i++) {
        begin();
        test_case("%s", lines[i]);
        suppress(0, lines[i]);
        CHECK_EQ_INT(problems.n, 1);
        CHECK_EQ_INT(problems.last, RULE_SUPPRESS);
        CHECK_EQ_INT(folder.suppress.n, 0);
    }
    begin();
    suppress(0, "acme/cam\t(a tab may stand before the words)\nacme/cam/A/B\nacme/cam");
    CHECK_EQ_INT(problems.n, 0);
    CHECK_EQ_INT(folder.suppress.n, 3);
    begin();
}
