/* SPDX-License-Identifier: ISC */
/* Policy rules over rtnetlink. Ours are known by their protocol number; no other rule is
 * touched. */
#include "agent/fibrule.h"

#include <errno.h>
#include <linux/fib_rules.h>
#include <linux/rtnetlink.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "agent/routes.h"

/* After the local table (0), before whatever else there is. */
#define PREFERENCE_KEPT 1
#define PREFERENCE_REST 2

struct rule {
    uint8_t family, action, dst_len, protocol;
    uint16_t port;
    uint32_t preference;
    const uint8_t *dst;
};

static int change(struct nl *nl, uint16_t type, const struct rule *rule)
{
    char buffer[512];
    struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
    struct fib_rule_hdr *head;

    message->nlmsg_type = type;
    message->nlmsg_flags = type == RTM_NEWRULE ? NLM_F_CREATE | NLM_F_EXCL : 0;
    head = mnl_nlmsg_put_extra_header(message, sizeof *head);
    head->family = rule->family;
    head->action = rule->action;
    head->dst_len = rule->dst_len;
    head->table = rule->action == FR_ACT_TO_TBL ? RT_TABLE_MAIN : RT_TABLE_UNSPEC;
    if (rule->dst_len > 0)
        mnl_attr_put(message, FRA_DST, rule->family == AF_INET ? 4 : 16, rule->dst);
    mnl_attr_put_u32(message, FRA_PRIORITY, rule->preference);
    mnl_attr_put_u8(message, FRA_PROTOCOL, ROUTES_PROTOCOL);
    if (rule->protocol != 0) {
        struct fib_rule_port_range range = {rule->port, rule->port};
        mnl_attr_put_u8(message, FRA_IP_PROTO, rule->protocol);
        mnl_attr_put(message, FRA_DPORT_RANGE, sizeof range, &range);
    }
    return nl_request(nl, message);
}

static int add(struct nl *nl, const struct rule *rule)
{
    int error = change(nl, RTM_NEWRULE, rule);

    return error == -EEXIST ? 0 : error;
}

struct found {
    uint8_t family;
    uint32_t preference;
    size_t n;
};

static void match(void *ctx, const struct nlmsghdr *message)
{
    struct found *found = ctx;
    const struct fib_rule_hdr *head = mnl_nlmsg_get_payload(message);
    const struct nlattr *attr;
    uint32_t preference = 0;
    uint8_t protocol = 0;

    NL_EACH_ATTR(attr, message, sizeof *head)
    {
        if (mnl_attr_get_type(attr) == FRA_PRIORITY)
            preference = mnl_attr_get_u32(attr);
        if (mnl_attr_get_type(attr) == FRA_PROTOCOL)
            protocol = mnl_attr_get_u8(attr);
    }
    if (head->family == found->family && protocol == ROUTES_PROTOCOL &&
        preference == found->preference)
        found->n++;
}

/* The kernel deletes the first rule that has all that the request names, one at a time. */
static int remove_all(struct nl *nl, uint8_t family, uint32_t preference)
{
    struct rule rule = {.family = family, .preference = preference};

    for (int i = 0; i < 4 * (KEEP_PREFIXES_MAX + KEEP_EXCEPTIONS_MAX); i++) {
        struct found found = {.family = family, .preference = preference};
        int error = nl_dump(nl, RTM_GETRULE, family, match, &found);
        if (error == -EINTR)
            continue;
        if (error < 0 || found.n == 0)
            return error;
        error = change(nl, RTM_DELRULE, &rule);
        if (error < 0 && error != -ENOENT)
            return error;
    }
    return -ELOOP;
}

static int install_family(struct nl *nl, const struct keep *keep, uint8_t family)
{
    struct rule rest = {.family = family, .action = FR_ACT_PROHIBIT, .preference = PREFERENCE_REST};
    int error = add(nl, &rest);

    if (error == 0)
        error = remove_all(nl, family, PREFERENCE_KEPT);
    for (size_t i = 0; i < keep->prefixes_n && error == 0; i++) {
        const struct prefix *prefix = &keep->prefixes[i];
        struct rule rule = {.family = family,
                            .action = FR_ACT_TO_TBL,
                            .dst_len = (uint8_t)prefix->len,
                            .dst = prefix->bytes,
                            .preference = PREFERENCE_KEPT};
        if (prefix->family == family)
            error = add(nl, &rule);
    }
    for (size_t i = 0; i < keep->exceptions_n && error == 0; i++) {
        const struct keep_exception *kept = &keep->exceptions[i];
        struct rule rule = {.family = family,
                            .action = FR_ACT_TO_TBL,
                            .dst_len = family == AF_INET ? 32 : 128,
                            .dst = kept->bytes,
                            .protocol = kept->protocol,
                            .port = kept->port,
                            .preference = PREFERENCE_KEPT};
        if (kept->family == family)
            error = add(nl, &rule);
    }
    return error;
}

/* Before 4.17 the kernel passes over our protocol number and the ports: such rules could not be
 * found again, and would outlive the quarantine. */
static bool kernel_knows_ours(void)
{
    struct utsname name;
    char *dot;

    if (uname(&name) != 0)
        return false;
    long major = strtol(name.release, &dot, 10);
    long minor = *dot == '.' ? strtol(dot + 1, NULL, 10) : 0;
    return major > 4 || (major == 4 && minor >= 17);
}

int fibrule_install(struct nl *nl, const struct keep *keep)
{
    if (!kernel_knows_ours())
        return -EOPNOTSUPP;
    int error = install_family(nl, keep, AF_INET);
    int error6 = install_family(nl, keep, AF_INET6);

    return error != 0 ? error : error6 == -EAFNOSUPPORT || error6 == -EOPNOTSUPP ? 0 : error6;
}

static size_t wanted_n(const struct keep *keep, uint8_t family)
{
    size_t n = 0;

    for (size_t i = 0; i < keep->prefixes_n; i++)
        n += keep->prefixes[i].family == family;
    for (size_t i = 0; i < keep->exceptions_n; i++)
        n += keep->exceptions[i].family == family;
    return n;
}

static bool family_stands(struct nl *nl, const struct keep *keep, uint8_t family)
{
    struct found rest = {.family = family, .preference = PREFERENCE_REST};
    struct found kept = {.family = family, .preference = PREFERENCE_KEPT};

    return nl_dump(nl, RTM_GETRULE, family, match, &rest) == 0 &&
           nl_dump(nl, RTM_GETRULE, family, match, &kept) == 0 && rest.n == 1 &&
           kept.n == wanted_n(keep, family);
}

bool fibrule_stands(struct nl *nl, const struct keep *keep)
{
    bool has_ipv6 = access("/proc/sys/net/ipv6", F_OK) == 0;

    return family_stands(nl, keep, AF_INET) && (!has_ipv6 || family_stands(nl, keep, AF_INET6));
}

int fibrule_remove(struct nl *nl)
{
    static const uint8_t families[] = {AF_INET, AF_INET6};
    int result = 0;

    for (size_t i = 0; i < sizeof families; i++) {
        int error = remove_all(nl, families[i], PREFERENCE_REST);
        if (error == 0)
            error = remove_all(nl, families[i], PREFERENCE_KEPT);
        if (error != 0 && error != -EAFNOSUPPORT && error != -EOPNOTSUPP)
            result = error;
    }
    return result;
}
