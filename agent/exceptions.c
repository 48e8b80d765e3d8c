/* SPDX-License-Identifier: ISC */
/* Gathers the exceptions. They come from the firmware's settings, never from the network: a name's
 * addresses and the resolver's own are the only part that others may choose. */
#include "agent/exceptions.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#define DNS_PORT 53

static void add_resolver(struct keep *keep, const struct addr *addr)
{
    keep_except(keep, addr, IPPROTO_UDP);
    keep_except(keep, addr, IPPROTO_TCP);
}

static void add_resolvers_of(struct keep *keep, const char *path)
{
    FILE *file = fopen(path, "re");
    char line[256], text[80];
    int n = 0;

    while (file != NULL && n < SETTINGS_RESOLVERS_MAX && fgets(line, sizeof line, file) != NULL) {
        struct addr addr;
        if (sscanf(line, "nameserver %79s", text) != 1 || addr_parse(text, DNS_PORT, &addr) != 0)
            continue;
        addr_set_port(&addr, DNS_PORT);
        add_resolver(keep, &addr);
        n++;
    }
    if (file != NULL)
        fclose(file);
}

/* Where a local stub forwards for everybody, the second file names the resolvers behind it. */
static void add_resolvers(struct keep *keep, const struct settings *settings)
{
    for (size_t i = 0; i < settings->resolvers_n; i++)
        add_resolver(keep, &settings->resolvers[i]);
    if (settings->resolver_auto) {
        add_resolvers_of(keep, "/etc/resolv.conf");
        add_resolvers_of(keep, "/run/systemd/resolve/resolv.conf");
    }
}

static void add_service(struct keep *keep, const struct settings_service *service,
                        const struct addr *at)
{
    struct addr addr = *at;

    addr_set_port(&addr, service->port);
    if (service->tcp)
        keep_except(keep, &addr, IPPROTO_TCP);
    if (service->udp)
        keep_except(keep, &addr, IPPROTO_UDP);
}

void exceptions_add(struct keep *keep, const struct settings *settings,
                    const struct anchorfile *anchors, size_t anchors_n,
                    const struct resolve *resolve)
{
    if (settings->has_server4)
        keep_except(keep, &settings->server4, IPPROTO_UDP);
    if (settings->has_server6)
        keep_except(keep, &settings->server6, IPPROTO_UDP);
    for (size_t i = 0; i < anchors_n; i++)
        for (size_t k = 0; k < anchors[i].services_n; k++)
            keep_except(keep, &anchors[i].services[k], IPPROTO_UDP);
    add_resolvers(keep, settings);
    for (size_t i = 0; i < settings->times_n; i++)
        keep_except(keep, &settings->times[i], IPPROTO_UDP);
    for (size_t i = 0; i < settings->updates_n; i++) {
        if (settings->updates[i].host[0] == 0)
            add_service(keep, &settings->updates[i], &settings->updates[i].addr);
        for (size_t k = 0; k < resolve->found_n[i]; k++)
            add_service(keep, &settings->updates[i], &resolve->found[i][k]);
    }
}
