/* SPDX-License-Identifier: ISC */
/* Sources read and parsed by all processors, and taken in the order in which they were given; so
 * problems come in that order too, and nothing depends on the number of threads. */
#ifndef TOOL_INTAKE_H
#define TOOL_INTAKE_H

#include "tool/manifest.h"
#include "tool/source.h"

struct intake;

/* Gets every good source; it is the taker's then. 0, or -1 after saying what failed. */
typedef int intake_take_fn(void *ctx, struct source *source);

/* NULL without memory. Problems are added to `problems`. */
struct intake *intake_new(struct problems *problems, intake_take_fn *take, void *ctx);
void intake_free(struct intake *intake);

/* The file at `path`, of folder `layer`; what it holds must be what the manifest says of `inner`
 * (NULL: there is no manifest). Both paths are copied. It may be taken now or at the next flush. 0,
 * or -1 after saying what failed; problems in the file are not failures. */
int intake_file(struct intake *intake, unsigned layer, const char *path, const char *inner,
                struct manifest *manifest);

/* A file of one document a line, already read from `path`; flushes before and after. Blank lines
 * are passed over. ret_documents_n: how many there were. */
int intake_lines(struct intake *intake, unsigned layer, const char *path, const uint8_t *bytes,
                 size_t len, size_t *ret_documents_n);

/* How many files were given one by one. */
size_t intake_files_n(const struct intake *intake);

/* Takes all that was given. */
int intake_flush(struct intake *intake);

#endif
