/* SPDX-License-Identifier: ISC */
/* Standing files in, and which of them go out. It must not judge an authority. */
#include "headend/standings.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/file.h"
#include "host/log.h"

#define PATH_CAP 4096

struct scan {
    size_t n, cap;
    struct standings_file *files;
    int error;
};

static struct standings_file *add(struct scan *scan, const char *path)
{
    struct standings_file *grown, *file;

    if (scan->error == 0 && scan->n == scan->cap) {
        scan->cap = scan->cap == 0 ? 16 : scan->cap * 2;
        grown = realloc(scan->files, scan->cap * sizeof *grown);
        if (grown == NULL)
            scan->error = -ENOMEM;
        else
            scan->files = grown;
    }
    if (scan->error != 0)
        return NULL;
    file = &scan->files[scan->n];
    memset(file, 0, sizeof *file);
    file->path = strdup(path);
    if (file->path == NULL) {
        scan->error = -ENOMEM;
        return NULL;
    }
    file->stamp = stamp_of(path);
    scan->n++;
    return file;
}

static bool is_standing_name(const char *name)
{
    size_t len = strlen(name), suffix_len = sizeof STANDINGS_SUFFIX - 1;

    return name[0] != '.' && len > suffix_len &&
           strcmp(name + len - suffix_len, STANDINGS_SUFFIX) == 0;
}

static void blame(struct standings_file *file, int error)
{
    (void)snprintf(file->error, sizeof file->error, "cannot be read: %s; %s", strerror(error),
                   stamp_advice(error));
}

static void scan_directory(struct scan *scan, const char *dir)
{
    char path[PATH_CAP];
    struct dirent *entry;
    DIR *stream = opendir(dir);
    struct standings_file *file;

    if (stream == NULL) {
        int error = errno;

        file = add(scan, dir);
        if (file != NULL)
            blame(file, error);
        return;
    }
    while (scan->n < STANDINGS_FILES_MAX && (entry = readdir(stream)) != NULL)
        if (is_standing_name(entry->d_name) &&
            snprintf(path, sizeof path, "%s/%s", dir, entry->d_name) < (int)sizeof path)
            (void)add(scan, path);
    closedir(stream);
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(((const struct standings_file *)a)->path,
                  ((const struct standings_file *)b)->path);
}

static void scan_paths(struct scan *scan, char *const *paths, size_t paths_n)
{
    struct stat info;
    size_t i;

    for (i = 0; i < paths_n; i++)
        if (stat(paths[i], &info) == 0 && S_ISDIR(info.st_mode))
            scan_directory(scan, paths[i]);
        else
            (void)add(scan, paths[i]);
    if (scan->n > 1)
        qsort(scan->files, scan->n, sizeof *scan->files, compare_paths);
}

/* Points authority and standing into the file's own bytes. */
static int parse(struct standings_file *file, size_t len, struct muster_record *ret_record)
{
    struct muster_slice raw = {file->bytes, len};
    int error = muster_record_parse(raw, ret_record);

    if (error != MUSTER_OK)
        return error;
    if (ret_record->kind != MUSTER_STANDING)
        return MUSTER_E_SHAPE;
    file->authority = ret_record->key;
    file->standing = ret_record->u.standing;
    file->len = len;
    return MUSTER_OK;
}

static void load_file(struct standings_file *file)
{
    struct muster_record record;
    uint8_t *bytes;
    size_t len;
    int ret;

    if (file->error[0] != '\0')
        return;
    ret = file_read(file->path, sizeof file->bytes, &bytes, &len);
    if (ret != 0) {
        blame(file, -ret);
        return;
    }
    memcpy(file->bytes, bytes, len);
    free(bytes);
    if (parse(file, len, &record) != MUSTER_OK)
        (void)snprintf(file->error, sizeof file->error,
                       "not a standing; make it with `muster standing`");
    else if (muster_record_verify(&record) != MUSTER_OK)
        (void)snprintf(file->error, sizeof file->error,
                       "its signature does not verify; fetch it again from its authority");
    if (file->error[0] != '\0')
        file->len = 0;
}

static void take_over(struct standings_file *file, const struct standings_file *old)
{
    struct muster_record record;

    memcpy(file->bytes, old->bytes, old->len);
    if (old->len == 0 || parse(file, old->len, &record) != MUSTER_OK)
        file->len = 0;
}

static void settle_file(struct standings_file *file, const struct standings_file *old, bool force)
{
    if (old != NULL && !force && stamp_equal(&old->stamp, &file->stamp)) {
        memcpy(file->error, old->error, sizeof file->error);
        take_over(file, old);
        return;
    }
    load_file(file);
    if (file->error[0] == '\0')
        return;
    if (old != NULL)
        take_over(file, old);
    log_error("standing %s: %s%s",
              log_safe((char[PATH_CAP]){0}, PATH_CAP, file->path, strlen(file->path)), file->error,
              file->len > 0 ? " (the standing read before stays in use)" : "");
}

static void settle(struct standings *s, const struct standings *old, bool force)
{
    size_t i;

    for (i = 0; i < s->files_n; i++) {
        const struct standings_file *before = NULL;

        if (old != NULL && old->files_n > 0)
            before =
                bsearch(&s->files[i], old->files, old->files_n, sizeof *old->files, compare_paths);
        settle_file(&s->files[i], before, force);
    }
}

static int compare_numbers(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

/* Newest first; of equal ones the lower level, then the bytes, so that the choice does not depend
 * on names of files. */
static int compare_age(const struct standings_file *a, const struct standings_file *b)
{
    int order = compare_numbers(b->standing.issued, a->standing.issued);

    if (order == 0)
        order = compare_numbers(a->standing.level, b->standing.level);
    if (order == 0)
        order = compare_numbers(a->len, b->len);
    return order != 0 ? order : memcmp(a->bytes, b->bytes, a->len);
}

static int compare_by_authority(const void *left, const void *right)
{
    const struct standings_file *a = *(struct standings_file *const *)left;
    const struct standings_file *b = *(struct standings_file *const *)right;
    int order = memcmp(a->standing.key, b->standing.key, MUSTER_KEY_LEN);

    if (order == 0)
        order = memcmp(a->authority, b->authority, MUSTER_KEY_LEN);
    return order != 0 ? order : compare_age(a, b);
}

static int compare_by_signer(const void *left, const void *right)
{
    const struct standings_file *a = *(struct standings_file *const *)left;
    const struct standings_file *b = *(struct standings_file *const *)right;
    int order = memcmp(a->standing.key, b->standing.key, MUSTER_KEY_LEN);

    return order != 0 ? order : compare_age(a, b);
}

static bool same_authority(const struct standings_file *a, const struct standings_file *b)
{
    return memcmp(a->standing.key, b->standing.key, MUSTER_KEY_LEN) == 0 &&
           memcmp(a->authority, b->authority, MUSTER_KEY_LEN) == 0;
}

static int choose(struct standings *s)
{
    size_t i, n = 0;

    s->current = calloc(s->files_n + 1, sizeof *s->current);
    if (s->current == NULL)
        return -ENOMEM;
    for (i = 0; i < s->files_n; i++)
        if (s->files[i].len > 0)
            s->current[n++] = &s->files[i];
    qsort(s->current, n, sizeof *s->current, compare_by_authority);
    for (i = 0; i < n; i++)
        if (s->current_n == 0 || !same_authority(s->current[s->current_n - 1], s->current[i]))
            s->current[s->current_n++] = s->current[i];
    qsort(s->current, s->current_n, sizeof *s->current, compare_by_signer);
    return 0;
}

int standings_load(char *const *paths, size_t paths_n, const struct standings *old, bool force,
                   struct standings **ret)
{
    struct standings *s = calloc(1, sizeof *s);
    struct scan scan = {.n = 0};

    if (s == NULL)
        return -ENOMEM;
    scan_paths(&scan, paths, paths_n);
    s->files_n = scan.n;
    s->files = scan.files;
    if (scan.error == 0) {
        settle(s, old, force);
        scan.error = choose(s);
    }
    if (scan.error != 0) {
        standings_free(s);
        return scan.error;
    }
    *ret = s;
    return 0;
}

void standings_free(struct standings *s)
{
    size_t i;

    if (s == NULL)
        return;
    for (i = 0; i < s->files_n; i++)
        free(s->files[i].path);
    free(s->files);
    free(s->current);
    free(s);
}

size_t standings_staple(const struct standings *s, const uint8_t signer[MUSTER_KEY_LEN],
                        uint64_t now_s, struct muster_slice ret[STANDINGS_STAPLED_MAX])
{
    uint64_t ends[STANDINGS_STAPLED_MAX];
    size_t i, at, n = 0;

    for (i = 0; i < s->current_n; i++) {
        const struct standings_file *file = s->current[i];

        if (memcmp(file->standing.key, signer, MUSTER_KEY_LEN) != 0 ||
            now_s >= file->standing.expires)
            continue;
        for (at = n; at > 0 && ends[at - 1] < file->standing.expires; at--)
            if (at < STANDINGS_STAPLED_MAX) {
                ends[at] = ends[at - 1];
                ret[at] = ret[at - 1];
            }
        if (at == STANDINGS_STAPLED_MAX)
            continue;
        ends[at] = file->standing.expires;
        ret[at].bytes = file->bytes;
        ret[at].len = file->len;
        n += n < STANDINGS_STAPLED_MAX;
    }
    return n;
}
