/* SPDX-License-Identifier: ISC */
/* The strict subset of CBOR that Muster speaks (doc/protocol.md, "Encoding"; RFC 8949 section
 * 4.2.1): unsigned integers, byte and text strings, arrays, all of definite length and shortest
 * head. One bounded cursor for reading and one for writing; both keep the first error, so that a
 * caller reads or writes all fields in a row and looks once. No recursion, no allocation. */
#ifndef MUSTER_CBOR_H
#define MUSTER_CBOR_H

#include <stddef.h>
#include <stdint.h>

#include "muster/error.h"

/* Bytes that belong to somebody else; dies with them. Text is a slice too. */
struct muster_slice {
    const uint8_t *bytes;
    size_t len;
};

#define MUSTER_NAME_MAX  64 /* bytes of a vendor or model */
#define MUSTER_BUILD_MAX 64 /* bytes of a build */
#define MUSTER_TIME_MAX  ((UINT64_C(1) << 53) - 1)

/* Which characters a text may hold. */
enum muster_charset {
    MUSTER_PRINTABLE = 0, /* %x20-7E */
    MUSTER_NAME = 1       /* [a-z0-9._+-] */
};

struct muster_cbor {
    const uint8_t *at, *end;
    int error; /* first one met, sticky; after it every read gives 0 or an empty slice */
};

void muster_cbor_init(struct muster_cbor *c, struct muster_slice from);
uint64_t muster_cbor_uint(struct muster_cbor *c, uint64_t max);
struct muster_slice muster_cbor_bytes(struct muster_cbor *c, size_t min_len, size_t max_len);
struct muster_slice muster_cbor_text(struct muster_cbor *c, size_t min_len, size_t max_len,
                                     enum muster_charset charset);
/* Opens an array and returns its number of elements, which the caller then reads. */
size_t muster_cbor_array(struct muster_cbor *c, size_t min_n, size_t max_n);
/* Consumes exactly these bytes, else MUSTER_E_SHAPE. For heads that have one legal form only. */
void muster_cbor_literal(struct muster_cbor *c, const uint8_t *bytes, size_t len);
/* The sticky error, or MUSTER_E_ENCODING if bytes are left over. */
MUSTER_MUST_CHECK int muster_cbor_end(const struct muster_cbor *c);

struct muster_cbor_out {
    uint8_t *bytes;
    size_t len, cap;
    int error; /* MUSTER_E_SPACE, sticky; `len` then counts what fitted */
};

void muster_cbor_out_init(struct muster_cbor_out *o, uint8_t *bytes, size_t cap);
void muster_cbor_put_uint(struct muster_cbor_out *o, uint64_t value);
void muster_cbor_put_bytes(struct muster_cbor_out *o, const uint8_t *bytes, size_t len);
void muster_cbor_put_text(struct muster_cbor_out *o, struct muster_slice text);
void muster_cbor_put_array(struct muster_cbor_out *o, size_t n);
/* `len` zero bytes in a byte string. */
void muster_cbor_put_padding(struct muster_cbor_out *o, size_t len);
void muster_cbor_put_raw(struct muster_cbor_out *o, const uint8_t *bytes, size_t len);

int muster_slice_equal(struct muster_slice a, struct muster_slice b);
/* A C string as a slice, without its NUL. */
struct muster_slice muster_slice_of(const char *text);

#endif
