/* SPDX-License-Identifier: ISC */
/* What is legal in a source and yet wrong, dangerous or surprising. */
#ifndef TOOL_OSV_LINT_H
#define TOOL_OSV_LINT_H

#include "tool/osv_muster.h"

/* Holds a source that was read whole against the rules fixed-covered and covers-all (errors) and the
 * warnings on one file. The document must still be there. */
void osv_lint(struct osv_reader *r);

#endif
