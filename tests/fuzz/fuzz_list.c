/* SPDX-License-Identifier: ISC */
/* An arbitrary image as a list: looking things up stays inside it, walking it ends, and verify
 * refuses what nobody signed. Signatures are real here, so an image that verifies was signed. */
#include "fuzz.h"
#include "muster/list.h"
#include "muster/message.h"

static void check_inside(const struct muster_list *l, struct muster_slice part)
{
    PROMISE(part.bytes >= l->image.bytes && part.bytes + part.len <= l->image.bytes + l->image.len);
}

static void check_entry(const struct muster_list *l, const struct muster_list_entry *entry)
{
    check_inside(l, entry->name_key);
    check_inside(l, entry->record);
    check_inside(l, entry->history);
    PROMISE(muster_list_sum(entry->record) <= 0xffff);
}

static void look_up(const struct muster_list *l, struct muster_slice name_key)
{
    struct muster_list_entry entry;

    if (muster_list_find(l, name_key, &entry) != MUSTER_OK)
        return;
    check_entry(l, &entry);
    PROMISE(muster_slice_equal(entry.name_key, name_key));
}

static void walk(const struct muster_list *l)
{
    struct muster_list_entry entry;
    uint64_t at = 0, next;

    while (muster_list_entry_at(l, at, &entry, &next) == MUSTER_OK) {
        PROMISE(next > at && next <= l->entries.len);
        check_entry(l, &entry);
        look_up(l, entry.name_key);
        at = next;
    }
}

/* The header's own length is put right, so that more inputs get past it. */
static void fix_header(uint8_t *image, size_t len)
{
    size_t i;

    memcpy(image, MUSTER_LIST_MAGIC, sizeof MUSTER_LIST_MAGIC - 1);
    for (i = 0; i < 8; i++)
        image[16 + i] = (uint8_t)((uint64_t)len >> (8 * i));
}

static void try_image(const uint8_t *bytes, size_t len)
{
    uint8_t name_key[MUSTER_NAME_KEY_MAX];
    struct muster_slice image = {bytes, len}, key = {name_key, 0};
    struct muster_list l;

    if (muster_list_open(image, &l) != MUSTER_OK)
        return;
    walk(&l);
    key.len = muster_name_key_write(muster_slice_of("acme"), muster_slice_of("cam"), name_key);
    look_up(&l, key);
    if (muster_list_verify(&l) == MUSTER_OK)
        PROMISE(muster_crypto_verify(bytes + MUSTER_LIST_SIGNED_LEN, bytes, 0, l.key) != 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    uint8_t *copy;

    try_image(bytes, len);
    if (len < MUSTER_LIST_HEADER_LEN)
        return 0;
    copy = malloc(len);
    PROMISE(copy != NULL);
    memcpy(copy, bytes, len);
    fix_header(copy, len);
    try_image(copy, len);
    free(copy);
    return 0;
}
