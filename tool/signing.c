/* SPDX-License-Identifier: ISC */
/* A key file's secret behind the core's signing seam. It must not keep a secret longer than the
 * caller. */
#include "tool/signing.h"

#include <sodium.h>

#include "host/keyfile.h"
#include "tool/cli.h"
#include "tool/passphrase.h"

int signing_load(const char *path, const char *passphrase_file, struct signing *ret_signing)
{
    uint8_t seed[MUSTER_SEED_LEN], key[MUSTER_KEY_LEN];
    struct passphrase_source from = {.file = passphrase_file};
    char err[1024];

    if (keyfile_load_secret(path, passphrase_ask, &from, seed, key, err, sizeof err) != 0)
        return cli_error("%s", err);
    muster_sodium_open(seed, &ret_signing->secret, &ret_signing->seam);
    ret_signing->one_at_a_time = false;
    sodium_memzero(seed, sizeof seed);
    return 0;
}

void signing_end(struct signing *signing)
{
    muster_sodium_close(&signing->secret);
}
