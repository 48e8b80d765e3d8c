/* SPDX-License-Identifier: ISC */
/* Messages about the command line and values from it. It must not know what any verb does. */
#include "tool/cli.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/clock.h"
#include "muster/message.h"

int cli_usage(const struct verb *verb, const char *fmt, ...)
{
    char line[1024];
    va_list args;

    if (fmt != NULL) {
        va_start(args, fmt);
        (void)vsnprintf(line, sizeof line, fmt, args);
        va_end(args);
        log_error("%s: %s", verb->name, line);
    }
    log_error("usage: muster %s %s", verb->name, verb->usage);
    log_error("more: muster %s --help", verb->name);
    return STATUS_ERROR;
}

int cli_error(const char *fmt, ...)
{
    char line[1024];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    log_error("%s", line);
    return STATUS_ERROR;
}

int cli_now(const char *option, uint64_t *ret_now_s)
{
    const char *text = option != NULL ? option : getenv("SOURCE_DATE_EPOCH");
    uint64_t now_s = clock_wall_s();

    if (text != NULL && *text != '\0' && clock_parse(text, &now_s) != 0)
        return cli_error("%s '%s' is no time; write Unix seconds or 2026-01-31T12:00:00Z",
                         option != NULL ? "--now" : "SOURCE_DATE_EPOCH", SAFE(text));
    if (now_s == 0 || now_s > MUSTER_TIME_MAX)
        return cli_error("the time is outside 1970 to 2^53 s; set the clock or give --now");
    *ret_now_s = now_s;
    return 0;
}

int cli_u64(const char *what, const char *text, uint64_t min, uint64_t max, uint64_t *ret)
{
    unsigned long long value;
    char *end;

    errno = 0;
    value = strtoull(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || errno != 0 || value < min || value > max)
        return cli_error("%s '%s' is not a number from %llu to %llu", what, SAFE(text),
                         (unsigned long long)min, (unsigned long long)max);
    *ret = value;
    return 0;
}

static int check_name(const char *what, const char *text)
{
    return muster_name_is_legal(muster_slice_of(text))
               ? 0
               : cli_error(
                     "%s '%s' is none that devices report: 1 to 64 characters of a-z 0-9 . _ + "
                     "-, capitals in lower case and others as _",
                     what, SAFE(text));
}

int cli_question(const char *vendor, const char *model, const char *build)
{
    if (check_name("VENDOR", vendor) != 0 || check_name("MODEL", model) != 0)
        return STATUS_ERROR;
    return muster_build_is_legal(muster_slice_of(build))
               ? 0
               : cli_error("BUILD is 1 to 64 printable ASCII characters");
}
