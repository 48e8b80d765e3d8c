/* SPDX-License-Identifier: ISC */
/* A standing signed into its file, and all standings of a folder issued anew. */
#ifndef TOOL_STANDING_WRITE_H
#define TOOL_STANDING_WRITE_H

#include "muster/record.h"
#include "tool/signing.h"

/* Signs and writes it, whole or not at all. 0, or STATUS_ERROR after saying why. */
int standing_write(const struct muster_standing *standing, const struct signing *signing,
                   const char *path);

/* Issues every *.standing below `dir` (not deeper) that this authority signed, and of which less
 * than half its life is left, anew for life_s seconds (0: as long as before): the same words, a later
 * time. Of several
 * files on one signer the newest word, or a revocation, is the authority's; the others are left
 * alone, or an older "good" would come back as the newest. Files of others are left alone, and one
 * that is broken does not stop the rest. Prints a table and a sum. STATUS_OK; STATUS_FOUND: some
 * are broken or could not be written; STATUS_ERROR. */
int standing_renew(const char *dir, const struct signing *signing, uint64_t now_s, uint64_t life_s);

#endif
