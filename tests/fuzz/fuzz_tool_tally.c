/* SPDX-License-Identifier: ISC */
/* Arbitrary bytes as a tally: every row that comes out is one that a device can report, and the
 * counts do not overflow. */
#include "fuzz.h"
#include "muster/message.h"
#include "tool/tally.h"

static void check(void *ctx, const struct tally_row *row)
{
    uint64_t *total = ctx;

    PROMISE(muster_name_is_legal(row->vendor) && muster_name_is_legal(row->model));
    PROMISE(muster_build_is_legal(row->build));
    PROMISE(row->count >= 1 && row->count <= TALLY_COUNT_MAX - *total);
    *total += row->count;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct problems problems = {.out = NULL};
    uint64_t total = 0;
    FILE *stream;

    if (len == 0)
        return 0;
    stream = fmemopen((void *)(uintptr_t)bytes, len, "r");
    PROMISE(stream != NULL);
    PROMISE((tally_read_stream(stream, "tally", &problems, check, &total) == 0) ==
            (problems.n == 0));
    fclose(stream);
    return 0;
}
