/* SPDX-License-Identifier: ISC */
/* An Ed25519 key inside a PKCS#11 token, named by a URI (RFC 7512). The secret never leaves the
 * token. One thread at a time. */
#ifndef TOOL_TOKEN_H
#define TOOL_TOKEN_H

#include <stdbool.h>

#include "muster/crypto.h"

struct token;

/* Whether this names a key in a token and not a file: it begins with "pkcs11:". */
bool token_is_uri(const char *uri);

/* Finds the one private key that the URI names, logs in and reads its public key from the token; a
 * signature made to try it must verify under that key (attack 25). The PIN is the URI's pin-value,
 * else the first line of its pin-source, else asked for as passphrases are. 0, or STATUS_ERROR after
 * saying why. */
int token_open(const char *uri, const char *passphrase_file, struct token **ret_token,
               uint8_t ret_key[MUSTER_KEY_LEN]);

/* Makes a key pair in the token under the object name of the URI, which must be new there, then
 * opens it. The secret cannot be read out of the token. 0, or STATUS_ERROR after saying why. */
int token_new(const char *uri, const char *passphrase_file, struct token **ret_token,
              uint8_t ret_key[MUSTER_KEY_LEN]);

/* A muster_sign_fn; `secret` is the struct token. A signature that does not verify, which a failing
 * token may make, is not given out. */
int token_sign(void *secret, uint8_t ret_sig[MUSTER_SIGNATURE_LEN], const uint8_t *msg,
               size_t msg_len);

/* Logs out. NULL does nothing. */
void token_close(struct token *token);

#endif
