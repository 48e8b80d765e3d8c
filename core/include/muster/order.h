/* SPDX-License-Identifier: ISC */
/* Natural order of builds and the ranges that advisories are made of (doc/protocol.md, "Natural
 * order" and "Ranges"). Pure; stack < 200 bytes; time linear in the strings, which are <= 64 bytes
 * on the wire but may be of any length here. */
#ifndef MUSTER_ORDER_H
#define MUSTER_ORDER_H

#include "muster/cbor.h"

/* < 0, 0, > 0 as a is before, level with or after b. A strict weak order over all byte strings. */
int muster_order_compare(struct muster_slice a, struct muster_slice b);

/* Whether the first runs of both are of the same kind: digits, or the same word. False if either
 * has no runs at all. */
int muster_order_alike(struct muster_slice a, struct muster_slice b);

/* Whether the string has any run left after zeros and a leading v are dropped. */
int muster_order_has_runs(struct muster_slice a);

enum muster_range_kind {
    MUSTER_RANGE_EXACT = 0,
    MUSTER_RANGE_NATURAL = 1,
    MUSTER_RANGE_NUMBER = 2
};
#define MUSTER_FROM_EXCLUDED  1u
#define MUSTER_UNTIL_INCLUDED 2u

struct muster_range {
    enum muster_range_kind kind;
    struct muster_slice from, until; /* EXACT: the build is `from`. NATURAL: "" is an open end */
    unsigned bounds;
    uint64_t low, high; /* NUMBER: both included */
};

/* Reads one range from the cursor; a range that is empty, reversed or of unlike bounds is an error
 * in the cursor (MUSTER_E_LIMIT). The slices point into the cursor's bytes. */
void muster_range_read(struct muster_cbor *c, struct muster_range *ret_range);
void muster_range_write(struct muster_cbor_out *o, const struct muster_range *range);
/* MUSTER_OK, or MUSTER_E_LIMIT for what muster_range_read refuses. For whoever makes ranges. */
MUSTER_MUST_CHECK int muster_range_check(const struct muster_range *range);

int muster_range_covers(const struct muster_range *range, struct muster_slice build,
                        uint64_t number);

#endif
