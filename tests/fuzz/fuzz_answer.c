/* SPDX-License-Identifier: ISC */
/* The head-end's answer: never longer than the request, itself a legal reply to the same nonce,
 * nothing to a reply, and every datagram counted. The first byte sets mode, exemption and what
 * is loaded; the rest is the datagram. The list in use is a small one made here; its signature
 * is not looked at. */
#include "fuzz.h"
#include "muster/answer.h"
#include "muster/record.h"

#define RECORD_LEN 540

static uint8_t image[MUSTER_LIST_HEADER_LEN + 8 * MUSTER_LIST_SLOT_LEN + 1024];
static struct muster_list list;
static uint8_t standing[250];

static void put(uint8_t *at, uint64_t value, size_t n)
{
    for (size_t i = 0; i < n; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

static size_t put_entry(uint8_t *at)
{
    size_t key_len = muster_name_key_write(muster_slice_of("acme"), muster_slice_of("cam"), at + 8);

    put(at, key_len, 2);
    put(at + 2, RECORD_LEN, 2);
    return (MUSTER_LIST_ENTRY_HEAD_LEN + key_len + RECORD_LEN + 7) / 8 * 8;
}

static void put_slot(const uint8_t *entry)
{
    struct muster_slice key = {entry + 8, (size_t)entry[0]};
    uint64_t hash = muster_list_hash(0, key);
    uint8_t *slot = image + MUSTER_LIST_HEADER_LEN + (hash & 7) * MUSTER_LIST_SLOT_LEN;

    put(slot, hash >> 32, 4);
    put(slot + 4, 1, 4);
}

static void make_list(void)
{
    uint8_t *entries = image + MUSTER_LIST_HEADER_LEN + 8 * MUSTER_LIST_SLOT_LEN;
    struct muster_slice whole = {image, 0};
    size_t entries_len = put_entry(entries);

    put_slot(entries);
    whole.len = (size_t)(entries - image) + entries_len + MUSTER_HASH_LEN; /* one part */
    memcpy(image, MUSTER_LIST_MAGIC, sizeof MUSTER_LIST_MAGIC - 1);
    put(image + 8, MUSTER_LIST_VERSION, 4);
    put(image + 12, MUSTER_LIST_HEADER_LEN, 4);
    put(image + 16, whole.len, 8);
    put(image + 24, 1000, 8);
    put(image + 32, 2000, 8);
    put(image + 48, 1, 4);
    put(image + 52, 8, 4);
    put(image + 64, entries_len, 8);
    PROMISE(muster_list_open(whole, &list) == MUSTER_OK);
}

static void check_answer(const struct muster_answer *a, const uint8_t *reply,
                         const uint8_t *request, size_t len)
{
    struct muster_reply r;

    PROMISE(a->outcome < MUSTER_OUTCOMES_N && a->len <= len);
    if (a->len == 0)
        return;
    PROMISE(muster_message_type(request, len) != MUSTER_REPLY);
    PROMISE(muster_reply_parse(reply, a->len, &r) == MUSTER_OK);
    PROMISE(memcmp(r.nonce, request + 3, MUSTER_NONCE_LEN) == 0);
    PROMISE(len < MUSTER_DATAGRAM_MAX || !(r.flags & MUSTER_FLAG_MORE));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const uint8_t key[MUSTER_KEY_LEN] = {1};
    const struct muster_slice record = {standing, sizeof standing};
    const struct muster_standing_entry known = {key, record};
    uint8_t reply[MUSTER_DATAGRAM_MAX];
    struct muster_source sources[2] = {{NULL, 0, {record}}, {&list, 3, {record, record, record}}};
    struct muster_answer_state state = {MUSTER_MODE_ENFORCE, 2, sources, 1, 1, &known, 1500};
    struct muster_answer a;

    if (list.image.len == 0)
        make_list();
    if (len < 1)
        return 0;
    state.mode = (enum muster_mode)(bytes[0] % 3);
    state.answers_inquiries = (bytes[0] & 4) == 0;
    sources[0].list = bytes[0] & 8 ? &list : NULL;
    state.now_s = bytes[0] & 16 ? 3000 : 1500;
    state.sources_n = bytes[0] & 32 ? 0 : 2;
    muster_answer(&state, bytes + 1, len - 1, bytes[0] & 64, reply, &a);
    check_answer(&a, reply, bytes + 1, len - 1);
    /* while any list is unusable, what is not found is not heard (R3) */
    PROMISE(a.outcome != MUSTER_HEARD || state.mode == MUSTER_MODE_MONITOR ||
            state.sources_n == 0 || (sources[0].list != NULL && state.now_s < list.expires));
    return 0;
}
