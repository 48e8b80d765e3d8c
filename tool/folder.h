/* SPDX-License-Identifier: ISC */
/* Folders of sources, layered: of two files on the same id and model the one in the later folder
 * counts, and a folder's `suppress` takes away what it and those before it say. */
#ifndef TOOL_FOLDER_H
#define TOOL_FOLDER_H

#include "tool/manifest.h"
#include "tool/source.h"
#include "tool/suppress.h"

#define FOLDER_LAYERS_MAX 16

/* What a folder does to those before it. */
enum layer_change { LAYER_ADDS = 0, LAYER_CHANGES = 1, LAYER_WITHDRAWS = 2, LAYER_SUPPRESSES = 3 };
#define LAYER_CHANGES_N 4

/* Told once for each change. `source` is the file of the later folder that adds, changes or
 * withdraws, or any file that is suppressed. */
typedef void folder_tell_fn(void *ctx, enum layer_change change, const struct source *source);

struct folder {
    struct source *sources; /* sorted by name_key, then id; none is withdrawn */
    size_t n, cap;
    size_t files_n; /* that were read */
    struct suppress suppress;
    /* For each layer what it changes; the first adds nothing, for there is nothing before it. Of what
     * is suppressed each layer counts its own files that are. */
    size_t changes[FOLDER_LAYERS_MAX][LAYER_CHANGES_N];
    folder_tell_fn *tell; /* NULL: nobody */
    void *tell_ctx;
};

/* The publishers of the folders, in their order; those behind `n` have none. */
struct folder_publishers {
    size_t n;
    bool given[FOLDER_LAYERS_MAX];
    uint8_t keys[FOLDER_LAYERS_MAX][MUSTER_KEY_LEN];
};

/* Adds the next folder's publisher: a .pub file or 64 hexadecimal digits, "-" for none. 0, or
 * STATUS_ERROR after saying why. */
int folder_publisher_add(struct folder_publishers *publishers, const char *text);

/* Whether a file of this name is a source. */
bool folder_is_source_name(const char *name);

/* Gets each source below a folder and its `suppress` at the top, in a fixed order: the path to open,
 * the path inside the folder, and which folder. 0 to go on. */
typedef int folder_file_fn(void *ctx, const char *path, const char *inner, unsigned layer,
                           struct problems *problems);

/* The walk alone: calls `file` for each file that folder_read_published would read, until it returns other
 * than 0; dot files and dot folders left out. Folders below that cannot be read are added to
 * `problems`. 0, or -1 after something was said. */
int folder_walk(char *const *dirs, size_t dirs_n, struct problems *problems, folder_file_fn *file,
                void *ctx);

/* Reads every source below the folders, symbolic links to files followed, and their `suppress`. A
 * folder that has a publisher (NULL: none has) must hold what that publisher signed, no more and no
 * less. Problems in files are added to `problems` and the rest is read all the same. 0, or -1 after
 * saying what could not be read at all. ret_folder is all zero, but for `tell` and its ctx, before.
 * Free it in either case. */
int folder_read_published(char *const *dirs, size_t dirs_n,
                          const struct folder_publishers *publishers, struct problems *problems,
                          struct folder *ret_folder);

/* The reading alone: gives each file's bytes, which are lent, once they are known to be the
 * publisher's. Ends when `take` gives other than 0. 0, or -1 after something was said. */
typedef int folder_bytes_fn(void *ctx, unsigned layer, const char *path, const char *inner,
                            const uint8_t *bytes, size_t len, struct problems *problems);
int folder_load(char *const *dirs, size_t dirs_n, const struct folder_publishers *publishers,
                struct problems *problems, folder_bytes_fn *take, void *ctx);

void folder_free(struct folder *folder);

/* Takes the bytes of one file of a folder: a source, or `suppress` at its top. `path` is for messages,
 * `inner` inside the folder. Problems in it are added and 0 is given all the same; not 0 after saying
 * that there is no memory. */
int folder_take(struct folder *folder, unsigned layer, const char *path, const char *inner,
                const uint8_t *bytes, size_t len, struct problems *problems);

/* Adds one source, sorted in by the caller with folder_sort. -1 without memory; then it is still
 * the caller's. */
int folder_add(struct folder *folder, const struct source *source);

/* Sorts, suppresses, applies layers, drops withdrawn sources; adds a problem for two files of one
 * layer on the same id and model. */
void folder_sort(struct folder *folder, struct problems *problems);

/* The sources of one model: from `first` on, how many have its name_key. */
size_t folder_model_n(const struct folder *folder, size_t first);

#endif
