/* SPDX-License-Identifier: ISC */
/* An approval put into a list's header. */
#ifndef TOOL_APPROVE_H
#define TOOL_APPROVE_H

#include "muster/list.h"

enum approve {
    APPROVE_DONE = 0,
    APPROVE_THERE = 1,   /* this key has approved the list before; nothing is changed */
    APPROVE_OWN = -1,    /* the list's own signer may not */
    APPROVE_FULL = -2,   /* eight others have */
    APPROVE_FAILED = -3, /* not a list, or the key did not sign */
};

/* Approves the list in io_image[0..len), which the caller has verified. An enum approve; the image
 * is untouched unless APPROVE_DONE. */
int approve_image(const struct muster_signing *signing, uint8_t *io_image, size_t len);

#endif
