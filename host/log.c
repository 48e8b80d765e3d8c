/* SPDX-License-Identifier: ISC */
/* The programs' one voice: standard error or syslog. It must not interpret or hide what it is
 * given. */
#include "host/log.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

#define LINE_CAP 1024

static const char *log_ident;
static bool log_to_syslog;
static enum log_level log_max = LOG_LEVEL_INFO;

static const int syslog_priority[] = {
    [LOG_LEVEL_ERROR] = LOG_ERR,
    [LOG_LEVEL_WARN] = LOG_WARNING,
    [LOG_LEVEL_INFO] = LOG_INFO,
    [LOG_LEVEL_DEBUG] = LOG_DEBUG,
};

void log_open(const char *ident, bool to_syslog, enum log_level max)
{
    if (log_to_syslog)
        closelog();
    log_ident = ident;
    log_to_syslog = to_syslog;
    log_max = max;
    if (to_syslog)
        openlog(ident, LOG_PID | LOG_NDELAY, LOG_DAEMON);
}

__attribute__((format(printf, 2, 0))) static void put(enum log_level level, const char *fmt,
                                                      va_list args)
{
    char line[LINE_CAP];
    int saved_errno = errno;

    if (level > log_max)
        return;
    (void)vsnprintf(line, sizeof line, fmt, args);
    if (log_to_syslog)
        syslog(syslog_priority[level], "%s", line);
    else if (log_ident != NULL)
        fprintf(stderr, "%s: %s\n", log_ident, line);
    else
        fprintf(stderr, "%s\n", line);
    errno = saved_errno;
}

void log_error(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    put(LOG_LEVEL_ERROR, fmt, args);
    va_end(args);
}

void log_warn(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    put(LOG_LEVEL_WARN, fmt, args);
    va_end(args);
}

void log_info(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    put(LOG_LEVEL_INFO, fmt, args);
    va_end(args);
}

void log_debug(const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    put(LOG_LEVEL_DEBUG, fmt, args);
    va_end(args);
}

const char *log_safe(char *buf, size_t cap, const char *s, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    size_t i, at = 0;

    for (i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];
        bool plain = c >= 0x20 && c <= 0x7e && c != '\\';
        size_t need = plain ? 1 : 4;

        if (need >= cap - at)
            break;
        if (plain) {
            buf[at++] = (char)c;
            continue;
        }
        buf[at++] = '\\';
        buf[at++] = 'x';
        buf[at++] = digits[c >> 4];
        buf[at++] = digits[c & 15];
    }
    buf[at] = '\0';
    return buf;
}
