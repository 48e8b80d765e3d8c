/* SPDX-License-Identifier: ISC */
/* Whether devices that know one list of a signer may be given another of his: rollback, model by
 * model (doc/protocol.md, "Judging"), for lists that were not made out of each other. */
#ifndef TOOL_SUCCEED_H
#define TOOL_SUCCEED_H

#include "muster/list.h"
#include "tool/names.h"

/* NULL if every word of `before` has one in `next` that is the same or newer, or nobody may believe
 * it at the issue of `next`. Else what is wrong, as words that go before ret_name, the first such
 * model. Both are verified (`next` may lack signatures) and of one signer. */
const char *succeed_refuses(const struct muster_list *next, const struct muster_list *before,
                            char ret_name[NAMES_TEXT_CAP]);

#endif
