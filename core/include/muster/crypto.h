/* SPDX-License-Identifier: ISC */
/* The one seam through which the core sees cryptography. The integrator links exactly one adapter:
 * crypto/sodium.c, or a few lines around whatever Ed25519 the device already has. */
#ifndef MUSTER_CRYPTO_H
#define MUSTER_CRYPTO_H

#include <stddef.h>
#include <stdint.h>

#include "muster/error.h"

#define MUSTER_KEY_LEN       32
#define MUSTER_SEED_LEN      32
#define MUSTER_SIGNATURE_LEN 64
#define MUSTER_HASH_LEN      32

/* 0 if `sig` is an Ed25519 signature (RFC 8032) of msg[0..msg_len) under `key`, else -1. The
 * accept set must be that of libsodium's default build (R4 d): S < L, no small-order key or R,
 * canonical. */
MUSTER_MUST_CHECK int muster_crypto_verify(const uint8_t sig[MUSTER_SIGNATURE_LEN],
                                           const uint8_t *msg, size_t msg_len,
                                           const uint8_t key[MUSTER_KEY_LEN]);

/* The first 32 bytes of SHA-512, the hash that Ed25519 brings along. */
void muster_crypto_hash(uint8_t ret_hash[MUSTER_HASH_LEN], const uint8_t *bytes, size_t len);

/* Whoever can sign: a secret key in memory (crypto/sodium.h) or a token. Devices and head-ends
 * have none. `key` must be derived from the same secret that `sign` uses; never take it from
 * elsewhere. */
typedef int muster_sign_fn(void *secret, uint8_t ret_sig[MUSTER_SIGNATURE_LEN], const uint8_t *msg,
                           size_t msg_len);
struct muster_signing {
    uint8_t key[MUSTER_KEY_LEN];
    muster_sign_fn *sign; /* 0, or -1 with ret_sig untouched */
    void *secret;
};

#endif
