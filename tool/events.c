/* SPDX-License-Identifier: ISC */
/* OSV's events to ranges. It must not guess: what does not pair is refused. */
#include "tool/events.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "tool/cli.h"

static const char *const kind_names[] = {"introduced", "fixed", "last_affected"};

static bool is_start(const struct event *e)
{
    return e->kind == EVENT_INTRODUCED && e->build.len == 1 && e->build.bytes[0] == '0';
}

static int compare(const struct event *a, const struct event *b)
{
    if (is_start(a) || is_start(b))
        return is_start(b) - is_start(a);
    return muster_order_compare(a->build, b->build);
}

/* Insertion keeps equal events in the order of the file. */
static void sort(struct event *events, size_t n)
{
    size_t i, k;

    for (i = 1; i < n; i++) {
        struct event e = events[i];

        for (k = i; k > 0 && compare(&events[k - 1], &e) > 0; k--)
            events[k] = events[k - 1];
        events[k] = e;
    }
}

static int check_alike(const struct event *events, size_t n, char *err, size_t err_cap)
{
    const struct event *first = NULL;
    size_t i;

    for (i = 0; i < n; i++) {
        const struct event *e = &events[i];

        if (is_start(e))
            continue;
        if (!muster_order_has_runs(e->build)) {
            (void)snprintf(err, err_cap,
                           "build \"%s\" has no digits or letters that order it; give exact builds "
                           "in versions",
                           SAFE_SLICE(e->build));
            return -1;
        }
        if (first != NULL && !muster_order_alike(first->build, e->build)) {
            (void)snprintf(
                err, err_cap,
                "builds \"%s\" and \"%s\" do not begin alike, and natural order compares "
                "only like with like; use two ranges, or exact builds in versions",
                SAFE_SLICE(first->build), SAFE_SLICE(e->build));
            return -1;
        }
        first = first != NULL ? first : e;
    }
    return 0;
}

static void open_range(const struct event *e, struct muster_range *ret_range)
{
    memset(ret_range, 0, sizeof *ret_range);
    ret_range->kind = MUSTER_RANGE_NATURAL;
    ret_range->from = is_start(e) ? muster_slice_of("") : e->build;
    ret_range->until = muster_slice_of("");
}

static int close_range(const struct event *e, struct muster_range *range, char *err, size_t err_cap)
{
    range->until = e->build;
    range->bounds = e->kind == EVENT_LAST_AFFECTED ? MUSTER_UNTIL_INCLUDED : 0;
    return events_explain(range, err, err_cap);
}

static int misplaced(const struct event *e, char *err, size_t err_cap)
{
    if (e->kind == EVENT_INTRODUCED)
        (void)snprintf(err, err_cap,
                       "introduced \"%s\" lies inside a range that is already open; end that one "
                       "with fixed or last_affected, or leave this out",
                       SAFE_SLICE(e->build));
    else
        (void)snprintf(err, err_cap,
                       "%s \"%s\" has no introduced before it in natural order: the range is "
                       "reversed or closed twice; correct the builds",
                       kind_names[e->kind], SAFE_SLICE(e->build));
    return -1;
}

int events_pair(struct event *events, size_t n, struct muster_range ret_ranges[EVENTS_MAX],
                size_t *ret_n, char *err, size_t err_cap)
{
    size_t i, ranges_n = 0;
    bool open = false;

    if (check_alike(events, n, err, err_cap) != 0)
        return -1;
    sort(events, n);
    for (i = 0; i < n; i++) {
        const struct event *e = &events[i];

        if ((e->kind == EVENT_INTRODUCED) == open)
            return misplaced(e, err, err_cap);
        if (!open)
            open_range(e, &ret_ranges[ranges_n++]);
        else if (close_range(e, &ret_ranges[ranges_n - 1], err, err_cap) != 0)
            return -1;
        open = !open;
    }
    if (ranges_n == 0) {
        (void)snprintf(err, err_cap,
                       "there is no introduced; add {\"introduced\": \"0\"} or a build");
        return -1;
    }
    *ret_n = ranges_n;
    return 0;
}

int events_explain(const struct muster_range *r, char *err, size_t err_cap)
{
    int c;

    if (muster_range_check(r) == MUSTER_OK)
        return 0;
    if (r->kind == MUSTER_RANGE_NUMBER) {
        (void)snprintf(err, err_cap, "the numbers are reversed; write the lower one first");
        return -1;
    }
    c = muster_order_compare(r->from, r->until);
    if (c > 0)
        (void)snprintf(err, err_cap,
                       "the range is reversed: \"%s\" comes after \"%s\" in natural order; correct "
                       "the builds",
                       SAFE_SLICE(r->from), SAFE_SLICE(r->until));
    else
        (void)snprintf(err, err_cap,
                       "the range from \"%s\" to \"%s\" is empty; use last_affected if the build "
                       "itself is defective",
                       SAFE_SLICE(r->from), SAFE_SLICE(r->until));
    return -1;
}
