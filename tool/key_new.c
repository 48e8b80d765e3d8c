/* SPDX-License-Identifier: ISC */
/* muster key new: a key pair in two files. The secret never leaves them. */
#include <getopt.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>

#include "host/hex.h"
#include "host/keyfile.h"
#include "tool/passphrase.h"
#include "tool/token.h"
#include "tool/verbs.h"

static int make(const char *path, const char *passphrase)
{
    uint8_t key[KEYFILE_KEY_LEN];
    char err[1024], digits[2 * KEYFILE_KEY_LEN + 1];

    if (keyfile_new(path, passphrase, key, err, sizeof err) != 0)
        return cli_error("%s", err);
    printf("public key  %s\n", hex_encode(digits, key, sizeof key));
    printf("secret key  %s (%s; keep it offline, back it up)\n", SAFE(path),
           passphrase != NULL ? "locked" : "not locked");
    printf("to publish  %s.pub\n", SAFE(path));
    printf("\nNext: an operator has its standing issued by an authority (muster standing --signer "
           "%s.pub),\nand signs with: muster sign DIR --key %s -o LIST --first\n",
           SAFE(path), SAFE(path));
    return STATUS_OK;
}

/* The public key goes into a file as well if one is named; the secret nowhere. */
static int make_in_token(const char *uri, const char *passphrase_file, const char *out)
{
    char err[1024], digits[2 * KEYFILE_KEY_LEN + 1];
    uint8_t key[KEYFILE_KEY_LEN];
    struct token *token;

    if (token_new(uri, passphrase_file, &token, key) != 0)
        return STATUS_ERROR;
    token_close(token);
    printf("public key  %s\n", hex_encode(digits, key, sizeof key));
    puts("secret key  in the token, and cannot be read out of it: it has no backup");
    if (out == NULL)
        return STATUS_OK;
    if (keyfile_write_public(out, key, err, sizeof err) != 0)
        return cli_error("%s (the key is in the token: muster key show -o FILE.pub)", err);
    printf("to publish  %s\n", SAFE(out));
    return STATUS_OK;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"passphrase", no_argument, NULL, 'p'},
                                            {"passphrase-file", required_argument, NULL, 'f'},
                                            {"out", required_argument, NULL, 'o'},
                                            {NULL, 0, NULL, 0}};
    char passphrase[KEYFILE_PASSPHRASE_CAP];
    struct passphrase_source from = {NULL};
    const char *out = NULL;
    bool locked = false;
    int option, status;

    while ((option = getopt_long(argc, argv, "o:", options, NULL)) != -1) {
        if (option == '?')
            return cli_usage(&verb_key_new, NULL);
        if (option == 'o') {
            out = optarg;
            continue;
        }
        locked = true;
        if (option == 'f')
            from.file = optarg;
    }
    if (argc - optind != 1)
        return cli_usage(&verb_key_new, "one FILE or pkcs11:URI is needed");
    if (token_is_uri(argv[optind]))
        return make_in_token(argv[optind], from.file, out);
    if (out != NULL)
        return cli_usage(&verb_key_new, "-o is for keys in a token; FILE has its FILE.pub anyway");
    if (!locked)
        return make(argv[optind], NULL);
    if (passphrase_ask_new(&from, argv[optind], passphrase) != 0)
        return cli_error("no passphrase, so no key was made");
    status = make(argv[optind], passphrase);
    sodium_memzero(passphrase, sizeof passphrase);
    return status;
}

const struct verb verb_key_new = {
    "key new", run, "make a key pair: FILE (secret, mode 0600) and FILE.pub, or in a token",
    "FILE|pkcs11:URI [--passphrase] [--passphrase-file FILE] [-o FILE.pub]",
    "  --passphrase            lock the secret; the passphrase is taken from MUSTER_PASSPHRASE or\n"
    "                          asked for on the terminal\n"
    "  --passphrase-file FILE  lock it with the first line of FILE\n"
    "  -o, --out FILE.pub      of a key in a token: write its public key there\n"
    "\n"
    "Neither file may exist. Prints the public key. pkcs11:token=T;object=NAME makes the key in "
    "the\n"
    "token T under a NAME that is new there; its PIN is pin-value or pin-source of the URI, or\n"
    "given as a passphrase is.\n"};
