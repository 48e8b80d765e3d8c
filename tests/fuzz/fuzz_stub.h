/* SPDX-License-Identifier: ISC */
/* Cryptography for fuzzing only: a signature is good if its first byte is 1. It takes the place
 * of crypto/ in the targets that include it, so that what lies behind a signature is reached.
 * Never include it anywhere else. */
#ifndef MUSTER_FUZZ_STUB_H
#define MUSTER_FUZZ_STUB_H

#include <sodium.h>

#include "muster/crypto.h"
#include "muster/record.h"

#define STUB_GOOD 1

int muster_crypto_verify(const uint8_t sig[MUSTER_SIGNATURE_LEN], const uint8_t *msg,
                         size_t msg_len, const uint8_t key[MUSTER_KEY_LEN])
{
    (void)msg;
    (void)msg_len;
    (void)key;
    return sig[0] == STUB_GOOD ? 0 : -1;
}

void muster_crypto_hash(uint8_t ret_hash[MUSTER_HASH_LEN], const uint8_t *bytes, size_t len)
{
    uint8_t whole[crypto_hash_sha512_BYTES];

    crypto_hash_sha512(whole, bytes, len);
    memcpy(ret_hash, whole, MUSTER_HASH_LEN);
}

/* `secret` points to the byte that the signature begins with. */
__attribute__((unused)) static int stub_sign(void *secret, uint8_t ret_sig[MUSTER_SIGNATURE_LEN],
                                             const uint8_t *msg, size_t msg_len)
{
    memset(ret_sig, msg_len > 0 ? msg[msg_len - 1] : 0, MUSTER_SIGNATURE_LEN);
    ret_sig[0] = *(const uint8_t *)secret;
    return 0;
}

/* The key of a letter. */
static void stub_key(uint8_t ret_key[MUSTER_KEY_LEN], char letter)
{
    memset(ret_key, letter, MUSTER_KEY_LEN);
}

#endif
