/* SPDX-License-Identifier: ISC */
/* Tells the owner: a line in the log, and every executable in notice.d with the facts in its
 * environment (MUSTER_*) and as JSON on its standard input. */
#ifndef AGENT_NOTICE_H
#define AGENT_NOTICE_H

#include <sys/types.h>

#include "agent/status.h"

#define NOTICE_RUNNING_MAX 16
#define NOTICE_PATIENCE_MS 30000

struct notice {
    struct notice_run {
        pid_t pid; /* 0 = free */
        uint64_t until_ms;
        char name[64];
    } runs[NOTICE_RUNNING_MAX];
    bool log_is_syslog; /* else the line goes there as well */
    char said[768];     /* last */
};

/* Tells if the sentence has changed since it was last told. Never waits: the executables run on
 * as a user without privileges, for 30 s at most. Files that are not root's own, writable by
 * others or not executable are refused with a line in the log. */
void notice_tell(struct notice *notice, const struct status *status, uint64_t mono_ms);

/* After SIGCHLD, and at the deadline: says how the executables ended, ends those that take too
 * long. */
void notice_reap(struct notice *notice, uint64_t mono_ms);
/* Ends all that still run. */
void notice_stop(struct notice *notice);
/* mono ms of the next such deadline; UINT64_MAX if none runs. */
uint64_t notice_deadline(const struct notice *notice);

#endif
