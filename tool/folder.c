/* SPDX-License-Identifier: ISC */
/* Walking, sorting and layering of source folders. It must not look into sources beyond their id
 * and model. */
#include "tool/folder.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/keyfile.h"
#include "tool/cli.h"
#include "tool/intake.h"
#include "tool/locate.h"
#include "tool/names.h"

int folder_add(struct folder *folder, const struct source *source)
{
    size_t cap = folder->cap == 0 ? 64 : folder->cap * 2;
    struct source *grown;

    if (folder->n == folder->cap) {
        grown = reallocarray(folder->sources, cap, sizeof *grown);
        if (grown == NULL)
            return -1;
        folder->sources = grown;
        folder->cap = cap;
    }
    folder->sources[folder->n++] = *source;
    return 0;
}

static bool ends_with(const char *name, const char *suffix)
{
    size_t len = strlen(name), suffix_len = strlen(suffix);

    return len > suffix_len && strcmp(name + len - suffix_len, suffix) == 0;
}

bool folder_is_source_name(const char *name)
{
    return name[0] != '.' && (ends_with(name, ".json") || ends_with(name, SOURCE_LINES_SUFFIX));
}

struct walk {
    folder_file_fn *file;
    void *ctx;
    struct problems *problems;
    size_t dir_len;
    unsigned layer;
};

/* The part of a path behind the folder's. */
static const char *inner_path(const struct walk *w, const char *path)
{
    path += w->dir_len;
    while (*path == '/')
        path++;
    return path;
}

static int visit(const struct walk *w, FTS *fts, FTSENT *at)
{
    switch (at->fts_info) {
    case FTS_D:
        if ((at->fts_level > 0 && at->fts_name[0] == '.') ||
            (at->fts_level == 1 && strcmp(at->fts_name, "review") == 0)) /* muster-import.1 */
            (void)fts_set(fts, at, FTS_SKIP);
        return 0;
    case FTS_F:
    case FTS_SL:
    case FTS_SLNONE:
        if (at->fts_level == 0)
            return cli_error("%s: is not a folder; give the folder that holds the *.json files",
                             SAFE(at->fts_path));
        return folder_is_source_name(at->fts_name) ||
                       (at->fts_level == 1 && strcmp(at->fts_name, SUPPRESS_NAME) == 0)
                   ? w->file(w->ctx, at->fts_path, inner_path(w, at->fts_path), w->layer,
                             w->problems)
                   : 0;
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        if (at->fts_level == 0)
            return cli_error("%s: %s", SAFE(at->fts_path), strerror(at->fts_errno));
        problem_add(w->problems, RULE_FOLDER_UNREADABLE, (struct problem_at){at->fts_path, 0, NULL},
                    "%s; what is in it would be missing: make it readable, or remove it",
                    strerror(at->fts_errno));
        return 0;
    default:
        return 0;
    }
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int walk_dir(const struct walk *w, char *dir)
{
    char *const roots[] = {dir, NULL};
    FTS *fts = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);
    FTSENT *at;
    int ret = 0;

    if (fts == NULL)
        return cli_error("%s: %s", SAFE(dir), strerror(errno));
    while (ret == 0 && (at = fts_read(fts)) != NULL)
        ret = visit(w, fts, at);
    fts_close(fts);
    return ret == 0 ? 0 : -1;
}

int folder_walk(char *const *dirs, size_t dirs_n, struct problems *problems, folder_file_fn *file,
                void *ctx)
{
    size_t i;

    for (i = 0; i < dirs_n; i++) {
        struct walk w = {file, ctx, problems, strlen(dirs[i]), (unsigned)i};

        if (walk_dir(&w, dirs[i]) != 0)
            return -1;
    }
    return 0;
}

/* One folder being read: bytes go to `take`, but for files of one document, which go to `intake` if
 * there is one. */
struct layer {
    folder_bytes_fn *take;
    void *ctx;
    struct intake *intake;
    struct manifest *manifest; /* NULL: any file may be there */
    bool *any;                 /* set if there was a file */
};

static int take_source(void *ctx, struct source *source)
{
    struct folder *folder = ctx;

    if (folder_add(folder, source) == 0)
        return 0;
    source_free(source);
    return cli_error("out of memory after %zu sources", folder->n);
}

static int take_lines(struct folder *folder, unsigned layer, const char *path, const uint8_t *bytes,
                      size_t len, struct problems *problems)
{
    struct intake *intake = intake_new(problems, take_source, folder);
    size_t documents_n = 0;
    int ret;

    if (intake == NULL)
        return cli_error("out of memory at %s", SAFE(path));
    ret = intake_lines(intake, layer, path, bytes, len, &documents_n);
    folder->files_n += documents_n;
    intake_free(intake);
    return ret;
}

int folder_take(struct folder *folder, unsigned layer, const char *path, const char *inner,
                const uint8_t *bytes, size_t len, struct problems *problems)
{
    struct source source;

    if (strcmp(inner, SUPPRESS_NAME) == 0)
        return suppress_add(&folder->suppress, layer, path, bytes, len, problems);
    if (ends_with(inner, SOURCE_LINES_SUFFIX))
        return take_lines(folder, layer, path, bytes, len, problems);
    folder->files_n++;
    if (source_parse(path, 1, bytes, len, problems, &source) != 0)
        return 0;
    source.layer = layer;
    return take_source(folder, &source);
}

/* What is verified is what is read: the same bytes. */
static bool is_allowed(const struct layer *l, const char *path, const char *inner,
                       const uint8_t *bytes, size_t len, struct problems *problems)
{
    uint8_t digest[MUSTER_HASH_LEN];

    if (l->manifest == NULL)
        return true;
    muster_crypto_hash(digest, bytes, len);
    return manifest_allows(l->manifest, inner, path, digest, problems);
}

static int flush(const struct layer *l)
{
    return l->intake != NULL ? intake_flush(l->intake) : 0;
}

static int take_file(void *ctx, const char *path, const char *inner, unsigned layer,
                     struct problems *problems)
{
    const struct layer *l = ctx;
    uint8_t *bytes;
    size_t len;
    int ret = 0;

    *l->any = true;
    if (l->intake != NULL && ends_with(inner, ".json"))
        return intake_file(l->intake, layer, path, inner, l->manifest);
    if (flush(l) != 0)
        return -1;
    if (source_bytes(path, problems, &bytes, &len) != 0)
        return 0;
    if (is_allowed(l, path, inner, bytes, len, problems))
        ret = l->take(l->ctx, layer, path, inner, bytes, len, problems);
    free(bytes);
    return ret;
}

static int read_layer(struct layer l, char *dir, unsigned number, const uint8_t *key,
                      struct problems *problems)
{
    struct walk w = {take_file, &l, problems, strlen(dir), number};
    struct manifest manifest;
    bool any = false;
    int ret;

    l.any = &any;
    if (key == NULL) {
        ret = walk_dir(&w, dir) == 0 ? flush(&l) : -1;
        if (ret == 0 && !any)
            log_warn("%s: holds no *.json, *.jsonl or suppress and says nothing; is it the right "
                     "folder?",
                     SAFE(dir));
        return ret;
    }
    if (manifest_open(dir, key, problems, &manifest) != 0)
        return 0;
    l.manifest = &manifest;
    ret = walk_dir(&w, dir) == 0 ? flush(&l) : -1;
    if (ret == 0)
        manifest_want_all(&manifest, dir, problems);
    manifest_free(&manifest);
    return ret;
}

int folder_publisher_add(struct folder_publishers *p, const char *text)
{
    char err[512];

    if (p->n == FOLDER_LAYERS_MAX)
        return cli_error("more than %d publishers", FOLDER_LAYERS_MAX);
    p->given[p->n] = strcmp(text, "-") != 0;
    if (p->given[p->n] && keyfile_load_public(text, p->keys[p->n], err, sizeof err) != 0)
        return cli_error("%s", err);
    p->n++;
    return 0;
}

static int load(char *const *dirs, size_t dirs_n, const struct folder_publishers *publishers,
                struct problems *problems, const struct layer *layer)
{
    size_t i;

    if (dirs_n > FOLDER_LAYERS_MAX)
        return cli_error("%zu folders; at most %d go together", dirs_n, FOLDER_LAYERS_MAX);
    if (publishers != NULL && publishers->n > dirs_n)
        return cli_error(
            "%zu publishers for %zu folders; the first --publisher is that of the first "
            "folder, and so on; - is none",
            publishers->n, dirs_n);
    for (i = 0; i < dirs_n; i++) {
        bool given = publishers != NULL && i < publishers->n && publishers->given[i];

        if (read_layer(*layer, dirs[i], (unsigned)i, given ? publishers->keys[i] : NULL,
                       problems) != 0)
            return -1;
    }
    return 0;
}

int folder_load(char *const *dirs, size_t dirs_n, const struct folder_publishers *publishers,
                struct problems *problems, folder_bytes_fn *take, void *ctx)
{
    const struct layer layer = {.take = take, .ctx = ctx};

    return load(dirs, dirs_n, publishers, problems, &layer);
}

/* A folder_bytes_fn. */
static int take_into(void *ctx, unsigned layer, const char *path, const char *inner,
                     const uint8_t *bytes, size_t len, struct problems *problems)
{
    return folder_take(ctx, layer, path, inner, bytes, len, problems);
}

int folder_read_published(char *const *dirs, size_t dirs_n,
                          const struct folder_publishers *publishers, struct problems *problems,
                          struct folder *ret_folder)
{
    struct layer layer = {.take = take_into, .ctx = ret_folder};
    int ret;

    layer.intake = intake_new(problems, take_source, ret_folder);
    if (layer.intake == NULL)
        return cli_error("out of memory");
    ret = load(dirs, dirs_n, publishers, problems, &layer);
    ret_folder->files_n += intake_files_n(layer.intake);
    intake_free(layer.intake);
    if (ret == 0)
        folder_sort(ret_folder, problems);
    return ret;
}

void folder_free(struct folder *folder)
{
    size_t i;

    for (i = 0; i < folder->n; i++)
        source_free(&folder->sources[i]);
    free(folder->sources);
    suppress_free(&folder->suppress);
    memset(folder, 0, sizeof *folder);
}

static int same_defect(const struct source *a, const struct source *b)
{
    int c = names_compare(a->name_key, b->name_key);

    return c != 0 ? c : strcmp(a->id, b->id);
}

/* The later layer first; the path last, so that the order never depends on the file system. */
static int compare(const void *left, const void *right)
{
    const struct source *a = left, *b = right;
    int c = same_defect(a, b);

    if (c == 0)
        c = (a->layer < b->layer) - (a->layer > b->layer);
    return c != 0 ? c : strcmp(a->path, b->path);
}

static struct problem_at at_id(const struct source *s)
{
    return (struct problem_at){s->path, locate_line_in_file(s->path, s->line, "id"), "id"};
}

static void tell(struct folder *folder, enum layer_change change, const struct source *source)
{
    if (source->layer < FOLDER_LAYERS_MAX)
        folder->changes[source->layer][change]++;
    if (folder->tell != NULL)
        folder->tell(folder->tell_ctx, change, source);
}

/* Takes out what is suppressed; the rest keeps its order. */
static void suppress_all(struct folder *folder)
{
    size_t i, kept = 0;

    for (i = 0; i < folder->n; i++) {
        if (!suppress_hits(&folder->suppress, &folder->sources[i])) {
            folder->sources[kept++] = folder->sources[i];
            continue;
        }
        tell(folder, LAYER_SUPPRESSES, &folder->sources[i]);
        source_free(&folder->sources[i]);
    }
    folder->n = kept;
}

/* sources[0..n) are on one id and model, the later layer first: all but the first go. */
static void merge_defect(struct folder *folder, struct source *sources, size_t n,
                         struct problems *problems)
{
    size_t k;

    if (n > 1 && sources[1].layer < sources[0].layer)
        tell(folder, sources[0].withdrawn ? LAYER_WITHDRAWS : LAYER_CHANGES, &sources[0]);
    else if (sources[0].layer > 0 && !sources[0].withdrawn)
        tell(folder, LAYER_ADDS, &sources[0]);
    for (k = 1; k < n; k++) {
        if (sources[k].layer == sources[0].layer)
            problem_add(problems, RULE_DUPLICATE, at_id(&sources[k]),
                        "\"%s\" for this model is told in %s as well; keep one file",
                        SAFE(sources[k].id), SAFE(sources[0].path));
        source_free(&sources[k]);
    }
}

void folder_sort(struct folder *folder, struct problems *problems)
{
    struct source *sources = folder->sources;
    size_t i, k, kept = 0;

    suppress_all(folder);
    suppress_warn_stale(&folder->suppress, problems);
    if (folder->n > 0)
        qsort(sources, folder->n, sizeof *sources, compare);
    for (i = 0; i < folder->n; i = k) {
        for (k = i + 1; k < folder->n && same_defect(&sources[i], &sources[k]) == 0;)
            k++;
        merge_defect(folder, &sources[i], k - i, problems);
        if (sources[i].withdrawn)
            source_free(&sources[i]);
        else
            sources[kept++] = sources[i];
    }
    folder->n = kept;
}

size_t folder_model_n(const struct folder *folder, size_t first)
{
    size_t n = 1;

    while (first + n < folder->n &&
           muster_slice_equal(folder->sources[first].name_key, folder->sources[first + n].name_key))
        n++;
    return n;
}
