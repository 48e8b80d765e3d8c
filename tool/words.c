/* SPDX-License-Identifier: ISC */
/* The grammar of version words. It must not guess: each rule is certain, and all else is a doubt. */
#include "tool/words.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tool/scheme.h"

#define FILED_DAYS 124 /* a day so short before the record came is when the fault was reported */
#define TEXT_CAP   256 /* a longer sentence about versions is not read */

bool words_is_one_of(const char *word, const char *const *list)
{
    for (; *list != NULL; list++)
        if (strcasecmp(word, *list) == 0)
            return true;
    return false;
}

/* Folds blanks and drops CPE's escapes. DOUBT_TEXT for what is not printable ASCII or has the marks
 * of a text that went through too many hands (entities, quotes). */
static enum import_doubt clean(const char *text, char ret[TEXT_CAP])
{
    size_t n = 0;

    for (; *text != '\0'; text++) {
        char c = *text;

        if (c == '\\' && ispunct((unsigned char)text[1]) && text[1] != '\\')
            continue;
        if (c == '\t' || c == '\n' || c == '\r')
            c = ' ';
        if (c < 0x20 || c > 0x7e || strchr("\\\"&{}$`", c) != NULL)
            return DOUBT_TEXT;
        if (c == ' ' && (n == 0 || ret[n - 1] == ' '))
            continue;
        if (n == TEXT_CAP - 1)
            return DOUBT_TEXT;
        ret[n++] = c;
    }
    while (n > 0 && strchr(" .,;", ret[n - 1]) != NULL)
        n--;
    ret[n] = '\0';
    return DOUBT_NONE;
}

/* The word at `at` ("" at the end) and where the next one begins. */
static const char *next_word(const char *at, char word[TEXT_CAP])
{
    size_t len = strcspn(at, " ");

    memcpy(word, at, len);
    word[len] = '\0';
    at += len;
    return at + strspn(at, " ");
}

/* "ver.01.26", "v.1.2": the filler's length. */
static size_t glued_filler(const char *at)
{
    static const char *const glued[] = {"ver.", "version.", "v.", NULL};
    size_t i;

    for (i = 0; glued[i] != NULL; i++)
        if (strncasecmp(at, glued[i], strlen(glued[i])) == 0)
            return strspn(at + strlen(glued[i]), "0123456789") > 0 ? strlen(glued[i]) : 0;
    return 0;
}

/* Skips "all firmware versions" and the like before a build. */
static char *skip_fillers(char *at)
{
    static const char *const fillers[] = {"all",      "any",     "version", "versions", "ver",
                                          "ver.",     "vers.",   "v.",      "firmware", "fw",
                                          "software", "release", NULL};
    char word[TEXT_CAP];

    for (;;) {
        size_t taken = (size_t)(next_word(at, word) - at), glued = glued_filler(at);

        if (glued > 0)
            return at + glued;
        if (word[0] == '\0' || !words_is_one_of(word, fillers))
            return at;
        at += taken;
    }
}

static bool has_digit(const char *text)
{
    return strpbrk(text, "0123456789") != NULL;
}

/* A word inside a build that has no digits itself: "V5.4.5 build 170124". */
static bool is_build_word(const char *word)
{
    static const char *const words[] = {"build", "beta",    "alpha",  "rc",     "release",
                                        "patch", "sp",      "hf",     "hotfix", "rel.",
                                        "rel",   "preview", "update", NULL};
    char plain[TEXT_CAP];
    size_t n = 0;

    for (; *word != '\0'; word++)
        if (strchr("()[],", *word) == NULL)
            plain[n++] = *word;
    plain[n] = '\0';
    return n == 0 || words_is_one_of(plain, words);
}

/* "4.3.*", "1.x", "B2303.X.X.XXXXXX": a branch, not a build. */
static bool is_wildcard(const char *build)
{
    const char *at;

    if (strchr(build, '*') != NULL || strstr(build, "XX") != NULL || strstr(build, "xx") != NULL)
        return true;
    for (at = build; *at != '\0'; at++) {
        size_t xs = strspn(at, "xX");

        if (xs > 0 && (at == build || strchr(".-_ ", at[-1]) != NULL) &&
            (at[xs] == '\0' || strchr(".-_ ", at[xs]) != NULL))
            return true;
        if (xs > 0)
            at += xs - 1;
    }
    return false;
}

static enum import_doubt check_build(const char *build)
{
    char word[TEXT_CAP];
    const char *at = build;
    size_t words_n = 0;

    if (strlen(build) > MUSTER_BUILD_MAX)
        return DOUBT_TEXT;
    if (is_wildcard(build))
        return DOUBT_BRANCH;
    if (!has_digit(build) || strpbrk(build, "<>=,;|?!@%~^:'[]") != NULL ||
        strstr(build, "//") != NULL)
        return DOUBT_PROSE;
    if (strchr(build, '/') != NULL || build[strlen(build) - 1] == '+')
        return DOUBT_PROSE;
    while (*at != '\0') {
        at = next_word(at, word);
        if (++words_n > 5 || (!has_digit(word) && !is_build_word(word)))
            return DOUBT_PROSE;
    }
    return DOUBT_NONE;
}

/* 'X' without its marks; any other mark is not a build's. */
static const char *unquote(char *build)
{
    size_t len = strlen(build);

    if (len > 2 && build[0] == '\'' && build[len - 1] == '\'') {
        build[len - 1] = '\0';
        return build + 1;
    }
    return build;
}

enum import_doubt words_build(const char *text, char ret[WORDS_CAP])
{
    char cleaned[TEXT_CAP];
    enum import_doubt doubt = clean(text, cleaned);
    const char *build;

    if (doubt != DOUBT_NONE)
        return doubt;
    build = unquote(skip_fillers(cleaned));
    doubt = check_build(build);
    if (doubt == DOUBT_NONE)
        memcpy(ret, build, strlen(build) + 1);
    return doubt;
}

static bool is_nothing(const char *text)
{
    static const char *const words[] = {"",        "n/a",
                                        "na",      "-",
                                        "none",    "unspecified",
                                        "unknown", "not specified",
                                        "--",      "see references",
                                        NULL};

    return words_is_one_of(text, words);
}

static bool is_all(const char *text)
{
    static const char *const words[] = {"*",
                                        "all",
                                        "any",
                                        "all versions",
                                        "any version",
                                        "all firmware",
                                        "all firmware versions",
                                        "vers:all/*",
                                        NULL};

    return words_is_one_of(text, words);
}

/* Zero in any spelling: before every build there is. */
static bool is_zero(const char *text)
{
    struct muster_slice build = muster_slice_of(text);

    return has_digit(text) && strspn(text, "vV0.-") == build.len;
}

/* A lower bound that only says that there is none. */
static bool is_no_lower(const char *text)
{
    static const char *const words[] = {"unspecified",  "earlier", "all",
                                        "all versions", "n/a",     NULL};

    return text[0] == '\0' || is_zero(text) || words_is_one_of(text, words);
}

static void doubtful(struct words *w, enum import_doubt doubt)
{
    w->doubt = doubt;
    w->is_exact = w->is_all = false;
    w->from[0] = w->until[0] = '\0';
}

bool words_range(const struct words *w, struct muster_range *ret_range)
{
    if (w->doubt != DOUBT_NONE || w->is_all)
        return false;
    memset(ret_range, 0, sizeof *ret_range);
    ret_range->kind = w->is_exact ? MUSTER_RANGE_EXACT : MUSTER_RANGE_NATURAL;
    ret_range->from = muster_slice_of(w->from);
    ret_range->until = muster_slice_of(w->until);
    ret_range->bounds = (w->from_excluded ? MUSTER_FROM_EXCLUDED : 0u) |
                        (w->until_included ? MUSTER_UNTIL_INCLUDED : 0u);
    return true;
}

bool words_is_level(const char *a, const char *b)
{
    struct muster_slice x = muster_slice_of(a), y = muster_slice_of(b);

    return x.len == 0 || y.len == 0 ? x.len == y.len : muster_order_compare(x, y) == 0;
}

/* The digits of "20240403", "2024-04-03" or "240403" as YYYYMMDD; false: not so many. */
static bool day_digits(const char *text, char ret[9])
{
    size_t len = strlen(text), i, n = 0;
    bool is_split = len == 10 && strchr("-./_", text[4]) != NULL && text[7] == text[4];

    if (len != 6 && len != 8 && !is_split)
        return false;
    if (len == 6) {
        ret[n++] = '2';
        ret[n++] = '0';
    }
    for (i = 0; i < len; i++)
        if (!is_split || (i != 4 && i != 7))
            ret[n++] = text[i];
    ret[n] = '\0';
    return strspn(ret, "0123456789") == n;
}

bool words_day(const char *text, unsigned *ret_day)
{
    unsigned long day;
    char digits[9];

    if (!day_digits(text, digits))
        return false;
    day = strtoul(digits, NULL, 10);
    *ret_day = (unsigned)day;
    return day >= 19950000 && day < 21000000 && day / 100 % 100 >= 1 && day / 100 % 100 <= 12 &&
           day % 100 >= 1 && day % 100 <= 31;
}

/* Days since a far past, near enough. */
static unsigned day_number(unsigned day)
{
    return day / 10000 * 372 + day / 100 % 100 * 31 + day % 100;
}

bool words_is_filing_day(const char *published, const char *build)
{
    unsigned filed, came;
    char text[11];

    (void)snprintf(text, sizeof text, "%.10s", published);
    if (!words_day(text, &came) || !words_day(build, &filed))
        return false;
    return day_number(filed) <= day_number(came) + 2 &&
           day_number(filed) + FILED_DAYS >= day_number(came);
}

/* Natural order must be able to hold the bounds. */
static void check_order(struct words *w)
{
    struct muster_slice from = muster_slice_of(w->from), until = muster_slice_of(w->until);
    int order;

    if ((from.len > 0 && !muster_order_has_runs(from)) ||
        (until.len > 0 && !muster_order_has_runs(until))) {
        doubtful(w, DOUBT_UNORDERED);
        return;
    }
    order = from.len > 0 && until.len > 0 ? muster_order_compare(from, until) : -1;
    if (from.len > 0 && until.len > 0 && !muster_order_alike(from, until))
        doubtful(w, DOUBT_UNLIKE);
    else if (order > 0)
        doubtful(w, DOUBT_REVERSED);
    else if (order == 0 && (w->from_excluded || !w->until_included))
        doubtful(w, DOUBT_EMPTY);
    else if (w->from_excluded) /* "above 1.0" takes in "1.0 build 2", which is 1.0 */
        doubtful(w, DOUBT_UNORDERED);
    else if (scheme_check(w->from, w->until, w->until_included) != DOUBT_NONE)
        doubtful(w, scheme_check(w->from, w->until, w->until_included));
}

static void bound(struct words *w, const char *text, char ret[WORDS_CAP])
{
    enum import_doubt doubt;

    if (w->doubt != DOUBT_NONE)
        return;
    doubt = words_build(text, ret);
    if (doubt != DOUBT_NONE)
        doubtful(w, doubt);
}

/* An upper bound may repeat the sign that its member implies: lessThanOrEqual "<=V4.25". */
static const char *skip_sign(struct words *w, const char *until)
{
    size_t len = strspn(until, " <=");
    bool included = memchr(until, '=', len) != NULL;

    if (len == 0 || strpbrk(until, "<=") == NULL || strpbrk(until, "<=") >= until + len)
        return until;
    if (memchr(until, '<', len) == NULL || included != w->until_included)
        doubtful(w, DOUBT_PROSE);
    return until + len;
}

void words_bounds(const char *from, bool from_excluded, const char *until, bool until_included,
                  struct words *ret)
{
    char lower[TEXT_CAP], upper[TEXT_CAP];

    memset(ret, 0, sizeof *ret);
    ret->rule = "bounds";
    ret->until_included = until != NULL && until_included;
    if (clean(from != NULL ? from : "", lower) != DOUBT_NONE ||
        clean(until != NULL ? until : "", upper) != DOUBT_NONE) {
        doubtful(ret, DOUBT_TEXT);
        return;
    }
    if (!is_no_lower(lower)) {
        bound(ret, lower, ret->from);
        ret->from_excluded = from_excluded;
    }
    if (ret->doubt == DOUBT_NONE && (until == NULL || is_all(upper)))
        ret->doubt = is_no_lower(lower) && until == NULL ? DOUBT_NO_VERSION : DOUBT_ALL;
    else if (ret->doubt == DOUBT_NONE && (is_nothing(upper) || is_zero(upper)))
        doubtful(ret, DOUBT_NO_VERSION);
    if (ret->doubt == DOUBT_NONE)
        bound(ret, skip_sign(ret, upper), ret->until);
    if (ret->doubt == DOUBT_NONE)
        check_order(ret);
}

/* Sentences with one bound: the sign before it or the words behind it. */
struct phrase {
    const char *text;
    bool is_upper, included;
};

static const struct phrase prefixes[] = {
    {"<=", true, true},
    {"<", true, false},
    {">=", false, true},
    {">", false, false},
    {"before or equal to", true, true},
    {"before", true, false},
    {"prior to", true, false},
    {"earlier than", true, false},
    {"older than", true, false},
    {"lower than", true, false},
    {"less than or equal to", true, true},
    {"less than", true, false},
    {"below", true, false},
    {"through", true, true},
    {"up to and including", true, true},
    {NULL, false, false},
};

static const struct phrase suffixes[] = {
    {"and earlier", true, true},
    {"and prior", true, true},
    {"and below", true, true},
    {"and lower", true, true},
    {"and older", true, true},
    {"and before", true, true},
    {"or earlier", true, true},
    {"or prior", true, true},
    {"or below", true, true},
    {"or lower", true, true},
    {"or older", true, true},
    {"and earlier versions", true, true},
    {"and prior versions", true, true},
    {"and previous versions", true, true},
    {"and all earlier versions", true, true},
    {"and all prior versions", true, true},
    {"and later", false, true},
    {"and above", false, true},
    {"and newer", false, true},
    {"or later", false, true},
    {"and later versions", false, true},
    {NULL, false, false},
};

static const struct phrase *find_prefix(const char *text, const char **ret_rest)
{
    const struct phrase *p;

    for (p = prefixes; p->text != NULL; p++) {
        size_t len = strlen(p->text);

        if (strncasecmp(text, p->text, len) != 0)
            continue;
        if (isalpha((unsigned char)p->text[len - 1]) && text[len] != ' ')
            continue;
        *ret_rest = text + len + strspn(text + len, " ");
        return p;
    }
    return NULL;
}

/* Takes the words off the end of `text`. */
static const struct phrase *cut_suffix(char *text)
{
    const struct phrase *p;
    size_t text_len = strlen(text);

    for (p = suffixes; p->text != NULL; p++) {
        size_t len = strlen(p->text);

        if (text_len <= len + 1 || strcasecmp(text + text_len - len, p->text) != 0 ||
            strchr(" ,", text[text_len - len - 1]) == NULL)
            continue;
        text[text_len - len - 1] = '\0';
        text_len -= len + 1;
        while (text_len > 0 && strchr(" ,", text[text_len - 1]) != NULL)
            text[--text_len] = '\0';
        return p;
    }
    return NULL;
}

static void read_one_bound(struct words *w, const char *build, bool is_upper, bool included)
{
    w->rule = "sentence";
    if (!is_upper) {
        bound(w, build, w->from);
        w->from_excluded = !included;
        if (w->doubt == DOUBT_NONE)
            w->doubt = DOUBT_ALL;
        return;
    }
    w->until_included = included;
    bound(w, build, w->until);
    if (w->doubt == DOUBT_NONE)
        check_order(w);
}

/* ">= A | <= B", ">= A, < B", ">A and <B": a lower and an upper bound, in this order. */
static bool read_pair(struct words *w, const char *text)
{
    static const char *const joints[] = {" and ", "|", ",", " ", NULL};
    const struct phrase *low, *high;
    const char *low_text, *high_text, *joint;
    char first[TEXT_CAP];
    size_t i;

    low = find_prefix(text, &low_text);
    if (low == NULL || low->is_upper || text[0] != '>')
        return false;
    joint = strchr(low_text, '<');
    high = joint != NULL ? find_prefix(joint, &high_text) : NULL;
    if (high == NULL)
        return false;
    (void)snprintf(first, sizeof first, "%.*s", (int)(joint - low_text), low_text);
    for (i = 0; joints[i] != NULL; i++) {
        size_t len = strlen(first), joint_len = strlen(joints[i]);

        while (len > 0 && joints[i][0] != ' ' && first[len - 1] == ' ')
            first[--len] = '\0';
        if (len > joint_len && strcasecmp(first + len - joint_len, joints[i]) == 0) {
            first[len - joint_len] = '\0';
            break;
        }
    }
    words_bounds(first, !low->included, high_text, high->included, w);
    w->rule = "sentence";
    return true;
}

/* "A through B": both included. */
static bool read_through(struct words *w, const char *text)
{
    const char *middle = strcasestr(text, " through ");
    char first[TEXT_CAP];

    if (middle == NULL)
        return false;
    (void)snprintf(first, sizeof first, "%.*s", (int)(middle - text), text);
    words_bounds(strncasecmp(first, "from ", 5) == 0 ? first + 5 : first, false, middle + 9, true,
                 w);
    w->rule = "sentence";
    return true;
}

static void read_build(struct words *w, const char *text, enum words_style style)
{
    w->rule = "build";
    w->is_exact = true;
    if (is_zero(text)) {
        doubtful(w, DOUBT_NO_VERSION);
        return;
    }
    bound(w, text, w->from);
    if (w->doubt == DOUBT_NONE && scheme_has_revision(w->from))
        doubtful(w, DOUBT_REVISION);
    if (w->doubt != DOUBT_NONE || style == WORDS_PLAIN ||
        strspn(w->from, "0123456789.-") == strlen(w->from))
        return;
    /* case and separators are lost in CPE names; natural order does not look at them either */
    if (!muster_order_has_runs(muster_slice_of(w->from)) || scheme_is_hex(w->from))
        return;
    w->rule = "build-cpe";
    w->is_exact = false;
    memcpy(w->until, w->from, sizeof w->until);
    w->until_included = true;
}

void words_read(const char *text, enum words_style style, struct words *ret)
{
    const struct phrase *phrase;
    char cleaned[TEXT_CAP] = "";
    const char *rest, *plain;
    enum import_doubt doubt = clean(text, cleaned);

    memset(ret, 0, sizeof *ret);
    ret->rule = "words";
    if (doubt != DOUBT_NONE || is_nothing(cleaned) || is_all(cleaned)) {
        doubtful(ret, doubt != DOUBT_NONE ? doubt : is_all(cleaned) ? DOUBT_ALL : DOUBT_NO_VERSION);
        return;
    }
    plain = skip_fillers(cleaned);
    if (read_pair(ret, plain) || read_through(ret, plain))
        return;
    phrase = find_prefix(plain, &rest);
    if (phrase == NULL && (phrase = cut_suffix(cleaned)) != NULL)
        rest = plain;
    if (phrase != NULL)
        read_one_bound(ret, rest, phrase->is_upper, phrase->included);
    else
        read_build(ret, plain, style);
}
