/* SPDX-License-Identifier: ISC */
/* From sources and the list before to the new list's entries: joins, keeps, drafts and withdraws.
 * No files, no clock; nothing depends on the number of threads. */
#ifndef TOOL_COMPILE_H
#define TOOL_COMPILE_H

#include "tool/draft.h"
#include "tool/folder.h"
#include "tool/list_build.h"
#include "tool/names.h"

#define COMPILE_NAMES_MAX 20

enum change {
    CHANGE_NEW = 0,
    CHANGE_CHANGED = 1,
    CHANGE_RENEWED = 2, /* says the same, signed again */
    CHANGE_KEPT = 3,    /* the very bytes of the list before */
    CHANGE_WITHDRAWN = 4,
    CHANGE_AS_BEFORE = 5, /* refused; goes on saying what the list before says */
    CHANGE_LEFT_OUT = 6   /* refused, and the list before has nothing on it */
};
#define CHANGES_N 7

/* What differs from the list before. The names are those of the first COMPILE_NAMES_MAX models. */
struct changes {
    size_t n;
    char names[COMPILE_NAMES_MAX][NAMES_TEXT_CAP];
};

struct compile_order {
    const struct folder *folder;
    const struct muster_list *old; /* verified; NULL: the first list */
    bool rotates;                  /* `old` is another signer's: only first issues are taken over */
    bool leaves_out;               /* models that are refused do not stop the others */
    struct draft_order draft;      /* its key NULL: join only, to find problems */
    enum enforce enforce;          /* for sources that do not say: ENFORCE_AFTER or ENFORCE_NEVER */
    uint64_t enforce_after_s;
    unsigned threads;
};

/* Counts one model among the changes, unless it is muster.test's. */
void compile_count(struct changes changes[CHANGES_N], enum change change,
                   struct muster_slice name_key);

/* What a draft does to the model as the list before has it. */
enum change compile_classify(const struct draft_before *before, const struct muster_advisory *a,
                             const struct draft *draft);

/* Adds every model, every withdrawal that is still needed and muster.test/always-fail to io_build.
 * 0, or -1 after adding problems or saying what failed. With leaves_out problems of single models
 * are added all the same, and 0 is returned. */
int compile_list(const struct compile_order *order, struct problems *problems,
                 struct list_build *io_build, struct changes ret_changes[CHANGES_N]);

#endif
