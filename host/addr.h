/* SPDX-License-Identifier: ISC */
/* IP addresses, ports and prefixes as numbers. No name is ever looked up here. */
#ifndef HOST_ADDR_H
#define HOST_ADDR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define ADDR_TEXT_CAP 80

struct addr {
    struct sockaddr_storage ss;
    socklen_t len;
};

struct prefix {
    int family; /* AF_INET or AF_INET6 */
    uint8_t bytes[16];
    unsigned len; /* bits */
};

/* "192.0.2.1", "192.0.2.1:6878", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:6878";
 * "fe80::1%eth0" where the interface exists; "*" or "*:6878" is the IPv6 wildcard (which takes
 * IPv4 on a socket without IPV6_V6ONLY). 0 or -EINVAL. */
int addr_parse(const char *text, uint16_t default_port, struct addr *ret);

/* "192.0.2.1:6878" or "[2001:db8::1]:6878"; with port 0 the address alone. Returns out. */
const char *addr_format(const struct addr *addr, char out[ADDR_TEXT_CAP]);

uint16_t addr_port(const struct addr *addr);
void addr_set_port(struct addr *addr, uint16_t port);

/* The address's bytes in network order: 4 (AF_INET) or 16 (AF_INET6) of them; NULL and 0 for any
 * other family. Points into *addr. */
const uint8_t *addr_bytes(const struct addr *addr, size_t *ret_len);

/* Makes an address of 4 or 16 bytes (any other bytes_len: -EINVAL). */
int addr_from_bytes(const uint8_t *bytes, size_t bytes_len, uint16_t port, struct addr *ret);

/* Can this be one host's address (R1)? No: multicast, 255.255.255.255, unspecified, 0/8, 240/4, and
 * these mapped into ::ffff:0:0/96; any other family. Loopback is allowed. */
bool addr_is_unicast_host(const struct addr *addr);

/* The same address, whatever the port? An IPv4 address equals itself mapped into IPv6. */
bool addr_equal_ip(const struct addr *a, const struct addr *b);

/* "192.0.2.0/24", "2001:db8::/32", or an address alone (/32, /128). Bits below the length must be
 * zero, so that a slip is seen. 0 or -EINVAL. */
int prefix_parse(const char *text, struct prefix *ret);

/* Is the address in the prefix? An IPv4 address mapped into IPv6 counts as IPv4. */
bool prefix_contains(const struct prefix *prefix, const struct addr *addr);

#endif
