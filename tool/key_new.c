/* SPDX-License-Identifier: ISC */
/* muster key new: a key pair in two files. The secret never leaves them. */
#include <getopt.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>

#include "host/hex.h"
#include "host/keyfile.h"
#include "tool/passphrase.h"
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

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"passphrase", no_argument, NULL, 'p'},
                                            {"passphrase-file", required_argument, NULL, 'f'},
                                            {NULL, 0, NULL, 0}};
    char passphrase[KEYFILE_PASSPHRASE_CAP];
    struct passphrase_source from = {NULL};
    bool locked = false;
    int option, status;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == '?')
            return cli_usage(&verb_key_new, NULL);
        locked = true;
        if (option == 'f')
            from.file = optarg;
    }
    if (argc - optind != 1)
        return cli_usage(&verb_key_new, "one FILE is needed");
    if (!locked)
        return make(argv[optind], NULL);
    if (passphrase_ask_new(&from, argv[optind], passphrase) != 0)
        return cli_error("no passphrase, so no key was made");
    status = make(argv[optind], passphrase);
    sodium_memzero(passphrase, sizeof passphrase);
    return status;
}

const struct verb verb_key_new = {
    "key new", run, "make a key pair: FILE (secret, mode 0600) and FILE.pub",
    "FILE [--passphrase] [--passphrase-file FILE]",
    "  --passphrase            lock the secret; the passphrase is taken from MUSTER_PASSPHRASE or\n"
    "                          asked for on the terminal\n"
    "  --passphrase-file FILE  lock it with the first line of FILE\n"
    "\n"
    "Neither file may exist. Prints the public key.\n"};
