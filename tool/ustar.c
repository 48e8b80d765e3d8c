/* SPDX-License-Identifier: ISC */
/* Tar, strictly. What is read is followed by its own offsets only and then written again by
 * libarchive, which never sees a foreign byte as structure: if the two differ, the file is refused.
 * So there is no second way to read a bundle, no hidden member and nothing after the end. */
#include "tool/ustar.h"

#include <archive.h>
#include <archive_entry.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_LEN  512
#define NAME_LEN   100
#define SIZE_AT    124
#define SIZE_LEN   11
#define PREFIX_AT  345
#define PREFIX_LEN 155

typedef la_ssize_t sink_fn(struct archive *archive, void *ctx, const void *bytes, size_t len);

bool ustar_is_name(const char *name)
{
    size_t i;

    if (name[0] == '\0' || strlen(name) > USTAR_NAME_MAX)
        return false;
    for (i = 0; name[i] != '\0'; i++) {
        if (name[i] < ' ' || name[i] > '~' || name[i] == '\\')
            return false;
        if ((i == 0 || name[i - 1] == '/') && (name[i] == '/' || name[i] == '.'))
            return false;
    }
    return name[i - 1] != '/';
}

static int write_member(struct archive *archive, struct archive_entry *entry,
                        const struct ustar_member *member)
{
    archive_entry_clear(entry);
    archive_entry_set_pathname(entry, member->name);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_mtime(entry, 0, 0);
    archive_entry_set_uid(entry, 0);
    archive_entry_set_gid(entry, 0);
    archive_entry_set_size(entry, (la_int64_t)member->bytes.len);
    if (!ustar_is_name(member->name) || archive_write_header(archive, entry) != ARCHIVE_OK)
        return -1;
    if (member->bytes.len > 0 &&
        archive_write_data(archive, member->bytes.bytes, member->bytes.len) !=
            (la_ssize_t)member->bytes.len)
        return -1;
    return archive_write_finish_entry(archive) == ARCHIVE_OK ? 0 : -1;
}

/* ret_index: how far it got. */
static int write_all(const struct ustar_member *members, size_t n, sink_fn *sink, void *ctx,
                     size_t *ret_index)
{
    struct archive *archive = archive_write_new();
    struct archive_entry *entry = archive_entry_new();
    int ret = -1;
    size_t i;

    *ret_index = n;
    if (archive != NULL && entry != NULL && archive_write_set_format_ustar(archive) == ARCHIVE_OK &&
        archive_write_open(archive, ctx, NULL, sink, NULL) == ARCHIVE_OK) {
        for (i = 0; i < n && write_member(archive, entry, &members[i]) == 0; i++)
            ;
        *ret_index = i;
        ret = i == n && archive_write_close(archive) == ARCHIVE_OK ? 0 : -1;
    }
    archive_entry_free(entry);
    archive_write_free(archive);
    return ret;
}

struct grown {
    uint8_t *bytes;
    size_t len, cap;
};

static la_ssize_t grow(struct archive *archive, void *ctx, const void *bytes, size_t len)
{
    struct grown *g = ctx;

    (void)archive;
    if (g->cap - g->len < len) {
        size_t cap = g->cap * 2 > g->len + len ? g->cap * 2 : g->len + len;
        uint8_t *grown = realloc(g->bytes, cap);

        if (grown == NULL)
            return -1;
        g->bytes = grown;
        g->cap = cap;
    }
    memcpy(g->bytes + g->len, bytes, len);
    g->len += len;
    return (la_ssize_t)len;
}

int ustar_write(const struct ustar_member *members, size_t n, uint8_t **ret_file, size_t *ret_len,
                size_t *ret_index)
{
    struct grown g = {NULL, 0, 0};

    if (write_all(members, n, grow, &g, ret_index) != 0) {
        free(g.bytes);
        return -1;
    }
    *ret_file = g.bytes;
    *ret_len = g.len;
    return 0;
}

static la_ssize_t compare(struct archive *archive, void *ctx, const void *bytes, size_t len)
{
    struct muster_slice *left = ctx;

    (void)archive;
    if (left->len < len || memcmp(left->bytes, bytes, len) != 0)
        return -1;
    left->bytes += len;
    left->len -= len;
    return (la_ssize_t)len;
}

static bool is_same(const struct ustar_member *members, size_t n, struct muster_slice file)
{
    size_t index;

    return write_all(members, n, compare, &file, &index) == 0 && file.len == 0;
}

/* An octal number of SIZE_LEN digits; what else is there shows when it is written again. */
static size_t read_size(const uint8_t *header)
{
    size_t size = 0, i;

    for (i = 0; i < SIZE_LEN; i++)
        size = size * 8 + (header[SIZE_AT + i] & 7u);
    return size;
}

static char *read_name(const uint8_t *header)
{
    size_t prefix = strnlen((const char *)header + PREFIX_AT, PREFIX_LEN);
    size_t name = strnlen((const char *)header, NAME_LEN), at = 0;
    char *whole = malloc(prefix + name + 2);

    if (whole == NULL)
        return NULL;
    if (prefix > 0) {
        memcpy(whole, header + PREFIX_AT, prefix);
        whole[prefix] = '/';
        at = prefix + 1;
    }
    memcpy(whole + at, header, name);
    whole[at + name] = '\0';
    return whole;
}

static int add(struct ustar_member **io_members, size_t *io_n, const uint8_t *header, size_t size)
{
    struct ustar_member member = {read_name(header), {header + BLOCK_LEN, size}}, *grown;

    if (member.name == NULL)
        return -1;
    grown = (*io_n & (*io_n - 1)) != 0
                ? *io_members
                : reallocarray(*io_members, *io_n == 0 ? 1 : *io_n * 2, sizeof *grown);
    if (grown == NULL) {
        free(member.name);
        return -1;
    }
    *io_members = grown;
    grown[(*io_n)++] = member;
    return 0;
}

static int split(struct muster_slice file, struct ustar_member **io_members, size_t *io_n)
{
    size_t at = 0, size, left;

    while (file.len - at >= BLOCK_LEN && file.bytes[at] != 0) {
        size = read_size(file.bytes + at);
        left = file.len - at - BLOCK_LEN;
        if (size > left || add(io_members, io_n, file.bytes + at, size) != 0)
            return -1;
        size = (size + BLOCK_LEN - 1) / BLOCK_LEN * BLOCK_LEN;
        at += BLOCK_LEN + (size < left ? size : left);
    }
    return 0;
}

int ustar_read(struct muster_slice file, struct ustar_member **ret_members, size_t *ret_n)
{
    struct ustar_member *members = NULL;
    size_t n = 0;

    if (split(file, &members, &n) != 0 || !is_same(members, n, file)) {
        ustar_free(members, n);
        return -1;
    }
    *ret_members = members;
    *ret_n = n;
    return 0;
}

void ustar_free(struct ustar_member *members, size_t n)
{
    while (n > 0)
        free(members[--n].name);
    free(members);
}
