/* SPDX-License-Identifier: ISC */
/* Two lists walked side by side, and the advisories of a model held against each other. Renewals
 * (same defects, later times) are counted and not told. */
#include <stdio.h>

#include "host/clock.h"
#include "tool/cli.h"
#include "tool/describe.h"
#include "tool/diff.h"

/* One list's next model. */
struct side {
    const struct muster_list *list;
    uint64_t offset;
    bool present;
    struct muster_list_entry entry;
    struct muster_record record;
};

struct diff {
    struct json *json;
    diff_name_fn *name; /* not NULL: names only */
    void *ctx;
    struct diff_counts counts;
};

static void step(struct side *s)
{
    do
        s->present = s->list != NULL &&
                     muster_list_entry_at(s->list, s->offset, &s->entry, &s->offset) == MUSTER_OK &&
                     muster_record_parse(s->entry.record, &s->record) == MUSTER_OK;
    while (s->present && names_are_test(s->entry.name_key));
}

static const struct muster_advisory *advisory(const struct side *s)
{
    return &s->record.u.advisory;
}

static const struct muster_defect *find_defect(const struct muster_advisory *a,
                                               struct muster_slice id)
{
    size_t i;

    for (i = 0; a != NULL && i < a->defects_n; i++)
        if (muster_slice_equal(a->defects[i].id, id))
            return &a->defects[i];
    return NULL;
}

static struct muster_slice next_range(struct muster_cbor *c, struct muster_range *ret_range)
{
    struct muster_slice one = {c->at, 0};

    muster_range_read(c, ret_range);
    one.len = (size_t)(c->at - one.bytes);
    return one;
}

static bool has_range(const struct muster_defect *d, struct muster_slice range)
{
    struct muster_range ignored;
    struct muster_cbor c;
    size_t i;

    if (d == NULL)
        return false;
    muster_cbor_init(&c, d->ranges);
    for (i = 0; i < d->ranges_n; i++)
        if (muster_slice_equal(next_range(&c, &ignored), range))
            return true;
    return false;
}

static const char *change_word(char sign)
{
    return sign == '+' ? "added" : sign == '-' ? "removed" : "changed";
}

/* One thing that was added, taken away or changed inside a model. */
static void tell(const struct diff *diff, char sign, const char *what, const char *text)
{
    if (diff->json == NULL) {
        printf("      %c %s %s\n", sign, what, text);
        return;
    }
    json_open_object(diff->json, NULL);
    json_key_text(diff->json, "change", change_word(sign));
    json_key_text(diff->json, "what", what);
    json_key_text(diff->json, "text", text);
    json_close(diff->json);
}

/* The ranges of d that `other` does not have. */
static void tell_ranges(const struct diff *diff, char sign, const struct muster_defect *d,
                        const struct muster_defect *other)
{
    char text[DESCRIBE_RANGE_CAP];
    struct muster_range range;
    struct muster_cbor c;
    size_t i;

    muster_cbor_init(&c, d->ranges);
    for (i = 0; i < d->ranges_n; i++)
        if (!has_range(other, next_range(&c, &range)))
            tell(diff, sign, "covers", describe_range(text, &range));
}

static const char *enforcement(char out[CLOCK_TEXT_CAP], uint64_t enforce_from)
{
    return enforce_from == 0 ? "never (notice only)" : clock_format(out, enforce_from);
}

static void tell_enforcement(const struct diff *diff, const struct muster_defect *d,
                             const struct muster_defect *before)
{
    char now[CLOCK_TEXT_CAP], then[CLOCK_TEXT_CAP], text[128];

    if (before == NULL)
        tell(diff, '+', "enforced from", enforcement(now, d->enforce_from));
    if (before == NULL || before->enforce_from == d->enforce_from)
        return;
    (void)snprintf(text, sizeof text, "%s, was %s", enforcement(now, d->enforce_from),
                   enforcement(then, before->enforce_from));
    tell(diff, '~', "enforced from", text);
}

static void tell_text(const struct diff *diff, const char *what, struct muster_slice now,
                      struct muster_slice before)
{
    char text[3 * MUSTER_URL_MAX];

    if (muster_slice_equal(now, before))
        return;
    (void)snprintf(text, sizeof text, "\"%s\", was \"%s\"", SAFE_SLICE(now), SAFE_SLICE(before));
    tell(diff, '~', what, text);
}

static void open_defect(const struct diff *diff, char sign, const struct muster_defect *d)
{
    const char *reason = muster_reason_name(muster_reason_read(d->reason));

    if (diff->json == NULL) {
        printf("    %c %s (%s)\n", sign, SAFE_SLICE(d->id), reason);
        return;
    }
    json_open_object(diff->json, NULL);
    json_key_text(diff->json, "change", change_word(sign));
    json_key_string(diff->json, "id", (const char *)d->id.bytes, d->id.len);
    json_key_text(diff->json, "reason", reason);
    json_open_array(diff->json, "details");
}

static void close_defect(const struct diff *diff)
{
    if (diff->json == NULL)
        return;
    json_close(diff->json);
    json_close(diff->json);
}

static bool same_defect(const struct muster_defect *a, const struct muster_defect *b)
{
    return a->reason == b->reason && a->enforce_from == b->enforce_from &&
           muster_slice_equal(a->fixed_in, b->fixed_in) && muster_slice_equal(a->url, b->url) &&
           muster_slice_equal(a->ranges, b->ranges);
}

static void tell_changed_defect(const struct diff *diff, const struct muster_defect *d,
                                const struct muster_defect *before)
{
    open_defect(diff, '~', d);
    if (d->reason != before->reason)
        tell_text(diff, "reason",
                  muster_slice_of(muster_reason_name(muster_reason_read(d->reason))),
                  muster_slice_of(muster_reason_name(muster_reason_read(before->reason))));
    tell_ranges(diff, '-', before, d);
    tell_ranges(diff, '+', d, before);
    tell_enforcement(diff, d, before);
    tell_text(diff, "fixed in", d->fixed_in, before->fixed_in);
    tell_text(diff, "url", d->url, before->url);
    close_defect(diff);
}

static void tell_defects(const struct diff *diff, const struct muster_advisory *before,
                         const struct muster_advisory *now)
{
    size_t i;

    for (i = 0; before != NULL && i < before->defects_n; i++)
        if (find_defect(now, before->defects[i].id) == NULL) {
            open_defect(diff, '-', &before->defects[i]);
            tell_ranges(diff, '-', &before->defects[i], NULL);
            close_defect(diff);
        }
    for (i = 0; now != NULL && i < now->defects_n; i++) {
        const struct muster_defect *d = &now->defects[i], *was = find_defect(before, d->id);

        if (was == NULL) {
            open_defect(diff, '+', d);
            tell_ranges(diff, '+', d, NULL);
            tell_enforcement(diff, d, NULL);
            close_defect(diff);
        } else if (!same_defect(d, was)) {
            tell_changed_defect(diff, d, was);
        }
    }
}

static void tell_model(const struct diff *diff, char sign, const char *change,
                       struct muster_slice name_key, const struct muster_advisory *before,
                       const struct muster_advisory *now)
{
    char name[NAMES_TEXT_CAP];

    (void)names_text(name, name_key);
    if (diff->name != NULL) {
        diff->name(diff->ctx, sign, change, name);
        return;
    }
    if (diff->json == NULL) {
        printf("%c %s %s\n", sign, name, change);
        tell_defects(diff, before, now);
        return;
    }
    json_open_object(diff->json, NULL);
    json_key_text(diff->json, "model", name);
    json_key_text(diff->json, "change", change);
    json_open_array(diff->json, "defects");
    tell_defects(diff, before, now);
    json_close(diff->json);
    json_close(diff->json);
}

static void compare_models(struct diff *diff, const struct side *old, const struct side *next)
{
    const struct muster_advisory *before = old != NULL ? advisory(old) : NULL,
                                 *now = advisory(next);
    struct muster_slice name_key = next->entry.name_key;

    if (now->defects_n == 0) {
        if (before == NULL || before->defects_n == 0)
            return;
        diff->counts.withdrawn++;
        tell_model(diff, '-', "withdrawn", name_key, before, now);
    } else if (before == NULL || before->defects_n == 0) {
        diff->counts.added++;
        tell_model(diff, '+', "added", name_key, before, now);
    } else if (draft_same_defects(before, now)) {
        diff->counts.renewed++;
    } else {
        diff->counts.changed++;
        tell_model(diff, '~', "changed", name_key, before, now);
    }
}

/* A model that the next list does not name any more. */
static void tell_left(struct diff *diff, const struct side *old)
{
    diff->counts.left++;
    tell_model(diff, '-', "left", old->entry.name_key, advisory(old), NULL);
}

static void compare_lists(struct diff *diff, const struct muster_list *old,
                          const struct muster_list *next)
{
    struct side a = {.list = old}, b = {.list = next};

    step(&a);
    step(&b);
    while (a.present || b.present) {
        int c = !a.present   ? 1
                : !b.present ? -1
                             : names_compare(a.entry.name_key, b.entry.name_key);

        if (c < 0)
            tell_left(diff, &a);
        else
            compare_models(diff, c == 0 ? &a : NULL, &b);
        if (c <= 0)
            step(&a);
        if (c >= 0)
            step(&b);
    }
}

void diff_lists(const struct muster_list *old, const struct muster_list *next, struct json *json,
                struct diff_counts *ret_counts)
{
    struct diff diff = {.json = json};

    if (json != NULL)
        json_open_array(json, "models");
    compare_lists(&diff, old, next);
    if (json != NULL)
        json_close(json);
    *ret_counts = diff.counts;
}

void diff_names(const struct muster_list *old, const struct muster_list *next, diff_name_fn *name,
                void *ctx, struct diff_counts *ret_counts)
{
    struct diff diff = {.name = name, .ctx = ctx};

    compare_lists(&diff, old, next);
    *ret_counts = diff.counts;
}

void diff_print_counts(const struct diff_counts *c)
{
    printf("added %zu, changed %zu, withdrawn %zu, left %zu, renewed %zu\n", c->added, c->changed,
           c->withdrawn, c->left, c->renewed);
}
