/* SPDX-License-Identifier: ISC */
/* The command line of the daemon. */
#ifndef HEADEND_OPTIONS_H
#define HEADEND_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "headend/settings.h"

#define OPTIONS_OVERRIDES_MAX 64

struct options {
    const char *config; /* NULL: SETTINGS_PATH where there is one */
    bool check, syslog, help, version;
    size_t overrides_n;
    struct settings_override overrides[OPTIONS_OVERRIDES_MAX];
};

/* Strings point into argv. 0, or -EINVAL after saying on standard error what is wrong. */
int options_parse(int argc, char **argv, struct options *ret);

/* The settings that the options lead to; again for every reload. As settings_read. */
int options_read_settings(const struct options *options, struct settings **ret, char *err,
                          size_t err_cap);

#endif
