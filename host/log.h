/* SPDX-License-Identifier: ISC */
/* Where the programs say what happened: standard error or syslog, one line a call. Nothing here is
 * for the path of a packet: there an error is a counter. */
#ifndef HOST_LOG_H
#define HOST_LOG_H

#include <stdbool.h>
#include <stddef.h>

enum log_level {
    LOG_LEVEL_ERROR = 0,
    LOG_LEVEL_WARN = 1,
    LOG_LEVEL_INFO = 2,
    LOG_LEVEL_DEBUG = 3,
};

/* Lines above `max` are left out. `ident` is kept, not copied. Before the first call lines go to
 * standard error without an ident, up to LOG_LEVEL_INFO. May be called again. */
void log_open(const char *ident, bool to_syslog, enum log_level max);

/* The caller escapes untrusted text with log_safe() before it comes here. A line end is added;
 * lines are cut at 1023 bytes. errno is left as it was. */
__attribute__((format(printf, 1, 2))) void log_error(const char *fmt, ...);
__attribute__((format(printf, 1, 2))) void log_warn(const char *fmt, ...);
__attribute__((format(printf, 1, 2))) void log_info(const char *fmt, ...);
__attribute__((format(printf, 1, 2))) void log_debug(const char *fmt, ...);

/* Writes s[0..len) into buf as one harmless word: everything but printable ASCII, and the
 * backslash, becomes \xNN. What does not fit is left out, never half an escape; always ends with
 * NUL (cap >= 1). Returns buf, for use as an argument of log_*(). */
const char *log_safe(char *buf, size_t cap, const char *s, size_t len);

#endif
