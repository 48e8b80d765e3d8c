/* SPDX-License-Identifier: ISC */
/* host/hex.h: strict and loose digits. */
#include "test.h"

#include "host/hex.h"

static ssize_t strict(const char *text, uint8_t *bytes, size_t cap)
{
    return hex_decode(text, strlen(text), bytes, cap);
}

static ssize_t loose(const char *text, uint8_t *bytes, size_t cap)
{
    return hex_decode_loose(text, strlen(text), bytes, cap);
}

TEST(bytes_go_both_ways)
{
    uint8_t bytes[256], back[256];
    char text[513];
    size_t i;

    for (i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    hex_encode(text, bytes, sizeof bytes);
    CHECK_EQ_INT(strlen(text), 512);
    CHECK_EQ_INT(strict(text, back, sizeof back), 256);
    CHECK_EQ_MEM(back, bytes, sizeof bytes);
    CHECK_EQ_STR(hex_encode(text, bytes + 0xa0, 3), "a0a1a2");
    CHECK_EQ_STR(hex_encode(text, bytes, 0), "");
}

TEST(strict_takes_nothing_but_pairs_of_digits)
{
    uint8_t bytes[4];

    CHECK_EQ_INT(strict("", bytes, 4), 0);
    CHECK_EQ_INT(strict("AbfF", bytes, 4), 2);
    CHECK_EQ_INT(bytes[0], 0xab);
    CHECK_EQ_INT(bytes[1], 0xff);
    CHECK_EQ_INT(strict("abc", bytes, 4), -1);
    CHECK_EQ_INT(strict("ab cd", bytes, 4), -1);
    CHECK_EQ_INT(strict("0xab", bytes, 4), -1);
    CHECK_EQ_INT(strict("ag", bytes, 4), -1);
    CHECK_EQ_INT(strict("0011223344", bytes, 4), -1);
    CHECK_EQ_INT(hex_decode("00\0000", 4, bytes, 4), -1);
}

TEST(loose_takes_what_people_paste)
{
    uint8_t bytes[4];

    CHECK_EQ_INT(loose(" 0x01 23\n45\t6 7\r\n", bytes, 4), 4);
    CHECK_EQ_MEM(bytes, "\x01\x23\x45\x67", 4);
    CHECK_EQ_INT(loose("0x", bytes, 4), 0);
    CHECK_EQ_INT(loose("", bytes, 4), 0);
    CHECK_EQ_INT(loose("0", bytes, 4), -1);
    CHECK_EQ_INT(loose("01 2", bytes, 4), -1);
    CHECK_EQ_INT(loose("01-23", bytes, 4), -1);
    CHECK_EQ_INT(loose("01 0x23", bytes, 4), -1);
    CHECK_EQ_INT(loose("00 11 22 33 44", bytes, 4), -1);
}
