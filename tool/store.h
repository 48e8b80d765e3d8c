/* SPDX-License-Identifier: ISC */
/* The folder of `muster import`: what records say is merged into the files that are there
 * (store_tree.h), one file a CVE and model (store_doc.h).
 *
 * A record replaces what the same record of the same feed said before, and leaves alone what others
 * said; then all statements are decided anew, and the file is written if that changes it, in the
 * folder or in its review/. A model of which a record no longer speaks loses its statements; a file
 * without any is marked as withdrawn, or removed from review/. Statements of kev hold for all
 * models of their CVE and say nothing of builds. A file that somebody has edited is never changed;
 * what is read then goes to review/. */
#ifndef TOOL_STORE_H
#define TOOL_STORE_H

#include "tool/decide.h"

struct store_counts {
    size_t written;   /* files new or changed */
    size_t unchanged; /* files that say already what was read */
    size_t withdrawn; /* files marked as withdrawn */
    size_t removed;   /* files taken out of review/ */
    size_t kept;      /* files that somebody has edited, and those too large to write */
};

struct store_tree;

struct store {
    struct store_tree *tree; /* NULL: nothing is read or written, only decided */
    const json_t *kev;       /* object: id to array of statements; or NULL */
    bool verbose;            /* print a line for each model */
    json_t *records; /* which CVEs records with ids of their own told of; store_end frees it */
    struct store_counts counts;
};

/* What a record came to. */
struct store_outcome {
    enum answer answer;       /* the best of all its models */
    enum import_doubt reason; /* of REVIEW: the first of all its models in the order of the enum */
};

/* Takes one record in. `partly`: findings were left out (--only), so that nothing follows from a
 * model's absence. 0, or STATUS_ERROR after saying what could not be done. */
int store_record(struct store *store, const char *feed, const struct import_result *result,
                 bool partly, struct store_outcome *ret_outcome);

/* Frees what the store itself owns; tree and kev are the caller's. */
void store_end(struct store *store);

#endif
