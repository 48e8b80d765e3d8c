/* SPDX-License-Identifier: ISC */
/* What makes a folder a published one (muster-osv.5): muster.manifest lists every file that sign
 * reads, with its digest, and muster.manifest.sig is the publisher's signature of it.
 *
 *     muster manifest 1
 *     name Example CERT
 *     time 1790000000
 *     <64 hex: the first 32 bytes of SHA-512 of the file> TAB path TAB vendor/model TAB id
 *
 * Files stand in the order of their paths' bytes; paths are relative to the folder. A file that holds
 * several advisories has "-" for model and id. */
#ifndef TOOL_MANIFEST_H
#define TOOL_MANIFEST_H

#include "muster/crypto.h"
#include "tool/source.h"

#define MANIFEST_NAME      "muster.manifest"
#define MANIFEST_SIG_NAME  "muster.manifest.sig"
#define MANIFEST_CONTEXT   "muster folder 1\n"
#define MANIFEST_MAX       (256u << 20) /* bytes */
#define MANIFEST_PATH_MAX  255          /* of a listed file */
#define MANIFEST_TITLE_MAX 64           /* of the publisher's name */

struct manifest_file {
    uint8_t digest[MUSTER_HASH_LEN];
    const char *path, *model, *id; /* in `text` */
    bool seen;
};

/* All zero is none. */
struct manifest {
    char *text;
    const char *name;
    uint64_t time_s;
    uint8_t digest[MUSTER_HASH_LEN]; /* of the whole manifest */
    struct manifest_file *files;
    size_t n, cap;
};

/* Reads the text, which it changes and keeps; the caller frees nothing. 0, or -1 with "what is
 * wrong; what to do" in err and *ret_line (the text is freed then). */
int manifest_parse(char *text, size_t len, struct manifest *ret_manifest, size_t *ret_line,
                   char *err, size_t err_cap);
void manifest_free(struct manifest *manifest);

/* Reads the manifest of the folder `dir` and checks that `key` signed it. 0, or -1 after adding a
 * problem (rule manifest). */
int manifest_open(const char *dir, const uint8_t key[MUSTER_KEY_LEN], struct problems *problems,
                  struct manifest *ret_manifest);

/* Whether the file with this path in the folder is listed with the digest of these bytes; adds a
 * problem (unlisted, tampered) for `shown_path` if not. Marks it as seen. */
bool manifest_allows(struct manifest *manifest, const char *path, const char *shown_path,
                     const uint8_t digest[MUSTER_HASH_LEN], struct problems *problems);

/* Adds a problem (missing) for every file that was not seen. */
void manifest_want_all(const struct manifest *manifest, const char *dir, struct problems *problems);

/* The file of this path, or NULL. */
struct manifest_file *manifest_find(const struct manifest *manifest, const char *path);

/* Whether a path may stand in a manifest: 1 to 255 printable ASCII characters, relative, no part of
 * it "." or ".." or empty. */
bool manifest_path_is_legal(const char *path);

/* What the publisher signs: MANIFEST_CONTEXT and the digest of the manifest. */
#define MANIFEST_MESSAGE_LEN (sizeof MANIFEST_CONTEXT - 1 + MUSTER_HASH_LEN)
void manifest_message(const uint8_t digest[MUSTER_HASH_LEN],
                      uint8_t ret_message[MANIFEST_MESSAGE_LEN]);

/* One line: "muster folder signature 1 <64 hex: key> <128 hex: signature>". */
#define MANIFEST_SIG_HEAD "muster folder signature 1 "
#define MANIFEST_SIG_CAP  (sizeof MANIFEST_SIG_HEAD + 64 + 1 + 128 + 1)

#endif
