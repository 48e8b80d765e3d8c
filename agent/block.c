/* SPDX-License-Identifier: ISC */
/* Writes the block's table. The rules let through link scope, the LAN's prefixes and the
 * exceptions; all else meets the last rule, and the chain's policy behind it. It must not touch
 * anybody else's table. */
#include "agent/block.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/netfilter/nfnetlink.h>
#include <net/if_arp.h>
#include <netinet/in.h>
#include <string.h>

#include "agent/fibrule.h"
#include "agent/nft.h"

#define KEY4_LEN 12
#define KEY6_LEN 24

static const struct pass {
    uint16_t ethertype;
    int verdict;
    const char *chain;
} passes[] = {
    {ETH_P_ARP, NF_ACCEPT, NULL},
    {ETH_P_PAE, NF_ACCEPT, NULL},
    {ETH_P_IP, NFT_JUMP, "ip4"},
    {ETH_P_IPV6, NFT_JUMP, "ip6"},
};
#define PASSES_N (sizeof passes / sizeof passes[0])

void block_open(struct block *block, struct nl *route)
{
    memset(block, 0, sizeof *block);
    block->route = route;
    if (nl_open(&block->filter, NETLINK_NETFILTER) < 0)
        block->filter.socket = NULL;
}

void block_close(struct block *block)
{
    nl_close(&block->filter);
}

const char *block_kind_name(enum block_kind kind)
{
    static const char *const names[] = {"none", "netdev egress", "output hook", "FIB rules"};

    return names[kind];
}

static size_t put_keys(const struct keep *keep, uint8_t family, uint8_t *ret_keys)
{
    size_t addr_len = family == AF_INET ? 4 : 16, n = 0;

    for (size_t i = 0; i < keep->exceptions_n; i++) {
        const struct keep_exception *exception = &keep->exceptions[i];
        uint16_t port = htons(exception->port);
        uint8_t *key = ret_keys + n * (addr_len + 8);

        if (exception->family != family)
            continue;
        memset(key, 0, addr_len + 8);
        memcpy(key, exception->bytes, addr_len);
        key[addr_len] = exception->protocol;
        memcpy(key + addr_len + 4, &port, sizeof port);
        n++;
    }
    return n;
}

/* Begins a rule of a family's chain that looks at the destination. The type is known here
 * already; said again, nft(8) shows the rule in its own words. */
static void begin_rule(struct nft *nft, int family)
{
    uint16_t type = htons(family == AF_INET ? ETH_P_IP : ETH_P_IPV6);
    uint8_t nfproto = family == AF_INET ? NFPROTO_IPV4 : NFPROTO_IPV6;

    nft_rule(nft, family == AF_INET ? "ip4" : "ip6");
    if (nft->family == NFPROTO_NETDEV) {
        nft_load_meta(nft, NFT_META_PROTOCOL, 0);
        nft_compare(nft, true, &type, sizeof type);
    } else {
        nft_load_meta(nft, NFT_META_NFPROTO, 0);
        nft_compare(nft, true, &nfproto, sizeof nfproto);
    }
    if (family == AF_INET)
        nft_load(nft, NFT_PAYLOAD_NETWORK_HEADER, 16, 4, 0);
    else
        nft_load(nft, NFT_PAYLOAD_NETWORK_HEADER, 24, 16, 0);
}

static void put_prefix(struct nft *nft, const struct prefix *prefix)
{
    uint32_t len = prefix->family == AF_INET ? 4 : 16;

    begin_rule(nft, prefix->family);
    if (prefix->len < 8 * len)
        nft_mask(nft, len, prefix->len);
    nft_compare(nft, true, prefix->bytes, len);
    nft_rule_end(nft, NF_ACCEPT, NULL);
}

/* The chain for one family: the prefixes, then the set of exceptions. */
static void put_family(struct nft *nft, const struct keep *keep, uint8_t family)
{
    uint8_t keys[KEEP_EXCEPTIONS_MAX * KEY6_LEN] = {0};
    const char *set = family == AF_INET ? "kept4" : "kept6";
    uint32_t len = family == AF_INET ? 4 : 16;

    nft_set(nft, set, keys, put_keys(keep, family, keys), family == AF_INET ? KEY4_LEN : KEY6_LEN);
    nft_chain(nft, family == AF_INET ? "ip4" : "ip6");
    for (size_t i = 0; i < keep->prefixes_n; i++)
        if (keep->prefixes[i].family == family)
            put_prefix(nft, &keep->prefixes[i]);
    begin_rule(nft, family);
    nft_load_meta(nft, NFT_META_L4PROTO, len / 4);
    nft_load(nft, NFT_PAYLOAD_TRANSPORT_HEADER, 2, 2, len / 4 + 1);
    nft_lookup(nft, set);
    nft_rule_end(nft, NF_ACCEPT, NULL);
}

static void put_link_type(struct nft *nft, bool is_ethernet)
{
    uint16_t ethernet = ARPHRD_ETHER;

    nft_load_meta(nft, NFT_META_OIFTYPE, 0);
    nft_compare(nft, is_ethernet, &ethernet, sizeof ethernet);
}

/* On Ethernet the frame itself must be of the type that the sender of a packet socket claims:
 * else IPv4 in a packet declared as ARP would pass. `tagged`: behind one VLAN tag. */
static void put_frame(struct nft *nft, uint16_t type, bool tagged)
{
    uint16_t vlan = htons(ETH_P_8021Q);

    put_link_type(nft, true);
    nft_load_meta(nft, NFT_META_PROTOCOL, 0);
    nft_compare(nft, true, &type, sizeof type);
    if (tagged) {
        nft_load(nft, NFT_PAYLOAD_LL_HEADER, 12, 2, 0);
        nft_compare(nft, true, &vlan, sizeof vlan);
    }
    nft_load(nft, NFT_PAYLOAD_LL_HEADER, tagged ? 16 : 12, 2, 0);
    nft_compare(nft, true, &type, sizeof type);
}

static void put_egress_rules(struct nft *nft)
{
    for (size_t i = 0; i < PASSES_N; i++) {
        uint16_t type = htons(passes[i].ethertype);
        for (int tagged = 0; tagged <= 1; tagged++) {
            nft_rule(nft, "out");
            put_frame(nft, type, tagged);
            nft_rule_end(nft, passes[i].verdict, passes[i].chain);
        }
        nft_rule(nft, "out");
        put_link_type(nft, false);
        nft_load_meta(nft, NFT_META_PROTOCOL, 0);
        nft_compare(nft, true, &type, sizeof type);
        nft_rule_end(nft, passes[i].verdict, passes[i].chain);
    }
}

static void put_output_rules(struct nft *nft)
{
    uint16_t loopback = ARPHRD_LOOPBACK;
    uint8_t families[] = {NFPROTO_IPV4, NFPROTO_IPV6};

    nft_rule(nft, "out");
    nft_load_meta(nft, NFT_META_OIFTYPE, 0);
    nft_compare(nft, true, &loopback, sizeof loopback);
    nft_rule_end(nft, NF_ACCEPT, NULL);
    for (size_t i = 0; i < sizeof families; i++) {
        nft_rule(nft, "out");
        nft_load_meta(nft, NFT_META_NFPROTO, 0);
        nft_compare(nft, true, &families[i], sizeof(families[i]));
        nft_rule_end(nft, NFT_JUMP, families[i] == NFPROTO_IPV4 ? "ip4" : "ip6");
    }
}

/* `devices` NULL: on the output hook. */
static int install_table(struct block *block, const struct keep *keep, const char **devices)
{
    struct nft nft;

    nft_begin(&nft, devices != NULL ? NFPROTO_NETDEV : NFPROTO_INET);
    nft_no_table(&nft);
    nft_table(&nft);
    put_family(&nft, keep, AF_INET);
    put_family(&nft, keep, AF_INET6);
    if (devices != NULL) {
        nft_egress_chain(&nft, "out", devices);
        put_egress_rules(&nft);
    } else {
        nft_output_chain(&nft, "out");
        put_output_rules(&nft);
    }
    nft_rule(&nft, "out");
    nft_counter(&nft);
    nft_rule_end(&nft, NF_DROP, NULL);
    return nft_commit(&nft, &block->filter);
}

static int remove_table(struct block *block, uint16_t family)
{
    struct nft nft;

    nft_begin(&nft, family);
    nft_no_table(&nft);
    return nft_commit(&nft, &block->filter);
}

static size_t list_devices(const struct links *links, const char *ret_devices[LINKS_MAX + 1])
{
    size_t n = 0;

    for (size_t i = 0; i < links->n; i++)
        if (!(links->list[i].flags & IFF_LOOPBACK))
            ret_devices[n++] = links->list[i].name;
    ret_devices[n] = NULL;
    return n;
}

/* The output hook names no interface, so it holds on one that appears from its first packet on;
 * the egress hook of those that are there stops packet sockets too. */
static int install_best(struct block *block, const struct links *links, const struct keep *keep,
                        enum block_kind *ret_kind)
{
    const char *devices[LINKS_MAX + 1];
    int error = -EPROTONOSUPPORT;

    if (block->filter.socket != NULL) {
        *ret_kind = BLOCK_OUTPUT;
        error = install_table(block, keep, NULL);
        if (error == 0 && !links->truncated && list_devices(links, devices) > 0 &&
            install_table(block, keep, devices) == 0)
            *ret_kind = BLOCK_EGRESS;
    }
    if (error != 0) {
        *ret_kind = BLOCK_FIB_RULES;
        error = fibrule_install(block->route, keep);
    }
    return error;
}

static bool is_current(const struct block *block, const struct links *links,
                       const struct keep *keep)
{
    if (block->kind == BLOCK_NONE || block->links_n != links->n || !keep_equal(&block->keep, keep))
        return false;
    for (size_t i = 0; i < links->n; i++)
        if (block->links[i].index != links->list[i].index ||
            strcmp(block->links[i].name, links->list[i].name) != 0)
            return false;
    return block->kind != BLOCK_FIB_RULES || fibrule_stands(block->route, keep);
}

/* A block of another kind, left from before, goes once the new one stands. */
static void remove_others(struct block *block, enum block_kind kind)
{
    if (kind != BLOCK_EGRESS && block->filter.socket != NULL)
        (void)remove_table(block, NFPROTO_NETDEV);
    if (kind == BLOCK_FIB_RULES && block->filter.socket != NULL)
        (void)remove_table(block, NFPROTO_INET);
    if (kind != BLOCK_FIB_RULES)
        (void)fibrule_remove(block->route);
}

int block_install(struct block *block, const struct links *links, const struct keep *keep,
                  bool force)
{
    enum block_kind kind = BLOCK_NONE;

    if (!force && is_current(block, links, keep))
        return 0;
    int error = install_best(block, links, keep, &kind);
    if (error != 0)
        return error;
    if (kind != block->kind)
        remove_others(block, kind);
    block->kind = kind;
    block->keep = *keep;
    block->links_n = links->n;
    for (size_t i = 0; i < links->n; i++) {
        block->links[i].index = links->list[i].index;
        memcpy(block->links[i].name, links->list[i].name, IFNAMSIZ);
    }
    return 0;
}

int block_remove(struct block *block)
{
    int error = fibrule_remove(block->route);

    if (block->filter.socket != NULL) {
        int netdev = remove_table(block, NFPROTO_NETDEV);
        int inet = remove_table(block, NFPROTO_INET);
        if (block->kind == BLOCK_EGRESS && netdev != 0)
            error = netdev;
        if ((block->kind == BLOCK_EGRESS || block->kind == BLOCK_OUTPUT) && inet != 0)
            error = inet;
    }
    if (error == 0)
        block->kind = BLOCK_NONE;
    return error;
}

/* Every nf_tables object names its table in attribute 1. */
bool block_is_touched(const struct block *block, const struct nlmsghdr *event)
{
    const struct nfgenmsg *head = mnl_nlmsg_get_payload(event);
    const struct nlattr *attr;

    if (NFNL_SUBSYS_ID(event->nlmsg_type) != NFNL_SUBSYS_NFTABLES ||
        event->nlmsg_pid == block->filter.portid ||
        (head->nfgen_family != NFPROTO_NETDEV && head->nfgen_family != NFPROTO_INET))
        return false;
    NL_EACH_ATTR(attr, event, sizeof *head)
    {
        if (mnl_attr_get_type(attr) == NFTA_TABLE_NAME &&
            mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0)
            return strcmp(mnl_attr_get_str(attr), NFT_TABLE) == 0;
    }
    return false;
}
