/* SPDX-License-Identifier: ISC */
/* Look-up in a compiled list, used as it lies in memory (doc/list-format.md). The image is
 * untrusted until muster_list_verify has passed; look-ups on an image that only muster_list_open
 * has seen stay inside it all the same. */
#ifndef MUSTER_LIST_H
#define MUSTER_LIST_H

#include <stdbool.h>

#include "muster/cbor.h"
#include "muster/crypto.h"

#define MUSTER_LIST_MAGIC          "\x89MLIST\r\n"
#define MUSTER_LIST_VERSION        1
#define MUSTER_LIST_HEADER_LEN     1024
#define MUSTER_LIST_SIGNED_LEN     192 /* of the header; the signature follows */
#define MUSTER_LIST_APPROVALS_AT   256 /* in the header, up to its end */
#define MUSTER_LIST_APPROVAL_LEN   (MUSTER_KEY_LEN + MUSTER_SIGNATURE_LEN)
#define MUSTER_LIST_APPROVALS_MAX  8
#define MUSTER_LIST_SLOT_LEN       8
#define MUSTER_LIST_PART_LEN       65536 /* of slots and entries, with a digest of its own */
#define MUSTER_LIST_ENTRY_HEAD_LEN 8
#define MUSTER_LIST_PROBES_MAX     64
/* Prefixed to the signed part of the header, so that no other signature can be passed off as a
 * list's. */
#define MUSTER_LIST_CONTEXT        "muster list 1\n"
/* The same for an approval, which signs the very same part. */
#define MUSTER_APPROVAL_CONTEXT    "muster approval 1\n"
#define MUSTER_APPROVAL_SIGNED_LEN (sizeof MUSTER_APPROVAL_CONTEXT - 1 + MUSTER_LIST_SIGNED_LEN)

struct muster_list {
    struct muster_slice image;
    uint64_t issued, expires; /* Unix seconds; no advisory is issued later or ends earlier */
    uint64_t seed;            /* of the index's hash */
    uint32_t models_n, slots_n, probes_max;
    const uint8_t *slots;        /* slots_n x 8 bytes: tag, offset / 8 + 1 */
    struct muster_slice entries; /* 8-byte aligned entries */
    const uint8_t *key;          /* the signer */
    const uint8_t *digest;       /* 32 bytes: of the digests */
    const uint8_t *digests;      /* parts_n x 32 bytes, behind the entries */
    uint64_t parts_n;
};

struct muster_list_entry {
    struct muster_slice name_key; /* encoded vendor and model, as in a report */
    struct muster_slice record;   /* the signed advisory */
    uint32_t sum;                 /* ones' complement sum of the record, for packet checksums */
    struct muster_slice history;  /* first issue of each source id (doc/list-format.md) */
};

/* Checks the header and that all parts lie inside the image; constant time. MUSTER_OK or
 * MUSTER_E_CORRUPT. The image must stay mapped as long as ret_list is used. */
MUSTER_MUST_CHECK int muster_list_open(struct muster_slice image, struct muster_list *ret_list);

/* Reads the whole image: digests, signature, every slot and entry, every record's shape, signer, and
 * that it names the entry's model. Not the records' own signatures (the list's covers them), nor
 * the approvals, which come after the signature: whoever carries the list can add or take them.
 * MUSTER_OK; MUSTER_E_SIGNATURE; MUSTER_E_CORRUPT: do not use it, keep the old one. */
MUSTER_MUST_CHECK int muster_list_verify(const struct muster_list *list);

/* The steps of muster_list_verify, for whoever has several processors or looks up one model only.
 * All that a look-up reads is proven to be the signer's if the header and the parts with the slots
 * and the entry that it touches pass.
 *
 * _header: the signature, and the digest of the digests; once, before the others.
 * _part:   the digest of one part, of parts_n; `part` is smaller.
 * _span:   those of all parts that hold these bytes, which lie in slots or entries.
 * _entry:  all that muster_list_verify checks of one entry. They are models_n of them, which
 *          muster_list_entry_at finds, ending with MUSTER_E_NOT_FOUND.
 * Each may run in any thread. MUSTER_OK, MUSTER_E_SIGNATURE or MUSTER_E_CORRUPT. */
MUSTER_MUST_CHECK int muster_list_verify_header(const struct muster_list *list);
MUSTER_MUST_CHECK int muster_list_verify_part(const struct muster_list *list, uint64_t part);
MUSTER_MUST_CHECK int muster_list_verify_span(const struct muster_list *list,
                                              struct muster_slice span);
MUSTER_MUST_CHECK int muster_list_verify_entry(const struct muster_list *list,
                                               const struct muster_list_entry *entry);

/* What an approval of this list signs: its digest, issue and signer, and all else that the list's
 * signature covers. */
void muster_list_approval_message(const struct muster_list *list,
                                  uint8_t ret_message[MUSTER_APPROVAL_SIGNED_LEN]);

/* The key of approval `i` < MUSTER_LIST_APPROVALS_MAX, inside the image, and its signature after
 * it; NULL if the room is unused. */
const uint8_t *muster_list_approval(const struct muster_list *list, uint32_t i);

/* Whether approval `i` is there and is that key's on this list. One signature check. */
bool muster_list_approval_verifies(const struct muster_list *list, uint32_t i);

/* How many distinct keys of keys[0..keys_n), 32 bytes each, have a valid approval in the list. The
 * list's own signer is never counted: nobody approves his own work. Pure; at most
 * MUSTER_LIST_APPROVALS_MAX signature checks for each distinct key, and none for keys without an
 * approval. The list must have passed muster_list_verify. */
uint32_t muster_list_approvals_n(const struct muster_list *list, const uint8_t *keys,
                                 size_t keys_n);

/* MUSTER_OK, or MUSTER_E_NOT_FOUND. At most probes_max slots are touched. */
MUSTER_MUST_CHECK int muster_list_find(const struct muster_list *list, struct muster_slice name_key,
                                       struct muster_list_entry *ret_entry);

/* The entry at byte `offset` of the entries, and the next one's offset; for walking all of them.
 * MUSTER_OK, MUSTER_E_NOT_FOUND at the end, MUSTER_E_CORRUPT. */
MUSTER_MUST_CHECK int muster_list_entry_at(const struct muster_list *list, uint64_t offset,
                                           struct muster_list_entry *ret_entry, uint64_t *ret_next);

/* The index's hash: fast, seeded, not cryptographic. The builder tries seeds until no entry is
 * further than MUSTER_LIST_PROBES_MAX from its place, so no query can cost more. */
uint64_t muster_list_hash(uint64_t seed, struct muster_slice name_key);

/* The ones' complement sum of the bytes as big-endian 16-bit words, folded to 16 bits (RFC 1071,
 * not inverted). */
uint32_t muster_list_sum(struct muster_slice bytes);

#endif
