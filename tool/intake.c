/* SPDX-License-Identifier: ISC */
/* Batches of sources. A file that has a problem is parsed once more, in its turn, to tell it: the
 * bytes are those that were parsed before. */
#include "tool/intake.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "host/file.h"
#include "host/parallel.h"
#include "tool/cli.h"
#include "tool/progress.h"

#define BATCH_N 256 /* files of up to 1 MiB */

struct item {
    unsigned layer;
    char *path; /* own, or NULL: shared_path */
    const char *shared_path;
    size_t inner_at; /* the path inside the folder begins here */
    size_t line;
    struct manifest *manifest;
    uint8_t *own_bytes;
    const uint8_t *bytes; /* NULL: could not be read */
    size_t len;
    uint8_t digest[MUSTER_HASH_LEN];
    bool parsed, noisy;
    struct source source;
};

struct intake {
    struct problems *problems;
    intake_take_fn *take;
    void *ctx;
    unsigned threads;
    struct progress progress;
    size_t files_n, taken_n, n;
    struct item items[BATCH_N];
};

struct intake *intake_new(struct problems *problems, intake_take_fn *take, void *ctx)
{
    struct intake *intake = calloc(1, sizeof *intake);

    if (intake == NULL)
        return NULL;
    intake->problems = problems;
    intake->take = take;
    intake->ctx = ctx;
    intake->threads = parallel_processors();
    json_object_seed(0); /* before there are threads */
    progress_begin(&intake->progress, "read", 0);
    return intake;
}

static void clear(struct item *item)
{
    free(item->path);
    free(item->own_bytes);
    memset(item, 0, sizeof *item);
}

void intake_free(struct intake *intake)
{
    size_t i;

    if (intake == NULL)
        return;
    for (i = 0; i < intake->n; i++)
        clear(&intake->items[i]);
    progress_end(&intake->progress, intake->taken_n);
    free(intake);
}

static const char *path_of(const struct item *item)
{
    return item->path != NULL ? item->path : item->shared_path;
}

static void read_and_parse(void *ctx, size_t i, unsigned thread)
{
    struct intake *intake = ctx;
    struct item *item = &intake->items[i];
    struct problems quiet = {.warns = intake->problems->warns, .now_s = intake->problems->now_s};

    (void)thread;
    if (item->bytes == NULL) {
        if (source_bytes(path_of(item), &quiet, &item->own_bytes, &item->len) != 0)
            return;
        item->bytes = item->own_bytes;
    }
    if (item->manifest != NULL)
        muster_crypto_hash(item->digest, item->bytes, item->len);
    item->parsed =
        source_parse(path_of(item), item->line, item->bytes, item->len, &quiet, &item->source) == 0;
    item->noisy = quiet.n + quiet.warnings_n > 0;
}

/* Reads what could not be read before: to tell why, or it has come to be readable meanwhile. */
static bool read_again(struct intake *intake, struct item *item)
{
    if (item->bytes != NULL)
        return true;
    if (source_bytes(path_of(item), intake->problems, &item->own_bytes, &item->len) != 0)
        return false;
    item->bytes = item->own_bytes;
    item->noisy = true;
    muster_crypto_hash(item->digest, item->bytes, item->len);
    return true;
}

static int take(struct intake *intake, struct item *item)
{
    const char *path = path_of(item);
    struct source source = item->source;

    if (!read_again(intake, item))
        return 0;
    if (item->manifest != NULL && !manifest_allows(item->manifest, path + item->inner_at, path,
                                                   item->digest, intake->problems)) {
        if (item->parsed)
            source_free(&source);
        return 0;
    }
    if (item->noisy) {
        if (item->parsed)
            source_free(&source);
        item->parsed =
            source_parse(path, item->line, item->bytes, item->len, intake->problems, &source) == 0;
    }
    if (!item->parsed)
        return 0;
    source.layer = item->layer;
    return intake->take(intake->ctx, &source);
}

static void drop(struct item *item)
{
    if (item->parsed)
        source_free(&item->source);
}

int intake_flush(struct intake *intake)
{
    size_t i;
    int ret = 0;

    parallel_for(intake->threads, intake->n, read_and_parse, intake);
    for (i = 0; i < intake->n; i++) {
        if (ret == 0)
            ret = take(intake, &intake->items[i]);
        else
            drop(&intake->items[i]);
        clear(&intake->items[i]);
    }
    intake->taken_n += intake->n;
    intake->n = 0;
    progress_show(&intake->progress, intake->taken_n);
    return ret;
}

static int add(struct intake *intake, const struct item *item)
{
    intake->items[intake->n++] = *item;
    return intake->n == BATCH_N ? intake_flush(intake) : 0;
}

int intake_file(struct intake *intake, unsigned layer, const char *path, const char *inner,
                struct manifest *manifest)
{
    struct item item = {.layer = layer,
                        .path = strdup(path),
                        .inner_at = strlen(path) - strlen(inner),
                        .line = 1,
                        .manifest = manifest};

    if (item.path == NULL)
        return cli_error("out of memory at %s", SAFE(path));
    intake->files_n++;
    return add(intake, &item);
}

size_t intake_files_n(const struct intake *intake)
{
    return intake->files_n;
}

static bool is_blank(const uint8_t *line, size_t len)
{
    size_t i;

    for (i = 0; i < len; i++)
        if (line[i] != ' ' && line[i] != '\t' && line[i] != '\r')
            return false;
    return true;
}

static int add_line(struct intake *intake, const struct item *line, size_t *io_documents_n)
{
    if (is_blank(line->bytes, line->len))
        return 0;
    ++*io_documents_n;
    if (line->len <= SOURCE_FILE_MAX)
        return add(intake, line);
    if (intake_flush(intake) != 0)
        return -1;
    problem_add(intake->problems, RULE_TOO_LARGE,
                (struct problem_at){path_of(line), line->line, NULL},
                "larger than 1 MiB; one line tells of one CVE and one model");
    return 0;
}

int intake_lines(struct intake *intake, unsigned layer, const char *path, const uint8_t *bytes,
                 size_t len, size_t *ret_documents_n)
{
    struct item line = {.layer = layer, .shared_path = path};
    const uint8_t *end = bytes + len, *newline;
    int ret = intake_flush(intake);

    *ret_documents_n = 0;
    for (line.bytes = bytes; ret == 0 && line.bytes < end; line.bytes += line.len + 1) {
        newline = memchr(line.bytes, '\n', (size_t)(end - line.bytes));
        line.len = (size_t)((newline != NULL ? newline : end) - line.bytes);
        line.line++;
        ret = add_line(intake, &line, ret_documents_n);
    }
    return ret == 0 ? intake_flush(intake) : -1;
}
