/* SPDX-License-Identifier: ISC */
/* Second thoughts on a source that reads well (ATTACKS 15: a poisoned list). It must not change the
 * source. */
#include "tool/osv_lint.h"

#include <stdlib.h>
#include <string.h>

#include "tool/cli.h"
#include "tool/describe.h"

/* Numbers up to here are as good as all numbers; dates and Unix seconds lie below. */
#define NUMBERS_ALL INT32_MAX

static const struct osv_place id_place = {"id"}, modified_place = {"modified"},
                              withdrawn_place = {"withdrawn"};

static bool is_natural(const struct osv_range *range)
{
    return range->range.kind == MUSTER_RANGE_NATURAL;
}

static void check_fix(struct osv_reader *r, struct muster_slice build,
                      const struct osv_place *place)
{
    char text[DESCRIBE_RANGE_CAP];
    size_t i;

    for (i = 0; i < r->source->ranges_n; i++) {
        if (!muster_range_covers(&r->ranges[i].range, build, 0))
            continue;
        osv_fault(r, RULE_FIXED_COVERED, place,
                  "\"%s\" is said to be fixed, but %s covers it (%s); correct one of them",
                  SAFE_SLICE(build), r->ranges[i].place.text,
                  describe_range(text, &r->ranges[i].range));
        return;
    }
}

static void check_fixes(struct osv_reader *r)
{
    size_t i;

    for (i = 0; i < r->fixes_n; i++)
        check_fix(r, r->fixes[i].build, &r->fixes[i].place);
    if (r->fixed_in.text[0] != '\0' && r->source->fixed_in[0] != '\0')
        check_fix(r, muster_slice_of(r->source->fixed_in), &r->fixed_in);
}

/* Whether no build lies between the end of `low` and the beginning of `high`, which has one. */
static bool meets(const struct muster_range *low, const struct muster_range *high)
{
    int c = muster_order_compare(high->from, low->until);

    if (!muster_order_alike(high->from, low->until))
        return false;
    return c < 0 || (c == 0 && ((low->bounds & MUSTER_UNTIL_INCLUDED) != 0 ||
                                (high->bounds & MUSTER_FROM_EXCLUDED) == 0));
}

/* Whether ranges chained to the one that is open below reach the open end above. */
static bool reaches_end(const struct osv_reader *r, const struct muster_range *reach)
{
    bool moved = true;
    size_t i;

    while (reach->until.len > 0 && moved) {
        moved = false;
        for (i = 0; i < r->source->ranges_n && !moved; i++) {
            const struct muster_range *next = &r->ranges[i].range;

            moved = is_natural(&r->ranges[i]) && next->from.len > 0 && meets(reach, next) &&
                    (next->until.len == 0 || muster_order_compare(next->until, reach->until) > 0);
            if (moved)
                reach = next;
        }
    }
    return reach->until.len == 0;
}

/* The highest number such that all from 1 on are covered, and a range that takes part. */
static uint64_t numbers_reach(const struct osv_reader *r, size_t *ret_range)
{
    uint64_t reach = 0;
    bool moved = true;
    size_t i;

    while (moved) {
        moved = false;
        for (i = 0; i < r->source->ranges_n; i++) {
            const struct muster_range *range = &r->ranges[i].range;

            if (range->kind != MUSTER_RANGE_NUMBER || range->low > reach + 1 ||
                range->high <= reach)
                continue;
            reach = range->high;
            *ret_range = i;
            moved = true;
        }
    }
    return reach;
}

static const struct osv_range *covers_all(const struct osv_reader *r)
{
    size_t i, last = 0;

    for (i = 0; i < r->source->ranges_n; i++)
        if (is_natural(&r->ranges[i]) && r->ranges[i].range.from.len == 0 &&
            reaches_end(r, &r->ranges[i].range))
            return &r->ranges[i];
    return numbers_reach(r, &last) >= NUMBERS_ALL ? &r->ranges[last] : NULL;
}

static void check_ends(struct osv_reader *r)
{
    const struct osv_range *all = covers_all(r);
    size_t i;

    if (r->all_builds)
        return;
    if (all != NULL) {
        osv_fault(r, RULE_COVERS_ALL, &all->place,
                  "every build would fail, those to come too; give an upper bound (fixed or "
                  "last_affected), or, if no build will ever be sound, say \"all-builds\": true in "
                  "database_specific.muster");
        return;
    }
    for (i = 0; i < r->source->ranges_n; i++)
        if ((is_natural(&r->ranges[i]) && r->ranges[i].range.until.len == 0) ||
            (r->ranges[i].range.kind == MUSTER_RANGE_NUMBER &&
             r->ranges[i].range.high >= NUMBERS_ALL))
            osv_fault(r, RULE_OPEN_END, &r->ranges[i].place,
                      "no upper bound: builds to come will fail as well, the repaired one too; add "
                      "fixed or last_affected as soon as it is known");
}

static void check_help(struct osv_reader *r)
{
    static const struct osv_place place = {"database_specific.muster"};
    const struct source *s = r->source;

    if (s->enforce != ENFORCE_NEVER && s->fixed_in[0] == '\0' && s->url[0] == '\0')
        osv_fault(r, RULE_NO_FIX, &place,
                  "the owner is cut off and told nothing to do; add fixed-in or url, or "
                  "\"enforce-after\": \"never\"");
}

/* CVE-2021-36260, or PREFIX-WORDS as other databases have it. */
static bool is_known_shape(const char *id)
{
    size_t year = strspn(id + 4, "0123456789"), prefix = strcspn(id, "-");

    if (strncmp(id, "CVE-", 4) == 0)
        return year == 4 && id[8] == '-' && strspn(id + 9, "0123456789") >= 4 &&
               id[9 + strspn(id + 9, "0123456789")] == '\0';
    return strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == prefix && prefix > 1 &&
           id[prefix] == '-' && id[prefix + 1] != '\0' && strchr(id, ' ') == NULL;
}

static void check_id(struct osv_reader *r)
{
    const char *id = r->source->id;

    if (strlen(id) < 4 || !is_known_shape(id))
        osv_fault(r, RULE_ID_SHAPE, &id_place,
                  "\"%s\" looks like no id of a public database; write for example "
                  "\"CVE-2021-36260\" or \"ICSA-17-124-01\", so that owners can look it up",
                  SAFE(id));
}

static void check_times(struct osv_reader *r)
{
    uint64_t latest_s = r->problems->now_s + MUSTER_DAY_S;

    if (r->published_s > r->modified_s)
        osv_fault(r, RULE_TIME_ORDER, &modified_place,
                  "lies before published; correct one of them");
    else if (r->problems->now_s > 0 && r->modified_s > latest_s)
        osv_fault(r, RULE_TIME_ORDER, &modified_place, "lies in the future; correct it");
    if (r->problems->now_s > 0 && r->withdrawn_s > latest_s)
        osv_fault(r, RULE_TIME_ORDER, &withdrawn_place,
                  "lies in the future, but the file counts as withdrawn now; remove it until then");
}

struct run {
    struct muster_slice text;
    bool digits;
};

static bool is_digit(uint8_t b)
{
    return b >= '0' && b <= '9';
}

static bool is_letter(uint8_t b)
{
    return (b | 0x20) >= 'a' && (b | 0x20) <= 'z';
}

/* The next run of digits or letters; false at the end. */
static bool next_run(struct muster_slice *rest, struct run *ret_run)
{
    const uint8_t *at = rest->bytes, *end = rest->bytes + rest->len, *begin;

    while (at < end && !is_digit(*at) && !is_letter(*at))
        at++;
    if (at == end)
        return false;
    ret_run->digits = is_digit(*at);
    for (begin = at; at < end && (ret_run->digits ? is_digit(*at) : is_letter(*at));)
        at++;
    ret_run->text = (struct muster_slice){begin, (size_t)(at - begin)};
    *rest = (struct muster_slice){at, (size_t)(end - at)};
    return true;
}

static bool is_word(const struct run *run, const char *word)
{
    return !run->digits && run->text.len == strlen(word) &&
           strncasecmp((const char *)run->text.bytes, word, run->text.len) == 0;
}

/* Whether the run stands right before a short number: b3, and not b210528, a date. */
static bool is_numbered(const struct run *run, struct muster_slice rest)
{
    struct run after;

    return next_run(&rest, &after) && after.digits && after.text.len < 5 &&
           after.text.bytes == run->text.bytes + run->text.len;
}

/* A word that reads like a pre-release but is none of those that natural order ranks first: behind
 * digits, and, if it is a single letter, before a number. */
static bool reads_like_early(struct muster_slice build, struct run *ret_word)
{
    static const char *const words[] = {"a",    "b",     "m",       "ea",       "eng",     "debug",
                                        "test", "trial", "nightly", "internal", "unstable"};
    struct run before, run;
    size_t i;

    if (!next_run(&build, &before))
        return false;
    for (; next_run(&build, &run); before = run)
        for (i = 0; i < sizeof words / sizeof *words && before.digits; i++)
            if (is_word(&run, words[i]) && (run.text.len > 1 || is_numbered(&run, build))) {
                *ret_word = run;
                return true;
            }
    return false;
}

static bool has_inner_word(struct muster_slice build)
{
    struct run run;

    if (!next_run(&build, &run))
        return false;
    while (next_run(&build, &run))
        if (!run.digits)
            return true;
    return false;
}

/* How many digits the first number has; 0 if there is none. */
static size_t first_number_len(struct muster_slice build)
{
    struct run run;

    while (next_run(&build, &run))
        if (run.digits)
            return run.text.len;
    return 0;
}

static void check_bound(struct osv_reader *r, const struct osv_range *range,
                        struct muster_slice bound)
{
    struct run word;

    if (reads_like_early(bound, &word))
        osv_fault(r, RULE_SURPRISE, &range->place,
                  "\"%s\" comes after the same build without \"%s\" in natural order; if it came "
                  "before it, give exact builds in versions",
                  SAFE_SLICE(bound), SAFE_SLICE(word.text));
}

/* A date against a version: 20151231 is above every version there is. */
static void check_kinds(struct osv_reader *r, const struct osv_range *range)
{
    size_t from = first_number_len(range->range.from), until = first_number_len(range->range.until);

    if ((from >= 6 && until > 0 && until <= 4) || (until >= 6 && from > 0 && from <= 4))
        osv_fault(r, RULE_SURPRISE, &range->place,
                  "\"%s\" and \"%s\": one looks like a date and the other like a version; state "
                  "both as devices report them",
                  SAFE_SLICE(range->range.from), SAFE_SLICE(range->range.until));
}

/* "1.1.4" included, where builds are told as "1.1.4 Build 20230219": none of those is covered. */
static void check_included(struct osv_reader *r, const struct osv_range *range)
{
    struct muster_slice until = range->range.until;
    size_t i;

    if (!(range->range.bounds & MUSTER_UNTIL_INCLUDED) || has_inner_word(until))
        return;
    for (i = 0; i < r->source->ranges_n; i++) {
        const struct muster_range *other = &r->ranges[i].range;
        struct muster_slice longer = has_inner_word(other->from) ? other->from : other->until;

        if (!has_inner_word(longer))
            continue;
        osv_fault(r, RULE_SURPRISE, &range->place,
                  "last_affected \"%s\" has no such part as \"%s\" has, and natural order puts "
                  "\"%s\" with one after it: it is not covered; write the whole build",
                  SAFE_SLICE(until), SAFE_SLICE(longer), SAFE_SLICE(until));
        return;
    }
}

static void check_bounds(struct osv_reader *r)
{
    size_t i;

    for (i = 0; i < r->source->ranges_n; i++) {
        if (!is_natural(&r->ranges[i]) ||
            muster_slice_equal(r->ranges[i].range.from, r->ranges[i].range.until))
            continue; /* a single build has no order */
        check_bound(r, &r->ranges[i], r->ranges[i].range.from);
        check_bound(r, &r->ranges[i], r->ranges[i].range.until);
        check_kinds(r, &r->ranges[i]);
        check_included(r, &r->ranges[i]);
    }
}

void osv_lint(struct osv_reader *r)
{
    check_times(r);
    if (r->source->withdrawn)
        return;
    check_fixes(r);
    check_ends(r);
    if (!r->problems->warns)
        return;
    check_id(r);
    check_help(r);
    check_bounds(r);
}
