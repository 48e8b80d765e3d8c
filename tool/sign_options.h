/* SPDX-License-Identifier: ISC */
/* The command line of muster sign. */
#ifndef TOOL_SIGN_OPTIONS_H
#define TOOL_SIGN_OPTIONS_H

#include "tool/bundle.h"
#include "tool/issue.h"

struct sign_options {
    char *const *dirs;
    size_t dirs_n;
    struct bundle bundle; /* path NULL: there is none; else it stands for the folders */
    const char *digest;   /* that the bundle must have, or NULL */
    /* exactly one of these five */
    bool first, takes_old; /* takes_old: the list before is the one in the bundle */
    const char *old, *renew, *rotate;
    bool leaves_out;
    enum enforce enforce;
    uint64_t enforce_days;
    struct folder_publishers publishers;
};

/* Reads the bundle, if there is one, which bundle_free frees in any case. 0, or STATUS_ERROR after
 * saying what is wrong. */
int sign_options_parse(int argc, char **argv, struct sign_options *ret_options,
                       struct issue *ret_issue);

#endif
