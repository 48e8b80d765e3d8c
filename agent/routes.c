/* SPDX-License-Identifier: ISC */
/* Takes the routes that lead out of the LAN and gives them back. It must not be called to take
 * before the block stands, and it touches no route within the LAN. */
#include "agent/routes.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "host/clock.h"
#include "host/file.h"
#include "host/log.h"

#define MAGIC       "muster routes 1\n"
#define BOOT_ID_LEN 36
#define HEAD_LEN    (sizeof(MAGIC) - 1 + BOOT_ID_LEN)
#define TRIES       4

void routes_init(struct routes *routes, struct nl *nl, const char *path)
{
    memset(routes, 0, sizeof *routes);
    routes->nl = nl;
    routes->path = path;
}

void routes_free(struct routes *routes)
{
    free(routes->list);
    free(routes->ours);
    routes->list = routes->ours = NULL;
    routes->n = routes->cap = routes->ours_n = routes->ours_cap = 0;
}

static bool is_multicast(const struct route *route)
{
    return route->family == AF_INET ? (route->dst[0] & 0xf0) == 0xe0 && route->dst_len >= 4
                                    : route->dst[0] == 0xff && route->dst_len >= 8;
}

bool routes_leads_out(const struct route *route, const struct keep *keep)
{
    if (route->type != RTN_UNICAST || route->table == RT_TABLE_LOCAL ||
        route->protocol == ROUTES_PROTOCOL || is_multicast(route) ||
        keep_holds(keep, route->family, route->dst, route->dst_len))
        return false;
    return route->has_gateway || route->dst_len < keep_widest(route->family, route->dst);
}

static bool push(struct route **list, size_t *n, size_t *cap, const struct route *route)
{
    if (*n == *cap) {
        size_t more = *cap == 0 ? 8 : *cap * 2;
        struct route *grown = *cap >= ROUTES_MAX ? NULL : realloc(*list, more * sizeof(**list));
        if (grown == NULL)
            return false;
        *list = grown;
        *cap = more;
    }
    (*list)[(*n)++] = *route;
    return true;
}

static bool leads_to_same(const struct route *a, const struct route *b)
{
    return a->family == b->family && a->table == b->table && a->oif == b->oif &&
           a->dst_len == b->dst_len && memcmp(a->dst, b->dst, sizeof a->dst) == 0;
}

/* Of many gateways to the same place over one interface the newest few are kept: anybody on a LAN
 * can make up routers. */
static void forget_oldest_way(struct routes *routes, const struct route *route)
{
    size_t ways = 0, oldest = 0;

    for (size_t i = routes->n; i-- > 0;)
        if (leads_to_same(&routes->list[i], route)) {
            ways++;
            oldest = i;
        }
    if (ways >= ROUTES_WAYS_MAX)
        memmove(&routes->list[oldest], &routes->list[oldest + 1],
                (--routes->n - oldest) * sizeof *routes->list);
}

/* Routes are made whole by memset, so their padding is equal too. */
static bool is_identical(const struct route *a, const struct route *b)
{
    const void *bytes = a, *others = b;

    return memcmp(bytes, others, sizeof *a) == 0;
}

/* The newest word on a route wins, as with `ip route replace`. */
static bool remember(struct routes *routes, const struct route *route)
{
    for (size_t i = 0; i < routes->n; i++) {
        if (!route_is_same(&routes->list[i], route))
            continue;
        routes->changed |= !is_identical(&routes->list[i], route);
        routes->list[i] = *route;
        return true;
    }
    routes->changed = true;
    forget_oldest_way(routes, route);
    return push(&routes->list, &routes->n, &routes->cap, route);
}

struct seen {
    const struct routes *routes;
    const struct keep *keep;
    uint64_t mono_ms;
    size_t out_n, out_cap, ours_n, ours_cap;
    struct route *out, *ours;
    bool overflow;
};

/* While free only default routes matter. */
static void see(void *ctx, const struct nlmsghdr *message)
{
    struct seen *seen = ctx;
    struct route route;

    if (!route_parse(message, seen->mono_ms, &route))
        return;
    if (route.protocol == ROUTES_PROTOCOL && route.table == RT_TABLE_MAIN)
        seen->overflow |= !push(&seen->ours, &seen->ours_n, &seen->ours_cap, &route);
    else if (routes_leads_out(&route, seen->keep) && (seen->routes->taking || route.dst_len == 0))
        seen->overflow |= !push(&seen->out, &seen->out_n, &seen->out_cap, &route);
}

static int look(struct routes *routes, const struct keep *keep, struct seen *seen)
{
    int error = -EINTR;

    memset(seen, 0, sizeof *seen);
    seen->routes = routes;
    seen->keep = keep;
    seen->mono_ms = clock_mono_ms();
    for (int try = 0; try < TRIES && error == -EINTR; try++) {
        seen->out_n = seen->ours_n = 0;
        error = nl_dump(routes->nl, RTM_GETROUTE, AF_UNSPEC, see, seen);
    }
    if (seen->overflow)
        log_warn("more than %d routes lead out of the LAN; those beyond stay, behind the block",
                 ROUTES_MAX);
    return error;
}

static bool read_boot_id(char ret[BOOT_ID_LEN + 1])
{
    FILE *file = fopen("/proc/sys/kernel/random/boot_id", "re");
    bool ok = file != NULL && fread(ret, 1, BOOT_ID_LEN, file) == BOOT_ID_LEN;

    if (file != NULL)
        fclose(file);
    ret[BOOT_ID_LEN] = 0;
    return ok;
}

static int write_file(struct routes *routes)
{
    char boot_id[BOOT_ID_LEN + 1] = {0};
    size_t len = HEAD_LEN + routes->n * sizeof(struct route);
    uint8_t *bytes = malloc(len);

    if (bytes == NULL)
        return -ENOMEM;
    read_boot_id(boot_id);
    memcpy(bytes, MAGIC, sizeof(MAGIC) - 1);
    memcpy(bytes + sizeof(MAGIC) - 1, boot_id, BOOT_ID_LEN);
    if (routes->n > 0)
        memcpy(bytes + HEAD_LEN, routes->list, routes->n * sizeof(struct route));
    int error = file_write_atomic(routes->path, bytes, len, 0600);
    free(bytes);
    if (error == 0)
        routes->changed = false;
    return error;
}

static int take_file(struct routes *routes, const uint8_t *bytes, size_t len)
{
    char boot_id[BOOT_ID_LEN + 1];

    if (len < HEAD_LEN || memcmp(bytes, MAGIC, sizeof(MAGIC) - 1) != 0 ||
        (len - HEAD_LEN) % sizeof(struct route) != 0)
        return -EBADMSG;
    if (read_boot_id(boot_id) && memcmp(bytes + sizeof(MAGIC) - 1, boot_id, BOOT_ID_LEN) != 0)
        return 0;
    for (size_t at = HEAD_LEN; at < len; at += sizeof(struct route)) {
        struct route route;
        memcpy(&route, bytes + at, sizeof route);
        if (!route_is_sound(&route))
            return -EBADMSG;
        if (!remember(routes, &route))
            return -ENOMEM;
    }
    return 0;
}

int routes_adopt(struct routes *routes)
{
    uint8_t *bytes;
    size_t len;
    int error = file_read(routes->path, HEAD_LEN + ROUTES_MAX * sizeof(struct route), &bytes, &len);

    if (error == -ENOENT)
        return 0;
    if (error != 0)
        return error;
    error = take_file(routes, bytes, len);
    free(bytes);
    return error;
}

/* Would the kernel itself have dropped it by now? */
static bool is_gone(const struct route *route, const struct links *links, uint64_t mono_ms)
{
    const struct link *link = links_find(links, route->oif);

    if (route->expires_ms != 0 && route->expires_ms <= mono_ms)
        return true;
    return route->oif != 0 && (link == NULL || !(link->flags & IFF_UP) ||
                               !links_has_addr(links, route->oif, route->family));
}

static void forget_gone(struct routes *routes, const struct links *links, uint64_t mono_ms)
{
    size_t kept = 0;

    for (size_t i = 0; i < routes->n; i++)
        if (!is_gone(&routes->list[i], links, mono_ms))
            routes->list[kept++] = routes->list[i];
    routes->changed |= kept != routes->n;
    routes->n = kept;
}

void routes_take(struct routes *routes)
{
    routes->taking = true;
    routes->changed = true;
}

/* Ethernet-like interfaces first (a tunnel's way out is blocked), then the metric. */
static bool is_better(const struct route *a, const struct route *b, const struct links *links)
{
    const struct link *link_a = links_find(links, a->oif), *link_b = links_find(links, b->oif);
    bool ethernet_a = link_a != NULL && link_a->type == ARPHRD_ETHER;
    bool ethernet_b = link_b != NULL && link_b->type == ARPHRD_ETHER;

    return ethernet_a != ethernet_b ? ethernet_a : a->metric < b->metric;
}

static bool is_usable(const struct route *route, const struct links *links)
{
    static const uint8_t none[16];
    const struct link *link = links_find(links, route->oif);

    return route->dst_len == 0 && links_usable(links, route->oif) &&
           (memcmp(route->gateway, none, sizeof none) != 0 ||
            (!route->has_gateway && (link->flags & (IFF_POINTOPOINT | IFF_NOARP))));
}

const struct route *routes_offer(const struct routes *routes, const struct links *links, int family)
{
    const struct route *best = NULL;

    for (size_t i = 0; i < routes->n; i++) {
        const struct route *route = &routes->list[i];
        if (route->family == family && is_usable(route, links) &&
            (best == NULL || is_better(route, best, links)))
            best = route;
    }
    return best;
}

uint64_t routes_deadline(const struct routes *routes)
{
    uint64_t at = UINT64_MAX;

    for (size_t i = 0; i < routes->n && routes->taking; i++)
        if (routes->list[i].expires_ms != 0 && routes->list[i].expires_ms < at)
            at = routes->list[i].expires_ms;
    return at;
}

static void put_attr(struct route *route, uint16_t type, const void *bytes, size_t len)
{
    struct nlattr attr = {.nla_type = type, .nla_len = (uint16_t)(sizeof attr + len)};

    memcpy(route->raw + route->raw_len, &attr, sizeof attr);
    memcpy(route->raw + route->raw_len + sizeof attr, bytes, len);
    route->raw_len = (uint16_t)(route->raw_len + MNL_ALIGN(attr.nla_len));
}

/* A route of our own: to dst over the way that `offer` goes; `via` its gateway or on its link. */
static struct route make(const struct route *offer, const uint8_t *dst, uint8_t dst_len, bool via)
{
    static const uint8_t none[16];
    size_t len = offer->family == AF_INET ? 4 : 16;
    uint32_t oif = (uint32_t)offer->oif;
    struct route route = {.family = offer->family,
                          .dst_len = dst_len,
                          .type = RTN_UNICAST,
                          .protocol = ROUTES_PROTOCOL,
                          .table = RT_TABLE_MAIN,
                          .oif = offer->oif};
    struct rtmsg head = {.rtm_family = offer->family,
                         .rtm_dst_len = dst_len,
                         .rtm_table = RT_TABLE_MAIN,
                         .rtm_protocol = ROUTES_PROTOCOL,
                         .rtm_type = RTN_UNICAST,
                         .rtm_scope = via ? RT_SCOPE_UNIVERSE : RT_SCOPE_LINK,
                         .rtm_flags = via && offer->onlink ? RTNH_F_ONLINK : 0};

    memcpy(route.raw, &head, sizeof head);
    route.raw_len = sizeof head;
    memcpy(route.dst, dst, len);
    put_attr(&route, RTA_DST, dst, len);
    put_attr(&route, RTA_OIF, &oif, sizeof oif);
    if (via && memcmp(offer->gateway, none, len) != 0) {
        memcpy(route.gateway, offer->gateway, len);
        put_attr(&route, RTA_GATEWAY, offer->gateway, len);
    }
    if (memcmp(offer->prefsrc, none, len) != 0)
        put_attr(&route, RTA_PREFSRC, offer->prefsrc, len);
    return route;
}

struct wanted {
    size_t n;
    struct route list[KEEP_EXCEPTIONS_MAX + 2];
};

static void want(struct wanted *wanted, const struct route *route)
{
    for (size_t i = 0; i < wanted->n; i++)
        if (is_identical(&wanted->list[i], route))
            return;
    wanted->list[wanted->n++] = *route;
}

/* Without a default route, sockets that name no interface need these for multicast and
 * broadcast. */
static void want_link_scope(struct wanted *wanted, const struct route *offer)
{
    static const uint8_t multicast[4] = {224, 0, 0, 0}, broadcast[4] = {255, 255, 255, 255};
    struct route routes[2] = {make(offer, multicast, 24, false), make(offer, broadcast, 32, false)};

    want(wanted, &routes[0]);
    want(wanted, &routes[1]);
}

static void want_all(const struct routes *routes, const struct links *links,
                     const struct keep *keep, struct wanted *ret)
{
    const struct route *offer4 = routes_offer(routes, links, AF_INET);
    const struct route *offer6 = routes_offer(routes, links, AF_INET6);

    ret->n = 0;
    if (offer4 != NULL)
        want_link_scope(ret, offer4);
    for (size_t i = 0; i < keep->exceptions_n; i++) {
        const struct keep_exception *kept = &keep->exceptions[i];
        const struct route *offer = kept->family == AF_INET ? offer4 : offer6;
        uint8_t dst_len = kept->family == AF_INET ? 32 : 128;
        if (offer == NULL || keep_holds(keep, kept->family, kept->bytes, dst_len))
            continue;
        struct route route = make(offer, kept->bytes, dst_len, true);
        want(ret, &route);
    }
}

static bool is_listed(const struct route *list, size_t n, const struct route *route)
{
    for (size_t i = 0; i < n; i++)
        if (list[i].family == route->family && list[i].dst_len == route->dst_len &&
            list[i].oif == route->oif && memcmp(list[i].dst, route->dst, 16) == 0 &&
            memcmp(list[i].gateway, route->gateway, 16) == 0 &&
            memcmp(list[i].prefsrc, route->prefsrc, 16) == 0)
            return true;
    return false;
}

/* Brings our own routes in line with `wanted`. */
static int settle_ours(struct routes *routes, const struct seen *seen, const struct wanted *wanted)
{
    int result = 0;

    for (size_t i = 0; i < seen->ours_n; i++)
        if (!is_listed(wanted->list, wanted->n, &seen->ours[i]))
            (void)route_delete(routes->nl, &seen->ours[i]);
    for (size_t i = 0; i < wanted->n; i++) {
        if (is_listed(seen->ours, seen->ours_n, &wanted->list[i]))
            continue;
        int error = route_add(routes->nl, &wanted->list[i], 0);
        if (error != 0 && error != -EEXIST)
            result = error;
    }
    return result;
}

/* The file first: what is deleted must not be known to this process alone. */
static int take_seen(struct routes *routes, const struct links *links, const struct keep *keep,
                     const struct seen *seen)
{
    static struct wanted wanted;
    int result = 0;

    forget_gone(routes, links, seen->mono_ms);
    if (routes->changed)
        result = write_file(routes);
    for (size_t i = 0; i < seen->out_n && result == 0; i++) {
        int error = route_delete(routes->nl, &seen->out[i]);
        if (error != 0 && error != -ESRCH)
            result = error;
    }
    want_all(routes, links, keep, &wanted);
    int error = settle_ours(routes, seen, &wanted);
    return result != 0 ? result : error;
}

int routes_refresh(struct routes *routes, const struct links *links, const struct keep *keep)
{
    struct seen seen;
    int error = look(routes, keep, &seen);

    if (error == 0 && !routes->taking)
        routes->n = 0;
    /* one that cannot be remembered goes all the same */
    for (size_t i = 0; i < seen.out_n && error == 0; i++)
        (void)remember(routes, &seen.out[i]);
    if (error == 0 && routes->taking)
        error = take_seen(routes, links, keep, &seen);
    free(seen.out);
    free(seen.ours);
    return error;
}

static void remove_ours(struct routes *routes, const struct keep *keep)
{
    struct seen seen;

    if (look(routes, keep, &seen) == 0)
        for (size_t i = 0; i < seen.ours_n; i++)
            (void)route_delete(routes->nl, &seen.ours[i]);
    free(seen.out);
    free(seen.ours);
}

int routes_restore(struct routes *routes, const struct links *links)
{
    uint64_t mono_ms = clock_mono_ms();
    struct keep keep;
    int missing = 0;

    keep_prefixes(links, &keep);
    forget_gone(routes, links, mono_ms);
    for (size_t i = 0; i < routes->n; i++) {
        int error = route_add(routes->nl, &routes->list[i], mono_ms);
        if (error == 0 || error == -EEXIST)
            continue;
        log_warn("a route could not be put back: %s; renew DHCP on that interface, or reboot",
                 strerror(-error));
        missing++;
    }
    remove_ours(routes, &keep);
    routes->taking = false;
    routes->n = 0;
    if (unlink(routes->path) != 0 && errno != ENOENT)
        log_warn("%s: %s; remove it by hand", routes->path, strerror(errno));
    return missing;
}
