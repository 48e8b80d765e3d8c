/* SPDX-License-Identifier: ISC */
/* The routes that lead out of the LAN (R8): while free they are only looked at; in quarantine
 * they are taken away, remembered, and taken away again when DHCP or RA puts them back; on
 * release those that should be there are put back with what is left of their lifetimes.
 * Meanwhile routes of our own lead to the exceptions. What is remembered is in a file too, so
 * that a process that died loses nothing. */
#ifndef AGENT_ROUTES_H
#define AGENT_ROUTES_H

#include "agent/keep.h"
#include "agent/link.h"
#include "agent/nl.h"
#include "agent/route.h"

/* rtm_protocol of the routes and rules that we add; `ip route show proto 168`. */
#define ROUTES_PROTOCOL 168
#define ROUTES_MAX      1024
#define ROUTES_WAYS_MAX 16 /* gateways to one place over one interface */

struct routes {
    struct nl *nl;
    const char *path; /* the file; kept, not copied */
    bool taking;      /* quarantined */
    size_t n, cap;
    struct route *list; /* that lead out; while taking: that should be there */
    size_t ours_n, ours_cap;
    struct route *ours;
    bool changed; /* since the file was written */
};

void routes_init(struct routes *routes, struct nl *nl, const char *path);
void routes_free(struct routes *routes);

/* Reads the file that an agent before this one left. 0, also if there is none or it is of
 * another boot; a negative errno if it cannot be used: the routes it held are lost, say so. */
int routes_adopt(struct routes *routes);

/* Looks at all routes again. While taking: remembers and deletes whatever leads out, forgets
 * what went with its interface or expired, and keeps our own routes as `keep` and the offered
 * gateways want them. The block must stand. 0 or a negative errno (then call again soon). */
int routes_refresh(struct routes *routes, const struct links *links, const struct keep *keep);

/* Begins taking; then call routes_refresh. */
void routes_take(struct routes *routes);
/* Ends taking: puts the routes back and removes our own. Tries every one; the file goes last.
 * Returns how many that should be there could not be put back. */
int routes_restore(struct routes *routes, const struct links *links);

/* The offered gateway of a family: the best default route that is (or should be) there over a
 * usable interface; NULL if there is none. Valid until the next call that is not const. */
const struct route *routes_offer(const struct routes *routes, const struct links *links,
                                 int family);

/* mono ms at which the next remembered route expires; UINT64_MAX while free, or if none does. */
uint64_t routes_deadline(const struct routes *routes);

/* Whether a route leads out of the LAN: it is as good as a default route, or leads through a
 * gateway to what does not stay. */
bool routes_leads_out(const struct route *route, const struct keep *keep);

#endif
