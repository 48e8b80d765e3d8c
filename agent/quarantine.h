/* SPDX-License-Identifier: ISC */
/* Quarantine as a whole (R8): the block, then the routes; and both kept up while the network
 * changes. Also what the network looks like now, for those who must know. */
#ifndef AGENT_QUARANTINE_H
#define AGENT_QUARANTINE_H

#include "agent/block.h"
#include "agent/exceptions.h"
#include "agent/routes.h"

struct quarantine {
    struct nl nl;
    struct links links;
    struct keep keep;
    struct block block;
    struct routes routes;
    struct resolve resolve;
    const struct settings *settings;
    const struct anchorfile *anchors;
    size_t anchors_n;
    bool standing; /* cut and not released */
    int error;     /* of the last try to put the block up; 0 = it stands */
    char routes_path[SETTINGS_PATH_CAP + 16];
};

/* Settings and anchors are kept, not copied. 0 or a negative errno. */
int quarantine_open(struct quarantine *q, const struct settings *settings,
                    const struct anchorfile *anchors, size_t anchors_n);
void quarantine_close(struct quarantine *q);

/* Looks at interfaces, addresses and routes again; in quarantine brings block and routes up to
 * date. 0, or a negative errno: call again in a while. `force`: put the block up again even if
 * nothing seems changed. */
int quarantine_refresh(struct quarantine *q, bool force);

/* Idempotent. A block that cannot be put up is said and tried again at the next refresh; the
 * routes go all the same. */
void quarantine_cut(struct quarantine *q);
/* Idempotent: also clears what an agent that died has left. 0, or a negative errno if something
 * could not be undone: call again. */
int quarantine_release(struct quarantine *q);

#endif
