/* SPDX-License-Identifier: ISC */
/* From entry to entry. It must not say anything that neither list says. */
#include "tool/relist.h"

#include <stdlib.h>

#include "muster/answer.h"
#include "tool/cli.h"

int relist_step(struct relist_walk *w)
{
    struct muster_list_entry entry;
    int ret = MUSTER_E_NOT_FOUND;

    w->at.present = false;
    if (w->list != NULL)
        ret = muster_list_entry_at(w->list, w->next, &entry, &w->next);
    if (ret == MUSTER_E_NOT_FOUND)
        return 0;
    return ret == MUSTER_OK && draft_before_of(&entry, &w->at) == 0
               ? 0
               : cli_error("a list before is broken");
}

static bool is_test(const struct muster_advisory *a)
{
    return muster_slice_equal(a->vendor, muster_slice_of(MUSTER_TEST_VENDOR));
}

/* always-fail is enforced from its own issue. */
static void date_test(const struct issue *issue, const struct draft_before *before,
                      struct muster_advisory *io_advisory)
{
    if (is_test(io_advisory) && io_advisory->defects_n > 0 &&
        (!before->present || before->record.u.advisory.expires < issue->draft.keep_until))
        io_advisory->defects[0].enforce_from = issue->draft.issued;
}

static int make_history(const struct draft *draft, const struct draft_before *before,
                        bool withdrawn, struct muster_slice other, struct history *history)
{
    if (!withdrawn) {
        draft_begin_history(draft, before, history);
        return history_copy(history, other);
    }
    history->len = 0;
    return history_add(history, "", draft_believed_until(before));
}

int relist_add(struct issue *issue, struct muster_slice name_key, const struct draft_before *before,
               const struct muster_advisory *advisory, struct muster_slice history)
{
    struct muster_advisory a = *advisory;
    bool withdrawn = a.defects_n == 0;
    uint8_t bytes[HISTORY_CAP];
    struct history next = {bytes, 0};
    char name[NAMES_TEXT_CAP];
    struct draft draft;
    int error;

    if (withdrawn && draft_believed_until(before) <= issue->draft.issued)
        return 0;
    date_test(issue, before, &a);
    error = draft_make(&issue->draft, before, &a, &draft);
    if (error != MUSTER_OK)
        return cli_error("%s: the record is refused (%s)", names_text(name, name_key),
                         muster_error_name(error));
    if (make_history(&draft, before, withdrawn, history, &next) != 0 ||
        list_build_add(&issue->build, name_key,
                       (struct muster_slice){draft.record, draft.record_len}, !draft.kept,
                       (struct muster_slice){bytes, next.len}, draft.expires) != 0)
        return cli_error("out of memory at %s", names_text(name, name_key));
    compile_count(issue->changes, compile_classify(before, &a, &draft), name_key);
    return 0;
}

int relist_renew(struct issue *issue, const struct muster_list *list)
{
    struct relist_walk walk = {.list = list};

    do {
        if (relist_step(&walk) != 0)
            return STATUS_ERROR;
        if (walk.at.present && relist_add(issue, walk.at.entry.name_key, &walk.at,
                                          &walk.at.record.u.advisory, walk.at.entry.history) != 0)
            return STATUS_ERROR;
    } while (walk.at.present);
    return 0;
}
