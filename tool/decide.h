/* SPDX-License-Identifier: ISC */
/* What all statements on one CVE and one model come to: three answers, never a guess. Pure. */
#ifndef TOOL_DECIDE_H
#define TOOL_DECIDE_H

#include "tool/import.h"

enum answer {
    ANSWER_REVIEW = 0, /* cannot tell: a person must look */
    ANSWER_EXACT = 1,  /* seen vulnerable in these builds */
    ANSWER_LISTED = 2  /* an order and bounds that hold */
};

const char *answer_name(enum answer answer); /* "review", "exact", "listed" */

struct decision {
    enum answer answer;
    bool all_builds;   /* LISTED: every build, because its vendor gives no more updates */
    json_t *ranges;    /* OSV "ranges", or NULL; the caller's */
    json_t *versions;  /* OSV "versions", or NULL; the caller's */
    char fixed_in[65]; /* the build to install, or "" */
    /* REVIEW: the reasons, each once; with words for a contradiction in `detail`. */
    enum import_doubt doubts[DOUBTS_N];
    size_t doubts_n;
    char detail[400];
};

/* statements: an array of statements (import.h), not empty, possibly written by hand: whatever in
 * it is not understood makes the answer REVIEW. ret_decision is freed with decision_free. */
void decide(const json_t *statements, struct decision *ret_decision);
void decision_free(struct decision *decision);

#endif
