/* SPDX-License-Identifier: ISC */
/* The problems' one printer. It must not decide what follows from a problem. */
#include "tool/problem.h"

#include <stdarg.h>

#include "tool/cli.h"

static int is_shown(const struct problems *problems)
{
    return problems->out != NULL && problems->n <= PROBLEMS_SHOWN_MAX;
}

void problem_add(struct problems *problems, const char *path, const char *place, const char *fmt,
                 ...)
{
    va_list args;

    problems->n++;
    if (problems->out != NULL && problems->n == PROBLEMS_SHOWN_MAX + 1)
        fputs("... and more\n", problems->out);
    if (!is_shown(problems))
        return;
    fprintf(problems->out, "%s: ", SAFE(path));
    if (place != NULL)
        fprintf(problems->out, "%s: ", place);
    va_start(args, fmt);
    vfprintf(problems->out, fmt, args);
    va_end(args);
    fputc('\n', problems->out);
}

void problem_note(const struct problems *problems, const char *fmt, ...)
{
    va_list args;

    if (!is_shown(problems))
        return;
    fputs("    ", problems->out);
    va_start(args, fmt);
    vfprintf(problems->out, fmt, args);
    va_end(args);
    fputc('\n', problems->out);
}
