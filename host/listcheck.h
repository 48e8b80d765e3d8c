/* SPDX-License-Identifier: ISC */
/* A list verified whole by several threads: what muster_list_verify does in one. */
#ifndef HOST_LISTCHECK_H
#define HOST_LISTCHECK_H

#include <stdbool.h>

#include "muster/list.h"

/* As muster_list_verify, in up to `threads` threads (parallel.h). */
int listcheck_verify(const struct muster_list *list, unsigned threads);

/* Whether it lists the model that never may be (R12): muster.test/never-fail. */
bool listcheck_has_never_fail(const struct muster_list *list);

#endif
