/* SPDX-License-Identifier: ISC */
/* What the two halves of the OSV reader share. Only osv.c and osv_muster.c include it. */
#ifndef TOOL_OSV_MUSTER_H
#define TOOL_OSV_MUSTER_H

#include <jansson.h>

#include "tool/source.h"

struct osv_place {
    char text[160]; /* "affected[0].ranges[1]" */
};

struct osv_reader {
    const char *path;
    struct problems *problems;
    size_t problems_before;
    struct source *source;
    struct muster_slice highest_fix; /* dies with the document */
};

/* Adds a problem at this place of the document. */
__attribute__((format(printf, 3, 4))) void osv_fault(struct osv_reader *r,
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
