/* SPDX-License-Identifier: ISC */
/* Lines of a tally to rows. It must not keep more than one line, however long the file is. */
#include "tool/tally.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "muster/message.h"
#include "tool/cli.h"

#define FIELDS_N 5

__attribute__((format(printf, 3, 4))) static int refuse(char *err, size_t err_cap, const char *fmt,
                                                        ...)
{
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(err, err_cap, fmt, args);
    va_end(args);
    return -1;
}

/* Decimal digits and nothing else. */
static bool read_number(struct muster_slice text, uint64_t *ret)
{
    uint64_t value = 0;
    size_t i;

    for (i = 0; i < text.len; i++) {
        unsigned digit = (unsigned)text.bytes[i] - '0';

        if (digit > 9 || value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *ret = value;
    return text.len > 0;
}

/* Splits at tabs; how many fields there are, at most FIELDS_N + 1. */
static size_t split(const char *line, size_t len, struct muster_slice fields[FIELDS_N])
{
    const char *end = line + len, *tab;
    size_t n = 0;

    for (;; line = tab + 1) {
        tab = memchr(line, '\t', (size_t)(end - line));
        if (n == FIELDS_N)
            return n + 1;
        fields[n].bytes = (const uint8_t *)line;
        fields[n++].len = (size_t)((tab != NULL ? tab : end) - line);
        if (tab == NULL)
            return n;
    }
}

int tally_parse(const char *line, size_t len, struct tally_row *ret_row, char *err, size_t err_cap)
{
    struct muster_slice fields[FIELDS_N];
    struct tally_row row;

    if (split(line, len, fields) != FIELDS_N)
        return refuse(err, err_cap,
                      "a row has five fields with tabs between: vendor, model, build, number, "
                      "count; correct or remove it");
    row.vendor = fields[0];
    row.model = fields[1];
    row.build = fields[2];
    if (!muster_name_is_legal(row.vendor) || !muster_name_is_legal(row.model))
        return refuse(err, err_cap,
                      "\"%s\" or \"%s\" is no name that a device can report (1 to 64 characters of "
                      "a-z 0-9 . _ + -); remove the row",
                      SAFE_SLICE(row.vendor), SAFE_SLICE(row.model));
    if (!muster_build_is_legal(row.build))
        return refuse(err, err_cap,
                      "\"%s\" is no build that a device can report (1 to 64 printable ASCII "
                      "characters); remove the row",
                      SAFE_SLICE(row.build));
    if (!read_number(fields[3], &row.number))
        return refuse(err, err_cap, "the number \"%s\" is not 0 to 2^64-1; write 0 if it has none",
                      SAFE_SLICE(fields[3]));
    if (!read_number(fields[4], &row.count) || row.count < 1 || row.count > TALLY_COUNT_MAX)
        return refuse(err, err_cap, "the count \"%s\" is not 1 to 2^53-1; correct it",
                      SAFE_SLICE(fields[4]));
    *ret_row = row;
    return 0;
}

struct reader {
    const char *path;
    struct problems *problems;
    size_t line;
    uint64_t total;
    tally_row_fn *row;
    void *ctx;
};

__attribute__((format(printf, 2, 3))) static void fault(const struct reader *r, const char *fmt,
                                                        ...)
{
    char message[1024];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    problem_add(r->problems, RULE_TALLY, (struct problem_at){r->path, r->line, NULL}, "%s",
                message);
}

static void take_line(struct reader *r, const char *line, size_t len)
{
    struct tally_row row;
    char err[1024];

    r->line++;
    if (len == 0 || line[0] == '#')
        return;
    if (len > TALLY_LINE_MAX)
        fault(r, "a line is longer than %d bytes; this is no tally", TALLY_LINE_MAX);
    else if (tally_parse(line, len, &row, err, sizeof err) != 0)
        fault(r, "%s", err);
    else if (row.count > TALLY_COUNT_MAX - r->total)
        fault(r, "the counts together are over 2^53-1; this is no tally of devices");
    else {
        r->total += row.count;
        r->row(r->ctx, &row);
    }
}

int tally_read_stream(FILE *stream, const char *path, struct problems *problems, tally_row_fn *row,
                      void *ctx)
{
    struct reader r = {.path = path, .problems = problems, .row = row, .ctx = ctx};
    size_t before = problems->n, len = 0;
    char line[TALLY_LINE_MAX + 1];
    int c;

    while ((c = getc_unlocked(stream)) != EOF) {
        if (c == '\n') {
            take_line(&r, line, len);
            len = 0;
        } else if (len < sizeof line) {
            line[len++] = (char)c;
        }
    }
    if (len > 0)
        take_line(&r, line, len);
    if (ferror(stream))
        problem_add(problems, RULE_UNREADABLE, (struct problem_at){path, r.line, NULL}, "%s",
                    strerror(errno));
    return problems->n == before ? 0 : -1;
}

int tally_read(const char *path, struct problems *problems, tally_row_fn *row, void *ctx)
{
    FILE *stream = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
    int ret;

    if (stream == NULL) {
        problem_add(problems, RULE_UNREADABLE, (struct problem_at){path, 0, NULL}, "%s",
                    strerror(errno));
        return -1;
    }
    ret = tally_read_stream(stream, path, problems, row, ctx);
    if (stream != stdin)
        (void)fclose(stream);
    return ret;
}
