/* SPDX-License-Identifier: ISC */
/* Whether the file at a path is still the one that was read: no more than stat(2) tells. */
#ifndef HEADEND_STAMP_H
#define HEADEND_STAMP_H

#include <stdbool.h>
#include <sys/stat.h>

struct stamp {
    int error; /* errno of stat(2), or 0; the rest is 0 if there was one */
    dev_t dev;
    ino_t ino;
    off_t size;
    struct timespec modified, changed;
};

/* Take it before reading the file: what changes afterwards then shows. Symbolic links are
 * followed. */
struct stamp stamp_of(const char *path);
bool stamp_equal(const struct stamp *a, const struct stamp *b);

/* What to do about a file that could not be read for this errno. */
const char *stamp_advice(int error);

#endif
