/* SPDX-License-Identifier: ISC */
/* Computes what stays in quarantine from the interfaces' addresses. It asks nobody and changes
 * nothing. */
#include "agent/keep.h"

#include <string.h>

static const struct prefix link_scope[] = {
    {AF_INET, {169, 254}, 16},    {AF_INET, {224, 0, 0}, 24},   {AF_INET, {255, 255, 255, 255}, 32},
    {AF_INET6, {0xfe, 0x80}, 10}, {AF_INET6, {0xff, 0x01}, 16}, {AF_INET6, {0xff, 0x02}, 16},
};

static const struct prefix private_blocks[] = {
    {AF_INET, {10}, 8},
    {AF_INET, {172, 16}, 12},
    {AF_INET, {192, 168}, 16},
};

static bool covers(const struct prefix *prefix, int family, const uint8_t *bytes, unsigned len)
{
    unsigned whole = prefix->len / 8, rest = prefix->len % 8;
    uint8_t mask = (uint8_t)(0xff00u >> rest);

    if (prefix->family != family || prefix->len > len || memcmp(prefix->bytes, bytes, whole) != 0)
        return false;
    return rest == 0 || ((prefix->bytes[whole] ^ bytes[whole]) & mask) == 0;
}

unsigned keep_widest(int family, const uint8_t *bytes)
{
    if (family == AF_INET6)
        return 48;
    for (size_t i = 0; i < sizeof private_blocks / sizeof private_blocks[0]; i++)
        if (covers(&private_blocks[i], AF_INET, bytes, 32))
            return private_blocks[i].len;
    return 16;
}

bool keep_holds(const struct keep *keep, int family, const uint8_t *bytes, unsigned len)
{
    for (size_t i = 0; i < keep->prefixes_n; i++)
        if (covers(&keep->prefixes[i], family, bytes, len))
            return true;
    return false;
}

static void cut_to(struct prefix *prefix, unsigned len)
{
    prefix->len = len;
    for (unsigned bit = len; bit < 8 * sizeof prefix->bytes; bit++)
        prefix->bytes[bit / 8] &= (uint8_t) ~(0x80u >> (bit % 8));
}

static void add(struct keep *keep, const struct prefix *prefix)
{
    if (keep->prefixes_n < KEEP_PREFIXES_MAX &&
        !keep_holds(keep, prefix->family, prefix->bytes, prefix->len))
        keep->prefixes[keep->prefixes_n++] = *prefix;
}

void keep_prefixes(const struct links *links, struct keep *ret)
{
    memset(ret, 0, sizeof *ret);
    for (size_t i = 0; i < sizeof link_scope / sizeof link_scope[0]; i++)
        add(ret, &link_scope[i]);
    for (size_t i = 0; i < links->addrs_n; i++) {
        const struct link_addr *addr = &links->addrs[i];
        const struct link *link = links_find(links, addr->index);
        struct prefix prefix = {.family = addr->family};
        unsigned widest = keep_widest(addr->family, addr->bytes);

        if (link == NULL || (link->flags & IFF_LOOPBACK))
            continue;
        memcpy(prefix.bytes, addr->bytes, sizeof prefix.bytes);
        cut_to(&prefix, addr->prefix_len < widest ? widest : addr->prefix_len);
        add(ret, &prefix);
    }
}

static bool is_loopback(const uint8_t *bytes, size_t len)
{
    static const uint8_t loopback6[16] = {[15] = 1};

    return len == 4 ? bytes[0] == 127 : memcmp(bytes, loopback6, len) == 0;
}

bool keep_except(struct keep *keep, const struct addr *addr, uint8_t protocol)
{
    struct keep_exception exception = {.protocol = protocol, .port = addr_port(addr)};
    size_t len;
    const uint8_t *bytes = addr_bytes(addr, &len);

    if (bytes == NULL || exception.port == 0 || !addr_is_unicast_host(addr) ||
        is_loopback(bytes, len))
        return false;
    exception.family = len == 4 ? AF_INET : AF_INET6;
    memcpy(exception.bytes, bytes, len);
    for (size_t i = 0; i < keep->exceptions_n; i++)
        if (memcmp(&keep->exceptions[i], &exception, sizeof exception) == 0)
            return true;
    if (keep->exceptions_n == KEEP_EXCEPTIONS_MAX)
        return false;
    keep->exceptions[keep->exceptions_n++] = exception;
    return true;
}

bool keep_equal(const struct keep *a, const struct keep *b)
{
    return a->prefixes_n == b->prefixes_n && a->exceptions_n == b->exceptions_n &&
           memcmp(a->prefixes, b->prefixes, a->prefixes_n * sizeof a->prefixes[0]) == 0 &&
           memcmp(a->exceptions, b->exceptions, a->exceptions_n * sizeof a->exceptions[0]) == 0;
}
