/* SPDX-License-Identifier: ISC */
/* Sockets, retries and waiting. It must not look into datagrams. */
#include "tool/ask_net.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/clock.h"
#include "muster/config.h"
#include "tool/cli.h"

static void keep_first(const struct addrinfo *list, int family, struct ask_leg *legs, int *io_n)
{
    const struct addrinfo *at;

    for (at = list; at != NULL; at = at->ai_next)
        if (at->ai_family == family && at->ai_addrlen <= sizeof legs->addr.ss) {
            struct addr *addr = &legs[(*io_n)++].addr;

            memcpy(&addr->ss, at->ai_addr, at->ai_addrlen);
            addr->len = at->ai_addrlen;
            return;
        }
}

static int resolve_name(const char *host, const char *port, struct ask_leg *legs)
{
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM, .ai_flags = AI_ADDRCONFIG}, *list;
    int n = 0, error = getaddrinfo(host, port, &hints, &list);

    if (error != 0) {
        (void)cli_error("%s: %s", SAFE(host), gai_strerror(error));
        return -1;
    }
    keep_first(list, AF_INET6, legs, &n);
    keep_first(list, AF_INET, legs, &n);
    freeaddrinfo(list);
    if (n > 0)
        return n;
    (void)cli_error("%s has no address", SAFE(host));
    return -1;
}

int ask_resolve(const char *server, struct ask_leg ret_legs[ASK_LEGS_MAX])
{
    const char *colon = strrchr(server, ':');
    char host[256], port[8];
    uint64_t number;

    memset(ret_legs, 0, ASK_LEGS_MAX * sizeof *ret_legs);
    if (addr_parse(server, MUSTER_PORT, &ret_legs[0].addr) == 0)
        return 1;
    (void)snprintf(port, sizeof port, "%d", MUSTER_PORT);
    (void)snprintf(host, sizeof host, "%s", server);
    if (colon != NULL && (size_t)(colon - server) < sizeof host) {
        host[colon - server] = '\0';
        if (cli_u64("PORT", colon + 1, 1, UINT16_MAX, &number) != 0)
            return -1;
        (void)snprintf(port, sizeof port, "%u", (unsigned)number);
    }
    return resolve_name(host, port, ret_legs);
}

static int open_leg(struct ask_leg *leg)
{
    int hops = ASK_HOP_LIMIT;

    leg->fd = socket(leg->addr.ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (leg->fd < 0)
        return -errno;
    if (leg->addr.ss.ss_family == AF_INET6)
        (void)setsockopt(leg->fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &hops, sizeof hops);
    else
        (void)setsockopt(leg->fd, IPPROTO_IP, IP_TTL, &hops, sizeof hops);
    return connect(leg->fd, (const struct sockaddr *)&leg->addr.ss, leg->addr.len) == 0 ? 0
                                                                                        : -errno;
}

static int open_legs(struct ask_leg *legs, size_t legs_n)
{
    size_t i;
    int ret = 0;

    for (i = 0; i < legs_n; i++)
        legs[i].fd = -1;
    for (i = 0; i < legs_n && ret == 0; i++)
        ret = open_leg(&legs[i]);
    return ret;
}

struct waiting {
    const struct ask_plan *plan;
    size_t sent_n; /* since the gaps last began */
    uint64_t next_ms, end_ms;
    int error; /* the last that the network reported; silence if none (R2) */
};

static void send_next(struct ask_leg *legs, size_t legs_n, struct waiting *w, uint64_t now_ms)
{
    struct ask_leg *leg = &legs[w->sent_n % legs_n];

    if (send(leg->fd, leg->request, leg->len, 0) < 0)
        w->error = -errno;
    w->next_ms = w->sent_n < w->plan->gaps_n ? now_ms + w->plan->gaps_ms[w->sent_n] : w->end_ms;
    w->sent_n++;
}

static enum ask_taken receive(struct ask_leg *leg, struct waiting *w, ask_take_fn *take, void *ctx)
{
    uint8_t bytes[MUSTER_DATAGRAM_MAX + 1];
    ssize_t len = recv(leg->fd, bytes, sizeof bytes, 0);
    enum ask_taken taken;

    if (len < 0) {
        if (errno != EAGAIN)
            w->error = -errno;
        return ASK_IGNORED;
    }
    taken = take(ctx, leg, bytes, (size_t)len);
    if (taken == ASK_AGAIN) {
        w->sent_n = 1;
        w->next_ms = clock_mono_ms() + (w->plan->gaps_n > 0 ? w->plan->gaps_ms[0] : 0);
        if (send(leg->fd, leg->request, leg->len, 0) < 0)
            w->error = -errno;
    }
    return taken;
}

static int wait_until(struct ask_leg *legs, size_t legs_n, struct waiting *w, ask_take_fn *take,
                      void *ctx)
{
    uint64_t now_ms = clock_mono_ms(), until = w->next_ms < w->end_ms ? w->next_ms : w->end_ms;
    struct pollfd fds[ASK_LEGS_MAX];
    size_t i;

    for (i = 0; i < legs_n; i++)
        fds[i] = (struct pollfd){.fd = legs[i].fd, .events = POLLIN};
    if (poll(fds, legs_n, until > now_ms ? (int)(until - now_ms) : 0) <= 0)
        return 0;
    for (i = 0; i < legs_n; i++)
        if (fds[i].revents != 0 && receive(&legs[i], w, take, ctx) == ASK_ANSWERED)
            return 1;
    return 0;
}

static int ask(struct ask_leg *legs, size_t legs_n, const struct ask_plan *plan, ask_take_fn *take,
               void *ctx)
{
    uint64_t now_ms = clock_mono_ms();
    struct waiting w = {
        .plan = plan, .next_ms = now_ms, .end_ms = now_ms + plan->timeout_ms, .error = -ETIMEDOUT};

    for (; now_ms < w.end_ms; now_ms = clock_mono_ms()) {
        if (now_ms >= w.next_ms)
            send_next(legs, legs_n, &w, now_ms);
        if (wait_until(legs, legs_n, &w, take, ctx))
            return 0;
    }
    return w.error;
}

int ask_exchange(struct ask_leg *legs, size_t legs_n, const struct ask_plan *plan,
                 ask_take_fn *take, void *ctx)
{
    size_t i;
    int ret = open_legs(legs, legs_n);

    if (ret == 0)
        ret = ask(legs, legs_n, plan, take, ctx);
    for (i = 0; i < legs_n; i++)
        if (legs[i].fd >= 0)
            close(legs[i].fd);
    return ret;
}
