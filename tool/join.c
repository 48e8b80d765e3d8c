/* SPDX-License-Identifier: ISC */
/* Joining defects until they fit, those first that lose least by it. It must not cover a build
 * that no source covers, nor have anything enforced earlier than its source says. */
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

static bool natural_contains(const struct muster_range *outer, const struct muster_range *inner)
{
    int c;

    if (outer->from.len > 0) {
        if (inner->from.len == 0 || !muster_order_alike(inner->from, outer->from))
            return false;
        c = muster_order_compare(inner->from, outer->from);
        if (c < 0 || (c == 0 && (outer->bounds & ~inner->bounds & MUSTER_FROM_EXCLUDED)))
            return false;
    }
    if (outer->until.len > 0) {
        if (inner->until.len == 0 || !muster_order_alike(inner->until, outer->until))
            return false;
        c = muster_order_compare(inner->until, outer->until);
        if (c > 0 || (c == 0 && (inner->bounds & ~outer->bounds & MUSTER_UNTIL_INCLUDED)))
            return false;
    }
    return true;
}

bool join_contains(const struct muster_range *outer, const struct muster_range *inner)
{
    if (inner->kind == MUSTER_RANGE_EXACT && outer->kind != MUSTER_RANGE_NUMBER)
        return muster_range_covers(outer, inner->from, 0) != 0;
    if (inner->kind != outer->kind)
        return false;
    if (inner->kind == MUSTER_RANGE_NUMBER)
        return outer->low <= inner->low && inner->high <= outer->high;
    return natural_contains(outer, inner);
}

struct pieces {
    size_t n;
    struct {
        struct muster_slice bytes;
        struct muster_range range;
    } at[2 * MUSTER_RANGES_MAX];
};

static void take_apart(const struct join_draft *d, struct pieces *io)
{
    struct muster_cbor c;
    size_t i;

    muster_cbor_init(&c, (struct muster_slice){d->ranges, d->ranges_len});
    for (i = 0; i < d->ranges_n; i++, io->n++) {
        io->at[io->n].bytes.bytes = c.at;
        muster_range_read(&c, &io->at[io->n].range);
        io->at[io->n].bytes.len = (size_t)(c.at - io->at[io->n].bytes.bytes);
    }
}

/* Of two that contain each other the first stays. */
static bool is_contained(const struct pieces *p, size_t i)
{
    size_t k;

    for (k = 0; k < p->n; k++)
        if (k != i && join_contains(&p->at[k].range, &p->at[i].range) &&
            (k < i || !join_contains(&p->at[i].range, &p->at[k].range)))
            return true;
    return false;
}

/* Makes `both`'s ranges of a's and b's; false, with `both` half-done, if more than eight are left.
 */
static bool unite_ranges(const struct join_draft *a, const struct join_draft *b,
                         struct join_draft *both)
{
    struct pieces p = {.n = 0};
    size_t i;

    take_apart(a, &p);
    take_apart(b, &p);
    both->ranges_n = both->ranges_len = 0;
    for (i = 0; i < p.n; i++) {
        if (is_contained(&p, i))
            continue;
        if (both->ranges_n == MUSTER_RANGES_MAX)
            return false;
        memcpy(both->ranges + both->ranges_len, p.at[i].bytes.bytes, p.at[i].bytes.len);
        both->ranges_len += p.at[i].bytes.len;
        both->ranges_n++;
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

static unsigned gravity(uint64_t reason)
{
    static const enum muster_reason gravest_first[] = {
        MUSTER_USED_IN_ATTACKS,  MUSTER_KNOWN_EXPLOITED, MUSTER_REMOTE_TAKEOVER,
        MUSTER_DEFAULT_PASSWORD, MUSTER_NO_MORE_UPDATES, MUSTER_OTHER};
    unsigned i = 0;

    while (gravest_first[i] != muster_reason_read(reason))
        i++;
    return i;
}

uint64_t join_graver(uint64_t a, uint64_t b)
{
    return gravity(a) <= gravity(b) ? a : b;
}

static bool is_exploited(const struct join_draft *d)
{
    return gravity(d->reason) <= gravity(MUSTER_KNOWN_EXPLOITED);
}

/* What is lost by joining two, added up; the least sum is joined first. */
enum loss {
    LOSS_LATER = 1,     /* one of them is enforced later than need be */
    LOSS_REASON = 2,    /* the owner hears the graver reason of two */
    LOSS_EXPLOITED = 4, /* a known exploited one has no line of its own */
    LOSS_LIFTED = 8,    /* one that is enforced already becomes a notice for a while */
    LOSSES = 16
};

/* The sum, or LOSSES if they must not be joined at all. */
static unsigned loss(const struct join_draft *a, const struct join_draft *b, uint64_t issued)
{
    bool a_passed = a->enforce_from <= issued, b_passed = b->enforce_from <= issued;
    unsigned sum = a->reason != b->reason ? LOSS_REASON : 0;

    if ((a->enforce_from == 0) != (b->enforce_from == 0))
        return LOSSES;
    if (is_exploited(a) || is_exploited(b))
        sum |= LOSS_EXPLOITED;
    if (a_passed != b_passed)
        sum |= LOSS_LIFTED;
    else if (!a_passed && a->enforce_from != b->enforce_from)
        sum |= LOSS_LATER;
    return sum;
}

/* Joins b into a; false, with a as it was, if the two do not go into one defect. */
static bool join_two(struct join_draft *a, const struct join_draft *b)
{
    struct join_draft both = *a;
    int len;

    if (!unite_ranges(a, b, &both))
        return false;
    both.sources_n += b->sources_n;
    len = snprintf(both.id, sizeof both.id, "%s +%zu", both.first_id, both.sources_n - 1);
    if (len < 0 || (size_t)len >= sizeof both.id)
        return false;
    both.reason = join_graver(a->reason, b->reason);
    if (b->enforce_from > a->enforce_from)
        both.enforce_from = b->enforce_from;
    both.fixed_in = higher_fix(a->fixed_in, b->fixed_in);
    if (strcmp(a->url, b->url) != 0)
        both.url = "";
    *a = both;
    return true;
}

/* Joins all pairs of one loss, from the front, until `wanted` defects are left. */
static bool join_at(struct join *join, unsigned at_loss, uint64_t issued, size_t wanted)
{
    bool joined = false;
    size_t i, k;

    for (i = 0; i < join->n; i++)
        for (k = i + 1; k < join->n && join->n > wanted;) {
            struct join_draft *a = &join->drafts[i], *b = &join->drafts[k];

            if (loss(a, b, issued) != at_loss || !join_two(a, b)) {
                k++;
                continue;
            }
            joined = true;
            memmove(b, b + 1, (join->n - k - 1) * sizeof *b);
            join->n--;
        }
    return joined;
}

/* Joins until `wanted` defects are left; false if not so many can be joined. What was joined at
 * some loss may go with others at less, so the search begins anew then. */
static bool join_down(struct join *join, uint64_t issued, size_t wanted)
{
    unsigned at_loss = 0;

    while (join->n > wanted && at_loss < LOSSES)
        at_loss = join_at(join, at_loss, issued, wanted) && at_loss > 0 ? 0 : at_loss + 1;
    return join->n <= wanted;
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

static struct problem_at at_source(const struct source *s)
{
    return (struct problem_at){s->path, s->line, NULL};
}

static void refuse(const struct join *join, const struct source *sources,
                   const uint64_t *enforce_from, size_t n, struct problems *problems)
{
    char name[NAMES_TEXT_CAP], from[CLOCK_TEXT_CAP];
    size_t i;

    problem_add(
        problems, RULE_ADVISORY_SIZE, at_source(&sources[0]),
        "%s: %zu files make %zu defects that do not fit one advisory (at most %d defects, 8 "
        "ranges each, %d bytes), even joined; drop or change some of:",
        names_text(name, sources[0].name_key), n, join->n, MUSTER_DEFECTS_MAX, MUSTER_ADVISORY_MAX);
    for (i = 0; i < n; i++)
        problem_note(problems, at_source(&sources[i]), "%s, %s, %s%s, %zu range%s of %zu bytes",
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
        problem_add(problems, RULE_ADVISORY_SIZE, at_source(&sources[0]),
                    "%s: %zu files on one model; at most %d are read, join them by hand",
                    names_text(name, sources[0].name_key), n, JOIN_MAX);
        return -1;
    }
    join->n = n;
    for (i = 0; i < n; i++)
        start(&join->drafts[i], &sources[i], enforce_from[i]);
    if (join_down(join, io_advisory->issued, MUSTER_DEFECTS_MAX))
        do
            if (fits(join, io_advisory))
                return 0;
        while (drop_longest_url(join) || join_down(join, io_advisory->issued, join->n - 1));
    refuse(join, sources, enforce_from, n, problems);
    return -1;
}
