/* SPDX-License-Identifier: ISC */
/* Tar files that are a function of their content: POSIX ustar, plain files only, owner root, mode
 * 0644, no time. The one form is written, and no other is read. */
#ifndef TOOL_USTAR_H
#define TOOL_USTAR_H

#include <stdbool.h>

#include "muster/cbor.h"

#define USTAR_NAME_MAX 255 /* less where no "/" falls well: 100 bytes and 155 before it */

struct ustar_member {
    char *name; /* printable ASCII; parts between "/" are not empty and do not begin with "." */
    struct muster_slice bytes;
};

/* May this be a member's name? */
bool ustar_is_name(const char *name);

/* The file's bytes, which the caller frees. 0, or -1: no memory, or ret_index < n is the member
 * whose name does not fit. */
int ustar_write(const struct ustar_member *members, size_t n, uint8_t **ret_file, size_t *ret_len,
                size_t *ret_index);

/* Takes apart a file that may be anything. It is read only if ustar_write would have made these
 * very bytes. The members' bytes point into it; ustar_free frees the rest. 0 or -1. */
int ustar_read(struct muster_slice file, struct ustar_member **ret_members, size_t *ret_n);
void ustar_free(struct ustar_member *members, size_t n);

#endif
