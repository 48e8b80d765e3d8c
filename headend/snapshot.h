/* SPDX-License-Identifier: ISC */
/* All that answers depend on, as it was at one moment: settings, lists, standings and what is
 * stapled to what. Built beside the old one by the loader thread and read-only from then on, so
 * that a worker needs no lock. */
#ifndef HEADEND_SNAPSHOT_H
#define HEADEND_SNAPSHOT_H

#include "headend/listing.h"
#include "headend/settings.h"
#include "headend/standings.h"
#include "muster/answer.h"

struct snapshot {
    struct settings *settings;
    size_t lists_n;
    struct listing lists[SETTINGS_MAX];
    struct muster_source sources[SETTINGS_MAX];
    struct standings *standings;
    struct muster_standing_entry *entries;
    struct muster_answer_state state; /* now_s is 0: the worker fills it in a copy */
};

/* Reads what has changed since `old` (NULL: everything; `force`: everything again) and shares the
 * rest. Unusable lists and standings are no failure: they are in the result with their reasons. 0
 * or -ENOMEM; `old` stays as it is. */
int snapshot_build(struct settings *settings, const struct snapshot *old, bool force,
                   uint64_t now_s, struct snapshot **ret);
void snapshot_free(struct snapshot *snapshot);

/* Is every list usable at now_s, and every standing file in use as it is? */
bool snapshot_is_whole(const struct snapshot *snapshot, uint64_t now_s);
bool snapshot_is_exempt(const struct snapshot *snapshot, const struct addr *asker);

#endif
