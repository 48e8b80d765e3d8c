/* SPDX-License-Identifier: ISC */
/* One question over UDP with retries, on one or two connected sockets. */
#ifndef TOOL_ASK_NET_H
#define TOOL_ASK_NET_H

#include "host/addr.h"
#include "muster/message.h"

#define ASK_LEGS_MAX  2 /* one an address family */
#define ASK_GAPS_MAX  3
#define ASK_HOP_LIMIT 16 /* as devices set it (R2) */

/* One address family's side of the question. */
struct ask_leg {
    struct addr addr;
    int fd;
    uint8_t nonce[MUSTER_NONCE_LEN];
    uint8_t request[MUSTER_DATAGRAM_MAX];
    size_t len;
};

/* The first packet goes at once, the others after the gaps, in turn over the legs. */
struct ask_plan {
    uint64_t gaps_ms[ASK_GAPS_MAX];
    size_t gaps_n;
    uint64_t timeout_ms; /* over all, from the first packet */
};

/* What the taker says of a datagram. */
enum ask_taken {
    ASK_IGNORED = 0, /* keep waiting */
    ASK_ANSWERED = 1,
    ASK_AGAIN = 2 /* it has changed the leg's request: send that at once and begin the gaps anew */
};
typedef enum ask_taken ask_take_fn(void *ctx, struct ask_leg *leg, const uint8_t *bytes,
                                   size_t len);

/* Looks up "HOST", "HOST:PORT", an address: the first IPv6 and the first IPv4 address. The number
 * of legs, 1 or 2, without sockets, or -1 after saying why. */
int ask_resolve(const char *server, struct ask_leg ret_legs[ASK_LEGS_MAX]);

/* Opens sockets, asks, hands every datagram to `take`, closes. 0 once it is answered, else a
 * negative errno: -ETIMEDOUT, or why nothing could be sent (-ECONNREFUSED, -ENETUNREACH, ...). */
int ask_exchange(struct ask_leg *legs, size_t legs_n, const struct ask_plan *plan,
                 ask_take_fn *take, void *ctx);

#endif
