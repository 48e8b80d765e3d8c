/* SPDX-License-Identifier: ISC */
/* Files below one open directory: an index of their names by id, and changes in batches. It must
 * not look into a file, and must not follow a name out of the directory. */
#include "tool/store_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/file.h"
#include "tool/cli.h"
#include "tool/source.h"

#define BATCH_N        1024
#define FEW_N          64   /* changes that are synced one by one, not with all the file system */
#define BUCKETS_N      1024 /* at first */
#define TEMPORARY_TAIL 17   /* a dot and 16 digits, as host/file.c names them */

/* One file that is there, or that was or will be. About 90 bytes each, with its share of buckets. */
struct entry {
    struct entry *next;
    bool review, there, queued;
    uint8_t vendor_at, model_at; /* in text */
    char text[];                 /* id, vendor, model, each with its NUL */
};

struct change {
    struct entry *entry;
    char temporary[FILE_TEMPORARY_CAP]; /* "" to remove the file */
};

struct store_tree {
    int fd;
    const char *dir;
    struct entry **buckets;
    size_t buckets_n, entries_n;
    unsigned char hash_key[crypto_shorthash_KEYBYTES];
    struct change *changes; /* of the batch */
    size_t changes_n;
    bool changed; /* by batches whose last names only the end will sync */
};

static struct store_place place_of(const struct entry *e)
{
    return (struct store_place){e->review, e->text, e->text + e->vendor_at, e->text + e->model_at};
}

/* ---- names */

static void escape(const char *name, bool is_vendor, char out[MUSTER_NAME_MAX + 3])
{
    if (name[0] == '.')
        (void)snprintf(out, MUSTER_NAME_MAX + 3, "%%2e%s", name + 1);
    else if (is_vendor && strcmp(name, "review") == 0)
        (void)snprintf(out, MUSTER_NAME_MAX + 3, "%%72eview");
    else
        (void)snprintf(out, MUSTER_NAME_MAX + 3, "%s", name);
}

static bool unescape(const char *text, char out[MUSTER_NAME_MAX + 3])
{
    if (strlen(text) > MUSTER_NAME_MAX + 2)
        return false;
    if (strncmp(text, "%2e", 3) == 0)
        (void)snprintf(out, MUSTER_NAME_MAX + 3, ".%s", text + 3);
    else
        (void)snprintf(out, MUSTER_NAME_MAX + 3, "%s",
                       strcmp(text, "%72eview") == 0 ? "review" : text);
    return muster_name_is_legal(muster_slice_of(out));
}

/* The folder that a place is in. */
static void folder_of(const struct store_place *place, char out[STORE_PATH_CAP])
{
    char vendor[MUSTER_NAME_MAX + 3], model[MUSTER_NAME_MAX + 3];

    if (place->vendor[0] == '\0') {
        (void)snprintf(out, STORE_PATH_CAP, "review/%%none");
        return;
    }
    escape(place->vendor, true, vendor);
    escape(place->model, false, model);
    (void)snprintf(out, STORE_PATH_CAP, "%s%s/%s", place->review ? "review/" : "", vendor, model);
}

const char *store_tree_path(const struct store_place *place, char out[STORE_PATH_CAP])
{
    size_t len;

    folder_of(place, out);
    len = strlen(out);
    (void)snprintf(out + len, STORE_PATH_CAP - len, "/%s.json", place->id);
    return out;
}

bool store_tree_takes(const char *id)
{
    static const char legal[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:-";
    size_t len = strlen(id);

    return len >= 1 && len <= MUSTER_ID_MAX && id[0] != '.' && strspn(id, legal) == len;
}

/* ---- the index */

static size_t bucket_of(const struct store_tree *t, const char *id)
{
    uint64_t hash;

    (void)crypto_shorthash((unsigned char *)&hash, (const unsigned char *)id, strlen(id),
                           t->hash_key);
    return (size_t)(hash % t->buckets_n);
}

static int grow_buckets(struct store_tree *t)
{
    size_t old_n = t->buckets_n, i, to;
    struct entry **old = t->buckets, *e, *next;
    struct entry **grown = calloc(old_n == 0 ? BUCKETS_N : old_n * 2, sizeof(struct entry *));

    if (grown == NULL)
        return -1;
    t->buckets = grown;
    t->buckets_n = old_n == 0 ? BUCKETS_N : old_n * 2;
    for (i = 0; i < old_n; i++)
        for (e = old[i]; e != NULL; e = next) {
            next = e->next;
            to = bucket_of(t, e->text);
            e->next = grown[to];
            grown[to] = e;
        }
    free(old);
    return 0;
}

static bool is_at(const struct entry *e, const struct store_place *place)
{
    struct store_place at = place_of(e);

    return at.review == place->review && strcmp(at.id, place->id) == 0 &&
           strcmp(at.vendor, place->vendor) == 0 && strcmp(at.model, place->model) == 0;
}

static struct entry *find(const struct store_tree *t, const struct store_place *place)
{
    struct entry *e = t->buckets[bucket_of(t, place->id)];

    while (e != NULL && !is_at(e, place))
        e = e->next;
    return e;
}

/* The entry of this place, made if there is none; NULL without memory. */
static struct entry *enter(struct store_tree *t, const struct store_place *place)
{
    struct entry *e = find(t, place);
    size_t id_cap = strlen(place->id) + 1, vendor_cap = strlen(place->vendor) + 1, to;

    if (e != NULL)
        return e;
    if (t->entries_n >= t->buckets_n && grow_buckets(t) != 0)
        return NULL;
    e = calloc(1, sizeof *e + id_cap + vendor_cap + strlen(place->model) + 1);
    if (e == NULL)
        return NULL;
    e->review = place->review;
    e->vendor_at = (uint8_t)id_cap;
    e->model_at = (uint8_t)(id_cap + vendor_cap);
    memcpy(e->text, place->id, id_cap);
    memcpy(e->text + e->vendor_at, place->vendor, vendor_cap);
    memcpy(e->text + e->model_at, place->model, strlen(place->model));
    to = bucket_of(t, e->text);
    e->next = t->buckets[to];
    t->buckets[to] = e;
    t->entries_n++;
    return e;
}

static int by_place(const void *left, const void *right)
{
    const struct store_place *a = left, *b = right;
    int c = strcmp(a->vendor, b->vendor);

    if (c == 0)
        c = strcmp(a->model, b->model);
    return c != 0 ? c : (int)a->review - (int)b->review;
}

int store_tree_find(const struct store_tree *tree, const char *id, struct store_place **ret_places,
                    size_t *ret_n)
{
    struct entry *first = tree->buckets[bucket_of(tree, id)], *e;
    struct store_place *places;
    size_t n = 0;

    for (e = first; e != NULL; e = e->next)
        n += e->there && strcmp(e->text, id) == 0;
    places = calloc(n + 1, sizeof *places);
    if (places == NULL)
        return -1;
    n = 0;
    for (e = first; e != NULL; e = e->next)
        if (e->there && strcmp(e->text, id) == 0)
            places[n++] = place_of(e);
    if (n > 0)
        qsort(places, n, sizeof *places, by_place);
    *ret_places = places;
    *ret_n = n;
    return 0;
}

void store_tree_each(const struct store_tree *tree, store_visit_fn *visit, void *context)
{
    struct store_place place;
    struct entry *e;
    size_t i;

    for (i = 0; i < tree->buckets_n; i++)
        for (e = tree->buckets[i]; e != NULL; e = e->next)
            if (e->there) {
                place = place_of(e);
                visit(context, &place);
            }
}

/* ---- learning what is there */

/* A place out of the path below the folder; its texts lie in `path` and `names`. False: not ours. */
static bool parse(char *path, char names[2][MUSTER_NAME_MAX + 3], struct store_place *ret)
{
    char *parts[5], *rest = path;
    size_t n = 0, len;

    while (n < 5 && (parts[n] = strsep(&rest, "/")) != NULL)
        n++;
    ret->review = n > 1 && strcmp(parts[0], "review") == 0;
    if (n < 3 || n != (ret->review && strcmp(parts[1], "%none") != 0 ? 4 : 3))
        return false;
    len = strlen(parts[n - 1]);
    if (len <= 5 || strcmp(parts[n - 1] + len - 5, ".json") != 0)
        return false;
    parts[n - 1][len - 5] = '\0';
    ret->id = parts[n - 1];
    ret->vendor = ret->model = "";
    if (!store_tree_takes(ret->id) || (ret->review && n == 3))
        return store_tree_takes(ret->id);
    ret->vendor = names[0];
    ret->model = names[1];
    return unescape(parts[n - 3], names[0]) && unescape(parts[n - 2], names[1]);
}

/* ".CVE-2024-1.json.0123456789abcdef": written aside by an import that was killed. */
static bool is_leftover(const char *name)
{
    size_t len = strlen(name);
    const char *tail = name + len - TEMPORARY_TAIL;

    return name[0] == '.' && len > TEMPORARY_TAIL + 6 && memcmp(tail - 5, ".json.", 6) == 0 &&
           strspn(tail + 1, "0123456789abcdef") == TEMPORARY_TAIL - 1;
}

static int visit(struct store_tree *t, const FTSENT *at, size_t root_len)
{
    char names[2][MUSTER_NAME_MAX + 3], path[2 * STORE_PATH_CAP];
    struct store_place place;
    struct entry *e;

    if (at->fts_info == FTS_DNR || at->fts_info == FTS_ERR || at->fts_info == FTS_NS)
        return cli_error("%s: %s", SAFE(at->fts_path), strerror(at->fts_errno));
    if (at->fts_info == FTS_D || at->fts_info == FTS_DP)
        return 0;
    if (is_leftover(at->fts_name) && unlink(at->fts_accpath) != 0)
        return cli_error("%s: cannot be removed: %s", SAFE(at->fts_path), strerror(errno));
    if (at->fts_name[0] == '.' || at->fts_pathlen - root_len >= sizeof path)
        return 0;
    (void)snprintf(path, sizeof path, "%s", at->fts_path + root_len);
    if (!parse(path, names, &place))
        return 0;
    e = enter(t, &place);
    if (e == NULL)
        return cli_error("out of memory after %zu files", t->entries_n);
    e->there = true;
    return 0;
}

static int learn(struct store_tree *t)
{
    char *const roots[] = {(char *)(uintptr_t)t->dir, NULL};
    size_t root_len = strlen(t->dir) + (t->dir[strlen(t->dir) - 1] != '/');
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR | FTS_NOSTAT, NULL);
    FTSENT *at;
    int ret = 0;

    if (walk == NULL)
        return cli_error("%s: %s", SAFE(t->dir), strerror(errno));
    while (ret == 0 && (at = fts_read(walk)) != NULL) {
        if (at->fts_info == FTS_D && at->fts_level > 0 && at->fts_name[0] == '.')
            (void)fts_set(walk, at, FTS_SKIP);
        else
            ret = visit(t, at, root_len);
    }
    fts_close(walk);
    return ret;
}

static int open_root(struct store_tree *t)
{
    if (mkdir(t->dir, 0777) != 0 && errno != EEXIST)
        return cli_error("%s: cannot be made: %s", SAFE(t->dir), strerror(errno));
    t->fd = open(t->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (t->fd < 0)
        return cli_error("%s: %s", SAFE(t->dir), strerror(errno));
    if (flock(t->fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    return cli_error("%s: %s", SAFE(t->dir),
                     errno == EWOULDBLOCK ? "another import writes there; wait for its end"
                                          : strerror(errno));
}

static void destroy(struct store_tree *t)
{
    struct entry *e, *next;
    size_t i;

    for (i = 0; i < t->buckets_n; i++)
        for (e = t->buckets[i]; e != NULL; e = next) {
            next = e->next;
            free(e);
        }
    free(t->buckets);
    free(t->changes);
    if (t->fd >= 0)
        close(t->fd);
    free(t);
}

int store_tree_open(const char *dir, struct store_tree **ret_tree)
{
    struct store_tree *t = calloc(1, sizeof *t);
    int ret;

    if (t == NULL)
        return cli_error("out of memory");
    t->fd = -1;
    t->dir = dir;
    crypto_shorthash_keygen(t->hash_key);
    t->changes = calloc(BATCH_N, sizeof *t->changes);
    ret = t->changes == NULL || grow_buckets(t) != 0 ? cli_error("out of memory") : 0;
    if (ret == 0)
        ret = open_root(t);
    if (ret == 0)
        ret = learn(t);
    if (ret == 0)
        *ret_tree = t;
    else
        destroy(t);
    return ret;
}

/* ---- files */

/* Opens a folder below the root, name by name; makes it if wanted. A negative errno if not. */
static int open_folder(const struct store_tree *t, const struct store_place *place, bool make)
{
    char path[STORE_PATH_CAP], *rest = path, *name;
    int fd = dup(t->fd), next = -1;

    folder_of(place, path);
    while (fd >= 0 && (name = strsep(&rest, "/")) != NULL) {
        if (make && mkdirat(fd, name, 0777) != 0 && errno != EEXIST)
            next = -1;
        else
            next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (next < 0)
            next = -errno;
        close(fd);
        fd = next;
    }
    return fd;
}

static int fail(const struct store_tree *t, const struct store_place *place, int error)
{
    char path[STORE_PATH_CAP];

    return cli_error("%s/%s: %s", SAFE(t->dir), store_tree_path(place, path),
                     error == -ELOOP || error == -ENOTDIR
                         ? "a symbolic link, or no folder, on the way; remove it"
                         : strerror(-error));
}

static void file_name(const char *id, char out[MUSTER_ID_MAX + 6])
{
    (void)snprintf(out, MUSTER_ID_MAX + 6, "%.*s.json", MUSTER_ID_MAX, id);
}

static int apply(struct store_tree *t, const struct change *c, bool sync)
{
    struct store_place place = place_of(c->entry);
    char name[MUSTER_ID_MAX + 6];
    int fd = open_folder(t, &place, false), ret = 0;

    if (fd < 0)
        return fail(t, &place, fd);
    file_name(place.id, name);
    if (c->temporary[0] != '\0')
        ret = renameat(fd, c->temporary, fd, name);
    else if (unlinkat(fd, name, 0) != 0 && errno != ENOENT)
        ret = -1;
    if (ret == 0 && sync)
        ret = fsync(fd);
    if (ret != 0)
        ret = fail(t, &place, -errno);
    close(fd);
    return ret;
}

/* Folders that a removal has emptied go as well; those with anything in them stay. */
static void prune(const struct store_tree *t, const struct change *c)
{
    struct store_place place = place_of(c->entry);
    char path[STORE_PATH_CAP], *slash;

    folder_of(&place, path);
    while (unlinkat(t->fd, path, AT_REMOVEDIR) == 0 && (slash = strrchr(path, '/')) != NULL)
        *slash = '\0';
}

static int sync_one(struct store_tree *t, const struct change *c)
{
    struct store_place place = place_of(c->entry);
    int folder = c->temporary[0] != '\0' ? open_folder(t, &place, false) : -ENOENT, fd, ret;

    if (folder < 0)
        return c->temporary[0] != '\0' ? fail(t, &place, folder) : 0;
    fd = openat(folder, c->temporary, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    ret = fd < 0 || fsync(fd) != 0 ? fail(t, &place, -errno) : 0;
    if (fd >= 0)
        close(fd);
    close(folder);
    return ret;
}

/* All new files are on the disk before any gets its name. */
static int sync_all(struct store_tree *t)
{
    size_t i;
    int ret = 0;

    if (t->changes_n > FEW_N) {
        t->changed = true;
        return syncfs(t->fd) == 0
                   ? 0
                   : cli_error("%s: cannot be synced: %s", SAFE(t->dir), strerror(errno));
    }
    for (i = 0; ret == 0 && i < t->changes_n; i++)
        ret = sync_one(t, &t->changes[i]);
    return ret;
}

/* New files before removals: what moves is in two places for a moment, and never in none. */
static int flush(struct store_tree *t)
{
    bool few = t->changes_n <= FEW_N;
    int ret = sync_all(t);
    size_t i;

    for (i = 0; ret == 0 && i < t->changes_n; i++)
        if (t->changes[i].temporary[0] != '\0')
            ret = apply(t, &t->changes[i], few);
    for (i = 0; ret == 0 && i < t->changes_n; i++)
        if (t->changes[i].temporary[0] == '\0') {
            ret = apply(t, &t->changes[i], few);
            if (ret == 0)
                prune(t, &t->changes[i]);
        }
    for (i = 0; i < t->changes_n; i++)
        t->changes[i].entry->queued = false;
    t->changes_n = 0;
    return ret;
}

int store_tree_close(struct store_tree *tree)
{
    int ret = flush(tree);

    if (ret == 0 && tree->changed && syncfs(tree->fd) != 0)
        ret = cli_error("%s: cannot be synced: %s", SAFE(tree->dir), strerror(errno));
    destroy(tree);
    return ret;
}

int store_tree_read(struct store_tree *tree, const struct store_place *place, uint8_t **ret_bytes,
                    size_t *ret_len)
{
    const struct entry *e = find(tree, place);
    char name[MUSTER_ID_MAX + 6];
    int fd, ret;

    if (e == NULL || !e->there)
        return -ENOENT;
    if (e->queued && flush(tree) != 0)
        return -EIO;
    fd = open_folder(tree, place, false);
    if (fd < 0)
        return fd;
    file_name(place->id, name);
    ret = file_read_at(fd, name, SOURCE_FILE_MAX, ret_bytes, ret_len);
    close(fd);
    return ret;
}

/* A free slot of the batch for this place, whose earlier change is done before. */
static struct change *queue(struct store_tree *t, const struct store_place *place)
{
    struct entry *e = enter(t, place);
    struct change *c;

    if (e == NULL) {
        (void)cli_error("out of memory");
        return NULL;
    }
    if ((e->queued || t->changes_n == BATCH_N) && flush(t) != 0)
        return NULL;
    c = &t->changes[t->changes_n];
    c->entry = e;
    c->temporary[0] = '\0';
    return c;
}

static int commit(struct store_tree *t, struct change *c, bool there)
{
    c->entry->queued = true;
    c->entry->there = there;
    t->changes_n++;
    return 0;
}

int store_tree_write(struct store_tree *tree, const struct store_place *place, const void *bytes,
                     size_t len)
{
    struct change *c = queue(tree, place);
    char name[MUSTER_ID_MAX + 6];
    int fd, ret;

    if (c == NULL)
        return STATUS_ERROR;
    fd = open_folder(tree, place, true);
    if (fd < 0)
        return fail(tree, place, fd);
    file_name(place->id, name);
    ret = file_write_temporary(fd, name, bytes, len, 0644, c->temporary);
    close(fd);
    return ret == 0 ? commit(tree, c, true) : fail(tree, place, ret);
}

int store_tree_remove(struct store_tree *tree, const struct store_place *place)
{
    struct change *c = queue(tree, place);

    return c != NULL ? commit(tree, c, false) : STATUS_ERROR;
}
