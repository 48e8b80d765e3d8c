/* SPDX-License-Identifier: ISC */
/* What the verbs share: the shape of a verb, its exit status, option values, and text made
 * harmless. */
#ifndef TOOL_CLI_H
#define TOOL_CLI_H

#include <stdint.h>
#include <string.h>

#include "host/log.h"
#include "muster/cbor.h"

/* Exit codes of every verb (muster.1). */
enum status {
    STATUS_OK = 0,    /* done; explain and ask: fit */
    STATUS_FOUND = 1, /* a problem in what was looked at; explain and ask: listed */
    STATUS_ERROR = 2  /* wrong usage, or it could not be done */
};

/* One verb. `name` is one or two words. `run` gets argv[0] for messages and the arguments behind
 * it. */
struct verb {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *summary; /* one line for `muster --help` */
    const char *usage;   /* the arguments, without the name */
    const char *help;    /* the rest of `muster VERB --help` */
};

/* Says what is wrong with the command line and where help is. Returns STATUS_ERROR. With fmt NULL
 * the wrong thing has been said already (by getopt_long). */
__attribute__((format(printf, 2, 3))) int cli_usage(const struct verb *verb, const char *fmt, ...);

/* Says what could not be done. Returns STATUS_ERROR. */
__attribute__((format(printf, 1, 2))) int cli_error(const char *fmt, ...);

/* The time to sign with: `option` (Unix seconds or RFC 3339) if given, else the environment's
 * SOURCE_DATE_EPOCH, else the clock. 0, or STATUS_ERROR after saying why. */
int cli_now(const char *option, uint64_t *ret_now_s);

/* A number in decimal digits, min..max, that `what` names. 0, or STATUS_ERROR after saying why. */
int cli_u64(const char *what, const char *text, uint64_t min, uint64_t max, uint64_t *ret);

/* What a device would report, as the arguments of a verb. 0, or STATUS_ERROR after saying what no
 * device reports. */
int cli_question(const char *vendor, const char *model, const char *build);

/* Text for a message or a terminal: printable ASCII, cut at SAFE_CAP - 1. Lives as long as the
 * block. */
#define SAFE_CAP      512
#define SAFE_SLICE(s) log_safe((char[SAFE_CAP]){0}, SAFE_CAP, (const char *)(s).bytes, (s).len)
#define SAFE(text)    log_safe((char[SAFE_CAP]){0}, SAFE_CAP, (text), strlen(text))

#endif
