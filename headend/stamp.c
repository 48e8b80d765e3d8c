/* SPDX-License-Identifier: ISC */
/* Stamps of files. It must not read them. */
#include "headend/stamp.h"

#include <errno.h>

struct stamp stamp_of(const char *path)
{
    struct stamp stamp = {.error = 0};
    struct stat info;

    if (stat(path, &info) != 0) {
        stamp.error = errno;
        return stamp;
    }
    stamp.dev = info.st_dev;
    stamp.ino = info.st_ino;
    stamp.size = info.st_size;
    stamp.modified = info.st_mtim;
    stamp.changed = info.st_ctim;
    return stamp;
}

static bool time_equal(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

bool stamp_equal(const struct stamp *a, const struct stamp *b)
{
    return a->error == b->error && a->dev == b->dev && a->ino == b->ino && a->size == b->size &&
           time_equal(&a->modified, &b->modified) && time_equal(&a->changed, &b->changed);
}

const char *stamp_advice(int error)
{
    switch (error) {
    case ENOENT:
        return "put it there, or correct the path";
    case EACCES:
        return "the user that musterd runs as must be able to read it";
    case EFBIG:
        return "it is too large to be one; put the right file there";
    default:
        return "put a readable file there";
    }
}
