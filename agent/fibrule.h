/* SPDX-License-Identifier: ISC */
/* The block where the kernel has no nf_tables: policy rules that look up what stays and prohibit
 * the rest. They do not hold sockets that are bound to a device. */
#ifndef AGENT_FIBRULE_H
#define AGENT_FIBRULE_H

#include "agent/keep.h"
#include "agent/nl.h"

/* 0 or a negative errno. The prohibiting rule stands first and stays while the others are
 * replaced. */
int fibrule_install(struct nl *nl, const struct keep *keep);
/* Are all of them there, and no other of ours? */
bool fibrule_stands(struct nl *nl, const struct keep *keep);
int fibrule_remove(struct nl *nl);

#endif
