/* SPDX-License-Identifier: ISC */
/* The network half (R13): talks over UDP and parses what comes, and can do nothing else: no
 * privileges, no files, no other sockets than its own. */
#ifndef AGENT_CHILD_H
#define AGENT_CHILD_H

#include <sys/types.h>

/* Starts it. Returns its pid with the parent's end of the pair, or a negative errno. It ends
 * when that end is closed, or with the parent. */
pid_t child_start(const char *user, const char *empty_dir, int *ret_fd);

#endif
