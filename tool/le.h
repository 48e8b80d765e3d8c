/* SPDX-License-Identifier: ISC */
/* Little-endian numbers as a list holds them. It must not bound them: the caller does. */
#ifndef TOOL_LE_H
#define TOOL_LE_H

#include <stddef.h>
#include <stdint.h>

/* The low `len` bytes of value, at most 8. */
static inline void le_put(uint8_t *at, uint64_t value, size_t len)
{
    size_t i;

    for (i = 0; i < len; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

static inline uint64_t le_get64(const uint8_t at[8])
{
    uint64_t value = 0;
    size_t i;

    for (i = 8; i > 0; i--)
        value = value << 8 | at[i - 1];
    return value;
}

#endif
