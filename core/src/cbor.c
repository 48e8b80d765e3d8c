/* SPDX-License-Identifier: ISC */
/* One bounded cursor over deterministic CBOR (RFC 8949 section 4.2.1), for reading and for
 * writing. Strict: whatever has a second encoding is refused here, so that no two parts can
 * disagree on the same bytes. */
#include "muster/cbor.h"

#include <string.h>

enum major { UINT = 0, BYTES = 2, TEXT = 3, ARRAY = 4 };

void muster_cbor_init(struct muster_cbor *c, struct muster_slice from)
{
    c->at = from.bytes;
    c->end = from.bytes + from.len;
    c->error = MUSTER_OK;
}

static void fail(struct muster_cbor *c, int error)
{
    if (c->error == MUSTER_OK)
        c->error = error;
}

static size_t left(const struct muster_cbor *c)
{
    return (size_t)(c->end - c->at);
}

/* The argument that follows a head whose additional information says `n` more bytes. */
static uint64_t argument(struct muster_cbor *c, size_t n)
{
    uint64_t value = 0;
    size_t i;

    if (left(c) < n) {
        fail(c, MUSTER_E_ENCODING);
        return 0;
    }
    for (i = 0; i < n; i++)
        value = value << 8 | *c->at++;
    /* the shortest head for a value of n bytes starts here */
    if (value < (n == 1 ? 24 : UINT64_C(1) << (n * 4)))
        fail(c, MUSTER_E_ENCODING);
    return value;
}

static uint64_t head(struct muster_cbor *c, enum major major)
{
    uint8_t first;

    if (c->error != MUSTER_OK)
        return 0;
    if (left(c) == 0) {
        fail(c, MUSTER_E_ENCODING);
        return 0;
    }
    first = *c->at;
    if (first >> 5 != major) {
        fail(c, MUSTER_E_SHAPE);
        return 0;
    }
    c->at++;
    first &= 31;
    if (first < 24)
        return first;
    if (first > 27) {
        fail(c, MUSTER_E_ENCODING); /* indefinite or reserved */
        return 0;
    }
    return argument(c, (size_t)1 << (first - 24));
}

uint64_t muster_cbor_uint(struct muster_cbor *c, uint64_t max)
{
    uint64_t value = head(c, UINT);

    if (value > max)
        fail(c, MUSTER_E_LIMIT);
    return c->error == MUSTER_OK ? value : 0;
}

static struct muster_slice string(struct muster_cbor *c, enum major major, size_t min_len,
                                  size_t max_len)
{
    struct muster_slice s = {c->at, 0};
    uint64_t len = head(c, major);

    if (c->error == MUSTER_OK && len > left(c))
        fail(c, MUSTER_E_ENCODING);
    if (c->error == MUSTER_OK && (len < min_len || len > max_len))
        fail(c, MUSTER_E_LIMIT);
    if (c->error != MUSTER_OK)
        return s;
    s.bytes = c->at;
    s.len = (size_t)len;
    c->at += s.len;
    return s;
}

struct muster_slice muster_cbor_bytes(struct muster_cbor *c, size_t min_len, size_t max_len)
{
    return string(c, BYTES, min_len, max_len);
}

static int is_in(uint8_t b, enum muster_charset charset)
{
    if (charset == MUSTER_PRINTABLE)
        return b >= 0x20 && b <= 0x7e;
    return (b >= 'a' && b <= 'z') || (b >= '0' && b <= '9') || b == '.' || b == '_' || b == '+' ||
           b == '-';
}

struct muster_slice muster_cbor_text(struct muster_cbor *c, size_t min_len, size_t max_len,
                                     enum muster_charset charset)
{
    struct muster_slice s = string(c, TEXT, min_len, max_len);
    size_t i;

    for (i = 0; i < s.len; i++)
        if (!is_in(s.bytes[i], charset))
            fail(c, MUSTER_E_LIMIT);
    return s;
}

size_t muster_cbor_array(struct muster_cbor *c, size_t min_n, size_t max_n)
{
    uint64_t n = head(c, ARRAY);

    if (c->error == MUSTER_OK && (n < min_n || n > max_n))
        fail(c, MUSTER_E_SHAPE);
    return c->error == MUSTER_OK ? (size_t)n : 0;
}

void muster_cbor_literal(struct muster_cbor *c, const uint8_t *bytes, size_t len)
{
    if (c->error != MUSTER_OK)
        return;
    if (left(c) < len || memcmp(c->at, bytes, len) != 0)
        fail(c, MUSTER_E_SHAPE);
    else
        c->at += len;
}

int muster_cbor_end(const struct muster_cbor *c)
{
    if (c->error == MUSTER_OK && c->at != c->end)
        return MUSTER_E_ENCODING;
    return c->error;
}

void muster_cbor_out_init(struct muster_cbor_out *o, uint8_t *bytes, size_t cap)
{
    o->bytes = bytes;
    o->cap = cap;
    o->len = 0;
    o->error = MUSTER_OK;
}

static uint8_t *reserve(struct muster_cbor_out *o, size_t len)
{
    uint8_t *at = o->bytes + o->len;

    if (o->error != MUSTER_OK || o->cap - o->len < len) {
        o->error = MUSTER_E_SPACE;
        return NULL;
    }
    o->len += len;
    return at;
}

static void put_head(struct muster_cbor_out *o, enum major major, uint64_t value)
{
    unsigned exponent = value < 24            ? 0
                        : value <= 0xff       ? 1
                        : value <= 0xffff     ? 2
                        : value <= 0xffffffff ? 3
                                              : 4;
    size_t n = exponent == 0 ? 0 : (size_t)1 << (exponent - 1);
    uint8_t *at = reserve(o, 1 + n);

    if (at == NULL)
        return;
    *at++ = (uint8_t)((unsigned)major << 5 | (exponent == 0 ? (unsigned)value : 23 + exponent));
    while (n-- > 0)
        *at++ = (uint8_t)(value >> (8 * n));
}

void muster_cbor_put_uint(struct muster_cbor_out *o, uint64_t value)
{
    put_head(o, UINT, value);
}

void muster_cbor_put_raw(struct muster_cbor_out *o, const uint8_t *bytes, size_t len)
{
    uint8_t *at = reserve(o, len);

    if (at != NULL && len > 0)
        memcpy(at, bytes, len);
}

void muster_cbor_put_bytes(struct muster_cbor_out *o, const uint8_t *bytes, size_t len)
{
    put_head(o, BYTES, len);
    muster_cbor_put_raw(o, bytes, len);
}

void muster_cbor_put_text(struct muster_cbor_out *o, struct muster_slice text)
{
    put_head(o, TEXT, text.len);
    muster_cbor_put_raw(o, text.bytes, text.len);
}

void muster_cbor_put_array(struct muster_cbor_out *o, size_t n)
{
    put_head(o, ARRAY, n);
}

void muster_cbor_put_padding(struct muster_cbor_out *o, size_t len)
{
    uint8_t *at;

    put_head(o, BYTES, len);
    at = reserve(o, len);
    if (at != NULL && len > 0)
        memset(at, 0, len);
}

int muster_slice_equal(struct muster_slice a, struct muster_slice b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.bytes, b.bytes, a.len) == 0);
}

struct muster_slice muster_slice_of(const char *text)
{
    struct muster_slice s = {(const uint8_t *)text, 0};

    while (text[s.len] != '\0')
        s.len++;
    return s;
}
