/* SPDX-License-Identifier: ISC */
/* What devices were seen: a text file with one row a build (muster-tally.5). */
#ifndef TOOL_TALLY_H
#define TOOL_TALLY_H

#include "muster/cbor.h"
#include "tool/problem.h"

#define TALLY_LINE_MAX  512             /* bytes, without the line's end */
#define TALLY_COUNT_MAX MUSTER_TIME_MAX /* devices, of a row and of all rows together */

/* The slices die with the row. */
struct tally_row {
    struct muster_slice vendor, model, build;
    uint64_t number; /* 0: the build has none */
    uint64_t count;  /* devices, at least 1 */
};

/* Gets each row in the order of the file. */
typedef void tally_row_fn(void *ctx, const struct tally_row *row);

/* Reads one line without its end. 0, or -1 with "what is wrong; what to do" in err. */
int tally_parse(const char *line, size_t len, struct tally_row *ret_row, char *err, size_t err_cap);

/* Streams the rows of the open file, whose name for messages is `path`. Lines that are no rows are
 * added to `problems` (rule tally) and passed over. 0, or -1 after adding at least one problem. */
int tally_read_stream(FILE *stream, const char *path, struct problems *problems, tally_row_fn *row,
                      void *ctx);

/* The same of the file at `path`, "-" for standard input. */
int tally_read(const char *path, struct problems *problems, tally_row_fn *row, void *ctx);

#endif
