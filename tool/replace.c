/* SPDX-License-Identifier: ISC */
/* Looks at what stands in the way of a file. It must not write anything. */
#include "tool/replace.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "muster/list.h"
#include "tool/cli.h"

#define HEAD_CAP 512

struct kind {
    const char *name;
    size_t offset;
    const char *magic;
};

static const struct kind kinds[] = {
    [REPLACE_LIST] = {"list", 0, MUSTER_LIST_MAGIC},
    [REPLACE_BUNDLE] = {"bundle", 257, "ustar"},
    [REPLACE_STANDING] = {"standing", 0, "\xd2\x84"}, /* tag 18, an array of four */
};

static int refuse(const char *path, int error)
{
    return cli_error("%s: %s; nothing was changed there", SAFE(path), strerror(error));
}

static int check_dir(const char *path)
{
    char *copy = strdup(path);
    int error = copy == NULL ? ENOMEM : access(dirname(copy), W_OK | X_OK) != 0 ? errno : 0;

    free(copy);
    return error == 0 ? 0 : refuse(path, error);
}

/* The first bytes of a regular file. Not opened for long: it is only looked at. */
static int read_head(const char *path, char *ret_head, size_t *ret_len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), error = 0;
    struct stat info;
    ssize_t len = 0;

    if (fd < 0)
        return errno;
    if (fstat(fd, &info) != 0 ||
        (S_ISREG(info.st_mode) && (len = read(fd, ret_head, HEAD_CAP)) < 0))
        error = errno;
    else if (!S_ISREG(info.st_mode))
        error = S_ISDIR(info.st_mode) ? EISDIR : EEXIST;
    close(fd);
    *ret_len = (size_t)len;
    return error;
}

int replace_check(const char *path, enum replace_kind kind)
{
    const struct kind *k = &kinds[kind];
    char head[HEAD_CAP];
    size_t len = 0, magic_len = strlen(k->magic);
    int error = read_head(path, head, &len);

    if (error == ENOENT)
        return check_dir(path);
    if (error != 0)
        return refuse(path, error);
    if (len == 0 ||
        (len >= k->offset + magic_len && memcmp(head + k->offset, k->magic, magic_len) == 0))
        return 0;
    return cli_error("%s: is there already and no %s; choose another name, or remove it if nobody "
                     "needs it",
                     SAFE(path), k->name);
}
