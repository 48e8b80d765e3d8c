/* SPDX-License-Identifier: ISC */
/* nf_tables transactions over libnftnl. It knows how a table is written, not what is in it. */
#include "agent/nft.h"

#include <assert.h>
#include <errno.h>
#include <libnftnl/chain.h>
#include <libnftnl/common.h>
#include <libnftnl/expr.h>
#include <libnftnl/rule.h>
#include <libnftnl/set.h>
#include <libnftnl/table.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* The largest table (64 prefixes, 128 exceptions, 256 devices) takes less than half of it. */
#define BATCH_LEN (256 * 1024)

/* How nft(8) shows the sets' keys: its numbers for ipv4_addr, ipv6_addr, inet_proto,
 * inet_service. */
#define KEY_TYPE(addr) (((uint32_t)(addr) << 12) | (12u << 6) | 13u)

static struct nlmsghdr *message(struct nft *nft, uint16_t type, uint16_t flags)
{
    nft->last_seq = ++nft->seq;
    return nftnl_nlmsg_build_hdr(nft->bytes + nft->len, type, nft->family, flags, nft->seq);
}

static void message_end(struct nft *nft, const struct nlmsghdr *header)
{
    nft->len += header->nlmsg_len;
    assert(nft->len < BATCH_LEN);
}

void nft_begin(struct nft *nft, uint16_t family)
{
    memset(nft, 0, sizeof *nft);
    nft->family = family;
    nft->bytes = calloc(1, BATCH_LEN);
    if (nft->bytes == NULL) {
        nft->error = -ENOMEM;
        return;
    }
    nft->len = nftnl_batch_begin(nft->bytes, ++nft->seq)->nlmsg_len;
}

static void put_table(struct nft *nft, uint16_t type, uint16_t flags)
{
    struct nftnl_table *table = nft->error ? NULL : nftnl_table_alloc();

    if (table == NULL) {
        nft->error = nft->error ? nft->error : -ENOMEM;
        return;
    }
    nftnl_table_set_str(table, NFTNL_TABLE_NAME, NFT_TABLE);
    struct nlmsghdr *header = message(nft, type, flags);
    nftnl_table_nlmsg_build_payload(header, table);
    message_end(nft, header);
    nftnl_table_free(table);
}

/* Making the table first lets its removal succeed whether or not it was there. */
void nft_no_table(struct nft *nft)
{
    put_table(nft, NFT_MSG_NEWTABLE, NLM_F_CREATE);
    put_table(nft, NFT_MSG_DELTABLE, 0);
}

void nft_table(struct nft *nft)
{
    put_table(nft, NFT_MSG_NEWTABLE, NLM_F_CREATE);
}

/* The kernel acknowledges the last message, or says which one failed. */
int nft_commit(struct nft *nft, struct nl *nl)
{
    int error = nft->error;

    if (error == 0) {
        struct nlmsghdr *last = (struct nlmsghdr *)nft->bytes;
        while (last->nlmsg_seq != nft->last_seq)
            last = (struct nlmsghdr *)((char *)last + NLMSG_ALIGN(last->nlmsg_len));
        last->nlmsg_flags |= NLM_F_ACK;
        nft->len += nftnl_batch_end(nft->bytes + nft->len, ++nft->seq)->nlmsg_len;
        error = nl_batch(nl, nft->bytes, nft->len, nft->last_seq);
    }
    if (nft->rule != NULL)
        nftnl_rule_free(nft->rule);
    free(nft->bytes);
    nft->bytes = NULL;
    nft->rule = NULL;
    return error;
}

static struct nftnl_chain *new_chain(struct nft *nft, const char *name)
{
    struct nftnl_chain *chain = nft->error ? NULL : nftnl_chain_alloc();

    if (chain == NULL) {
        nft->error = nft->error ? nft->error : -ENOMEM;
        return NULL;
    }
    nftnl_chain_set_str(chain, NFTNL_CHAIN_TABLE, NFT_TABLE);
    nftnl_chain_set_str(chain, NFTNL_CHAIN_NAME, name);
    return chain;
}

static void put_chain(struct nft *nft, struct nftnl_chain *chain)
{
    struct nlmsghdr *header = message(nft, NFT_MSG_NEWCHAIN, NLM_F_CREATE);

    nftnl_chain_nlmsg_build_payload(header, chain);
    message_end(nft, header);
    nftnl_chain_free(chain);
}

void nft_chain(struct nft *nft, const char *name)
{
    struct nftnl_chain *chain = new_chain(nft, name);

    if (chain != NULL)
        put_chain(nft, chain);
}

static void base_chain(struct nft *nft, const char *name, uint32_t hook, const char **devices)
{
    struct nftnl_chain *chain = new_chain(nft, name);

    if (chain == NULL)
        return;
    nftnl_chain_set_str(chain, NFTNL_CHAIN_TYPE, "filter");
    nftnl_chain_set_u32(chain, NFTNL_CHAIN_HOOKNUM, hook);
    nftnl_chain_set_s32(chain, NFTNL_CHAIN_PRIO, 0);
    nftnl_chain_set_u32(chain, NFTNL_CHAIN_POLICY, NF_DROP);
    if (devices != NULL && nftnl_chain_set_array(chain, NFTNL_CHAIN_DEVICES, devices) != 0)
        nft->error = -ENOMEM;
    put_chain(nft, chain);
}

void nft_egress_chain(struct nft *nft, const char *name, const char **devices)
{
    base_chain(nft, name, NF_NETDEV_EGRESS, devices);
}

/* The last of the output hooks: what other tables there rewrite is judged as it leaves. */
void nft_output_chain(struct nft *nft, const char *name)
{
    base_chain(nft, name, NF_INET_LOCAL_OUT, NULL);
}

static void put_set(struct nft *nft, const struct nftnl_set *set, uint16_t type)
{
    struct nlmsghdr *header = message(nft, type, NLM_F_CREATE);

    if (type == NFT_MSG_NEWSET)
        nftnl_set_nlmsg_build_payload(header, (struct nftnl_set *)set);
    else
        nftnl_set_elems_nlmsg_build_payload(header, (struct nftnl_set *)set);
    message_end(nft, header);
}

static bool fill_set(struct nftnl_set *set, const uint8_t *keys, size_t keys_n, size_t key_len)
{
    for (size_t i = 0; i < keys_n; i++) {
        struct nftnl_set_elem *elem = nftnl_set_elem_alloc();
        if (elem == NULL)
            return false;
        nftnl_set_elem_add(set, elem);
        if (nftnl_set_elem_set(elem, NFTNL_SET_ELEM_KEY, keys + i * key_len, (uint32_t)key_len) !=
            0)
            return false;
    }
    return true;
}

void nft_set(struct nft *nft, const char *name, const uint8_t *keys, size_t keys_n, size_t key_len)
{
    struct nftnl_set *set = nft->error ? NULL : nftnl_set_alloc();

    if (set == NULL) {
        nft->error = nft->error ? nft->error : -ENOMEM;
        return;
    }
    nftnl_set_set_str(set, NFTNL_SET_TABLE, NFT_TABLE);
    nftnl_set_set_str(set, NFTNL_SET_NAME, name);
    nftnl_set_set_u32(set, NFTNL_SET_FAMILY, nft->family);
    nftnl_set_set_u32(set, NFTNL_SET_ID, nft->seq);
    nftnl_set_set_u32(set, NFTNL_SET_KEY_TYPE, KEY_TYPE(key_len == 12 ? 7 : 8));
    nftnl_set_set_u32(set, NFTNL_SET_KEY_LEN, (uint32_t)key_len);
    put_set(nft, set, NFT_MSG_NEWSET);
    if (!fill_set(set, keys, keys_n, key_len))
        nft->error = -ENOMEM;
    else if (keys_n > 0)
        put_set(nft, set, NFT_MSG_NEWSETELEM);
    nftnl_set_free(set);
}

void nft_rule(struct nft *nft, const char *chain)
{
    nft->rule = nft->error ? NULL : nftnl_rule_alloc();
    if (nft->rule == NULL) {
        nft->error = nft->error ? nft->error : -ENOMEM;
        return;
    }
    nftnl_rule_set_str(nft->rule, NFTNL_RULE_TABLE, NFT_TABLE);
    nftnl_rule_set_str(nft->rule, NFTNL_RULE_CHAIN, chain);
    nftnl_rule_set_u32(nft->rule, NFTNL_RULE_FAMILY, nft->family);
}

/* NULL once anything has failed; the callers then do nothing. */
static struct nftnl_expr *put_expr(struct nft *nft, const char *kind)
{
    struct nftnl_expr *expr = nft->rule == NULL ? NULL : nftnl_expr_alloc(kind);

    if (expr == NULL) {
        nft->error = nft->error ? nft->error : -ENOMEM;
        return NULL;
    }
    nftnl_rule_add_expr(nft->rule, expr);
    return expr;
}

void nft_load(struct nft *nft, enum nft_payload_bases base, uint32_t offset, uint32_t len,
              unsigned slot)
{
    struct nftnl_expr *expr = put_expr(nft, "payload");

    if (expr == NULL)
        return;
    nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_BASE, base);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_DREG, NFT_REG32_00 + slot);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_OFFSET, offset);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_PAYLOAD_LEN, len);
}

void nft_load_meta(struct nft *nft, enum nft_meta_keys key, unsigned slot)
{
    struct nftnl_expr *expr = put_expr(nft, "meta");

    if (expr == NULL)
        return;
    nftnl_expr_set_u32(expr, NFTNL_EXPR_META_KEY, key);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_META_DREG, NFT_REG32_00 + slot);
}

void nft_compare(struct nft *nft, bool equal, const void *bytes, uint32_t len)
{
    struct nftnl_expr *expr = put_expr(nft, "cmp");

    if (expr == NULL)
        return;
    nftnl_expr_set_u32(expr, NFTNL_EXPR_CMP_SREG, NFT_REG32_00);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_CMP_OP, equal ? NFT_CMP_EQ : NFT_CMP_NEQ);
    nftnl_expr_set(expr, NFTNL_EXPR_CMP_DATA, bytes, len);
}

void nft_mask(struct nft *nft, uint32_t len, unsigned bits)
{
    uint8_t mask[16] = {0}, zero[16] = {0};
    struct nftnl_expr *expr = put_expr(nft, "bitwise");

    if (expr == NULL)
        return;
    for (unsigned i = 0; i < bits; i++)
        mask[i / 8] |= (uint8_t)(0x80u >> (i % 8));
    nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_SREG, NFT_REG32_00);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_DREG, NFT_REG32_00);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_BITWISE_LEN, len);
    nftnl_expr_set(expr, NFTNL_EXPR_BITWISE_MASK, mask, len);
    nftnl_expr_set(expr, NFTNL_EXPR_BITWISE_XOR, zero, len);
}

void nft_lookup(struct nft *nft, const char *set)
{
    struct nftnl_expr *expr = put_expr(nft, "lookup");

    if (expr == NULL)
        return;
    nftnl_expr_set_u32(expr, NFTNL_EXPR_LOOKUP_SREG, NFT_REG32_00);
    nftnl_expr_set_str(expr, NFTNL_EXPR_LOOKUP_SET, set);
}

void nft_counter(struct nft *nft)
{
    (void)put_expr(nft, "counter");
}

void nft_rule_end(struct nft *nft, int verdict, const char *chain)
{
    struct nftnl_expr *expr = put_expr(nft, "immediate");

    if (expr == NULL)
        return;
    nftnl_expr_set_u32(expr, NFTNL_EXPR_IMM_DREG, NFT_REG_VERDICT);
    nftnl_expr_set_u32(expr, NFTNL_EXPR_IMM_VERDICT, (uint32_t)verdict);
    if (chain != NULL)
        nftnl_expr_set_str(expr, NFTNL_EXPR_IMM_CHAIN, chain);
    struct nlmsghdr *header = message(nft, NFT_MSG_NEWRULE, NLM_F_CREATE | NLM_F_APPEND);
    nftnl_rule_nlmsg_build_payload(header, nft->rule);
    message_end(nft, header);
    nftnl_rule_free(nft->rule);
    nft->rule = NULL;
}
