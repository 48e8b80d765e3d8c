/* SPDX-License-Identifier: ISC */
/* One netlink socket that asks and waits for the kernel's answer. The kernel answers at once;
 * nothing here waits longer than five seconds. Every function returns 0 or a negative errno. */
#ifndef AGENT_NL_H
#define AGENT_NL_H

#include <libmnl/libmnl.h>
#include <stdbool.h>
#include <stdint.h>

struct nl {
    struct mnl_socket *socket;
    uint32_t seq, portid;
};

/* `bus` is NETLINK_ROUTE or NETLINK_NETFILTER. */
int nl_open(struct nl *nl, int bus);
void nl_close(struct nl *nl);

/* Asks for a dump of `family` (AF_UNSPEC: all) and hands each message to `each`. -EINTR: what
 * was dumped changed meanwhile; what `each` has seen may be wrong, ask again. */
typedef void nl_each_fn(void *ctx, const struct nlmsghdr *message);
int nl_dump(struct nl *nl, uint16_t type, uint8_t family, nl_each_fn *each, void *ctx);

/* Sends a request and waits until the kernel has done it. Number and flags NLM_F_REQUEST |
 * NLM_F_ACK are set here. */
int nl_request(struct nl *nl, struct nlmsghdr *message);

/* Sends ready-made bytes (an nf_tables batch) and waits for the first error, or for the
 * acknowledgement of the message numbered `last_seq`. */
int nl_batch(struct nl *nl, const void *bytes, size_t len, uint32_t last_seq);

/* Opens a socket that listens to these groups (numbers, 0 ends the list) without blocking. */
int nl_listen(struct nl *nl, int bus, const int *groups);
/* Joins or leaves one group. */
int nl_join(struct nl *nl, int group, bool join);

/* Reads all that has come on a listening socket, handing each message to `each` (may be NULL).
 * Returns how many messages there were; -ENOBUFS if some were lost: look at everything again. */
int nl_drain(struct nl *nl, nl_each_fn *each, void *ctx);

/* Walks a message's attributes behind its head of head_len bytes, as mnl_attr_for_each does. */
#define NL_EACH_ATTR(attr, message, head_len)                                                      \
    for ((attr) = mnl_nlmsg_get_payload_offset((message), (head_len));                             \
         mnl_attr_ok((attr), (int)((const char *)mnl_nlmsg_get_payload_tail(message) -             \
                                   (const char *)(attr)));                                         \
         (attr) = mnl_attr_next(attr))

#endif
