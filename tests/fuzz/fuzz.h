/* SPDX-License-Identifier: ISC */
/* What the fuzz targets share: a promise that aborts when it is broken, and bytes taken off the
 * input one by one. */
#ifndef MUSTER_FUZZ_H
#define MUSTER_FUZZ_H

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len);

#define FUZZ_UNUSED __attribute__((unused))

#define PROMISE(cond)                                                                              \
    do {                                                                                           \
        if (!(cond)) {                                                                             \
            fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #cond);                     \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

struct fuzz_input {
    const uint8_t *at, *end;
};

/* The next byte, 0 after the end. */
FUZZ_UNUSED static uint8_t fuzz_byte(struct fuzz_input *in)
{
    return in->at < in->end ? *in->at++ : 0;
}

/* Up to `want` bytes of the input; *ret_len tells how many there were. */
FUZZ_UNUSED static const uint8_t *fuzz_bytes(struct fuzz_input *in, size_t want, size_t *ret_len)
{
    const uint8_t *bytes = in->at;

    *ret_len = (size_t)(in->end - in->at) < want ? (size_t)(in->end - in->at) : want;
    in->at += *ret_len;
    return bytes;
}

#endif
