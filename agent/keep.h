/* SPDX-License-Identifier: ISC */
/* What stays reachable in quarantine (R8): the LAN's prefixes and the exceptions. Pure. */
#ifndef AGENT_KEEP_H
#define AGENT_KEEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/link.h"
#include "host/addr.h"

#define KEEP_PREFIXES_MAX   64
#define KEEP_EXCEPTIONS_MAX 128

struct keep_exception {
    uint8_t family, protocol; /* AF_INET or AF_INET6; IPPROTO_UDP or IPPROTO_TCP */
    uint16_t port;            /* host order */
    uint8_t bytes[16];
};

struct keep {
    size_t prefixes_n, exceptions_n;
    struct prefix prefixes[KEEP_PREFIXES_MAX];
    struct keep_exception exceptions[KEEP_EXCEPTIONS_MAX];
};

/* Sets *ret to link scope and the prefixes of the interfaces' own addresses: as they are, but a
 * prefix is taken no wider than /48 in IPv6, the private block it lies in, and /16 in other IPv4
 * space. What does not fit is left out, so it is blocked. No exceptions yet. */
void keep_prefixes(const struct links *links, struct keep *ret);

/* Adds an exception unless it is there. False: it is no other host's address, has no port, or
 * there is no room; it then stays blocked. */
bool keep_except(struct keep *keep, const struct addr *addr, uint8_t protocol);

/* Does the whole prefix lie within what stays? */
bool keep_holds(const struct keep *keep, int family, const uint8_t *bytes, unsigned len);

/* The least prefix length at which `bytes` may still be one LAN. */
unsigned keep_widest(int family, const uint8_t *bytes);

bool keep_equal(const struct keep *a, const struct keep *b);

#endif
