/* SPDX-License-Identifier: ISC */
/* INI files through inih, read strictly. It must not know any key. */
#include "host/config.h"

#include <errno.h>
#include <ini.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "host/file.h"

#define FILE_MAX     65536
#define LINE_MAX_LEN 190 /* below inih's own limit, so that it never splits a line */
#define MESSAGE_CAP  400

struct reader {
    const char *at;
    unsigned line;
    config_set_fn *set;
    void *ctx;
    int error;
    char message[MESSAGE_CAP];
};

/* Keeps the first mistake; inih would go on. */
__attribute__((format(printf, 2, 3))) static void blame(struct reader *reader, const char *fmt, ...)
{
    va_list args;

    if (reader->error != 0)
        return;
    reader->error = -EINVAL;
    va_start(args, fmt);
    (void)vsnprintf(reader->message, sizeof reader->message, fmt, args);
    va_end(args);
}

static bool has_control(const char *s, size_t len)
{
    size_t i;

    for (i = 0; i < len; i++)
        if (((unsigned char)s[i] < 0x20 && s[i] != '\t') || s[i] == 0x7f)
            return true;
    return false;
}

static void check_line(struct reader *reader, const char *line, size_t len)
{
    if (len > LINE_MAX_LEN)
        blame(reader, "the line is longer than %d bytes; shorten it", LINE_MAX_LEN);
    else if (has_control(line, len))
        blame(reader, "the line holds a control character; remove it");
    else if (len > 0 && (line[0] == ' ' || line[0] == '\t') && strspn(line, " \t\r") < len)
        blame(reader, "the line begins with white space; remove it");
}

/* inih's reader: one call a line, so the line number is known when `set` is called. */
static char *next_line(char *buf, int cap, void *stream)
{
    struct reader *reader = stream;
    size_t len, taken;

    if (*reader->at == '\0' || reader->error != 0)
        return NULL;
    taken = len = strcspn(reader->at, "\n");
    if (reader->at[len] == '\n')
        taken++;
    if (len > 0 && reader->at[len - 1] == '\r')
        len--;
    reader->line++;
    check_line(reader, reader->at, len);
    if (reader->error != 0 || len + 1 >= (size_t)cap)
        return NULL;
    (void)snprintf(buf, (size_t)cap, "%.*s\n", (int)len, reader->at);
    reader->at += taken;
    return buf;
}

static int handle(void *user, const char *section, const char *key, const char *value)
{
    struct reader *reader = user;
    char message[MESSAGE_CAP] = "refused; correct it";
    int ret;

    if (reader->error != 0)
        return 0;
    ret = reader->set(reader->ctx, section, key, value, message, sizeof message);
    if (ret != 0) {
        blame(reader, "%s", message);
        reader->error = ret;
    }
    return ret == 0;
}

static int fail(const char *path, unsigned line, const char *message, char *err, size_t err_cap)
{
    if (line > 0)
        (void)snprintf(err, err_cap, "%s:%u: %s", path, line, message);
    else
        (void)snprintf(err, err_cap, "%s: %s", path, message);
    return -EINVAL;
}

static int parse(const char *path, struct reader *reader, char *err, size_t err_cap)
{
    int bad_line = ini_parse_stream(next_line, reader, handle, reader);

    if (bad_line < 0)
        return fail(path, 0, "out of memory", err, err_cap);
    if (bad_line > 0 && (reader->error == 0 || (unsigned)bad_line < reader->line))
        return fail(path, (unsigned)bad_line,
                    "neither `[section]` nor `key = value`; write one of them", err, err_cap);
    if (reader->error != 0)
        (void)fail(path, reader->line, reader->message, err, err_cap);
    return reader->error;
}

int config_read(const char *path, config_set_fn *set, void *ctx, char *err, size_t err_cap)
{
    struct reader reader = {.set = set, .ctx = ctx};
    uint8_t *bytes;
    size_t len;
    int ret = file_read(path, FILE_MAX, &bytes, &len);

    if (ret == -EFBIG) {
        (void)fail(path, 0, "larger than 64 KiB; is it the right file?", err, err_cap);
        return ret;
    }
    if (ret != 0) {
        (void)snprintf(err, err_cap, "%s: cannot be read: %s", path, strerror(-ret));
        return ret;
    }
    reader.at = (const char *)bytes;
    if (memchr(bytes, 0, len) != NULL)
        ret = fail(path, 0, "holds a NUL byte; is it a text file?", err, err_cap);
    else
        ret = parse(path, &reader, err, err_cap);
    free(bytes);
    return ret;
}

__attribute__((format(printf, 3, 4))) static int refuse(char *err, size_t err_cap, const char *fmt,
                                                        ...)
{
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(err, err_cap, fmt, args);
    va_end(args);
    return -EINVAL;
}

/* Near enough to be meant: alike but for case and one letter wrong, missing or added. */
static bool is_near(const char *a, const char *b)
{
    while (*a != '\0' && strncasecmp(a, b, 1) == 0) {
        a++;
        b++;
    }
    if (*a == '\0')
        return strlen(b) <= 1;
    return strcasecmp(a + 1, b) == 0 || (*b != '\0' && strcasecmp(a, b + 1) == 0) ||
           (*b != '\0' && strcasecmp(a + 1, b + 1) == 0);
}

int config_unknown(const char *what, const char *name, const char *const *known, char *err,
                   size_t err_cap)
{
    char all[MESSAGE_CAP / 2] = "";
    size_t i, at = 0;

    for (i = 0; known[i] != NULL; i++)
        if (is_near(name, known[i]))
            return refuse(err, err_cap, "unknown %s '%s'; did you mean '%s'?", what, name,
                          known[i]);
    for (i = 0; known[i] != NULL && at + strlen(known[i]) + 3 < sizeof all; i++)
        at += (size_t)sprintf(all + at, "%s%s", i > 0 ? ", " : "", known[i]);
    return refuse(err, err_cap, "unknown %s '%s'; known are %s", what, name, all);
}

int config_bool(const char *value, bool *ret, char *err, size_t err_cap)
{
    static const char *const words[2][3] = {{"no", "false", "off"}, {"yes", "true", "on"}};
    size_t truth, i;

    for (truth = 0; truth < 2; truth++)
        for (i = 0; i < 3; i++)
            if (strcasecmp(value, words[truth][i]) == 0) {
                *ret = truth == 1;
                return 0;
            }
    return refuse(err, err_cap, "'%.60s' is neither yes nor no; write one of them", value);
}

/* Digits, and then one of the units or nothing. */
static int parse_scaled(const char *value, const char *units, const uint64_t *scales, uint64_t max,
                        uint64_t *ret)
{
    size_t digits = strspn(value, "0123456789");
    const char *unit;
    uint64_t number, scale = 1;

    if (digits == 0 || digits > 20 || (value[digits] != '\0' && value[digits + 1] != '\0'))
        return -EINVAL;
    if (value[digits] != '\0') {
        unit = strchr(units, value[digits]);
        if (unit == NULL)
            return -EINVAL;
        scale = scales[unit - units];
    }
    errno = 0;
    number = strtoull(value, NULL, 10);
    if (errno != 0 || number > max / scale)
        return -EINVAL;
    *ret = number * scale;
    return 0;
}

int config_u64(const char *value, uint64_t min, uint64_t max, uint64_t *ret, char *err,
               size_t err_cap)
{
    uint64_t number;

    if (parse_scaled(value, "", NULL, max, &number) != 0 || number < min)
        return refuse(err, err_cap, "'%.60s' is not a number from %llu to %llu; write one", value,
                      (unsigned long long)min, (unsigned long long)max);
    *ret = number;
    return 0;
}

int config_duration_s(const char *value, uint64_t *ret_s, char *err, size_t err_cap)
{
    static const uint64_t scales[] = {1, 60, 3600, 86400};

    if (parse_scaled(value, "smhd", scales, UINT64_C(36525) * 86400, ret_s) != 0)
        return refuse(
            err, err_cap,
            "'%.60s' is no duration; write seconds or a number with s, m, h or d, as in 30d",
            value);
    return 0;
}
