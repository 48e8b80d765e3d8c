/* SPDX-License-Identifier: ISC */
/* Builds a list's image (doc/list-format.md) out of entries that come in order; linear but for
 * memory. */
#ifndef TOOL_LIST_BUILD_H
#define TOOL_LIST_BUILD_H

#include <stdbool.h>

#include "muster/list.h"
#include "tool/progress.h"

struct list_build {
    uint8_t *entries;
    size_t entries_len, entries_cap;
    uint64_t *offsets; /* of each entry */
    size_t models_n, models_cap;
    uint32_t *unsigned_models; /* which entries list_build_sign has to sign */
    size_t unsigned_n, unsigned_cap;
    uint64_t expires; /* the earliest so far */
};

void list_build_init(struct list_build *build);
void list_build_free(struct list_build *build);

/* Adds one model. name_key must come after the one before it (names_compare); the record's
 * advisory ends at `expires`. A record that is a draft (draft.h) is signed by list_build_sign.
 * history is at most 65535 bytes. 0, or -1 without memory or out of order. */
int list_build_add(struct list_build *build, struct muster_slice name_key,
                   struct muster_slice record, bool is_draft, struct muster_slice history,
                   uint64_t expires);

/* Signs all drafts where they lie, in up to `threads` threads; `signing` must allow that. Shows
 * progress. 0, or -1 if one could not be signed: then nothing may be written. */
int list_build_sign(struct list_build *build, const struct muster_signing *signing,
                    unsigned threads, struct progress *progress);

/* Makes the image as it would be, with drafts and header unsigned, to see what it says before a key
 * is used. The caller frees it. 0, or -1 as list_build_finish. */
int list_build_preview(const struct list_build *build, uint64_t issued,
                       const uint8_t key[MUSTER_KEY_LEN], unsigned threads, uint8_t **ret_image,
                       size_t *ret_len);

/* Makes the signed image, which the caller frees, and verifies it, both in up to `threads` threads.
 * 0, or -1: no memory, no signature, drafts are left, no models, or no seed found (retry at
 * another time of issue). */
int list_build_finish(const struct list_build *build, uint64_t issued,
                      const struct muster_signing *signing, unsigned threads, uint8_t **ret_image,
                      size_t *ret_len);

#endif
