/* SPDX-License-Identifier: ISC */
/* INI files, strictly: every mistake is named with file, line and what to do. A file is at most 64
 * KiB of UTF-8 lines of at most 190 bytes: `[section]`, `key = value`, comments after # or ; at the
 * start of a line, or after " ;" behind a value. A line must not begin with white space (INI
 * readers differ on what that means). */
#ifndef HOST_CONFIG_H
#define HOST_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CONFIG_ERR_CAP 512

/* Called for each `key = value` in the file's order, `section` "" before the first. Returns 0, or a
 * negative value after writing into err[0..err_cap) what is wrong and, after a semicolon, what to
 * do: "'fast' is no mode; write monitor, notice or enforce". The strings live until it returns. */
typedef int config_set_fn(void *ctx, const char *section, const char *key, const char *value,
                          char *err, size_t err_cap);

/* Reads the file at `path` ("-": standard input) up to the first mistake. 0, or a negative errno
 * with "FILE:LINE: what is wrong; what to do" in err (FILE alone where no line is to blame). */
int config_read(const char *path, config_set_fn *set, void *ctx, char *err, size_t err_cap);

/* For `set`: writes "unknown key 'x'; ..." with the nearest or all of the known names (an array
 * that ends with NULL) and returns -EINVAL, so that set() can
 * end with `return config_unknown(...)`. */
int config_unknown(const char *what, const char *name, const char *const *known, char *err,
                   size_t err_cap);

/* Values. Each returns 0, or -EINVAL with the message in err and *ret untouched. */
int config_bool(const char *value, bool *ret, char *err,
                size_t err_cap); /* yes|no|true|false|on|off */
int config_u64(const char *value, uint64_t min, uint64_t max, uint64_t *ret, char *err,
               size_t err_cap);
/* Seconds: "90", "30s", "10m", "2h", "7d". At most 100 years. */
int config_duration_s(const char *value, uint64_t *ret_s, char *err, size_t err_cap);

#endif
