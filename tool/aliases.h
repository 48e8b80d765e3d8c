/* SPDX-License-Identifier: ISC */
/* names.tsv (muster-names.5): what feeds call a model, and what its devices report. Kept by the
 * operator under version control; the tool never changes it. */
#ifndef TOOL_ALIASES_H
#define TOOL_ALIASES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct aliases;

/* Reads the file; a fault is told as FILE:LINE. 0, or STATUS_ERROR. */
int aliases_read(const char *path, struct aliases **ret_aliases);

/* The same of bytes in memory, which are copied; `path` is for messages. 0, or -1 after adding at
 * least one problem. */
struct problems;
int aliases_parse(const char *path, const uint8_t *bytes, size_t len, struct problems *problems,
                  struct aliases **ret_aliases);

void aliases_free(struct aliases *aliases);

/* What the feed's names stand for: `nth` counts from 0 as long as it returns true. Names compare
 * whole, letters without case, runs of blanks as one blank; never by parts. revision "" asks for
 * lines without one; a line whose revision is "*" holds for every revision. ret_vendor and
 * ret_model are legal names that live as long as `aliases`, which may be NULL (nothing found). A
 * line that maps to "-" says that this name is no device: true with both "". */
bool aliases_find(const struct aliases *aliases, const char *vendor, const char *product,
                  const char *revision, size_t nth, const char **ret_vendor,
                  const char **ret_model);

#endif
