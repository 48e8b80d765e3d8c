/* SPDX-License-Identifier: ISC */
/* The end of every verb that issues a list. It must not choose what is listed, and must write
 * nothing unless all of it is right. */
#include "tool/issue.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/clock.h"
#include "host/file.h"
#include "host/listcheck.h"
#include "host/parallel.h"
#include "tool/cli.h"
#include "tool/diff.h"
#include "tool/replace.h"
#include "tool/succeed.h"

void issue_options(const struct option *own, struct option ret_all[ISSUE_OPTIONS_MAX])
{
    static const struct option shared[] = {{"key", required_argument, NULL, 'k'},
                                           {"passphrase-file", required_argument, NULL, 'p'},
                                           {"out", required_argument, NULL, 'o'},
                                           {"days", required_argument, NULL, 'd'},
                                           {"now", required_argument, NULL, 'n'},
                                           {"resign-all", no_argument, NULL, 'R'},
                                           {"dry-run", no_argument, NULL, 'r'},
                                           {"tally", required_argument, NULL, 'T'},
                                           {"blast-limit", required_argument, NULL, 'b'},
                                           {"accept-blast", required_argument, NULL, 'a'}};
    size_t shared_n = sizeof shared / sizeof *shared;

    memcpy(ret_all, shared, sizeof shared);
    do {
        assert(shared_n < ISSUE_OPTIONS_MAX);
        ret_all[shared_n++] = *own;
    } while (own++->name != NULL);
}

int issue_option(int option, struct issue *i)
{
    switch (option) {
    case 'k':
        i->key = optarg;
        return 0;
    case 'p':
        i->passphrase_file = optarg;
        return 0;
    case 'o':
        i->out = optarg;
        return 0;
    case 'n':
        i->now = optarg;
        return 0;
    case 'R':
        i->resign_all = true;
        return 0;
    case 'r':
        i->dry_run = true;
        return 0;
    case 'T':
        i->blast.tally.path = optarg;
        return 0;
    case 'b':
        return cli_u64("--blast-limit", optarg, 0, 100, &i->blast.percent);
    case 'a':
        i->blast.accepts = true;
        return cli_u64("--accept-blast", optarg, 0, TALLY_COUNT_MAX, &i->blast.accept_n);
    case 'd':
        return cli_u64("--days", optarg, 1, ISSUE_DAYS_MAX, &i->days);
    default:
        return 1;
    }
}

const char *issue_lacking(const struct issue *i)
{
    if (!i->dry_run && (i->key == NULL || i->out == NULL))
        return "--key KEY and -o LIST are needed";
    if (i->blast.accepts && i->blast.tally.path == NULL)
        return "--accept-blast N says how many devices of --tally FILE may newly fail; give both";
    return NULL;
}

int issue_begin(struct issue *i)
{
    list_build_init(&i->build);
    memset(i->changes, 0, sizeof i->changes);
    i->draft.key = i->signer;
    i->old = NULL;
    if (!i->dry_run && replace_check(i->out, REPLACE_LIST) != 0)
        return STATUS_ERROR;
    if (i->key == NULL)
        return 0;
    if (signing_load(i->key, i->passphrase_file, &i->signing) != 0)
        return STATUS_ERROR;
    memcpy(i->signer, i->signing.seam.key, sizeof i->signer);
    return 0;
}

void issue_end(struct issue *i)
{
    list_build_free(&i->build);
    signing_end(&i->signing);
}

static bool is_own(const struct issue *i, const struct muster_list *list)
{
    return memcmp(list->key, i->signer, MUSTER_KEY_LEN) == 0;
}

int issue_open_old(struct issue *i, const char *path, struct list_file *ret_file)
{
    return list_file_read(path, ret_file) == 0 ? issue_take_old(i, path, ret_file) : STATUS_ERROR;
}

int issue_take_old(struct issue *i, const char *path, struct list_file *io_file)
{
    if (i->key == NULL)
        memcpy(i->signer, io_file->list.key, sizeof i->signer);
    if (is_own(i, &io_file->list)) {
        i->old = &io_file->list;
        return 0;
    }
    list_file_close(io_file);
    return cli_error("%s: signed by another key; devices compare issue times per signer: sign "
                     "with the key of this list, or start a new signer's lists with sign --rotate",
                     SAFE(path));
}

/* When this signer's list at `out` was issued; 0 if none is there. Another signer's is kept: it may
 * be what devices believe, and the only copy, as the old key's last list is after --rotate. */
static int look_there(const struct issue *i, uint64_t *ret_issued)
{
    struct list_file there;
    bool own = true;

    *ret_issued = 0;
    if (i->out == NULL || list_file_peek(i->out, &there) != 0)
        return 0;
    if (muster_list_verify_header(&there.list) == MUSTER_OK) {
        own = is_own(i, &there.list);
        *ret_issued = there.list.issued;
    }
    list_file_close(&there);
    return own ? 0
               : cli_error("%s: is another signer's list; choose another name, or remove it if no "
                           "device believes it any more",
                           SAFE(i->out));
}

int issue_set_times(struct issue *i, uint64_t newest)
{
    uint64_t now_s, there;

    if (cli_now(i->now, &now_s) != 0 || look_there(i, &there) != 0)
        return STATUS_ERROR;
    if (there > newest)
        newest = there;
    i->draft.issued = now_s > newest ? now_s : newest + 1;
    if (newest > now_s + MUSTER_DAY_S)
        log_warn("the list before was issued more than a day ahead of now, and this one is issued "
                 "later still; devices refuse both: check the clock, or, if it was wrong then, go "
                 "on from the last list that was right");
    i->draft.expires = i->draft.issued + i->days * MUSTER_DAY_S;
    i->draft.keep_until =
        i->resign_all ? DRAFT_RESIGN_ALL : i->draft.issued + i->days * MUSTER_DAY_S / 2;
    if (i->draft.expires > MUSTER_TIME_MAX)
        return cli_error("the list would end after 2^53 s; check the clock and --now");
    return 0;
}

static void print_changes(const struct changes changes[CHANGES_N])
{
    static const char *const words[CHANGES_N] = {"new",       "changed",   "renewed", "kept",
                                                 "withdrawn", "as before", "left out"};
    size_t i, k;

    for (i = 0; i < CHANGES_N; i++) {
        size_t shown = changes[i].n < COMPILE_NAMES_MAX ? changes[i].n : COMPILE_NAMES_MAX;

        if (changes[i].n == 0 && (i == CHANGE_AS_BEFORE || i == CHANGE_LEFT_OUT))
            continue;
        printf("%-9s  %zu\n", words[i], changes[i].n);
        if (i == CHANGE_KEPT)
            continue;
        for (k = 0; k < shown; k++)
            printf("           %s\n", changes[i].names[k]);
        if (changes[i].n > shown)
            printf("           ... and %zu more\n", changes[i].n - shown);
    }
}

static void print_result(const struct issue *i, size_t signed_n, size_t len)
{
    uint64_t expires = i->build.expires, issued = i->draft.issued;
    char text[CLOCK_TEXT_CAP];

    print_changes(i->changes);
    printf("%-9s  kept %zu, signed %zu\n", "records", i->build.models_n - signed_n, signed_n);
    printf("%-9s  %s: %zu models with muster.test/always-fail, %zu bytes\n", "list", SAFE(i->out),
           i->build.models_n, len);
    printf("%-9s  %s\n", "issued", clock_format(text, issued));
    printf("%-9s  %s\n", "expires", clock_format(text, expires));
    printf("%-9s  %s at the latest: muster sign --renew %s\n", "renew",
           clock_format(text, issued + (expires - issued) / 2), SAFE(i->out));
}

/* This signer's list at `out`, if it is another than the one before: devices may have it. */
static bool open_there(const struct issue *i, unsigned threads, struct list_file *ret)
{
    struct list_file there;

    if (i->old == NULL || i->out == NULL || list_file_peek(i->out, &there) != 0)
        return false;
    if (is_own(i, &there.list) &&
        memcmp(there.bytes, i->old->image.bytes, MUSTER_LIST_SIGNED_LEN) != 0 &&
        listcheck_verify(&there.list, threads) == MUSTER_OK) {
        *ret = there;
        return true;
    }
    list_file_close(&there);
    return false;
}

static int check_there(const struct issue *i, const struct list_file *there,
                       const struct muster_list *next)
{
    char name[NAMES_TEXT_CAP];
    const char *why = succeed_refuses(next, &there->list, name);

    if (why == NULL)
        return STATUS_OK;
    return cli_error("%s: holds another list of this signer, and the new one %s %s; give it as "
                     "the list before, or remove it if no device has ever seen it",
                     SAFE(i->out), why, name);
}

/* What the list would do, asked before the key is used. STATUS_OK: go on. */
static int review_next(const struct issue *i, const struct list_file *there,
                       const struct muster_list *next)
{
    struct diff_counts counts;
    int status = there != NULL ? check_there(i, there, next) : STATUS_OK;

    if (status != STATUS_OK)
        return status;
    if (i->dry_run) {
        diff_lists(i->old, next, NULL, &counts);
        diff_print_counts(&counts);
    }
    if (i->tell != NULL)
        status = i->tell(i->tell_ctx, i->old, next);
    return status == STATUS_OK ? blast_guard(&i->blast, i->old, next, i->draft.issued) : status;
}

/* The same of the list as it would be; without anybody to look at it, it is not made. */
static int review(const struct issue *i, unsigned threads)
{
    struct list_file there;
    bool is_there = open_there(i, threads, &there);
    struct muster_list next;
    uint8_t *image = NULL;
    size_t len;
    int status;

    if (!i->dry_run && i->blast.tally.path == NULL && i->tell == NULL && !is_there)
        return blast_guard(&i->blast, i->old, NULL, i->draft.issued); /* says that it is unknown */
    if (list_build_preview(&i->build, i->draft.issued, i->signer, threads, &image, &len) != 0)
        status = cli_error("the list could not be built; nothing was written");
    else if (muster_list_open((struct muster_slice){image, len}, &next) != MUSTER_OK)
        status = cli_error("the list that was built does not open; nothing was written");
    else
        status = review_next(i, is_there ? &there : NULL, &next);
    free(image);
    if (is_there)
        list_file_close(&there);
    return status;
}

static int sign_and_write(struct issue *i, unsigned threads)
{
    size_t signed_n = i->build.unsigned_n, len;
    struct progress progress;
    uint8_t *image;
    int ret;

    progress_begin(&progress, "signed", signed_n);
    if (list_build_sign(&i->build, &i->signing.seam, i->signing.one_at_a_time ? 1 : threads,
                        &progress) != 0)
        return cli_error("an advisory could not be signed; nothing was written");
    if (list_build_finish(&i->build, i->draft.issued, &i->signing.seam, threads, &image, &len) != 0)
        return cli_error("the list could not be built and verified; nothing was written");
    ret = file_write_atomic(i->out, image, len, 0644);
    free(image);
    if (ret != 0)
        return cli_error("%s: %s; nothing was changed there", SAFE(i->out), strerror(-ret));
    print_result(i, signed_n, len);
    return STATUS_OK;
}

int issue_write(struct issue *i)
{
    unsigned threads = parallel_processors();
    int status = review(i, threads);

    return status != STATUS_OK || i->dry_run ? status : sign_and_write(i, threads);
}
