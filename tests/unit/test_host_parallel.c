/* SPDX-License-Identifier: ISC */
/* Loops in threads: every number once, rooms of their own, and all done at the end. */
#include "host/parallel.h"

#include <stdatomic.h>

#include "test.h"

#define N 10000

static atomic_int times_called[N];
static atomic_uint threads_seen;
static int busy[PARALLEL_MAX];
static atomic_int clashes;

static void work(void *ctx, size_t i, unsigned thread)
{
    if (busy[thread]++ != 0)
        atomic_fetch_add(&clashes, 1);
    atomic_fetch_add(&times_called[i], 1);
    atomic_fetch_or(&threads_seen, 1u << (thread & 31));
    if (ctx != &clashes)
        atomic_fetch_add(&clashes, 1);
    busy[thread]--;
}

static void loop(unsigned threads, size_t n)
{
    size_t i;

    for (i = 0; i < N; i++)
        atomic_store(&times_called[i], 0);
    atomic_store(&threads_seen, 0);
    atomic_store(&clashes, 0);
    parallel_for(threads, n, work, &clashes);
    for (i = 0; i < N; i++)
        if (atomic_load(&times_called[i]) != (i < n ? 1 : 0))
            CHECK_EQ_INT(i, -1);
    CHECK_EQ_INT(atomic_load(&clashes), 0);
}

TEST(every_number_is_done_once)
{
    loop(4, N);
    loop(1, N);
    CHECK_EQ_INT(atomic_load(&threads_seen), 1);
    loop(2 * PARALLEL_MAX, N);
    loop(PARALLEL_MAX, 3);
    CHECK(atomic_load(&threads_seen) < 8); /* no more threads than numbers */
    loop(7, 0);
    CHECK_EQ_INT(atomic_load(&threads_seen), 0);
    loop(0, 5);
}

TEST(processors_are_one_at_least)
{
    CHECK(parallel_processors() >= 1 && parallel_processors() <= PARALLEL_MAX);
}
