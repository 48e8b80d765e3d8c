/* SPDX-License-Identifier: ISC */
/* What one record says of one model, merged into that model's files. Only store.c uses it. */
#ifndef TOOL_STORE_MERGE_H
#define TOOL_STORE_MERGE_H

#include "tool/store.h"
#include "tool/store_tree.h"

/* Findings of one record, sorted by id, vendor, model. */
struct store_findings {
    const struct import_finding **at;
    size_t n;
};

/* One record, on one CVE. */
struct store_put {
    struct store *store;
    const char *feed, *id;
    const struct import_result *result;
    struct store_findings findings; /* on this CVE */
    bool partly;
    const json_t *kev; /* what kev says of this CVE, or NULL */
    json_t *kev_found; /* the same, out of a file; owned */
    size_t live_n;     /* models of which something is said */
    size_t answers_n;
    struct store_outcome outcome;
};

/* Merges, decides, writes; `findings` are those on this model, none if the record no longer speaks
 * of it. Adds to the put's outcome. 0, or STATUS_ERROR after saying why. */
int store_merge_model(struct store_put *put, const struct store_findings *findings,
                      const char *vendor, const char *model);

/* Adds what kev says in this file to put->kev_found. */
void store_merge_find_kev(struct store_put *put, const struct store_place *place);

#endif
