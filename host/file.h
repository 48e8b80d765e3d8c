/* SPDX-License-Identifier: ISC */
/* Files read whole, written whole, mapped and locked. Every function returns 0 (or what it says)
 * or a negative errno, for which strerror(-ret) is the text to show. Nothing half-written, ever. */
#ifndef HOST_FILE_H
#define HOST_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Reads a regular file, or standard input for "-", into memory the caller frees. One NUL that is
 * not counted follows the bytes. -EFBIG if there are more than `max` bytes, -EINVAL if it is
 * neither "-" nor a regular file (a directory: -EISDIR), else what open(2) and read(2) say. */
int file_read(const char *path, size_t max, uint8_t **ret_bytes, size_t *ret_len);

/* The same for `name` in the open directory `dir`; never through a symbolic link (-ELOOP). */
int file_read_at(int dir, const char *name, size_t max, uint8_t **ret_bytes, size_t *ret_len);

/* Puts bytes[0..len) at `path` so that a reader, or a crash, sees either the old file or the new
 * one: a new file in the same directory with exactly `mode`, fsync, rename, fsync of the directory.
 * On any error the old file is untouched and the new one is gone. If `path` is a symbolic link, the
 * link itself is replaced. */
int file_write_atomic(const char *path, const void *bytes, size_t len, mode_t mode);

/* The same, but -EEXIST if there is anything at `path` already; so two writers cannot both win. */
int file_write_new(const char *path, const void *bytes, size_t len, mode_t mode);

/* The first half of file_write_atomic, for those who write many files: a new one beside `name` in
 * the open directory `dir`, under the name ret_temporary. It is not synced: the caller does so for
 * all at once (syncfs) before it renames them. */
#define FILE_TEMPORARY_CAP 288
int file_write_temporary(int dir, const char *name, const void *bytes, size_t len, mode_t mode,
                         char ret_temporary[FILE_TEMPORARY_CAP]);

/* Maps a regular file for reading; the map stays what it was when another file is renamed over
 * `path`. An empty file gives a length of 0 and is unmapped likewise. */
int file_map(const char *path, const uint8_t **ret_bytes, size_t *ret_len);
void file_unmap(const uint8_t *bytes, size_t len);

/* Takes the lock file at `path`, made if it is not there (mode 0600). Returns a descriptor; the
 * lock lasts until it is closed or the process ends. -EWOULDBLOCK: another instance holds it. */
int file_lock(const char *path);

#endif
