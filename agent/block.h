/* SPDX-License-Identifier: ISC */
/* The block (R8): nothing leaves the LAN but what `struct keep` names. One nf_tables table
 * `muster`, replaced whole in one transaction; where the kernel has no nf_tables, FIB rules. */
#ifndef AGENT_BLOCK_H
#define AGENT_BLOCK_H

#include "agent/keep.h"
#include "agent/link.h"
#include "agent/nl.h"

enum block_kind {
    BLOCK_NONE,
    BLOCK_EGRESS,   /* every packet on every interface, whoever sent it */
    BLOCK_OUTPUT,   /* what goes through the IP stack; not packet sockets */
    BLOCK_FIB_RULES /* what is routed; not sockets bound to a device */
};

struct block {
    struct nl filter; /* NETLINK_NETFILTER; its socket is NULL where the kernel has none */
    struct nl *route; /* NETLINK_ROUTE, the caller's */
    enum block_kind kind;
    struct keep keep; /* as installed */
    size_t links_n;
    struct block_link {
        int index;
        char name[IFNAMSIZ];
    } links[LINKS_MAX]; /* the interfaces it stands on */
};

void block_open(struct block *block, struct nl *route);
void block_close(struct block *block);

/* Puts the block up, or brings it up to date; what stood before stands until the new one does.
 * `force`: even if nothing seems to have changed. 0, or a negative errno if no kind of block
 * could be put up. */
int block_install(struct block *block, const struct links *links, const struct keep *keep,
                  bool force);

/* Takes down whatever block of ours stands, of any kind, also one left by a process that died. */
int block_remove(struct block *block);

/* "netdev egress", "output hook", "FIB rules", "none". */
const char *block_kind_name(enum block_kind kind);

/* Does this nf_tables event, not caused by this agent itself, touch the block? */
bool block_is_touched(const struct block *block, const struct nlmsghdr *event);

#endif
