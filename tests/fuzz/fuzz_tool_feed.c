/* SPDX-License-Identifier: ISC */
/* A document cut into records: the first byte of the input chooses the feed's shape and the second
 * how the rest is split, which must change nothing. What comes out is an object within the bounds. */
#include "fuzz.h"
#include "tool/feed_scan.h"

struct seen {
    uint64_t sum; /* of all records and where they stood */
    size_t records_n;
};

static void add(struct seen *seen, const char *text, size_t n)
{
    for (; *text != '\0'; text++)
        seen->sum = (seen->sum ^ (unsigned char)*text) * 0x100000001b3u;
    seen->sum = (seen->sum ^ n) * 0x100000001b3u;
}

static int take(void *context, const struct feed_place *place, const json_t *record)
{
    char *text = json_dumps(record, JSON_COMPACT);
    struct seen *seen = context;

    PROMISE(json_is_object(record) && place->line >= 1 && text != NULL);
    add(seen, text, place->line);
    seen->records_n++;
    free(text);
    return 0;
}

static struct seen scan(const char *items, const uint8_t *bytes, size_t len, unsigned seed,
                        size_t *ret_problems_n)
{
    struct problems problems = {.out = NULL};
    struct seen seen = {0};
    struct feed feed = {.items = items, .take = take, .context = &seen, .problems = &problems};
    struct feed_scan s;
    size_t step;

    feed_scan_begin(&s, &feed, "f");
    while (len > 0) {
        seed = seed * 1103515245u + 12345u;
        step = seed == 12345u ? len : 1 + (seed >> 16) % 16;
        step = step < len ? step : len;
        feed_scan_bytes(&s, bytes, step);
        bytes += step;
        len -= step;
    }
    PROMISE(feed_scan_end(&s) == 0);
    *ret_problems_n = problems.n;
    return seen;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct fuzz_input in = {bytes, bytes + len};
    const char *items = fuzz_byte(&in) % 2 == 0 ? NULL : "v";
    unsigned seed = 1u + fuzz_byte(&in);
    size_t rest_len, whole_n, split_n;
    const uint8_t *rest = fuzz_bytes(&in, len, &rest_len);
    struct seen whole = scan(items, rest, rest_len, 0, &whole_n);
    struct seen split = scan(items, rest, rest_len, seed, &split_n);

    PROMISE(whole.sum == split.sum && whole.records_n == split.records_n && whole_n == split_n);
    return 0;
}
