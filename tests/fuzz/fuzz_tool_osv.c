/* SPDX-License-Identifier: ISC */
/* Arbitrary bytes as a source: it is refused with a problem, or its ranges are legal, do not cover
 * the build that fixes it, and leave some build out unless the text speaks of all-builds. Whatever it
 * holds, what is told of it is printable. */
#include "fuzz.h"
#include "tool/source.h"

static void check_told(const char *text, size_t len)
{
    size_t i;

    for (i = 0; i < len; i++)
        PROMISE(text[i] == '\n' || (text[i] >= 0x20 && text[i] <= 0x7e));
}

static void check_source(const struct source *s, bool speaks_of_all)
{
    struct muster_range range;
    struct muster_cbor c;
    size_t i;

    PROMISE(s->withdrawn || s->ranges_n > 0);
    PROMISE(strlen(s->id) >= 1 && strlen(s->id) <= MUSTER_ID_MAX);
    if (s->ranges_n == 0)
        return;
    muster_cbor_init(&c, s->ranges);
    for (i = 0; i < s->ranges_n; i++) {
        muster_range_read(&c, &range);
        PROMISE(c.error == MUSTER_OK);
        if (s->withdrawn)
            continue;
        PROMISE(s->fixed_in[0] == '\0' ||
                !muster_range_covers(&range, muster_slice_of(s->fixed_in), 0));
        PROMISE(speaks_of_all || range.kind != MUSTER_RANGE_NATURAL || range.from.len > 0 ||
                range.until.len > 0);
        PROMISE(speaks_of_all || range.kind != MUSTER_RANGE_NUMBER || range.low > 1 ||
                range.high < INT32_MAX);
    }
    PROMISE(muster_cbor_end(&c) == MUSTER_OK);
}

static void try_bytes(const uint8_t *bytes, size_t len, bool as_json)
{
    char *told = NULL;
    size_t told_len = 0;
    FILE *out = open_memstream(&told, &told_len);
    struct problems problems = {.out = out, .warns = true, .now_s = 1790000000, .as_json = as_json};
    struct source source;
    bool good;

    PROMISE(out != NULL);
    good = source_parse("a\x1b.json", 1, bytes, len, &problems, &source) == 0;
    PROMISE(good == (problems.n == 0));
    fclose(out);
    check_told(told, told_len);
    free(told);
    if (!good)
        return;
    /* JSON may write the key with escapes */
    check_source(&source, memmem(bytes, len, "all", 3) != NULL || memchr(bytes, '\\', len) != NULL);
    source_free(&source);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    try_bytes(bytes, len, false);
    try_bytes(bytes, len, true);
    return 0;
}
