/* SPDX-License-Identifier: ISC */
/* Walking, sorting and layering of source folders. It must not look into sources beyond their id
 * and model. */
#include "tool/folder.h"

#include <errno.h>
#include <fts.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tool/cli.h"
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

static bool is_source_name(const char *name, size_t len)
{
    return len > 5 && name[0] != '.' && strcmp(name + len - 5, ".json") == 0;
}

static int read_one(void *ctx, const char *path, unsigned layer, struct problems *problems)
{
    struct folder *folder = ctx;
    struct source source;

    folder->files_n++;
    if (source_read(path, problems, &source) != 0)
        return 0;
    source.layer = layer;
    if (folder_add(folder, &source) == 0)
        return 0;
    source_free(&source);
    return cli_error("out of memory after %zu files", folder->files_n);
}

struct walk {
    folder_file_fn *file;
    void *ctx;
    struct problems *problems;
};

static int visit(const struct walk *w, FTS *walk, FTSENT *at, unsigned layer)
{
    switch (at->fts_info) {
    case FTS_D:
        if (at->fts_level > 0 && at->fts_name[0] == '.')
            (void)fts_set(walk, at, FTS_SKIP);
        return 0;
    case FTS_F:
    case FTS_SL:
    case FTS_SLNONE:
        if (at->fts_level == 0)
            return cli_error("%s: is not a folder; give the folder that holds the *.json files",
                             SAFE(at->fts_path));
        return is_source_name(at->fts_name, at->fts_namelen)
                   ? w->file(w->ctx, at->fts_path, layer, w->problems)
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

static int walk_dir(const struct walk *w, char *dir, unsigned layer)
{
    char *const roots[] = {dir, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);
    FTSENT *at;
    int ret = 0;

    if (walk == NULL)
        return cli_error("%s: %s", SAFE(dir), strerror(errno));
    while (ret == 0 && (at = fts_read(walk)) != NULL)
        ret = visit(w, walk, at, layer);
    fts_close(walk);
    return ret == 0 ? 0 : -1;
}

int folder_walk(char *const *dirs, size_t dirs_n, struct problems *problems, folder_file_fn *file,
                void *ctx)
{
    const struct walk w = {file, ctx, problems};
    size_t i;

    for (i = 0; i < dirs_n; i++)
        if (walk_dir(&w, dirs[i], (unsigned)i) != 0)
            return -1;
    return 0;
}

int folder_read(char *const *dirs, size_t dirs_n, struct problems *problems,
                struct folder *ret_folder)
{
    memset(ret_folder, 0, sizeof *ret_folder);
    if (folder_walk(dirs, dirs_n, problems, read_one, ret_folder) != 0)
        return -1;
    folder_sort(ret_folder, problems);
    return 0;
}

void folder_free(struct folder *folder)
{
    size_t i;

    for (i = 0; i < folder->n; i++)
        source_free(&folder->sources[i]);
    free(folder->sources);
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

void folder_sort(struct folder *folder, struct problems *problems)
{
    struct source *sources = folder->sources;
    size_t i, k, kept = 0;

    if (folder->n > 0)
        qsort(sources, folder->n, sizeof *sources, compare);
    for (i = 0; i < folder->n; i = k) {
        for (k = i + 1; k < folder->n && same_defect(&sources[i], &sources[k]) == 0; k++) {
            if (sources[k].layer == sources[i].layer)
                problem_add(problems, RULE_DUPLICATE, at_id(&sources[k]),
                            "\"%s\" for this model is told in %s as well; keep one file",
                            SAFE(sources[k].id), SAFE(sources[i].path));
            source_free(&sources[k]);
        }
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
