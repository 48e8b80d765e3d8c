/* SPDX-License-Identifier: ISC */
/* How far a long job has come and how long it will take, on a terminal. */
#ifndef TOOL_PROGRESS_H
#define TOOL_PROGRESS_H

#include <stddef.h>
#include <stdint.h>

struct progress {
    const char *what; /* "signed"; NULL: nothing is shown */
    size_t total;     /* 0: not known */
    uint64_t started_ms, shown_ms;
};

/* Begins; shows nothing unless standard error is a terminal and the job takes over a second. */
void progress_begin(struct progress *progress, const char *what, size_t total);

/* "signed 1200 of 41000, 22 min left", a few times a second at most. One thread only. */
void progress_show(struct progress *progress, size_t done_n);

/* Ends the line, if one was begun. */
void progress_end(struct progress *progress, size_t done_n);

#endif
