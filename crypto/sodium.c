/* SPDX-License-Identifier: ISC */
/* The adapter that puts libsodium behind the core's one seam (muster/crypto.h). It must not decide
 * anything: what a signature means is the judge's business. */
#include "muster/crypto.h"

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
