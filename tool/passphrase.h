/* SPDX-License-Identifier: ISC */
/* Passphrases: from a file, the environment's MUSTER_PASSPHRASE, or the terminal without echo, in
 * this order. */
#ifndef TOOL_PASSPHRASE_H
#define TOOL_PASSPHRASE_H

#include "host/keyfile.h"

struct passphrase_source {
    const char *file; /* NULL: none given; its first line counts */
};

/* A keyfile_passphrase_fn; ctx is a struct passphrase_source. */
int passphrase_ask(void *ctx, const char *path, char *ret_passphrase);

/* The same for a new key: the terminal asks twice, and an empty passphrase is refused. */
int passphrase_ask_new(const struct passphrase_source *from, const char *path,
                       char *ret_passphrase);

#endif
