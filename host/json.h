/* SPDX-License-Identifier: ISC */
/* Writes JSON (RFC 8259) to a stream, always valid: commas, quotes and escapes are made here, and
 * text that is not UTF-8 comes out as \u00NN, byte by byte. Calls must nest properly; that is
 * asserted.
 *
 *     struct json json = {.out = stdout};
 *     json_open_object(&json, NULL);
 *     json_key_u64(&json, "received", 7);
 *     json_close(&json);                  // the outermost one ends the line
 */
#ifndef HOST_JSON_H
#define HOST_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define JSON_DEPTH_MAX 16

struct json {
    FILE *out;
    bool pretty; /* one member a line, indented */
    unsigned depth;
    char closers[JSON_DEPTH_MAX];
    bool filled[JSON_DEPTH_MAX]; /* has this level had a member? */
};

/* `key` is NULL inside an array and for the outermost value, and only there. Keys are escaped. */
void json_open_object(struct json *json, const char *key);
void json_open_array(struct json *json, const char *key);
void json_close(struct json *json);

void json_key_string(struct json *json, const char *key, const char *value, size_t value_len);
void json_key_text(struct json *json, const char *key,
                   const char *value); /* NUL-ended; NULL: null */
void json_key_hex(struct json *json, const char *key, const uint8_t *bytes, size_t len);
void json_key_u64(struct json *json, const char *key, uint64_t value);
void json_key_bool(struct json *json, const char *key, bool value);
void json_key_null(struct json *json, const char *key);

#endif
