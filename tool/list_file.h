/* SPDX-License-Identifier: ISC */
/* A list's file, mapped or read. */
#ifndef TOOL_LIST_FILE_H
#define TOOL_LIST_FILE_H

#include "muster/list.h"

struct list_file {
    const uint8_t *bytes; /* mapped; NULL: not */
    uint8_t *copy;        /* in memory; NULL: not */
    size_t len;
    struct muster_list list;
};

/* Maps and verifies the list at `path`, whole. 0, or STATUS_ERROR after saying why. */
int list_file_open(const char *path, struct list_file *ret_file);

/* The same in memory of our own, which nobody can change after it was verified: for writing it
 * elsewhere. */
int list_file_read(const char *path, struct list_file *ret_file);

/* Maps it and looks at the header only; says nothing if it is no list. 0 or -1. */
int list_file_peek(const char *path, struct list_file *ret_file);
void list_file_close(struct list_file *file);

#endif
