/* SPDX-License-Identifier: ISC */
/* What the parts of the OSV reader share. Only osv.c, osv_lint.c and osv_muster.c include it. */
#ifndef TOOL_OSV_MUSTER_H
#define TOOL_OSV_MUSTER_H

#include <jansson.h>

#include "tool/source.h"

struct osv_place {
    char text[160]; /* "affected[0].ranges[1]" */
};

/* What was read and where; the slices die with the document. */
struct osv_range {
    struct muster_range range;
    struct osv_place place;
};

struct osv_fix {
    struct muster_slice build;
    struct osv_place place;
};

struct osv_reader {
    const char *path;
    size_t line; /* of the file, where the bytes begin */
    const uint8_t *bytes;
    size_t len;
    struct problems *problems;
    size_t problems_before;
    struct source *source;
    struct osv_range ranges[MUSTER_RANGES_MAX]; /* as many as the source has */
    struct osv_fix fixes[MUSTER_RANGES_MAX];    /* the builds of fixed */
    size_t fixes_n;
    struct osv_place fixed_in;                     /* where fixed-in is said; "" if it is not */
    uint64_t modified_s, published_s, withdrawn_s; /* 0: not said */
    bool all_builds;                               /* the file says that every build is meant */
};

/* Adds a problem at this place of the document. */
__attribute__((format(printf, 4, 5))) void osv_fault(struct osv_reader *r, enum rule rule,
                                                     const struct osv_place *place, const char *fmt,
                                                     ...);

/* A string of at most max_len printable characters; false after a fault. */
bool osv_text(struct osv_reader *r, const struct osv_place *place, const json_t *value,
              const char *what, size_t max_len, struct muster_slice *ret);

/* Adds a range that events_explain allows, or a fault. */
void osv_range(struct osv_reader *r, const struct osv_place *place,
               const struct muster_range *range);

/* Reads database_specific.muster of the document (parent NULL) or of one affected entry; both may
 * stand, but each key once. `specific` may be NULL. */
void osv_read_specific(struct osv_reader *r, const struct osv_place *parent,
                       const json_t *specific);

#endif
