/* SPDX-License-Identifier: ISC */
/* A list verified whole by several threads: what muster_list_verify does in one. */
#ifndef HOST_LISTCHECK_H
#define HOST_LISTCHECK_H

#include "muster/list.h"

/* As muster_list_verify, in up to `threads` threads (parallel.h). */
int listcheck_verify(const struct muster_list *list, unsigned threads);

#endif
