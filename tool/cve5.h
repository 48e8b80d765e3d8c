/* SPDX-License-Identifier: ISC */
/* One CVE JSON 5 record on its way through its importer, and what its names have to do with each
 * other: the CNA's words, and the CPE names of the ADP containers. Pure. */
#ifndef TOOL_CVE5_H
#define TOOL_CVE5_H

#include "tool/cpe.h"
#include "tool/models.h"
#include "tool/prose.h"

#define CVE5_SAID_MAX    256
#define CVE5_RELATED_CAP 8192

/* One record on its way. */
struct cve5 {
    const json_t *cna, *adps;
    const struct aliases *aliases;
    struct import_result *result;
    struct prose prose;
    bool is_unsupported;
    bool is_broken; /* a part that nobody can read: what it says might have bounded the rest */
    size_t related_len;
    char related[CVE5_RELATED_CAP]; /* all that the CNA says, squashed */
    size_t said_n;                  /* the CNA's clean ranges */
    struct words said[CVE5_SAID_MAX];
    bool said_broken; /* ... and what nobody can read */
    bool failed;
};

/* Takes down every word of the CNA, for cve5_doubt_name. */
void cve5_relate(struct cve5 *c);

/* What stands against taking this CPE name of an entry for a device's: DOUBT_CONTRADICTION if an
 * ADP speaks of something else than the CNA, DOUBT_REVISION if its name has lost a revision that
 * the CNA's has, DOUBT_NOT_FIRMWARE for an application. */
enum import_doubt cve5_doubt_name(const struct cve5 *c, const struct cpe *cpe, bool is_cna);

/* Gives a product of the CNA the CPE name that an ADP has for it: the same vendor, and the same
 * letters and digits. io_models is what models_of_words made of it. */
void cve5_name_by_twin(const struct cve5 *c, const char *vendor, const char *product,
                       struct models *io_models);

#endif
