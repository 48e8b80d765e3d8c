/* SPDX-License-Identifier: ISC */
/* Natural order (doc/protocol.md, "Natural order"), walked run by run without copying, and the
 * ranges built on it. */
#include "muster/order.h"

#include <string.h>

/* In the order in which they rank at one place. */
enum kind { PRE_RELEASE, END, LETTERS, DIGITS };

struct run {
    enum kind kind;
    int word; /* of a PRE_RELEASE: its rank among them */
    const uint8_t *bytes;
    size_t len;
};

struct walk {
    const uint8_t *at, *end;
};

static int is_digit(uint8_t b)
{
    return b >= '0' && b <= '9';
}

static uint8_t lower(uint8_t b)
{
    return b >= 'A' && b <= 'Z' ? (uint8_t)(b | 0x20) : b;
}

static int is_letter(uint8_t b)
{
    return lower(b) >= 'a' && lower(b) <= 'z';
}

static int compare_letters(const struct run *a, const uint8_t *b, size_t b_len)
{
    size_t i;

    for (i = 0; i < a->len && i < b_len; i++)
        if (lower(a->bytes[i]) != lower(b[i]))
            return lower(a->bytes[i]) < lower(b[i]) ? -1 : 1;
    return (a->len > b_len) - (a->len < b_len);
}

static void classify_word(struct run *r)
{
    static const char *const words[] = {"dev", "snapshot", "alpha", "beta", "pre", "preview", "rc"};
    int i;

    r->kind = LETTERS;
    for (i = 0; i < (int)(sizeof words / sizeof *words); i++) {
        struct muster_slice w = muster_slice_of(words[i]);

        if (compare_letters(r, w.bytes, w.len) == 0) {
            r->kind = PRE_RELEASE;
            r->word = i;
        }
    }
}

/* The next maximal run as it stands in the string. */
static struct run raw_run(struct walk *w)
{
    struct run r = {END, 0, w->end, 0};

    while (w->at < w->end && !is_digit(*w->at) && !is_letter(*w->at))
        w->at++;
    if (w->at == w->end)
        return r;
    r.bytes = w->at;
    if (is_digit(*w->at)) {
        r.kind = DIGITS;
        while (w->at < w->end && is_digit(*w->at))
            w->at++;
        r.len = (size_t)(w->at - r.bytes);
        return r;
    }
    while (w->at < w->end && is_letter(*w->at))
        w->at++;
    r.len = (size_t)(w->at - r.bytes);
    classify_word(&r);
    return r;
}

static int is_zero(const struct run *r)
{
    size_t i;

    if (r->kind != DIGITS)
        return 0;
    for (i = 0; i < r->len; i++)
        if (r->bytes[i] != '0')
            return 0;
    return 1;
}

/* The next run that counts: zeros before letters or the end are passed over. */
static struct run next_run(struct walk *w)
{
    struct run r = raw_run(w), after;
    struct walk ahead = *w;

    if (!is_zero(&r))
        return r;
    do
        after = raw_run(&ahead);
    while (is_zero(&after));
    if (after.kind == DIGITS)
        return r;
    *w = ahead;
    return after;
}

static struct walk start(struct muster_slice s)
{
    struct walk w = {s.bytes, s.bytes + s.len};
    struct walk behind = w;
    struct run first = raw_run(&behind);
    struct walk ahead = behind;

    if (first.kind == LETTERS && first.len == 1 && lower(first.bytes[0]) == 'v' &&
        raw_run(&ahead).kind == DIGITS)
        return behind;
    return w;
}

static int compare_digits(const struct run *a, const struct run *b)
{
    size_t i = 0, k = 0;
    int c;

    while (i < a->len && a->bytes[i] == '0')
        i++;
    while (k < b->len && b->bytes[k] == '0')
        k++;
    if (a->len - i != b->len - k)
        return a->len - i < b->len - k ? -1 : 1;
    c = memcmp(a->bytes + i, b->bytes + k, a->len - i);
    return (c > 0) - (c < 0);
}

static int compare_runs(const struct run *a, const struct run *b)
{
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->kind == DIGITS)
        return compare_digits(a, b);
    if (a->kind == LETTERS)
        return compare_letters(a, b->bytes, b->len);
    return (a->word > b->word) - (a->word < b->word);
}

int muster_order_compare(struct muster_slice a, struct muster_slice b)
{
    struct walk wa = start(a), wb = start(b);

    for (;;) {
        struct run ra = next_run(&wa), rb = next_run(&wb);
        int c = compare_runs(&ra, &rb);

        if (c != 0 || ra.kind == END)
            return c;
    }
}

static struct run first_run(struct muster_slice s)
{
    struct walk w = start(s);

    return next_run(&w);
}

int muster_order_alike(struct muster_slice a, struct muster_slice b)
{
    struct run ra = first_run(a), rb = first_run(b);

    if (ra.kind != rb.kind || ra.kind == END)
        return 0;
    return ra.kind == DIGITS || compare_letters(&ra, rb.bytes, rb.len) == 0;
}

int muster_order_has_runs(struct muster_slice a)
{
    return first_run(a).kind != END;
}

static int check_natural(const struct muster_range *r)
{
    int c;

    if (r->bounds > (MUSTER_FROM_EXCLUDED | MUSTER_UNTIL_INCLUDED))
        return MUSTER_E_LIMIT;
    if (r->from.len > 0 && !muster_order_has_runs(r->from))
        return MUSTER_E_LIMIT;
    if (r->until.len > 0 && !muster_order_has_runs(r->until))
        return MUSTER_E_LIMIT;
    if (r->from.len == 0 || r->until.len == 0)
        return MUSTER_OK;
    if (!muster_order_alike(r->from, r->until))
        return MUSTER_E_LIMIT;
    c = muster_order_compare(r->from, r->until);
    if (c > 0 || (c == 0 && r->bounds != MUSTER_UNTIL_INCLUDED))
        return MUSTER_E_LIMIT;
    return MUSTER_OK;
}

int muster_range_check(const struct muster_range *r)
{
    if (r->kind == MUSTER_RANGE_NATURAL)
        return check_natural(r);
    if (r->kind == MUSTER_RANGE_NUMBER)
        return r->low <= r->high ? MUSTER_OK : MUSTER_E_LIMIT;
    return r->from.len >= 1 && r->from.len <= MUSTER_BUILD_MAX ? MUSTER_OK : MUSTER_E_LIMIT;
}

static void read_bounds(struct muster_cbor *c, struct muster_range *r)
{
    if (r->kind == MUSTER_RANGE_EXACT) {
        r->from = muster_cbor_text(c, 1, MUSTER_BUILD_MAX, MUSTER_PRINTABLE);
    } else if (r->kind == MUSTER_RANGE_NATURAL) {
        r->from = muster_cbor_text(c, 0, MUSTER_BUILD_MAX, MUSTER_PRINTABLE);
        r->until = muster_cbor_text(c, 0, MUSTER_BUILD_MAX, MUSTER_PRINTABLE);
        r->bounds = (unsigned)muster_cbor_uint(c, MUSTER_FROM_EXCLUDED | MUSTER_UNTIL_INCLUDED);
    } else {
        r->low = muster_cbor_uint(c, UINT64_MAX);
        r->high = muster_cbor_uint(c, UINT64_MAX);
    }
}

void muster_range_read(struct muster_cbor *c, struct muster_range *ret_range)
{
    struct muster_range r;
    size_t n;

    memset(&r, 0, sizeof r);
    n = muster_cbor_array(c, 2, 4);
    r.kind = (enum muster_range_kind)muster_cbor_uint(c, MUSTER_RANGE_NUMBER);
    if (c->error == MUSTER_OK && n != (r.kind == MUSTER_RANGE_EXACT     ? 2u
                                       : r.kind == MUSTER_RANGE_NATURAL ? 4u
                                                                        : 3u))
        c->error = MUSTER_E_SHAPE;
    read_bounds(c, &r);
    if (c->error == MUSTER_OK)
        c->error = muster_range_check(&r);
    if (c->error == MUSTER_OK)
        *ret_range = r;
}

void muster_range_write(struct muster_cbor_out *o, const struct muster_range *r)
{
    muster_cbor_put_array(o, r->kind == MUSTER_RANGE_EXACT     ? 2
                             : r->kind == MUSTER_RANGE_NATURAL ? 4
                                                               : 3);
    muster_cbor_put_uint(o, r->kind);
    if (r->kind == MUSTER_RANGE_EXACT) {
        muster_cbor_put_text(o, r->from);
    } else if (r->kind == MUSTER_RANGE_NATURAL) {
        muster_cbor_put_text(o, r->from);
        muster_cbor_put_text(o, r->until);
        muster_cbor_put_uint(o, r->bounds);
    } else {
        muster_cbor_put_uint(o, r->low);
        muster_cbor_put_uint(o, r->high);
    }
}

static int covers_natural(const struct muster_range *r, struct muster_slice build)
{
    int c;

    if (!muster_order_has_runs(build))
        return 0;
    if (r->from.len > 0) {
        if (!muster_order_alike(build, r->from))
            return 0;
        c = muster_order_compare(build, r->from);
        if (c < 0 || (c == 0 && (r->bounds & MUSTER_FROM_EXCLUDED)))
            return 0;
    }
    if (r->until.len > 0) {
        if (!muster_order_alike(build, r->until))
            return 0;
        c = muster_order_compare(build, r->until);
        if (c > 0 || (c == 0 && !(r->bounds & MUSTER_UNTIL_INCLUDED)))
            return 0;
    }
    return 1;
}

int muster_range_covers(const struct muster_range *r, struct muster_slice build, uint64_t number)
{
    if (r->kind == MUSTER_RANGE_EXACT)
        return muster_slice_equal(r->from, build);
    if (r->kind == MUSTER_RANGE_NUMBER)
        return number != 0 && number >= r->low && number <= r->high;
    return covers_natural(r, build);
}
