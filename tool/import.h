/* SPDX-License-Identifier: ISC */
/* What passes between the importers and the rest of `muster import`. An importer is pure: one
 * record of its feed in, findings out; it reads no file and keeps nothing. A record without a
 * finding or with only doubts is a review case. A finding is one
 * provider's statement on one model; what all statements on one CVE and model come to is decided
 * in decide.h, and kept in the folder by store.h.
 *
 * A statement is a JSON object, so that it can be kept beside what was made of it:
 *
 *   feed      "cve5", "nvd2", "csaf", "osv", "kev"
 *   record    the record's own id, if that is not the finding's ("ICSA-17-124-01"): a feed's word
 *             on a CVE may come from several records, and each replaces only its own
 *   provider  who says it, in the feed's words: "cna", "adp CISA-ADP", "nvd", "csaf CISA"
 *   vendor, product, revision
 *             the record's words, each only if there are any
 *   mapped    true: names.tsv says which model is meant; absent else
 *   readings  array of what it says of builds, each an object:
 *               words   the record's words, readable: 'version "0", lessThan "2.17b02"'
 *               rule    by which rule (muster-feeds.5) they were read
 *               derived true: more than the record's own members was needed; absent else
 *               doubt   a doubt's name (import_doubt_name): why no machine may act on it; what
 *                       stands beside it then only tells how the words were read
 *               and one of
 *                       exact: one build, byte for byte
 *                       from, until: builds in natural order, each only if there is a bound,
 *                         from_excluded, until_included: true, or absent
 *                       all: true, every build there will ever be (end of life, said so)
 *   fixed     array of builds that the record says are not affected; may be absent
 *   free      array of ranges of such builds, as readings; may be absent
 */
#ifndef TOOL_IMPORT_H
#define TOOL_IMPORT_H

#include <jansson.h>
#include <stdbool.h>

#include "muster/record.h"
#include "tool/aliases.h"

/* Why a record's words are kept for review. The names are in muster-import.1. */
enum import_doubt {
    DOUBT_NONE = 0,
    DOUBT_NO_VERSION,    /* n/a, unspecified, "-", or nothing */
    DOUBT_PROSE,         /* words that the grammar does not hold */
    DOUBT_ALL,           /* "*", "all": no end, and nobody says that the model gets no updates */
    DOUBT_REVERSED,      /* lower bound above the upper one */
    DOUBT_EMPTY,         /* a range with nothing in it */
    DOUBT_UNLIKE,        /* bounds that do not begin alike: natural order does not compare them */
    DOUBT_UNORDERED,     /* commit ids and the like: no order */
    DOUBT_BRANCH,        /* branch wildcards such as 4.3.* */
    DOUBT_REVISION,      /* depends on a hardware revision that names.tsv does not map */
    DOUBT_FILING_DATE,   /* a date that is the day of the report, not of a build */
    DOUBT_DATE,          /* a build date as the bound, and builds that do not begin with dates */
    DOUBT_PATTERN,       /* a model name with X for letters, a series, "some devices" */
    DOUBT_MODELS,        /* several models in one name */
    DOUBT_NO_MODEL,      /* no vendor or no model */
    DOUBT_NOT_FIRMWARE,  /* an application, whose version is not the device's build */
    DOUBT_DEFAULT,       /* defaultStatus says that unnamed builds are affected */
    DOUBT_PLATFORM,      /* depends on what it runs on */
    DOUBT_TEXT,          /* not printable ASCII, longer than a build, broken by escapes */
    DOUBT_CONTRADICTION, /* statements that cannot all be true */
    DOUBT_FIX_COVERED,   /* a build that the record calls fixed lies inside */
    DOUBT_TOO_MANY,      /* more than eight ranges */
    DOUBT_REJECTED,      /* the record was withdrawn */
    DOUBT_NO_BUILDS,     /* the feed never says builds (KEV) */
    DOUBTS_N
};

/* "no-version", "prose-bound", ... and back (DOUBT_NONE if it is none). */
const char *import_doubt_name(enum import_doubt doubt);
enum import_doubt import_doubt_of(const char *name);

/* One statement on one CVE and one model. vendor and model are legal names, or both "" if there is
 * none. */
struct import_finding {
    char id[MUSTER_ID_MAX + 1]; /* the CVE; one record may tell of several */
    char vendor[MUSTER_NAME_MAX + 1], model[MUSTER_NAME_MAX + 1];
    json_t *statement;
};

/* What one record came to. `id` and `summary` point into the record. */
struct import_result {
    const char *id;               /* the record's: 1 to 32 printable characters, always there */
    const char *summary;          /* its description, or "" */
    char modified[32];            /* RFC 3339 UTC, or "" */
    char published[32];           /* the same */
    char url[MUSTER_URL_MAX + 1]; /* where an owner can read more: https, or "" */
    bool rejected;                /* the record was withdrawn; no findings */
    bool known_exploited;
    size_t findings_n, findings_cap;
    struct import_finding *findings;
    struct import_index *index; /* of the findings, by their names */
};

/* One feed format. */
struct import_feed {
    const char *name;
    const char *items; /* the member of a document that holds its records; NULL: it is one record */
    /* Reads one record. 0; -1 with "place: what is wrong" in err: it is not a record of this feed.
     * aliases may be NULL. The caller frees ret_result with import_result_free, if 0. */
    int (*read)(const json_t *record, const struct aliases *aliases,
                struct import_result *ret_result, char *err, size_t err_cap);
};

extern const struct import_feed import_cve5, import_nvd2, import_kev, import_csaf, import_osv;

void import_result_free(struct import_result *result);

/* What importers share. */

/* Fills `id`, or -1: not a legal id. Everything else of ret_result is empty. */
int import_begin(const char *id, struct import_result *ret_result);

/* A time as feeds write it ("2018-03-19T21:29Z", no Z, fractions) into RFC 3339, or "". */
void import_time(const char *text, char ret[32]);

/* Keeps the url if it is https, short and plain, and none is kept yet. */
void import_url(struct import_result *result, const char *url);

/* The provider's statement on this CVE and model, made if it is not there; the result's own. NULL
 * without memory or if the record names too many models; then it must be refused. */
json_t *import_statement(struct import_result *result, const char *id, const char *vendor,
                         const char *model, const char *feed, const char *provider);

/* The statement that is there already, or NULL. */
json_t *import_find(const struct import_result *result, const char *id, const char *vendor,
                    const char *model, const char *provider);

/* Adds a reading; `text` is the record's words. */
struct words;
void import_reading(json_t *statement, const char *text, const struct words *words);
void import_doubtful(json_t *statement, const char *text, const char *rule,
                     enum import_doubt doubt);
/* The reading back again; its strings are copied. False: it is not one. */
bool import_words(const json_t *reading, struct words *ret_words);

/* Adds a build that is not affected, unless it is none or there already. */
void import_fixed(json_t *statement, const char *build);

/* Adds what the record says is not affected: a build, a range, or, if the words cannot be read,
 * DOUBT_FIX_COVERED: nobody knows what they free. */
void import_unaffected(json_t *statement, const char *text, const struct words *words);

/* Doubts every statement of the result. */
void import_doubt_all(struct import_result *result, const char *why, enum import_doubt doubt);

/* The last step of every importer: gives a CVE without a vendor's notice the CVE Program's page,
 * leaves out what names no model and says nothing, if there is
 * more, and sees to it that there is something for a person to look at. 0, or -1 without memory. */
int import_end(struct import_result *result, const char *feed, const char *provider);

/* A member that is a string, or "". */
const char *import_text(const json_t *object, const char *key);

/* printf into a string that the caller frees; never NULL but without memory. */
__attribute__((format(printf, 1, 2))) char *import_format(const char *fmt, ...);

#endif
