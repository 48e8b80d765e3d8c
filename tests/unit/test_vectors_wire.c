/* SPDX-License-Identifier: ISC */
/* The shared vectors of messages, records, order and ranges, as every implementation must answer
 * them. */
#include "muster/message.h"
#include "muster/record.h"
#include "vectors.h"

static bool expects_ok(const json_t *c)
{
    return strcmp(vector_text(c, "expect"), "ok") == 0;
}

/* Whether the case goes on: it is accepted, and should be. */
static bool accepted(const json_t *c, int error)
{
    test_case("%s", vector_text(c, "name"));
    CHECK_EQ_INT(error == MUSTER_OK, expects_ok(c));
    return error == MUSTER_OK && expects_ok(c);
}

TEST(reports)
{
    VECTORS_EACH("reports", c)
    {
        struct vector_bytes in = vector_field(c, "in"), nonce = vector_field(c, "nonce");
        struct muster_report r;
        uint8_t again[MUSTER_DATAGRAM_MAX];

        if (!accepted(c, muster_report_parse(in.bytes, in.len, &r)))
            continue;
        CHECK_EQ_MEM(r.nonce, nonce.bytes, MUSTER_NONCE_LEN);
        CHECK_EQ_INT(r.event, vector_uint(c, "event"));
        CHECK_EQ_SLICE(r.vendor, vector_text(c, "vendor"));
        CHECK_EQ_SLICE(r.model, vector_text(c, "model"));
        CHECK_EQ_SLICE(r.build, vector_text(c, "build"));
        CHECK(r.number == vector_uint(c, "number"));
        CHECK_EQ_INT(r.padding_len, vector_uint(c, "padding_len"));
        if (r.padding_len == 0) {
            CHECK_EQ_INT(muster_report_write(&r, 0, again, sizeof again), in.len);
            CHECK_EQ_MEM(again, in.bytes, in.len);
        }
        CHECK_EQ_INT(muster_report_write(&r, 1, again, sizeof again), MUSTER_DATAGRAM_MAX);
    }
    json_decref(vectors_file);
}

TEST(inquiries)
{
    VECTORS_EACH("inquiries", c)
    {
        struct vector_bytes in = vector_field(c, "in"), nonce = vector_field(c, "nonce"),
                            key = vector_field(c, "key");
        struct muster_inquiry q;
        uint8_t again[MUSTER_DATAGRAM_MAX];

        if (!accepted(c, muster_inquiry_parse(in.bytes, in.len, &q)))
            continue;
        CHECK_EQ_MEM(q.nonce, nonce.bytes, MUSTER_NONCE_LEN);
        CHECK_EQ_MEM(q.key, key.bytes, MUSTER_KEY_LEN);
        CHECK_EQ_INT(muster_inquiry_write(&q, again, sizeof again), MUSTER_INQUIRY_LEN);
    }
    json_decref(vectors_file);
}

TEST(replies)
{
    VECTORS_EACH("replies", c)
    {
        struct vector_bytes in = vector_field(c, "in"), nonce = vector_field(c, "nonce");
        const json_t *records = json_object_get(c, "records");
        struct muster_reply r;
        uint8_t again[MUSTER_DATAGRAM_MAX];

        if (!accepted(c, muster_reply_parse(in.bytes, in.len, &r)))
            continue;
        CHECK_EQ_MEM(r.nonce, nonce.bytes, MUSTER_NONCE_LEN);
        CHECK_EQ_INT(r.flags, vector_uint(c, "flags"));
        CHECK_EQ_INT(r.records_n, json_array_size(records));
        for (size_t i = 0; i < r.records_n; i++) {
            struct vector_bytes want = vector_hex(json_string_value(json_array_get(records, i)));

            CHECK(muster_slice_equal(r.records[i], vector_slice(&want)));
        }
        CHECK_EQ_INT(muster_reply_len(&r), in.len);
        CHECK_EQ_INT(muster_reply_write(&r, again, sizeof again), in.len);
        CHECK_EQ_MEM(again, in.bytes, in.len);
    }
    json_decref(vectors_file);
}

static void check_advisory(const json_t *c, const struct muster_advisory *a)
{
    const json_t *defects = json_object_get(c, "defects");

    CHECK_EQ_SLICE(a->vendor, vector_text(c, "vendor"));
    CHECK_EQ_SLICE(a->model, vector_text(c, "model"));
    CHECK(a->issued == vector_uint(c, "issued"));
    CHECK(a->expires == vector_uint(c, "expires"));
    CHECK_EQ_INT(a->defects_n, json_array_size(defects));
    for (size_t i = 0; i < a->defects_n; i++) {
        const json_t *d = json_array_get(defects, i);

        CHECK_EQ_SLICE(a->defects[i].id, vector_text(d, "id"));
        CHECK(muster_reason_read(a->defects[i].reason) == vector_uint(d, "reason"));
        CHECK(a->defects[i].enforce_from == vector_uint(d, "enforce_from"));
        CHECK_EQ_SLICE(a->defects[i].fixed_in, vector_text(d, "fixed_in"));
        CHECK_EQ_SLICE(a->defects[i].url, vector_text(d, "url"));
        CHECK_EQ_INT(a->defects[i].ranges_n, vector_uint(d, "n_ranges"));
    }
}

static void check_standing(const json_t *c, const struct muster_standing *s)
{
    struct vector_bytes signer = vector_field(c, "signer");
    const json_t *vendors = json_object_get(c, "vendors");

    CHECK_EQ_MEM(s->key, signer.bytes, MUSTER_KEY_LEN);
    CHECK_EQ_SLICE(s->name, vector_text(c, "signer_name"));
    CHECK_EQ_INT(s->level, vector_uint(c, "level"));
    CHECK(s->issued == vector_uint(c, "issued"));
    CHECK(s->expires == vector_uint(c, "expires"));
    CHECK(s->floor == vector_uint(c, "floor"));
    CHECK_EQ_INT(s->scope_n, json_array_size(vendors));
    for (size_t i = 0; i < s->scope_n; i++)
        CHECK_EQ_SLICE(s->scope[i], json_string_value(json_array_get(vendors, i)));
}

TEST(records)
{
    VECTORS_EACH("records", c)
    {
        struct vector_bytes in = vector_field(c, "in"), key = vector_field(c, "key");
        bool malformed = strcmp(vector_text(c, "expect"), "malformed") == 0;
        struct muster_record r;
        int error = muster_record_parse(vector_slice(&in), &r);

        test_case("%s", vector_text(c, "name"));
        CHECK_EQ_INT(error != MUSTER_OK, malformed);
        if (error != MUSTER_OK || malformed)
            continue;
        CHECK_EQ_INT(muster_record_verify(&r) == MUSTER_OK, expects_ok(c));
        CHECK_EQ_STR(r.kind == MUSTER_ADVISORY ? "advisory" : "standing", vector_text(c, "kind"));
        CHECK_EQ_MEM(r.key, key.bytes, MUSTER_KEY_LEN);
        if (r.kind == MUSTER_ADVISORY)
            check_advisory(c, &r.u.advisory);
        else
            check_standing(c, &r.u.standing);
    }
    json_decref(vectors_file);
}

TEST(order)
{
    VECTORS_EACH("order", c)
    {
        struct muster_slice a = muster_slice_of(vector_text(c, "a")),
                            b = muster_slice_of(vector_text(c, "b"));
        int want = (int)json_integer_value(json_object_get(c, "expect"));

        test_case("%s", vector_text(c, "name"));
        CHECK_EQ_INT(muster_order_compare(a, b), want);
        CHECK_EQ_INT(muster_order_compare(b, a), -want);
    }
    json_decref(vectors_file);
}

TEST(ranges)
{
    VECTORS_EACH("ranges", c)
    {
        struct vector_bytes in = vector_field(c, "range");
        const json_t *expect = json_object_get(c, "expect");
        struct muster_range range;
        struct muster_cbor cursor;

        test_case("%s", vector_text(c, "name"));
        muster_cbor_init(&cursor, vector_slice(&in));
        muster_range_read(&cursor, &range);
        CHECK_EQ_INT(muster_cbor_end(&cursor) != MUSTER_OK, json_is_string(expect));
        if (muster_cbor_end(&cursor) == MUSTER_OK && !json_is_string(expect))
            CHECK_EQ_INT(muster_range_covers(&range, muster_slice_of(vector_text(c, "build")),
                                             vector_uint(c, "number")),
                         json_is_true(expect));
    }
    json_decref(vectors_file);
}
