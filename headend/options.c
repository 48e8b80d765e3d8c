/* SPDX-License-Identifier: ISC */
/* The daemon's command line. It must not judge values: settings.c reads them like the file's. */
#include "headend/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum letter {
    OPT_CONFIG = 'c',
    OPT_FOREGROUND = 'f',
    OPT_HELP = 'h',
    OPT_CHECK = 256,
    OPT_SYSLOG,
    OPT_VERSION,
    OPT_OVERRIDE /* and above: an index into override_rows */
};

static const struct {
    const char *section, *key;
    const char *value; /* of an option without an argument */
} override_rows[] = {
    {"server", "listen", NULL},     {"lists", "list", NULL},  {"standings", "standing", NULL},
    {"server", "mode", NULL},       {"server", "user", NULL}, {"server", "control", NULL},
    {"server", "inquiries", "yes"},
};

static const struct option long_options[] = {
    {"config", required_argument, NULL, OPT_CONFIG},
    {"foreground", no_argument, NULL, OPT_FOREGROUND},
    {"help", no_argument, NULL, OPT_HELP},
    {"check", no_argument, NULL, OPT_CHECK},
    {"syslog", no_argument, NULL, OPT_SYSLOG},
    {"version", no_argument, NULL, OPT_VERSION},
    {"listen", required_argument, NULL, OPT_OVERRIDE},
    {"list", required_argument, NULL, OPT_OVERRIDE + 1},
    {"standing", required_argument, NULL, OPT_OVERRIDE + 2},
    {"mode", required_argument, NULL, OPT_OVERRIDE + 3},
    {"user", required_argument, NULL, OPT_OVERRIDE + 4},
    {"control", required_argument, NULL, OPT_OVERRIDE + 5},
    {"inquiries", no_argument, NULL, OPT_OVERRIDE + 6},
    {NULL, 0, NULL, 0},
};

static int refuse(const char *what)
{
    fprintf(stderr, "musterd: %s; musterd --help tells how it is used\n", what);
    return -EINVAL;
}

static int add_override(struct options *options, size_t row, const char *value)
{
    struct settings_override *o = &options->overrides[options->overrides_n];

    if (options->overrides_n == OPTIONS_OVERRIDES_MAX)
        return refuse("too many options; write a configuration file");
    o->section = override_rows[row].section;
    o->key = override_rows[row].key;
    o->value = override_rows[row].value != NULL ? override_rows[row].value : value;
    options->overrides_n++;
    return 0;
}

static int take(struct options *options, int letter)
{
    switch (letter) {
    case OPT_CONFIG:
        options->config = optarg;
        return 0;
    case OPT_FOREGROUND: /* it always is; for those who are used to saying so */
        return 0;
    case OPT_HELP:
        options->help = true;
        return 0;
    case OPT_CHECK:
        options->check = true;
        return 0;
    case OPT_SYSLOG:
        options->syslog = true;
        return 0;
    case OPT_VERSION:
        options->version = true;
        return 0;
    case '?':
        return refuse("wrong usage");
    default:
        return add_override(options, (size_t)(letter - OPT_OVERRIDE), optarg);
    }
}

int options_parse(int argc, char **argv, struct options *ret)
{
    struct options options = {.config = NULL};
    int letter, error = 0;

    optind = 1;
    while (error == 0 && (letter = getopt_long(argc, argv, "c:fh", long_options, NULL)) != -1)
        error = take(&options, letter);
    if (error == 0 && optind < argc)
        error = refuse("an argument that is no option; `status` and `health` come first");
    if (error == 0)
        *ret = options;
    return error;
}

int options_read_settings(const struct options *options, struct settings **ret, char *err,
                          size_t err_cap)
{
    const char *path = options->config;

    if (path == NULL && access(SETTINGS_PATH, F_OK) == 0)
        path = SETTINGS_PATH;
    if (path == NULL && options->overrides_n == 0) {
        (void)snprintf(err, err_cap,
                       "%s: %s; write one (musterd.ini(5)), or give --listen and --list",
                       SETTINGS_PATH, strerror(ENOENT));
        return -ENOENT;
    }
    return settings_read(path, options->overrides, options->overrides_n, ret, err, err_cap);
}
