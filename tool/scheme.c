/* SPDX-License-Identifier: ISC */
/* Each test refuses what was seen in real records to be ordered otherwise than by natural order. It
 * must not accept anything: it only doubts. */
#include "tool/scheme.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define RUNS_MAX    64
#define LONG_NUMBER 6 /* digits: a day, or a serial number */
#define FUSED_MIN   8
#define HEX_MIN     7
#define YEAR_MIN    1995
#define YEAR_MAX    2099

struct run {
    const char *at;
    size_t len;
    bool is_digits;
};

struct runs {
    struct run run[RUNS_MAX];
    size_t n;
};

static size_t run_len(const char *at, bool is_digits)
{
    size_t len = 0;

    while (at[len] != '\0' && (is_digits ? isdigit((unsigned char)at[len]) != 0
                                         : isalpha((unsigned char)at[len]) != 0))
        len++;
    return len;
}

/* As natural order splits, but zeros stay; the v before digits goes. */
static void split(const char *text, struct runs *ret)
{
    ret->n = 0;
    while (*text != '\0' && ret->n < RUNS_MAX) {
        bool is_digits = isdigit((unsigned char)*text) != 0;

        if (!isalnum((unsigned char)*text)) {
            text++;
            continue;
        }
        ret->run[ret->n] = (struct run){text, run_len(text, is_digits), is_digits};
        text += ret->run[ret->n].len;
        ret->n++;
    }
    if (ret->n > 1 && !ret->run[0].is_digits && ret->run[0].len == 1 &&
        (*ret->run[0].at | 0x20) == 'v' && ret->run[1].is_digits)
        memmove(ret->run, ret->run + 1, --ret->n * sizeof *ret->run);
}

static unsigned number(const char *at, size_t len)
{
    unsigned value = 0;

    while (len-- > 0)
        value = value * 10 + (unsigned)(*at++ - '0');
    return value;
}

static bool is_year(unsigned value)
{
    return value >= YEAR_MIN && value <= YEAR_MAX;
}

static bool is_month_day(unsigned month, unsigned day)
{
    return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

static bool is_word(const struct run *run, const char *const *list)
{
    for (; *list != NULL; list++)
        if (run->len == strlen(*list) && strncasecmp(run->at, *list, run->len) == 0)
            return true;
    return false;
}

/* YYYY-MM-DD over three runs from `i` on. */
static bool is_dashed_day(const struct runs *r, size_t i)
{
    const struct run *a = &r->run[i];

    return i + 2 < r->n && a[0].is_digits && a[1].is_digits && a[2].is_digits && a[0].len == 4 &&
           a[1].len == 2 && a[2].len == 2 && is_year(number(a[0].at, 4)) &&
           is_month_day(number(a[1].at, 2), number(a[2].at, 2));
}

/* The bound begins with a day, or a number as long as one. */
static bool begins_with_day(const struct runs *r)
{
    return r->n > 0 && r->run[0].is_digits && (r->run[0].len >= LONG_NUMBER || is_dashed_day(r, 0));
}

/* As the only bound, a day lies above every version there is; both of one form keep versions out. */
static bool is_day_against_versions(const struct runs *from, const struct runs *until)
{
    return begins_with_day(until) &&
           !(begins_with_day(from) && from->run[0].len == until->run[0].len);
}

/* 11.10.2021, 01-22-2018, 01082024: the year comes last, so natural order compares days first. */
static bool has_year_last(const struct runs *r)
{
    size_t i;

    for (i = 0; i < r->n; i++) {
        const struct run *a = &r->run[i];

        if (i + 2 < r->n && a[0].is_digits && a[1].is_digits && a[2].is_digits && a[0].len == 2 &&
            a[1].len == 2 && a[2].len == 4 && is_year(number(a[2].at, 4)) &&
            (is_month_day(number(a[0].at, 2), number(a[1].at, 2)) ||
             is_month_day(number(a[1].at, 2), number(a[0].at, 2))))
            return true;
        if (a[0].is_digits && a[0].len == 8 && is_year(number(a[0].at + 4, 4)) &&
            !is_year(number(a[0].at, 4)) &&
            (is_month_day(number(a[0].at, 2), number(a[0].at + 2, 2)) ||
             is_month_day(number(a[0].at + 2, 2), number(a[0].at, 2))))
            return true;
    }
    return false;
}

static bool has_month_name(const struct runs *r)
{
    static const char *const months[] = {"jan",       "feb",      "mar",      "apr",      "may",
                                         "jun",       "jul",      "aug",      "sep",      "oct",
                                         "nov",       "dec",      "sept",     "june",     "july",
                                         "january",   "february", "march",    "april",    "august",
                                         "september", "october",  "november", "december", NULL};
    size_t i;

    for (i = 0; i < r->n; i++)
        if (!r->run[i].is_digits && is_word(&r->run[i], months) &&
            ((i > 0 && r->run[i - 1].is_digits) || (i + 1 < r->n && r->run[i + 1].is_digits)))
            return true;
    return false;
}

/* A word of hexadecimal digits in which letters and digits take turns. */
static bool is_hex_word(const char *at, size_t len, bool whole)
{
    size_t i, turns = 0, digits = 0;

    if (len < HEX_MIN)
        return false;
    for (i = 0; i < len; i++) {
        if (!isxdigit((unsigned char)at[i]))
            return false;
        digits += isdigit((unsigned char)at[i]) != 0;
        turns += i > 0 && !isdigit((unsigned char)at[i]) != !isdigit((unsigned char)at[i - 1]);
    }
    return digits > 0 && digits < len && (whole || turns >= 3);
}

bool scheme_is_hex(const char *build)
{
    const char *at = build;
    size_t len;

    if (strncasecmp(build, "0x", 2) == 0)
        return true;
    for (; *at != '\0'; at += len) {
        for (len = 0; isalnum((unsigned char)at[len]); len++)
            ;
        if (is_hex_word(at, len, at == build && at[len] == '\0') ||
            ((*at | 0x20) == 'g' && is_hex_word(at + 1, len > 0 ? len - 1 : 0, false)))
            return true;
        len += len == 0;
    }
    return false;
}

static bool is_letters_alone(const struct runs *r)
{
    size_t i;

    for (i = 0; i < r->n; i++)
        if (r->run[i].is_digits)
            return false;
    return r->n > 0;
}

/* 4.37210411: a day without a separator behind a number. */
static bool has_fused_day(const struct runs *r)
{
    size_t i;

    for (i = 1; i < r->n; i++) {
        const struct run *a = &r->run[i];
        size_t len = a->len;

        if (!a->is_digits || len < FUSED_MIN || len > FUSED_MIN + 1 || is_year(number(a->at, 4)) ||
            is_month_day(number(a->at + 2, 2), number(a->at + 4, 2))) /* YYMMDD and an hour */
            continue;
        if (is_month_day(number(a->at + len - 4, 2), number(a->at + len - 2, 2)))
            return true;
    }
    return false;
}

/* A word that vendors write before a number of their own. */
static bool is_counter_word(const struct run *run)
{
    static const char *const words[] = {"p",      "patch", "sp",    "hf",   "hfr", "hotfix",
                                        "update", "build", "b",     "beta", "r",   "rev",
                                        "rel",    "rc",    "alpha", "tcu",  "u",   NULL};

    return is_word(run, words);
}

/* The first place where the two differ has letters that cannot be ranked: counted ones (Z, AA),
 * customers' or models' codes. */
static bool do_letters_decide(const struct runs *a, const struct runs *b)
{
    const struct run *x, *y;
    size_t i = 0;

    while (i < a->n && i < b->n && a->run[i].is_digits == b->run[i].is_digits &&
           (a->run[i].is_digits ? number(a->run[i].at, a->run[i].len > 9 ? 9 : a->run[i].len) ==
                                      number(b->run[i].at, b->run[i].len > 9 ? 9 : b->run[i].len)
                                : a->run[i].len == b->run[i].len &&
                                      strncasecmp(a->run[i].at, b->run[i].at, a->run[i].len) == 0))
        i++;
    if (i == a->n || i == b->n)
        return false;
    x = &a->run[i];
    y = &b->run[i];
    if (x->is_digits && y->is_digits)
        return false;
    if (!x->is_digits && !y->is_digits)
        return (x->len > 1 || y->len > 1) && !(is_counter_word(x) && is_counter_word(y));
    return !is_counter_word(x->is_digits ? y : x);
}

/* f0b.0e.7e: groups of hexadecimal digits, in which natural order would see words. */
static bool is_hex_groups(const char *text)
{
    size_t groups_n = 0, mixed_n = 0, len;

    for (; *text != '\0'; text += len + (text[len] != '\0')) {
        len = strcspn(text, ".-_: ");
        if (strspn(text, "0123456789abcdefABCDEF") < len || len > 4)
            return false;
        groups_n++;
        mixed_n += strcspn(text, "0123456789") < len && strcspn(text, "abcdefABCDEF") < len;
    }
    return groups_n > 1 && mixed_n > 1;
}

/* V14_230506, 3_230506, 1.0_20221108: nothing but a revision and the day of the build. */
static bool is_revision_and_day(const char *build)
{
    struct runs r;
    const struct run *last;
    size_t i;

    split(build, &r);
    last = &r.run[r.n - 1];
    if (r.n < 2 || r.n > 3 || !last->is_digits || (last->len != 6 && last->len != 8) ||
        (last->len == 8 && !is_year(number(last->at, 4))) ||
        !is_month_day(number(last->at + last->len - 4, 2), number(last->at + last->len - 2, 2)))
        return false;
    for (i = 0; i + 1 < r.n; i++)
        if (!r.run[i].is_digits || r.run[i].len > (i == 0 ? 2u : 1u))
            return false;
    return true;
}

static size_t digits_at(const char *at)
{
    return strspn(at, "0123456789");
}

/* One or two short numbers with up to three letters behind ("V1.0", "7", "1.0br"); what follows
 * the blanks behind them, or NULL. */
static const char *skip_revision(const char *at)
{
    size_t parts_n = 0, digits, letters_n = 0, blanks_n;

    at += (*at | 0x20) == 'v';
    for (;;) {
        digits = digits_at(at);
        if (digits == 0 || digits > 2 || ++parts_n > 2)
            return NULL;
        at += digits;
        if (*at != '.')
            break;
        at++;
    }
    while (letters_n < 3 && isalpha((unsigned char)at[letters_n]))
        letters_n++;
    blanks_n = strspn(at + letters_n, " _-");
    return blanks_n > 0 ? at + letters_n + blanks_n : NULL;
}

/* 7.0_1.1.0, V1.0 V15.03.06.23, 2_2.2.2 Build 1: a version of its own behind a revision. */
static bool is_revision_and_version(const char *build)
{
    const char *at = skip_revision(build);
    size_t parts_n;
    bool has_v;

    if (at == NULL)
        return false;
    has_v = (*at | 0x20) == 'v';
    at += has_v;
    for (parts_n = 0; digits_at(at) > 0; parts_n++) {
        at += digits_at(at);
        if (*at != '.')
            return parts_n + 1 >= (has_v ? 2u : 3u);
        at++;
    }
    return false;
}

/* V3_1.1.4, X(JP)_V4_221008: the hardware's revision or region stands in the build. */
bool scheme_has_revision(const char *build)
{
    static const char *const regions[] = {"(jp)", "(eu)", "(us)", "(un)", "(kr)",
                                          "(cn)", "(de)", "(br)", "(in)", NULL};
    const char *at;
    size_t i;

    for (i = 0; regions[i] != NULL; i++)
        if (strcasestr(build, regions[i]) != NULL)
            return true;
    if (is_revision_and_day(build))
        return true;
    for (at = build; at != NULL && *at != '\0'; at = strchr(at, '_')) {
        at += *at == '_';
        if ((*at | 0x20) == 'v' && isdigit((unsigned char)at[1]) && at[2] == '_')
            return true;
    }
    return false;
}

/* hw1, v2 against v1.0.1, A1_FW110: the revision of the hardware, not a build. */
static bool is_revision(const struct runs *r)
{
    static const char *const words[] = {"hw", "hv", "rev", "reva", "revb", "revc", NULL};
    static const char *const firmware[] = {"fw", "firmware", NULL};

    if (r->n > 0 && !r->run[0].is_digits && is_word(&r->run[0], words))
        return true;
    return r->n > 2 && !r->run[0].is_digits && r->run[0].len == 1 && r->run[1].len == 1 &&
           !r->run[2].is_digits && is_word(&r->run[2], firmware);
}

/* Where the number alone is fixed, the region behind an excluded bound would decide. */
static bool does_region_decide(const struct runs *until, bool until_included)
{
    static const char *const regions[] = {"ww", "eu", "us", "na", "cn", "en",   "jp",    "kr",
                                          "tw", "uk", "gb", "de", "fr", "ru",   "au",    "sg",
                                          "br", "la", "cu", "gv", "in", "intl", "multi", NULL};

    return !until_included && until->n > 1 && !until->run[until->n - 1].is_digits &&
           is_word(&until->run[until->n - 1], regions);
}

static enum import_doubt check_one(const char *text, const struct runs *r)
{
    if (text[0] == '\0')
        return DOUBT_NONE;
    if (is_revision(r) || scheme_has_revision(text) || is_revision_and_version(text))
        return DOUBT_REVISION;
    if (scheme_is_hex(text) || is_hex_groups(text) || has_month_name(r) || has_year_last(r) ||
        is_letters_alone(r) || has_fused_day(r))
        return DOUBT_UNORDERED;
    return DOUBT_NONE;
}

enum import_doubt scheme_check(const char *from, const char *until, bool until_included)
{
    struct runs low, high;
    enum import_doubt doubt;

    split(from, &low);
    split(until, &high);
    doubt = check_one(from, &low);
    if (doubt == DOUBT_NONE)
        doubt = check_one(until, &high);
    if (doubt != DOUBT_NONE || until[0] == '\0')
        return doubt;
    if (is_day_against_versions(&low, &high))
        return DOUBT_DATE;
    if (from[0] != '\0' && do_letters_decide(&low, &high))
        return DOUBT_UNORDERED;
    return does_region_decide(&high, until_included) ? DOUBT_BRANCH : DOUBT_NONE;
}
