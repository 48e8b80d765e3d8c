/* SPDX-License-Identifier: ISC */
/* Writing and signing records: for the operator's and the authority's tools. A device never
 * links it. */
#include <string.h>

#include "record_form.h"

static void write_defect(struct muster_cbor_out *o, const struct muster_defect *d)
{
    muster_cbor_put_array(o, 6);
    muster_cbor_put_text(o, d->id);
    muster_cbor_put_uint(o, d->reason);
    muster_cbor_put_uint(o, d->enforce_from);
    muster_cbor_put_text(o, d->fixed_in);
    muster_cbor_put_text(o, d->url);
    muster_cbor_put_array(o, d->ranges_n);
    muster_cbor_put_raw(o, d->ranges.bytes, d->ranges.len);
}

size_t muster_advisory_write(const struct muster_advisory *a, uint8_t *ret_bytes, size_t cap)
{
    struct muster_cbor_out o;
    size_t i;

    muster_cbor_out_init(&o, ret_bytes, cap);
    muster_cbor_put_array(&o, 5);
    muster_cbor_put_text(&o, a->vendor);
    muster_cbor_put_text(&o, a->model);
    muster_cbor_put_uint(&o, a->issued);
    muster_cbor_put_uint(&o, a->expires);
    muster_cbor_put_array(&o, a->defects_n);
    for (i = 0; i < a->defects_n; i++)
        write_defect(&o, &a->defects[i]);
    return o.error == MUSTER_OK ? o.len : 0;
}

size_t muster_standing_write(const struct muster_standing *s, uint8_t *ret_bytes, size_t cap)
{
    struct muster_cbor_out o;
    size_t i;

    muster_cbor_out_init(&o, ret_bytes, cap);
    muster_cbor_put_array(&o, 7);
    muster_cbor_put_bytes(&o, s->key, MUSTER_KEY_LEN);
    muster_cbor_put_text(&o, s->name);
    muster_cbor_put_uint(&o, s->level);
    muster_cbor_put_uint(&o, s->issued);
    muster_cbor_put_uint(&o, s->expires);
    muster_cbor_put_uint(&o, s->floor);
    muster_cbor_put_array(&o, s->scope_n);
    for (i = 0; i < s->scope_n; i++)
        muster_cbor_put_text(&o, s->scope[i]);
    return o.error == MUSTER_OK ? o.len : 0;
}

static void write_header(uint8_t header[RECORD_HEADER_LEN], enum muster_record_kind kind,
                         const uint8_t key[MUSTER_KEY_LEN])
{
    struct muster_cbor_out o;

    muster_cbor_out_init(&o, header, RECORD_HEADER_LEN);
    muster_cbor_put_raw(&o, record_header_open, RECORD_HEADER_OPEN_LEN);
    muster_cbor_put_raw(&o, key, MUSTER_KEY_LEN);
    muster_cbor_put_uint(&o, 16);
    muster_cbor_put_text(&o, muster_slice_of(record_typ(kind)));
}

static int sign(const struct muster_record *r, const struct muster_signing *signing,
                uint8_t ret_sig[MUSTER_SIGNATURE_LEN])
{
    uint8_t message[RECORD_SIGNED_MAX];
    size_t len = muster_record_to_be_signed(r, message, sizeof message);

    if (len == 0)
        return MUSTER_E_SIZE;
    return signing->sign(signing->secret, ret_sig, message, len) == 0 ? MUSTER_OK
                                                                      : MUSTER_E_SIGNATURE;
}

int muster_record_sign(enum muster_record_kind kind, struct muster_slice payload,
                       const struct muster_signing *signing, uint8_t *ret_bytes, size_t cap,
                       size_t *ret_len)
{
    uint8_t header[RECORD_HEADER_LEN], sig[MUSTER_SIGNATURE_LEN];
    uint8_t whole[MUSTER_ADVISORY_MAX];
    struct muster_record r;
    struct muster_cbor_out o;
    struct muster_slice written;
    int error;

    write_header(header, kind, signing->key);
    memset(&r, 0, sizeof r);
    r.protected_header.bytes = header;
    r.protected_header.len = sizeof header;
    r.payload = payload;
    error = sign(&r, signing, sig);
    if (error != MUSTER_OK)
        return error;
    muster_cbor_out_init(&o, whole, sizeof whole);
    muster_cbor_put_raw(&o, record_open, sizeof record_open);
    muster_cbor_put_raw(&o, header, sizeof header);
    muster_cbor_put_raw(&o, (const uint8_t *)"\xa0", 1);
    muster_cbor_put_bytes(&o, payload.bytes, payload.len);
    muster_cbor_put_bytes(&o, sig, sizeof sig);
    if (o.error != MUSTER_OK)
        return MUSTER_E_SIZE;
    written.bytes = whole;
    written.len = o.len;
    error = muster_record_parse(written, &r);
    if (error != MUSTER_OK)
        return error;
    if (o.len > cap)
        return MUSTER_E_SPACE;
    memcpy(ret_bytes, whole, o.len);
    *ret_len = o.len;
    return MUSTER_OK;
}
