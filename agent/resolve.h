/* SPDX-License-Identifier: ISC */
/* Looks up the names of the firmware's update hosts, in a process of its own without privileges:
 * the system's resolver reads files and may wait for long, so neither half can do it. */
#ifndef AGENT_RESOLVE_H
#define AGENT_RESOLVE_H

#include <sys/types.h>

#include "agent/settings.h"

#define RESOLVE_ADDRS_MAX 6 /* of one name */

struct resolve {
    pid_t pid; /* 0 = none runs */
    int fd;    /* -1 = none runs */
    size_t fresh_n[SETTINGS_UPDATES_MAX];
    struct addr fresh[SETTINGS_UPDATES_MAX][RESOLVE_ADDRS_MAX];
    /* What was found last; kept while a name cannot be looked up. */
    size_t found_n[SETTINGS_UPDATES_MAX];
    struct addr found[SETTINGS_UPDATES_MAX][RESOLVE_ADDRS_MAX];
};

void resolve_init(struct resolve *resolve);

/* Begins, unless one is under way or there are no names. It takes half a minute at most. 0 or a
 * negative errno. */
int resolve_start(struct resolve *resolve, const struct settings *settings);

/* When `fd` is readable. True: it is over, and `found` is up to date. */
bool resolve_read(struct resolve *resolve);
void resolve_stop(struct resolve *resolve);

#endif
