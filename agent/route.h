/* SPDX-License-Identifier: ISC */
/* One route as the kernel shows it, kept whole, so that it can be taken away and put back as it
 * was. */
#ifndef AGENT_ROUTE_H
#define AGENT_ROUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/nl.h"

#define ROUTE_RAW_MAX 448

struct route {
    uint8_t family, dst_len, type, protocol, scope;
    bool has_gateway; /* or anything else that hides where it leads: several hops, encapsulation */
    bool onlink;
    uint8_t dst[16];
    uint8_t gateway[16]; /* all zero if there is none of the same family */
    uint8_t prefsrc[16];
    uint32_t table, metric;
    int oif;             /* 0 if there are several */
    uint64_t expires_ms; /* on clock_mono_ms(); 0 = never */
    uint16_t raw_len;    /* the rtmsg and its attributes, without what says how old it is */
    uint8_t raw[ROUTE_RAW_MAX];
};

/* Reads an RTM_NEWROUTE. False: no such route that could be put back (too long, cached, another
 * family). */
bool route_parse(const struct nlmsghdr *message, uint64_t mono_ms, struct route *ret);

/* Would `ip route replace` of one replace the other? The device counts, and in IPv6 the gateway. */
bool route_is_same(const struct route *a, const struct route *b);

/* 0 or a negative errno: -ESRCH if it is not there (route_delete), -EEXIST if it is (route_add; an
 * expired one is not added: -ETIME). */
int route_delete(struct nl *nl, const struct route *route);
int route_add(struct nl *nl, const struct route *route, uint64_t mono_ms);

/* Are the bytes as route_parse makes them? For routes that come from a file. */
bool route_is_sound(const struct route *route);

#endif
