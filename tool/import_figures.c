/* SPDX-License-Identifier: ISC */
/* The figures of an import as text, JSON and progress. It must not count anything itself. */
#include "tool/import_figures.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "host/clock.h"
#include "host/json.h"

#define PROGRESS_MS 200

static size_t records_n(const struct import_figures *figures)
{
    return figures->answers[ANSWER_LISTED] + figures->answers[ANSWER_EXACT] +
           figures->answers[ANSWER_REVIEW];
}

static void show_progress(const struct import_figures *f, uint64_t now_ms)
{
    uint64_t ms = now_ms > f->began_ms ? now_ms - f->began_ms : 1;
    size_t n = records_n(f) + f->passed_over;

    fprintf(stderr, "\r%zu records, %" PRIu64 "/s, %.1f", n, n * UINT64_C(1000) / ms,
            (double)f->bytes_n / 1e6);
    if (f->bytes_total > 0)
        fprintf(stderr, " of %.1f", (double)f->bytes_total / 1e6);
    fputs(" MB \033[K", stderr);
}

void import_figures_progress(struct import_figures *figures, bool done)
{
    uint64_t now_ms;

    if (!isatty(STDERR_FILENO))
        return;
    now_ms = clock_mono_ms();
    if (done)
        fputs("\r\033[K", stderr);
    else if (now_ms - figures->shown_ms >= PROGRESS_MS) {
        figures->shown_ms = now_ms;
        show_progress(figures, now_ms);
    }
}

static const char *reason_name(size_t reason)
{
    return reason == DOUBT_NONE ? "edited" : import_doubt_name((enum import_doubt)reason);
}

void import_figures_print(const struct import_figures *figures, const struct store_counts *counts)
{
    size_t i;

    if (counts == NULL)
        puts("dry run: nothing is written; -o DIR writes files");
    else
        printf("files: written %zu, unchanged %zu, withdrawn %zu, taken out of review %zu, kept "
               "because edited by hand %zu\n",
               counts->written, counts->unchanged, counts->withdrawn, counts->removed,
               counts->kept);
    if (figures->refused > 0)
        printf("refused as malformed: %zu\n", figures->refused);
    if (figures->passed_over > 0)
        printf("passed over: %zu\n", figures->passed_over);
    if (figures->answers[ANSWER_REVIEW] > 0)
        puts("review, by first reason:");
    for (i = 1; i <= DOUBTS_N; i++)
        if (figures->reasons[i % DOUBTS_N] > 0)
            printf("  %-18s %zu\n", reason_name(i % DOUBTS_N), figures->reasons[i % DOUBTS_N]);
    printf("records %zu, listed %zu, exact %zu, review %zu\n", records_n(figures),
           figures->answers[ANSWER_LISTED], figures->answers[ANSWER_EXACT],
           figures->answers[ANSWER_REVIEW]);
}

static void json_counts(struct json *json, const struct store_counts *counts)
{
    if (counts == NULL) {
        json_key_null(json, "files");
        return;
    }
    json_open_object(json, "files");
    json_key_u64(json, "written", counts->written);
    json_key_u64(json, "unchanged", counts->unchanged);
    json_key_u64(json, "withdrawn", counts->withdrawn);
    json_key_u64(json, "taken_out_of_review", counts->removed);
    json_key_u64(json, "kept", counts->kept);
    json_close(json);
}

void import_figures_json(const struct import_figures *figures, const struct store_counts *counts,
                         const char *feed)
{
    struct json json = {.out = stdout, .pretty = true};
    size_t i;

    json_open_object(&json, NULL);
    json_key_text(&json, "feed", feed);
    json_key_u64(&json, "records", records_n(figures));
    json_key_u64(&json, "listed", figures->answers[ANSWER_LISTED]);
    json_key_u64(&json, "exact", figures->answers[ANSWER_EXACT]);
    json_key_u64(&json, "review", figures->answers[ANSWER_REVIEW]);
    json_open_object(&json, "reasons");
    for (i = 1; i <= DOUBTS_N; i++)
        if (figures->reasons[i % DOUBTS_N] > 0)
            json_key_u64(&json, reason_name(i % DOUBTS_N), figures->reasons[i % DOUBTS_N]);
    json_close(&json);
    json_key_u64(&json, "refused", figures->refused);
    json_key_u64(&json, "passed_over", figures->passed_over);
    json_counts(&json, counts);
    json_close(&json);
}
