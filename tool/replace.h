/* SPDX-License-Identifier: ISC */
/* What a verb may write over. A slip in -o must not cost a key, or the one list that knows when
 * everything was first issued. */
#ifndef TOOL_REPLACE_H
#define TOOL_REPLACE_H

enum replace_kind { REPLACE_LIST, REPLACE_BUNDLE, REPLACE_STANDING };

/* Whether a file of this kind may be put at `path`: nothing is there and its folder can be written,
 * or a regular file that is empty or begins as one of this kind does, whole or not. 0, or
 * STATUS_ERROR after saying why not; ask before a key is used. */
int replace_check(const char *path, enum replace_kind kind);

#endif
