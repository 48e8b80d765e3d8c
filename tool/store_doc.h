/* SPDX-License-Identifier: ISC */
/* One file of the folder that `muster import` keeps: an OSV document (muster-osv.5) whose
 * database_specific has, beside `muster`, what it was made of:
 *
 *   muster_import
 *     answer      "listed", "exact" or "review"
 *     reasons     why it is review (import_doubt_name)
 *     detail      words on that, if there are any
 *     text_from   feed and record that summary, details, url and published are of
 *     exploited   feeds that say that it is exploited
 *     statements  what feeds said (import.h)
 *     digest      of all the rest: tells that nobody has edited the file
 */
#ifndef TOOL_STORE_DOC_H
#define TOOL_STORE_DOC_H

#include "tool/decide.h"

#define STORE_DOC_DIGEST_CAP 65

/* What a document is made of. */
struct store_doc {
    const char *id, *vendor, *model; /* the last two "" if there is none */
    const char *feed;
    const struct import_result *result;
    bool speaks;             /* of this model; else it only speaks no longer of it */
    const json_t *before;    /* the document that this one replaces, or NULL */
    json_t *statements;      /* none: it is withdrawn */
    const json_t *exploited; /* array of feeds */
    const struct decision *decision;
    const char *detail; /* instead of the decision's, or NULL */
};

/* A new document with its digest, or NULL without memory. It depends on nothing else: no clock. */
json_t *store_doc_make(const struct store_doc *parts);

/* The document's text as it is written, or NULL without memory; the caller's to free. */
char *store_doc_text(const json_t *document);

/* The document if the bytes are one and it has the digest that it says, so that only an import
 * made it; else NULL, with whatever JSON it is in *ret_edited (or NULL), the caller's. */
json_t *store_doc_read(const uint8_t *bytes, size_t len, json_t **ret_edited);

/* Feeds in the order in which their words are shown and their statements kept. */
int store_doc_rank(const char *feed);

/* Its muster_import, or NULL; and a member of that. */
const json_t *store_doc_import(const json_t *document);
const json_t *store_doc_member(const json_t *document, const char *key);

#endif
