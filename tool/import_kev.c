/* SPDX-License-Identifier: ISC */
/* CISA's catalogue of known exploited vulnerabilities: it marks CVEs and says nothing of builds. It
 * must not list anything. */
#include <stdio.h>

#include "tool/import.h"

#define FEED "kev"

static int read_record(const json_t *record, const struct aliases *aliases,
                       struct import_result *ret_result, char *err, size_t err_cap)
{
    json_t *statement;

    (void)aliases;
    if (import_begin(import_text(record, "cveID"), ret_result) != 0) {
        (void)snprintf(err, err_cap, "cveID: missing or no id");
        return -1;
    }
    ret_result->summary = import_text(record, "shortDescription");
    ret_result->known_exploited = true;
    import_time(import_text(record, "dateAdded"), ret_result->modified);
    import_time(import_text(record, "dateAdded"), ret_result->published);
    statement = import_statement(ret_result, ret_result->id, "", "", FEED, FEED);
    if (statement == NULL) {
        (void)snprintf(err, err_cap, "out of memory");
        return -1;
    }
    (void)json_object_set_new(statement, "vendor",
                              json_string(import_text(record, "vendorProject")));
    (void)json_object_set_new(statement, "product", json_string(import_text(record, "product")));
    import_doubtful(statement, import_text(record, "vulnerabilityName"), "kev", DOUBT_NO_BUILDS);
    return 0;
}

const struct import_feed import_kev = {FEED, "vulnerabilities", read_record};
