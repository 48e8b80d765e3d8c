/* SPDX-License-Identifier: ISC */
/* One source of a list: an OSV-shaped JSON file that tells of one defect of one model
 * (muster-osv.5). */
#ifndef TOOL_SOURCE_H
#define TOOL_SOURCE_H

#include <stdbool.h>

#include "muster/record.h"
#include "tool/problem.h"

#define SOURCE_FILE_MAX         (1u << 20)          /* bytes, of a document */
#define SOURCE_LINES_MAX        (UINT64_C(1) << 33) /* of a file of one document a line */
#define SOURCE_LINES_SUFFIX     ".jsonl"
#define SOURCE_DEPTH_MAX        32 /* of JSON arrays and objects */
#define SOURCE_ENFORCE_DAYS_MAX 3650
#define ENFORCE_DAYS_DEFAULT    14 /* after the first issue, unless file or signer say otherwise */

enum enforce {
    ENFORCE_DEFAULT = 0, /* as the signer says */
    ENFORCE_AFTER = 1,   /* so many seconds after its first issue */
    ENFORCE_NEVER = 2    /* notice only */
};

/* Owns what it points to, but for vendor and model, which lie in name_key. */
struct source {
    char *path;
    size_t line;                  /* of the file, where it begins */
    unsigned layer;               /* which folder, 0 the first; a later one overrides */
    struct muster_slice name_key; /* encoded vendor and model, as in a report */
    struct muster_slice vendor, model;
    char *id;
    uint64_t reason;
    char *fixed_in, *url; /* "" if there is none */
    enum enforce enforce;
    uint64_t enforce_after_s;
    bool withdrawn; /* the file says so: as if it were not there */
    size_t ranges_n;
    struct muster_slice ranges; /* their encoded bytes one after the other */
};

/* Reads the file at `path`. 0, or -1 after adding at least one problem. ret_source is untouched
 * then. */
int source_read(const char *path, struct problems *problems, struct source *ret_source);

/* Reads the bytes of such a file, which the caller frees; -1 after adding a problem. */
int source_bytes(const char *path, struct problems *problems, uint8_t **ret_bytes, size_t *ret_len);

/* The same as source_read for the bytes of such a file; they came from `path`, where they begin at `line` (1 for
 * the whole file), for messages. */
int source_parse(const char *path, size_t line, const uint8_t *bytes, size_t len,
                 struct problems *problems, struct source *ret_source);

/* Frees what it owns and leaves it all zero. */
void source_free(struct source *source);

/* Makes a source for vendor and model out of its parts, as always-fail needs it; -1 without memory
 * or if a name is illegal. */
int source_name(struct source *source, struct muster_slice vendor, struct muster_slice model);

/* Adds one legal range (events_explain) unless it is there already. 0, or -1 if there are eight or
 * no memory. */
int source_add_range(struct source *source, const struct muster_range *range);

#endif
