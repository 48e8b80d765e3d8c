/* SPDX-License-Identifier: ISC */
/* Authority anchor files, `*.anchor`: what firmware knows of one reputation authority. INI:
 *
 *     [authority]
 *     name = Example Reputation Authority   ; 1..32 printable ASCII characters
 *     key = <64 hex>                        ; the current key
 *     next = <64 hex>                       ; optional: the key that will follow it
 *     service = 192.0.2.7:6878              ; where inquiries go, 0..4 times, numeric; the port
 *     service = [2001:db8::7]               ;   may be left out (MUSTER_PORT)
 *     drill = no                            ; optional: yes if it speaks for drills alone
 */
#ifndef HOST_ANCHORFILE_H
#define HOST_ANCHORFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/addr.h"

#define ANCHORFILE_MAX          4 /* authorities that a device keeps (R7) */
#define ANCHORFILE_NAME_CAP     33
#define ANCHORFILE_SERVICES_MAX 4

struct anchorfile {
    char name[ANCHORFILE_NAME_CAP];
    uint8_t key[32];
    bool has_next;
    uint8_t next[32];
    bool drill;
    struct addr services[ANCHORFILE_SERVICES_MAX];
    size_t services_n;
};

/* Every function returns 0, or a negative errno with "FILE:LINE: what is wrong; what to do". */

/* Refused besides bad values: small-order or invalid keys, next equal to key, a fifth service, a
 * key of the file given twice, a file without name or key. *ret is written only on success. */
int anchorfile_read(const char *path, struct anchorfile *ret, char *err, size_t err_cap);

/* Reads every *.anchor in `dir` in the order of the names into ret[0..*ret_n);
 * max <= ANCHORFILE_MAX. One bad file, more than `max`, or a key or name that two files give fails
 * the whole. A directory that is not there: -ENOENT (firmware without anchors has an empty one, or
 * the caller takes this as none). */
int anchorfile_read_dir(const char *dir, size_t max, struct anchorfile *ret, size_t *ret_n,
                        char *err, size_t err_cap);

/* Writes the file atomically, mode 0644, and replaces none (-EEXIST). The result reads back. */
int anchorfile_write(const char *path, const struct anchorfile *anchor, char *err, size_t err_cap);

#endif
