/* SPDX-License-Identifier: ISC */
/* A secret, in a key file or a token, behind the core's signing seam. It must not keep a secret longer than the
 * caller. */
#include "tool/signing.h"

#include <sodium.h>

#include "host/keyfile.h"
#include "tool/cli.h"
#include "tool/passphrase.h"

static int load_token(const char *uri, const char *passphrase_file, struct signing *ret_signing)
{
    struct signing signing = {.one_at_a_time = true};

    if (token_open(uri, passphrase_file, &signing.token, signing.seam.key) != 0)
        return STATUS_ERROR;
    signing.seam.sign = token_sign;
    signing.seam.secret = signing.token;
    *ret_signing = signing;
    return 0;
}

int signing_load(const char *path_or_uri, const char *passphrase_file, struct signing *ret_signing)
{
    uint8_t seed[MUSTER_SEED_LEN], key[MUSTER_KEY_LEN];
    struct passphrase_source from = {.file = passphrase_file};
    char err[1024];

    if (token_is_uri(path_or_uri))
        return load_token(path_or_uri, passphrase_file, ret_signing);
    if (keyfile_load_secret(path_or_uri, passphrase_ask, &from, seed, key, err, sizeof err) != 0)
        return cli_error("%s", err);
    muster_sodium_open(seed, &ret_signing->secret, &ret_signing->seam);
    ret_signing->token = NULL;
    ret_signing->one_at_a_time = false;
    sodium_memzero(seed, sizeof seed);
    return 0;
}

void signing_end(struct signing *signing)
{
    token_close(signing->token);
    signing->token = NULL;
    muster_sodium_close(&signing->secret);
}
