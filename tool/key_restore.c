/* SPDX-License-Identifier: ISC */
/* muster key restore: a page that was typed or scanned, to a key file. It must not write a key of
 * which anything is in doubt. */
#include <getopt.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/file.h"
#include "host/hex.h"
#include "tool/paper.h"
#include "tool/verbs.h"

static int write_key(const char *out, const struct paper *paper)
{
    char err[1024], hex[2 * KEYFILE_KEY_LEN + 1];
    struct keyfile_content content;
    uint8_t key[KEYFILE_KEY_LEN];
    int status = STATUS_OK;

    if (paper_to_key(paper, &content, key) != 0)
        status = cli_error("the page is whole, but no key that this muster knows; nothing was "
                           "written");
    else if (keyfile_write_content(out, &content, key, err, sizeof err) != 0)
        status = cli_error("%s", err);
    if (status == STATUS_OK) {
        printf("secret key  %s (%s)\n", SAFE(out), content.locked ? "locked" : "not locked");
        printf("public key  %s, in %s.pub; compare it with the page\n",
               hex_encode(hex, key, sizeof key), SAFE(out));
        if (content.locked)
            printf(
                "\nNext: see that its passphrase opens it, and gives this public key: muster key "
                "show %s\n",
                SAFE(out));
    }
    sodium_memzero(&content, sizeof content);
    return status;
}

static int restore(const char *page, const char *out)
{
    struct paper paper;
    uint8_t *text;
    char err[512];
    size_t len;
    int ret = file_read(page, PAPER_TEXT_MAX, &text, &len), status;

    if (ret != 0)
        return cli_error("%s: %s", SAFE(page), strerror(-ret));
    ret = paper_parse((const char *)text, len, &paper, err, sizeof err);
    sodium_memzero(text, len);
    free(text);
    if (ret != 0) {
        (void)cli_error("%s: %s", SAFE(page), err);
        return STATUS_FOUND;
    }
    status = write_key(out, &paper);
    sodium_memzero(&paper, sizeof paper);
    return status;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"out", required_argument, NULL, 'o'},
                                            {NULL, 0, NULL, 0}};
    const char *out = NULL;
    int option;

    while ((option = getopt_long(argc, argv, "o:", options, NULL)) != -1) {
        if (option == '?')
            return cli_usage(&verb_key_restore, NULL);
        out = optarg;
    }
    if (argc - optind != 1 || out == NULL)
        return cli_usage(&verb_key_restore, "a PAGE, or - for standard input, and -o FILE are "
                                            "needed");
    return restore(argv[optind], out);
}

const struct verb verb_key_restore = {
    "key restore", run, "make the key file again from its page", "PAGE|- -o FILE",
    "  -o, --out FILE  the secret key (mode 0600), with FILE.pub; neither may exist\n"
    "\n"
    "PAGE holds the numbered lines of muster key backup as somebody typed them, or what a scanner\n"
    "read from the code; all else in it is passed over. Exit status 1: a line is wrong or "
    "missing;\n"
    "it is named, and nothing was written.\n"};
