/* SPDX-License-Identifier: ISC */
/* Report, inquiry and reply: parsed strictly, written in the one legal form. */
#include "muster/message.h"

#include <string.h>

int muster_message_type(const uint8_t *bytes, size_t len)
{
    uint8_t elements;

    if (len < 2 || bytes[0] >> 5 != 4)
        return 0;
    elements = bytes[0] & 31;
    if ((bytes[1] == MUSTER_REPORT && elements == 8) ||
        (bytes[1] == MUSTER_INQUIRY && elements == 4) ||
        (bytes[1] == MUSTER_REPLY && elements == 4))
        return bytes[1];
    return 0;
}

/* Opens the outer array and reads what all three begin with. */
static const uint8_t *open_message(struct muster_cbor *c, const uint8_t *bytes, size_t len,
                                   enum muster_type type, size_t elements)
{
    struct muster_slice datagram = {bytes, len};

    muster_cbor_init(c, datagram);
    muster_cbor_array(c, elements, elements);
    if (muster_cbor_uint(c, UINT64_MAX) != (uint64_t)type && c->error == MUSTER_OK)
        c->error = MUSTER_E_SHAPE;
    return muster_cbor_bytes(c, MUSTER_NONCE_LEN, MUSTER_NONCE_LEN).bytes;
}

int muster_report_parse(const uint8_t *bytes, size_t len, struct muster_report *ret_report)
{
    struct muster_report r;
    struct muster_cbor c;
    int error;

    if (len == 0 || len > MUSTER_DATAGRAM_MAX)
        return MUSTER_E_SIZE;
    r.nonce = open_message(&c, bytes, len, MUSTER_REPORT, 8);
    r.event = (enum muster_event)muster_cbor_uint(&c, MUSTER_MANUAL);
    r.name_key.bytes = c.at;
    r.vendor = muster_cbor_text(&c, 1, MUSTER_NAME_MAX, MUSTER_NAME);
    r.model = muster_cbor_text(&c, 1, MUSTER_NAME_MAX, MUSTER_NAME);
    r.name_key.len = (size_t)(c.at - r.name_key.bytes);
    r.build = muster_cbor_text(&c, 1, MUSTER_BUILD_MAX, MUSTER_PRINTABLE);
    r.number = muster_cbor_uint(&c, UINT64_MAX);
    r.padding_len = muster_cbor_bytes(&c, 0, MUSTER_DATAGRAM_MAX).len;
    error = muster_cbor_end(&c);
    if (error == MUSTER_OK)
        *ret_report = r;
    return error;
}

int muster_inquiry_parse(const uint8_t *bytes, size_t len, struct muster_inquiry *ret_inquiry)
{
    struct muster_inquiry q;
    struct muster_cbor c;
    int error;

    if (len != MUSTER_INQUIRY_LEN)
        return MUSTER_E_SIZE;
    q.nonce = open_message(&c, bytes, len, MUSTER_INQUIRY, 4);
    q.key = muster_cbor_bytes(&c, MUSTER_KEY_LEN, MUSTER_KEY_LEN).bytes;
    (void)muster_cbor_bytes(&c, 0, MUSTER_INQUIRY_LEN);
    error = muster_cbor_end(&c);
    if (error == MUSTER_OK)
        *ret_inquiry = q;
    return error;
}

int muster_reply_parse(const uint8_t *bytes, size_t len, struct muster_reply *ret_reply)
{
    struct muster_reply r;
    struct muster_cbor c;
    size_t i;
    int error;

    if (len == 0 || len > MUSTER_DATAGRAM_MAX)
        return MUSTER_E_SIZE;
    memset(&r, 0, sizeof r);
    r.nonce = open_message(&c, bytes, len, MUSTER_REPLY, 4);
    r.flags = (unsigned)muster_cbor_uint(&c, MUSTER_FLAG_MORE | MUSTER_FLAG_NOTICE_ONLY);
    r.records_n = muster_cbor_array(&c, 0, MUSTER_RECORDS_MAX);
    for (i = 0; i < r.records_n; i++)
        r.records[i] = muster_cbor_bytes(&c, 0, MUSTER_DATAGRAM_MAX);
    error = muster_cbor_end(&c);
    if (error == MUSTER_OK && (r.flags & MUSTER_FLAG_MORE) && r.records_n > 0)
        error = MUSTER_E_LIMIT;
    if (error == MUSTER_OK)
        *ret_reply = r;
    return error;
}

/* Padding that makes the whole datagram `total` bytes long; used where its head takes three
 * bytes. */
static void pad_to(struct muster_cbor_out *o, size_t total)
{
    muster_cbor_put_padding(o, total - o->len - 3);
}

int muster_name_is_legal(struct muster_slice name)
{
    uint8_t encoded[2 + MUSTER_NAME_MAX];
    struct muster_cbor_out o;
    struct muster_cbor c;
    struct muster_slice written = {encoded, 0};

    muster_cbor_out_init(&o, encoded, sizeof encoded);
    muster_cbor_put_text(&o, name);
    if (o.error != MUSTER_OK)
        return 0;
    written.len = o.len;
    muster_cbor_init(&c, written);
    (void)muster_cbor_text(&c, 1, MUSTER_NAME_MAX, MUSTER_NAME);
    return muster_cbor_end(&c) == MUSTER_OK;
}

int muster_build_is_legal(struct muster_slice build)
{
    size_t i;

    if (build.len < 1 || build.len > MUSTER_BUILD_MAX)
        return 0;
    for (i = 0; i < build.len; i++)
        if (build.bytes[i] < 0x20 || build.bytes[i] > 0x7e)
            return 0;
    return 1;
}

size_t muster_name_key_write(struct muster_slice vendor, struct muster_slice model,
                             uint8_t ret_bytes[MUSTER_NAME_KEY_MAX])
{
    struct muster_cbor_out o;

    if (!muster_name_is_legal(vendor) || !muster_name_is_legal(model))
        return 0;
    muster_cbor_out_init(&o, ret_bytes, MUSTER_NAME_KEY_MAX);
    muster_cbor_put_text(&o, vendor);
    muster_cbor_put_text(&o, model);
    return o.error == MUSTER_OK ? o.len : 0;
}

size_t muster_report_write(const struct muster_report *report, int padded, uint8_t *ret_bytes,
                           size_t cap)
{
    struct muster_cbor_out o;

    if (!muster_name_is_legal(report->vendor) || !muster_name_is_legal(report->model) ||
        !muster_build_is_legal(report->build))
        return 0;
    muster_cbor_out_init(&o, ret_bytes, cap);
    muster_cbor_put_array(&o, 8);
    muster_cbor_put_uint(&o, MUSTER_REPORT);
    muster_cbor_put_bytes(&o, report->nonce, MUSTER_NONCE_LEN);
    muster_cbor_put_uint(&o, report->event);
    muster_cbor_put_text(&o, report->vendor);
    muster_cbor_put_text(&o, report->model);
    muster_cbor_put_text(&o, report->build);
    muster_cbor_put_uint(&o, report->number);
    if (padded)
        pad_to(&o, MUSTER_DATAGRAM_MAX);
    else
        muster_cbor_put_padding(&o, 0);
    return o.error == MUSTER_OK ? o.len : 0;
}

size_t muster_inquiry_write(const struct muster_inquiry *inquiry, uint8_t *ret_bytes, size_t cap)
{
    struct muster_cbor_out o;

    muster_cbor_out_init(&o, ret_bytes, cap);
    muster_cbor_put_array(&o, 4);
    muster_cbor_put_uint(&o, MUSTER_INQUIRY);
    muster_cbor_put_bytes(&o, inquiry->nonce, MUSTER_NONCE_LEN);
    muster_cbor_put_bytes(&o, inquiry->key, MUSTER_KEY_LEN);
    pad_to(&o, MUSTER_INQUIRY_LEN);
    return o.error == MUSTER_OK ? o.len : 0;
}

size_t muster_reply_write(const struct muster_reply *reply, uint8_t *ret_bytes, size_t cap)
{
    struct muster_cbor_out o;
    size_t i;

    muster_cbor_out_init(&o, ret_bytes, cap);
    muster_cbor_put_array(&o, 4);
    muster_cbor_put_uint(&o, MUSTER_REPLY);
    muster_cbor_put_bytes(&o, reply->nonce, MUSTER_NONCE_LEN);
    muster_cbor_put_uint(&o, reply->flags);
    muster_cbor_put_array(&o, reply->records_n);
    for (i = 0; i < reply->records_n; i++)
        muster_cbor_put_bytes(&o, reply->records[i].bytes, reply->records[i].len);
    return o.error == MUSTER_OK ? o.len : 0;
}

size_t muster_reply_len(const struct muster_reply *reply)
{
    size_t len = 21, i;

    for (i = 0; i < reply->records_n; i++) {
        size_t n = reply->records[i].len;

        len += n + (n < 24 ? 1 : n < 256 ? 2 : 3);
    }
    return len;
}
