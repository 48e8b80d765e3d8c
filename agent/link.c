/* SPDX-License-Identifier: ISC */
/* Reads interfaces, addresses and neighbours over rtnetlink. It changes nothing, but for asking the
 * kernel to look a neighbour up. */
#include "agent/link.h"

#include <errno.h>
#include <linux/if_addr.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if_arp.h>
#include <string.h>
#include <sys/socket.h>

#define TRIES 4 /* of a dump while the system changes under it */

static void add_link(void *ctx, const struct nlmsghdr *message)
{
    struct links *links = ctx;
    const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);
    const struct nlattr *attr;

    if (message->nlmsg_type != RTM_NEWLINK || info->ifi_family != AF_UNSPEC)
        return;
    if (links->n == LINKS_MAX) {
        links->truncated = true;
        return;
    }
    struct link *link = &links->list[links->n];
    memset(link, 0, sizeof *link);
    link->index = info->ifi_index;
    link->flags = info->ifi_flags;
    link->type = info->ifi_type;
    NL_EACH_ATTR(attr, message, sizeof *info)
    {
        if (mnl_attr_get_type(attr) == IFLA_IFNAME && mnl_attr_get_payload_len(attr) <= IFNAMSIZ)
            memcpy(link->name, mnl_attr_get_payload(attr), mnl_attr_get_payload_len(attr));
    }
    if (link->name[0] != 0 && link->name[IFNAMSIZ - 1] == 0)
        links->n++;
}

static void add_addr(void *ctx, const struct nlmsghdr *message)
{
    struct links *links = ctx;
    const struct ifaddrmsg *info = mnl_nlmsg_get_payload(message);
    size_t len = info->ifa_family == AF_INET ? 4 : 16;
    const struct nlattr *attr;
    bool found = false;

    if (message->nlmsg_type != RTM_NEWADDR || info->ifa_prefixlen > 8 * len ||
        (info->ifa_family != AF_INET && info->ifa_family != AF_INET6))
        return;
    if (links->addrs_n == LINK_ADDRS_MAX) {
        links->truncated = true;
        return;
    }
    struct link_addr *addr = &links->addrs[links->addrs_n];
    memset(addr, 0, sizeof *addr);
    addr->index = (int)info->ifa_index;
    addr->family = info->ifa_family;
    addr->prefix_len = info->ifa_prefixlen;
    NL_EACH_ATTR(attr, message, sizeof *info)
    {
        if (mnl_attr_get_type(attr) == IFA_ADDRESS && mnl_attr_get_payload_len(attr) == len) {
            memcpy(addr->bytes, mnl_attr_get_payload(attr), len);
            found = true;
        }
    }
    if (found)
        links->addrs_n++;
}

static int read_once(struct nl *nl, struct links *ret)
{
    ret->n = ret->addrs_n = 0;
    ret->truncated = false;
    int error = nl_dump(nl, RTM_GETLINK, AF_UNSPEC, add_link, ret);
    if (error == 0)
        error = nl_dump(nl, RTM_GETADDR, AF_UNSPEC, add_addr, ret);
    return error;
}

int links_read(struct nl *nl, struct links *ret)
{
    int error = -EINTR;

    for (int try = 0; try < TRIES && error == -EINTR; try++)
        error = read_once(nl, ret);
    return error;
}

const struct link *links_find(const struct links *links, int index)
{
    for (size_t i = 0; i < links->n; i++)
        if (links->list[i].index == index)
            return &links->list[i];
    return NULL;
}

bool links_usable(const struct links *links, int index)
{
    const struct link *link = links_find(links, index);

    return link != NULL && (link->flags & IFF_UP) && (link->flags & IFF_RUNNING) &&
           !(link->flags & IFF_LOOPBACK);
}

bool links_has_addr(const struct links *links, int index, int family)
{
    for (size_t i = 0; i < links->addrs_n; i++)
        if (links->addrs[i].index == index && links->addrs[i].family == family)
            return true;
    return false;
}

struct neighbour {
    int index;
    uint8_t family;
    const uint8_t *ip;
    uint8_t mac[6];
    bool found;
};

static void match_neighbour(void *ctx, const struct nlmsghdr *message)
{
    struct neighbour *want = ctx;
    const struct ndmsg *info = mnl_nlmsg_get_payload(message);
    size_t ip_len = want->family == AF_INET ? 4 : 16;
    const struct nlattr *attr;
    const uint8_t *mac = NULL;
    bool same = false;

    if (message->nlmsg_type != RTM_NEWNEIGH || info->ndm_ifindex != want->index ||
        info->ndm_family != want->family || (info->ndm_state & (NUD_INCOMPLETE | NUD_FAILED)))
        return;
    NL_EACH_ATTR(attr, message, sizeof *info)
    {
        size_t len = mnl_attr_get_payload_len(attr);
        if (mnl_attr_get_type(attr) == NDA_DST && len == ip_len)
            same = memcmp(mnl_attr_get_payload(attr), want->ip, ip_len) == 0;
        if (mnl_attr_get_type(attr) == NDA_LLADDR && len == sizeof want->mac)
            mac = mnl_attr_get_payload(attr);
    }
    if (same && mac != NULL) {
        memcpy(want->mac, mac, sizeof want->mac);
        want->found = true;
    }
}

/* NTF_USE: as if a packet were to be sent there. */
static void look_up(struct nl *nl, const struct neighbour *want)
{
    char buffer[256];
    struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
    struct ndmsg *info;

    message->nlmsg_type = RTM_NEWNEIGH;
    message->nlmsg_flags = NLM_F_CREATE;
    info = mnl_nlmsg_put_extra_header(message, sizeof *info);
    info->ndm_family = want->family;
    info->ndm_ifindex = want->index;
    info->ndm_flags = NTF_USE;
    mnl_attr_put(message, NDA_DST, want->family == AF_INET ? 4 : 16, want->ip);
    (void)nl_request(nl, message);
}

int links_neighbour(struct nl *nl, const struct links *links, int index, int family,
                    const uint8_t *ip, uint8_t ret_mac[6])
{
    const struct link *link = links_find(links, index);
    struct neighbour want = {.index = index, .family = (uint8_t)family, .ip = ip};

    if (link == NULL || link->type != ARPHRD_ETHER || (link->flags & IFF_NOARP))
        return -ENOTSUP;
    if (nl_dump(nl, RTM_GETNEIGH, (uint8_t)family, match_neighbour, &want) < 0 || !want.found) {
        look_up(nl, &want);
        return -EAGAIN;
    }
    memcpy(ret_mac, want.mac, sizeof want.mac);
    return 0;
}
