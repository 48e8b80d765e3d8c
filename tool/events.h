/* SPDX-License-Identifier: ISC */
/* The events of one OSV range, paired into ranges of the protocol. Pure. */
#ifndef TOOL_EVENTS_H
#define TOOL_EVENTS_H

#include "muster/order.h"

#define EVENTS_MAX 16 /* two for each of the eight ranges that a defect holds */

enum event_kind { EVENT_INTRODUCED = 0, EVENT_FIXED = 1, EVENT_LAST_AFFECTED = 2 };

struct event {
    enum event_kind kind;
    struct muster_slice build; /* of EVENT_INTRODUCED, "0" means from the very first build */
};

/* Sorts the events by natural order (equal ones keep the order of the file) and lets each
 * introduced open a range and the next fixed or last_affected close it; a range left open has no
 * end. 0 with ret_ranges[0..*ret_n), n <= EVENTS_MAX, whose slices are the events'; or -1 with
 * "what is wrong; what to do" in err: no introduced, unlike builds, reversed, empty or overlapping
 * ranges. */
int events_pair(struct event *events, size_t n, struct muster_range ret_ranges[EVENTS_MAX],
                size_t *ret_n, char *err, size_t err_cap);

/* Why muster_range_check refuses the range, as "what is wrong; what to do" in err. 0 if it does
 * not. */
int events_explain(const struct muster_range *range, char *err, size_t err_cap);

#endif
