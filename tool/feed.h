/* SPDX-License-Identifier: ISC */
/* Documents of a feed, read in blocks and cut into records, never whole in memory. A document is
 * what a file, or standard input, holds: JSON objects one after the other or one a line, an array
 * of them, or, for feeds with `items`, pages: objects whose member of that name is the array. An
 * object without that member is a record itself.
 *
 * What is wrong is told as FILE:LINE and counted, and reading goes on behind it: after a record
 * whose brackets still match with the next one, else with the next line that begins with "{". */
#ifndef TOOL_FEED_H
#define TOOL_FEED_H

#include <jansson.h>
#include <signal.h>
#include <stdint.h>

#include "tool/problem.h"

#define FEED_RECORD_MAX (16u << 20) /* bytes of one record, and of a page around its records */
#define FEED_DEPTH_MAX  64          /* of arrays and objects in one record */
#define FEED_VALUES_MAX (1u << 20) /* commas and colons in one record: bounds the parser's memory */

/* Where a record begins. */
struct feed_place {
    const char *path; /* "-" for standard input */
    size_t line;      /* from 1 on */
};

/* Gets one record, always an object, which it may not keep. Not 0: end the reading. */
typedef int feed_take_fn(void *context, const struct feed_place *place, const json_t *record);

struct feed {
    const char *items; /* NULL: every object is a record */
    feed_take_fn *take;
    void *context;
    struct problems *problems;
    const volatile sig_atomic_t *stop; /* not NULL and not 0: end the reading */
    uint64_t bytes_n;                  /* that were read so far */
};

/* Reads "-", a file, or all *.json, *.jsonl and *.ndjson below a folder in the order of their
 * names (symbolic links to files are followed, names that begin with a dot passed over). 0; or -1
 * if `take` or `stop` ended it, or after saying what could not be read at all. */
int feed_read(struct feed *feed, const char *path);

/* Adds "PATH:LINE: what is wrong" to the feed's problems. */
__attribute__((format(printf, 4, 5))) void feed_tell(const struct feed *feed,
                                                     const struct feed_place *place, enum rule rule,
                                                     const char *fmt, ...);

#endif
