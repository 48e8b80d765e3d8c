/* SPDX-License-Identifier: ISC */
/* muster install: on the head-end, a list that was carried in takes the place of the one in use. It
 * must not put anything there that musterd would have to refuse. */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "host/clock.h"
#include "host/control.h"
#include "host/file.h"
#include "host/hex.h"
#include "host/keyfile.h"
#include "host/listcheck.h"
#include "host/parallel.h"
#include "tool/list_file.h"
#include "tool/replace.h"
#include "tool/succeed.h"
#include "tool/verbs.h"

#define KEYS_MAX        16
#define CONTROL_DEFAULT "/run/muster/musterd.sock"

struct keys {
    size_t n;
    uint8_t bytes[KEYS_MAX * MUSTER_KEY_LEN];
};

struct install_options {
    const char *list, *to, *control;
    struct keys signers, approvers;
    uint64_t approvals;
    bool new_signer;
};

static int add_key(const char *option, struct keys *keys)
{
    char err[1024];

    if (keys->n == KEYS_MAX)
        return cli_error("more than %d times %s; leave some out", KEYS_MAX, option);
    if (keyfile_load_public(optarg, keys->bytes + keys->n * MUSTER_KEY_LEN, err, sizeof err) != 0)
        return cli_error("%s", err);
    keys->n++;
    return 0;
}

static int parse_option(int option, struct install_options *o)
{
    switch (option) {
    case 't':
        o->to = optarg;
        return 0;
    case 'c':
        o->control = optarg;
        return 0;
    case 's':
        return add_key("--signer", &o->signers);
    case 'a':
        return add_key("--approver", &o->approvers);
    case 'k':
        return cli_u64("--approvals", optarg, 0, MUSTER_LIST_APPROVALS_MAX, &o->approvals);
    case 'n':
        o->new_signer = true;
        return 0;
    default:
        return cli_usage(&verb_install, NULL);
    }
}

/* What the command line lacks, or NULL. */
static const char *lacking(int lists_n, const struct install_options *o)
{
    if (lists_n != 1 || o->to == NULL)
        return "one LIST and --to FILE are needed";
    if (o->approvers.n > 0 && o->approvals == 0)
        return "--approver without --approvals K: say how many must have approved";
    if (o->approvals > o->approvers.n)
        return "more --approvals than --approver: name more of them";
    return NULL;
}

static int parse(int argc, char **argv, struct install_options *o)
{
    static const struct option options[] = {{"to", required_argument, NULL, 't'},
                                            {"control", required_argument, NULL, 'c'},
                                            {"signer", required_argument, NULL, 's'},
                                            {"approver", required_argument, NULL, 'a'},
                                            {"approvals", required_argument, NULL, 'k'},
                                            {"new-signer", no_argument, NULL, 'n'},
                                            {NULL, 0, NULL, 0}};
    const char *lack;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
        if (parse_option(option, o) != 0)
            return STATUS_ERROR;
    lack = lacking(argc - optind, o);
    if (lack == NULL) {
        o->list = argv[optind];
        return 0;
    }
    (void)cli_usage(&verb_install, "%s", lack);
    return STATUS_ERROR;
}

static int refuse(const char *path, const char *why)
{
    (void)cli_error("%s: %s; nothing was changed", SAFE(path), why);
    return STATUS_FOUND;
}

static bool has_key(const struct keys *keys, const uint8_t *key)
{
    size_t i;

    for (i = 0; i < keys->n; i++)
        if (memcmp(keys->bytes + i * MUSTER_KEY_LEN, key, MUSTER_KEY_LEN) == 0)
            return true;
    return false;
}

/* What musterd would find by itself, and what it cannot know. */
static int check(const struct install_options *o, const struct muster_list *list)
{
    uint32_t approvals = muster_list_approvals_n(list, o->approvers.bytes, o->approvers.n);

    if (o->signers.n > 0 && !has_key(&o->signers, list->key))
        return refuse(o->list, "is signed by none of --signer; ask where it comes from");
    if (list->expires <= clock_wall_s())
        return refuse(o->list, "has expired; sign it anew with muster sign --old");
    if (list->issued > clock_wall_s() + MUSTER_DAY_S)
        return refuse(o->list, "is issued more than a day ahead of this clock, and devices refuse "
                               "that; see which clock is wrong, this one or the signer's");
    if (listcheck_has_never_fail(list))
        return refuse(o->list,
                      "lists muster.test/never-fail, which must never be listed; its source "
                      "calls everything defective: check that");
    if (approvals < o->approvals) {
        (void)cli_error("%s: approved by %u of the named approvers, and %llu must have; have it "
                        "approved with muster approve; nothing was changed",
                        SAFE(o->list), approvals, (unsigned long long)o->approvals);
        return STATUS_FOUND;
    }
    return STATUS_OK;
}

/* Against the list in place. */
static int compare(const struct install_options *o, const struct muster_list *list,
                   const struct muster_list *there)
{
    char name[NAMES_TEXT_CAP];
    const char *why;

    if (memcmp(list->key, there->key, MUSTER_KEY_LEN) != 0)
        return o->new_signer
                   ? STATUS_OK
                   : refuse(o->list, "is by another signer than the list in place; if that "
                                     "is meant, add --new-signer");
    if (list->issued < there->issued)
        return refuse(o->list,
                      "is older than the list in place; sign it anew with muster sign --old");
    if (list->issued == there->issued &&
        memcmp(list->image.bytes, there->image.bytes, MUSTER_LIST_SIGNED_LEN) != 0)
        return refuse(o->list,
                      "was issued in the same second as the list in place, but is another; "
                      "devices keep what they have: sign it anew with muster sign --old");
    why = succeed_refuses(list, there, name);
    if (why == NULL)
        return STATUS_OK;
    (void)cli_error(
        "%s: was not made out of the list in place, and %s %s; sign it anew with muster "
        "sign --old and that list; nothing was changed",
        SAFE(o->list), why, name);
    return STATUS_FOUND;
}

/* A file that is no list, or a damaged one, protects nothing and may go. */
static int compare_with_place(const struct install_options *o, const struct muster_list *list)
{
    struct list_file there;
    int status;

    if (list_file_peek(o->to, &there) != 0)
        return STATUS_OK;
    status = listcheck_verify(&there.list, parallel_processors()) == MUSTER_OK
                 ? compare(o, list, &there.list)
                 : STATUS_OK;
    list_file_close(&there);
    return status;
}

/* The list in place stays beside the new one, for the case that musterd knows better. */
static int keep_before(const struct install_options *o)
{
    char before[PATH_MAX];
    int len = snprintf(before, sizeof before, "%s.before", o->to);

    if (len < 0 || (size_t)len >= sizeof before)
        return cli_error("%s: the name is too long", SAFE(o->to));
    if (access(o->to, F_OK) != 0)
        return STATUS_OK;
    if (unlink(before) != 0 && errno != ENOENT)
        return cli_error("%s: %s; nothing was changed", SAFE(before), strerror(errno));
    if (link(o->to, before) != 0)
        return cli_error("%s: %s; nothing was changed", SAFE(before), strerror(errno));
    printf("%-9s  %s\n", "before", SAFE(before));
    return STATUS_OK;
}

/* Whoever cannot be told now looks at the file by himself. */
static int tell_musterd(const struct install_options *o)
{
    int ret = control_ask(o->control, "reload", stdout);

    if (ret == 0)
        return STATUS_OK;
    if (ret > 0) {
        (void)cli_error("musterd does not use all of its lists, see above; if it refuses this one, "
                        "put the one before back: mv %s.before %s",
                        SAFE(o->to), SAFE(o->to));
        return STATUS_FOUND;
    }
    if (ret == -ENOENT || ret == -ECONNREFUSED)
        printf("%-9s  no musterd answers at %s; it takes the list when it starts: systemctl start "
               "musterd\n",
               "musterd", SAFE(o->control));
    else
        printf("%-9s  %s: %s; it takes the list within 10 s, or at once with: systemctl reload "
               "musterd\n",
               "musterd", SAFE(o->control), strerror(-ret));
    return STATUS_OK;
}

static int install(const struct install_options *o, const struct list_file *file)
{
    char text[CLOCK_TEXT_CAP], hex[2 * MUSTER_KEY_LEN + 1];
    int status = check(o, &file->list), ret;

    if (status == STATUS_OK)
        status = compare_with_place(o, &file->list);
    if (status != STATUS_OK)
        return status;
    if (replace_check(o->to, REPLACE_LIST) != 0 || keep_before(o) != 0)
        return STATUS_ERROR;
    ret = file_write_atomic(o->to, file->copy, file->len, 0644);
    if (ret != 0)
        return cli_error("%s: %s; nothing was changed there", SAFE(o->to), strerror(-ret));
    printf("%-9s  %s: %u models, %zu bytes\n", "installed", SAFE(o->to), file->list.models_n,
           file->len);
    printf("%-9s  %s\n", "digest", hex_encode(hex, file->list.digest, MUSTER_HASH_LEN));
    printf("%-9s  %s\n", "signer", hex_encode(hex, file->list.key, MUSTER_KEY_LEN));
    printf("%-9s  %s\n", "expires", clock_format(text, file->list.expires));
    return tell_musterd(o);
}

static int run(int argc, char **argv)
{
    struct install_options o = {.control = CONTROL_DEFAULT};
    struct list_file file;
    int status;

    if (parse(argc, argv, &o) != 0 || list_file_read(o.list, &file) != 0)
        return STATUS_ERROR;
    status = install(&o, &file);
    list_file_close(&file);
    return status;
}

const struct verb verb_install = {
    "install", run, "put a list in the place of the one that musterd uses",
    "LIST --to FILE [--signer PUB]... [--approver PUB... --approvals K] [OPTION...]",
    "  --to FILE       the list that musterd.ini(5) names; swapped whole, mode 0644; the one "
    "before\n"
    "                  stays as FILE.before\n"
    "  --signer PUB    refuse another signer's list (up to 16 times)\n"
    "  --approver PUB, --approvals K\n"
    "                  refuse a list that fewer than K of these have approved\n"
    "  --new-signer    the list in place may be another signer's\n"
    "  --control PATH  musterd's control socket (default " CONTROL_DEFAULT ")\n"
    "\n"
    "Verifies LIST whole. Refused: an expired one, one from the future, one older than the list "
    "in\n"
    "place or not made out of it, and one by another signer than that. Then musterd, if it runs,\n"
    "is told to reload and says what it uses.\n"
    "Exit status: 0 done, 1 refused by this or by musterd, 2 it could not be done.\n"};
