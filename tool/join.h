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
 * than four, the first two that may be joined are; while the record would be longer than 600
 * bytes, the longest url is left out, then again the first two are joined. Two defects may be
 * joined if reason and enforce-from are equal, the ranges are at most eight without identical
 * ones, and the id "FIRST +N" fits. 0, or -1 after adding a problem that names the files. */
int join_model(struct join *join, const struct source *sources, const uint64_t *enforce_from,
               size_t n, struct muster_advisory *io_advisory, struct problems *problems);

/* Bytes of the record that this advisory would make, or 0 if more than MUSTER_ADVISORY_MAX. */
size_t join_record_len(const struct muster_advisory *advisory);

#endif
