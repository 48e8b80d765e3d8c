/* SPDX-License-Identifier: ISC */
/* muster prepare: on the connected machine, all that one signing needs into one file. It has no key
 * and must not ask for one. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#include "host/file.h"
#include "host/parallel.h"
#include "tool/blast.h"
#include "tool/bundle.h"
#include "tool/compile.h"
#include "tool/replace.h"
#include "tool/verbs.h"

#define DAYS_DEFAULT 30
#define TALLY_MAX    (UINT64_C(1) << 30)

struct prepare_options {
    char *const *dirs;
    size_t dirs_n;
    const char *out, *old, *tally, *now;
    struct folder_publishers publishers;
    struct bundle_options list;
};

static int parse_number(int option, struct bundle_options *o)
{
    if (option == 'd')
        return cli_u64("--days", optarg, 1, MUSTER_ADVISORY_LIFE_S / MUSTER_DAY_S, &o->days);
    if (option == 'b')
        return cli_u64("--blast-limit", optarg, 0, 100, &o->blast_percent);
    if (option == 'a') {
        o->accepts = true;
        return cli_u64("--accept-blast", optarg, 0, TALLY_COUNT_MAX, &o->accept_n);
    }
    o->enforce = strcmp(optarg, "never") == 0 ? ENFORCE_NEVER : ENFORCE_AFTER;
    o->enforce_days = 0;
    if (o->enforce == ENFORCE_NEVER)
        return 0;
    return cli_u64("--enforce-after (days, or 'never')", optarg, 0, SOURCE_ENFORCE_DAYS_MAX,
                   &o->enforce_days);
}

static int parse_option(int option, struct prepare_options *o)
{
    switch (option) {
    case 'o':
        o->out = optarg;
        return 0;
    case 'l':
        o->old = optarg;
        return 0;
    case 't':
        o->tally = optarg;
        return 0;
    case 'n':
        o->now = optarg;
        return 0;
    case 'u':
        return folder_publisher_add(&o->publishers, optarg);
    case '?':
        return cli_usage(&verb_prepare, NULL);
    default:
        return parse_number(option, &o->list);
    }
}

static int parse(int argc, char **argv, struct prepare_options *o)
{
    static const struct option options[] = {{"out", required_argument, NULL, 'o'},
                                            {"old", required_argument, NULL, 'l'},
                                            {"tally", required_argument, NULL, 't'},
                                            {"now", required_argument, NULL, 'n'},
                                            {"publisher", required_argument, NULL, 'u'},
                                            {"days", required_argument, NULL, 'd'},
                                            {"enforce-after", required_argument, NULL, 'e'},
                                            {"blast-limit", required_argument, NULL, 'b'},
                                            {"accept-blast", required_argument, NULL, 'a'},
                                            {NULL, 0, NULL, 0}};
    int option;

    while ((option = getopt_long(argc, argv, "o:", options, NULL)) != -1)
        if (parse_option(option, o) != 0)
            return STATUS_ERROR;
    o->dirs = argv + optind;
    o->dirs_n = (size_t)(argc - optind);
    if (o->dirs_n == 0 || o->out == NULL)
        return cli_usage(&verb_prepare, "a DIR with *.json files and -o BUNDLE are needed");
    if (o->list.accepts && o->tally == NULL)
        return cli_usage(&verb_prepare,
                         "--accept-blast N says how many devices of --tally FILE may "
                         "newly fail; give both");
    return cli_now(o->now, &o->list.prepared_s);
}

static int refuse(const struct problems *problems)
{
    if (problems->n == 0)
        return STATUS_ERROR;
    log_error("%zu problem%s; nothing was written", problems->n, problems->n == 1 ? "" : "s");
    return STATUS_FOUND;
}

/* The list as it would be, but for its signatures. 0, or an exit status. */
static int try_list(const struct bundle *b, const struct muster_list *old,
                    const struct folder *folder, uint8_t **ret_image, size_t *ret_len)
{
    static const uint8_t nobody[MUSTER_KEY_LEN];
    struct problems problems = {.out = stderr};
    struct changes changes[CHANGES_N];
    struct compile_order order = {.folder = folder,
                                  .old = old,
                                  .draft = {.key = old != NULL ? old->key : nobody,
                                            .issued = b->options.prepared_s,
                                            .keep_until = DRAFT_RESIGN_ALL},
                                  .enforce = b->options.enforce,
                                  .enforce_after_s = b->options.enforce_days * MUSTER_DAY_S,
                                  .threads = parallel_processors()};
    struct list_build build;
    int status = 0;

    if (old != NULL && old->issued >= order.draft.issued)
        order.draft.issued = old->issued + 1;
    order.draft.expires = order.draft.issued + b->options.days * MUSTER_DAY_S;
    list_build_init(&build);
    memset(changes, 0, sizeof changes);
    if (compile_list(&order, &problems, &build, changes) != 0)
        status = refuse(&problems);
    else if (list_build_preview(&build, order.draft.issued, order.draft.key, order.threads,
                                ret_image, ret_len) != 0)
        status = cli_error("the list could not be built; nothing was written");
    list_build_free(&build);
    return status;
}

static int write_bundle(const struct prepare_options *o, struct bundle *b,
                        const struct muster_list *old, const struct muster_list *next)
{
    uint8_t *file;
    size_t len;
    int ret;

    if (bundle_pack(b, &file, &len) != 0)
        return STATUS_ERROR;
    ret = file_write_atomic(o->out, file, len, 0644);
    free(file);
    if (ret != 0)
        return cli_error("%s: %s; nothing was changed there", SAFE(o->out), strerror(-ret));
    if (bundle_tell(b, old, next) != 0)
        return STATUS_ERROR;
    printf("%-9s  %s, %zu bytes; carry it to the machine with the key, compare the digest there,\n"
           "           and sign: muster sign %s --key KEY -o LIST\n",
           "bundle", SAFE(o->out), len, SAFE(o->out));
    return STATUS_OK;
}

static int sum_up(const struct prepare_options *o, struct bundle *b, const struct muster_list *old,
                  const struct muster_list *next)
{
    struct blast_limit limit = {.tally = {o->tally, b->tally},
                                .percent = b->options.blast_percent,
                                .accepts = b->options.accepts,
                                .accept_n = b->options.accept_n};
    int status = blast_guard(&limit, old, next, next->issued);
    char *text = NULL;
    size_t len = 0;
    FILE *out;

    if (status != STATUS_OK)
        return status;
    out = open_memstream(&text, &len);
    if (out == NULL)
        return cli_error("out of memory");
    bundle_summary(out, b, old, next);
    if (fclose(out) != 0) {
        free(text);
        return cli_error("out of memory");
    }
    b->summary = (struct muster_slice){(const uint8_t *)text, len};
    status = write_bundle(o, b, old, next);
    free(text);
    return status;
}

static int check_and_sum_up(const struct prepare_options *o, struct bundle *b,
                            const struct muster_list *old)
{
    struct problems problems = {.out = stderr};
    struct muster_list next;
    struct folder folder = {.n = 0};
    uint8_t *image = NULL;
    size_t len = 0;
    int status;

    if (bundle_folder(b, &problems, &folder) != 0 || problems.n > 0)
        status = refuse(&problems);
    else
        status = try_list(b, old, &folder, &image, &len);
    folder_free(&folder);
    if (status == 0 && muster_list_open((struct muster_slice){image, len}, &next) != MUSTER_OK)
        status = cli_error("the list that was built does not open; nothing was written");
    if (status == 0)
        status = sum_up(o, b, old, &next);
    free(image);
    return status;
}

static int with_tally(const struct prepare_options *o, struct bundle *b,
                      const struct muster_list *old)
{
    uint8_t *bytes = NULL;
    int ret = 0, status;

    if (o->tally != NULL)
        ret = file_read(o->tally, TALLY_MAX, &bytes, &b->tally.len);
    if (ret != 0)
        return cli_error("%s: %s", SAFE(o->tally), strerror(-ret));
    b->tally.bytes = bytes;
    status = check_and_sum_up(o, b, old);
    free(bytes);
    return status;
}

static int prepare(const struct prepare_options *o, struct bundle *b)
{
    struct list_file old;
    int status;

    if (replace_check(o->out, REPLACE_BUNDLE) != 0)
        return STATUS_ERROR;
    if (o->old == NULL)
        return with_tally(o, b, NULL);
    if (list_file_open(o->old, &old) != 0)
        return STATUS_ERROR;
    b->old = old.list.image;
    status = with_tally(o, b, &old.list);
    list_file_close(&old);
    return status;
}

static int run(int argc, char **argv)
{
    struct prepare_options o = {.list = {.days = DAYS_DEFAULT,
                                         .enforce = ENFORCE_AFTER,
                                         .enforce_days = ENFORCE_DAYS_DEFAULT,
                                         .blast_percent = BLAST_LIMIT_DEFAULT}};
    struct problems problems = {.out = stderr};
    struct bundle b;
    int status;

    if (parse(argc, argv, &o) != 0)
        return STATUS_ERROR;
    if (bundle_collect(o.dirs, o.dirs_n, &o.publishers, &problems, &b) != 0) {
        status = refuse(&problems);
    } else {
        o.list.layers_n = o.dirs_n;
        b.options = o.list;
        status = prepare(&o, &b);
    }
    bundle_free(&b);
    return status;
}

const struct verb verb_prepare = {
    "prepare", run, "put all that one signing needs into one file, to be carried to the key",
    "DIR... -o BUNDLE [--old LIST] [OPTION...]",
    "  -o, --out BUNDLE    the tar file to write, whole or not at all\n"
    "  --old LIST          the list in use; without it this is the signer's first\n"
    "  --tally FILE        devices seen (muster-tally(5)): refuse if too many would newly fail\n"
    "  --days N, --enforce-after N, --blast-limit PERCENT, --accept-blast N\n"
    "                      as for muster sign, which takes them from the bundle\n"
    "  --publisher PUB     the first DIR must be this publisher's, and so on, as for muster sign\n"
    "  --now TIME          as if prepared at this time (Unix seconds or RFC 3339); else\n"
    "                      SOURCE_DATE_EPOCH, else the clock\n"
    "\n"
    "Checks the folders as sign does, packs what was checked, and prints what would change and "
    "the\n"
    "bundle's digest; muster sign BUNDLE prints both again. The same input and time give the same\n"
    "bytes. Exit status 1: the files have problems, or the blast is over the limit; nothing was\n"
    "written.\n"};
