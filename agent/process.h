/* SPDX-License-Identifier: ISC */
/* Starts the helpers of the privileged half: each in a process of its own that has given up
 * everything but one descriptor. */
#ifndef AGENT_PROCESS_H
#define AGENT_PROCESS_H

#include <sys/types.h>

/* Forks. 0 in the child, which has default signals and holds no descriptor but *io_keep_fd
 * (renumbered) and 0 to 2 (which lead to /dev/null if `quiet`); the child's pid in the parent;
 * -errno. */
pid_t process_fork(int *io_keep_fd, int quiet);

/* Never returns from the child: ends it without running anything of the parent's. */
void process_exit(int status) __attribute__((noreturn));

#endif
