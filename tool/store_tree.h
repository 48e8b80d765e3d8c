/* SPDX-License-Identifier: ISC */
/* The folder that `muster import` keeps, as files on an id and a model:
 *
 *     VENDOR/MODEL/ID.json          may be signed
 *     review/VENDOR/MODEL/ID.json   kept for a person
 *     review/%none/ID.json          the same, where no model is named
 *
 * A leading dot of a name is written %2e, and a vendor called review %72eview; no name holds a
 * percent sign. All work is done below the one open directory and never through a symbolic link.
 * Changes are made in batches: written aside, synced at once, renamed; so a file is old or new,
 * whatever stops the program. */
#ifndef TOOL_STORE_TREE_H
#define TOOL_STORE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "muster/message.h"

#define STORE_PATH_CAP 256

struct store_tree;

/* Where one file is or would be. vendor and model are both "" if there is none; then review. */
struct store_place {
    bool review;
    const char *id, *vendor, *model;
};

/* Makes the folder if it is not there, locks it against another import, removes what a killed one
 * left behind, and learns the names of all files. 0, or STATUS_ERROR after saying why. */
int store_tree_open(const char *dir, struct store_tree **ret_tree);

/* Makes all changes lasting; 0, or STATUS_ERROR after saying why. Frees the tree. */
int store_tree_close(struct store_tree *tree);

/* May a file be named so? Ids of records are untrusted. */
bool store_tree_takes(const char *id);

/* The places of all files on this id, in a fixed order; the array is the caller's to free, what it
 * points to lives as long as the tree. -1 without memory. */
int store_tree_find(const struct store_tree *tree, const char *id, struct store_place **ret_places,
                    size_t *ret_n);

/* Calls `visit` for each file that is there, in no order; it may read. */
typedef void store_visit_fn(void *context, const struct store_place *place);
void store_tree_each(const struct store_tree *tree, store_visit_fn *visit, void *context);

/* Reads a file. 0; -ENOENT; another negative errno: there is something that is no plain file of
 * ours. */
int store_tree_read(struct store_tree *tree, const struct store_place *place, uint8_t **ret_bytes,
                    size_t *ret_len);

/* Queue a change. 0, or STATUS_ERROR after saying why. */
int store_tree_write(struct store_tree *tree, const struct store_place *place, const void *bytes,
                     size_t len);
int store_tree_remove(struct store_tree *tree, const struct store_place *place);

/* "review/acme/cam/CVE-2024-1.json", below the folder. Returns out. */
const char *store_tree_path(const struct store_place *place, char out[STORE_PATH_CAP]);

#endif
