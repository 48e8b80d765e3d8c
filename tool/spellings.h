/* SPDX-License-Identifier: ISC */
/* Which words of feeds stand for which model in folders of advisories, and on which CVEs. */
#ifndef TOOL_SPELLINGS_H
#define TOOL_SPELLINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tool/problem.h"

/* One statement's words. Texts are interned: equal ones are the same pointer. */
struct spelling {
    const char *vendor, *product, *revision; /* the feed's */
    const char *model;                       /* "vendor/model" that was made of them, or "" */
    const char *id;
    bool is_cpe;
};

/* A model that is known, or was seen. */
struct known {
    const char *name; /* "vendor/model" */
    uint64_t seen_n;  /* devices of the tally */
    size_t cves_n;
    bool is_cpe, is_told;                          /* a CPE name; in a file */
    const char *vendor_key, *model_key, *full_key; /* squashed */
};

struct spellings {
    struct spelling *rows;
    size_t rows_n, rows_cap;
    struct known *known; /* sorted by name, each once */
    size_t known_n, known_cap;
    size_t unclean_n; /* names left out because a line of names.tsv cannot hold them */
    void *texts;
};

/* Reads all advisories below the folders, review/ as well, and the tally, if there is one. What is
 * no advisory is added to problems and passed over. 0, or STATUS_ERROR after saying what could not
 * be read. Free it in either case. */
int spellings_read(char *const *dirs, size_t dirs_n, const char *tally, struct problems *problems,
                   struct spellings *ret_spellings);
void spellings_free(struct spellings *spellings);

/* The one copy of a text; NULL without memory. */
const char *spellings_intern(struct spellings *spellings, const char *text);

/* Letters in lower case, digits and "+", without "firmware"; two texts joined. Interned. */
const char *spellings_key(struct spellings *spellings, const char *first, const char *second);

/* The known model of this name, or NULL. */
const struct known *spellings_find(const struct spellings *spellings, const char *name);

#endif
