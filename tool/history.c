/* SPDX-License-Identifier: ISC */
/* Items of 8 bytes time, 1 byte length, id. It must stay inside what it is given. */
#include "tool/history.h"

#include <string.h>

#define HEAD_LEN 9

static uint64_t time_at(const uint8_t *at)
{
    uint64_t value = 0;
    size_t i;

    for (i = 8; i > 0; i--)
        value = value << 8 | at[i - 1];
    return value;
}

uint64_t history_find(struct muster_slice history, const char *id)
{
    const uint8_t *at = history.bytes, *end = history.bytes + history.len;

    while (end - at >= HEAD_LEN && end - at - HEAD_LEN >= at[8]) {
        if (at[8] == strlen(id) && memcmp(at + HEAD_LEN, id, at[8]) == 0)
            return time_at(at);
        at += HEAD_LEN + at[8];
    }
    return 0;
}

int history_add(struct history *history, const char *id, uint64_t time_s)
{
    size_t i, id_len = strlen(id);
    uint8_t *at = history->bytes + history->len;

    if (id_len > HISTORY_ID_MAX || HISTORY_CAP - history->len < HEAD_LEN + id_len)
        return -1;
    for (i = 0; i < 8; i++)
        at[i] = (uint8_t)(time_s >> (8 * i));
    at[8] = (uint8_t)id_len;
    memcpy(at + HEAD_LEN, id, id_len);
    history->len += HEAD_LEN + id_len;
    return 0;
}
