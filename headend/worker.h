/* SPDX-License-Identifier: ISC */
/* The thread that answers: receive a batch, answer each datagram, send the batch. Between these it
 * allocates nothing, locks nothing, logs nothing and calls the system for nothing but the time. */
#ifndef HEADEND_WORKER_H
#define HEADEND_WORKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "headend/io.h"
#include "headend/snapshot.h"

/* Written by the worker alone, read by anybody at any time. */
struct counters {
    _Atomic uint64_t outcomes[MUSTER_OUTCOMES_N];
    _Atomic uint64_t covered; /* reports whose build the advisory covers: what enforce would cut */
    _Atomic uint64_t send_errors; /* replies that the system did not take */
};

struct worker {
    const struct io_ops *ops;
    struct io *io;
    int wake_fd;                            /* eventfd */
    const struct snapshot *_Atomic current; /* what the loader wants answered from */
    const struct snapshot *_Atomic in_use;  /* what the worker answers from */
    atomic_bool stop;
    struct counters counters;
    struct io_batch batch;
    pthread_t thread;
};

/* Whether the datagram must never be answered whatever is in it (R1; doc/protocol.md 14.1, H1):
 * from port 6878 or 0, not from or not to a unicast host's address, or loopback addresses from
 * outside. */
bool worker_is_martian(const struct io_packet *packet);

/* Starts answering from `first` on an open `io`; the caller keeps both alive until worker_stop. The
 * thread takes no signals. 0 or a negative errno. */
int worker_start(struct worker *worker, const struct io_ops *ops, struct io *io,
                 const struct snapshot *first);

/* Puts `next` in the place of the snapshot in use and waits until the batch that uses the old one
 * is done: then nobody reads it any more. At most the time of one batch. */
void worker_swap(struct worker *worker, const struct snapshot *next);

void worker_stop(struct worker *worker);

#endif
