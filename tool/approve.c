/* SPDX-License-Identifier: ISC */
/* muster approve: a second person's signature on a list that is signed already. It must not change
 * anything else in the list, nor approve what does not verify. */
#include <getopt.h>
#include <stdio.h>

#include "host/clock.h"
#include "host/file.h"
#include "host/hex.h"
#include "tool/list_file.h"
#include "tool/replace.h"
#include "tool/signing.h"
#include "tool/verbs.h"

enum approve {
    APPROVE_DONE = 0,
    APPROVE_THERE = 1,   /* this key has approved the list before; nothing is changed */
    APPROVE_OWN = -1,    /* the list's own signer may not */
    APPROVE_FULL = -2,   /* eight others have */
    APPROVE_FAILED = -3, /* not a list, or the key did not sign */
};

struct approve_options {
    const char *list, *key, *passphrase_file, *out;
};

static uint8_t *room_at(uint8_t *image, uint32_t i)
{
    return image + MUSTER_LIST_APPROVALS_AT + (size_t)i * MUSTER_LIST_APPROVAL_LEN;
}

/* Where this key's approval belongs: where the key stands already, else in an unused place, else
 * over one that does not verify and so counts for nothing; MUSTER_LIST_APPROVALS_MAX if all are
 * taken. */
static uint32_t find_room(const struct muster_list *list, const uint8_t *key)
{
    uint32_t i, room = MUSTER_LIST_APPROVALS_MAX;

    for (i = 0; i < MUSTER_LIST_APPROVALS_MAX; i++) {
        const uint8_t *approver = muster_list_approval(list, i);

        if (approver != NULL && memcmp(approver, key, MUSTER_KEY_LEN) == 0)
            return i;
        if (approver == NULL && room == MUSTER_LIST_APPROVALS_MAX)
            room = i;
    }
    for (i = 0; i < MUSTER_LIST_APPROVALS_MAX && room == MUSTER_LIST_APPROVALS_MAX; i++)
        if (!muster_list_approval_verifies(list, i))
            room = i;
    return room;
}

/* Approves a list that was verified. An enum approve; the image is untouched unless APPROVE_DONE. */
static int approve_image(const struct muster_signing *signing, uint8_t *io_image, size_t len)
{
    uint8_t message[MUSTER_APPROVAL_SIGNED_LEN], signature[MUSTER_SIGNATURE_LEN];
    struct muster_list list;
    uint32_t room;

    if (muster_list_open((struct muster_slice){io_image, len}, &list) != MUSTER_OK)
        return APPROVE_FAILED;
    if (memcmp(list.key, signing->key, MUSTER_KEY_LEN) == 0)
        return APPROVE_OWN;
    if (muster_list_approvals_n(&list, signing->key, 1) == 1)
        return APPROVE_THERE;
    room = find_room(&list, signing->key);
    if (room == MUSTER_LIST_APPROVALS_MAX)
        return APPROVE_FULL;
    muster_list_approval_message(&list, message);
    if (signing->sign(signing->secret, signature, message, sizeof message) != 0 ||
        muster_crypto_verify(signature, message, sizeof message, signing->key) != 0)
        return APPROVE_FAILED;
    memcpy(room_at(io_image, room), signing->key, MUSTER_KEY_LEN);
    memcpy(room_at(io_image, room) + MUSTER_KEY_LEN, signature, sizeof signature);
    return APPROVE_DONE;
}

static void print_list(const char *path, const struct muster_list *list)
{
    char text[CLOCK_TEXT_CAP], hex[2 * MUSTER_KEY_LEN + 1];

    printf("%-9s  %s: %u models, %zu bytes\n", "list", SAFE(path), list->models_n, list->image.len);
    printf("%-9s  %s\n", "digest", hex_encode(hex, list->digest, MUSTER_HASH_LEN));
    printf("%-9s  %s\n", "signer", hex_encode(hex, list->key, MUSTER_KEY_LEN));
    printf("%-9s  %s\n", "issued", clock_format(text, list->issued));
    printf("%-9s  %s\n", "expires", clock_format(text, list->expires));
}

static void print_approvals(const struct muster_list *list)
{
    char hex[2 * MUSTER_KEY_LEN + 1];
    uint32_t i;

    for (i = 0; i < MUSTER_LIST_APPROVALS_MAX; i++) {
        const uint8_t *key = muster_list_approval(list, i);

        if (key != NULL)
            printf("%-9s  %s%s\n", "approval", hex_encode(hex, key, MUSTER_KEY_LEN),
                   muster_list_approval_verifies(list, i) ? "" : " DOES NOT VERIFY");
    }
}

static int refuse(const char *path, int why)
{
    if (why == APPROVE_OWN)
        return cli_error("%s: this key signed the list; an approval is another person's, with "
                         "another key",
                         SAFE(path));
    if (why == APPROVE_FULL)
        return cli_error("%s: has %d approvals already and room for no more; take the list as it "
                         "was signed and approve that",
                         SAFE(path), MUSTER_LIST_APPROVALS_MAX);
    return cli_error("%s: the approval could not be signed; nothing was written", SAFE(path));
}

static int approve_with(const struct approve_options *o, const struct signing *signing,
                        uint8_t *image, const struct muster_list *list)
{
    int ret = approve_image(&signing->seam, image, list->image.len), written = 0;

    print_list(o->list, list);
    if (ret != APPROVE_DONE && ret != APPROVE_THERE)
        return refuse(o->list, ret);
    if (ret == APPROVE_DONE || strcmp(o->out, o->list) != 0)
        written = file_write_atomic(o->out, image, list->image.len, 0644);
    if (written != 0)
        return cli_error("%s: %s; nothing was changed there", SAFE(o->out), strerror(-written));
    print_approvals(list);
    puts(ret == APPROVE_THERE ? "This key had approved it already."
                              : "Approved. Whoever approves next should see this same digest.");
    return STATUS_OK;
}

static int approve(const struct approve_options *o, const struct signing *signing)
{
    struct list_file file;
    int status;

    if (list_file_read(o->list, &file) != 0)
        return STATUS_ERROR;
    if (file.list.expires <= clock_wall_s())
        log_warn("%s has expired; no head-end will use it", SAFE(o->list));
    status = approve_with(o, signing, file.copy, &file.list);
    list_file_close(&file);
    return status;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"key", required_argument, NULL, 'k'},
                                            {"passphrase-file", required_argument, NULL, 'p'},
                                            {"out", required_argument, NULL, 'o'},
                                            {NULL, 0, NULL, 0}};
    struct approve_options o = {.key = NULL};
    struct signing signing;
    int option, status;

    while ((option = getopt_long(argc, argv, "o:", options, NULL)) != -1) {
        if (option == '?')
            return cli_usage(&verb_approve, NULL);
        *(option == 'k' ? &o.key : option == 'p' ? &o.passphrase_file : &o.out) = optarg;
    }
    if (argc - optind != 1 || o.key == NULL)
        return cli_usage(&verb_approve, "one LIST and --key KEY are needed");
    o.list = argv[optind];
    if (o.out == NULL)
        o.out = o.list;
    else if (replace_check(o.out, REPLACE_LIST) != 0)
        return STATUS_ERROR;
    if (signing_load(o.key, o.passphrase_file, &signing) != 0)
        return STATUS_ERROR;
    status = approve(&o, &signing);
    signing_end(&signing);
    return status;
}

const struct verb verb_approve = {
    "approve", run, "add your approval to a list that somebody else signed",
    "LIST --key KEY [--passphrase-file FILE] [-o OUT]",
    "  --key KEY               the approver's secret key: a file, or pkcs11:URI in a token\n"
    "  --passphrase-file FILE  its passphrase (else MUSTER_PASSPHRASE, else the terminal)\n"
    "  -o, --out OUT           where the approved list goes (default: over LIST)\n"
    "\n"
    "Verifies the list whole and prints its digest, which all approvers should compare. Once\n"
    "approved, approving again with the same key changes nothing. A list's signer cannot approve\n"
    "it, and there is room for 8 approvals. A head-end can ask for them: approver and approvals\n"
    "in musterd.ini(5).\n"};
