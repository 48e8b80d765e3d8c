/* SPDX-License-Identifier: ISC */
/* What a feed's names of a product stand for: models as devices report them. Names compare whole;
 * no part of a name ever stands for another model. Pure. */
#ifndef TOOL_MODELS_H
#define TOOL_MODELS_H

#include "tool/cpe.h"
#include "tool/import.h"

#define MODELS_MAX 16

struct model {
    char vendor[MUSTER_NAME_MAX + 1], model[MUSTER_NAME_MAX + 1]; /* legal, or both "" */
};

struct models {
    size_t n; /* at least one; the one is "" if nobody can say which */
    struct model model[MODELS_MAX];
    enum import_doubt doubt; /* the names stand, but no machine may act on them */
    bool by_names_tsv;       /* a person said so */
};

/* What names.tsv says of these names; false: nothing. */
bool models_of_alias(const struct aliases *aliases, const char *vendor, const char *product,
                     const char *revision, struct models *ret_models);

/* Out of a vendor and a product in words. */
void models_of_words(const struct aliases *aliases, const char *vendor, const char *product,
                     struct models *ret_models);

/* Out of a CPE name; revision is that of the hardware, or "". */
void models_of_cpe(const struct aliases *aliases, const struct cpe *cpe, const char *revision,
                   struct models *ret_models);

/* Lower case letters and digits only, without "firmware", and without the vendor before the model:
 * for finding two spellings of one name. Returns ret. */
#define SQUASH_CAP 256
const char *models_squash(const char *text, char ret[SQUASH_CAP]);

#endif
