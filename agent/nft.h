/* SPDX-License-Identifier: ISC */
/* Builds one nf_tables transaction that replaces the table `muster` of a family. Sentences of a
 * rule are put one by one; nft_rule_end sends the rule into the batch. No allocation fails by
 * halves: a sticky error is returned by nft_commit. */
#ifndef AGENT_NFT_H
#define AGENT_NFT_H

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "agent/nl.h"

#define NFT_TABLE "muster"

struct nftnl_rule;
struct nftnl_set;

struct nft {
    char *bytes;
    size_t len;
    uint32_t seq, last_seq;
    uint16_t family;
    struct nftnl_rule *rule; /* being built */
    int error;
};

/* `family` NFPROTO_NETDEV or NFPROTO_INET. */
void nft_begin(struct nft *nft, uint16_t family);
/* Removes the table; it need not be there. */
void nft_no_table(struct nft *nft);
void nft_table(struct nft *nft);
/* Ends the transaction; 0 or a negative errno. Always frees what nft_begin took. */
int nft_commit(struct nft *nft, struct nl *nl);

void nft_chain(struct nft *nft, const char *name);
/* Base chains that drop what no rule accepts. `devices` ends with NULL. */
void nft_egress_chain(struct nft *nft, const char *name, const char **devices);
void nft_output_chain(struct nft *nft, const char *name);

/* A set of address . protocol . port; keys[0..keys_n) of key_len bytes each, 12 or 24. */
void nft_set(struct nft *nft, const char *name, const uint8_t *keys, size_t keys_n, size_t key_len);

void nft_rule(struct nft *nft, const char *chain);
/* Loads len bytes from a header into the 32-bit register `slot` (0..15) and those that follow. */
void nft_load(struct nft *nft, enum nft_payload_bases base, uint32_t offset, uint32_t len,
              unsigned slot);
void nft_load_meta(struct nft *nft, enum nft_meta_keys key, unsigned slot);
/* Goes on only if slot 0 equals these bytes (`equal`), or differs. */
void nft_compare(struct nft *nft, bool equal, const void *bytes, uint32_t len);
/* Keeps the first `bits` of the len bytes in slot 0. */
void nft_mask(struct nft *nft, uint32_t len, unsigned bits);
/* Goes on only if slot 0 and following are in the set. */
void nft_lookup(struct nft *nft, const char *set);
void nft_counter(struct nft *nft);
/* Ends the rule: NF_ACCEPT, NF_DROP, or NFT_JUMP to `chain`. */
void nft_rule_end(struct nft *nft, int verdict, const char *chain);

#endif
