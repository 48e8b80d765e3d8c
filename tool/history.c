/* SPDX-License-Identifier: ISC */
/* Items of 8 bytes time, 1 byte length, id. It must stay inside what it is given. */
#include "tool/history.h"

#include <string.h>

#include "tool/le.h"

#define HEAD_LEN 9

bool history_next(struct muster_slice *io, struct history_item *ret)
{
    size_t len;

    if (io->len < HEAD_LEN || io->len - HEAD_LEN < io->bytes[8])
        return false;
    ret->time_s = le_get64(io->bytes);
    ret->id = (struct muster_slice){io->bytes + HEAD_LEN, io->bytes[8]};
    len = HEAD_LEN + ret->id.len;
    io->bytes += len;
    io->len -= len;
    return true;
}

uint64_t history_find(struct muster_slice history, const char *id)
{
    struct muster_slice wanted = muster_slice_of(id);
    struct history_item item;

    while (history_next(&history, &item))
        if (muster_slice_equal(item.id, wanted))
            return item.time_s;
    return 0;
}

int history_put(struct history *history, const struct history_item *item)
{
    uint8_t *at = history->bytes + history->len;

    if (item->id.len > HISTORY_ID_MAX || HISTORY_CAP - history->len < HEAD_LEN + item->id.len)
        return -1;
    le_put(at, item->time_s, 8);
    at[8] = (uint8_t)item->id.len;
    if (item->id.len > 0)
        memcpy(at + HEAD_LEN, item->id.bytes, item->id.len);
    history->len += HEAD_LEN + item->id.len;
    return 0;
}

int history_add(struct history *history, const char *id, uint64_t time_s)
{
    return history_put(history, &(struct history_item){muster_slice_of(id), time_s});
}

int history_copy(struct history *history, struct muster_slice other)
{
    struct history_item item;

    while (history_next(&other, &item))
        if (item.id.len > 0 && history_put(history, &item) != 0)
            return -1;
    return 0;
}
