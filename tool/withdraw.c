/* SPDX-License-Identifier: ISC */
/* muster withdraw: the emergency. A list out of the last one with a model, or one defect of it,
 * withdrawn, without the folders and without signing anything else. It must not let the next sign
 * bring it back unsaid. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "muster/answer.h"
#include "tool/relist.h"
#include "tool/verbs.h"

/* VENDOR/MODEL, or VENDOR/MODEL/ID. */
struct target {
    const char *text;
    struct muster_slice vendor, model;
    const char *id; /* NULL: the whole model */
    bool done;
};

struct withdrawal {
    struct issue issue;
    struct target *targets;
    size_t targets_n;
    size_t faults;
};

static int parse_target(const char *text, struct target *ret)
{
    struct muster_slice rest = muster_slice_of(text);
    const char *slash = strchr(text, '/'), *second = slash != NULL ? strchr(slash + 1, '/') : NULL;

    *ret = (struct target){.text = text, .id = second != NULL ? second + 1 : NULL};
    ret->vendor = rest;
    ret->model = muster_slice_of("");
    if (slash != NULL) {
        ret->vendor.len = (size_t)(slash - text);
        ret->model = muster_slice_of(slash + 1);
        if (second != NULL)
            ret->model.len = (size_t)(second - slash - 1);
    }
    if (!muster_name_is_legal(ret->vendor) || !muster_name_is_legal(ret->model) ||
        (ret->id != NULL && *ret->id == '\0'))
        return cli_error("'%s' must be VENDOR/MODEL or VENDOR/MODEL/ID", SAFE(text));
    if (muster_slice_equal(ret->vendor, muster_slice_of(MUSTER_TEST_VENDOR)))
        return cli_error("'%s': " MUSTER_TEST_VENDOR " is in every list and never withdrawn",
                         SAFE(text));
    return 0;
}

static void refuse(struct withdrawal *w, const struct target *t, const char *why)
{
    log_error("%s: %s", SAFE(t->text), why);
    w->faults++;
}

/* The defect that is this source's alone; defects_n if there is none. */
static size_t own_line(const struct muster_advisory *a, const char *id)
{
    size_t i;

    for (i = 0; i < a->defects_n; i++)
        if (muster_slice_equal(a->defects[i].id, muster_slice_of(id)))
            break;
    return i;
}

/* Takes one source's defect out, and its first issue. */
static void withdraw_id(struct withdrawal *w, struct target *t, struct muster_slice old_history,
                        struct muster_advisory *io_advisory)
{
    size_t i = own_line(io_advisory, t->id);

    if (history_find(old_history, t->id) == 0) {
        refuse(w, t, "the list says nothing of this id");
        return;
    }
    if (i == io_advisory->defects_n) {
        refuse(w, t,
               "is joined with other defects of this model, whose ranges the list does not tell "
               "apart; withdraw the whole model, or suppress this id in your folder and sign it");
        return;
    }
    io_advisory->defects_n--;
    memmove(&io_advisory->defects[i], &io_advisory->defects[i + 1],
            (io_advisory->defects_n - i) * sizeof io_advisory->defects[0]);
}

static int copy_without(const struct withdrawal *w, const struct muster_advisory *a,
                        struct muster_slice old, struct history *history)
{
    struct history_item item;
    size_t i;

    while (history_next(&old, &item)) {
        bool gone = false;

        for (i = 0; i < w->targets_n; i++) {
            const struct target *t = &w->targets[i];

            gone |= t->id != NULL && muster_slice_equal(t->vendor, a->vendor) &&
                    muster_slice_equal(t->model, a->model) &&
                    muster_slice_equal(item.id, muster_slice_of(t->id));
        }
        if (!gone && history_put(history, &item) != 0)
            return -1;
    }
    return 0;
}

static int go_on(struct withdrawal *w, const struct draft_before *at)
{
    struct muster_advisory a = at->record.u.advisory;
    uint8_t bytes[HISTORY_CAP];
    struct history history = {bytes, 0};
    size_t i;

    for (i = 0; i < w->targets_n; i++) {
        struct target *t = &w->targets[i];

        if (!muster_slice_equal(t->vendor, a.vendor) || !muster_slice_equal(t->model, a.model))
            continue;
        t->done = true;
        if (at->record.u.advisory.defects_n == 0)
            refuse(w, t, "is withdrawn already");
        else if (t->id == NULL)
            a.defects_n = 0;
        else if (a.defects_n > 0)
            withdraw_id(w, t, at->entry.history, &a);
    }
    if (copy_without(w, &at->record.u.advisory, at->entry.history, &history) != 0)
        return cli_error("out of memory");
    return relist_add(&w->issue, at->entry.name_key, at, &a,
                      (struct muster_slice){bytes, history.len});
}

static int make_list(struct withdrawal *w, const struct muster_list *list)
{
    struct relist_walk walk = {.list = list};
    size_t i;

    do {
        if (relist_step(&walk) != 0 || (walk.at.present && go_on(w, &walk.at) != 0))
            return STATUS_ERROR;
    } while (walk.at.present);
    for (i = 0; i < w->targets_n; i++)
        if (!w->targets[i].done)
            refuse(w, &w->targets[i], "the list has nothing on this model");
    if (w->faults == 0)
        return STATUS_OK;
    log_error("nothing was written");
    return STATUS_FOUND;
}

static void print_suppress(const struct withdrawal *w)
{
    size_t i;

    puts("\nThe folders still say it, and the next sign would bring it back. Put these lines into\n"
         "the file `suppress` of your own folder, the last one that you give to sign:\n");
    for (i = 0; i < w->targets_n; i++)
        puts(SAFE(w->targets[i].text));
}

static int withdraw(struct withdrawal *w, const char *path)
{
    struct list_file old;
    int status;

    if (issue_open_old(&w->issue, path, &old) != 0)
        return STATUS_ERROR;
    status = issue_set_times(&w->issue, old.list.issued);
    if (!w->issue.resign_all)
        w->issue.draft.keep_until = 0; /* in a hurry: sign nothing else that is still believed */
    if (status == 0)
        status = make_list(w, &old.list);
    if (status == STATUS_OK)
        status = issue_write(&w->issue);
    if (status == STATUS_OK && !w->issue.dry_run)
        print_suppress(w);
    list_file_close(&old);
    return status;
}

static int parse(int argc, char **argv, struct withdrawal *w)
{
    static const struct option own[] = {{NULL, 0, NULL, 0}};
    struct option options[ISSUE_OPTIONS_MAX];
    int option;
    size_t i;

    issue_options(own, options);
    while ((option = getopt_long(argc, argv, "o:", options, NULL)) != -1) {
        option = issue_option(option, &w->issue);
        if (option != 0)
            return option == 1 ? cli_usage(&verb_withdraw, NULL) : option;
    }
    if (issue_lacking(&w->issue) != NULL)
        return cli_usage(&verb_withdraw, "%s", issue_lacking(&w->issue));
    if (argc - optind < 2)
        return cli_usage(&verb_withdraw, "LIST and VENDOR/MODEL are needed");
    w->targets_n = (size_t)(argc - optind) - 1;
    w->targets = calloc(w->targets_n, sizeof *w->targets);
    if (w->targets == NULL)
        return cli_error("out of memory");
    for (i = 0; i < w->targets_n; i++)
        if (parse_target(argv[(size_t)optind + 1 + i], &w->targets[i]) != 0)
            return STATUS_ERROR;
    return 0;
}

static int run(int argc, char **argv)
{
    struct withdrawal w = {.issue = ISSUE_DEFAULTS};
    int status = parse(argc, argv, &w);

    if (status == 0)
        status = issue_begin(&w.issue);
    if (status == 0)
        status = withdraw(&w, argv[optind]);
    issue_end(&w.issue);
    free(w.targets);
    return status;
}

const struct verb verb_withdraw = {
    "withdraw", run, "withdraw a model, or a defect of it, from a list at once",
    "LIST VENDOR/MODEL[/ID]... --key KEY -o LIST [OPTION...]",
    ISSUE_HELP "\n"
               "Makes a new list out of LIST without the folders, and signs nothing else but what\n"
               "has expired. An ID that is joined with others cannot be told apart from them in "
               "a\n"
               "list: it is refused. Prints the lines for `suppress` (muster-osv(5)) without "
               "which\n"
               "the next sign brings it back. Exit status 1: LIST does not say this; nothing was\n"
               "written.\n"};
