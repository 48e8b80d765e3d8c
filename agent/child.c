/* SPDX-License-Identifier: ISC */
/* One connected UDP socket a slot, on a random port. Whatever is no well-formed reply ends here.
 * It must not judge anything, and it outlives nothing that the parent does. */
#include "agent/child.h"

#include <errno.h>
#include <linux/in6.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdbool.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/message.h"
#include "agent/process.h"
#include "agent/seccomp.h"
#include "host/sandbox.h"

#define HOP_LIMIT       16
#define BURST           8 /* datagrams of one slot before the others have their turn */
#define DESCRIPTORS_MAX (MUSTER_SLOTS + 8)

struct slot {
    int fd; /* -1 = closed */
    struct addr to;
};

struct network {
    int up; /* the pair's end towards the parent */
    struct slot slots[MUSTER_SLOTS];
};

static void close_slot(struct slot *slot)
{
    if (slot->fd >= 0)
        close(slot->fd);
    slot->fd = -1;
}

static void close_slots(struct network *network)
{
    for (size_t i = 0; i < MUSTER_SLOTS; i++)
        close_slot(&network->slots[i]);
}

static void set_options(int fd, int family)
{
    int hops = HOP_LIMIT, temporary = IPV6_PREFER_SRC_TMP;

    if (family == AF_INET) {
        (void)setsockopt(fd, IPPROTO_IP, IP_TTL, &hops, sizeof hops);
        return;
    }
    (void)setsockopt(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, &hops, sizeof hops);
    (void)setsockopt(fd, IPPROTO_IPV6, IPV6_ADDR_PREFERENCES, &temporary, sizeof temporary);
}

static bool open_slot(struct slot *slot, const struct addr *to)
{
    close_slot(slot);
    slot->fd = socket(to->ss.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (slot->fd < 0)
        return false;
    set_options(slot->fd, to->ss.ss_family);
    slot->to = *to;
    if (connect(slot->fd, (const struct sockaddr *)&to->ss, to->len) == 0)
        return true;
    close_slot(slot);
    return false;
}

static bool send_now(const struct slot *slot, const struct message *message)
{
    return send(slot->fd, message->bytes, message->len, 0) >= 0;
}

static bool is_for(const struct slot *slot, const struct addr *to)
{
    const void *ours = &slot->to.ss, *theirs = &to->ss;

    return slot->fd >= 0 && slot->to.len == to->len && memcmp(ours, theirs, to->len) == 0;
}

/* A socket may hold an ICMP error from before, or an address that is no longer ours: the first is
 * silence and passes, the second takes a new socket. */
static void send_report(struct network *network, const struct message *message)
{
    struct slot *slot = &network->slots[message->slot];

    for (int try = 0; try < 2; try++)
        if (is_for(slot, &message->to) && send_now(slot, message))
            return;
    if (open_slot(slot, &message->to))
        (void)send_now(slot, message);
}

static void pass_up(struct network *network, uint8_t slot, const uint8_t *bytes, size_t len)
{
    struct message message;
    struct muster_reply reply;
    int error = muster_reply_parse(bytes, len, &reply);

    if (error == MUSTER_OK) {
        message_from_reply(&reply, slot, &message);
        (void)message_put_waiting(network->up, &message);
    } else {
        memset(&message, 0, sizeof message);
        message.kind = MESSAGE_DROPPED;
        message.error = (int8_t)error;
        (void)message_put(network->up, &message);
    }
}

static void read_slot(struct network *network, uint8_t index)
{
    uint8_t bytes[MUSTER_DATAGRAM_MAX + 1];

    for (int i = 0; i < BURST; i++) {
        ssize_t len = recv(network->slots[index].fd, bytes, sizeof bytes, 0);
        if (len >= 0)
            pass_up(network, index, bytes, (size_t)len);
        else if (errno == EAGAIN)
            return;
    }
}

static void obey(struct network *network)
{
    struct message message;
    int got = message_get(network->up, &message);

    if (got < 0)
        process_exit(0);
    if (got == 0 || !message_is_for_network(&message))
        return;
    if (message.kind == MESSAGE_CLOSE)
        close_slots(network);
    else
        send_report(network, &message);
}

static void loop(struct network *network)
{
    struct pollfd polled[1 + MUSTER_SLOTS];

    for (;;) {
        polled[0] = (struct pollfd){.fd = network->up, .events = POLLIN};
        for (size_t i = 0; i < MUSTER_SLOTS; i++)
            polled[1 + i] = (struct pollfd){.fd = network->slots[i].fd, .events = POLLIN};
        if (poll(polled, 1 + MUSTER_SLOTS, -1) < 0) {
            if (errno != EINTR)
                process_exit(1);
            continue;
        }
        for (size_t i = 0; i < MUSTER_SLOTS; i++)
            if (polled[1 + i].revents != 0)
                read_slot(network, (uint8_t)i);
        if (polled[0].revents != 0)
            obey(network);
    }
}

static void limit(void)
{
    const struct rlimit none = {0, 0}, descriptors = {DESCRIPTORS_MAX, DESCRIPTORS_MAX};

    (void)setrlimit(RLIMIT_NOFILE, &descriptors);
    (void)setrlimit(RLIMIT_NPROC, &none);
    (void)setrlimit(RLIMIT_FSIZE, &none);
}

static void run(int fd, const char *user, const char *empty_dir)
{
    struct network network = {.up = fd};

    for (size_t i = 0; i < MUSTER_SLOTS; i++)
        network.slots[i].fd = -1;
    if (sandbox_drop(user, empty_dir) != 0)
        process_exit(1);
    limit();
    seccomp_network_only();
    loop(&network);
}

pid_t child_start(const char *user, const char *empty_dir, int *ret_fd)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return -errno;
    pid_t pid = process_fork(&pair[1], 0);
    if (pid == 0)
        run(pair[1], user, empty_dir);
    close(pair[1]);
    if (pid < 0)
        close(pair[0]);
    else
        *ret_fd = pair[0];
    return pid;
}
