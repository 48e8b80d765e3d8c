/* SPDX-License-Identifier: ISC */
/* muster sign: folders of advisories to a signed list. It must not write anything unless all of it
 * is right. */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "host/clock.h"
#include "host/file.h"
#include "host/parallel.h"
#include "tool/blast.h"
#include "tool/compile.h"
#include "tool/diff.h"
#include "tool/list_file.h"
#include "tool/verbs.h"

#define DAYS_DEFAULT 30
#define DAYS_MAX     (MUSTER_ADVISORY_LIFE_S / MUSTER_DAY_S)

struct sign_options {
    char *const *dirs;
    size_t dirs_n;
    const char *key, *passphrase_file, *out, *old, *now;
    bool first, dry_run;
    uint64_t days;
    enum enforce enforce;
    uint64_t enforce_days;
    struct blast_limit blast;
    struct folder_publishers publishers;
};

static int parse_enforce(const char *text, struct sign_options *o)
{
    if (strcmp(text, "never") == 0) {
        o->enforce = ENFORCE_NEVER;
        return 0;
    }
    o->enforce = ENFORCE_AFTER;
    return cli_u64("--enforce-after (or 'never')", text, 0, SOURCE_ENFORCE_DAYS_MAX,
                   &o->enforce_days);
}

static int parse_option(int option, struct sign_options *o)
{
    switch (option) {
    case 'k':
        o->key = optarg;
        return 0;
    case 'p':
        o->passphrase_file = optarg;
        return 0;
    case 'o':
        o->out = optarg;
        return 0;
    case 'l':
        o->old = optarg;
        return 0;
    case 'f':
        o->first = true;
        return 0;
    case 'n':
        o->now = optarg;
        return 0;
    case 'd':
        return cli_u64("--days", optarg, 1, DAYS_MAX, &o->days);
    case 'e':
        return parse_enforce(optarg, o);
    case 'u':
        return folder_publisher_add(&o->publishers, optarg);
    case 'r':
        o->dry_run = true;
        return 0;
    case 't':
        o->blast.tally.path = optarg;
        return 0;
    case 'b':
        return cli_u64("--blast-limit", optarg, 0, 100, &o->blast.percent);
    case 'a':
        o->blast.accepts = true;
        return cli_u64("--accept-blast", optarg, 0, TALLY_COUNT_MAX, &o->blast.accept_n);
    default:
        return cli_usage(&verb_sign, NULL);
    }
}

/* What the command line lacks, or NULL. */
static const char *lacking(const struct sign_options *o)
{
    if (o->dirs_n == 0)
        return "a DIR with *.json files is needed";
    if (!o->dry_run && (o->key == NULL || o->out == NULL))
        return "--key FILE and -o LIST are needed";
    if (o->blast.accepts && o->blast.tally.path == NULL)
        return "--accept-blast N says how many devices of --tally FILE may newly fail; give both";
    if (o->first == (o->old != NULL))
        return "say either --old LIST, so that issue times rise and models that left are "
               "withdrawn, or --first for a signer's first list";
    return NULL;
}

static int parse(int argc, char **argv, struct sign_options *o)
{
    static const struct option options[] = {{"key", required_argument, NULL, 'k'},
                                            {"passphrase-file", required_argument, NULL, 'p'},
                                            {"out", required_argument, NULL, 'o'},
                                            {"old", required_argument, NULL, 'l'},
                                            {"first", no_argument, NULL, 'f'},
                                            {"days", required_argument, NULL, 'd'},
                                            {"now", required_argument, NULL, 'n'},
                                            {"enforce-after", required_argument, NULL, 'e'},
                                            {"publisher", required_argument, NULL, 'u'},
                                            {"dry-run", no_argument, NULL, 'r'},
                                            {"tally", required_argument, NULL, 't'},
                                            {"blast-limit", required_argument, NULL, 'b'},
                                            {"accept-blast", required_argument, NULL, 'a'},
                                            {NULL, 0, NULL, 0}};
    const char *lack;
    int option;

    while ((option = getopt_long(argc, argv, "o:", options, NULL)) != -1)
        if (parse_option(option, o) != 0)
            return STATUS_ERROR;
    o->dirs = argv + optind;
    o->dirs_n = (size_t)(argc - optind);
    lack = lacking(o);
    if (lack == NULL)
        return 0;
    (void)cli_usage(&verb_sign, "%s", lack);
    return STATUS_ERROR;
}

/* The list before, of the same signer. Its file stays mapped until list_file_close. */
static int open_old(const struct sign_options *o, const struct signing *signing,
                    struct list_file *ret_old)
{
    if (list_file_open(o->old, ret_old) != 0)
        return STATUS_ERROR;
    if (o->key == NULL || memcmp(ret_old->list.key, signing->seam.key, MUSTER_KEY_LEN) == 0)
        return 0;
    list_file_close(ret_old);
    return cli_error("%s: signed by another key; devices compare issue times per signer, so start "
                     "this signer's lists with --first",
                     SAFE(o->old));
}

/* A signer's second "first" list would forget when defects were first told, and withdraw nothing.
 */
static int check_first(const struct sign_options *o, const struct signing *signing)
{
    struct list_file there;
    bool same_signer;

    if (o->out == NULL || access(o->out, F_OK) != 0 || list_file_peek(o->out, &there) != 0)
        return 0;
    same_signer = memcmp(there.list.key, signing->seam.key, MUSTER_KEY_LEN) == 0;
    list_file_close(&there);
    if (!same_signer)
        return 0;
    return cli_error(
        "%s: this signer's list is there already; renew it with --old %s, or remove it "
        "if no device has ever seen it",
        SAFE(o->out), SAFE(o->out));
}

static int set_times(const struct sign_options *o, const struct list_file *old,
                     struct compile_order *order)
{
    uint64_t now_s;

    if (cli_now(o->now, &now_s) != 0)
        return STATUS_ERROR;
    order->issued = now_s;
    if (old != NULL && old->list.issued >= now_s) {
        order->issued = old->list.issued + 1;
        if (old->list.issued > now_s + MUSTER_DAY_S)
            log_warn("%s was issued more than a day ahead of now; devices refuse that: check the "
                     "clock",
                     SAFE(o->old));
    }
    order->expires = order->issued + o->days * MUSTER_DAY_S;
    if (order->expires > MUSTER_TIME_MAX)
        return cli_error("the list would end after 2^53 s; check the clock and --now");
    return 0;
}

static void print_changes(const struct changes changes[CHANGES_N])
{
    static const char *const words[CHANGES_N] = {"new", "changed", "renewed", "withdrawn"};
    size_t i, k;

    for (i = 0; i < CHANGES_N; i++) {
        size_t shown = changes[i].n < COMPILE_NAMES_MAX ? changes[i].n : COMPILE_NAMES_MAX;

        printf("%-9s  %zu\n", words[i], changes[i].n);
        for (k = 0; k < shown; k++)
            printf("           %s\n", changes[i].names[k]);
        if (changes[i].n > shown)
            printf("           ... and %zu more\n", changes[i].n - shown);
    }
}

static void print_result(const struct sign_options *o, const struct compile_order *order,
                         const struct list_build *build, size_t len)
{
    char text[CLOCK_TEXT_CAP];

    printf("%-9s  %s: %zu models with muster.test/always-fail, %zu bytes\n", "list", SAFE(o->out),
           build->models_n, len);
    printf("%-9s  %s\n", "issued", clock_format(text, order->issued));
    printf("%-9s  %s\n", "expires", clock_format(text, build->expires));
    printf("%-9s  %s at the latest: muster sign ... --old %s\n", "renew",
           clock_format(text, order->issued + o->days * MUSTER_DAY_S / 2), SAFE(o->out));
}

/* What the finished list would do, before it is written. STATUS_OK: write it. */
static int review(const struct sign_options *o, const struct compile_order *order,
                  const uint8_t *image, size_t len)
{
    struct diff_counts counts;
    struct muster_list next;

    if (muster_list_open((struct muster_slice){image, len}, &next) != MUSTER_OK)
        return cli_error("the list that was built does not open; nothing was written");
    if (o->dry_run) {
        diff_lists(order->old, &next, NULL, &counts);
        diff_print_counts(&counts);
    }
    return blast_guard(&o->blast, order->old, &next, order->issued);
}

static int write_list(const struct sign_options *o, const struct compile_order *order,
                      const struct list_build *build, const struct changes changes[CHANGES_N])
{
    uint8_t *image;
    size_t len;
    int ret;

    if (list_build_finish(build, order->issued, order->signing, parallel_processors(), &image,
                          &len) != 0)
        return cli_error("the list could not be built and verified; nothing was written");
    ret = review(o, order, image, len);
    if (ret != STATUS_OK || o->dry_run) {
        free(image);
        return ret;
    }
    ret = file_write_atomic(o->out, image, len, 0644);
    free(image);
    if (ret != 0)
        return cli_error("%s: %s; nothing was changed there", SAFE(o->out), strerror(-ret));
    print_changes(changes);
    print_result(o, order, build, len);
    return STATUS_OK;
}

static int refuse(const struct problems *problems)
{
    if (problems->n == 0)
        return STATUS_ERROR;
    log_error("%zu problem%s; nothing was written", problems->n, problems->n == 1 ? "" : "s");
    return STATUS_FOUND;
}

static int compile_and_write(const struct sign_options *o, const struct compile_order *order)
{
    struct problems problems = {.out = stderr};
    struct changes changes[CHANGES_N];
    struct list_build build;
    int status;

    list_build_init(&build);
    if (compile_list(order, &problems, &build, changes) != 0)
        status = refuse(&problems);
    else
        status = write_list(o, order, &build, changes);
    list_build_free(&build);
    return status;
}

static int sign_folder(const struct sign_options *o, const struct signing *signing,
                       const struct list_file *old)
{
    struct problems problems = {.out = stderr};
    struct compile_order order = {.old = old != NULL ? &old->list : NULL,
                                  .signing = &signing->seam,
                                  .enforce = o->enforce,
                                  .enforce_after_s = o->enforce_days * MUSTER_DAY_S};
    struct folder folder = {.tell = NULL};
    int status = STATUS_ERROR;

    if (set_times(o, old, &order) != 0)
        return STATUS_ERROR;
    if (folder_read_published(o->dirs, o->dirs_n, &o->publishers, &problems, &folder) != 0 ||
        problems.n > 0) {
        status = refuse(&problems);
    } else {
        order.folder = &folder;
        order.shows_progress = folder.n > 2000 && isatty(STDERR_FILENO);
        status = compile_and_write(o, &order);
    }
    folder_free(&folder);
    return status;
}

static int sign_with(const struct sign_options *o, const struct signing *signing)
{
    struct list_file old;
    int status;

    if (o->first)
        return check_first(o, signing) != 0 ? STATUS_ERROR : sign_folder(o, signing, NULL);
    if (open_old(o, signing, &old) != 0)
        return STATUS_ERROR;
    status = sign_folder(o, signing, &old);
    list_file_close(&old);
    return status;
}

static int run(int argc, char **argv)
{
    struct sign_options o = {.days = DAYS_DEFAULT,
                             .enforce = ENFORCE_AFTER,
                             .enforce_days = ENFORCE_DAYS_DEFAULT,
                             .blast.percent = BLAST_LIMIT_DEFAULT};
    struct signing signing;
    int status;

    if (parse(argc, argv, &o) != 0)
        return STATUS_ERROR;
    if (o.key == NULL)
        signing_throwaway(&signing);
    else if (signing_load(o.key, o.passphrase_file, &signing) != 0)
        return STATUS_ERROR;
    status = sign_with(&o, &signing);
    signing_end(&signing);
    return status;
}

const struct verb verb_sign = {
    "sign", run, "sign folders of advisories into a list",
    "DIR... --key FILE -o LIST (--first | --old LIST) [OPTION...]",
    "  --key FILE              the signer's secret key\n"
    "  --passphrase-file FILE  its passphrase (else MUSTER_PASSPHRASE, else the terminal)\n"
    "  -o, --out LIST          the list to write, whole or not at all\n"
    "  --old LIST              the list before it: issue times rise, first issues are kept, "
    "models\n"
    "                          that left the folders are withdrawn\n"
    "  --first                 there is no list before it\n"
    "  --days N                life of the advisories, 1 to 40 (default 30)\n"
    "  --enforce-after N       days from a defect's first issue until devices enforce it, 0 to "
    "3650\n"
    "                          or 'never' (default 14); the files' own enforce-after goes first\n"
    "  --now TIME              sign as at this time (Unix seconds or RFC 3339); else\n"
    "                          SOURCE_DATE_EPOCH, else the clock\n"
    "  --publisher PUB         the key that must have published the first DIR; the next one, that "
    "of\n"
    "                          the next DIR; - is none\n"
    "  --dry-run               tell what would change, as muster diff does, and write nothing;\n"
    "                          needs neither --key nor -o\n"
    "  --tally FILE            devices seen (muster-tally(5)): refuse if too many would newly "
    "fail\n"
    "  --blast-limit PERCENT   how many of them are too many (default 10)\n"
    "  --accept-blast N        up to N of them may, whatever the share\n"
    "\n"
    "A file in a later DIR replaces one on the same id and model in an earlier DIR. The same "
    "input\n"
    "and time give the same bytes. Exit status 1: the files have problems, or the blast is over "
    "the limit;\n"
    "nothing was written.\n"};
