/* SPDX-License-Identifier: ISC */
/* A secret key on paper: what its file holds, as numbered lines to type or as the text of a QR code.
 *
 * The payload is one of
 *
 *     01 seed[32]                                                             not locked
 *     02 public key[32] ops[1] memory[4, big-endian] salt[16] nonce[24] box[48]    locked
 *
 * in groups of 5 bits, high bits first, the last filled up with zeros, each written as one of
 * PAPER_DIGITS. A line holds 25 of them in groups of five, and 3 more as a check: a CRC of 15 bits
 * (CRC-15/CAN) that begins with the line's number, so that a wrong digit, two swapped ones, or the
 * line of another place are always seen. The last line holds 8: the first 40 bits of SHA-512 over
 * the payload.
 *
 *     2/4  ABCDE FGHJK LMNPQ RSTUV WXYZ2  345
 *
 * The QR code holds PAPER_CODE_HEAD, the digits, ":" and the 8 of the last line. */
#ifndef TOOL_PAPER_H
#define TOOL_PAPER_H

#include "host/keyfile.h"

#define PAPER_DIGITS      "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
#define PAPER_CODE_HEAD   "MUSTER-KEY-1:"
#define PAPER_PAYLOAD_MAX 126
#define PAPER_TEXT_MAX    65536 /* bytes that are read */
#define PAPER_LINE_CAP    64
#define PAPER_CODE_CAP    256

/* Wipe it after use. */
struct paper {
    size_t len;
    uint8_t payload[PAPER_PAYLOAD_MAX];
};

/* `key` is the public key; it is kept if the secret is locked. */
void paper_from_key(const struct keyfile_content *content, const uint8_t key[KEYFILE_KEY_LEN],
                    struct paper *ret_paper);

/* 0, or -1 if no key can be that. An unlocked key's public key is derived. */
int paper_to_key(const struct paper *paper, struct keyfile_content *ret_content,
                 uint8_t ret_key[KEYFILE_KEY_LEN]);

/* The lines, without what ends them; number is from 1 to paper_lines_n. */
size_t paper_lines_n(const struct paper *paper);
const char *paper_line(const struct paper *paper, size_t number, char ret_text[PAPER_LINE_CAP]);
/* The text of the QR code. */
const char *paper_code(const struct paper *paper, char ret_text[PAPER_CODE_CAP]);

/* Reads the lines out of a text, or what a scanner gave, and passes over all else. Blanks within a
 * line and small letters do not matter. 0, or -1 with "which line is wrong, and how; what to do". */
int paper_parse(const char *text, size_t len, struct paper *ret_paper, char *err, size_t err_cap);

#endif
