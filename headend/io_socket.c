/* SPDX-License-Identifier: ISC */
/* The I/O table over plain sockets, one a listen address. It must not look into a datagram. */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "headend/io.h"
#include "host/log.h"

#define BUFFER_LEN       (4 << 20)
#define LOOPBACK_INDEX   1 /* the kernel's LOOPBACK_IFINDEX, the same in every network namespace */
#define SEND_PATIENCE_MS 10

union control { /* aligned for the headers inside */
    struct cmsghdr align;
    uint8_t room4[CMSG_SPACE(sizeof(struct in_pktinfo))];
    uint8_t room6[CMSG_SPACE(sizeof(struct in6_pktinfo))];
};

struct io {
    size_t sockets_n, next;
    struct pollfd polls[SETTINGS_MAX + 1]; /* the last one used is wake_fd */
    bool ready[SETTINGS_MAX];
    struct mmsghdr messages[IO_BATCH];
    struct iovec iov[IO_BATCH];
    union control controls[IO_BATCH];
};

static int set_int(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value) == 0 ? 0 : -errno;
}

/* Above the system's limit if we may, else as much as it allows. */
static void set_buffers(int fd)
{
    if (set_int(fd, SOL_SOCKET, SO_RCVBUFFORCE, BUFFER_LEN) != 0)
        (void)set_int(fd, SOL_SOCKET, SO_RCVBUF, BUFFER_LEN);
    if (set_int(fd, SOL_SOCKET, SO_SNDBUFFORCE, BUFFER_LEN) != 0)
        (void)set_int(fd, SOL_SOCKET, SO_SNDBUF, BUFFER_LEN);
}

/* The path MTU is not believed (OMIT): a forged ICMP must not stop replies. No SO_REUSEADDR, with
 * which another process could take the port over. */
static int set_up(int fd, int family)
{
    int ret;

    if (family == AF_INET) {
        ret = set_int(fd, IPPROTO_IP, IP_PKTINFO, 1);
        return ret != 0 ? ret : set_int(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_OMIT);
    }
    ret = set_int(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    if (ret == 0)
        ret = set_int(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
    return ret != 0 ? ret : set_int(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_OMIT);
}

static int open_one(const struct addr *addr)
{
    int fd = socket(addr->ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int ret;

    if (fd < 0)
        return -errno;
    set_buffers(fd);
    ret = set_up(fd, addr->ss.ss_family);
    if (ret == 0 && bind(fd, (const struct sockaddr *)&addr->ss, addr->len) != 0)
        ret = -errno;
    if (ret == 0)
        return fd;
    close(fd);
    return ret;
}

static const char *advice(int error)
{
    switch (error) {
    case EADDRINUSE:
        return "another musterd? `ss -lunp` shows who has the port";
    case EADDRNOTAVAIL:
        return "give the address to an interface first, or listen on *";
    case EACCES:
        return "a port below 1024 needs root; use another one";
    default:
        return "listen on another address";
    }
}

static void close_all(struct io *io)
{
    while (io->sockets_n > 0)
        close(io->polls[--io->sockets_n].fd);
    free(io);
}

static int open_all(const struct settings_listen *listens, size_t n, struct io **ret, char *err,
                    size_t err_cap)
{
    struct io *io = calloc(1, sizeof *io);
    char text[ADDR_TEXT_CAP];
    size_t i;
    int fd;

    if (io == NULL) {
        (void)snprintf(err, err_cap, "out of memory");
        return -ENOMEM;
    }
    for (i = 0; i < n; i++) {
        fd = open_one(&listens[i].addr);
        if (fd < 0 && listens[i].optional && (fd == -EAFNOSUPPORT || fd == -EADDRNOTAVAIL)) {
            log_warn("no IPv6 here: listening on IPv4 only");
            continue;
        }
        if (fd < 0) {
            (void)snprintf(err, err_cap, "cannot listen on %s: %s; %s",
                           addr_format(&listens[i].addr, text), strerror(-fd), advice(-fd));
            close_all(io);
            return fd;
        }
        io->polls[io->sockets_n].fd = fd;
        io->polls[io->sockets_n++].events = POLLIN;
    }
    *ret = io;
    return 0;
}

static void wait_all(struct io *io, int wake_fd)
{
    struct pollfd *wake = &io->polls[io->sockets_n];
    eventfd_t count;
    size_t i;

    for (i = 0; i < io->sockets_n; i++)
        if (io->ready[i])
            return;
    wake->fd = wake_fd;
    wake->events = POLLIN;
    if (poll(io->polls, io->sockets_n + 1, -1) <= 0)
        return;
    for (i = 0; i < io->sockets_n; i++)
        io->ready[i] = io->polls[i].revents != 0;
    if (wake->revents != 0)
        (void)eventfd_read(wake_fd, &count);
}

/* The addresses by the packet's own header. A broadcast to a subnet shows in that the kernel would
 * answer it from another address (ipi_spec_dst). */
static void read_control(struct msghdr *h, struct io_packet *packet)
{
    struct in_pktinfo info4;
    struct in6_pktinfo info6;
    struct cmsghdr *c;

    packet->to_host = false;
    packet->by_loopback = false;
    for (c = CMSG_FIRSTHDR(h); c != NULL; c = CMSG_NXTHDR(h, c)) {
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            memcpy(&info4, CMSG_DATA(c), sizeof info4);
            (void)addr_from_bytes((const uint8_t *)&info4.ipi_addr, 4, 0, &packet->to);
            packet->to_host = addr_is_unicast_host(&packet->to) &&
                              info4.ipi_addr.s_addr == info4.ipi_spec_dst.s_addr;
            packet->by_loopback = info4.ipi_ifindex == LOOPBACK_INDEX;
        } else if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            memcpy(&info6, CMSG_DATA(c), sizeof info6);
            (void)addr_from_bytes(info6.ipi6_addr.s6_addr, 16, 0, &packet->to);
            packet->to_host = addr_is_unicast_host(&packet->to);
            packet->by_loopback = info6.ipi6_ifindex == LOOPBACK_INDEX;
        }
    }
}

static void prepare_receive(struct io *io, struct io_batch *batch)
{
    size_t i;

    for (i = 0; i < IO_BATCH; i++) {
        struct io_packet *packet = &batch->packets[i];
        struct msghdr *h = &io->messages[i].msg_hdr;

        io->iov[i].iov_base = packet->request;
        io->iov[i].iov_len = sizeof packet->request;
        h->msg_name = &packet->from.ss;
        h->msg_namelen = sizeof packet->from.ss;
        h->msg_iov = &io->iov[i];
        h->msg_iovlen = 1;
        h->msg_control = &io->controls[i];
        h->msg_controllen = sizeof io->controls[i];
        h->msg_flags = 0;
    }
}

static size_t receive_from(struct io *io, size_t socket, struct io_batch *batch)
{
    int got, i;

    prepare_receive(io, batch);
    got = recvmmsg(io->polls[socket].fd, io->messages, IO_BATCH, MSG_DONTWAIT, NULL);
    io->ready[socket] = got == IO_BATCH;
    for (i = 0; i < got; i++) {
        struct io_packet *packet = &batch->packets[i];

        packet->from.len = io->messages[i].msg_hdr.msg_namelen;
        packet->request_len = io->messages[i].msg_len;
        packet->reply_len = 0;
        read_control(&io->messages[i].msg_hdr, packet);
    }
    return got > 0 ? (size_t)got : 0;
}

static void receive_next(struct io *io, struct io_batch *ret_batch)
{
    size_t tried;

    ret_batch->n = 0;
    for (tried = 0; tried < io->sockets_n && ret_batch->n == 0; tried++) {
        size_t socket = io->next;

        io->next = (io->next + 1) % io->sockets_n;
        ret_batch->from_socket = socket;
        if (io->ready[socket])
            ret_batch->n = receive_from(io, socket, ret_batch);
    }
}

/* Answers leave from the address that was asked; which way is for the routes to say, but for
 * link-local addresses, where the interface is part of the address. */
static void write_control(struct msghdr *h, union control *control, const struct io_packet *packet)
{
    const struct sockaddr_in6 *from6 = (const struct sockaddr_in6 *)&packet->from.ss;
    struct in_pktinfo info4 = {.ipi_ifindex = 0};
    struct in6_pktinfo info6 = {.ipi6_ifindex = 0};
    bool is_v4 = packet->to.ss.ss_family == AF_INET;
    size_t len, info_len = is_v4 ? sizeof info4 : sizeof info6;
    const uint8_t *bytes = addr_bytes(&packet->to, &len);
    struct cmsghdr *c;

    memset(control, 0, sizeof *control);
    h->msg_control = control;
    h->msg_controllen = CMSG_SPACE(info_len);
    c = CMSG_FIRSTHDR(h);
    c->cmsg_level = is_v4 ? IPPROTO_IP : IPPROTO_IPV6;
    c->cmsg_type = is_v4 ? IP_PKTINFO : IPV6_PKTINFO;
    c->cmsg_len = CMSG_LEN(info_len);
    if (is_v4) {
        memcpy(&info4.ipi_spec_dst, bytes, len);
        memcpy(CMSG_DATA(c), &info4, sizeof info4);
    } else {
        memcpy(&info6.ipi6_addr, bytes, len);
        if (IN6_IS_ADDR_LINKLOCAL(&info6.ipi6_addr))
            info6.ipi6_ifindex = from6->sin6_scope_id;
        memcpy(CMSG_DATA(c), &info6, sizeof info6);
    }
}

static unsigned prepare_send(struct io *io, struct io_batch *batch)
{
    unsigned n = 0;
    size_t i;

    for (i = 0; i < batch->n; i++) {
        struct io_packet *packet = &batch->packets[i];
        struct msghdr *h = &io->messages[n].msg_hdr;

        if (packet->reply_len == 0)
            continue;
        io->iov[n].iov_base = packet->reply;
        io->iov[n].iov_len = packet->reply_len;
        h->msg_name = &packet->from.ss;
        h->msg_namelen = packet->from.len;
        h->msg_iov = &io->iov[n];
        h->msg_iovlen = 1;
        h->msg_flags = 0;
        write_control(h, &io->controls[n], packet);
        n++;
    }
    return n;
}

/* Whether the first message that did not go is worth another try: the kernel's buffer was full,
 * and is no more. */
static bool may_retry(int fd, int error, bool tried_before)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};

    if (error == EINTR)
        return true;
    if (tried_before || (error != EAGAIN && error != ENOBUFS))
        return false;
    return poll(&p, 1, SEND_PATIENCE_MS) == 1;
}

static size_t send_batch(struct io *io, struct io_batch *batch)
{
    int fd = io->polls[batch->from_socket].fd, sent;
    unsigned at = 0, n = prepare_send(io, batch);
    bool tried = false;
    size_t lost = 0;

    while (at < n) {
        sent = sendmmsg(fd, io->messages + at, n - at, MSG_DONTWAIT);
        if (sent > 0) {
            at += (unsigned)sent;
            tried = false;
        } else if (may_retry(fd, errno, tried)) {
            tried = true;
        } else {
            at++;
            lost++;
            tried = false;
        }
    }
    return lost;
}

static uint64_t overflowed(const struct io *io)
{
    uint32_t info[SK_MEMINFO_VARS];
    uint64_t sum = 0;
    socklen_t len;
    size_t i;

    for (i = 0; i < io->sockets_n; i++) {
        len = sizeof info;
        if (getsockopt(io->polls[i].fd, SOL_SOCKET, SO_MEMINFO, info, &len) == 0 &&
            len > SK_MEMINFO_DROPS * sizeof info[0])
            sum += info[SK_MEMINFO_DROPS];
    }
    return sum;
}

const struct io_ops io_socket = {
    .open = open_all,
    .wait = wait_all,
    .receive = receive_next,
    .send = send_batch,
    .overflowed = overflowed,
    .close = close_all,
};
