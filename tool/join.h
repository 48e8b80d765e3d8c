/* SPDX-License-Identifier: ISC */
/* All that is known of one model, joined into the one advisory that the protocol has for it. Pure.
 */
#ifndef TOOL_JOIN_H
#define TOOL_JOIN_H

#include "tool/source.h"

#define JOIN_MAX           256 /* sources of one model */
#define JOIN_RANGE_LEN_MAX (2 + 2 * (2 + MUSTER_BUILD_MAX) + 1)

/* One defect on its way into the advisory. */
struct join_draft {
    char id[MUSTER_ID_MAX + 1];
    const char *first_id;
    size_t sources_n;
    uint64_t reason, enforce_from;
    const char *fixed_in, *url; /* the sources' */
    size_t ranges_n;
    size_t ranges_len;
    uint8_t ranges[MUSTER_RANGES_MAX * JOIN_RANGE_LEN_MAX];
};

/* Room for one model; large, so not on the stack. Slices in the result point into it and the
 * sources. */
struct join {
    size_t n;
    struct join_draft drafts[JOIN_MAX];
};

/* Joins sources[0..n), sorted by id, all of one model, enforced from enforce_from[i], into
 * io_advisory, whose names and times are set. Each source becomes a defect. While there are more
 * than four, two are joined; while the record would be longer than 600 bytes, the longest url is
 * left out, then again two are joined. Which two: the first, in the order of ids, that lose least
 * (muster-osv.5 has the order and its reasons):
 *
 *     of the same reason, and of the same enforce-from or both enforced when the list is issued
 *     of the same reason, both enforced later: the later time counts
 *     of different reasons: the graver one is told (join_graver), times as in the lines above
 *     the same three with a known exploited one among the two, which so keeps its own line longer
 *     one that is enforced already and one that is not yet: the later time counts
 *
 * A notice-only defect is never joined with another. Ranges that another one of the joined defect
 * contains (join_contains) are dropped; at most eight may be left, and the id "FIRST +N" must fit.
 * What is covered never changes, and nothing is enforced earlier than its own source says. 0, or
 * -1 after adding a problem that names the files. */
int join_model(struct join *join, const struct source *sources, const uint64_t *enforce_from,
               size_t n, struct muster_advisory *io_advisory, struct problems *problems);

/* Whether every build and number that `inner` covers is covered by `outer`; false also where that
 * cannot be proven bound by bound. */
bool join_contains(const struct muster_range *outer, const struct muster_range *inner);

/* The one of two reasons that the owner must hear if only one can be told: what is exploited
 * before what could be, and of the rest what he cannot help before what he can. */
uint64_t join_graver(uint64_t a, uint64_t b);

/* Bytes of the record that this advisory would make, or 0 if more than MUSTER_ADVISORY_MAX. */
size_t join_record_len(const struct muster_advisory *advisory);

#endif
