/* SPDX-License-Identifier: ISC */
/* What a record's description says of builds. It is never a source of ranges: it can only doubt
 * what the record's own members say. Pure. */
#ifndef TOOL_PROSE_H
#define TOOL_PROSE_H

#include "tool/words.h"

#define PROSE_BUILDS_MAX 24

struct prose {
    size_t fixed_n, affected_n;
    char fixed[PROSE_BUILDS_MAX][WORDS_CAP];    /* "before X", "prior to X", "fixed in X" */
    char affected[PROSE_BUILDS_MAX][WORDS_CAP]; /* "through X", "X and earlier" */
    bool has_revision;                          /* "rev. Bx", "hardware version 2" */
    bool is_unsupported; /* the CVE Program's phrases for what gets no more updates */
    bool is_disputed;    /* ... and for what somebody denies to be a vulnerability */
};

void prose_read(const char *text, struct prose *ret_prose);

/* Of a remedy: "X or later" names a fixed build there. Adds to what is read already. */
void prose_read_remedy(const char *text, struct prose *io_prose);

/* Doubts every range of the statement that the description speaks against: DOUBT_FIX_COVERED for a
 * build that it calls fixed (unless the bound itself is one that it names), DOUBT_CONTRADICTION for
 * an excluded bound that it calls affected, DOUBT_REVISION if it depends on the hardware's and
 * the statement is not marked as mapped by names.tsv, DOUBT_CONTRADICTION if it is disputed. */
void prose_check(const struct prose *prose, json_t *statement);

#endif
