/* SPDX-License-Identifier: ISC */
/* Shared by `muster key show` and `muster show`. */
#ifndef TOOL_KEY_SHOW_H
#define TOOL_KEY_SHOW_H

#include <stdint.h>

#include "muster/crypto.h"

/* The public key of a FILE.pub, of 64 hex digits, or of a secret key file (asking for its
 * passphrase if it is locked). 0, or STATUS_ERROR after saying why. */
int key_show_load(const char *path, const char *passphrase_file, uint8_t ret_key[MUSTER_KEY_LEN]);

#endif
