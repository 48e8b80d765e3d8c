/* SPDX-License-Identifier: ISC */
/* The key that signs, out of a key file. The public key is always derived from the secret (attack
 * 25). */
#ifndef TOOL_SIGNING_H
#define TOOL_SIGNING_H

#include <stdbool.h>

#include "crypto/sodium.h"

/* Must not be moved after signing_load: `seam.secret` points into it. */
struct signing {
    struct muster_signing seam;
    struct muster_sodium_secret secret;
    bool one_at_a_time; /* the seam must not be used by two threads at once */
};

/* Reads the secret key at `path`; a locked one is opened with the passphrase (passphrase.h). 0, or
 * STATUS_ERROR after saying why. */
int signing_load(const char *path, const char *passphrase_file, struct signing *ret_signing);

/* Wipes the secret. */
void signing_end(struct signing *signing);

#endif
