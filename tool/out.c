/* SPDX-License-Identifier: ISC */
/* Text or JSON to standard output. It must not know what it describes. */
#include "tool/out.h"

#include <inttypes.h>
#include <stdio.h>

#include "host/clock.h"
#include "tool/cli.h"

#define KEY_WIDTH 13

void out_init(struct out *out, bool as_json, uint64_t now_s)
{
    *out = (struct out){.as_json = as_json, .now_s = now_s};
    out->json.out = stdout;
    out->json.pretty = true;
}

static void begin_line(const struct out *out, const char *key)
{
    size_t width = key != NULL ? strlen(key) : 0;
    const char *at;

    printf("%*s", (int)(2 * out->depth), "");
    if (key == NULL)
        return;
    for (at = key; *at != '\0'; at++)
        putchar(*at == '_' ? ' ' : *at);
    printf("%*s", (int)(width < KEY_WIDTH ? KEY_WIDTH - width : 1), "");
}

void out_open_object(struct out *out, const char *key, const char *title)
{
    if (out->as_json) {
        json_open_object(&out->json, key);
        return;
    }
    printf("%*s%s\n", (int)(2 * out->depth), "", title);
    out->depth++;
}

void out_open_array(struct out *out, const char *key)
{
    if (out->as_json)
        json_open_array(&out->json, key);
}

void out_close_object(struct out *out)
{
    if (out->as_json)
        json_close(&out->json);
    else
        out->depth--;
}

/* Arrays do not show in text: their objects do. */
void out_close_array(struct out *out)
{
    if (out->as_json)
        json_close(&out->json);
}

void out_slice(struct out *out, const char *key, struct muster_slice text)
{
    if (out->as_json) {
        json_key_string(&out->json, key, (const char *)text.bytes, text.len);
        return;
    }
    begin_line(out, key);
    printf("%s\n", text.len > 0 ? SAFE_SLICE(text) : "-");
}

void out_text(struct out *out, const char *key, const char *text)
{
    out_slice(out, key, muster_slice_of(text));
}

void out_hex(struct out *out, const char *key, const uint8_t *bytes, size_t len)
{
    size_t i;

    if (out->as_json) {
        json_key_hex(&out->json, key, bytes, len);
        return;
    }
    begin_line(out, key);
    for (i = 0; i < len; i++)
        printf("%02x", bytes[i]);
    putchar('\n');
}

void out_u64(struct out *out, const char *key, uint64_t value)
{
    if (out->as_json) {
        json_key_u64(&out->json, key, value);
        return;
    }
    begin_line(out, key);
    printf("%" PRIu64 "\n", value);
}

void out_bool(struct out *out, const char *key, bool value)
{
    if (out->as_json)
        json_key_bool(&out->json, key, value);
    else
        out_text(out, key, value ? "yes" : "no");
}

void out_time(struct out *out, const char *key, uint64_t unix_s, const char *if_zero)
{
    char text[CLOCK_TEXT_CAP], relative[OUT_RELATIVE_CAP];

    if (out->as_json) {
        json_key_u64(&out->json, key, unix_s);
        return;
    }
    begin_line(out, key);
    if (unix_s == 0)
        printf("%s\n", if_zero);
    else
        printf("%s (%s)\n", clock_format(text, unix_s), out_relative(relative, unix_s, out->now_s));
}

const char *out_relative(char buf[OUT_RELATIVE_CAP], uint64_t unix_s, uint64_t now_s)
{
    static const struct {
        uint64_t seconds;
        const char *one, *many;
    } units[] = {{86400, "day", "days"},
                 {3600, "hour", "hours"},
                 {60, "minute", "minutes"},
                 {1, "second", "seconds"}};
    uint64_t apart = unix_s > now_s ? unix_s - now_s : now_s - unix_s, n;
    size_t i = 0;

    if (apart == 0)
        return "now";
    while (apart < 2 * units[i].seconds && units[i].seconds > 1)
        i++;
    n = (apart + units[i].seconds / 2) / units[i].seconds;
    (void)snprintf(buf, OUT_RELATIVE_CAP, "%s%" PRIu64 " %s%s", unix_s > now_s ? "in " : "", n,
                   n == 1 ? units[i].one : units[i].many, unix_s > now_s ? "" : " ago");
    return buf;
}
