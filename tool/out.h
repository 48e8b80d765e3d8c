/* SPDX-License-Identifier: ISC */
/* One description, two forms: aligned text for people, or JSON. Keys are JSON keys
 * ("enforce_from"); in text "_" becomes a blank. All untrusted text is made harmless in either. */
#ifndef TOOL_OUT_H
#define TOOL_OUT_H

#include <stdbool.h>

#include "host/json.h"
#include "muster/cbor.h"

struct out {
    bool as_json;
    struct json json;
    unsigned depth;
    uint64_t now_s; /* times in text are told relative to it */
};

void out_init(struct out *out, bool as_json, uint64_t now_s);

/* An object or array; `key` NULL for the outermost and inside arrays. In text `title` heads it. */
void out_open_object(struct out *out, const char *key, const char *title);
void out_open_array(struct out *out, const char *key);
void out_close_object(struct out *out);
void out_close_array(struct out *out);

void out_text(struct out *out, const char *key, const char *text);
void out_slice(struct out *out, const char *key, struct muster_slice text);
void out_hex(struct out *out, const char *key, const uint8_t *bytes, size_t len);
void out_u64(struct out *out, const char *key, uint64_t value);
void out_bool(struct out *out, const char *key, bool value); /* in text: yes, no */
/* Unix seconds; in text "2026-01-01 00:00:00Z (in 14 days)", and `if_zero` for 0. */
void out_time(struct out *out, const char *key, uint64_t unix_s, const char *if_zero);

/* "in 14 days", "3 hours ago", "now". Returns buf. */
#define OUT_RELATIVE_CAP 48
const char *out_relative(char buf[OUT_RELATIVE_CAP], uint64_t unix_s, uint64_t now_s);

#endif
