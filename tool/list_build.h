/* SPDX-License-Identifier: ISC */
/* Builds a list's image (doc/list-format.md) out of entries that come in order; linear but for
 * memory. */
#ifndef TOOL_LIST_BUILD_H
#define TOOL_LIST_BUILD_H

#include "muster/list.h"

struct list_build {
    uint8_t *entries;
    size_t entries_len, entries_cap;
    uint64_t *offsets; /* of each entry */
    size_t models_n, models_cap;
    uint64_t expires; /* the earliest so far */
};

void list_build_init(struct list_build *build);
void list_build_free(struct list_build *build);

/* Adds one model. name_key must come after the one before it (names_compare); the record's
 * advisory ends at `expires`. history is at most 65535 bytes. 0, or -1 without memory or out of
 * order. */
int list_build_add(struct list_build *build, struct muster_slice name_key,
                   struct muster_slice record, struct muster_slice history, uint64_t expires);

/* Makes the signed image, which the caller frees, and verifies it with muster_list_verify. 0, or
 * -1: no memory, no signature, no models, or no seed found (retry at another time of issue). */
int list_build_finish(const struct list_build *build, uint64_t issued,
                      const struct muster_signing *signing, uint8_t **ret_image, size_t *ret_len);

#endif
