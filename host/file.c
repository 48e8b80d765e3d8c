/* SPDX-License-Identifier: ISC */
/* Whole files in and out, through temporary files and renames. It must not know what is in them. */
#include "host/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_CAP  4096
#define READ_STEP 65536

/* O_NONBLOCK: a FIFO in place of the file must not hang us before fstat shows what it is. */
static int open_regular(int dir, const char *path, int flags, size_t *ret_len)
{
    int fd = openat(dir, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | flags), error = 0;
    struct stat info;

    if (fd < 0)
        return -errno;
    if (fstat(fd, &info) != 0)
        error = errno;
    else if (S_ISDIR(info.st_mode))
        error = EISDIR;
    else if (!S_ISREG(info.st_mode))
        error = EINVAL;
    if (error != 0) {
        close(fd);
        return -error;
    }
    *ret_len = (size_t)info.st_size;
    return fd;
}

/* Makes room for one step more, but never for more than max + 1 bytes and the NUL. */
static int grow(uint8_t **bytes, size_t *cap, size_t max)
{
    size_t wanted = *cap < READ_STEP ? READ_STEP : *cap * 2;
    uint8_t *grown;

    if (wanted > max + 2)
        wanted = max + 2;
    grown = realloc(*bytes, wanted);
    if (grown == NULL)
        return -ENOMEM;
    *bytes = grown;
    *cap = wanted;
    return 0;
}

static int read_all(int fd, size_t max, uint8_t **ret_bytes, size_t *ret_len)
{
    uint8_t *bytes = NULL;
    size_t cap = 0, len = 0;
    ssize_t got = 1;
    int ret = 0;

    while (ret == 0 && got != 0) {
        if (len + 1 >= cap)
            ret = grow(&bytes, &cap, max);
        if (ret != 0)
            break;
        got = read(fd, bytes + len, cap - 1 - len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            ret = -errno;
        else if ((len += (size_t)got) > max)
            ret = -EFBIG;
    }
    if (ret != 0) {
        free(bytes);
        return ret;
    }
    bytes[len] = 0;
    *ret_bytes = bytes;
    *ret_len = len;
    return 0;
}

static int read_regular(int dir, const char *path, int flags, size_t max, uint8_t **ret_bytes,
                        size_t *ret_len)
{
    size_t len = 0;
    int fd = open_regular(dir, path, flags, &len), ret;

    if (fd < 0)
        return fd;
    ret = len > max ? -EFBIG : read_all(fd, max, ret_bytes, ret_len);
    close(fd);
    return ret;
}

int file_read(const char *path, size_t max, uint8_t **ret_bytes, size_t *ret_len)
{
    if (strcmp(path, "-") == 0)
        return read_all(STDIN_FILENO, max, ret_bytes, ret_len);
    return read_regular(AT_FDCWD, path, 0, max, ret_bytes, ret_len);
}

int file_read_at(int dir, const char *name, size_t max, uint8_t **ret_bytes, size_t *ret_len)
{
    return read_regular(dir, name, O_NOFOLLOW, max, ret_bytes, ret_len);
}

static int write_all(int fd, const uint8_t *bytes, size_t len)
{
    ssize_t done;

    while (len > 0) {
        done = write(fd, bytes, len);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return -errno;
        bytes += done;
        len -= (size_t)done;
    }
    return 0;
}

static int name_temporary(const char *path, size_t cap, char *ret_name)
{
    const char *slash = strrchr(path, '/');
    int dir_len = slash != NULL ? (int)(slash - path) + 1 : 0;
    uint64_t random;
    int n;

    if (getrandom(&random, sizeof random, 0) != (ssize_t)sizeof random)
        return -errno;
    n = snprintf(ret_name, cap, "%.*s.%s.%016llx", dir_len, path, path + dir_len,
                 (unsigned long long)random);
    return n < 0 || (size_t)n >= cap ? -ENAMETOOLONG : 0;
}

static int fill_temporary(int dir, const char *name, const void *bytes, size_t len, mode_t mode,
                          bool sync)
{
    int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    int ret;

    if (fd < 0)
        return -errno;
    ret = write_all(fd, bytes, len);
    if (ret == 0 && fchmod(fd, mode) != 0)
        ret = -errno;
    if (ret == 0 && sync && fsync(fd) != 0)
        ret = -errno;
    if (close(fd) != 0 && ret == 0)
        ret = -errno;
    if (ret != 0)
        unlinkat(dir, name, 0);
    return ret;
}

static int sync_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    char dir[PATH_CAP] = ".";
    int fd, ret = 0;

    if (slash != NULL)
        (void)snprintf(dir, sizeof dir, "%.*s", (int)(slash - path) + 1, path);
    fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno == EACCES ? 0 : -errno; /* may be entered but not read: nothing to sync with */
    if (fsync(fd) != 0 && errno != EINVAL && errno != EROFS)
        ret = -errno;
    close(fd);
    return ret;
}

/* Some file systems know no RENAME_NOREPLACE; a hard link is as exclusive. */
static int rename_new(const char *from, const char *to)
{
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOSYS)
        return -errno;
    if (link(from, to) != 0)
        return -errno;
    unlink(from);
    return 0;
}

static int write_file(const char *path, const void *bytes, size_t len, mode_t mode, bool replace)
{
    char name[PATH_CAP];
    int ret = name_temporary(path, sizeof name, name);

    if (ret == 0)
        ret = fill_temporary(AT_FDCWD, name, bytes, len, mode, true);
    if (ret != 0)
        return ret;
    if (!replace)
        ret = rename_new(name, path);
    else if (rename(name, path) != 0)
        ret = -errno;
    if (ret != 0) {
        unlink(name);
        return ret;
    }
    return sync_directory(path);
}

int file_write_atomic(const char *path, const void *bytes, size_t len, mode_t mode)
{
    return write_file(path, bytes, len, mode, true);
}

int file_write_new(const char *path, const void *bytes, size_t len, mode_t mode)
{
    return write_file(path, bytes, len, mode, false);
}

int file_write_temporary(int dir, const char *name, const void *bytes, size_t len, mode_t mode,
                         char ret_temporary[FILE_TEMPORARY_CAP])
{
    int ret = name_temporary(name, FILE_TEMPORARY_CAP, ret_temporary);

    return ret != 0 ? ret : fill_temporary(dir, ret_temporary, bytes, len, mode, false);
}

int file_map(const char *path, const uint8_t **ret_bytes, size_t *ret_len)
{
    static const uint8_t nothing[1];
    void *bytes = NULL;
    size_t len = 0;
    int fd = open_regular(AT_FDCWD, path, 0, &len), ret = 0;

    if (fd < 0)
        return fd;
    if (len > 0)
        bytes = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        ret = -errno;
    close(fd);
    if (ret != 0)
        return ret;
    *ret_bytes = len > 0 ? bytes : nothing;
    *ret_len = len;
    return 0;
}

void file_unmap(const uint8_t *bytes, size_t len)
{
    if (len > 0)
        munmap((void *)(uintptr_t)bytes, len);
}

int file_lock(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    int error;

    if (fd < 0)
        return -errno;
    if (flock(fd, LOCK_EX | LOCK_NB) == 0)
        return fd;
    error = errno;
    close(fd);
    return -error;
}
