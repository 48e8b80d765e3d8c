/* SPDX-License-Identifier: ISC */
/* muster key show: the public key of a key file. It must never print a secret. */
#include "tool/key_show.h"

#include <getopt.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/file.h"
#include "host/hex.h"
#include "host/keyfile.h"
#include "tool/signing.h"
#include "tool/verbs.h"

static bool is_secret(const char *path)
{
    static const char head[] = "muster secret key ";
    uint8_t *bytes;
    size_t len;
    bool secret;

    if (file_read(path, 4096, &bytes, &len) != 0)
        return false;
    secret = len >= sizeof head - 1 && memcmp(bytes, head, sizeof head - 1) == 0;
    sodium_memzero(bytes, len);
    free(bytes);
    return secret;
}

int key_show_load(const char *path, const char *passphrase_file, uint8_t ret_key[MUSTER_KEY_LEN])
{
    struct signing signing;
    char err[1024];

    if (!token_is_uri(path) && !is_secret(path))
        return keyfile_load_public(path, ret_key, err, sizeof err) == 0 ? 0 : cli_error("%s", err);
    if (signing_load(path, passphrase_file, &signing) != 0)
        return STATUS_ERROR;
    memcpy(ret_key, signing.seam.key, MUSTER_KEY_LEN);
    signing_end(&signing);
    return 0;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"passphrase-file", required_argument, NULL, 'f'},
                                            {"out", required_argument, NULL, 'o'},
                                            {NULL, 0, NULL, 0}};
    const char *passphrase_file = NULL, *out = NULL;
    uint8_t key[MUSTER_KEY_LEN];
    char digits[2 * MUSTER_KEY_LEN + 1], err[1024];
    int option;

    while ((option = getopt_long(argc, argv, "o:", options, NULL)) != -1) {
        if (option == '?')
            return cli_usage(&verb_key_show, NULL);
        *(option == 'o' ? &out : &passphrase_file) = optarg;
    }
    if (argc - optind != 1)
        return cli_usage(&verb_key_show, "one FILE or pkcs11:URI is needed");
    if (key_show_load(argv[optind], passphrase_file, key) != 0)
        return STATUS_ERROR;
    if (out != NULL && keyfile_write_public(out, key, err, sizeof err) != 0)
        return cli_error("%s", err);
    puts(hex_encode(digits, key, sizeof key));
    return STATUS_OK;
}

const struct verb verb_key_show = {
    "key show", run, "print the public key of a key",
    "FILE|pkcs11:URI [--passphrase-file FILE] [-o FILE.pub]",
    "FILE is a secret key or its .pub, and the URI names a key in a "
    "token; prints 64 hex digits, and\n"
    "writes -o FILE.pub, where nothing may be. A locked secret needs "
    "its passphrase, and a\n"
    "token its PIN: from --passphrase-file, MUSTER_PASSPHRASE or the "
    "terminal.\n"};
