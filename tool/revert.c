/* SPDX-License-Identifier: ISC */
/* muster revert: what an older list said, under dates after the newest one. It must not enforce
 * anything earlier than either list does. */
#include <getopt.h>
#include <stdio.h>

#include "tool/relist.h"
#include "tool/verbs.h"

/* Of one model: what the older list says, and the newest. */
struct pair {
    const struct draft_before *older, *newest;
};

/* The id of a defect without the number of those that were joined with it. */
static struct muster_slice first_id(struct muster_slice id)
{
    size_t i = id.len;

    while (i > 0 && id.bytes[i - 1] >= '0' && id.bytes[i - 1] <= '9')
        i--;
    if (i < id.len && i > 2 && id.bytes[i - 1] == '+' && id.bytes[i - 2] == ' ')
        id.len = i - 2;
    return id;
}

static bool is_joined(const struct muster_defect *d)
{
    return first_id(d->id).len < d->id.len;
}

static bool history_has(struct muster_slice history, struct muster_slice id)
{
    struct history_item item;

    while (history_next(&history, &item))
        if (item.id.len > 0 && muster_slice_equal(item.id, id))
            return true;
    return false;
}

static bool has_line(const struct muster_advisory *a, struct muster_slice id)
{
    size_t i;

    for (i = 0; i < a->defects_n; i++)
        if (muster_slice_equal(first_id(a->defects[i].id), id))
            return true;
    return false;
}

/* Whether the defect may hold this source: it bears its name, or others are joined in it and the
 * source has no line of its own. */
static bool may_hold(const struct draft_before *list, const struct muster_defect *d,
                     struct muster_slice id)
{
    return muster_slice_equal(first_id(d->id), id) ||
           (is_joined(d) && !has_line(&list->record.u.advisory, id) &&
            history_has(list->entry.history, id));
}

/* Whether a defect of the older list and one of the newest may tell of the same source. */
static bool may_be_same(const struct pair *pair, const struct muster_defect *older,
                        const struct muster_defect *newest)
{
    struct muster_slice history = pair->older->entry.history;
    struct history_item item;

    if (may_hold(pair->newest, newest, first_id(older->id)))
        return true;
    while (history_next(&history, &item))
        if (item.id.len > 0 && may_hold(pair->older, older, item.id) &&
            may_hold(pair->newest, newest, item.id))
            return true;
    return false;
}

/* The later of two times of enforcement, of which 0 is never. */
static uint64_t later(uint64_t a, uint64_t b)
{
    if (a == 0 || b == 0)
        return 0;
    return a > b ? a : b;
}

static void weaken(const struct pair *pair, struct muster_defect *io_defect)
{
    const struct muster_advisory *newest = &pair->newest->record.u.advisory;
    size_t i;

    for (i = 0; pair->newest->present && i < newest->defects_n; i++)
        if (may_be_same(pair, io_defect, &newest->defects[i]))
            io_defect->enforce_from =
                later(io_defect->enforce_from, newest->defects[i].enforce_from);
}

/* The first issues that the older list knows, none earlier than the newest has it. */
static int join_histories(const struct pair *pair, struct history *history)
{
    struct muster_slice older = pair->older->entry.history, newest;
    struct history_item item, other;

    while (history_next(&older, &item)) {
        newest = pair->newest->present ? pair->newest->entry.history : (struct muster_slice){0};
        while (history_next(&newest, &other))
            if (muster_slice_equal(item.id, other.id) && other.time_s > item.time_s)
                item.time_s = other.time_s;
        if (item.id.len > 0 && history_put(history, &item) != 0)
            return -1;
    }
    return 0;
}

static int put_back(struct issue *issue, const struct pair *pair)
{
    struct muster_advisory a = pair->older->record.u.advisory;
    uint8_t bytes[HISTORY_CAP];
    struct history history = {bytes, 0};
    size_t i;

    for (i = 0; i < a.defects_n; i++)
        weaken(pair, &a.defects[i]);
    if (join_histories(pair, &history) != 0)
        return cli_error("out of memory");
    return relist_add(issue, pair->older->entry.name_key, pair->newest, &a,
                      (struct muster_slice){bytes, history.len});
}

static int withdraw(struct issue *issue, const struct draft_before *newest)
{
    struct muster_advisory a = newest->record.u.advisory;

    a.defects_n = 0;
    return relist_add(issue, newest->entry.name_key, newest, &a, newest->entry.history);
}

/* < 0: the older list alone has the next model, > 0: the newest alone. */
static int compare(const struct relist_walk *older, const struct relist_walk *newest)
{
    if (!older->at.present || !newest->at.present)
        return newest->at.present - older->at.present;
    return names_compare(older->at.entry.name_key, newest->at.entry.name_key);
}

static int merge(struct issue *issue, const struct muster_list *older_list,
                 const struct muster_list *newest_list)
{
    static const struct draft_before absent = {.present = false};
    struct relist_walk older = {.list = older_list}, newest = {.list = newest_list};
    int status = relist_step(&older) != 0 || relist_step(&newest) != 0 ? STATUS_ERROR : 0;
    int c;

    while (status == 0 && (older.at.present || newest.at.present)) {
        c = compare(&older, &newest);
        status = c > 0 ? withdraw(issue, &newest.at)
                       : put_back(issue, &(struct pair){&older.at, c == 0 ? &newest.at : &absent});
        if (status == 0 && c <= 0)
            status = relist_step(&older);
        if (status == 0 && c >= 0)
            status = relist_step(&newest);
    }
    return status;
}

static int revert_to(struct issue *issue, const char *path, const struct muster_list *newest)
{
    struct list_file older;
    int status = STATUS_ERROR;

    if (list_file_read(path, &older) != 0)
        return STATUS_ERROR;
    if (memcmp(older.list.key, newest->key, MUSTER_KEY_LEN) != 0)
        (void)cli_error("%s: signed by another key than the list that it shall replace",
                        SAFE(path));
    else if (older.list.issued >= newest->issued)
        (void)cli_error("%s: not older than the list that it shall replace; muster revert OLDER "
                        "--old NEWEST",
                        SAFE(path));
    else if (issue_set_times(issue, newest->issued) == 0)
        status = merge(issue, &older.list, newest);
    if (status == 0)
        status = issue_write(issue);
    list_file_close(&older);
    return status;
}

static int parse(int argc, char **argv, struct issue *issue, const char **ret_newest)
{
    static const struct option own[] = {{"old", required_argument, NULL, 'l'}, {NULL, 0, NULL, 0}};
    struct option options[ISSUE_OPTIONS_MAX];
    int option;

    issue_options(own, options);
    while ((option = getopt_long(argc, argv, "o:", options, NULL)) != -1) {
        if (option == 'l')
            *ret_newest = optarg;
        option = option == 'l' ? 0 : issue_option(option, issue);
        if (option != 0)
            return option == 1 ? cli_usage(&verb_revert, NULL) : option;
    }
    if (issue_lacking(issue) != NULL)
        return cli_usage(&verb_revert, "%s", issue_lacking(issue));
    if (argc - optind != 1 || *ret_newest == NULL)
        return cli_usage(&verb_revert, "the OLDER list and --old NEWEST are needed");
    return 0;
}

static int run(int argc, char **argv)
{
    struct issue issue = ISSUE_DEFAULTS;
    const char *newest_path = NULL;
    struct list_file newest;
    int status = parse(argc, argv, &issue, &newest_path);

    if (status == 0)
        status = issue_begin(&issue);
    if (status == 0)
        status = issue_open_old(&issue, newest_path, &newest);
    if (status == 0) {
        status = revert_to(&issue, argv[optind], &newest.list);
        list_file_close(&newest);
        if (status == STATUS_OK && !issue.dry_run)
            puts("\nThe folders still say what was reverted: put them right before the next sign.");
    }
    issue_end(&issue);
    return status;
}

const struct verb verb_revert = {
    "revert", run, "say again what an older list said, under new dates",
    "OLDER --old NEWEST --key KEY -o LIST [OPTION...]",
    "  --old NEWEST            the last list of this signer, which is to be undone\n" ISSUE_HELP
    "\n"
    "Models that NEWEST has and OLDER has not are withdrawn. Nothing is enforced earlier than\n"
    "OLDER says, nor, where NEWEST speaks of the same defect, than NEWEST says.\n"};
