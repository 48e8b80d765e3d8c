/* SPDX-License-Identifier: ISC */
/* Ed25519 keys in files. All cryptography is libsodium's. Secrets are wiped from memory after use.
 *
 * A secret key FILE (mode 0600) is text, one of
 *
 *     muster secret key 1                      muster secret key 1 locked
 *     <64 hex: the seed (RFC 8032)>            argon2id <opslimit> <memlimit in bytes>
 *                                              <32 hex: salt>
 *                                              <48 hex: nonce>
 *                                              <96 hex: crypto_secretbox of the seed>
 *
 * where the box's key is 32 bytes of crypto_pwhash (Argon2id 1.3) over the passphrase. FILE.pub is
 * one line: `muster public key 1 <64 hex> <comment>`; the comment is FILE's last path component.
 */
#ifndef HOST_KEYFILE_H
#define HOST_KEYFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KEYFILE_KEY_LEN        32
#define KEYFILE_SEED_LEN       32
#define KEYFILE_PASSPHRASE_CAP 1024

/* Asked once for the passphrase of the locked file at `path`: writes it, NUL-ended, into
 * ret_passphrase[0..KEYFILE_PASSPHRASE_CAP) and returns 0, or a negative errno to give up. */
typedef int keyfile_passphrase_fn(void *ctx, const char *path, char *ret_passphrase);

/* What a secret key file holds, locked or not, for backups of it. Wipe it after use. */
struct keyfile_content {
    bool locked;
    uint8_t seed[KEYFILE_SEED_LEN]; /* if it is not locked, else: */
    uint64_t ops, memory;           /* of crypto_pwhash */
    uint8_t salt[16], nonce[24], box[48];
};

/* Whether the numbers of a locked key are such that it can be opened here. */
bool keyfile_content_is_sound(const struct keyfile_content *content);

/* Every function returns 0 or a negative errno with "PATH: what is wrong; what to do" in err. */

/* Makes a key pair: `path` and `path`.pub. Neither may exist; if one cannot be written, none is
 * left. passphrase NULL: the secret is kept unlocked. */
int keyfile_new(const char *path, const char *passphrase, uint8_t ret_key[KEYFILE_KEY_LEN],
                char *err, size_t err_cap);

/* Writes a public key's file at `path`, where nothing may be; the comment is its last path component
 * without ".pub". */
int keyfile_write_public(const char *path, const uint8_t key[KEYFILE_KEY_LEN], char *err,
                         size_t err_cap);

/* Reads a secret key. Refused: not a regular file, owned by somebody else, open to group or others
 * (-EPERM), a wrong passphrase (-EKEYREJECTED), locked while `ask` is NULL (-ENOKEY). The caller
 * wipes ret_seed with sodium_memzero(). */
int keyfile_load_secret(const char *path, keyfile_passphrase_fn *ask, void *ctx,
                        uint8_t ret_seed[KEYFILE_SEED_LEN], uint8_t ret_key[KEYFILE_KEY_LEN],
                        char *err, size_t err_cap);

/* Reads what the file at `path` holds and leaves it locked. Refused: as above, but for the
 * passphrase. */
int keyfile_read_content(const char *path, struct keyfile_content *ret_content, char *err,
                         size_t err_cap);

/* Writes `path` and `path`.pub as they were; as keyfile_new otherwise. */
int keyfile_write_content(const char *path, const struct keyfile_content *content,
                          const uint8_t key[KEYFILE_KEY_LEN], char *err, size_t err_cap);

/* Reads a public key from a FILE.pub, or from 64 hex digits in place of a path. */
int keyfile_load_public(const char *path_or_hex, uint8_t ret_key[KEYFILE_KEY_LEN], char *err,
                        size_t err_cap);

/* Is this a key that anybody may sign under: a point on the curve, of the prime order, in its one
 * encoding? 0 or -EINVAL. */
int keyfile_check_key(const uint8_t key[KEYFILE_KEY_LEN]);

#endif
