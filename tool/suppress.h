/* SPDX-License-Identifier: ISC */
/* The file `suppress` at the top of a folder: which models or defects of this folder and of those
 * before it do not count (muster-osv.5). */
#ifndef TOOL_SUPPRESS_H
#define TOOL_SUPPRESS_H

#include "tool/source.h"

#define SUPPRESS_NAME     "suppress"
#define SUPPRESS_FILE_MAX (1u << 20) /* bytes */

struct suppress_line {
    char *path;
    size_t line;
    unsigned layer;
    struct muster_slice name_key;
    char *id; /* NULL: every defect of the model */
    size_t hits;
};

/* The lines of all folders. All zero is none. */
struct suppress {
    struct suppress_line *lines;
    size_t n, cap;
    bool sorted;
};

/* Adds the lines of the file `path` of this layer, whose bytes these are. Lines that are none are
 * added to `problems` (rule suppress). 0, or -1 without memory, after saying so. */
int suppress_add(struct suppress *suppress, unsigned layer, const char *path, const uint8_t *bytes,
                 size_t len, struct problems *problems);
void suppress_free(struct suppress *suppress);

/* Whether a line of the source's layer or of a later one takes it away; counts the lines that do. */
bool suppress_hits(struct suppress *suppress, const struct source *source);

/* Warns of lines that took nothing away (rule stale). */
void suppress_warn_stale(const struct suppress *suppress, struct problems *problems);

#endif
