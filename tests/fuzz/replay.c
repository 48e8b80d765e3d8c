/* SPDX-License-Identifier: ISC */
/* Stands in for libFuzzer where the compiler has none: runs a fuzz target once over every file (or
 * every file of every directory) named on the command line, so that a corpus is a plain test too.
 * It must not change or skip an input. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

static unsigned replayed_n;

static int replay_file(const char *path, size_t len)
{
    uint8_t *bytes = malloc(len > 0 ? len : 1);
    FILE *file = fopen(path, "rb");

    if (bytes == NULL || file == NULL || fread(bytes, 1, len, file) != len) {
        fprintf(stderr, "%s: cannot be read\n", path);
        exit(2);
    }
    fclose(file);
    (void)LLVMFuzzerTestOneInput(bytes, len);
    free(bytes);
    replayed_n++;
    return 0;
}

static int replay_path(const char *path);

static int replay_directory(const char *path)
{
    struct dirent **entries;
    char child[4096];
    int i, n = scandir(path, &entries, NULL, alphasort), ret = 0;

    if (n < 0)
        return -1;
    for (i = 0; i < n; i++) {
        if (entries[i]->d_name[0] != '.') {
            (void)snprintf(child, sizeof child, "%s/%s", path, entries[i]->d_name);
            ret |= replay_path(child);
        }
        free(entries[i]);
    }
    free(entries);
    return ret;
}

static int replay_path(const char *path)
{
    struct stat info;

    if (stat(path, &info) != 0) {
        perror(path);
        return -1;
    }
    return S_ISDIR(info.st_mode) ? replay_directory(path) : replay_file(path, (size_t)info.st_size);
}

int main(int argc, char **argv)
{
    int i, ret = 0;

    for (i = 1; i < argc; i++)
        ret |= replay_path(argv[i]);
    printf("replayed %u inputs\n", replayed_n);
    return ret != 0 ? 2 : 0;
}
