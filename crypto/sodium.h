/* SPDX-License-Identifier: ISC */
/* Signing with a secret key in memory, through libsodium, as the core's `struct muster_signing`.
 * Only the operator's tool needs it; verifying and hashing are declared in muster/crypto.h. */
#ifndef CRYPTO_SODIUM_H
#define CRYPTO_SODIUM_H

#include "muster/crypto.h"

struct muster_sodium_secret {
    uint8_t bytes[64];
};

/* Derives the key pair of `seed`. ret_signing points to *ret_secret and is good until
 * muster_sodium_close(); its key is derived here, so that a mismatched pair cannot be passed. The
 * caller wipes the seed. */
void muster_sodium_open(const uint8_t seed[MUSTER_SEED_LEN],
                        struct muster_sodium_secret *ret_secret,
                        struct muster_signing *ret_signing);

/* Wipes the secret. */
void muster_sodium_close(struct muster_sodium_secret *secret);

#endif
