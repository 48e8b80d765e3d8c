/* SPDX-License-Identifier: ISC */
/* From sources and the list before to the new list: joins, signs and withdraws. No files, no
 * clock. */
#ifndef TOOL_COMPILE_H
#define TOOL_COMPILE_H

#include "tool/folder.h"
#include "tool/list_build.h"
#include "tool/names.h"
#include "tool/signing.h"

#define COMPILE_NAMES_MAX 20

enum change { CHANGE_NEW = 0, CHANGE_CHANGED = 1, CHANGE_RENEWED = 2, CHANGE_WITHDRAWN = 3 };
#define CHANGES_N 4

/* What differs from the list before. The names are those of the first COMPILE_NAMES_MAX models. */
struct changes {
    size_t n;
    char names[COMPILE_NAMES_MAX][NAMES_TEXT_CAP];
};

struct compile_order {
    const struct folder *folder;
    const struct muster_list *old; /* verified and of the same signer; NULL: the first list */
    const struct muster_signing *signing; /* NULL: join only, to find problems */
    uint64_t issued, expires;
    enum enforce enforce; /* for sources that do not say: ENFORCE_AFTER or ENFORCE_NEVER */
    uint64_t enforce_after_s;
    bool shows_progress; /* on standard error */
};

/* Adds every model, every withdrawal that is still needed and muster.test/always-fail to io_build.
 * 0, or -1 after adding problems or saying what failed. */
int compile_list(const struct compile_order *order, struct problems *problems,
                 struct list_build *io_build, struct changes ret_changes[CHANGES_N]);

/* Whether two advisories differ in nothing but their times: a renewal. */
bool compile_same_defects(const struct muster_advisory *a, const struct muster_advisory *b);

#endif
