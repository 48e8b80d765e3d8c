/* SPDX-License-Identifier: ISC */
/* The same work for many numbers, on all processors. Which thread does which is left to chance, so
 * a result must depend on its number alone. */
#ifndef HOST_PARALLEL_H
#define HOST_PARALLEL_H

#include <stddef.h>

#define PARALLEL_MAX 64

/* Processors that this process may use (taskset, cpusets), 1 to PARALLEL_MAX. */
unsigned parallel_processors(void);

/* `thread` is smaller than `threads`, and each does one at a time: an index for room of its own. */
typedef void parallel_fn(void *ctx, size_t i, unsigned thread);

/* Calls work(ctx, i, thread) once for each i of 0..n, in `threads` threads at most, of which the
 * caller is thread 0. Numbers are taken in rising order. Returns when all are done. Where no more
 * threads can be had, those that there are do the rest. */
void parallel_for(unsigned threads, size_t n, parallel_fn *work, void *ctx);

#endif
