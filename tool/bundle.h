/* SPDX-License-Identifier: ISC */
/* All that one signing needs, in one file that is carried to the machine with the key: sources layer
 * by layer, the list before, the tally, the options. A tar file (ustar.h) of
 *
 *     SUMMARY.txt             what would change, to read; nothing believes it
 *     options                 text, as bundle_options below
 *     old.mlist               the list before, unless this is a signer's first
 *     tally                   devices seen, if they are to be counted
 *     layers/0000/PATH.json   the sources of the first folder, and so on,
 *     layers/0000/suppress    all in the order of their names' bytes
 */
#ifndef TOOL_BUNDLE_H
#define TOOL_BUNDLE_H

#include "tool/folder.h"
#include "tool/list_file.h"
#include "tool/ustar.h"

#define BUNDLE_MAX (UINT64_C(1) << 33) /* bytes */

struct bundle_options {
    uint64_t prepared_s; /* Unix seconds */
    uint64_t layers_n;
    uint64_t days;
    enum enforce enforce; /* ENFORCE_AFTER or ENFORCE_NEVER */
    uint64_t enforce_days;
    uint64_t blast_percent;
    bool accepts;
    uint64_t accept_n;
};

struct bundle {
    const char *path;  /* of the file; NULL while it is prepared from folders */
    char *const *dirs; /* these, then; must outlive it */
    uint8_t *file;
    uint8_t digest[MUSTER_HASH_LEN]; /* of the file */
    struct bundle_options options;
    struct muster_slice summary, old, tally; /* bytes NULL: there is none */
    struct ustar_member *layers;             /* sorted */
    size_t layers_n, layers_cap;
    struct ustar_member *members; /* of a file that was read: all of them */
    size_t members_n;
};

/* Reads the folders' files into memory. 0, or -1 after adding problems or saying what was wrong.
 * Free it in either case. */
int bundle_collect(char *const *dirs, size_t dirs_n, const struct folder_publishers *publishers,
                   struct problems *problems, struct bundle *ret_bundle);

/* Puts it into one file's bytes, which the caller frees, and sets the digest. 0, or -1 after saying
 * why. */
int bundle_pack(struct bundle *io_bundle, uint8_t **ret_file, size_t *ret_len);

/* Takes apart what may be anything, and takes it over in any case; `path` is its name for messages.
 * 0, or -1 if it is no bundle. */
int bundle_parse(const char *path, uint8_t *file, size_t len, struct bundle *ret_bundle);

/* Reads a file and does the same. 0, or STATUS_ERROR after saying why. */
int bundle_open(const char *path, struct bundle *ret_bundle);
void bundle_free(struct bundle *bundle);

/* As folder_read_published, of what is in the bundle. */
int bundle_folder(const struct bundle *bundle, struct problems *problems, struct folder *io_folder);

/* The list before, verified whole; the bundle has one. It lives as long as the bundle. 0, or
 * STATUS_ERROR after saying why. */
int bundle_old(const struct bundle *bundle, struct list_file *ret_old);

/* What `next` changes, by name, under which options: the text of SUMMARY.txt. */
void bundle_summary(FILE *out, const struct bundle *bundle, const struct muster_list *old,
                    const struct muster_list *next);

/* On standard output: the summary as it is now worked out from sources and lists, a word if
 * SUMMARY.txt tells otherwise, and the digest. 0, or STATUS_ERROR. */
int bundle_tell(const struct bundle *bundle, const struct muster_list *old,
                const struct muster_list *next);

#endif
