/* SPDX-License-Identifier: ISC */
/* What a record's words say of builds: a closed grammar (muster-import.1, "Rules"). What it does
 * not hold is a doubt. Nothing here ever makes a range wider than the words. Pure. */
#ifndef TOOL_WORDS_H
#define TOOL_WORDS_H

#include "tool/import.h"

#define WORDS_CAP (MUSTER_BUILD_MAX + 1)

/* The words of one statement, read. With DOUBT_ALL, `from` is the lower bound if there is one. */
struct words {
    enum import_doubt doubt;
    const char *rule;                       /* literal: the rule by which it was read */
    bool is_exact, is_all;                  /* exact: the build is `from`; all: open at both ends */
    char from[WORDS_CAP], until[WORDS_CAP]; /* "" is an open end */
    bool from_excluded, until_included;
};

/* Where a text comes from; each has its own way of spelling builds. */
enum words_style {
    WORDS_PLAIN = 0, /* as the vendor prints it */
    WORDS_CPE = 1    /* perhaps out of a CPE name: case lost, punctuation escaped */
};

/* A text that stands alone: one build, or a sentence such as "prior to 1.2". */
void words_read(const char *text, enum words_style style, struct words *ret);

/* Two bounds from a record's own members; NULL: the member is not there. Both NULL is no version.
 */
void words_bounds(const char *from, bool from_excluded, const char *until, bool until_included,
                  struct words *ret);

/* Puts a build into ret[0..WORDS_CAP): blanks folded, "version", "firmware" and CPE's escapes
 * dropped. DOUBT_NONE, or why it is no build. */
enum import_doubt words_build(const char *text, char ret[WORDS_CAP]);

/* The range as the core has it, for comparing; false if it is a doubt or all. The slices point
 * into `words`. */
bool words_range(const struct words *words, struct muster_range *ret_range);

/* Are the two builds, or open ends (""), at the same place in natural order? */
bool words_is_level(const char *a, const char *b);

/* Is the word in the list, which a NULL ends? Letters without case. */
bool words_is_one_of(const char *word, const char *const *list);

/* Is this eight or six digits that can be a calendar day, with or without dashes? ret_day is
 * YYYYMMDD; six digits are taken as YYMMDD. */
bool words_day(const char *text, unsigned *ret_day);

/* Is the build the day of a report, not a build ("up to 20240403")? It is if it lies shortly before
 * the record was published (RFC 3339, or ""). */
bool words_is_filing_day(const char *published, const char *build);

#endif
