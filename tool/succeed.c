/* SPDX-License-Identifier: ISC */
/* One pass over two sorted lists. It must not judge what they say, only when. */
#include "tool/succeed.h"

#include "tool/relist.h"

/* What is wrong with one model, which `next` may not have; or NULL. */
static const char *compare(const struct draft_before *before, const struct draft_before *next,
                           uint64_t next_issued)
{
    uint64_t issued = before->record.u.advisory.issued;

    if (!next->present)
        return draft_believed_until(before) > next_issued ? "does not withdraw" : NULL;
    if (next->record.u.advisory.issued < issued)
        return "has an older word on";
    return next->record.u.advisory.issued == issued &&
                   !muster_slice_equal(next->entry.record, before->entry.record)
               ? "has another word of the same date on"
               : NULL;
}

const char *succeed_refuses(const struct muster_list *next_list, const struct muster_list *before,
                            char ret_name[NAMES_TEXT_CAP])
{
    static const struct draft_before absent = {.present = false};
    struct relist_walk old = {.list = before}, next = {.list = next_list};
    const char *why = NULL;
    int c;

    (void)snprintf(ret_name, NAMES_TEXT_CAP, "-");
    if (relist_step(&next) != 0)
        return "cannot be read at";
    while (why == NULL && relist_step(&old) == 0 && old.at.present) {
        c = 1;
        while (next.at.present &&
               (c = names_compare(next.at.entry.name_key, old.at.entry.name_key)) < 0)
            if (relist_step(&next) != 0)
                return "cannot be read behind";
        why = compare(&old.at, c == 0 && next.at.present ? &next.at : &absent, next_list->issued);
        if (why != NULL)
            (void)names_text(ret_name, old.at.entry.name_key);
    }
    return why;
}
