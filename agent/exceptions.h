/* SPDX-License-Identifier: ISC */
/* Which (address, protocol, port) stay reachable in quarantine: the report's servers, the
 * authorities' services, resolvers, time servers, update hosts; in this order, should there be
 * no room for all. */
#ifndef AGENT_EXCEPTIONS_H
#define AGENT_EXCEPTIONS_H

#include "agent/keep.h"
#include "agent/resolve.h"
#include "agent/settings.h"

/* Reads the system's list of resolvers again if the settings say so. */
void exceptions_add(struct keep *keep, const struct settings *settings,
                    const struct anchorfile *anchors, size_t anchors_n,
                    const struct resolve *resolve);

#endif
