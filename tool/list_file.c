/* SPDX-License-Identifier: ISC */
/* Opening lists. It must not trust one that does not verify. */
#include "tool/list_file.h"

#include <string.h>

#include "host/file.h"
#include "host/listcheck.h"
#include "host/parallel.h"
#include "tool/cli.h"

int list_file_peek(const char *path, struct list_file *ret_file)
{
    struct list_file file;

    if (file_map(path, &file.bytes, &file.len) != 0)
        return -1;
    if (muster_list_open((struct muster_slice){file.bytes, file.len}, &file.list) != MUSTER_OK) {
        file_unmap(file.bytes, file.len);
        return -1;
    }
    *ret_file = file;
    return 0;
}

int list_file_open(const char *path, struct list_file *ret_file)
{
    struct list_file file;
    int ret = file_map(path, &file.bytes, &file.len);

    if (ret != 0)
        return cli_error("%s: %s", SAFE(path), strerror(-ret));
    ret = muster_list_open((struct muster_slice){file.bytes, file.len}, &file.list);
    if (ret == MUSTER_OK)
        ret = listcheck_verify(&file.list, parallel_processors());
    if (ret == MUSTER_OK) {
        *ret_file = file;
        return 0;
    }
    file_unmap(file.bytes, file.len);
    if (ret == MUSTER_E_SIGNATURE)
        return cli_error(
            "%s: the list's signature does not verify; take it from where it was signed",
            SAFE(path));
    return cli_error("%s: not a whole list file; take it again from where it was signed",
                     SAFE(path));
}

void list_file_close(struct list_file *file)
{
    file_unmap(file->bytes, file->len);
}
