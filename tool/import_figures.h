/* SPDX-License-Identifier: ISC */
/* What an import came to, and how far it is. */
#ifndef TOOL_IMPORT_FIGURES_H
#define TOOL_IMPORT_FIGURES_H

#include "tool/store.h"

struct import_figures {
    size_t
        answers[ANSWER_LISTED + 1]; /* records, each by its best answer; the sum is what was read */
    size_t reasons[DOUBTS_N];       /* of those in review, each by its first reason; DOUBT_NONE:
                                          a file edited by hand */
    size_t passed_over;             /* records left out by --only */
    size_t refused;                 /* that are no records: told with file and line */
    uint64_t bytes_n;               /* read so far, of bytes_total (0: not known) */
    uint64_t bytes_total;
    uint64_t began_ms, shown_ms;
};

/* On a terminal, a line on standard error, at most five times a second; `done` wipes it away. */
void import_figures_progress(struct import_figures *figures, bool done);

/* The table, and the line `records N, listed N, exact N, review N` behind it. counts NULL: nothing
 * was written. */
void import_figures_print(const struct import_figures *figures, const struct store_counts *counts);
void import_figures_json(const struct import_figures *figures, const struct store_counts *counts,
                         const char *feed);

#endif
