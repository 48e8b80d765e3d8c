/* SPDX-License-Identifier: ISC */
/* What differs between two lists, in words. */
#ifndef TOOL_DIFF_H
#define TOOL_DIFF_H

#include "host/json.h"
#include "tool/compile.h"

struct diff_counts {
    size_t added, changed, renewed, withdrawn, left;
};

/* Tells on standard output every model, but for those of muster.test, that `next` adds, changes, withdraws or leaves out: one after
 * the other in the order of the lists, or, with `json`, as members of the open object. `old` NULL:
 * there is none. */
void diff_lists(const struct muster_list *old, const struct muster_list *next, struct json *json,
                struct diff_counts *ret_counts);
/* The names alone, of the models that diff_lists tells of, with '+', '~' or '-' and the change in
 * one word. */
typedef void diff_name_fn(void *ctx, char sign, const char *change, const char *name);
void diff_names(const struct muster_list *old, const struct muster_list *next, diff_name_fn *name,
                void *ctx, struct diff_counts *ret_counts);
void diff_print_counts(const struct diff_counts *counts);

#endif
