/* SPDX-License-Identifier: ISC */
/* Signed statements: what is accepted keeps every limit, is written again byte for byte, and can
 * be asked without harm. */
#include "fuzz.h"
#include "muster/record.h"

static const struct muster_slice builds[] = {{(const uint8_t *)"1.0", 3},
                                             {(const uint8_t *)"SNAPSHOT r25000", 15},
                                             {(const uint8_t *)"0", 1}};

static void check_advisory(const struct muster_record *r)
{
    const struct muster_advisory *a = &r->u.advisory;
    size_t i;

    PROMISE(r->raw.len <= MUSTER_ADVISORY_MAX && a->defects_n <= MUSTER_DEFECTS_MAX);
    PROMISE(a->issued < a->expires && a->expires <= a->issued + MUSTER_ADVISORY_LIFE_S &&
            a->expires <= MUSTER_TIME_MAX);
    for (i = 0; i < sizeof builds / sizeof *builds; i++)
        if (a->defects_n == 0)
            PROMISE(!muster_advisory_covers(a, builds[i], 7));
        else
            (void)muster_advisory_covers(a, builds[i], UINT64_MAX);
}

static void check_standing(const struct muster_record *r)
{
    const struct muster_standing *s = &r->u.standing;

    PROMISE(r->raw.len <= MUSTER_STANDING_MAX && s->scope_n <= MUSTER_SCOPE_MAX);
    PROMISE(s->issued < s->expires && s->expires <= s->issued + MUSTER_STANDING_LIFE_S);
    PROMISE(s->floor <= s->issued && s->expires <= MUSTER_TIME_MAX);
    if (s->scope_n == 0)
        PROMISE(muster_standing_speaks_of(s, builds[0]));
}

static void check_payload(const struct muster_record *r)
{
    uint8_t written[MUSTER_ADVISORY_MAX];
    size_t len = r->kind == MUSTER_ADVISORY
                     ? muster_advisory_write(&r->u.advisory, written, sizeof written)
                     : muster_standing_write(&r->u.standing, written, sizeof written);

    PROMISE(len == r->payload.len && memcmp(written, r->payload.bytes, len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    uint8_t to_be_signed[1024];
    struct muster_slice raw = {bytes, len};
    struct muster_record r;

    if (muster_record_parse(raw, &r) != MUSTER_OK)
        return 0;
    PROMISE(r.payload.bytes > bytes && r.payload.bytes + r.payload.len < bytes + len);
    PROMISE(r.signature + MUSTER_SIGNATURE_LEN == bytes + len);
    PROMISE(muster_record_to_be_signed(&r, to_be_signed, sizeof to_be_signed) > r.payload.len);
    if (r.kind == MUSTER_ADVISORY)
        check_advisory(&r);
    else
        check_standing(&r);
    check_payload(&r);
    PROMISE(muster_record_verify(&r) != MUSTER_OK ||
            r.signature[63] < 0x20); /* S is below the order */
    return 0;
}
