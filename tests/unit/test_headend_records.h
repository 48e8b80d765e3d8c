/* SPDX-License-Identifier: ISC */
/* Signed records for the head-end's tests: key n is the one of the seed n, n, n, ... */
#ifndef TEST_HEADEND_RECORDS_H
#define TEST_HEADEND_RECORDS_H

#include <string.h>

#include "crypto/sodium.h"
#include "muster/answer.h"
#include "muster/record.h"

#define NOW UINT64_C(1800000000)

struct test_signed {
    uint8_t bytes[MUSTER_ADVISORY_MAX];
    size_t len;
};

static inline struct muster_signing test_key(uint8_t n, struct muster_sodium_secret *ret_secret)
{
    uint8_t seed[MUSTER_SEED_LEN];
    struct muster_signing signing;

    memset(seed, n, sizeof seed);
    muster_sodium_open(seed, ret_secret, &signing);
    return signing;
}

static inline const uint8_t *test_public(uint8_t n)
{
    static uint8_t keys[256][MUSTER_KEY_LEN];
    struct muster_sodium_secret secret;

    memcpy(keys[n], test_key(n, &secret).key, MUSTER_KEY_LEN);
    return keys[n];
}

/* len is 0 if the record would be malformed. */
static inline struct test_signed test_sign(enum muster_record_kind kind,
                                           struct muster_slice payload, uint8_t key)
{
    struct muster_sodium_secret secret;
    struct muster_signing signing = test_key(key, &secret);
    struct test_signed record = {.len = 0};

    if (muster_record_sign(kind, payload, &signing, record.bytes, sizeof record.bytes,
                           &record.len) != MUSTER_OK)
        record.len = 0;
    return record;
}

static inline struct test_signed test_standing(uint8_t authority, uint8_t signer,
                                               enum muster_level level, uint64_t issued,
                                               uint64_t expires)
{
    struct muster_standing standing = {.key = test_public(signer),
                                       .name = muster_slice_of("Example Networks"),
                                       .level = level,
                                       .issued = issued,
                                       .expires = expires};
    uint8_t payload[MUSTER_STANDING_MAX];
    struct muster_slice slice = {payload,
                                 muster_standing_write(&standing, payload, sizeof payload)};

    return test_sign(MUSTER_STANDING, slice, authority);
}

/* One defect; `every`: covering all builds with runs, else only the build "none". */
static inline struct test_signed test_advisory(uint8_t signer, const char *vendor,
                                               const char *model, uint64_t issued, uint64_t expires,
                                               int every)
{
    struct muster_range range = {.kind = every ? MUSTER_RANGE_NATURAL : MUSTER_RANGE_EXACT,
                                 .from = muster_slice_of(every ? "" : "none")};
    struct muster_advisory advisory = {.vendor = muster_slice_of(vendor),
                                       .model = muster_slice_of(model),
                                       .issued = issued,
                                       .expires = expires,
                                       .defects_n = 1};
    uint8_t payload[MUSTER_ADVISORY_MAX], ranges[32];
    struct muster_slice slice = {payload, 0};
    struct muster_cbor_out out;

    muster_cbor_out_init(&out, ranges, sizeof ranges);
    muster_range_write(&out, &range);
    advisory.defects[0].id = muster_slice_of("TEST");
    advisory.defects[0].reason = MUSTER_OTHER;
    advisory.defects[0].enforce_from = issued;
    advisory.defects[0].ranges_n = 1;
    advisory.defects[0].ranges.bytes = ranges;
    advisory.defects[0].ranges.len = out.len;
    slice.len = muster_advisory_write(&advisory, payload, sizeof payload);
    return test_sign(MUSTER_ADVISORY, slice, signer);
}

static inline struct muster_slice test_slice(const struct test_signed *record)
{
    struct muster_slice slice = {record->bytes, record->len};

    return slice;
}

#endif
