/* SPDX-License-Identifier: ISC */
/* What the kernel says of interfaces and their addresses, as one snapshot: dumped whole whenever
 * something changed, so that nothing can be missed by halves. */
#ifndef AGENT_LINK_H
#define AGENT_LINK_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/nl.h"

#define LINKS_MAX      256 /* as many as one nf_tables chain takes */
#define LINK_ADDRS_MAX 512

struct link {
    int index;
    unsigned flags; /* IFF_* */
    uint16_t type;  /* ARPHRD_* */
    char name[IFNAMSIZ];
};

struct link_addr {
    int index;
    uint8_t family, prefix_len;
    uint8_t bytes[16]; /* of the prefix: the peer's where there is one */
};

struct links {
    size_t n, addrs_n;
    bool truncated; /* there are more than fit */
    struct link list[LINKS_MAX];
    struct link_addr addrs[LINK_ADDRS_MAX];
};

/* Asks the kernel. 0 or a negative errno; *ret is then undefined. */
int links_read(struct nl *nl, struct links *ret);

const struct link *links_find(const struct links *links, int index);
/* Up with a carrier, and not the loopback. */
bool links_usable(const struct links *links, int index);
/* Has the interface an address of this family (in IPv6: any, link-local too)? */
bool links_has_addr(const struct links *links, int index, int family);

/* The link address of the neighbour `ip` (4 or 16 bytes) on an interface. 0, -EAGAIN if it is
 * not known (the kernel is then asked to find it out), -ENOTSUP if such interfaces have none. */
int links_neighbour(struct nl *nl, const struct links *links, int index, int family,
                    const uint8_t *ip, uint8_t ret_mac[6]);

#endif
