/* SPDX-License-Identifier: ISC */
/* The list's writer: the counterpart of core/src/list.c. It must not choose what is listed. */
#include "tool/list_build.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "host/listcheck.h"
#include "host/parallel.h"
#include "muster/record.h"
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
    free(build->unsigned_models);
    list_build_init(build);
}

/* Makes room for `more` behind the n items there are; the array may move. */
static int grow(void *array, size_t *cap, size_t n, size_t more, size_t item_len, size_t first_cap)
{
    size_t wanted = *cap == 0 ? first_cap : *cap;
    void *grown, *before;

    if (*cap - n >= more)
        return 0;
    while (wanted - n < more)
        wanted *= 2;
    memcpy(&before, array, sizeof before);
    grown = reallocarray(before, wanted, item_len);
    if (grown == NULL)
        return -1;
    memcpy(array, &grown, sizeof grown);
    *cap = wanted;
    return 0;
}

static int reserve(struct list_build *b, size_t more)
{
    if (grow(&b->entries, &b->entries_cap, b->entries_len, more, 1, 1 << 16) != 0 ||
        grow(&b->offsets, &b->models_cap, b->models_n, 1, sizeof *b->offsets, 1 << 10) != 0)
        return -1;
    return grow(&b->unsigned_models, &b->unsigned_cap, b->unsigned_n, 1, sizeof *b->unsigned_models,
                1 << 10);
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
                   bool is_draft, struct muster_slice history, uint64_t expires)
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
    if (is_draft)
        b->unsigned_models[b->unsigned_n++] = (uint32_t)b->models_n;
    b->offsets[b->models_n++] = b->entries_len;
    b->entries_len += whole;
    if (expires < b->expires)
        b->expires = expires;
    return 0;
}

struct sign_job {
    struct list_build *build;
    const struct muster_signing *signing;
    struct progress *progress;
    atomic_size_t done_n;
    atomic_bool failed;
};

/* The signature is the record's end. */
static int sign_record(const struct muster_signing *signing, struct muster_slice record,
                       uint8_t *bytes)
{
    uint8_t message[2 * MUSTER_ADVISORY_MAX];
    struct muster_record r;
    size_t len;

    if (muster_record_parse(record, &r) != MUSTER_OK)
        return -1;
    len = muster_record_to_be_signed(&r, message, sizeof message);
    if (len == 0)
        return -1;
    return signing->sign(signing->secret, bytes + record.len - MUSTER_SIGNATURE_LEN, message, len);
}

static void sign_one(void *ctx, size_t i, unsigned thread)
{
    struct sign_job *job = ctx;
    struct list_build *b = job->build;
    uint8_t *entry = b->entries + b->offsets[b->unsigned_models[i]];
    struct muster_slice name_key = name_key_at(b, b->unsigned_models[i]), record;
    uint8_t *bytes = entry + MUSTER_LIST_ENTRY_HEAD_LEN + name_key.len;
    size_t done_n;

    record = (struct muster_slice){bytes, (size_t)entry[2] | (size_t)entry[3] << 8};
    if (atomic_load(&job->failed) || sign_record(job->signing, record, bytes) != 0) {
        atomic_store(&job->failed, true);
        return;
    }
    le_put(entry + 4, muster_list_sum(record), 2);
    done_n = atomic_fetch_add(&job->done_n, 1) + 1;
    if (thread == 0)
        progress_show(job->progress, done_n);
}

int list_build_sign(struct list_build *b, const struct muster_signing *signing, unsigned threads,
                    struct progress *progress)
{
    struct sign_job job = {.build = b, .signing = signing, .progress = progress};

    atomic_init(&job.done_n, 0);
    atomic_init(&job.failed, false);
    parallel_for(threads, b->unsigned_n, sign_one, &job);
    progress_end(progress, atomic_load(&job.done_n));
    if (atomic_load(&job.failed))
        return -1;
    b->unsigned_n = 0;
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

struct image {
    uint8_t *bytes, *digests;
    size_t len, parts_n;
};

static void digest_part(void *ctx, size_t i, unsigned thread)
{
    const struct image *image = ctx;
    const uint8_t *at = image->bytes + MUSTER_LIST_HEADER_LEN + i * MUSTER_LIST_PART_LEN;
    size_t left = (size_t)(image->digests - at);

    (void)thread;
    muster_crypto_hash(image->digests + i * MUSTER_HASH_LEN, at,
                       left < MUSTER_LIST_PART_LEN ? left : MUSTER_LIST_PART_LEN);
}

static int fill_image(const struct list_build *b, uint64_t issued, const uint8_t *key,
                      unsigned threads, uint32_t slots_n, struct image *whole)
{
    uint8_t *image = whole->bytes;
    uint8_t *slots = image + MUSTER_LIST_HEADER_LEN;
    uint64_t seed;
    int furthest;

    memset(image, 0, MUSTER_LIST_HEADER_LEN);
    memcpy(slots + (size_t)slots_n * MUSTER_LIST_SLOT_LEN, b->entries, b->entries_len);
    furthest = index_models(b, issued, key, slots, slots_n, &seed);
    if (furthest < 0)
        return -1;
    memcpy(image, MUSTER_LIST_MAGIC, sizeof MUSTER_LIST_MAGIC - 1);
    le_put(image + 8, MUSTER_LIST_VERSION, 4);
    le_put(image + 12, MUSTER_LIST_HEADER_LEN, 4);
    le_put(image + 16, whole->len, 8);
    le_put(image + 24, issued, 8);
    le_put(image + 32, b->expires, 8);
    le_put(image + 40, seed, 8);
    le_put(image + 48, b->models_n, 4);
    le_put(image + 52, slots_n, 4);
    le_put(image + 56, (uint64_t)furthest, 4);
    le_put(image + 64, b->entries_len, 8);
    parallel_for(threads, whole->parts_n, digest_part, whole);
    muster_crypto_hash(image + 72, whole->digests, whole->parts_n * MUSTER_HASH_LEN);
    memcpy(image + 104, key, MUSTER_KEY_LEN);
    return 0;
}

static bool verifies(const uint8_t *image, size_t len, unsigned threads)
{
    struct muster_list list;

    return muster_list_open((struct muster_slice){image, len}, &list) == MUSTER_OK &&
           listcheck_verify(&list, threads) == MUSTER_OK;
}

int list_build_preview(const struct list_build *b, uint64_t issued,
                       const uint8_t key[MUSTER_KEY_LEN], unsigned threads, uint8_t **ret_image,
                       size_t *ret_len)
{
    struct image image;
    uint32_t slots_n = 2;
    size_t body_len;

    if (b->models_n == 0 || b->entries_len / 8 >= UINT32_MAX)
        return -1;
    while (slots_n / 2 < b->models_n)
        slots_n *= 2;
    body_len = (size_t)slots_n * MUSTER_LIST_SLOT_LEN + b->entries_len;
    image.parts_n = (body_len + MUSTER_LIST_PART_LEN - 1) / MUSTER_LIST_PART_LEN;
    image.len = MUSTER_LIST_HEADER_LEN + body_len + image.parts_n * MUSTER_HASH_LEN;
    image.bytes = malloc(image.len);
    if (image.bytes == NULL)
        return -1;
    image.digests = image.bytes + MUSTER_LIST_HEADER_LEN + body_len;
    if (fill_image(b, issued, key, threads, slots_n, &image) != 0) {
        free(image.bytes);
        return -1;
    }
    *ret_image = image.bytes;
    *ret_len = image.len;
    return 0;
}

int list_build_finish(const struct list_build *b, uint64_t issued,
                      const struct muster_signing *signing, unsigned threads, uint8_t **ret_image,
                      size_t *ret_len)
{
    uint8_t *image;
    size_t len;

    if (b->unsigned_n > 0 ||
        list_build_preview(b, issued, signing->key, threads, &image, &len) != 0)
        return -1;
    if (sign_header(image, signing) != 0 || !verifies(image, len, threads)) {
        free(image);
        return -1;
    }
    *ret_image = image;
    *ret_len = len;
    return 0;
}
