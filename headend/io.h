/* SPDX-License-Identifier: ISC */
/* How datagrams come and go, behind one table of functions: the worker never sees a socket. Batches
 * and their buffers belong to the caller; nothing is allocated after open. */
#ifndef HEADEND_IO_H
#define HEADEND_IO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "headend/settings.h"
#include "host/addr.h"
#include "muster/message.h"

#define IO_BATCH 32

struct io_packet {
    struct addr from, to; /* who asked, and the address that was asked */
    bool to_host;         /* `to` is one host's: neither multicast nor any broadcast */
    bool by_loopback;     /* it came through the loopback interface */
    size_t request_len;   /* more than MUSTER_DATAGRAM_MAX if it was longer than that */
    size_t reply_len;     /* 0: no reply */
    uint8_t request[MUSTER_DATAGRAM_MAX + 1];
    uint8_t reply[MUSTER_DATAGRAM_MAX];
};

struct io_batch {
    size_t n;
    size_t from_socket; /* where it came from and goes back to; the table's own */
    struct io_packet packets[IO_BATCH];
};

struct io; /* what an implementation keeps */

struct io_ops {
    /* Listens on all the addresses. 0, or a negative errno with "what is wrong; what to do". */
    int (*open)(const struct settings_listen *listens, size_t n, struct io **ret, char *err,
                size_t err_cap);
    /* Returns when there may be something to receive or wake_fd (an eventfd, which it empties) was
     * written to; at once if the last batch left something behind. */
    void (*wait)(struct io *io, int wake_fd);
    /* Fills the next batch, from one socket at a time in turn; n = 0 when there is nothing. */
    void (*receive)(struct io *io, struct io_batch *ret_batch);
    /* Sends every reply of the batch from the address that was asked; one that cannot be sent
     * holds up no other. Returns how many were not sent. */
    size_t (*send)(struct io *io, struct io_batch *batch);
    /* Datagrams that came faster than they were received. From any thread. */
    uint64_t (*overflowed)(const struct io *io);
    void (*close)(struct io *io);
};

extern const struct io_ops io_socket; /* recvmmsg and sendmmsg */

#endif
