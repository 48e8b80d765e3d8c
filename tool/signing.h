/* SPDX-License-Identifier: ISC */
/* The key that signs, out of a key file or inside a token. The public key is always derived from the
 * secret, or read from the token and tried (attack 25). */
#ifndef TOOL_SIGNING_H
#define TOOL_SIGNING_H

#include <stdbool.h>

#include "crypto/sodium.h"
#include "tool/token.h"

/* Must not be moved after signing_load: `seam.secret` points into it. */
struct signing {
    struct muster_signing seam;
    struct muster_sodium_secret secret;
    struct token *token; /* NULL: the secret is in memory */
    bool one_at_a_time;  /* the seam must not be used by two threads at once */
};

/* Reads the secret key at `path`, or opens the one that a pkcs11: URI names (token.h); a locked one is
 * opened with the passphrase (passphrase.h). 0, or STATUS_ERROR after saying why. */
int signing_load(const char *path_or_uri, const char *passphrase_file, struct signing *ret_signing);

/* Wipes the secret, or leaves the token. A struct that is all zero is no harm. */
void signing_end(struct signing *signing);

#endif
