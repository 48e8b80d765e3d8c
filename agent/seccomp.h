/* SPDX-License-Identifier: ISC */
/* The system calls of the network half. */
#ifndef AGENT_SECCOMP_H
#define AGENT_SECCOMP_H

/* From here on every call but those for sockets, memory, time and ending fails with EPERM. Where
 * the kernel has no filters, and in builds with a sanitizer, it does nothing: the other limits
 * stand. */
void seccomp_network_only(void);

#endif
