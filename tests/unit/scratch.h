/* SPDX-License-Identifier: ISC */
/* A temporary directory of the test program's own, removed when it ends. */
#ifndef MUSTER_SCRATCH_H
#define MUSTER_SCRATCH_H

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SCRATCH_UNUSED __attribute__((unused))

static char scratch_root[64];
static pid_t scratch_owner;

static int scratch_remove_one(const char *path, const struct stat *info, int kind, struct FTW *at)
{
    (void)info;
    (void)kind;
    (void)at;
    return remove(path);
}

static void scratch_remove(void)
{
    if (getpid() == scratch_owner) /* not in a child that a test forked */
        (void)nftw(scratch_root, scratch_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

SCRATCH_UNUSED static const char *scratch_dir(void)
{
    if (scratch_root[0] != '\0')
        return scratch_root;
    (void)snprintf(scratch_root, sizeof scratch_root, "/tmp/muster-test.XXXXXX");
    if (mkdtemp(scratch_root) == NULL) {
        printf("Bail out! no temporary directory\n");
        exit(1);
    }
    scratch_owner = getpid();
    atexit(scratch_remove);
    return scratch_root;
}

/* The path of `name` in the directory; good until the eighth call after this one. */
SCRATCH_UNUSED static const char *scratch_path(const char *name)
{
    static char paths[8][128];
    static unsigned next;
    char *path = paths[next++ % 8];

    (void)snprintf(path, sizeof paths[0], "%s/%s", scratch_dir(), name);
    return path;
}

/* Writes a text file there and returns its path. */
SCRATCH_UNUSED static const char *scratch_write(const char *name, const char *text)
{
    const char *path = scratch_path(name);
    FILE *file = fopen(path, "w");

    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0) {
        printf("Bail out! cannot write %s\n", path);
        exit(1);
    }
    return path;
}

/* How many entries the directory `name` there has ("" is the root), hidden ones too. */
SCRATCH_UNUSED static int scratch_count(const char *name)
{
    DIR *dir = opendir(scratch_path(name));
    const struct dirent *entry;
    int n = 0;

    if (dir == NULL)
        return -1;
    while ((entry = readdir(dir)) != NULL)
        n += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(dir);
    return n;
}

#endif
