/* SPDX-License-Identifier: ISC */
/* Natural order against what vendors print: hard pairs stated here as facts, then every known pair
 * and every string of the data set (../shared/data/versions, or $MUSTER_DATA; skipped where it is
 * absent). What the order should say is worked out here from doc/protocol.md with other means than
 * the core's own. */
#include <ctype.h>

#include "muster/order.h"
#include "test.h"

#define STRINGS_MAX 16384
#define LINE_MAX_   4096
#define BUILD_MAX_  1024

static char *strings[STRINGS_MAX], *schemes[STRINGS_MAX];
static size_t strings_n;
static unsigned level[STRINGS_MAX]; /* of strings[i] once sorted: equal builds have equal levels */
static uint32_t seed = 1;

static size_t any(size_t n)
{
    seed = seed * 1664525u + 1013904223u;
    return (size_t)((uint64_t)seed * n >> 32);
}

static int compare(const char *a, const char *b)
{
    return muster_order_compare(muster_slice_of(a), muster_slice_of(b));
}

static int sign(int c)
{
    return (c > 0) - (c < 0);
}

static bool alike(const char *a, const char *b)
{
    return muster_order_alike(muster_slice_of(a), muster_slice_of(b)) != 0;
}

/* ------------------------------------------------------------------------------ facts */

struct fact {
    const char *older, *newer;
};

static void check_rises(const struct fact *facts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        test_case("%s < %s", facts[i].older, facts[i].newer);
        CHECK(compare(facts[i].older, facts[i].newer) < 0);
        CHECK(compare(facts[i].newer, facts[i].older) > 0);
        CHECK(alike(facts[i].older, facts[i].newer));
    }
}

TEST(builds_that_vendors_published_one_after_the_other)
{
    static const struct fact facts[] = {
        {"5.4.4 Build 161125", "5.4.5 Build 160928"},
        {"V5.5.59 build 230519", "V5.5.139 build 260409"},
        {"V5.9.71 build 260318", "V5.10.0 build 260624"},
        {"V1.1.3 build 211116", "V1.1.3 build 250304"},
        {"v5.4.5 build 170124", "5.5.800 build 210628"},
        {"1.0.4 Build 191016 Rel.58586n", "1.0.4 Build 191023 Rel.62892n"},
        {"1.1.15 Build 211130 Rel.17042n", "1.3.5 Build 230307 Rel.64541n"},
        {"1.1.4 Build 230219", "1.14 Build 20230219"},
        {"v3.1.0.920_22040614", "v3.1.0.920_2402207921"},
        {"v3.1.0.5223_2508072085", "v3.1.0.5223_2510172104"},
        {"h5.1.0", "h5.1.3.2578 build 20231110"},
        {"4.3.3.2420 build 20230621", "4.3.6.2441 build 20230621"},
        {"4.3.4.0000", "4.3.6.1663"},
        {"1.2", "1.2.5-8227-11"},
        {"1.0", "1.0.5-0185"},
        {"6.10(AAIG.0)", "6.10(AAIG.3)"},
        {"5.21(AAZF.14)C0", "5.21(AAZF.15)C0"},
        {"V1.00(AAKL.3)b5", "V1.00(AAKL.3)C0"},
        {"5.21 Patch 1", "5.36 Patch 2"},
        {"5.36", "5.36 Patch 1"},
        {"5.9", "5.36"},
        {"386_49634", "386_50757"},
        {"386.9", "386.10"},
        {"3.0.0.4.386_45956", "3.0.0.4.388.23748"},
        {"6.41.3", "6.42rc27"},
        {"6.42rc9", "6.42rc27"},
        {"6.42rc27", "6.42"},
        {"7.1beta6", "7.1rc1"},
        {"1.00", "1.01b05-01"},
        {"2.16ww", "2.17b02"},
        {"1.04b12", "1.04b13"},
        {"1.0.2B05_20181207", "1.0.2B06_20190102"},
        {"2.800.0000000.29.R.20210902", "2.800.0000000.30.R.20211001"},
        {"2.80F", "2.93A"},
        {"1.0.1f", "1.0.1g"},
        {"4.18", "4.18.4.2f"},
        {"03.03.28c", "05.02.04c"},
        {"R316-V0", "R316-V4"},
        {"r119-v0", "r150-v2"},
        {"fw4", "fw15"},
        {"v01l001", "V02L061"},
        {"T10.19.020016", "T10.20.060398"},
        {"501.1", "501.6hf8"},
        {"510.2 HF12", "510.2_hf13"},
        {"520.1", "520.1 TCU4"},
        {"7.4", "7.4_sp1_update_23"},
        {"1.4.4_Beta", "1.5.1"},
        {"1.22", "1.39\\(n\\)"},
        {"20211210-1627", "20230329-1042"},
        {"11.1.0.101-202106231430", "12.6.3.1"},
        {"33.011", "33.015"},
        {"00.07.00", "00.07.03"},
        {"8.10.42.190", "8.10.42.190_rev1"},
        {"4.0.539", "4.0.975"},
        {"1.0.9.9", "1.0.9.92"},
        {"9.13.3.0.22", "9.13.3.0.145"},
        {"15.03.05.16_multi", "15.03.06.42_multi"},
        {"V300R001C10SPC200", "V300R001C20SPC100"},
        {"2.0.9-hotfix.6", "2.0.9-hotfix.7"},
        {"8.80", "8.80.240520a"},
    };

    check_rises(facts, sizeof facts / sizeof *facts);
}

TEST(what_orders_by_accident_is_known_as_such)
{
    static const struct fact facts[] = {
        {"1.1.4 Build 230219", "241108"},          /* a date above every version: see importers */
        {"1.0AA", "1.0Z"},                         /* letters that count on after Z */
        {"11.10.2021", "12.05.2015"},              /* day first */
        {"20112017", "21112016"},                  /* the same in one run */
        {"1.0.0_2402207921", "1.0.0_20250501000"}, /* dates of unlike width */
        {"2.13b01_beta", "2.13b01"},               /* a vendor whose betas follow the release */
        {"v15.03.05.19", "v15.03.05.19_cn"},       /* a region, not a later build */
        {"1.01", "1.2"},                           /* for who writes 1.01, 1.2 may be 1.20 */
        {"5.4.5", "5.4.5 build 170124"},
        {"1.0.9", "1.0.9_b3"},
    };

    check_rises(facts, sizeof facts / sizeof *facts);
    CHECK(compare("1.02", "1.2") == 0);
}

TEST(builds_of_unlike_beginnings_are_in_no_range)
{
    static const struct fact facts[] = {
        {"hw1", "v6.35"},
        {"1.3.5.6", "BaiCE_BMI_1.3.5.10_NAC"},
        {"MC801A_Elisa3_B19", "B19"},
        {"r4.01.00", "f4.03.00"},
        {"1.0", "s2.93.19"},
        {"9.10", "vCR9.10.240520a"},
        {"4.5.2", "h4.5.1"},
        {"h4.5.1", "c4.5.1"},
        {"23.05.4", "SNAPSHOT r25000"},
        {"221008", "TL-WR802N(JP)_V4_221008"},
        {"1.10", "a1_fw110b04"},
        {"0.0", "1.0"},
    };

    for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
        struct muster_range r = {.kind = MUSTER_RANGE_NATURAL,
                                 .from = muster_slice_of(facts[i].older),
                                 .until = muster_slice_of(facts[i].newer)};

        test_case("%s and %s", facts[i].older, facts[i].newer);
        CHECK(!alike(facts[i].older, facts[i].newer));
        CHECK(muster_range_check(&r) != MUSTER_OK);
        r.from = muster_slice_of("");
        if (muster_range_check(&r) == MUSTER_OK)
            CHECK(!muster_range_covers(&r, muster_slice_of(facts[i].older), 0));
    }
}

/* ------------------------------------------------------------------------------ the data set */

static FILE *open_data(const char *name)
{
    const char *root = getenv("MUSTER_DATA");
    char path[1024];

    snprintf(path, sizeof path, "%s/versions/%s",
             root != NULL ? root : MUSTER_SOURCE_DIR "/../shared/data", name);
    return fopen(path, "r");
}

/* The next line of tab-separated fields, comments left out; false at the end. */
static bool next_line(FILE *file, char line[LINE_MAX_], char *fields[3])
{
    do {
        char *at = line;

        if (fgets(line, LINE_MAX_, file) == NULL)
            return false;
        line[strcspn(line, "\n")] = '\0';
        for (size_t i = 0; i < 3; i++) {
            fields[i] = at != NULL ? at : line + strlen(line);
            at = at != NULL ? strchr(at, '\t') : NULL;
            if (at != NULL)
                *at++ = '\0';
        }
    } while (line[0] == '#');
    return true;
}

static char *copy(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copied = malloc(size);

    return copied == NULL ? NULL : memcpy(copied, text, size);
}

static void add_string(const char *scheme, const char *text)
{
    if (strings_n < STRINGS_MAX && strlen(text) < BUILD_MAX_) {
        schemes[strings_n] = copy(scheme);
        strings[strings_n++] = copy(text);
    }
}

static bool read_strings(void)
{
    static const struct {
        const char *name;
        int builds[2]; /* which fields hold builds */
    } files[] = {
        {"strings-with-scheme.tsv", {2, 2}},
        {"version-order.tsv", {1, 2}},
        {"order-conflicts.tsv", {1, 2}},
    };
    char line[LINE_MAX_], *fields[3];

    if (strings_n > 0)
        return true;
    for (size_t f = 0; f < sizeof files / sizeof *files; f++) {
        FILE *file = open_data(files[f].name);

        if (file == NULL)
            return false;
        while (next_line(file, line, fields)) {
            fields[2][strcspn(fields[2], "\t")] = '\0';
            add_string(fields[0], fields[files[f].builds[0]]);
            if (files[f].builds[0] != files[f].builds[1])
                add_string(fields[0], fields[files[f].builds[1]]);
        }
        fclose(file);
    }
    return strings_n > 0;
}

/* Whether the file of exceptions has this pair; notes in `used` which line it was. */
static bool is_exception(const char *older, const char *newer, unsigned *used)
{
    FILE *file = fopen(MUSTER_SOURCE_DIR "/tests/unit/order-exceptions.tsv", "r");
    char line[LINE_MAX_], *fields[3];
    bool found = false;
    unsigned n = 0;

    while (file != NULL && next_line(file, line, fields)) {
        if (strcmp(fields[0], older) == 0 && strcmp(fields[1], newer) == 0 &&
            fields[2][0] != '\0') {
            found = true;
            *used |= 1u << n;
        }
        n++;
    }
    if (file != NULL)
        fclose(file);
    return found;
}

static unsigned exceptions(void)
{
    FILE *file = fopen(MUSTER_SOURCE_DIR "/tests/unit/order-exceptions.tsv", "r");
    char line[LINE_MAX_], *fields[3];
    unsigned all = 0;

    for (unsigned n = 0; file != NULL && next_line(file, line, fields); n++)
        all |= 1u << n;
    if (file != NULL)
        fclose(file);
    return all;
}

TEST(every_known_pair_but_the_listed_exceptions)
{
    FILE *file = open_data("version-order.tsv");
    char line[LINE_MAX_], *fields[3];
    unsigned used = 0, n = 0;

    if (file == NULL)
        TEST_SKIP("no versions/version-order.tsv here (set MUSTER_DATA)");
    for (; next_line(file, line, fields); n++) {
        bool right;

        fields[2][strcspn(fields[2], "\t")] = '\0';
        right = compare(fields[1], fields[2]) < 0 && alike(fields[1], fields[2]);
        test_case("%s < %s", fields[1], fields[2]);
        CHECK(right != is_exception(fields[1], fields[2], &used));
    }
    fclose(file);
    CHECK(n >= 400);
    CHECK_EQ_INT(used, exceptions());
}

TEST(a_range_between_conflicting_builds_is_refused)
{
    FILE *file = open_data("order-conflicts.tsv");
    char line[LINE_MAX_], *fields[3];

    if (file == NULL)
        TEST_SKIP("no versions/order-conflicts.tsv here (set MUSTER_DATA)");
    while (next_line(file, line, fields)) {
        struct muster_range r = {.kind = MUSTER_RANGE_NATURAL, .bounds = MUSTER_UNTIL_INCLUDED};

        fields[2][strcspn(fields[2], "\t")] = '\0';
        r.from = muster_slice_of(fields[1]);
        r.until = muster_slice_of(fields[2]);
        test_case("%s .. %s", fields[1], fields[2]);
        CHECK(muster_range_check(&r) != MUSTER_OK);
    }
    fclose(file);
}

/* ------------------------------------------------------------------------------ a strict weak order */

static int by_order(const void *a, const void *b)
{
    return compare(*(char *const *)a, *(char *const *)b);
}

/* Sorts all strings and gives each its level. If compare agrees with the levels for a set of pairs,
 * it is a strict weak order there: irreflexive, asymmetric, transitive, and equivalence too. */
static bool sort_strings(void)
{
    if (!read_strings())
        return false;
    qsort(strings, strings_n, sizeof *strings, by_order);
    level[0] = 0;
    for (size_t i = 1; i < strings_n; i++)
        level[i] = level[i - 1] + (compare(strings[i - 1], strings[i]) != 0);
    return true;
}

static bool agrees(size_t i, size_t k)
{
    int want = (level[i] > level[k]) - (level[i] < level[k]);

    return sign(compare(strings[i], strings[k])) == want;
}

TEST(all_triples_of_a_sample_of_each_scheme)
{
    enum { SAMPLE = 40 };
    static int c[SAMPLE][SAMPLE];
    size_t from = 0, failed = 0, triples = 0;

    if (!read_strings())
        TEST_SKIP("no versions/strings-with-scheme.tsv here (set MUSTER_DATA)");
    while (from < strings_n) {
        const char *sample[SAMPLE];
        size_t end = from, n = 0;

        while (end < strings_n && strcmp(schemes[end], schemes[from]) == 0)
            end++;
        for (; n < SAMPLE && n < end - from; n++)
            sample[n] = strings[from + any(end - from)];
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k < n; k++)
                c[i][k] = sign(compare(sample[i], sample[k]));
        for (size_t i = 0; i < n; i++)
            for (size_t k = 0; k < n; k++)
                for (size_t m = 0; m < n; m++, triples++)
                    failed += c[i][i] != 0 || c[i][k] != -c[k][i] ||
                              (c[i][k] <= 0 && c[k][m] <= 0 &&
                               c[i][m] != (c[i][k] + c[k][m] < 0 ? -1 : 0));
        from = end;
    }
    CHECK_EQ_INT(failed, 0);
    CHECK(triples > 1000000);
}

/* From here on the strings are sorted, and no longer beside their schemes. */
TEST(strict_weak_order_over_all_strings)
{
    size_t failed = 0;

    if (!sort_strings())
        TEST_SKIP("no versions/strings-with-scheme.tsv here (set MUSTER_DATA)");
    for (size_t i = 0; i < strings_n; i++) {
        failed += !agrees(i, i);
        for (size_t k = i + 1; k < strings_n && k < i + 20; k++)
            failed += !agrees(i, k) || !agrees(k, i);
    }
    for (size_t n = 0; n < 1500000; n++)
        failed += !agrees(any(strings_n), any(strings_n));
    CHECK_EQ_INT(failed, 0);
    CHECK(strings_n > 10000);
}

/* ------------------------------------------------------------------------------ like with like */

#define DIGITS  "0123456789"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* How a build begins, by the protocol's steps 1 to 4: "#" for digits, the word, or "" for neither.
 * Zeros in front of it never make a difference to that. */
static void beginning(const char *build, char ret_word[BUILD_MAX_])
{
    for (bool first = true;; first = false) {
        size_t digits, letters;

        build += strcspn(build, DIGITS LETTERS);
        digits = strspn(build, DIGITS);
        letters = strspn(build, LETTERS);
        if (digits == 0 && letters == 1 && first && (build[0] | 0x20) == 'v' &&
            strspn(build + 1 + strcspn(build + 1, DIGITS LETTERS), DIGITS) > 0)
            build++;
        else if (digits > 0 && strspn(build, "0") == digits)
            build += digits;
        else {
            snprintf(ret_word, BUILD_MAX_, "%.*s", (int)letters, build);
            for (size_t i = 0; i < letters; i++)
                ret_word[i] = (char)tolower((unsigned char)ret_word[i]);
            if (digits > 0)
                snprintf(ret_word, BUILD_MAX_, "#");
            return;
        }
    }
}

static bool begin_alike(const char *a, const char *b)
{
    char word_a[BUILD_MAX_], word_b[BUILD_MAX_];

    beginning(a, word_a);
    beginning(b, word_b);
    return word_a[0] != '\0' && strcmp(word_a, word_b) == 0;
}

/* A range of two strings out of all, or of one and an open end. */
static struct muster_range any_range(size_t i, size_t k)
{
    struct muster_range r = {.kind = MUSTER_RANGE_NATURAL, .bounds = (unsigned)any(4)};
    size_t open = any(4);

    r.from = muster_slice_of(open == 1 ? "" : strings[i < k ? i : k]);
    r.until = muster_slice_of(open == 2 ? "" : strings[i < k ? k : i]);
    return r;
}

static bool should_cover(const struct muster_range *r, size_t low, size_t high, size_t build)
{
    const char *text = strings[build];

    if (r->from.len > 0 &&
        (!begin_alike(text, strings[low]) || level[build] < level[low] ||
         (level[build] == level[low] && (r->bounds & MUSTER_FROM_EXCLUDED) != 0)))
        return false;
    if (r->until.len > 0 &&
        (!begin_alike(text, strings[high]) || level[build] > level[high] ||
         (level[build] == level[high] && (r->bounds & MUSTER_UNTIL_INCLUDED) == 0)))
        return false;
    return begin_alike(text, text);
}

TEST(ranges_cover_what_lies_between_and_begins_alike)
{
    size_t ranges_n = 0, covered = 0, failed = 0;

    if (!sort_strings())
        TEST_SKIP("no versions/strings-with-scheme.tsv here (set MUSTER_DATA)");
    for (size_t n = 0; n < 20000; n++) {
        size_t i = any(strings_n), k = n % 2 != 0 ? any(strings_n) : (i + any(300)) % strings_n;
        struct muster_range r = any_range(i, k);

        if (muster_range_check(&r) != MUSTER_OK)
            continue;
        ranges_n++;
        for (size_t m = 0; m < 40; m++) {
            size_t build = m % 2 != 0 ? any(strings_n) : (i + any(300)) % strings_n;
            bool covers = muster_range_covers(&r, muster_slice_of(strings[build]), 0) != 0;

            covered += covers;
            failed += covers != should_cover(&r, i < k ? i : k, i < k ? k : i, build);
        }
    }
    CHECK_EQ_INT(failed, 0);
    CHECK(ranges_n > 5000);
    CHECK(covered > 20000);
}

TEST(a_bound_of_letters_only_covers_builds_of_that_word)
{
    size_t failed = 0, seen = 0;

    if (!sort_strings())
        TEST_SKIP("no versions/strings-with-scheme.tsv here (set MUSTER_DATA)");
    for (size_t i = 0; i < strings_n; i++) {
        struct muster_range r = {.kind = MUSTER_RANGE_NATURAL,
                                 .until = muster_slice_of(strings[i])};
        char word[BUILD_MAX_];

        beginning(strings[i], word);
        if (word[0] == '\0' || word[0] == '#' || strings[i][0] == '\0')
            continue;
        seen++;
        for (size_t n = 0; n < 50; n++) {
            size_t k = any(strings_n);

            failed += muster_range_covers(&r, muster_slice_of(strings[k]), 0) != 0 &&
                      !begin_alike(strings[i], strings[k]);
        }
    }
    CHECK_EQ_INT(failed, 0);
    CHECK(seen > 500);
}
