/* SPDX-License-Identifier: ISC */
/* Opening lists. It must not trust one that does not verify. */
#include "tool/list_file.h"

#include <stdlib.h>
#include <string.h>

#include "host/file.h"
#include "host/listcheck.h"
#include "host/parallel.h"
#include "muster/message.h"
#include "tool/cli.h"

#define FILE_MAX (SIZE_MAX / 4)

int list_file_peek(const char *path, struct list_file *ret_file)
{
    struct list_file file = {.copy = NULL};

    if (file_map(path, &file.bytes, &file.len) != 0)
        return -1;
    if (muster_list_open((struct muster_slice){file.bytes, file.len}, &file.list) != MUSTER_OK) {
        file_unmap(file.bytes, file.len);
        return -1;
    }
    *ret_file = file;
    return 0;
}

static int refuse(const char *path, int error)
{
    if (error == MUSTER_E_SIGNATURE)
        return cli_error(
            "%s: the list's signature does not verify; take it from where it was signed",
            SAFE(path));
    return cli_error("%s: not a whole list file; take it again from where it was signed",
                     SAFE(path));
}

typedef int verify_fn(const struct muster_list *list);

static int verify_all(const struct muster_list *list)
{
    return listcheck_verify(list, parallel_processors());
}

/* Opens and verifies what was mapped or read, if it could be; says why not. */
static int keep(int ret, const char *path, verify_fn *verify, struct list_file *file,
                struct list_file *ret_file)
{
    const uint8_t *bytes = file->copy != NULL ? file->copy : file->bytes;

    if (ret != 0)
        return cli_error("%s: %s", SAFE(path), strerror(-ret));
    ret = muster_list_open((struct muster_slice){bytes, file->len}, &file->list);
    if (ret == MUSTER_OK)
        ret = verify(&file->list);
    if (ret == MUSTER_OK) {
        *ret_file = *file;
        return 0;
    }
    list_file_close(file);
    return refuse(path, ret);
}

int list_file_open(const char *path, struct list_file *ret_file)
{
    struct list_file file = {.copy = NULL};
    int ret = file_map(path, &file.bytes, &file.len);

    return keep(ret, path, verify_all, &file, ret_file);
}

int list_file_read(const char *path, struct list_file *ret_file)
{
    struct list_file file = {.bytes = NULL};
    int ret = file_read(path, FILE_MAX, &file.copy, &file.len);

    return keep(ret, path, verify_all, &file, ret_file);
}

int list_file_open_header(const char *path, struct list_file *ret_file)
{
    struct list_file file = {.copy = NULL};
    int ret = file_map(path, &file.bytes, &file.len);

    return keep(ret, path, muster_list_verify_header, &file, ret_file);
}

/* The slots that a look-up may touch, which may go on at the first. */
static int verify_slots(const struct muster_list *l, struct muster_slice name_key)
{
    size_t first = (size_t)(muster_list_hash(l->seed, name_key) & (l->slots_n - 1));
    size_t n = (size_t)l->probes_max + 1, behind = l->slots_n - first;
    struct muster_slice span = {l->slots + first * MUSTER_LIST_SLOT_LEN,
                                (n < behind ? n : behind) * MUSTER_LIST_SLOT_LEN};
    int error = muster_list_verify_span(l, span);

    if (error != MUSTER_OK || n <= behind)
        return error;
    n = n - behind < l->slots_n ? n - behind : l->slots_n;
    return muster_list_verify_span(l, (struct muster_slice){l->slots, n * MUSTER_LIST_SLOT_LEN});
}

static int verify_entry(const struct muster_list *l, const struct muster_list_entry *entry,
                        struct muster_record *ret_record)
{
    const uint8_t *begin = entry->name_key.bytes - MUSTER_LIST_ENTRY_HEAD_LEN,
                  *end = entry->history.bytes + entry->history.len;
    int error = muster_list_verify_span(l, (struct muster_slice){begin, (size_t)(end - begin)});

    if (error == MUSTER_OK)
        error = muster_list_verify_entry(l, entry);
    if (error == MUSTER_OK)
        error = muster_record_parse(entry->record, ret_record);
    return error == MUSTER_OK ? muster_record_verify(ret_record) : error;
}

int list_file_find(const struct list_file *file, const char *path, struct muster_slice vendor,
                   struct muster_slice model, struct muster_list_entry *ret_entry,
                   struct muster_record *ret_record)
{
    uint8_t bytes[MUSTER_NAME_KEY_MAX];
    struct muster_slice name_key = {bytes, muster_name_key_write(vendor, model, bytes)};
    int error = verify_slots(&file->list, name_key);

    if (error != MUSTER_OK)
        return refuse(path, error);
    if (muster_list_find(&file->list, name_key, ret_entry) != MUSTER_OK)
        return STATUS_FOUND;
    error = verify_entry(&file->list, ret_entry, ret_record);
    return error == MUSTER_OK ? STATUS_OK : refuse(path, error);
}

void list_file_close(struct list_file *file)
{
    if (file->bytes != NULL)
        file_unmap(file->bytes, file->len);
    free(file->copy);
}
