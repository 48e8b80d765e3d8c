/* SPDX-License-Identifier: ISC */
/* The command line of muster sign. */
#ifndef TOOL_SIGN_OPTIONS_H
#define TOOL_SIGN_OPTIONS_H

#include "tool/issue.h"

struct sign_options {
    char *const *dirs;
    size_t dirs_n;
    /* exactly one of these four */
    bool first;
    const char *old, *renew, *rotate;
    bool leaves_out;
    enum enforce enforce;
    uint64_t enforce_days;
    struct folder_publishers publishers;
};

/* 0, or STATUS_ERROR after saying what is wrong. */
int sign_options_parse(int argc, char **argv, struct sign_options *ret_options,
                       struct issue *ret_issue);

#endif
