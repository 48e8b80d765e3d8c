/* SPDX-License-Identifier: ISC */
/* The list's writer: the counterpart of core/src/list.c. It must not choose what is listed. */
#include "tool/list_build.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tool/le.h"
#include "tool/names.h"

#define CONTEXT_LEN (sizeof MUSTER_LIST_CONTEXT - 1)
#define SEED_TRIES  256
#define MODELS_MAX  (UINT32_C(1) << 30)

void list_build_init(struct list_build *build)
{
    memset(build, 0, sizeof *build);
    build->expires = UINT64_MAX;
}

void list_build_free(struct list_build *build)
{
    free(build->entries);
    free(build->offsets);
    list_build_init(build);
}

static int reserve(struct list_build *b, size_t more)
{
    size_t cap = b->entries_cap == 0 ? 1 << 16 : b->entries_cap * 2;
    void *grown;

    if (b->entries_cap - b->entries_len < more) {
        grown = realloc(b->entries, cap);
        if (grown == NULL)
            return -1;
        b->entries = grown;
        b->entries_cap = cap;
        return reserve(b, more);
    }
    if (b->models_n == b->models_cap) {
        cap = b->models_cap == 0 ? 1 << 10 : b->models_cap * 2;
        grown = reallocarray(b->offsets, cap, sizeof *b->offsets);
        if (grown == NULL)
            return -1;
        b->offsets = grown;
        b->models_cap = cap;
    }
    return 0;
}

static struct muster_slice name_key_at(const struct list_build *b, size_t model)
{
    const uint8_t *entry = b->entries + b->offsets[model];

    return (struct muster_slice){entry + MUSTER_LIST_ENTRY_HEAD_LEN,
                                 (size_t)entry[0] | (size_t)entry[1] << 8};
}

static uint8_t *put_slice(uint8_t *at, struct muster_slice slice)
{
    if (slice.len > 0)
        memcpy(at, slice.bytes, slice.len);
    return at + slice.len;
}

int list_build_add(struct list_build *b, struct muster_slice name_key, struct muster_slice record,
                   struct muster_slice history, uint64_t expires)
{
    size_t len = MUSTER_LIST_ENTRY_HEAD_LEN + name_key.len + record.len + history.len;
    size_t whole = (len + 7) / 8 * 8;
    uint8_t *at;

    if (history.len > UINT16_MAX || b->models_n == MODELS_MAX || reserve(b, whole) != 0)
        return -1;
    if (b->models_n > 0 && names_compare(name_key_at(b, b->models_n - 1), name_key) >= 0)
        return -1;
    at = b->entries + b->entries_len;
    le_put(at, name_key.len, 2);
    le_put(at + 2, record.len, 2);
    le_put(at + 4, muster_list_sum(record), 2);
    le_put(at + 6, history.len, 2);
    at = put_slice(at + MUSTER_LIST_ENTRY_HEAD_LEN, name_key);
    at = put_slice(at, record);
    at = put_slice(at, history);
    memset(at, 0, whole - len);
    b->offsets[b->models_n++] = b->entries_len;
    b->entries_len += whole;
    if (expires < b->expires)
        b->expires = expires;
    return 0;
}

/* Puts one entry into the index; how far from its place, or -1 if too far. */
static int place(uint8_t *slots, uint32_t slots_n, uint64_t hash, uint64_t offset)
{
    uint32_t probe;

    for (probe = 0; probe <= MUSTER_LIST_PROBES_MAX; probe++) {
        uint8_t *slot = slots + (size_t)((hash + probe) & (slots_n - 1)) * MUSTER_LIST_SLOT_LEN;

        if (le_get64(slot) >> 32 != 0)
            continue;
        le_put(slot, hash >> 32, 4);
        le_put(slot + 4, offset / 8 + 1, 4);
        return (int)probe;
    }
    return -1;
}

/* Fills the index under one seed; the furthest probe, or -1: try another seed. */
static int fill_slots(const struct list_build *b, uint64_t seed, uint8_t *slots, uint32_t slots_n)
{
    int furthest = 0, probe;
    size_t i;

    memset(slots, 0, (size_t)slots_n * MUSTER_LIST_SLOT_LEN);
    for (i = 0; i < b->models_n; i++) {
        probe = place(slots, slots_n, muster_list_hash(seed, name_key_at(b, i)), b->offsets[i]);
        if (probe < 0)
            return -1;
        if (probe > furthest)
            furthest = probe;
    }
    return furthest;
}

/* Seeds come from the signer, the issue and the try, so that the same input gives the same bytes.
 */
static uint64_t make_seed(const uint8_t key[MUSTER_KEY_LEN], uint64_t issued, uint64_t attempt)
{
    uint8_t input[MUSTER_KEY_LEN + 16], hash[MUSTER_HASH_LEN];

    memcpy(input, key, MUSTER_KEY_LEN);
    le_put(input + MUSTER_KEY_LEN, issued, 8);
    le_put(input + MUSTER_KEY_LEN + 8, attempt, 8);
    muster_crypto_hash(hash, input, sizeof input);
    return le_get64(hash);
}

static int index_models(const struct list_build *b, uint64_t issued, const uint8_t *key,
                        uint8_t *slots, uint32_t slots_n, uint64_t *ret_seed)
{
    uint64_t attempt;
    int furthest;

    for (attempt = 0; attempt < SEED_TRIES; attempt++) {
        *ret_seed = make_seed(key, issued, attempt);
        furthest = fill_slots(b, *ret_seed, slots, slots_n);
        if (furthest >= 0)
            return furthest;
    }
    return -1;
}

static int sign_header(uint8_t *image, const struct muster_signing *signing)
{
    uint8_t message[CONTEXT_LEN + MUSTER_LIST_SIGNED_LEN];

    memcpy(message, MUSTER_LIST_CONTEXT, CONTEXT_LEN);
    memcpy(message + CONTEXT_LEN, image, MUSTER_LIST_SIGNED_LEN);
    return signing->sign(signing->secret, image + MUSTER_LIST_SIGNED_LEN, message, sizeof message);
}

static int fill_image(const struct list_build *b, uint64_t issued,
                      const struct muster_signing *signing, uint32_t slots_n, uint8_t *image,
                      size_t len)
{
    uint8_t *slots = image + MUSTER_LIST_HEADER_LEN;
    uint64_t seed;
    int furthest;

    memset(image, 0, MUSTER_LIST_HEADER_LEN);
    memcpy(slots + (size_t)slots_n * MUSTER_LIST_SLOT_LEN, b->entries, b->entries_len);
    furthest = index_models(b, issued, signing->key, slots, slots_n, &seed);
    if (furthest < 0)
        return -1;
    memcpy(image, MUSTER_LIST_MAGIC, sizeof MUSTER_LIST_MAGIC - 1);
    le_put(image + 8, MUSTER_LIST_VERSION, 4);
    le_put(image + 12, MUSTER_LIST_HEADER_LEN, 4);
    le_put(image + 16, len, 8);
    le_put(image + 24, issued, 8);
    le_put(image + 32, b->expires, 8);
    le_put(image + 40, seed, 8);
    le_put(image + 48, b->models_n, 4);
    le_put(image + 52, slots_n, 4);
    le_put(image + 56, (uint64_t)furthest, 4);
    le_put(image + 64, b->entries_len, 8);
    muster_crypto_hash(image + 72, slots, len - MUSTER_LIST_HEADER_LEN);
    memcpy(image + 104, signing->key, MUSTER_KEY_LEN);
    return sign_header(image, signing);
}

static bool verifies(const uint8_t *image, size_t len)
{
    struct muster_list list;

    return muster_list_open((struct muster_slice){image, len}, &list) == MUSTER_OK &&
           muster_list_verify(&list) == MUSTER_OK;
}

int list_build_finish(const struct list_build *b, uint64_t issued,
                      const struct muster_signing *signing, uint8_t **ret_image, size_t *ret_len)
{
    uint32_t slots_n = 2;
    uint8_t *image;
    size_t len;

    if (b->models_n == 0 || b->entries_len / 8 >= UINT32_MAX)
        return -1;
    while (slots_n / 2 < b->models_n)
        slots_n *= 2;
    len = MUSTER_LIST_HEADER_LEN + (size_t)slots_n * MUSTER_LIST_SLOT_LEN + b->entries_len;
    image = malloc(len);
    if (image == NULL)
        return -1;
    if (fill_image(b, issued, signing, slots_n, image, len) != 0 || !verifies(image, len)) {
        free(image);
        return -1;
    }
    *ret_image = image;
    *ret_len = len;
    return 0;
}
