/* SPDX-License-Identifier: ISC */
/* One configured list: the image in use, and what was wrong with the file the last time it was
 * read. All of this belongs to the loader thread; a worker only reads `image->list`. */
#ifndef HEADEND_LISTING_H
#define HEADEND_LISTING_H

#include "headend/settings.h"
#include "headend/stamp.h"
#include "muster/list.h"

#define LISTING_ERROR_CAP     384
#define LISTING_ALARM_DAYS    10
#define LISTING_ALARM_NONE    (-1)
#define LISTING_ALARM_EXPIRED (-2)

/* A list that was verified whole. The bytes are a copy, not a map of the file: whoever writes
 * over the file in place (cp, rsync --inplace) or cuts it short must neither change what was
 * verified nor kill the worker with SIGBUS. */
struct image {
    unsigned refs;
    uint8_t *bytes;
    struct muster_list list;
};

struct listing {
    const char *path;              /* of the settings */
    struct stamp stamp;            /* of the file as it was last tried */
    struct image *image;           /* NULL: unusable from the start */
    char error[LISTING_ERROR_CAP]; /* "" or why the file as it is now is not in use */
    int alarm; /* days of life left that were last complained about, or one of the two above */
};

/* Reads the file, unless it is the one that `old` has tried (and not `force`). If it is bad, or has
 * expired while the old image has not, the old image stays in use as long as the settings allow its
 * signer and its approvals. Says in the log what is new. `old` may be NULL. */
void listing_load(const struct settings *settings, const char *path, const struct listing *old,
                  bool force, uint64_t now_s, struct listing *ret);
void listing_release(struct listing *listing);

bool listing_is_usable(const struct listing *listing, uint64_t now_s);
/* What is wrong with it and what to do, written into `text` if need be; NULL if nothing is. */
const char *listing_problem(const struct listing *listing, uint64_t now_s,
                            char text[LISTING_ERROR_CAP]);
/* Whole days until it expires, 0 if it has. The listing has an image. */
unsigned listing_days_left(const struct listing *listing, uint64_t now_s);

#endif
