/* SPDX-License-Identifier: ISC */
/* IP addresses as numbers. It must not look up names or open sockets. */
#include "host/addr.h"

#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOST_CAP 64

/* sockaddr_storage and its shapes may alias through pointers (POSIX), so a cast is enough. */
static struct sockaddr_in *in4(struct addr *addr)
{
    return (struct sockaddr_in *)&addr->ss;
}

static struct sockaddr_in6 *in6(struct addr *addr)
{
    return (struct sockaddr_in6 *)&addr->ss;
}

static const struct sockaddr_in *in4_const(const struct addr *addr)
{
    return (const struct sockaddr_in *)&addr->ss;
}

static const struct sockaddr_in6 *in6_const(const struct addr *addr)
{
    return (const struct sockaddr_in6 *)&addr->ss;
}

static int parse_port(const char *text, uint16_t *ret)
{
    unsigned long port = 0;
    const char *at;

    for (at = text; *at >= '0' && *at <= '9' && port <= 65535; at++)
        port = port * 10 + (unsigned long)(*at - '0');
    if (at == text || *at != '\0' || port < 1 || port > 65535)
        return -EINVAL;
    *ret = (uint16_t)port;
    return 0;
}

/* Splits "[a]:1", "[a]", "a:1" and "a" into host and port; IPv6 without brackets is all host. */
static int split(const char *text, char host[HOST_CAP], const char **ret_port)
{
    const char *end, *port = NULL;

    if (*text == '[') {
        end = strchr(++text, ']');
        if (end == NULL || (end[1] != '\0' && end[1] != ':'))
            return -EINVAL;
        if (memchr(text, ':', (size_t)(end - text)) == NULL)
            return -EINVAL;
        port = end[1] == ':' ? end + 2 : NULL;
    } else {
        end = strchr(text, ':');
        if (end != NULL && strchr(end + 1, ':') == NULL)
            port = end + 1;
        else
            end = text + strlen(text);
    }
    if ((size_t)(end - text) >= HOST_CAP)
        return -EINVAL;
    memcpy(host, text, (size_t)(end - text));
    host[end - text] = '\0';
    *ret_port = port;
    return 0;
}

static int parse_v6(char *host, struct sockaddr_in6 *ret)
{
    char *zone = strchr(host, '%');

    ret->sin6_family = AF_INET6;
    if (zone != NULL) {
        *zone++ = '\0';
        ret->sin6_scope_id = if_nametoindex(zone);
        if (ret->sin6_scope_id == 0)
            return -EINVAL;
    }
    return inet_pton(AF_INET6, host, &ret->sin6_addr) == 1 ? 0 : -EINVAL;
}

int addr_parse(const char *text, uint16_t default_port, struct addr *ret)
{
    struct addr addr;
    char host[HOST_CAP];
    const char *port_text;
    uint16_t port = default_port;

    memset(&addr, 0, sizeof addr);
    if (split(text, host, &port_text) != 0)
        return -EINVAL;
    if (port_text != NULL && parse_port(port_text, &port) != 0)
        return -EINVAL;
    if (strcmp(host, "*") == 0)
        (void)snprintf(host, sizeof host, "::");
    if (inet_pton(AF_INET, host, &in4(&addr)->sin_addr) == 1) {
        in4(&addr)->sin_family = AF_INET;
        addr.len = sizeof(struct sockaddr_in);
    } else if (parse_v6(host, in6(&addr)) == 0) {
        addr.len = sizeof(struct sockaddr_in6);
    } else {
        return -EINVAL;
    }
    addr_set_port(&addr, port);
    *ret = addr;
    return 0;
}

const char *addr_format(const struct addr *addr, char out[ADDR_TEXT_CAP])
{
    char host[INET6_ADDRSTRLEN] = "?", zone[IF_NAMESIZE + 1] = "";
    uint16_t port = addr_port(addr);
    bool is_v6 = addr->ss.ss_family == AF_INET6;
    size_t len;
    const uint8_t *bytes = addr_bytes(addr, &len);

    if (bytes != NULL)
        inet_ntop(addr->ss.ss_family, bytes, host, sizeof host);
    if (is_v6 && in6_const(addr)->sin6_scope_id != 0) {
        zone[0] = '%';
        if (if_indextoname(in6_const(addr)->sin6_scope_id, zone + 1) == NULL)
            zone[0] = '\0';
    }
    if (port == 0)
        (void)snprintf(out, ADDR_TEXT_CAP, "%s%s", host, zone);
    else
        (void)snprintf(out, ADDR_TEXT_CAP, is_v6 ? "[%s%s]:%u" : "%s%s:%u", host, zone, port);
    return out;
}

uint16_t addr_port(const struct addr *addr)
{
    if (addr->ss.ss_family == AF_INET)
        return ntohs(in4_const(addr)->sin_port);
    return addr->ss.ss_family == AF_INET6 ? ntohs(in6_const(addr)->sin6_port) : 0;
}

void addr_set_port(struct addr *addr, uint16_t port)
{
    if (addr->ss.ss_family == AF_INET)
        in4(addr)->sin_port = htons(port);
    else if (addr->ss.ss_family == AF_INET6)
        in6(addr)->sin6_port = htons(port);
}

const uint8_t *addr_bytes(const struct addr *addr, size_t *ret_len)
{
    *ret_len = 0;
    if (addr->ss.ss_family == AF_INET) {
        *ret_len = 4;
        return (const uint8_t *)&in4_const(addr)->sin_addr;
    }
    if (addr->ss.ss_family == AF_INET6) {
        *ret_len = 16;
        return in6_const(addr)->sin6_addr.s6_addr;
    }
    return NULL;
}

int addr_from_bytes(const uint8_t *bytes, size_t bytes_len, uint16_t port, struct addr *ret)
{
    struct addr addr;

    memset(&addr, 0, sizeof addr);
    if (bytes_len == 4) {
        in4(&addr)->sin_family = AF_INET;
        memcpy(&in4(&addr)->sin_addr, bytes, 4);
        addr.len = sizeof(struct sockaddr_in);
    } else if (bytes_len == 16) {
        in6(&addr)->sin6_family = AF_INET6;
        memcpy(&in6(&addr)->sin6_addr, bytes, 16);
        addr.len = sizeof(struct sockaddr_in6);
    } else {
        return -EINVAL;
    }
    addr_set_port(&addr, port);
    *ret = addr;
    return 0;
}

/* The address's bytes, with an IPv4 address taken out of ::ffff:0:0/96. */
static const uint8_t *plain_bytes(const struct addr *addr, size_t *ret_len)
{
    const uint8_t *bytes = addr_bytes(addr, ret_len);

    if (*ret_len == 16 && IN6_IS_ADDR_V4MAPPED(&in6_const(addr)->sin6_addr)) {
        *ret_len = 4;
        return bytes + 12;
    }
    return bytes;
}

bool addr_is_unicast_host(const struct addr *addr)
{
    size_t len;
    const uint8_t *bytes = plain_bytes(addr, &len);

    if (len == 4)
        return bytes[0] != 0 &&
               bytes[0] < 224; /* 224/4 multicast; 240/4 has the broadcast address */
    if (len == 16)
        return bytes[0] != 0xff && !IN6_IS_ADDR_UNSPECIFIED(&in6_const(addr)->sin6_addr);
    return false;
}

bool addr_equal_ip(const struct addr *a, const struct addr *b)
{
    size_t a_len, b_len;
    const uint8_t *a_bytes = plain_bytes(a, &a_len), *b_bytes = plain_bytes(b, &b_len);

    return a_len != 0 && a_len == b_len && memcmp(a_bytes, b_bytes, a_len) == 0;
}

static bool bits_equal(const uint8_t *a, const uint8_t *b, unsigned bits)
{
    uint8_t mask = (uint8_t)(0xff00u >> (bits % 8));

    if (memcmp(a, b, bits / 8) != 0)
        return false;
    return bits % 8 == 0 || ((a[bits / 8] ^ b[bits / 8]) & mask) == 0;
}

static bool has_bits_below(const struct prefix *prefix, unsigned width)
{
    unsigned bit;

    for (bit = prefix->len; bit < width; bit++)
        if ((prefix->bytes[bit / 8] & (0x80u >> (bit % 8))) != 0)
            return true;
    return false;
}

int prefix_parse(const char *text, struct prefix *ret)
{
    struct prefix prefix;
    const char *slash = strchr(text, '/');
    char host[HOST_CAP];
    size_t host_len = slash != NULL ? (size_t)(slash - text) : strlen(text);
    unsigned width;

    memset(&prefix, 0, sizeof prefix);
    if (host_len >= sizeof host)
        return -EINVAL;
    memcpy(host, text, host_len);
    host[host_len] = '\0';
    prefix.family = strchr(host, ':') != NULL ? AF_INET6 : AF_INET;
    width = prefix.family == AF_INET6 ? 128 : 32;
    prefix.len = width;
    if (inet_pton(prefix.family, host, prefix.bytes) != 1)
        return -EINVAL;
    if (slash != NULL) {
        size_t digits = strspn(slash + 1, "0123456789");

        if (digits < 1 || digits > 3 || slash[1 + digits] != '\0')
            return -EINVAL;
        prefix.len = (unsigned)strtoul(slash + 1, NULL, 10);
    }
    if (prefix.len > width || has_bits_below(&prefix, width))
        return -EINVAL;
    *ret = prefix;
    return 0;
}

bool prefix_contains(const struct prefix *prefix, const struct addr *addr)
{
    size_t len;
    const uint8_t *bytes = plain_bytes(addr, &len);

    if (len != (prefix->family == AF_INET6 ? 16u : 4u))
        return false;
    return bits_equal(prefix->bytes, bytes, prefix->len);
}
