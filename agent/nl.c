/* SPDX-License-Identifier: ISC */
/* Netlink requests, dumps and event sockets over libmnl. It knows no message's meaning. */
#include "agent/nl.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#define BUFFER_LEN 32768

int nl_open(struct nl *nl, int bus)
{
    struct timeval patience = {.tv_sec = 5};

    memset(nl, 0, sizeof *nl);
    nl->socket = mnl_socket_open2(bus, SOCK_CLOEXEC);
    if (nl->socket == NULL)
        return -errno;
    if (mnl_socket_bind(nl->socket, 0, MNL_SOCKET_AUTOPID) < 0) {
        int error = -errno;
        nl_close(nl);
        return error;
    }
    setsockopt(mnl_socket_get_fd(nl->socket), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    nl->portid = mnl_socket_get_portid(nl->socket);
    return 0;
}

void nl_close(struct nl *nl)
{
    if (nl->socket != NULL)
        mnl_socket_close(nl->socket);
    nl->socket = NULL;
}

static int error_of(const struct nlmsghdr *message)
{
    const struct nlmsgerr *error = mnl_nlmsg_get_payload(message);

    if (mnl_nlmsg_get_payload_len(message) < sizeof *error)
        return -EBADMSG;
    return error->error;
}

/* Hands over the messages of one read; 1 = the dump is over, 0 = there is more, < 0 = it failed. */
static int take_dump(struct nl *nl, const char *buffer, int len, nl_each_fn *each, void *ctx,
                     bool *io_torn)
{
    const struct nlmsghdr *message = (const struct nlmsghdr *)buffer;

    for (; mnl_nlmsg_ok(message, len); message = mnl_nlmsg_next(message, &len)) {
        if (message->nlmsg_seq != nl->seq)
            continue;
        if (message->nlmsg_flags & NLM_F_DUMP_INTR)
            *io_torn = true;
        if (message->nlmsg_type == NLMSG_DONE)
            return 1;
        if (message->nlmsg_type == NLMSG_ERROR)
            return error_of(message) < 0 ? error_of(message) : 1;
        each(ctx, message);
    }
    return 0;
}

int nl_dump(struct nl *nl, uint16_t type, uint8_t family, nl_each_fn *each, void *ctx)
{
    char buffer[BUFFER_LEN];
    struct nlmsghdr *request = mnl_nlmsg_put_header(buffer);
    struct rtgenmsg *head;
    bool torn = false;
    int done = 0;

    request->nlmsg_type = type;
    request->nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    request->nlmsg_seq = ++nl->seq;
    head = mnl_nlmsg_put_extra_header(request, sizeof *head);
    head->rtgen_family = family;
    if (mnl_socket_sendto(nl->socket, request, request->nlmsg_len) < 0)
        return -errno;
    while (done == 0) {
        ssize_t len = mnl_socket_recvfrom(nl->socket, buffer, sizeof buffer);
        if (len < 0)
            return -errno;
        done = take_dump(nl, buffer, (int)len, each, ctx, &torn);
    }
    if (done < 0)
        return done;
    return torn ? -EINTR : 0;
}

/* 1 = an answer for `seq` or an error was among them, with *ret; 0 = not yet. */
static int find_answer(const char *buffer, int len, uint32_t seq, int *ret)
{
    const struct nlmsghdr *message = (const struct nlmsghdr *)buffer;

    for (; mnl_nlmsg_ok(message, len); message = mnl_nlmsg_next(message, &len)) {
        if (message->nlmsg_type != NLMSG_ERROR)
            continue;
        *ret = error_of(message);
        if (*ret != 0 || message->nlmsg_seq == seq)
            return 1;
    }
    return 0;
}

int nl_batch(struct nl *nl, const void *bytes, size_t len, uint32_t last_seq)
{
    char buffer[BUFFER_LEN];
    int result = 0, found = 0;

    while (recv(mnl_socket_get_fd(nl->socket), buffer, sizeof buffer, MSG_DONTWAIT) > 0)
        continue; /* what is left of an earlier batch that failed */
    if (mnl_socket_sendto(nl->socket, bytes, len) < 0)
        return -errno;
    while (found == 0) {
        ssize_t got = mnl_socket_recvfrom(nl->socket, buffer, sizeof buffer);
        if (got < 0)
            return -errno;
        found = find_answer(buffer, (int)got, last_seq, &result);
    }
    return result;
}

int nl_request(struct nl *nl, struct nlmsghdr *message)
{
    message->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
    message->nlmsg_seq = ++nl->seq;
    return nl_batch(nl, message, message->nlmsg_len, message->nlmsg_seq);
}

int nl_join(struct nl *nl, int group, bool join)
{
    int option = join ? NETLINK_ADD_MEMBERSHIP : NETLINK_DROP_MEMBERSHIP;

    return mnl_socket_setsockopt(nl->socket, option, &group, sizeof group) < 0 ? -errno : 0;
}

int nl_listen(struct nl *nl, int bus, const int *groups)
{
    memset(nl, 0, sizeof *nl);
    nl->socket = mnl_socket_open2(bus, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (nl->socket == NULL)
        return -errno;
    if (mnl_socket_bind(nl->socket, 0, MNL_SOCKET_AUTOPID) < 0)
        goto failed;
    for (; *groups != 0; groups++)
        if (nl_join(nl, *groups, true) < 0)
            goto failed;
    nl->portid = mnl_socket_get_portid(nl->socket);
    return 0;
failed:;
    int error = -errno;
    nl_close(nl);
    return error;
}

int nl_drain(struct nl *nl, nl_each_fn *each, void *ctx)
{
    char buffer[BUFFER_LEN];
    int n = 0;
    bool lost = false;

    for (;;) {
        ssize_t got = mnl_socket_recvfrom(nl->socket, buffer, sizeof buffer);
        if (got < 0 && errno == ENOBUFS)
            lost = true;
        if (got < 0 && (errno == ENOBUFS || errno == EINTR))
            continue;
        if (got <= 0)
            return lost ? -ENOBUFS : n;
        int len = (int)got;
        const struct nlmsghdr *message = (const struct nlmsghdr *)buffer;
        for (; mnl_nlmsg_ok(message, len); message = mnl_nlmsg_next(message, &len), n++)
            if (each != NULL)
                each(ctx, message);
    }
}
