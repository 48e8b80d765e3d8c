/* SPDX-License-Identifier: ISC */
/* Arbitrary bytes as a file of one document a line: nothing but legal sources comes out, each from a
 * line of its own, in the order of the lines. */
#include "fuzz.h"
#include "tool/intake.h"

struct seen {
    size_t n, last_line;
};

static int take(void *ctx, struct source *source)
{
    struct seen *seen = ctx;

    PROMISE(source->line > seen->last_line && (source->withdrawn || source->ranges_n > 0) &&
            source->id[0] != '\0');
    seen->last_line = source->line;
    seen->n++;
    source_free(source);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct problems problems = {.out = NULL};
    struct seen seen = {0, 0};
    struct intake *intake = intake_new(&problems, take, &seen);
    size_t documents_n;

    PROMISE(intake != NULL);
    PROMISE(intake_lines(intake, 0, "fuzz.jsonl", bytes, len, &documents_n) == 0);
    PROMISE(seen.n <= documents_n && (seen.n == documents_n || problems.n > 0));
    intake_free(intake);
    return 0;
}
