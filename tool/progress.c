/* SPDX-License-Identifier: ISC */
/* One line on a terminal, overwritten. It must not show anything in a log or a pipe. */
#include "tool/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "host/clock.h"

#define FIRST_MS 1000
#define EVERY_MS 250

void progress_begin(struct progress *p, const char *what, size_t total)
{
    *p = (struct progress){
        .what = isatty(STDERR_FILENO) ? what : NULL, .total = total, .started_ms = clock_mono_ms()};
    p->shown_ms = p->started_ms + FIRST_MS - EVERY_MS;
}

static void print_line(const struct progress *p, size_t done_n, uint64_t now_ms)
{
    uint64_t left_s = 0;

    if (done_n > 0 && done_n < p->total)
        left_s = (now_ms - p->started_ms) * (p->total - done_n) / done_n / 1000;
    fprintf(stderr, "\r%s %zu", p->what, done_n);
    if (p->total > 0)
        fprintf(stderr, " of %zu", p->total);
    if (left_s >= 120)
        fprintf(stderr, ", %llu min left", (unsigned long long)(left_s / 60));
    else if (left_s > 0)
        fprintf(stderr, ", %llu s left", (unsigned long long)left_s);
    fputs("\x1b[K", stderr);
    fflush(stderr);
}

void progress_show(struct progress *p, size_t done_n)
{
    uint64_t now_ms;

    if (p->what == NULL)
        return;
    now_ms = clock_mono_ms();
    if (now_ms < p->shown_ms + EVERY_MS)
        return;
    p->shown_ms = now_ms;
    print_line(p, done_n, now_ms);
}

void progress_end(struct progress *p, size_t done_n)
{
    if (p->what == NULL || p->shown_ms < p->started_ms + FIRST_MS)
        return;
    print_line(p, done_n, clock_mono_ms());
    fputc('\n', stderr);
}
