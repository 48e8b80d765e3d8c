/* SPDX-License-Identifier: ISC */
/* Reads, deletes and adds one route over rtnetlink. Which routes, is for routes.c to say. */
#include "agent/route.h"

#include <errno.h>
#include <linux/ipv6_route.h>
#include <linux/route.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define TICKS_PER_S 100 /* of rta_cacheinfo, whatever the kernel runs at */

static bool is_kept(const struct nlattr *attr, bool by_nexthop_id)
{
    switch (mnl_attr_get_type(attr)) {
    case RTA_CACHEINFO:
    case RTA_EXPIRES:
    case RTA_UID:
    case RTA_MARK:
        return false;
    case RTA_GATEWAY:
    case RTA_VIA:
    case RTA_OIF:
    case RTA_MULTIPATH:
    case RTA_ENCAP:
    case RTA_ENCAP_TYPE:
        return !by_nexthop_id;
    default:
        return true;
    }
}

static bool has_nexthop_id(const struct nlmsghdr *message)
{
    const struct nlattr *attr;

    NL_EACH_ATTR(attr, message, sizeof(struct rtmsg))
    {
        if (mnl_attr_get_type(attr) == RTA_NH_ID)
            return true;
    }
    return false;
}

/* What the kernel wants to hear again, into route->raw. */
static bool keep_raw(const struct nlmsghdr *message, struct route *route)
{
    struct rtmsg head = *(const struct rtmsg *)mnl_nlmsg_get_payload(message);
    bool by_nexthop_id = has_nexthop_id(message);
    const struct nlattr *attr;

    head.rtm_flags &= RTNH_F_ONLINK;
    memcpy(route->raw, &head, sizeof head);
    route->raw_len = sizeof head;
    NL_EACH_ATTR(attr, message, sizeof head)
    {
        size_t len = (size_t)MNL_ALIGN(attr->nla_len);
        if (!is_kept(attr, by_nexthop_id))
            continue;
        if (route->raw_len + len > sizeof route->raw)
            return false;
        memcpy(route->raw + route->raw_len, attr, attr->nla_len);
        route->raw_len = (uint16_t)(route->raw_len + len);
    }
    return true;
}

static void take_ip(const struct nlattr *attr, uint8_t family, uint8_t *ret)
{
    size_t len = family == AF_INET ? 4 : 16;

    if (mnl_attr_get_payload_len(attr) == len)
        memcpy(ret, mnl_attr_get_payload(attr), len);
}

static void take_expiry(const struct nlattr *attr, uint64_t mono_ms, struct route *route)
{
    struct rta_cacheinfo info;

    if (mnl_attr_get_payload_len(attr) < sizeof info)
        return;
    memcpy(&info, mnl_attr_get_payload(attr), sizeof info);
    if (info.rta_expires > 0)
        route->expires_ms = mono_ms + (uint64_t)info.rta_expires * (1000 / TICKS_PER_S);
    else if (info.rta_expires < 0)
        route->expires_ms = 1;
}

static void take_attr(const struct nlattr *attr, uint64_t mono_ms, struct route *route)
{
    switch (mnl_attr_get_type(attr)) {
    case RTA_DST:
        take_ip(attr, route->family, route->dst);
        break;
    case RTA_GATEWAY:
        route->has_gateway = true;
        take_ip(attr, route->family, route->gateway);
        break;
    case RTA_VIA:
    case RTA_MULTIPATH:
    case RTA_ENCAP:
    case RTA_NH_ID:
        route->has_gateway = true;
        break;
    case RTA_PREFSRC:
        take_ip(attr, route->family, route->prefsrc);
        break;
    case RTA_OIF:
        route->oif = (int)mnl_attr_get_u32(attr);
        break;
    case RTA_TABLE:
        route->table = mnl_attr_get_u32(attr);
        break;
    case RTA_PRIORITY:
        route->metric = mnl_attr_get_u32(attr);
        break;
    case RTA_CACHEINFO:
        take_expiry(attr, mono_ms, route);
        break;
    default:
        break;
    }
}

bool route_parse(const struct nlmsghdr *message, uint64_t mono_ms, struct route *ret)
{
    const struct rtmsg *head = mnl_nlmsg_get_payload(message);
    const struct nlattr *attr;

    if (message->nlmsg_type != RTM_NEWROUTE || (head->rtm_flags & RTM_F_CLONED) ||
        (head->rtm_family != AF_INET && head->rtm_family != AF_INET6))
        return false;
    memset(ret, 0, sizeof *ret);
    ret->family = head->rtm_family;
    ret->dst_len = head->rtm_dst_len;
    ret->type = head->rtm_type;
    ret->protocol = head->rtm_protocol;
    ret->scope = head->rtm_scope;
    ret->table = head->rtm_table;
    ret->onlink = head->rtm_flags & RTNH_F_ONLINK;
    NL_EACH_ATTR(attr, message, sizeof *head)
    take_attr(attr, mono_ms, ret);
    return keep_raw(message, ret);
}

static uint8_t tos(const struct route *route)
{
    struct rtmsg head;

    memcpy(&head, route->raw, sizeof head);
    return head.rtm_tos;
}

bool route_is_same(const struct route *a, const struct route *b)
{
    return a->family == b->family && a->table == b->table && a->dst_len == b->dst_len &&
           a->metric == b->metric && a->oif == b->oif && tos(a) == tos(b) &&
           memcmp(a->dst, b->dst, sizeof a->dst) == 0 &&
           (a->family == AF_INET || memcmp(a->gateway, b->gateway, sizeof a->gateway) == 0);
}

bool route_is_sound(const struct route *route)
{
    size_t at = sizeof(struct rtmsg);

    if (route->raw_len < at || route->raw_len > sizeof route->raw)
        return false;
    while (at < route->raw_len) {
        struct nlattr attr;
        if (route->raw_len - at < sizeof attr)
            return false;
        memcpy(&attr, route->raw + at, sizeof attr);
        size_t len = (size_t)MNL_ALIGN(attr.nla_len);
        if (attr.nla_len < sizeof attr || len > route->raw_len - at)
            return false;
        at += len;
    }
    return route->family == AF_INET || route->family == AF_INET6;
}

static int change(struct nl *nl, uint16_t type, uint16_t flags, const struct route *route,
                  uint32_t expires_s)
{
    char buffer[ROUTE_RAW_MAX + 64];
    struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);

    message->nlmsg_type = type;
    message->nlmsg_flags = flags;
    memcpy(mnl_nlmsg_put_extra_header(message, route->raw_len), route->raw, route->raw_len);
    if (expires_s > 0)
        mnl_attr_put_u32(message, RTA_EXPIRES, expires_s);
    return nl_request(nl, message);
}

int route_delete(struct nl *nl, const struct route *route)
{
    return change(nl, RTM_DELROUTE, 0, route, 0);
}

static bool is_of_kernel(const struct route *route)
{
    static const uint8_t none[16];

    /* BOOT is what one looks like that was put back before */
    return route->family == AF_INET6 && route->dst_len == 0 &&
           (route->protocol == RTPROT_RA || route->protocol == RTPROT_BOOT) &&
           route->table == RT_TABLE_MAIN && route->oif != 0 && route->expires_ms != 0 &&
           memcmp(route->gateway, none, sizeof none) != 0;
}

/* A default route that the kernel made of a router advertisement. Only this old way of adding one
 * marks it as the kernel's own, so that the next advertisement refreshes it or, with lifetime 0,
 * takes it away. */
static int add_as_kernel(const struct route *route, uint32_t left_s)
{
    struct in6_rtmsg message = {.rtmsg_metric = route->metric,
                                .rtmsg_ifindex = route->oif,
                                .rtmsg_info = left_s * TICKS_PER_S,
                                .rtmsg_flags = RTF_UP | RTF_GATEWAY | RTF_DEFAULT | RTF_ADDRCONF |
                                               RTF_EXPIRES};
    int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0), error = 0;

    if (fd < 0)
        return -errno;
    memcpy(&message.rtmsg_gateway, route->gateway, sizeof message.rtmsg_gateway);
    if (ioctl(fd, SIOCADDRT, &message) != 0)
        error = -errno;
    close(fd);
    return error;
}

int route_add(struct nl *nl, const struct route *route, uint64_t mono_ms)
{
    uint32_t left_s = 0;

    if (route->expires_ms != 0) {
        if (route->expires_ms < mono_ms + 1000)
            return -ETIME;
        left_s = (uint32_t)((route->expires_ms - mono_ms) / 1000);
    }
    if (is_of_kernel(route))
        return add_as_kernel(route, left_s);
    /* in IPv6 another gateway is another route, but without APPEND the kernel says EEXIST to it */
    return change(nl, RTM_NEWROUTE,
                  NLM_F_CREATE | (route->family == AF_INET6 ? NLM_F_APPEND : NLM_F_EXCL), route,
                  left_s);
}
