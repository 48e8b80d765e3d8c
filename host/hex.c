/* SPDX-License-Identifier: ISC */
/* Hexadecimal digits. Not for secrets: the time it takes depends on the digits. */
#include "host/hex.h"

#include <stdbool.h>

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

char *hex_encode(char *out, const uint8_t *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    size_t i;

    for (i = 0; i < len; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[2 * len] = '\0';
    return out;
}

ssize_t hex_decode(const char *text, size_t text_len, uint8_t *ret_bytes, size_t cap)
{
    size_t i;
    int high, low;

    if (text_len % 2 != 0 || text_len / 2 > cap)
        return -1;
    for (i = 0; i < text_len / 2; i++) {
        high = digit(text[2 * i]);
        low = digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return -1;
        ret_bytes[i] = (uint8_t)(high << 4 | low);
    }
    return (ssize_t)i;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

ssize_t hex_decode_loose(const char *text, size_t text_len, uint8_t *ret_bytes, size_t cap)
{
    size_t i = 0, len = 0;
    char pair[2];
    bool half = false;

    while (i < text_len && is_space(text[i]))
        i++;
    if (text_len - i >= 2 && text[i] == '0' && (text[i + 1] == 'x' || text[i + 1] == 'X'))
        i += 2;
    for (; i < text_len; i++) {
        if (is_space(text[i]))
            continue;
        pair[half] = text[i];
        half = !half;
        if (half)
            continue;
        if (len == cap || hex_decode(pair, 2, &ret_bytes[len], 1) != 1)
            return -1;
        len++;
    }
    return half ? -1 : (ssize_t)len;
}
