/* SPDX-License-Identifier: ISC */
/* The rules that sources are held against, by which every problem is known (muster-check.1). */
#ifndef TOOL_RULES_H
#define TOOL_RULES_H

#include <stdbool.h>
#include <stddef.h>

enum rule {
    /* errors: check and sign refuse */
    RULE_UNREADABLE,
    RULE_FOLDER_UNREADABLE,
    RULE_TOO_LARGE,
    RULE_TOO_DEEP,
    RULE_JSON,
    RULE_SHAPE,
    RULE_ID,
    RULE_TIME,
    RULE_ECOSYSTEM,
    RULE_NAME,
    RULE_RESERVED,
    RULE_ONE_MODEL,
    RULE_RANGE_TYPE,
    RULE_EVENTS,
    RULE_ORDER,
    RULE_BUILD,
    RULE_TEXT,
    RULE_VALUE,
    RULE_KEY,
    RULE_TWICE,
    RULE_RANGES_MAX,
    RULE_NO_BUILD,
    RULE_FIXED_COVERED,
    RULE_COVERS_ALL,
    RULE_DUPLICATE,
    RULE_ADVISORY_SIZE,
    RULE_SUPPRESS,
    RULE_TALLY,
    RULE_UNLISTED,
    RULE_MISSING,
    RULE_TAMPERED,
    RULE_MANIFEST,
    RULE_MEMORY,
    /* warnings: check tells them */
    RULE_OPEN_END,
    RULE_NO_FIX,
    RULE_ID_SHAPE,
    RULE_TIME_ORDER,
    RULE_SURPRISE,
    RULE_CASE,
    RULE_STALE,
    RULES_N
};

/* "fixed-covered", and what it means in one line. */
const char *rule_name(enum rule rule);
const char *rule_text(enum rule rule);
bool rule_is_error(enum rule rule);

#endif
