/* SPDX-License-Identifier: ISC */
/* Problems in sources, told as a compiler does: "FILE: PLACE: what is wrong; what to do". */
#ifndef TOOL_PROBLEM_H
#define TOOL_PROBLEM_H

#include <stddef.h>
#include <stdio.h>

#define PROBLEMS_SHOWN_MAX 100

struct problems {
    FILE *out; /* NULL: only count */
    size_t n;  /* all that were found; the first PROBLEMS_SHOWN_MAX are printed */
};

/* `place` may be NULL. The path is made harmless here; the caller does so with text in the
 * message. */
__attribute__((format(printf, 4, 5))) void problem_add(struct problems *problems, const char *path,
                                                       const char *place, const char *fmt, ...);

/* A further line on the problem just added. */
__attribute__((format(printf, 2, 3))) void problem_note(const struct problems *problems,
                                                        const char *fmt, ...);

#endif
