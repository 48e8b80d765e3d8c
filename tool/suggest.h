/* SPDX-License-Identifier: ISC */
/* Lines for names.tsv that a person may want: which words of feeds seem to mean which model. Names
 * pair only if they are equal once squashed, with the vendor at most one letter off; a part of a
 * name never stands for it: DIR-823 is not DIR-823G. Nothing here is applied by any tool. */
#ifndef TOOL_SUGGEST_H
#define TOOL_SUGGEST_H

#include "tool/aliases.h"
#include "tool/spellings.h"

enum confidence {
    CONFIDENCE_LIKELY = 0,
    CONFIDENCE_MAYBE = 1,
    CONFIDENCE_LOOK = 2 /* hardware revisions: only a person can know */
};

struct suggestion {
    enum confidence confidence;
    const char *vendor, *product, *revision; /* the feed's words */
    const char *id;                          /* one CVE on which they stand, of cves_n */
    const struct known *to;
    size_t cves_n;
    const char *why;
    const char *beside; /* the id, or model, by which they were found */
};

struct suggestions {
    struct suggestion *all; /* the best first, each line once */
    size_t n, cap;
};

/* aliases: lines there are already; their words are left alone. May be NULL. 0, or -1 without
 * memory. Free it in either case with free(all). */
int suggest(struct spellings *spellings, const struct aliases *aliases,
            struct suggestions *ret_suggestions);

#endif
