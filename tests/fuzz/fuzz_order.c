/* SPDX-License-Identifier: ISC */
/* Natural order is a strict weak order over all byte strings, and ranges agree with it. The
 * input is three strings, each behind a byte that gives its length, then a range as it is
 * encoded. */
#include "fuzz.h"
#include "muster/order.h"

static int sign_of(int n)
{
    return (n > 0) - (n < 0);
}

static void check_pair(struct muster_slice a, struct muster_slice b)
{
    PROMISE(sign_of(muster_order_compare(a, b)) == -sign_of(muster_order_compare(b, a)));
    PROMISE(muster_order_compare(a, a) == 0);
    PROMISE(muster_order_alike(a, b) == muster_order_alike(b, a));
    PROMISE(!muster_order_alike(a, b) || (muster_order_has_runs(a) && muster_order_has_runs(b)));
}

static void check_triple(struct muster_slice a, struct muster_slice b, struct muster_slice c)
{
    int ab = sign_of(muster_order_compare(a, b)), bc = sign_of(muster_order_compare(b, c)),
        ac = sign_of(muster_order_compare(a, c));

    PROMISE(!(ab <= 0 && bc <= 0) || ac <= 0);
    PROMISE(!(ab < 0 && bc <= 0) || ac < 0);
    PROMISE(!(ab == 0 && bc == 0) || ac == 0);
}

/* A natural range between two builds covers what lies between them and is like them. */
static void check_natural(struct muster_slice from, struct muster_slice until,
                          struct muster_slice build)
{
    struct muster_range r = {MUSTER_RANGE_NATURAL, from, until, 0, 0, 0};
    int covers;

    for (r.bounds = 0; r.bounds < 4; r.bounds++) {
        if (muster_range_check(&r) != MUSTER_OK)
            continue;
        covers = muster_range_covers(&r, build, 0);
        PROMISE(!covers || muster_order_has_runs(build));
        PROMISE(!covers || from.len == 0 || muster_order_compare(build, from) >= 0);
        PROMISE(!covers || until.len == 0 || muster_order_compare(build, until) <= 0);
        PROMISE(!(covers && from.len > 0) || muster_order_alike(build, from));
    }
}

/* What is read is legal, and is written again byte for byte. */
static void check_encoded(const uint8_t *bytes, size_t len, struct muster_slice build)
{
    struct muster_slice encoded = {bytes, len};
    struct muster_range r;
    struct muster_cbor_out o;
    struct muster_cbor c;
    uint8_t written[256];

    muster_cbor_init(&c, encoded);
    muster_range_read(&c, &r);
    if (c.error != MUSTER_OK)
        return;
    PROMISE(muster_range_check(&r) == MUSTER_OK);
    muster_cbor_out_init(&o, written, sizeof written);
    muster_range_write(&o, &r);
    PROMISE(o.error == MUSTER_OK && o.len == (size_t)(c.at - bytes));
    PROMISE(memcmp(written, bytes, o.len) == 0);
    PROMISE(r.kind != MUSTER_RANGE_NUMBER || !muster_range_covers(&r, build, 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct fuzz_input in = {bytes, bytes + len};
    struct muster_slice s[3];
    int i;

    for (i = 0; i < 3; i++)
        s[i].bytes = fuzz_bytes(&in, fuzz_byte(&in) % 70, &s[i].len);
    for (i = 0; i < 3; i++) {
        check_pair(s[i], s[(i + 1) % 3]);
        check_triple(s[i], s[(i + 1) % 3], s[(i + 2) % 3]);
        check_triple(s[i], s[(i + 2) % 3], s[(i + 1) % 3]);
        check_natural(s[i], s[(i + 1) % 3], s[(i + 2) % 3]);
    }
    check_encoded(in.at, (size_t)(in.end - in.at), s[0]);
    return 0;
}
