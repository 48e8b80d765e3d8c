/* SPDX-License-Identifier: ISC */
/* Gives up what a process does not need any more. It never gives anything back. */
#ifndef HOST_SANDBOX_H
#define HOST_SANDBOX_H

/* In this order: chroot into `chroot_dir` (NULL: none), become `user` with that user's group alone
 * (NULL: stay who we are), check that there is no way back, then no new privileges, no core dumps,
 * no ptrace by others of the same user. Look up everything that needs names before; keep only the
 * descriptors that are needed. 0, or a negative errno after saying through log_error() what failed
 * and what to do; then the process must end, for it may be half-way. */
int sandbox_drop(const char *user, const char *chroot_dir);

#endif
