/* SPDX-License-Identifier: ISC */
/* names.tsv: what is found for which name, what never is, and mistakes with their lines. */
#include <time.h>

#include "scratch.h"
#include "test.h"
#include "tool/aliases.h"

static const char sample[] = "# feed vendor\tfeed product\trevision\treported\n"
                             "TP-Link\tArcher C7(EU)\tV2\ttp-link/archer_c7_v2\n"
                             "tp-link\tarcher  c7(eu) \tv3\ttp-link/archer_c7_v3\r\n"
                             "\n"
                             "d-link\tdir-823\t-\tdlink/dir-823\n"
                             "d-link\tdir-823g\t\tdlink/dir-823g\n"
                             "acme\tcam\t*\tacme/cam\n"
                             "acme\tcam\tb\tacme/cam-b\n"
                             "n/a\tSome Portal\t*\t-\n";

/* "vendor/model" of the nth hit, or "". */
static const char *find(const struct aliases *a, const char *vendor, const char *product,
                        const char *revision, size_t nth)
{
    static char text[200];
    const char *v, *m;

    text[0] = '\0';
    if (aliases_find(a, vendor, product, revision, nth, &v, &m))
        (void)snprintf(text, sizeof text, "%s/%s", v, m);
    return text;
}

TEST(names_are_found_whole)
{
    struct aliases *a;

    REQUIRE(aliases_read(scratch_write("n.tsv", sample), &a) == 0);
    CHECK_EQ_STR(find(a, "TP-LINK", "Archer C7(EU)", "v2", 0), "tp-link/archer_c7_v2");
    CHECK_EQ_STR(find(a, "tp-link", " archer \t c7(eu)", "V3", 0), "tp-link/archer_c7_v3");
    CHECK_EQ_STR(find(a, "tp-link", "archer c7(eu)", "", 0), "");
    CHECK_EQ_STR(find(a, "tp-link", "archer c7", "v2", 0), "");
    CHECK_EQ_STR(find(a, "d-link", "DIR-823", "", 0), "dlink/dir-823");
    CHECK_EQ_STR(find(a, "d-link", "DIR-823G", "", 0), "dlink/dir-823g");
    CHECK_EQ_STR(find(a, "d-link", "DIR-82", "", 0), "");
    CHECK_EQ_STR(find(a, "d-link", "DIR-823", "a1", 0), "");
    CHECK_EQ_STR(find(a, "", "DIR-823", "", 0), "");
    aliases_free(a);
}

TEST(a_name_may_stand_for_several_models_or_none)
{
    struct aliases *a;

    REQUIRE(aliases_read(scratch_write("n.tsv", sample), &a) == 0);
    CHECK_EQ_STR(find(a, "acme", "cam", "", 0), "acme/cam");
    CHECK_EQ_STR(find(a, "acme", "cam", "", 1), "");
    CHECK_EQ_STR(find(a, "acme", "cam", "b", 0), "acme/cam");
    CHECK_EQ_STR(find(a, "acme", "cam", "b", 1), "acme/cam-b");
    CHECK_EQ_STR(find(a, "acme", "cam", "b", 2), "");
    CHECK_EQ_STR(find(a, "n/a", "some portal", "2", 0), "/");
    CHECK_EQ_STR(find(NULL, "acme", "cam", "", 0), "");
    aliases_free(a);
}

static void check_refused(const char *text, const char *words)
{
    const char *path = scratch_write("bad.tsv", text);
    char said[4096] = "";
    struct aliases *a;
    FILE *err = stderr, *kept = fmemopen(said, sizeof said - 1, "w");

    test_case("%s", text);
    REQUIRE(kept != NULL);
    stderr = kept;
    CHECK(aliases_read(path, &a) != 0);
    fclose(kept);
    stderr = err;
    if (!test_check(strstr(said, words) != NULL, __FILE__, __LINE__, words))
        printf("#   said %s\n", said);
}

TEST(mistakes_are_told_with_their_lines)
{
    check_refused("#\na\tb\tc\n", "bad.tsv:2: error: must have four fields");
    check_refused("a\tb\tc\td/e\tf\n", "bad.tsv:1: error: must have four fields");
    check_refused("a\tb\t\tAcme/Cam 1\n",
                  "bad.tsv:1: error: a reported name has 1 to 64 characters of "
                  "a-z 0-9 . _ + -; write \"acme/cam_1\"");
    check_refused("a\tb\t\tacme\n", "bad.tsv:1: error: \"acme\" must be VENDOR/MODEL");
    check_refused("a\tb\t\t../x\n\na\t\t\ta/b", "bad.tsv:3: error: the feed's product is missing");
    check_refused("a\tb\t\tmuster.test/x", "bad.tsv:1: error: muster.test is reserved");
    check_refused("a\tb\t\ta/b\nx\ty\t\ta/b\nA\tB \t-\ta/b\n", "bad.tsv:3: error: is line 1 again");
    check_refused("a\tb\t\ta/b\na\tb\t\t-\n",
                  "bad.tsv:2: error: the same name is no device in line 1");
    check_refused("a\tb\xff\t\ta/b\n",
                  "bad.tsv:1: error: holds a control character, or is not UTF-8");
    check_refused("a\tb\x1b[0m\t\ta/b\n", "bad.tsv:1: error: holds a control character");
}

TEST(a_million_lines)
{
    const char *path = scratch_path("big.tsv");
    FILE *file = fopen(path, "w");
    clock_t before;
    struct aliases *a;
    int i;

    REQUIRE(file != NULL);
    for (i = 0; i < 1000000; i++)
        fprintf(file, "vendor %d\tproduct %d\t-\tv%d/m%d\n", i % 1000, i, i % 1000, i);
    REQUIRE(fclose(file) == 0);
    before = clock();
    REQUIRE(aliases_read(path, &a) == 0);
    for (i = 0; i < 1000000; i += 9973) {
        char vendor[32], product[32], wanted[32];

        (void)snprintf(vendor, sizeof vendor, "Vendor %d", i % 1000);
        (void)snprintf(product, sizeof product, "Product %d", i);
        (void)snprintf(wanted, sizeof wanted, "v%d/m%d", i % 1000, i);
        CHECK_EQ_STR(find(a, vendor, product, "", 0), wanted);
    }
    printf("# %.2f s of processor time\n", (double)(clock() - before) / CLOCKS_PER_SEC);
    aliases_free(a);
}
