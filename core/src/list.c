/* SPDX-License-Identifier: ISC */
/* A compiled list where it lies: one probe, one compare (doc/list-format.md). Every offset is
 * checked against the image before it is followed, verified or not. */
#include "muster/list.h"

#include <string.h>

#include "muster/message.h"
#include "muster/record.h"

#define CONTEXT_LEN          (sizeof MUSTER_LIST_CONTEXT - 1)
#define APPROVAL_CONTEXT_LEN (sizeof MUSTER_APPROVAL_CONTEXT - 1)

/* Byte offsets in the header. */
enum field {
    AT_VERSION = 8,
    AT_HEADER_LEN = 12,
    AT_IMAGE_LEN = 16,
    AT_ISSUED = 24,
    AT_EXPIRES = 32,
    AT_SEED = 40,
    AT_MODELS = 48,
    AT_SLOTS = 52,
    AT_PROBES = 56,
    AT_ENTRIES_LEN = 64,
    AT_DIGEST = 72,
    AT_KEY = 104
};

static uint32_t u16_at(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t u32_at(const uint8_t *p)
{
    return u16_at(p) | u16_at(p + 2) << 16;
}

static uint64_t u64_at(const uint8_t *p)
{
    return (uint64_t)u32_at(p) | (uint64_t)u32_at(p + 4) << 32;
}

int muster_list_open(struct muster_slice image, struct muster_list *ret_list)
{
    struct muster_list l;
    uint64_t slots_len, entries_len, body_len;

    if (image.len < MUSTER_LIST_HEADER_LEN ||
        memcmp(image.bytes, MUSTER_LIST_MAGIC, sizeof MUSTER_LIST_MAGIC - 1) != 0 ||
        u32_at(image.bytes + AT_VERSION) != MUSTER_LIST_VERSION ||
        u32_at(image.bytes + AT_HEADER_LEN) != MUSTER_LIST_HEADER_LEN ||
        u64_at(image.bytes + AT_IMAGE_LEN) != image.len)
        return MUSTER_E_CORRUPT;
    l.image = image;
    l.issued = u64_at(image.bytes + AT_ISSUED);
    l.expires = u64_at(image.bytes + AT_EXPIRES);
    l.seed = u64_at(image.bytes + AT_SEED);
    l.models_n = u32_at(image.bytes + AT_MODELS);
    l.slots_n = u32_at(image.bytes + AT_SLOTS);
    l.probes_max = u32_at(image.bytes + AT_PROBES);
    l.key = image.bytes + AT_KEY;
    l.digest = image.bytes + AT_DIGEST;
    slots_len = (uint64_t)l.slots_n * MUSTER_LIST_SLOT_LEN;
    entries_len = u64_at(image.bytes + AT_ENTRIES_LEN);
    if (l.slots_n == 0 || (l.slots_n & (l.slots_n - 1)) != 0 || l.models_n >= l.slots_n ||
        l.probes_max > MUSTER_LIST_PROBES_MAX || l.issued >= l.expires ||
        l.expires > MUSTER_TIME_MAX || entries_len % 8 != 0 ||
        slots_len > image.len - MUSTER_LIST_HEADER_LEN ||
        entries_len > image.len - MUSTER_LIST_HEADER_LEN - slots_len)
        return MUSTER_E_CORRUPT;
    body_len = slots_len + entries_len;
    l.parts_n = (body_len + MUSTER_LIST_PART_LEN - 1) / MUSTER_LIST_PART_LEN;
    if (image.len - MUSTER_LIST_HEADER_LEN - body_len != l.parts_n * MUSTER_HASH_LEN)
        return MUSTER_E_CORRUPT;
    l.slots = image.bytes + MUSTER_LIST_HEADER_LEN;
    l.entries.bytes = l.slots + slots_len;
    l.entries.len = (size_t)entries_len;
    l.digests = l.entries.bytes + l.entries.len;
    *ret_list = l;
    return MUSTER_OK;
}

int muster_list_entry_at(const struct muster_list *l, uint64_t offset,
                         struct muster_list_entry *ret_entry, uint64_t *ret_next)
{
    const uint8_t *p;
    uint64_t len;

    if (offset == l->entries.len)
        return MUSTER_E_NOT_FOUND;
    if (offset % 8 != 0 || offset > l->entries.len ||
        l->entries.len - offset < MUSTER_LIST_ENTRY_HEAD_LEN)
        return MUSTER_E_CORRUPT;
    p = l->entries.bytes + offset;
    ret_entry->name_key.len = u16_at(p);
    ret_entry->record.len = u16_at(p + 2);
    ret_entry->sum = u16_at(p + 4);
    ret_entry->history.len = u16_at(p + 6);
    len = MUSTER_LIST_ENTRY_HEAD_LEN + ret_entry->name_key.len + ret_entry->record.len +
          ret_entry->history.len;
    len = (len + 7) / 8 * 8;
    if (l->entries.len - offset < len)
        return MUSTER_E_CORRUPT;
    ret_entry->name_key.bytes = p + MUSTER_LIST_ENTRY_HEAD_LEN;
    ret_entry->record.bytes = ret_entry->name_key.bytes + ret_entry->name_key.len;
    ret_entry->history.bytes = ret_entry->record.bytes + ret_entry->record.len;
    *ret_next = offset + len;
    return MUSTER_OK;
}

uint64_t muster_list_hash(uint64_t seed, struct muster_slice s)
{
    const uint64_t odd = UINT64_C(0x9e3779b97f4a7c15); /* 2^64 / golden ratio */
    uint64_t h = (seed ^ s.len) * odd;
    size_t i = 0;

    for (; i + 8 <= s.len; i += 8) {
        h = (h ^ u64_at(s.bytes + i)) * odd;
        h ^= h >> 29;
    }
    for (; i < s.len; i++)
        h = (h ^ s.bytes[i]) * odd;
    h = (h ^ h >> 32) * odd;
    return h ^ h >> 29;
}

uint32_t muster_list_sum(struct muster_slice s)
{
    uint64_t sum = 0;
    size_t i;

    for (i = 0; i + 1 < s.len; i += 2)
        sum += (uint64_t)s.bytes[i] << 8 | s.bytes[i + 1];
    if (i < s.len)
        sum += (uint64_t)s.bytes[i] << 8;
    while (sum >> 16)
        sum = (sum & 0xffff) + (sum >> 16);
    return (uint32_t)sum;
}

int muster_list_find(const struct muster_list *l, struct muster_slice name_key,
                     struct muster_list_entry *ret_entry)
{
    uint64_t hash = muster_list_hash(l->seed, name_key), next;
    uint32_t tag = (uint32_t)(hash >> 32), probe;

    for (probe = 0; probe <= l->probes_max; probe++) {
        const uint8_t *slot =
            l->slots + (size_t)((hash + probe) & (l->slots_n - 1)) * MUSTER_LIST_SLOT_LEN;
        uint32_t place = u32_at(slot + 4);
        struct muster_list_entry entry;

        if (place == 0)
            return MUSTER_E_NOT_FOUND;
        if (u32_at(slot) != tag)
            continue;
        if (muster_list_entry_at(l, (uint64_t)(place - 1) * 8, &entry, &next) == MUSTER_OK &&
            muster_slice_equal(entry.name_key, name_key)) {
            *ret_entry = entry;
            return MUSTER_OK;
        }
    }
    return MUSTER_E_NOT_FOUND;
}

int muster_list_verify_header(const struct muster_list *l)
{
    uint8_t message[CONTEXT_LEN + MUSTER_LIST_SIGNED_LEN], digest[MUSTER_HASH_LEN];

    memcpy(message, MUSTER_LIST_CONTEXT, CONTEXT_LEN);
    memcpy(message + CONTEXT_LEN, l->image.bytes, MUSTER_LIST_SIGNED_LEN);
    if (muster_crypto_verify(l->image.bytes + MUSTER_LIST_SIGNED_LEN, message, sizeof message,
                             l->key) != 0)
        return MUSTER_E_SIGNATURE;
    muster_crypto_hash(digest, l->digests, (size_t)l->parts_n * MUSTER_HASH_LEN);
    return memcmp(digest, l->digest, sizeof digest) == 0 ? MUSTER_OK : MUSTER_E_CORRUPT;
}

int muster_list_verify_part(const struct muster_list *l, uint64_t part)
{
    const uint8_t *at = l->slots + (size_t)part * MUSTER_LIST_PART_LEN;
    size_t left = (size_t)(l->digests - at);
    uint8_t digest[MUSTER_HASH_LEN];

    muster_crypto_hash(digest, at, left < MUSTER_LIST_PART_LEN ? left : MUSTER_LIST_PART_LEN);
    return memcmp(digest, l->digests + (size_t)part * MUSTER_HASH_LEN, sizeof digest) == 0
               ? MUSTER_OK
               : MUSTER_E_CORRUPT;
}

int muster_list_verify_span(const struct muster_list *l, struct muster_slice span)
{
    uint64_t begin = (uint64_t)(span.bytes - l->slots), end = begin + span.len;
    uint64_t part = begin / MUSTER_LIST_PART_LEN;
    int error = MUSTER_OK;

    for (; error == MUSTER_OK && part * MUSTER_LIST_PART_LEN < end; part++)
        error = muster_list_verify_part(l, part);
    return error;
}

int muster_list_verify_entry(const struct muster_list *l, const struct muster_list_entry *entry)
{
    uint8_t name_key[MUSTER_NAME_KEY_MAX];
    struct muster_slice written = {name_key, 0};
    struct muster_list_entry found;
    struct muster_record r;

    if (muster_record_parse(entry->record, &r) != MUSTER_OK || r.kind != MUSTER_ADVISORY ||
        memcmp(r.key, l->key, MUSTER_KEY_LEN) != 0 || r.u.advisory.issued > l->issued ||
        entry->sum != muster_list_sum(entry->record))
        return MUSTER_E_CORRUPT;
    written.len = muster_name_key_write(r.u.advisory.vendor, r.u.advisory.model, name_key);
    if (!muster_slice_equal(written, entry->name_key) ||
        muster_list_find(l, written, &found) != MUSTER_OK ||
        found.name_key.bytes != entry->name_key.bytes)
        return MUSTER_E_CORRUPT;
    return MUSTER_OK;
}

int muster_list_verify(const struct muster_list *l)
{
    struct muster_list_entry entry;
    uint64_t part, offset = 0;
    uint32_t n = 0;
    int error = muster_list_verify_header(l);

    for (part = 0; error == MUSTER_OK && part < l->parts_n; part++)
        error = muster_list_verify_part(l, part);
    if (error != MUSTER_OK)
        return error;
    while ((error = muster_list_entry_at(l, offset, &entry, &offset)) == MUSTER_OK) {
        if (muster_list_verify_entry(l, &entry) != MUSTER_OK)
            return MUSTER_E_CORRUPT;
        n++;
    }
    return error == MUSTER_E_NOT_FOUND && n == l->models_n ? MUSTER_OK : MUSTER_E_CORRUPT;
}

void muster_list_approval_message(const struct muster_list *l,
                                  uint8_t ret_message[MUSTER_APPROVAL_SIGNED_LEN])
{
    memcpy(ret_message, MUSTER_APPROVAL_CONTEXT, APPROVAL_CONTEXT_LEN);
    memcpy(ret_message + APPROVAL_CONTEXT_LEN, l->image.bytes, MUSTER_LIST_SIGNED_LEN);
}

const uint8_t *muster_list_approval(const struct muster_list *l, uint32_t i)
{
    const uint8_t *at =
        l->image.bytes + MUSTER_LIST_APPROVALS_AT + (size_t)i * MUSTER_LIST_APPROVAL_LEN;
    size_t k;

    for (k = 0; k < MUSTER_LIST_APPROVAL_LEN; k++)
        if (at[k] != 0)
            return at;
    return NULL;
}

bool muster_list_approval_verifies(const struct muster_list *l, uint32_t i)
{
    const uint8_t *key = muster_list_approval(l, i);
    uint8_t message[MUSTER_APPROVAL_SIGNED_LEN];

    if (key == NULL)
        return false;
    muster_list_approval_message(l, message);
    return muster_crypto_verify(key + MUSTER_KEY_LEN, message, sizeof message, key) == 0;
}

static bool is_approved_by(const struct muster_list *l, const uint8_t *key)
{
    uint32_t i;

    for (i = 0; i < MUSTER_LIST_APPROVALS_MAX; i++) {
        const uint8_t *approver = muster_list_approval(l, i);

        if (approver != NULL && memcmp(approver, key, MUSTER_KEY_LEN) == 0 &&
            muster_list_approval_verifies(l, i))
            return true;
    }
    return false;
}

static bool is_repeated(const uint8_t *keys, size_t i)
{
    size_t k;

    for (k = 0; k < i; k++)
        if (memcmp(keys + k * MUSTER_KEY_LEN, keys + i * MUSTER_KEY_LEN, MUSTER_KEY_LEN) == 0)
            return true;
    return false;
}

uint32_t muster_list_approvals_n(const struct muster_list *l, const uint8_t *keys, size_t keys_n)
{
    uint32_t n = 0;
    size_t i;

    for (i = 0; i < keys_n; i++) {
        const uint8_t *key = keys + i * MUSTER_KEY_LEN;

        if (memcmp(key, l->key, MUSTER_KEY_LEN) != 0 && !is_repeated(keys, i) &&
            is_approved_by(l, key))
            n++;
    }
    return n;
}
