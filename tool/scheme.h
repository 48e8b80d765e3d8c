/* SPDX-License-Identifier: ISC */
/* Schemes of builds that natural order cannot carry (muster-import.1, "Order"). Pure. */
#ifndef TOOL_SCHEME_H
#define TOOL_SCHEME_H

#include "tool/import.h"

/* May a range with these bounds ("" is open) be compared in natural order? DOUBT_NONE, or why not:
 * dates against versions, days before years, month names, commit ids, letters alone or counted,
 * dates fused to numbers, hardware revisions, a region that decides. Both bounds are legal builds,
 * alike and not reversed. */
enum import_doubt scheme_check(const char *from, const char *until, bool until_included);

/* Is this a commit id or another number in hexadecimal? */
bool scheme_is_hex(const char *build);

/* Does the build hold a revision or region of the hardware ("V3_1.1.4")? */
bool scheme_has_revision(const char *build);

#endif
