/* SPDX-License-Identifier: ISC */
/* What a list remembers of each model beside its advisory (doc/list-format.md, "History"): when
 * each source was first issued, and how long an earlier advisory may still be believed. */
#ifndef TOOL_HISTORY_H
#define TOOL_HISTORY_H

#include <stdbool.h>

#include "muster/cbor.h"

#define HISTORY_CAP    65535
#define HISTORY_ID_MAX 255

struct history {
    uint8_t *bytes; /* HISTORY_CAP of them, the caller's */
    size_t len;
};

/* When the id was first issued; 0 if the history does not know it. The id "" gives the time up to
 * which an earlier advisory with defects may be valid. A broken history knows nothing. */
uint64_t history_find(struct muster_slice history, const char *id);

/* One item after the other: moves the beginning of io_history behind it. False at the end. */
struct history_item {
    struct muster_slice id;
    uint64_t time_s;
};
bool history_next(struct muster_slice *io_history, struct history_item *ret_item);

/* Adds an item of another history. -1 if it is full; nothing is added then. */
int history_put(struct history *history, const struct history_item *item);

/* Adds the first issues of another history: all of it but the item without id. -1 if it is full. */
int history_copy(struct history *history, struct muster_slice other);

/* Adds one item. -1 if it is full; nothing is added then. */
int history_add(struct history *history, const char *id, uint64_t time_s);

#endif
