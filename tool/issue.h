/* SPDX-License-Identifier: ISC */
/* What all verbs share that issue a list (sign, withdraw, revert): the lists before, times that
 * rise, signing, writing and telling. */
#ifndef TOOL_ISSUE_H
#define TOOL_ISSUE_H

#include <getopt.h>

#include "tool/blast.h"
#include "tool/compile.h"
#include "tool/list_file.h"
#include "tool/signing.h"

#define ISSUE_DAYS_DEFAULT 30
#define ISSUE_DAYS_MAX     (MUSTER_ADVISORY_LIFE_S / MUSTER_DAY_S)

struct issue {
    /* of the command line; `now` may be NULL, in a dry run `key` and `out` too */
    const char *key, *passphrase_file, *out, *now;
    uint64_t days;
    bool resign_all, dry_run;
    struct blast_limit blast;

    /* Not NULL: told what the list would change, before the key is used; 0 to go on. */
    int (*tell)(const void *ctx, const struct muster_list *old, const struct muster_list *next);
    const void *tell_ctx;

    struct signing signing;
    uint8_t signer[MUSTER_KEY_LEN]; /* its public key; of a dry run without a key the old list's */
    const struct muster_list *old;  /* that the new one takes the place of; NULL: none */
    struct draft_order draft;
    struct list_build build;
    struct changes changes[CHANGES_N];
};

#define ISSUE_OPTIONS_MAX 32
/* A verb's own options and those of all of them, for getopt_long; issue_option takes the latter. */
void issue_options(const struct option *own, struct option ret_all[ISSUE_OPTIONS_MAX]);

#define ISSUE_HELP                                                                                 \
    "  --key KEY               the signer's secret key: a file, or pkcs11:URI in a token\n"        \
    "  --passphrase-file FILE  its passphrase (else MUSTER_PASSPHRASE, else the terminal)\n"       \
    "  -o, --out LIST          the list to write, whole or not at all\n"                           \
    "  --days N                life of advisories signed now, 1 to 40 (default 30)\n"              \
    "  --resign-all            sign every advisory anew, also one that says the same and lives "   \
    "long\n"                                                                                       \
    "  --now TIME              sign as at this time (Unix seconds or RFC 3339); else\n"            \
    "                          SOURCE_DATE_EPOCH, else the clock\n"                                \
    "  --dry-run               tell what would change, as muster diff does, and write nothing;\n"  \
    "                          needs neither --key nor -o\n"                                       \
    "  --tally FILE            devices seen (muster-tally(5)): refuse if too many would newly "    \
    "fail\n"                                                                                       \
    "  --blast-limit PERCENT   how many of them are too many (default 10)\n"                       \
    "  --accept-blast N        up to N of them may, whatever the share\n"

/* What all of them begin with. */
#define ISSUE_DEFAULTS                                                                             \
    ((struct issue){.days = ISSUE_DAYS_DEFAULT, .blast.percent = BLAST_LIMIT_DEFAULT})

/* Takes one option of the command line. 0; 1: not one of these; or STATUS_ERROR after saying why.
 */
int issue_option(int option, struct issue *io_issue);

/* What the command line lacks, or NULL. */
const char *issue_lacking(const struct issue *issue);

/* Loads the key; before anything else that needs it. issue_end undoes it in any case. 0, or
 * STATUS_ERROR after saying why. */
int issue_begin(struct issue *io_issue);
void issue_end(struct issue *issue);

/* Reads the list that the new one takes the place of, verified whole, which must be this signer's
 * own. It must stay open until issue_write is done. 0 or STATUS_ERROR. */
int issue_open_old(struct issue *io_issue, const char *path, struct list_file *ret_file);

/* The same of a list that is open already; closes it if it is another's. */
int issue_take_old(struct issue *io_issue, const char *path, struct list_file *io_file);

/* Sets the times in `draft`: now, but later than `newest` (Unix seconds) and than this signer's
 * list at `out`, if there is one. What lives half of `days` longer is kept, unless resign_all. 0, or
 * STATUS_ERROR after saying why; so too if another signer's list is at `out`. */
int issue_set_times(struct issue *io_issue, uint64_t newest);

/* Asks whether too many devices would newly fail, signs what was drafted, with all processors if
 * the key allows it, and writes the list. Tells what changed; of a dry run that is all. Another list
 * of this signer at `out` may have been seen: what could not follow it (succeed.h) is not written.
 * STATUS_OK, STATUS_FOUND (too many) or STATUS_ERROR. */
int issue_write(struct issue *issue);

#endif
