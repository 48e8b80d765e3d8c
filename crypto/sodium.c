/* SPDX-License-Identifier: ISC */
/* The adapter that puts libsodium behind the core's one seam (muster/crypto.h). It must not decide
 * anything: what a signature means is the judge's business. */
#include "crypto/sodium.h"

#include <sodium.h>
#include <string.h>

int muster_crypto_verify(const uint8_t sig[MUSTER_SIGNATURE_LEN], const uint8_t *msg,
                         size_t msg_len, const uint8_t key[MUSTER_KEY_LEN])
{
    return crypto_sign_verify_detached(sig, msg, msg_len, key) == 0 ? 0 : -1;
}

void muster_crypto_hash(uint8_t ret_hash[MUSTER_HASH_LEN], const uint8_t *bytes, size_t len)
{
    uint8_t whole[crypto_hash_sha512_BYTES];

    crypto_hash_sha512(whole, bytes, len);
    memcpy(ret_hash, whole, MUSTER_HASH_LEN);
}

static int sign(void *secret, uint8_t ret_sig[MUSTER_SIGNATURE_LEN], const uint8_t *msg,
                size_t msg_len)
{
    const struct muster_sodium_secret *pair = secret;
    uint8_t sig[MUSTER_SIGNATURE_LEN];

    if (crypto_sign_detached(sig, NULL, msg, msg_len, pair->bytes) != 0)
        return -1;
    memcpy(ret_sig, sig, sizeof sig);
    return 0;
}

void muster_sodium_open(const uint8_t seed[MUSTER_SEED_LEN],
                        struct muster_sodium_secret *ret_secret, struct muster_signing *ret_signing)
{
    crypto_sign_seed_keypair(ret_signing->key, ret_secret->bytes, seed);
    ret_signing->sign = sign;
    ret_signing->secret = ret_secret;
}

void muster_sodium_close(struct muster_sodium_secret *secret)
{
    sodium_memzero(secret, sizeof *secret);
}
