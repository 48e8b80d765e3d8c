/* SPDX-License-Identifier: ISC */
/* Cuts and releases. The order is the point of it: the block stands before a route goes, and
 * goes after the last route is back. */
#include "agent/quarantine.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/log.h"

#define TRIES 4 /* while the kernel's tables change under a dump */

int quarantine_open(struct quarantine *q, const struct settings *settings,
                    const struct anchorfile *anchors, size_t anchors_n)
{
    memset(q, 0, sizeof *q);
    resolve_init(&q->resolve);
    q->settings = settings;
    q->anchors = anchors;
    q->anchors_n = anchors_n;
    (void)snprintf(q->routes_path, sizeof q->routes_path, "%s/routes", settings->run_dir);
    int error = nl_open(&q->nl, NETLINK_ROUTE);
    if (error != 0)
        return error;
    block_open(&q->block, &q->nl);
    routes_init(&q->routes, &q->nl, q->routes_path);
    error = routes_adopt(&q->routes);
    if (error != 0)
        log_error("%s: %s; if the default route is missing after the release, renew DHCP or reboot",
                  q->routes_path, strerror(-error));
    return 0;
}

void quarantine_close(struct quarantine *q)
{
    resolve_stop(&q->resolve);
    block_close(&q->block);
    routes_free(&q->routes);
    nl_close(&q->nl);
}

static int look(struct quarantine *q)
{
    int error = links_read(&q->nl, &q->links);

    if (error != 0)
        return error;
    keep_prefixes(&q->links, &q->keep);
    exceptions_add(&q->keep, q->settings, q->anchors, q->anchors_n, &q->resolve);
    return 0;
}

/* Says it once when the block goes missing and once when it stands again. */
static void note_block(struct quarantine *q, int error)
{
    if (error != 0 && q->error != error)
        log_error("the block cannot be put up: %s; the default routes go all the same, but sockets "
                  "bound to a device may leave the LAN",
                  strerror(-error));
    else if (error == 0 && q->error != 0)
        log_info("the block stands again (%s)", block_kind_name(q->block.kind));
    q->error = error;
}

static int put_block(struct quarantine *q, bool force)
{
    int error = -EINTR;

    for (int i = 0; i < TRIES && error == -EINTR; i++) {
        error = look(q);
        if (error == 0)
            error = block_install(&q->block, &q->links, &q->keep, force);
    }
    note_block(q, error);
    return error;
}

int quarantine_refresh(struct quarantine *q, bool force)
{
    int error = q->standing ? put_block(q, force) : look(q);
    int routes_error = routes_refresh(&q->routes, &q->links, &q->keep);

    if (routes_error != 0)
        log_warn("the routes cannot be brought up to date: %s; trying again",
                 strerror(-routes_error));
    return error != 0 ? error : routes_error;
}

void quarantine_cut(struct quarantine *q)
{
    if (q->standing)
        return;
    q->standing = true;
    (void)put_block(q, true);
    routes_take(&q->routes);
    (void)quarantine_refresh(q, false);
}

int quarantine_release(struct quarantine *q)
{
    int error = links_read(&q->nl, &q->links);

    if (error == 0) {
        (void)routes_restore(&q->routes, &q->links);
        error = block_remove(&q->block);
    }
    if (error != 0)
        log_error("the block cannot be taken down: %s; trying again; or stop the agent and run "
                  "`muster-agent clear`",
                  strerror(-error));
    q->standing = q->standing && error != 0;
    q->error = error; /* not 0: it is tried again */
    (void)quarantine_refresh(q, false);
    return error;
}
