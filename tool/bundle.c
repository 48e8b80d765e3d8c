/* SPDX-License-Identifier: ISC */
/* Bundles in and out of memory. It must not put anything that is in one on the disk, nor believe a
 * word of it that was not worked out again. */
#include "tool/bundle.h"

#include <inttypes.h>
#include <stdlib.h>

#include "host/file.h"
#include "host/listcheck.h"
#include "host/parallel.h"
#include "tool/cli.h"

#define SUMMARY_NAME "SUMMARY.txt"
#define OPTIONS_NAME "options"
#define OLD_NAME     "old.mlist"
#define TALLY_NAME   "tally"
#define LAYERS_NAME  "layers/"
#define LAYER_LEN    (sizeof "layers/0000/" - 1)
#define OPTIONS_CAP  512
#define HEAD_MAX     4 /* members before the layers */

/* --- options */

static size_t write_options(const struct bundle_options *o, char ret_text[OPTIONS_CAP])
{
    char enforce[32] = "never", accept[32] = "none";

    if (o->enforce == ENFORCE_AFTER)
        (void)snprintf(enforce, sizeof enforce, "%" PRIu64, o->enforce_days);
    if (o->accepts)
        (void)snprintf(accept, sizeof accept, "%" PRIu64, o->accept_n);
    return (size_t)snprintf(ret_text, OPTIONS_CAP,
                            "muster bundle 1\nprepared %" PRIu64 "\nlayers %" PRIu64
                            "\ndays %" PRIu64 "\nenforce-after %s\nblast-limit %" PRIu64
                            "\naccept-blast %s\n",
                            o->prepared_s, o->layers_n, o->days, enforce, o->blast_percent, accept);
}

/* Takes "KEY NUMBER\n", or "KEY WORD\n", off the text; false if it is neither or over max. */
static bool take(const char **text, const char *key, const char *word, uint64_t max,
                 uint64_t *ret_number, bool *ret_is_word)
{
    size_t key_len = strlen(key), digits, word_len = word != NULL ? strlen(word) : 0;
    const char *at = *text;

    if (strncmp(at, key, key_len) != 0 || at[key_len] != ' ')
        return false;
    at += key_len + 1;
    digits = strspn(at, "0123456789");
    *ret_is_word = word != NULL && strncmp(at, word, word_len) == 0 && at[word_len] == '\n';
    if (!*ret_is_word && (digits < 1 || digits > 16 || at[digits] != '\n'))
        return false;
    *ret_number = *ret_is_word ? 0 : strtoull(at, NULL, 10);
    *text = at + (*ret_is_word ? word_len : digits) + 1;
    return *ret_number <= max;
}

/* The text ends in NUL. What is written otherwise than write_options does is refused. */
static bool parse_options(const char *text, size_t len, struct bundle_options *ret)
{
    static const char head[] = "muster bundle 1\n";
    const char *at = text + sizeof head - 1;
    struct bundle_options o;
    char again[OPTIONS_CAP];
    bool never, none, word;

    if (len >= OPTIONS_CAP || strncmp(text, head, sizeof head - 1) != 0 ||
        !take(&at, "prepared", NULL, MUSTER_TIME_MAX, &o.prepared_s, &word) ||
        !take(&at, "layers", NULL, FOLDER_LAYERS_MAX, &o.layers_n, &word) ||
        !take(&at, "days", NULL, MUSTER_ADVISORY_LIFE_S / MUSTER_DAY_S, &o.days, &word) ||
        !take(&at, "enforce-after", "never", SOURCE_ENFORCE_DAYS_MAX, &o.enforce_days, &never) ||
        !take(&at, "blast-limit", NULL, 100, &o.blast_percent, &word) ||
        !take(&at, "accept-blast", "none", MUSTER_TIME_MAX, &o.accept_n, &none) || o.days == 0)
        return false;
    o.enforce = never ? ENFORCE_NEVER : ENFORCE_AFTER;
    o.accepts = !none;
    if (write_options(&o, again) != len || memcmp(again, text, len) != 0)
        return false;
    *ret = o;
    return true;
}

/* --- from folders */

static int add(struct bundle *b, char *name, struct muster_slice bytes)
{
    size_t cap = b->layers_cap == 0 ? 64 : b->layers_cap * 2;
    struct ustar_member *grown;

    if (b->layers_n == b->layers_cap) {
        grown = reallocarray(b->layers, cap, sizeof *grown);
        if (grown == NULL)
            return -1;
        b->layers = grown;
        b->layers_cap = cap;
    }
    b->layers[b->layers_n++] = (struct ustar_member){name, bytes};
    return 0;
}

static struct muster_slice copy_of(const uint8_t *bytes, size_t len)
{
    uint8_t *copy = malloc(len > 0 ? len : 1);

    if (copy != NULL && len > 0)
        memcpy(copy, bytes, len);
    return (struct muster_slice){copy, len};
}

/* A folder_bytes_fn. */
static int collect(void *ctx, unsigned layer, const char *path, const char *inner,
                   const uint8_t *bytes, size_t len, struct problems *problems)
{
    struct bundle *b = ctx;
    struct muster_slice copy = copy_of(bytes, len);
    char *name = NULL;
    int ret;

    (void)problems;
    if (asprintf(&name, LAYERS_NAME "%04u/%s", layer, inner) < 0)
        name = NULL;
    if (name == NULL || copy.bytes == NULL)
        ret = cli_error("out of memory after %zu files", b->layers_n);
    else if (!ustar_is_name(name))
        ret = cli_error("%s: such a name does not go into a bundle; use less than 100 letters, "
                        "digits and . _ -",
                        SAFE(path));
    else if ((ret = add(b, name, copy)) == 0)
        return 0;
    free(name);
    free((void *)(uintptr_t)copy.bytes);
    return ret;
}

static int by_name(const void *left, const void *right)
{
    const struct ustar_member *a = left, *b = right;

    return strcmp(a->name, b->name);
}

int bundle_collect(char *const *dirs, size_t dirs_n, const struct folder_publishers *publishers,
                   struct problems *problems, struct bundle *ret)
{
    memset(ret, 0, sizeof *ret);
    ret->dirs = dirs;
    ret->options.layers_n = dirs_n;
    if (folder_load(dirs, dirs_n, publishers, problems, collect, ret) != 0)
        return -1;
    if (ret->layers_n > 0)
        qsort(ret->layers, ret->layers_n, sizeof *ret->layers, by_name);
    return problems->n == 0 ? 0 : -1;
}

static void add_head(struct ustar_member *members, size_t *io_n, const char *name,
                     struct muster_slice bytes)
{
    if (bytes.bytes != NULL)
        members[(*io_n)++] = (struct ustar_member){(char *)(uintptr_t)name, bytes};
}

int bundle_pack(struct bundle *b, uint8_t **ret_file, size_t *ret_len)
{
    char text[OPTIONS_CAP];
    struct muster_slice options = {(const uint8_t *)text, write_options(&b->options, text)};
    struct ustar_member *members = reallocarray(NULL, HEAD_MAX + b->layers_n, sizeof *members);
    size_t n = 0, index = 0;
    int ret = -1;

    if (members != NULL) {
        add_head(members, &n, SUMMARY_NAME, b->summary);
        add_head(members, &n, OPTIONS_NAME, options);
        add_head(members, &n, OLD_NAME, b->old);
        add_head(members, &n, TALLY_NAME, b->tally);
        if (b->layers_n > 0)
            memcpy(members + n, b->layers, b->layers_n * sizeof *members);
        n += b->layers_n;
        ret = ustar_write(members, n, ret_file, ret_len, &index);
    }
    if (ret == 0)
        muster_crypto_hash(b->digest, *ret_file, *ret_len);
    else if (members != NULL && index < n)
        (void)cli_error("%s: does not go into a bundle; shorten the name of the file",
                        SAFE(members[index].name));
    else
        (void)cli_error("out of memory");
    free(members);
    return ret;
}

/* --- from a file */

static bool is_layer_name(const char *name, uint64_t layers_n)
{
    size_t prefix = sizeof LAYERS_NAME - 1, len = strlen(name);

    if (len <= LAYER_LEN || strncmp(name, LAYERS_NAME, prefix) != 0 ||
        strspn(name + prefix, "0123456789") != 4 || name[LAYER_LEN - 1] != '/' ||
        strtoull(name + prefix, NULL, 10) >= layers_n)
        return false;
    return strcmp(name + LAYER_LEN, SUPPRESS_NAME) == 0 ||
           folder_is_source_name(strrchr(name, '/') + 1);
}

/* As for files of folders; one document a line may be as long as the bundle is. */
static uint64_t size_max(const char *name)
{
    size_t len = strlen(name), suffix = sizeof SOURCE_LINES_SUFFIX - 1;

    return strcmp(name + len - suffix, SOURCE_LINES_SUFFIX) == 0 ? SOURCE_LINES_MAX
                                                                 : SOURCE_FILE_MAX;
}

static bool take_head(struct bundle *b, size_t *io_i, const char *name, struct muster_slice *ret)
{
    if (*io_i >= b->members_n || strcmp(b->members[*io_i].name, name) != 0)
        return false;
    *ret = b->members[(*io_i)++].bytes;
    return true;
}

/* Which member is what; false if they are not those of a bundle. */
static bool sort_out(struct bundle *b)
{
    struct muster_slice options;
    char text[OPTIONS_CAP] = "";
    size_t i = 0, k;

    if (!take_head(b, &i, SUMMARY_NAME, &b->summary) || !take_head(b, &i, OPTIONS_NAME, &options) ||
        options.len >= sizeof text)
        return false;
    memcpy(text, options.bytes, options.len);
    if (!parse_options(text, options.len, &b->options))
        return false;
    (void)take_head(b, &i, OLD_NAME, &b->old);
    (void)take_head(b, &i, TALLY_NAME, &b->tally);
    b->layers = b->members + i;
    b->layers_n = b->members_n - i;
    for (k = 0; k < b->layers_n; k++)
        if (!is_layer_name(b->layers[k].name, b->options.layers_n) ||
            b->layers[k].bytes.len > size_max(b->layers[k].name) ||
            (k > 0 && strcmp(b->layers[k - 1].name, b->layers[k].name) >= 0))
            return false;
    return true;
}

int bundle_parse(const char *path, uint8_t *file, size_t len, struct bundle *ret)
{
    struct bundle b = {.path = path, .file = file};
    struct ustar_member *members = NULL;
    size_t n = 0;
    bool is_tar = ustar_read((struct muster_slice){file, len}, &members, &n) == 0;

    b.members = members;
    b.members_n = n;
    if (is_tar && sort_out(&b)) {
        muster_crypto_hash(b.digest, file, len);
        *ret = b;
        return 0;
    }
    bundle_free(&b);
    return -1;
}

int bundle_open(const char *path, struct bundle *ret)
{
    uint8_t *file;
    size_t len;
    int error = file_read(path, BUNDLE_MAX, &file, &len);

    memset(ret, 0, sizeof *ret);
    if (error != 0)
        return cli_error("%s: %s", SAFE(path), strerror(-error));
    if (bundle_parse(path, file, len, ret) == 0)
        return 0;
    return cli_error(
        "%s: is neither a folder nor a bundle as muster prepare makes them; prepare it "
        "again, or carry it again",
        SAFE(path));
}

void bundle_free(struct bundle *b)
{
    size_t i;

    if (b->dirs != NULL) { /* its own, not those of a file */
        for (i = 0; i < b->layers_n; i++) {
            free(b->layers[i].name);
            free((void *)(uintptr_t)b->layers[i].bytes.bytes);
        }
        free(b->layers);
    }
    ustar_free(b->members, b->members_n);
    free(b->file);
    memset(b, 0, sizeof *b);
}

/* --- what is in it */

/* Where a member came from, for messages; the caller frees it. */
static char *path_of(const struct bundle *b, const char *name, unsigned layer)
{
    char *path;
    int ret = b->path != NULL ? asprintf(&path, "%s:%s", b->path, name)
                              : asprintf(&path, "%s/%s", b->dirs[layer], name + LAYER_LEN);

    return ret < 0 ? NULL : path;
}

int bundle_folder(const struct bundle *b, struct problems *problems, struct folder *io_folder)
{
    int ret = 0;
    size_t i;

    for (i = 0; i < b->layers_n && ret == 0; i++) {
        const struct ustar_member *m = &b->layers[i];
        unsigned layer = (unsigned)strtoul(m->name + sizeof LAYERS_NAME - 1, NULL, 10);
        char *path = path_of(b, m->name, layer);

        ret = path == NULL ? cli_error("out of memory after %zu files", i)
                           : folder_take(io_folder, layer, path, m->name + LAYER_LEN,
                                         m->bytes.bytes, m->bytes.len, problems);
        free(path);
    }
    if (ret == 0)
        folder_sort(io_folder, problems);
    return ret == 0 ? 0 : -1;
}

int bundle_old(const struct bundle *b, struct list_file *ret_old)
{
    struct list_file old = {.bytes = NULL};

    if (muster_list_open(b->old, &old.list) != MUSTER_OK ||
        listcheck_verify(&old.list, parallel_processors()) != MUSTER_OK)
        return cli_error("%s:" OLD_NAME ": does not verify; prepare the bundle with the list that "
                         "is in use",
                         SAFE(b->path));
    *ret_old = old;
    return 0;
}
