/* SPDX-License-Identifier: ISC */
/* Items of 8 bytes time, 1 byte length, id. It must stay inside what it is given. */
#include "tool/history.h"

#include <string.h>

#include "tool/le.h"

#define HEAD_LEN 9

uint64_t history_find(struct muster_slice history, const char *id)
{
    const uint8_t *at = history.bytes, *end = history.bytes + history.len;

    while (end - at >= HEAD_LEN && end - at - HEAD_LEN >= at[8]) {
        if (at[8] == strlen(id) && memcmp(at + HEAD_LEN, id, at[8]) == 0)
            return le_get64(at);
        at += HEAD_LEN + at[8];
    }
    return 0;
}

int history_add(struct history *history, const char *id, uint64_t time_s)
{
    size_t id_len = strlen(id);
    uint8_t *at = history->bytes + history->len;

    if (id_len > HISTORY_ID_MAX || HISTORY_CAP - history->len < HEAD_LEN + id_len)
        return -1;
    le_put(at, time_s, 8);
    at[8] = (uint8_t)id_len;
    memcpy(at + HEAD_LEN, id, id_len);
    history->len += HEAD_LEN + id_len;
    return 0;
}
