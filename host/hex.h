/* SPDX-License-Identifier: ISC */
/* Bytes as lower-case hexadecimal digits and back. */
#ifndef HOST_HEX_H
#define HOST_HEX_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Writes 2 * len digits and a NUL into out, which holds that many. Returns out. */
char *hex_encode(char *out, const uint8_t *bytes, size_t len);

/* Decodes text[0..text_len): an even number of digits of either case and nothing else. Returns the
 * number of bytes (<= cap), or -1; then ret_bytes may hold a part. */
ssize_t hex_decode(const char *text, size_t text_len, uint8_t *ret_bytes, size_t cap);

/* The same for what people paste: white space anywhere and a leading "0x" are passed over. */
ssize_t hex_decode_loose(const char *text, size_t text_len, uint8_t *ret_bytes, size_t cap);

#endif
