/* SPDX-License-Identifier: ISC */
/* What a list would do to the devices that were seen: how many fail, are told or are released that
 * were not so under the list before it; and the limit on it (ATTACKS 15). */
#ifndef TOOL_BLAST_H
#define TOOL_BLAST_H

#include "muster/list.h"
#include "tool/names.h"
#include "tool/tally.h"

#define BLAST_TOP           100 /* rows kept of a group */
#define BLAST_SHOWN         20  /* of them printed as text */
#define BLAST_LIMIT_DEFAULT 10  /* per cent */

enum blast_change { BLAST_NEWLY_FAIL = 0, BLAST_NEWLY_NOTICE = 1, BLAST_RELEASED = 2 };
#define BLAST_CHANGES_N 3

struct blast_row {
    char name[NAMES_TEXT_CAP];
    char build[MUSTER_BUILD_MAX + 1];
    uint64_t number, count;
};

struct blast_group {
    uint64_t devices;
    size_t rows_n; /* of the tally */
    size_t top_n;
    struct blast_row top[BLAST_TOP]; /* the largest, largest first */
};

/* Large: not for the stack. */
struct blast {
    uint64_t seen;       /* devices in the tally, but for those of muster.test */
    uint64_t fail_now;   /* under the new list, by a defect that is enforced at `now_s` ... */
    uint64_t fail_later; /* ... or later */
    uint64_t notice;     /* by defects that are never enforced */
    struct blast_group groups[BLAST_CHANGES_N];
};

/* Where the rows come from: a file, or a text in memory (`text.bytes` not NULL), whose name for
 * messages `path` is then. */
struct blast_tally {
    const char *path;
    struct muster_slice text;
};

/* Counts what `next` does to the devices of the tally and `old` (NULL: nothing) did not. A device
 * fails if a defect covers it that is enforced now or at some time to come, and newly so too if that
 * time was to come under `old` and is earlier now; an advisory of `old` that has ended by now_s
 * covers nothing. 0, or -1 after adding problems. */
int blast_count(const struct blast_tally *tally, const struct muster_list *old,
                const struct muster_list *next, uint64_t now_s, struct problems *problems,
                struct blast *ret_blast);

/* The exit status after problems in a tally, with a word on them: STATUS_FOUND, or STATUS_ERROR if it
 * could not be read at all. */
int blast_refuse_tally(const struct problems *problems);

/* As text on `out`: the sums, and the first BLAST_SHOWN rows of each group (`all`: BLAST_TOP). */
void blast_print(FILE *out, const struct blast *blast, bool all);
struct json;
void blast_print_json(struct json *json, const char *key, const struct blast *blast);

struct blast_limit {
    struct blast_tally tally; /* path NULL: there is none */
    uint64_t percent;         /* of the devices seen may newly fail */
    bool accepts;
    uint64_t accept_n; /* so many may, whatever the share */
};

/* Whether `next` may be written in place of `old`: says on standard output what it would do, or on
 * standard error why not and how to go on. Without a tally `next` may be NULL. STATUS_OK, STATUS_FOUND (over the limit, or lines of the
 * tally are wrong) or STATUS_ERROR. */
int blast_guard(const struct blast_limit *limit, const struct muster_list *old,
                const struct muster_list *next, uint64_t now_s);

#endif
