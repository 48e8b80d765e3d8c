/* SPDX-License-Identifier: ISC */
/* The answering thread. It must not know what is in a list, nor where one came from. */
#include "headend/worker.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "host/clock.h"

#define SWAP_STEP_NS 100000

/* One writer, so no locked addition is needed. */
static void bump(_Atomic uint64_t *counter, uint64_t by)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + by,
                          memory_order_relaxed);
}

static bool is_loopback(const struct addr *addr)
{
    static const uint8_t loopback6[16] = {[15] = 1};
    size_t len;
    const uint8_t *bytes = addr_bytes(addr, &len);

    return len == 4 ? bytes[0] == 127 : len == 16 && memcmp(bytes, loopback6, len) == 0;
}

bool worker_is_martian(const struct io_packet *packet)
{
    uint16_t port = addr_port(&packet->from);

    if (port == MUSTER_PORT || port == 0 || !packet->to_host ||
        !addr_is_unicast_host(&packet->from))
        return true;
    return !packet->by_loopback && (is_loopback(&packet->from) || is_loopback(&packet->to));
}

/* A report that was told `more` comes again, and muster.test is a drill: neither is a device to
 * count. */
static bool counts_as_covered(const struct muster_answer *answer)
{
    return answer->covers && answer->outcome != MUSTER_ASKED_MORE &&
           answer->outcome != MUSTER_TESTED;
}

static void answer(struct counters *counters, const struct snapshot *snapshot,
                   const struct muster_answer_state *state, struct io_packet *packet)
{
    struct muster_answer a;

    if (worker_is_martian(packet)) {
        bump(&counters->outcomes[MUSTER_DROP_ADDRESS], 1);
        return;
    }
    muster_answer(state, packet->request, packet->request_len,
                  snapshot_is_exempt(snapshot, &packet->from), packet->reply, &a);
    packet->reply_len = a.len;
    bump(&counters->outcomes[a.outcome], 1);
    if (counts_as_covered(&a))
        bump(&counters->covered, 1);
}

static void serve_batch(struct worker *w, const struct snapshot *snapshot)
{
    struct muster_answer_state state = snapshot->state;
    size_t i;

    state.now_s = clock_wall_s();
    for (i = 0; i < w->batch.n; i++)
        answer(&w->counters, snapshot, &state, &w->batch.packets[i]);
    bump(&w->counters.send_errors, w->ops->send(w->io, &w->batch));
}

static void *run(void *arg)
{
    struct worker *w = arg;

    while (!atomic_load_explicit(&w->stop, memory_order_acquire)) {
        const struct snapshot *snapshot = atomic_load_explicit(&w->current, memory_order_acquire);

        atomic_store_explicit(&w->in_use, snapshot, memory_order_release);
        w->ops->receive(w->io, &w->batch);
        if (w->batch.n > 0)
            serve_batch(w, snapshot);
        else
            w->ops->wait(w->io, w->wake_fd);
    }
    return NULL;
}

static int start_thread(struct worker *w)
{
    sigset_t all, before;
    int error;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(&w->thread, NULL, run, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return -error;
}

int worker_start(struct worker *w, const struct io_ops *ops, struct io *io,
                 const struct snapshot *first)
{
    int ret;

    memset(w, 0, sizeof *w);
    w->ops = ops;
    w->io = io;
    atomic_init(&w->current, first);
    atomic_init(&w->in_use, first);
    w->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (w->wake_fd < 0)
        return -errno;
    ret = start_thread(w);
    if (ret != 0)
        close(w->wake_fd);
    return ret;
}

void worker_swap(struct worker *w, const struct snapshot *next)
{
    static const struct timespec step = {.tv_nsec = SWAP_STEP_NS};

    atomic_store_explicit(&w->current, next, memory_order_release);
    (void)eventfd_write(w->wake_fd, 1);
    while (atomic_load_explicit(&w->in_use, memory_order_acquire) != next)
        (void)nanosleep(&step, NULL);
}

void worker_stop(struct worker *w)
{
    atomic_store_explicit(&w->stop, true, memory_order_release);
    (void)eventfd_write(w->wake_fd, 1);
    pthread_join(w->thread, NULL);
    close(w->wake_fd);
}
