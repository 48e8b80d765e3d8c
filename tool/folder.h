/* SPDX-License-Identifier: ISC */
/* Folders of sources, layered: of two files on the same id and model the one in the later folder
 * counts. */
#ifndef TOOL_FOLDER_H
#define TOOL_FOLDER_H

#include "tool/source.h"

struct folder {
    struct source *sources; /* sorted by name_key, then id; none is withdrawn */
    size_t n, cap;
    size_t files_n; /* that were read */
};

/* Reads every *.json below the folders, dot files and dot folders left out, symbolic links to
 * files followed. Problems in files are added to `problems` and the rest is read all the same. 0,
 * or -1 after saying what could not be read at all. Free it in either case. */
int folder_read(char *const *dirs, size_t dirs_n, struct problems *problems,
                struct folder *ret_folder);
void folder_free(struct folder *folder);

/* The walk alone: calls `file` for each file that folder_read would read, until it returns other
 * than 0. 0, or -1 after something was said. */
typedef int folder_file_fn(void *ctx, const char *path, unsigned layer, struct problems *problems);
int folder_walk(char *const *dirs, size_t dirs_n, struct problems *problems, folder_file_fn *file,
                void *ctx);

/* Adds one source, sorted in by the caller with folder_sort. -1 without memory; then it is still
 * the caller's. */
int folder_add(struct folder *folder, const struct source *source);

/* Sorts, applies layers, drops withdrawn sources; adds a problem for two files of one layer on the
 * same id and model. */
void folder_sort(struct folder *folder, struct problems *problems);

/* The sources of one model: from `first` on, how many have its name_key. */
size_t folder_model_n(const struct folder *folder, size_t first);

#endif
