/* SPDX-License-Identifier: ISC */
/* A list out of lists alone, without the folders it was made of: renewed, some of it withdrawn, or
 * put back. */
#ifndef TOOL_RELIST_H
#define TOOL_RELIST_H

#include "tool/issue.h"

/* Walks a verified list. */
struct relist_walk {
    const struct muster_list *list;
    uint64_t next;
    struct draft_before at; /* not present: the end, or no list */
};

/* 0, or STATUS_ERROR after saying what is broken. The first call begins. */
int relist_step(struct relist_walk *io_walk);

/* Adds a model that goes on: its defects are those of `advisory`, its first issues those of
 * `history`. `before` is the model in this signer's newest list. Without defects it is withdrawn,
 * as long as anybody may believe what was said. 0, or STATUS_ERROR after saying why. */
int relist_add(struct issue *issue, struct muster_slice name_key, const struct draft_before *before,
               const struct muster_advisory *advisory, struct muster_slice history);

/* Adds every model of the list as it is. 0, or STATUS_ERROR after saying why. */
int relist_renew(struct issue *issue, const struct muster_list *list);

#endif
