/* SPDX-License-Identifier: ISC */
/* Threads that live for one loop. It must not keep any between two. */
#include "host/parallel.h"

#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>

struct loop {
    atomic_size_t next;
    size_t n;
    parallel_fn *work;
    void *ctx;
};

struct worker {
    struct loop *loop;
    unsigned number;
    pthread_t thread;
};

unsigned parallel_processors(void)
{
    cpu_set_t set;
    int n;

    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    n = CPU_COUNT(&set);
    return n < 1 ? 1 : n > PARALLEL_MAX ? PARALLEL_MAX : (unsigned)n;
}

static void *run(void *arg)
{
    const struct worker *w = arg;
    size_t i;

    while ((i = atomic_fetch_add(&w->loop->next, 1)) < w->loop->n)
        w->loop->work(w->loop->ctx, i, w->number);
    return NULL;
}

/* Signals stay with the caller's thread. */
static unsigned start(struct worker *workers, struct loop *loop, unsigned wanted)
{
    sigset_t all, before;
    unsigned n;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    for (n = 1; n < wanted; n++) {
        workers[n] = (struct worker){.loop = loop, .number = n};
        if (pthread_create(&workers[n].thread, NULL, run, &workers[n]) != 0)
            break;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return n;
}

void parallel_for(unsigned threads, size_t n, parallel_fn *work, void *ctx)
{
    struct worker workers[PARALLEL_MAX];
    struct loop loop = {.n = n, .work = work, .ctx = ctx};
    unsigned i, started;

    atomic_init(&loop.next, 0);
    if (threads > PARALLEL_MAX)
        threads = PARALLEL_MAX;
    if (threads > n)
        threads = n > 0 ? (unsigned)n : 1;
    workers[0] = (struct worker){.loop = &loop, .number = 0};
    started = start(workers, &loop, threads);
    (void)run(&workers[0]);
    for (i = 1; i < started; i++)
        pthread_join(workers[i].thread, NULL);
}
