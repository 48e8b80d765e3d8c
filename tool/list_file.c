/* SPDX-License-Identifier: ISC */
/* Opening lists. It must not trust one that does not verify. */
#include "tool/list_file.h"

#include <stdlib.h>
#include <string.h>

#include "host/file.h"
#include "host/listcheck.h"
#include "host/parallel.h"
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

/* Opens and verifies what was mapped or read; says why not. */
static int check(const char *path, struct list_file *file)
{
    const uint8_t *bytes = file->copy != NULL ? file->copy : file->bytes;
    int ret = muster_list_open((struct muster_slice){bytes, file->len}, &file->list);

    if (ret == MUSTER_OK)
        ret = listcheck_verify(&file->list, parallel_processors());
    if (ret == MUSTER_OK)
        return 0;
    list_file_close(file);
    if (ret == MUSTER_E_SIGNATURE)
        return cli_error(
            "%s: the list's signature does not verify; take it from where it was signed",
            SAFE(path));
    return cli_error("%s: not a whole list file; take it again from where it was signed",
                     SAFE(path));
}

static int keep(int ret, const char *path, struct list_file *file, struct list_file *ret_file)
{
    if (ret != 0)
        return cli_error("%s: %s", SAFE(path), strerror(-ret));
    if (check(path, file) != 0)
        return STATUS_ERROR;
    *ret_file = *file;
    return 0;
}

int list_file_open(const char *path, struct list_file *ret_file)
{
    struct list_file file = {.copy = NULL};
    int ret = file_map(path, &file.bytes, &file.len);

    return keep(ret, path, &file, ret_file);
}

int list_file_read(const char *path, struct list_file *ret_file)
{
    struct list_file file = {.bytes = NULL};
    int ret = file_read(path, FILE_MAX, &file.copy, &file.len);

    return keep(ret, path, &file, ret_file);
}

void list_file_close(struct list_file *file)
{
    if (file->bytes != NULL)
        file_unmap(file->bytes, file->len);
    free(file->copy);
}
