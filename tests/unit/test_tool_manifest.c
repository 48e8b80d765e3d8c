/* SPDX-License-Identifier: ISC */
/* Manifests as they may come. That folders are held against them is in tests/e2e/tool-review.sh. */
#include <sodium.h>

#include "test.h"
#include "tool/manifest.h"

#define HEX  "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define HEAD "muster manifest 1\nname Example\ntime 2026-01-01 00:00:00Z\n"

static struct manifest m;
static size_t line;
static char err[512];

static int parse(const char *text, size_t len)
{
    char *copy = malloc(len + 1);

    manifest_free(&m);
    line = 0;
    if (copy == NULL)
        return -2;
    memcpy(copy, text, len);
    return manifest_parse(copy, len, &m, &line, err, sizeof err);
}

TEST(a_manifest_reads)
{
    static const char text[] = HEAD HEX "\ta/b.json\tacme/cam\tCVE-1\n" HEX "\tsuppress\t-\t-\n";
    struct problems problems = {.out = NULL};
    struct manifest_file *file;

    REQUIRE(parse(text, sizeof text - 1) == 0);
    CHECK_EQ_STR(m.name, "Example");
    CHECK_EQ_INT(m.n, 2);
    file = manifest_find(&m, "a/b.json");
    REQUIRE(file != NULL);
    CHECK_EQ_STR(file->model, "acme/cam");
    CHECK(manifest_find(&m, "a") == NULL);
    CHECK(manifest_allows(&m, "a/b.json", "x", file->digest, &problems));
    CHECK(!manifest_allows(&m, "a/b.json", "x", (const uint8_t[32]){0}, &problems));
    CHECK_EQ_INT(problems.last, RULE_TAMPERED);
    CHECK(!manifest_allows(&m, "a/c.json", "x", file->digest, &problems));
    CHECK_EQ_INT(problems.last, RULE_UNLISTED);
    manifest_want_all(&m, "dir", &problems);
    CHECK_EQ_INT(problems.last, RULE_MISSING);
    CHECK_EQ_INT(problems.n, 3);
    manifest_free(&m);
}

TEST(what_is_no_manifest_is_refused_with_its_line)
{
    static const struct {
        const char *text;
        size_t line;
    } cases[] = {
        {"", 1},
        {"muster manifest 2\n", 1},
        {"muster manifest 1\nname x", 2},
        {"muster manifest 1\nname x\ntime yesterday\n", 3},
        {HEAD HEX "\t../a.json\t-\t-\n", 4},
        {HEAD HEX "\ta/../../b.json\t-\t-\n", 4},
        {HEAD HEX "\t/etc/passwd\t-\t-\n", 4},
        {HEAD HEX "\ta//b\t-\t-\n", 4},
        {HEAD HEX "\ta/\t-\t-\n", 4},
        {HEAD HEX "\t\t-\t-\n", 4},
        {HEAD HEX "\ta\x1b[2J\t-\t-\n", 4},
        {HEAD HEX "\tb\t-\t-\n" HEX "\tb\t-\t-\n", 5},
        {HEAD HEX "\tb\t-\t-\n" HEX "\ta\t-\t-\n", 5},
        {HEAD HEX "0\ta\t-\t-\n", 4},
        {HEAD "0\ta\t-\t-\n", 4},
        {HEAD HEX " a\t-\t-\n", 4},
        {HEAD HEX "\ta\t-\n", 4},
        {HEAD HEX "\ta\t-\t-", 4},
        {HEAD "\n", 4},
    };
    size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        test_case("%zu", i);
        CHECK(parse(cases[i].text, strlen(cases[i].text)) != 0);
        CHECK_EQ_INT(line, cases[i].line);
    }
    CHECK(parse(HEAD HEX "\ta\0\t-\t-\n", sizeof HEAD HEX "\ta\0\t-\t-\n" - 1) != 0);
}
