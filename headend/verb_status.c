/* SPDX-License-Identifier: ISC */
/* `musterd status`: asks the one that runs. It must not read a list itself: only the one that
 * runs knows what it serves. */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "headend/settings.h"
#include "headend/verbs.h"
#include "host/config.h"
#include "host/control.h"
#include "host/log.h"

static const char help[] =
    "usage: musterd status [--json] [--control PATH | --config FILE]\n\n"
    "Asks the running musterd through its control socket and prints what it says.\n"
    "Exit status: 0 it answered, 1 it did not, 2 wrong usage.\n";

struct request {
    bool json, help;
    const char *control, *config;
};

static int parse(int argc, char **argv, struct request *ret)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"control", required_argument, NULL, 's'},
                                            {"config", required_argument, NULL, 'c'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    int letter;

    while ((letter = getopt_long(argc, argv, "c:h", options, NULL)) != -1)
        switch (letter) {
        case 'j':
            ret->json = true;
            break;
        case 's':
            ret->control = optarg;
            break;
        case 'c':
            ret->config = optarg;
            break;
        case 'h':
            ret->help = true;
            break;
        default:
            return -EINVAL;
        }
    return optind == argc ? 0 : -EINVAL;
}

static int ask(const char *path, bool as_json)
{
    int ret;

    if (path == NULL) {
        log_error("this musterd has no control socket (control = none); give it one");
        return END_PROBLEM;
    }
    ret = control_ask(path, as_json ? "status json" : "status", stdout);
    if (ret >= 0)
        return ret;
    if (ret == -ENOENT || ret == -ECONNREFUSED)
        log_error("%s: no musterd answers there; start it, or use --control PATH", path);
    else
        log_error("%s: %s; may this user use that socket?", path, strerror(-ret));
    return END_PROBLEM;
}

int status_main(int argc, char **argv)
{
    struct request request = {.json = false};
    struct settings *settings = NULL;
    char err[CONFIG_ERR_CAP + 256];
    int ret;

    if (parse(argc, argv, &request) != 0) {
        fputs(help, stderr);
        return END_USAGE;
    }
    if (request.help) {
        fputs(help, stdout);
        return END_OK;
    }
    if (request.control != NULL)
        return ask(request.control, request.json);
    request.config = settings_find(request.config);
    if (request.config == NULL)
        return ask(SETTINGS_CONTROL, request.json);
    if (settings_read(request.config, NULL, 0, &settings, err, sizeof err) != 0) {
        log_error("%s", err);
        return END_USAGE;
    }
    ret = ask(settings_control(settings), request.json);
    settings_unref(settings);
    return ret;
}
