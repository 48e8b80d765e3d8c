/* SPDX-License-Identifier: ISC */
/* muster sign: folders of advisories, or a list again, to a signed list. It must not write anything
 * unless all of it is right. */
#include <stdio.h>
#include <unistd.h>

#include "host/clock.h"
#include "host/parallel.h"
#include "tool/relist.h"
#include "tool/sign_options.h"
#include "tool/verbs.h"

/* A signer's second "first" list would forget when defects were first told, and withdraw nothing.
 */
static int check_first(const struct issue *issue)
{
    struct list_file there;
    bool same_signer;

    if (issue->out == NULL || access(issue->out, F_OK) != 0 ||
        list_file_peek(issue->out, &there) != 0)
        return 0;
    same_signer = memcmp(there.list.key, issue->signer, MUSTER_KEY_LEN) == 0;
    list_file_close(&there);
    if (!same_signer)
        return 0;
    return cli_error(
        "%s: this signer's list is there already; renew it with --old %s, or remove it "
        "if no device has ever seen it",
        SAFE(issue->out), SAFE(issue->out));
}

static int refuse(const struct problems *problems)
{
    if (problems->n == 0)
        return STATUS_ERROR;
    log_error("%zu problem%s; nothing was written", problems->n, problems->n == 1 ? "" : "s");
    return STATUS_FOUND;
}

static int compile_and_write(const struct sign_options *o, const struct folder *folder,
                             const struct muster_list *old, struct problems *problems,
                             struct issue *issue)
{
    const struct compile_order order = {.folder = folder,
                                        .old = old,
                                        .rotates = o->rotate != NULL,
                                        .leaves_out = o->leaves_out,
                                        .draft = issue->draft,
                                        .enforce = o->enforce,
                                        .enforce_after_s = o->enforce_days * MUSTER_DAY_S,
                                        .threads = parallel_processors()};
    int status;

    if (compile_list(&order, problems, &issue->build, issue->changes) != 0)
        return refuse(problems);
    status = issue_write(issue);
    if (status != STATUS_OK || problems->n == 0 || issue->dry_run)
        return status;
    log_error("%zu model%s refused; the list was written without the news on %s", problems->n,
              problems->n == 1 ? " was" : "s were", problems->n == 1 ? "it" : "them");
    return STATUS_FOUND;
}

static int read_sources(const struct sign_options *o, struct problems *problems,
                        struct folder *io_folder)
{
    return o->bundle.path != NULL
               ? bundle_folder(&o->bundle, problems, io_folder)
               : folder_read_published(o->dirs, o->dirs_n, &o->publishers, problems, io_folder);
}

static int sign_folder(const struct sign_options *o, const struct muster_list *old,
                       struct issue *issue)
{
    struct problems problems = {.out = stderr};
    struct folder folder = {.tell = NULL};
    int status;

    if (read_sources(o, &problems, &folder) != 0 || problems.n > 0)
        status = refuse(&problems);
    else
        status = compile_and_write(o, &folder, old, &problems, issue);
    folder_free(&folder);
    return status;
}

static int sign_first(const struct sign_options *o, struct issue *issue)
{
    if (check_first(issue) != 0 || issue_set_times(issue, 0) != 0)
        return STATUS_ERROR;
    return sign_folder(o, NULL, issue);
}

static int open_old(const struct sign_options *o, struct issue *issue, struct list_file *ret_old)
{
    if (!o->takes_old)
        return issue_open_old(issue, o->renew != NULL ? o->renew : o->old, ret_old);
    return bundle_old(&o->bundle, ret_old) == 0
               ? issue_take_old(issue, "the list in the bundle", ret_old)
               : STATUS_ERROR;
}

static int sign_next(const struct sign_options *o, struct issue *issue)
{
    struct list_file old;
    int status = STATUS_ERROR;

    if (open_old(o, issue, &old) != 0)
        return STATUS_ERROR;
    if (issue_set_times(issue, old.list.issued) != 0)
        status = STATUS_ERROR;
    else if (o->renew == NULL)
        status = sign_folder(o, &old.list, issue);
    else if (relist_renew(issue, &old.list) == 0)
        status = issue_write(issue);
    list_file_close(&old);
    return status;
}

/* Devices go on believing the old signer until its last advisory has ended, so its list must be
 * served, and may need a withdrawal, until then. */
static void print_old_signer(const char *path, const struct muster_list *old)
{
    struct relist_walk walk = {.list = old};
    uint64_t last = old->expires;
    char text[CLOCK_TEXT_CAP];

    while (relist_step(&walk) == 0 && walk.at.present) {
        if (draft_believed_until(&walk.at) > last)
            last = draft_believed_until(&walk.at);
        if (walk.at.record.u.advisory.expires > last)
            last = walk.at.record.u.advisory.expires;
    }
    printf("%-9s  go on serving %s, after the new list, until %s;\n"
           "           to withdraw anything that it says until then, its own key is needed\n",
           "old key", SAFE(path), clock_format(text, last));
}

static int sign_rotated(const struct sign_options *o, struct issue *issue)
{
    struct list_file old;
    int status = STATUS_ERROR;

    if (check_first(issue) != 0 || list_file_read(o->rotate, &old) != 0)
        return STATUS_ERROR;
    if (memcmp(old.list.key, issue->signer, MUSTER_KEY_LEN) == 0)
        (void)cli_error("%s: signed by this very key; --rotate is for a new one, use --old",
                        SAFE(o->rotate));
    else if (issue_set_times(issue, old.list.issued) == 0)
        status = sign_folder(o, &old.list, issue);
    if (issue->build.models_n > 0 && status == STATUS_OK)
        print_old_signer(o->rotate, &old.list);
    list_file_close(&old);
    return status;
}

static int tell_bundle(const void *bundle, const struct muster_list *old,
                       const struct muster_list *next)
{
    return bundle_tell(bundle, old, next);
}

static int sign(const struct sign_options *o, struct issue *issue)
{
    int status = STATUS_ERROR;

    if (o->bundle.path != NULL) {
        issue->tell = tell_bundle;
        issue->tell_ctx = &o->bundle;
    }
    if (issue_begin(issue) == 0)
        status = o->first            ? sign_first(o, issue)
                 : o->rotate != NULL ? sign_rotated(o, issue)
                                     : sign_next(o, issue);
    issue_end(issue);
    return status;
}

static int run(int argc, char **argv)
{
    struct sign_options o;
    struct issue issue;
    int status = STATUS_ERROR;

    if (sign_options_parse(argc, argv, &o, &issue) == 0)
        status = sign(&o, &issue);
    bundle_free(&o.bundle);
    return status;
}

const struct verb verb_sign = {
    "sign", run, "sign folders of advisories into a list",
    "DIR...|BUNDLE --key KEY -o LIST --first|--old LIST|--rotate LIST [OPTION...]\n"
    "       muster sign --renew LIST --key KEY -o LIST [OPTION...]",
    ISSUE_HELP
    "  --old LIST              the list before: issue times rise, first issues are kept, models\n"
    "                          that left the folders are withdrawn, and what says the same and\n"
    "                          lives half of --days longer is not signed again\n"
    "  --first                 there is no list before it\n"
    "  --rotate LIST           the first list of a new key; LIST is the last one of the old key,\n"
    "                          whose first issues are taken over\n"
    "  --renew LIST            the same again, without any DIR: signs what expires soon\n"
    "  --leave-out-refused     a model with too much on it to fit an advisory does not stop the\n"
    "                          list: it goes on saying what --old LIST says, or is left out, and\n"
    "                          the exit status is 1\n"
    "  --digest HEX            refuse a BUNDLE that has not this digest\n"
    "  --publisher PUB         the key that must have published the first DIR; the next one, that "
    "of\n"
    "                          the next DIR; - is none\n"
    "  --enforce-after N       days from a defect's first issue until devices enforce it, 0 to "
    "3650\n"
    "                          or 'never' (default 14); the files' own enforce-after goes first\n"
    "\n"
    "A BUNDLE (muster prepare) stands for the folders and brings old list, tally and options "
    "along;\n"
    "options given here go first. A file in a later DIR replaces one on the same id and model in\n"
    "an earlier DIR. The same input and time give the same bytes. Exit status 1: the files have\n"
    "problems, or the blast is over the limit; nothing was written, but with\n"
    "--leave-out-refused.\n"};
