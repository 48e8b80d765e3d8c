/* SPDX-License-Identifier: ISC */
/* Problems in sources, told as a compiler does:
 * "FILE:LINE: error: PLACE: what is wrong; what to do [rule]", or as one JSON object a line. */
#ifndef TOOL_PROBLEM_H
#define TOOL_PROBLEM_H

#include <stdint.h>
#include <stdio.h>

#include "tool/rules.h"

#define PROBLEMS_SHOWN_MAX 100

struct problems {
    FILE *out;      /* NULL: only count */
    bool as_json;   /* objects with file, line, place, rule, severity, message */
    bool warns;     /* warnings are wanted; else they are not even counted */
    bool shows_all; /* else the first PROBLEMS_SHOWN_MAX */
    size_t n;       /* errors that were found */
    size_t warnings_n;
    enum rule last; /* of the problem that was added last */
    uint64_t now_s; /* for warnings about times; 0: none */
};

/* Where a problem is. `line` counts from 1, 0 = none; `place` in the document, or NULL. */
struct problem_at {
    const char *path;
    size_t line;
    const char *place;
};

/* Adds an error or a warning, as the rule is. Path and place are made harmless here; the caller
 * does so with text in the message. */
__attribute__((format(printf, 4, 5))) void problem_add(struct problems *problems, enum rule rule,
                                                       struct problem_at at, const char *fmt, ...);

/* A further line on the problem just added. */
__attribute__((format(printf, 3, 4))) void problem_note(const struct problems *problems,
                                                        struct problem_at at, const char *fmt, ...);

#endif
