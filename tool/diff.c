/* SPDX-License-Identifier: ISC */
/* muster diff: what a list says that the one before it did not, and to how many devices. */
#include "tool/diff.h"

#include <getopt.h>
#include <stdlib.h>

#include "tool/blast.h"
#include "tool/list_file.h"
#include "tool/verbs.h"

struct diff_options {
    const char *tally, *now;
    bool as_json, all;
    uint64_t now_s;
};

static void print_json_counts(struct json *json, const struct diff_counts *c)
{
    json_open_object(json, "counts");
    json_key_u64(json, "added", c->added);
    json_key_u64(json, "changed", c->changed);
    json_key_u64(json, "withdrawn", c->withdrawn);
    json_key_u64(json, "left", c->left);
    json_key_u64(json, "renewed", c->renewed);
    json_close(json);
}

/* The tally is read before anything is told; NULL without one. 0, or the exit status. */
static int count(const struct diff_options *o, const struct muster_list *old,
                 const struct muster_list *next, struct blast **ret_blast)
{
    struct blast_tally tally = {.path = o->tally};
    struct problems problems = {.out = stderr};
    struct blast *blast;
    int status;

    *ret_blast = NULL;
    if (o->tally == NULL)
        return 0;
    blast = malloc(sizeof *blast);
    if (blast == NULL)
        return cli_error("out of memory");
    if (blast_count(&tally, old, next, o->now_s, &problems, blast) == 0) {
        *ret_blast = blast;
        return 0;
    }
    status = blast_refuse_tally(&problems);
    free(blast);
    return status;
}

static int diff(const struct diff_options *o, const struct muster_list *old,
                const struct muster_list *next)
{
    struct json json = {.out = stdout, .pretty = true};
    struct diff_counts counts;
    struct blast *blast;
    int status = count(o, old, next, &blast);

    if (status != 0)
        return status;
    if (o->as_json)
        json_open_object(&json, NULL);
    diff_lists(old, next, o->as_json ? &json : NULL, &counts);
    if (o->as_json)
        print_json_counts(&json, &counts);
    else
        diff_print_counts(&counts);
    if (blast != NULL && o->as_json)
        blast_print_json(&json, "devices", blast);
    else if (blast != NULL)
        blast_print(stdout, blast, o->all);
    if (o->as_json)
        json_close(&json);
    free(blast);
    return counts.added + counts.changed + counts.withdrawn + counts.left > 0 ? STATUS_FOUND
                                                                              : STATUS_OK;
}

static int diff_files(const struct diff_options *o, const char *old_path, const char *next_path)
{
    struct list_file old, next;
    bool has_old = strcmp(old_path, "-") != 0;
    int status;

    if (has_old && list_file_open(old_path, &old) != 0)
        return STATUS_ERROR;
    status = STATUS_ERROR;
    if (list_file_open(next_path, &next) == 0) {
        status = diff(o, has_old ? &old.list : NULL, &next.list);
        list_file_close(&next);
    }
    if (has_old)
        list_file_close(&old);
    return status;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"tally", required_argument, NULL, 't'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"all", no_argument, NULL, 'a'},
                                            {"now", required_argument, NULL, 'n'},
                                            {NULL, 0, NULL, 0}};
    struct diff_options o = {.tally = NULL};
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
        switch (option) {
        case 't':
            o.tally = optarg;
            break;
        case 'j':
            o.as_json = true;
            break;
        case 'a':
            o.all = true;
            break;
        case 'n':
            o.now = optarg;
            break;
        default:
            return cli_usage(&verb_diff, NULL);
        }
    if (argc - optind != 2)
        return cli_usage(&verb_diff, "OLD and NEW are needed, both lists; OLD may be - for none");
    if (cli_now(o.now, &o.now_s) != 0)
        return STATUS_ERROR;
    return diff_files(&o, argv[optind], argv[optind + 1]);
}

const struct verb verb_diff = {
    "diff", run, "tell what a list says that the one before it did not", "[OPTION...] OLD NEW",
    "  --tally FILE  also count the devices of this tally (muster-tally(5)): how many fail, newly\n"
    "                fail, are newly told or released, and which\n"
    "  --json        as JSON\n"
    "  --all         the 100 largest builds of each group, not 20\n"
    "  --now TIME    count as at this time\n"
    "\n"
    "OLD and NEW are lists; OLD may be - for none. Renewals are counted only. For folders use\n"
    "muster sign --dry-run. Exit status: 0 no difference, 1 different (or problems in the tally),\n"
    "2 error.\n"};
