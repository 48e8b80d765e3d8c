/* SPDX-License-Identifier: ISC */
/* The line of a place in a JSON text. Parsers do not keep it, so it is looked for when there is a
 * problem to tell, and only then. */
#ifndef TOOL_LOCATE_H
#define TOOL_LOCATE_H

#include <stddef.h>
#include <stdint.h>

/* The line, counted from 1, of a place such as "affected[0].ranges[1].events[2]": of the key or the
 * element that is named. Of what is not there, the line of the innermost part that is. The bytes may
 * be anything; they are passed over once, without recursion or memory. */
size_t locate_line(const uint8_t *bytes, size_t len, const char *place);

/* The same in the file at `path`, whose text in question begins at `first_line`. If the file cannot
 * be read any more, `first_line`. */
size_t locate_line_in_file(const char *path, size_t first_line, const char *place);

#endif
