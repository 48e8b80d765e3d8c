/* SPDX-License-Identifier: ISC */
/* Vendor and model, together as they lie in reports and lists. */
#ifndef TOOL_NAMES_H
#define TOOL_NAMES_H

#include <stdbool.h>

#include "muster/message.h"

#define NAMES_TEXT_CAP (2 * MUSTER_NAME_MAX + 2)

/* Splits a legal name key into the two texts inside it. */
void names_split(struct muster_slice name_key, struct muster_slice *ret_vendor,
                 struct muster_slice *ret_model);

/* "vendor/model" of a legal name key. Returns out. */
const char *names_text(char out[NAMES_TEXT_CAP], struct muster_slice name_key);

/* Whether the vendor of a legal name key is muster.test: health checks, no devices. */
bool names_are_test(struct muster_slice name_key);

/* < 0, 0, > 0 in the order of the bytes, which is the order of entries in a list. */
int names_compare(struct muster_slice a, struct muster_slice b);

/* "vendor/model" into the two, inside the text. 0, or -1 if it is not two legal names. */
int names_parse(const char *text, struct muster_slice *ret_vendor, struct muster_slice *ret_model);

/* The text as a legal name: lower case, other characters as "_", cut at 64, as CPE names are made.
 */
void names_suggest(struct muster_slice text, char out[MUSTER_NAME_MAX + 1]);

#endif
