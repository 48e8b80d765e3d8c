/* SPDX-License-Identifier: ISC */
/* A source's memory. It must not know JSON (osv.c). */
#include "tool/source.h"

#include <stdlib.h>
#include <string.h>

#include "muster/message.h"
#include "tool/names.h"

#define RANGE_LEN_MAX (2 + 2 * (2 + MUSTER_BUILD_MAX) + 1)

static void free_slice(struct muster_slice *slice)
{
    free((void *)(uintptr_t)slice->bytes);
}

void source_free(struct source *source)
{
    free(source->path);
    free(source->id);
    free(source->fixed_in);
    free(source->url);
    free_slice(&source->name_key);
    free_slice(&source->ranges);
    memset(source, 0, sizeof *source);
}

int source_name(struct source *source, struct muster_slice vendor, struct muster_slice model)
{
    uint8_t encoded[MUSTER_NAME_KEY_MAX], *copy;
    size_t len = muster_name_key_write(vendor, model, encoded);

    copy = len > 0 ? malloc(len) : NULL;
    if (copy == NULL)
        return -1;
    memcpy(copy, encoded, len);
    free_slice(&source->name_key);
    source->name_key = (struct muster_slice){copy, len};
    names_split(source->name_key, &source->vendor, &source->model);
    return 0;
}

static bool has_range(const struct source *source, struct muster_slice encoded)
{
    struct muster_range range;
    struct muster_cbor c;
    size_t i;

    if (source->ranges_n == 0)
        return false;
    muster_cbor_init(&c, source->ranges);
    for (i = 0; i < source->ranges_n; i++) {
        struct muster_slice one = {c.at, 0};

        muster_range_read(&c, &range);
        one.len = (size_t)(c.at - one.bytes);
        if (muster_slice_equal(one, encoded))
            return true;
    }
    return false;
}

int source_add_range(struct source *source, const struct muster_range *range)
{
    uint8_t encoded[RANGE_LEN_MAX], *grown;
    struct muster_cbor_out o;

    muster_cbor_out_init(&o, encoded, sizeof encoded);
    muster_range_write(&o, range);
    if (o.error != MUSTER_OK)
        return -1;
    if (has_range(source, (struct muster_slice){encoded, o.len}))
        return 0;
    if (source->ranges_n == MUSTER_RANGES_MAX)
        return -1;
    grown = realloc((void *)(uintptr_t)source->ranges.bytes, source->ranges.len + o.len);
    if (grown == NULL)
        return -1;
    memcpy(grown + source->ranges.len, encoded, o.len);
    source->ranges.bytes = grown;
    source->ranges.len += o.len;
    source->ranges_n++;
    return 0;
}
