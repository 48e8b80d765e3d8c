/* SPDX-License-Identifier: ISC */
/* A JSON writer. Errors of the stream stay in the stream (ferror); it must not judge the values. */
#include "host/json.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

/* The length of the UTF-8 sequence at s[0..len), or 0: overlong, a surrogate, cut short. */
static size_t utf8_len(const uint8_t *s, size_t len, uint32_t *ret_code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    uint32_t code;
    size_t n, i;

    *ret_code = s[0];
    if (s[0] < 0x80)
        return 1;
    n = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
    if (s[0] < 0xc0 || s[0] >= 0xf8 || n > len)
        return 0;
    code = s[0] & (0x7fu >> n);
    for (i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (s[i] & 0x3fu);
    }
    if (code < least[n] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return 0;
    *ret_code = code;
    return n;
}

/* C1 controls, DEL and what turns the direction of text or ends its line are legal JSON, but not for
 * a terminal; so they are escaped as well. */
static bool is_plain(uint32_t code)
{
    return code >= 0x20 && code != '"' && code != '\\' && !(code >= 0x7f && code < 0xa0) &&
           code != 0x61c && code != 0x200e && code != 0x200f &&
           !(code >= 0x2028 && code <= 0x202e) && !(code >= 0x2066 && code <= 0x2069);
}

static void put_string(FILE *out, const char *value, size_t len)
{
    const uint8_t *s = (const uint8_t *)value;
    uint32_t code;
    size_t i = 0, n;

    fputc('"', out);
    while (i < len) {
        n = utf8_len(s + i, len - i, &code);
        if (n > 0 && is_plain(code))
            fwrite(s + i, 1, n, out);
        else if (s[i] == '"' || s[i] == '\\')
            fprintf(out, "\\%c", s[i]);
        else
            fprintf(out, "\\u%04x", n > 0 ? code : s[i]);
        i += n > 0 ? n : 1;
    }
    fputc('"', out);
}

static void indent(const struct json *json)
{
    unsigned i;

    if (!json->pretty)
        return;
    fputc('\n', json->out);
    for (i = 0; i < json->depth; i++)
        fputs("  ", json->out);
}

/* What stands before every value: comma, line, key. */
static void begin(struct json *json, const char *key)
{
    if (json->depth == 0) {
        assert(key == NULL);
        return;
    }
    assert((key != NULL) == (json->closers[json->depth - 1] == '}'));
    if (json->filled[json->depth - 1])
        fputc(',', json->out);
    json->filled[json->depth - 1] = true;
    indent(json);
    if (key == NULL)
        return;
    put_string(json->out, key, strlen(key));
    fputs(json->pretty ? ": " : ":", json->out);
}

static void end(const struct json *json)
{
    if (json->depth == 0)
        fputc('\n', json->out);
}

static void open_level(struct json *json, const char *key, const char *brackets)
{
    assert(json->depth < JSON_DEPTH_MAX);
    begin(json, key);
    fputc(brackets[0], json->out);
    json->closers[json->depth] = brackets[1];
    json->filled[json->depth] = false;
    json->depth++;
}

void json_open_object(struct json *json, const char *key)
{
    open_level(json, key, "{}");
}

void json_open_array(struct json *json, const char *key)
{
    open_level(json, key, "[]");
}

void json_close(struct json *json)
{
    assert(json->depth > 0);
    json->depth--;
    if (json->filled[json->depth])
        indent(json);
    fputc(json->closers[json->depth], json->out);
    end(json);
}

void json_key_string(struct json *json, const char *key, const char *value, size_t value_len)
{
    begin(json, key);
    put_string(json->out, value, value_len);
    end(json);
}

void json_key_text(struct json *json, const char *key, const char *value)
{
    if (value == NULL)
        json_key_null(json, key);
    else
        json_key_string(json, key, value, strlen(value));
}

void json_key_hex(struct json *json, const char *key, const uint8_t *bytes, size_t len)
{
    size_t i;

    begin(json, key);
    fputc('"', json->out);
    for (i = 0; i < len; i++)
        fprintf(json->out, "%02x", bytes[i]);
    fputc('"', json->out);
    end(json);
}

void json_key_u64(struct json *json, const char *key, uint64_t value)
{
    begin(json, key);
    fprintf(json->out, "%" PRIu64, value);
    end(json);
}

void json_key_bool(struct json *json, const char *key, bool value)
{
    begin(json, key);
    fputs(value ? "true" : "false", json->out);
    end(json);
}

void json_key_null(struct json *json, const char *key)
{
    begin(json, key);
    fputs("null", json->out);
    end(json);
}
