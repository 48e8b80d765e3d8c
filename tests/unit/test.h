/* SPDX-License-Identifier: ISC */
/* The whole test harness: one program a file, TAP on standard output, nothing to link.
 *
 *     #include "test.h"
 *
 *     TEST(empty_string_is_refused)
 *     {
 *         REQUIRE(setup() == 0);             // on failure: report and leave this test
 *         CHECK(parse("") < 0);              // on failure: report and go on
 *         CHECK_EQ_INT(parse("7"), 7);       // got first, wanted second
 *         CHECK_EQ_STR(name, "camera");
 *         CHECK_EQ_MEM(bytes, wanted, 16);
 *     }
 *
 * Tests run in the order of the file; this header brings main(). A test that checked nothing fails.
 * TEST_SKIP("why") ends a test that cannot run here. test_case("vector %u", i) names the case that
 * later failures of the same test belong to. `PROGRAM WORD` runs only the tests whose names hold
 * WORD. Exit status: 0 all passed, 1 some failed.
 */
#ifndef MUSTER_TEST_H
#define MUSTER_TEST_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEST_UNUSED __attribute__((unused))
#define TEST_MAX    512

struct test_entry {
    const char *name;
    void (*run)(void);
};

static struct test_entry test_table[TEST_MAX];
static size_t test_table_n;
static unsigned test_checks, test_failures;
static const char *test_skipped;
TEST_UNUSED static const struct test_entry *test_running; /* the entry whose test runs now */
static char test_case_name[128];

#define TEST(name)                                                                                 \
    static void test_##name(void);                                                                 \
    __attribute__((constructor)) static void test_register_##name(void)                            \
    {                                                                                              \
        test_register(#name, test_##name);                                                         \
    }                                                                                              \
    static void test_##name(void)

#define CHECK(cond) ((void)test_check((cond) ? true : false, __FILE__, __LINE__, #cond))

#define REQUIRE(cond)                                                                              \
    do {                                                                                           \
        if (!test_check((cond) ? true : false, __FILE__, __LINE__, #cond))                         \
            return;                                                                                \
    } while (0)

#define CHECK_EQ_INT(got, want)                                                                    \
    test_check_int((long long)(got), (long long)(want), __FILE__, __LINE__, #got)

#define CHECK_EQ_STR(got, want) test_check_str((got), (want), __FILE__, __LINE__, #got)

#define CHECK_EQ_MEM(got, want, len) test_check_mem((got), (want), (len), __FILE__, __LINE__, #got)

#define TEST_SKIP(why)                                                                             \
    do {                                                                                           \
        test_skipped = (why);                                                                      \
        return;                                                                                    \
    } while (0)

TEST_UNUSED static void test_register(const char *name, void (*run)(void))
{
    if (test_table_n == TEST_MAX) {
        printf("Bail out! more than %d tests in one program\n", TEST_MAX);
        exit(1);
    }
    test_table[test_table_n].name = name;
    test_table[test_table_n++].run = run;
}

TEST_UNUSED __attribute__((format(printf, 1, 2))) static void test_case(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(test_case_name, sizeof test_case_name, fmt, args);
    va_end(args);
}

TEST_UNUSED static bool test_check(bool passed, const char *file, int line, const char *what)
{
    test_checks++;
    if (passed)
        return true;
    test_failures++;
    printf("# %s:%d: failed: %s%s%s\n", file, line, what, test_case_name[0] != '\0' ? " in " : "",
           test_case_name);
    return false;
}

TEST_UNUSED static void test_check_int(long long got, long long want, const char *file, int line,
                                       const char *what)
{
    if (!test_check(got == want, file, line, what))
        printf("#   got %lld, wanted %lld\n", got, want);
}

TEST_UNUSED static void test_check_str(const char *got, const char *want, const char *file,
                                       int line, const char *what)
{
    bool same = got != NULL && want != NULL ? strcmp(got, want) == 0 : got == want;

    if (!test_check(same, file, line, what))
        printf("#   got \"%s\", wanted \"%s\"\n", got != NULL ? got : "(null)",
               want != NULL ? want : "(null)");
}

TEST_UNUSED static void test_print_hex(const char *word, const void *bytes, size_t len)
{
    size_t i;

    printf("#   %s ", word);
    for (i = 0; i < len && i < 64; i++)
        printf("%02x", ((const unsigned char *)bytes)[i]);
    printf("%s\n", len > 64 ? "..." : "");
}

TEST_UNUSED static void test_check_mem(const void *got, const void *want, size_t len,
                                       const char *file, int line, const char *what)
{
    bool same = len == 0 || (got != NULL && want != NULL && memcmp(got, want, len) == 0);

    if (test_check(same, file, line, what))
        return;
    test_print_hex("got   ", got, got != NULL ? len : 0);
    test_print_hex("wanted", want, want != NULL ? len : 0);
}

static bool test_run_one(const struct test_entry *test, size_t number)
{
    bool passed;

    test_checks = test_failures = 0;
    test_skipped = NULL;
    test_case_name[0] = '\0';
    test_running = test;
    test->run();
    if (test_checks == 0 && test_skipped == NULL)
        printf("# %s checks nothing\n", test->name);
    passed = test_failures == 0 && (test_checks > 0 || test_skipped != NULL);
    printf("%sok %zu - %s%s%s\n", passed ? "" : "not ", number, test->name,
           passed && test_skipped != NULL ? " # SKIP " : "",
           passed && test_skipped != NULL ? test_skipped : "");
    fflush(stdout);
    return passed;
}

int main(int argc, char **argv)
{
    size_t i, number = 0;
    bool passed = true;

    for (i = 0; i < test_table_n; i++)
        number += argc < 2 || strstr(test_table[i].name, argv[1]) != NULL;
    printf("1..%zu\n", number);
    fflush(stdout);
    for (i = 0, number = 0; i < test_table_n; i++)
        if (argc < 2 || strstr(test_table[i].name, argv[1]) != NULL)
            passed &= test_run_one(&test_table[i], ++number);
    return passed && number > 0 ? 0 : 1;
}

#endif
