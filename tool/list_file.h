/* SPDX-License-Identifier: ISC */
/* A list's file, mapped or read. */
#ifndef TOOL_LIST_FILE_H
#define TOOL_LIST_FILE_H

#include "muster/list.h"
#include "muster/record.h"

struct list_file {
    const uint8_t *bytes; /* mapped; NULL: not */
    uint8_t *copy;        /* in memory; NULL: not */
    size_t len;
    struct muster_list list;
};

/* Maps and verifies the list at `path`, whole. 0, or STATUS_ERROR after saying why. */
int list_file_open(const char *path, struct list_file *ret_file);

/* The same in memory of our own, which nobody can change after it was verified: for writing it
 * elsewhere, and for signing what it says. */
int list_file_read(const char *path, struct list_file *ret_file);

/* Maps it and verifies its header: enough for list_file_find. 0, or STATUS_ERROR after saying why.
 */
int list_file_open_header(const char *path, struct list_file *ret_file);

/* Looks up one model in a list of which the header is verified: reads, and verifies, only the parts
 * that the look-up touches, and the record's own signature. Both answers are the signer's then.
 * STATUS_OK; STATUS_FOUND: the list has nothing on it; or STATUS_ERROR after saying why. */
int list_file_find(const struct list_file *file, const char *path, struct muster_slice vendor,
                   struct muster_slice model, struct muster_list_entry *ret_entry,
                   struct muster_record *ret_record);

/* Maps it and looks at the header's shape only; says nothing if it is no list. 0 or -1. */
int list_file_peek(const char *path, struct list_file *ret_file);
void list_file_close(struct list_file *file);

#endif
