/* SPDX-License-Identifier: ISC */
/* Where the documents of a feed come from: files, folders, standard input, in blocks. It must not
 * look into the bytes (feed_scan.c). */
#include "tool/feed.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool/cli.h"
#include "tool/feed_scan.h"

#define BLOCK_LEN 65536

void feed_tell(const struct feed *feed, const struct feed_place *place, enum rule rule,
               const char *fmt, ...)
{
    const char *path = strcmp(place->path, "-") == 0 ? "standard input" : place->path;
    char what[1200];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    problem_add(feed->problems, rule, (struct problem_at){path, place->line, NULL}, "%s", what);
}

static bool is_stopped(const struct feed *feed)
{
    return feed->stop != NULL && *feed->stop != 0;
}

static int read_descriptor(struct feed *feed, int fd, const char *path)
{
    static unsigned char block[BLOCK_LEN];
    struct feed_scan scan;
    ssize_t got = 1;
    int error = 0;

    feed_scan_begin(&scan, feed, path);
    while (got != 0 && scan.state != FEED_OVER && !is_stopped(feed)) {
        got = read(fd, block, sizeof block);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0) {
            error = errno;
            break;
        }
        feed->bytes_n += (size_t)got;
        feed_scan_bytes(&scan, block, (size_t)got);
    }
    if (error != 0)
        feed_tell(feed, &scan.place, RULE_UNREADABLE, "cannot be read on: %s", strerror(error));
    if (error != 0 || is_stopped(feed))
        scan.state = FEED_OVER; /* that it ends early is known */
    return feed_scan_end(&scan) != 0 || is_stopped(feed) ? -1 : 0;
}

/* What is named on the command line may be a pipe; what is found in a folder must be a file. */
static int read_found(struct feed *feed, const char *path)
{
    const struct feed_place place = {path, 1};
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), ret = 0;
    struct stat info;

    if (fd < 0 || fstat(fd, &info) != 0)
        feed_tell(feed, &place, RULE_UNREADABLE, "cannot be read: %s", strerror(errno));
    else if (!S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode))
        feed_tell(feed, &place, RULE_UNREADABLE, "is no file; leave it out");
    else if (S_ISREG(info.st_mode))
        ret = read_descriptor(feed, fd, path);
    if (fd >= 0)
        close(fd);
    return ret;
}

static bool is_document(const char *name)
{
    static const char *const ends[] = {".json", ".jsonl", ".ndjson"};
    size_t i, len = strlen(name), end_len;

    for (i = 0; name[0] != '.' && i < sizeof ends / sizeof *ends; i++) {
        end_len = strlen(ends[i]);
        if (len > end_len && strcmp(name + len - end_len, ends[i]) == 0)
            return true;
    }
    return false;
}

static int visit(struct feed *feed, FTS *walk, FTSENT *at, size_t *documents_n)
{
    switch (at->fts_info) {
    case FTS_D:
        if (at->fts_level > 0 && at->fts_name[0] == '.')
            (void)fts_set(walk, at, FTS_SKIP);
        return 0;
    case FTS_F:
    case FTS_SL:
    case FTS_SLNONE:
        if (!is_document(at->fts_name))
            return 0;
        ++*documents_n;
        return read_found(feed, at->fts_path);
    case FTS_DNR:
    case FTS_ERR:
    case FTS_NS:
        return cli_error("%s: %s", SAFE(at->fts_path), strerror(at->fts_errno));
    default:
        return 0;
    }
}

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static int read_folder(struct feed *feed, const char *path)
{
    char *const roots[] = {(char *)(uintptr_t)path, NULL};
    FTS *walk = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);
    size_t documents_n = 0;
    FTSENT *at;
    int ret = 0;

    if (walk == NULL)
        return cli_error("%s: %s", SAFE(path), strerror(errno));
    while (ret == 0 && (at = fts_read(walk)) != NULL)
        ret = visit(feed, walk, at, &documents_n);
    fts_close(walk);
    if (ret == 0 && documents_n == 0)
        ret = cli_error("%s: holds no *.json, *.jsonl or *.ndjson", SAFE(path));
    return ret == 0 ? 0 : -1;
}

int feed_read(struct feed *feed, const char *path)
{
    struct stat info;
    int fd, ret;

    if (strcmp(path, "-") == 0)
        return read_descriptor(feed, STDIN_FILENO, path);
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return read_folder(feed, path);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        (void)cli_error("%s: %s", SAFE(path), strerror(errno));
        return -1;
    }
    ret = read_descriptor(feed, fd, path);
    close(fd);
    return ret;
}
