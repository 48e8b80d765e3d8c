/* SPDX-License-Identifier: ISC */
/* COSE_Sign1 with one legal header, an advisory or a standing inside. The header is compared
 * byte for byte, so there is no algorithm to choose and none to downgrade (RFC 9052, 9864,
 * 9596). Reading and verifying only; see record_write.c for signing. */
#include "muster/record.h"

#include <string.h>

#include "record_form.h"

const uint8_t record_open[4] = {0xd2, 0x84, 0x58, RECORD_HEADER_LEN};
const uint8_t record_header_open[RECORD_HEADER_OPEN_LEN] = {0xa3, 0x01, 0x32, 0x04, 0x58, 0x20};
static const char typ_advisory[] = "application/muster-advisory+cose";
static const char typ_standing[] = "application/muster-standing+cose";

const char *record_typ(enum muster_record_kind kind)
{
    return kind == MUSTER_ADVISORY ? typ_advisory : typ_standing;
}

static int parse_typ(struct muster_slice typ, enum muster_record_kind *ret_kind)
{
    if (muster_slice_equal(typ, muster_slice_of(typ_advisory)))
        *ret_kind = MUSTER_ADVISORY;
    else if (muster_slice_equal(typ, muster_slice_of(typ_standing)))
        *ret_kind = MUSTER_STANDING;
    else
        return MUSTER_E_SHAPE;
    return MUSTER_OK;
}

static int parse_envelope(struct muster_record *r)
{
    static const uint8_t label_typ[] = {0x10};
    static const uint8_t unprotected[] = {0xa0};
    struct muster_cbor c;
    int error;

    muster_cbor_init(&c, r->raw);
    muster_cbor_literal(&c, record_open, sizeof record_open);
    r->protected_header.bytes = c.at;
    r->protected_header.len = RECORD_HEADER_LEN;
    muster_cbor_literal(&c, record_header_open, RECORD_HEADER_OPEN_LEN);
    r->key = c.at;
    if (c.error == MUSTER_OK && (size_t)(c.end - c.at) < MUSTER_KEY_LEN)
        c.error = MUSTER_E_ENCODING;
    if (c.error != MUSTER_OK)
        return c.error;
    c.at += MUSTER_KEY_LEN;
    muster_cbor_literal(&c, label_typ, sizeof label_typ);
    error = parse_typ(muster_cbor_text(&c, 0, MUSTER_STANDING_MAX, MUSTER_PRINTABLE), &r->kind);
    muster_cbor_literal(&c, unprotected, sizeof unprotected);
    r->payload = muster_cbor_bytes(&c, 0, MUSTER_ADVISORY_MAX);
    r->signature = muster_cbor_bytes(&c, MUSTER_SIGNATURE_LEN, MUSTER_SIGNATURE_LEN).bytes;
    return c.error != MUSTER_OK ? c.error : error != MUSTER_OK ? error : muster_cbor_end(&c);
}

static int url_is_legal(struct muster_slice url)
{
    static const char scheme[] = "https://";
    size_t scheme_len = sizeof scheme - 1;

    return url.len == 0 || (url.len > scheme_len && memcmp(url.bytes, scheme, scheme_len) == 0);
}

static void read_defect(struct muster_cbor *c, struct muster_defect *d)
{
    struct muster_range range;
    size_t i;

    muster_cbor_array(c, 6, 6);
    d->id = muster_cbor_text(c, 1, MUSTER_ID_MAX, MUSTER_PRINTABLE);
    d->reason = muster_cbor_uint(c, UINT64_MAX);
    d->enforce_from = muster_cbor_uint(c, MUSTER_TIME_MAX);
    d->fixed_in = muster_cbor_text(c, 0, MUSTER_FIXED_IN_MAX, MUSTER_PRINTABLE);
    d->url = muster_cbor_text(c, 0, MUSTER_URL_MAX, MUSTER_PRINTABLE);
    if (c->error == MUSTER_OK && !url_is_legal(d->url))
        c->error = MUSTER_E_LIMIT;
    d->ranges_n = muster_cbor_array(c, 1, MUSTER_RANGES_MAX);
    d->ranges.bytes = c->at;
    for (i = 0; i < d->ranges_n; i++)
        muster_range_read(c, &range);
    d->ranges.len = (size_t)(c->at - d->ranges.bytes);
}

static int lifetime_is_legal(uint64_t issued, uint64_t expires, uint64_t most)
{
    return issued < expires && expires - issued <= most;
}

static int parse_advisory(struct muster_slice payload, struct muster_advisory *a)
{
    struct muster_cbor c;
    size_t i;

    muster_cbor_init(&c, payload);
    muster_cbor_array(&c, 5, 5);
    a->vendor = muster_cbor_text(&c, 1, MUSTER_NAME_MAX, MUSTER_NAME);
    a->model = muster_cbor_text(&c, 1, MUSTER_NAME_MAX, MUSTER_NAME);
    a->issued = muster_cbor_uint(&c, MUSTER_TIME_MAX);
    a->expires = muster_cbor_uint(&c, MUSTER_TIME_MAX);
    a->defects_n = muster_cbor_array(&c, 0, MUSTER_DEFECTS_MAX);
    for (i = 0; i < a->defects_n; i++)
        read_defect(&c, &a->defects[i]);
    if (c.error == MUSTER_OK && !lifetime_is_legal(a->issued, a->expires, MUSTER_ADVISORY_LIFE_S))
        return MUSTER_E_LIMIT;
    return muster_cbor_end(&c);
}

static int parse_standing(struct muster_slice payload, struct muster_standing *s)
{
    struct muster_cbor c;
    size_t i;

    muster_cbor_init(&c, payload);
    muster_cbor_array(&c, 7, 7);
    s->key = muster_cbor_bytes(&c, MUSTER_KEY_LEN, MUSTER_KEY_LEN).bytes;
    s->name = muster_cbor_text(&c, 1, MUSTER_SIGNER_NAME_MAX, MUSTER_PRINTABLE);
    s->level = (enum muster_level)muster_cbor_uint(&c, MUSTER_GOOD);
    s->issued = muster_cbor_uint(&c, MUSTER_TIME_MAX);
    s->expires = muster_cbor_uint(&c, MUSTER_TIME_MAX);
    s->floor = muster_cbor_uint(&c, MUSTER_TIME_MAX);
    s->scope_n = muster_cbor_array(&c, 0, MUSTER_SCOPE_MAX);
    for (i = 0; i < s->scope_n; i++)
        s->scope[i] = muster_cbor_text(&c, 1, MUSTER_NAME_MAX, MUSTER_NAME);
    if (c.error == MUSTER_OK &&
        (!lifetime_is_legal(s->issued, s->expires, MUSTER_STANDING_LIFE_S) || s->floor > s->issued))
        return MUSTER_E_LIMIT;
    return muster_cbor_end(&c);
}

int muster_record_parse(struct muster_slice raw, struct muster_record *ret_record)
{
    struct muster_record r;
    int error;

    if (raw.len == 0 || raw.len > MUSTER_ADVISORY_MAX)
        return MUSTER_E_SIZE;
    memset(&r, 0, sizeof r);
    r.raw = raw;
    error = parse_envelope(&r);
    if (error != MUSTER_OK)
        return error;
    if (r.kind == MUSTER_STANDING && raw.len > MUSTER_STANDING_MAX)
        return MUSTER_E_SIZE;
    error = r.kind == MUSTER_ADVISORY ? parse_advisory(r.payload, &r.u.advisory)
                                      : parse_standing(r.payload, &r.u.standing);
    if (error == MUSTER_OK)
        *ret_record = r;
    return error;
}

size_t muster_record_to_be_signed(const struct muster_record *record, uint8_t *ret_bytes,
                                  size_t cap)
{
    struct muster_cbor_out o;

    muster_cbor_out_init(&o, ret_bytes, cap);
    muster_cbor_put_array(&o, 4);
    muster_cbor_put_text(&o, muster_slice_of("Signature1"));
    muster_cbor_put_bytes(&o, record->protected_header.bytes, record->protected_header.len);
    muster_cbor_put_bytes(&o, NULL, 0);
    muster_cbor_put_bytes(&o, record->payload.bytes, record->payload.len);
    return o.error == MUSTER_OK ? o.len : 0;
}

int muster_record_verify(const struct muster_record *record)
{
    uint8_t message[RECORD_SIGNED_MAX];
    size_t len = muster_record_to_be_signed(record, message, sizeof message);

    if (len == 0 || muster_crypto_verify(record->signature, message, len, record->key) != 0)
        return MUSTER_E_SIGNATURE;
    return MUSTER_OK;
}

int muster_defect_covers(const struct muster_defect *defect, struct muster_slice build,
                         uint64_t number)
{
    struct muster_range range;
    struct muster_cbor c;
    size_t i;

    muster_cbor_init(&c, defect->ranges);
    for (i = 0; i < defect->ranges_n; i++) {
        muster_range_read(&c, &range);
        if (c.error != MUSTER_OK)
            return 0;
        if (muster_range_covers(&range, build, number))
            return 1;
    }
    return 0;
}

int muster_advisory_covers(const struct muster_advisory *advisory, struct muster_slice build,
                           uint64_t number)
{
    size_t i;

    for (i = 0; i < advisory->defects_n; i++)
        if (muster_defect_covers(&advisory->defects[i], build, number))
            return 1;
    return 0;
}

int muster_standing_speaks_of(const struct muster_standing *standing, struct muster_slice vendor)
{
    size_t i;

    for (i = 0; i < standing->scope_n; i++)
        if (muster_slice_equal(standing->scope[i], vendor))
            return 1;
    return standing->scope_n == 0;
}

enum muster_reason muster_reason_read(uint64_t wire)
{
    return wire >= MUSTER_REMOTE_TAKEOVER && wire <= MUSTER_NO_MORE_UPDATES
               ? (enum muster_reason)wire
               : MUSTER_OTHER;
}

const char *muster_reason_name(enum muster_reason reason)
{
    static const char *const names[] = {
        "other",           "remote takeover", "default or hard-coded password",
        "known exploited", "used in attacks", "no more updates",
    };

    return names[reason < MUSTER_OTHER ? reason : 0];
}

const char *muster_level_name(enum muster_level level)
{
    static const char *const names[] = {"revoked", "suspended", "good"};

    return names[level];
}
