/* SPDX-License-Identifier: ISC */
/* Joining defects until they fit. It must not join what is enforced at different times or for
 * different reasons: the owner would be told something wrong. */
#include "tool/join.h"

#include <stdio.h>
#include <string.h>

#include "host/clock.h"
#include "tool/cli.h"
#include "tool/names.h"

/* COSE_Sign1 around a payload: tag and array 2, header 2 + 73, empty map 1, signature 2 + 64. */
#define ENVELOPE_LEN (2 + 2 + 73 + 1 + 2 + 64)

size_t join_record_len(const struct muster_advisory *advisory)
{
    uint8_t payload[MUSTER_ADVISORY_MAX];
    size_t len = muster_advisory_write(advisory, payload, sizeof payload);
    size_t whole = ENVELOPE_LEN + len + (len < 24 ? 1 : len < 256 ? 2 : 3);

    return len > 0 && whole <= MUSTER_ADVISORY_MAX ? whole : 0;
}

static void start(struct join_draft *d, const struct source *s, uint64_t enforce_from)
{
    (void)snprintf(d->id, sizeof d->id, "%s", s->id);
    d->first_id = s->id;
    d->sources_n = 1;
    d->reason = s->reason;
    d->enforce_from = enforce_from;
    d->fixed_in = s->fixed_in;
    d->url = s->url;
    d->ranges_n = s->ranges_n;
    d->ranges_len = s->ranges.len;
    memcpy(d->ranges, s->ranges.bytes, s->ranges.len);
}

static struct muster_slice next_range(struct muster_cbor *c)
{
    struct muster_slice one = {c->at, 0};
    struct muster_range range;

    muster_range_read(c, &range);
    one.len = (size_t)(c->at - one.bytes);
    return one;
}

static bool has_range(const struct join_draft *d, struct muster_slice range)
{
    struct muster_cbor c;
    size_t i;

    muster_cbor_init(&c, (struct muster_slice){d->ranges, d->ranges_len});
    for (i = 0; i < d->ranges_n; i++)
        if (muster_slice_equal(next_range(&c), range))
            return true;
    return false;
}

/* Adds b's ranges to a's; false, with a half-done, if there are more than eight. */
static bool add_ranges(struct join_draft *a, const struct join_draft *b)
{
    struct muster_cbor c;
    size_t i;

    muster_cbor_init(&c, (struct muster_slice){b->ranges, b->ranges_len});
    for (i = 0; i < b->ranges_n; i++) {
        struct muster_slice range = next_range(&c);

        if (has_range(a, range))
            continue;
        if (a->ranges_n == MUSTER_RANGES_MAX)
            return false;
        memcpy(a->ranges + a->ranges_len, range.bytes, range.len);
        a->ranges_len += range.len;
        a->ranges_n++;
    }
    return true;
}

/* The build that fixes both, if they can be compared. */
static const char *higher_fix(const char *a, const char *b)
{
    struct muster_slice x = muster_slice_of(a), y = muster_slice_of(b);

    if (x.len == 0 || y.len == 0 || !muster_order_alike(x, y))
        return "";
    return muster_order_compare(x, y) >= 0 ? a : b;
}

static bool may_join(const struct join_draft *a, const struct join_draft *b)
{
    return a->reason == b->reason && a->enforce_from == b->enforce_from;
}

/* Joins b into a; false, with a as it was, if the two do not go into one defect. */
static bool join_two(struct join_draft *a, const struct join_draft *b)
{
    struct join_draft both = *a;
    int len;

    if (!may_join(a, b) || !add_ranges(&both, b))
        return false;
    both.sources_n += b->sources_n;
    len = snprintf(both.id, sizeof both.id, "%s +%zu", both.first_id, both.sources_n - 1);
    if (len < 0 || (size_t)len >= sizeof both.id)
        return false;
    both.fixed_in = higher_fix(a->fixed_in, b->fixed_in);
    if (strcmp(a->url, b->url) != 0)
        both.url = "";
    *a = both;
    return true;
}

/* The first two that go together, in the order of ids. */
static bool join_some(struct join *join)
{
    size_t i, k;

    for (i = 0; i < join->n; i++)
        for (k = i + 1; k < join->n; k++)
            if (join_two(&join->drafts[i], &join->drafts[k])) {
                memmove(&join->drafts[k], &join->drafts[k + 1],
                        (join->n - k - 1) * sizeof join->drafts[0]);
                join->n--;
                return true;
            }
    return false;
}

static bool drop_longest_url(struct join *join)
{
    struct join_draft *longest = NULL;
    size_t i;

    for (i = 0; i < join->n; i++)
        if (longest == NULL || strlen(join->drafts[i].url) > strlen(longest->url))
            longest = &join->drafts[i];
    if (longest == NULL || longest->url[0] == '\0')
        return false;
    longest->url = "";
    return true;
}

static void fill(const struct join *join, struct muster_advisory *a)
{
    size_t i;

    a->defects_n = join->n;
    for (i = 0; i < join->n; i++) {
        const struct join_draft *d = &join->drafts[i];

        a->defects[i] = (struct muster_defect){
            .id = muster_slice_of(d->id),
            .reason = d->reason,
            .enforce_from = d->enforce_from,
            .fixed_in = muster_slice_of(d->fixed_in),
            .url = muster_slice_of(d->url),
            .ranges_n = d->ranges_n,
            .ranges = {d->ranges, d->ranges_len},
        };
    }
}

static bool fits(const struct join *join, struct muster_advisory *io_advisory)
{
    fill(join, io_advisory);
    return join_record_len(io_advisory) > 0;
}

static void refuse(const struct join *join, const struct source *sources,
                   const uint64_t *enforce_from, size_t n, struct problems *problems)
{
    char name[NAMES_TEXT_CAP], from[CLOCK_TEXT_CAP];
    size_t i;

    problem_add(problems, names_text(name, sources[0].name_key), NULL,
                "%zu files make %zu defects that do not fit one advisory (at most %d defects, 8 "
                "ranges each, "
                "%d bytes), and only defects with the same reason and enforce-from are joined; "
                "drop or change "
                "some of:",
                n, join->n, MUSTER_DEFECTS_MAX, MUSTER_ADVISORY_MAX);
    for (i = 0; i < n; i++)
        problem_note(problems, "%s: %s, %s, %s%s, %zu range%s of %zu bytes", SAFE(sources[i].path),
                     SAFE(sources[i].id), muster_reason_name(muster_reason_read(sources[i].reason)),
                     enforce_from[i] == 0 ? "" : "enforced from ",
                     enforce_from[i] == 0 ? "notice only" : clock_format(from, enforce_from[i]),
                     sources[i].ranges_n, sources[i].ranges_n == 1 ? "" : "s",
                     sources[i].ranges.len);
}

int join_model(struct join *join, const struct source *sources, const uint64_t *enforce_from,
               size_t n, struct muster_advisory *io_advisory, struct problems *problems)
{
    char name[NAMES_TEXT_CAP];
    size_t i;

    if (n > JOIN_MAX) {
        problem_add(problems, names_text(name, sources[0].name_key), NULL,
                    "%zu files on one model; at most %d are read, join them by hand", n, JOIN_MAX);
        return -1;
    }
    join->n = n;
    for (i = 0; i < n; i++)
        start(&join->drafts[i], &sources[i], enforce_from[i]);
    while (join->n > MUSTER_DEFECTS_MAX)
        if (!join_some(join))
            break;
    while (join->n <= MUSTER_DEFECTS_MAX && !fits(join, io_advisory))
        if (!drop_longest_url(join) && !join_some(join))
            break;
    if (join->n <= MUSTER_DEFECTS_MAX && fits(join, io_advisory))
        return 0;
    refuse(join, sources, enforce_from, n, problems);
    return -1;
}
