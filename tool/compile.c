/* SPDX-License-Identifier: ISC */
/* One pass over two sorted streams: the folder's models and the old list's. It must not look at a
 * clock; a signature made here depends on its order alone. */
#include "tool/compile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "muster/answer.h"
#include "tool/cli.h"
#include "tool/history.h"
#include "tool/join.h"

#define PROGRESS_STEP 2000
#define TEST_ID       "MUSTER-TEST"

struct old_model {
    bool present;
    struct muster_list_entry entry;
    struct muster_record record;
};

struct compile {
    const struct compile_order *order;
    struct problems *problems;
    struct list_build *build;
    struct changes *changes;
    struct join *join;
    struct history history;
    uint64_t old_next;    /* offset of the one after it */
    struct old_model old; /* the next one of the old list */
    size_t done_n;
};

static int step_old(struct compile *c)
{
    int ret = MUSTER_E_NOT_FOUND;

    if (c->order->old != NULL)
        ret = muster_list_entry_at(c->order->old, c->old_next, &c->old.entry, &c->old_next);
    c->old.present = ret == MUSTER_OK;
    if (!c->old.present)
        return ret == MUSTER_E_NOT_FOUND ? 0 : cli_error("the old list is broken");
    if (muster_record_parse(c->old.entry.record, &c->old.record) != MUSTER_OK)
        return cli_error("the old list holds a broken record");
    return 0;
}

static void count(struct compile *c, enum change change, struct muster_slice name_key)
{
    struct changes *changes = &c->changes[change];

    if (names_are_test(name_key))
        return;
    if (changes->n < COMPILE_NAMES_MAX)
        (void)names_text(changes->names[changes->n], name_key);
    changes->n++;
}

static void show_progress(const struct compile *c)
{
    if (c->order->shows_progress && c->done_n % PROGRESS_STEP == 0)
        fprintf(stderr, "\r%zu models", c->done_n);
}

/* Until when an earlier advisory with defects may still be believed; 0 = none is. */
static uint64_t believed_until(const struct old_model *old)
{
    uint64_t until = history_find(old->entry.history, "");

    if (old->record.u.advisory.defects_n > 0 && old->record.u.advisory.expires > until)
        until = old->record.u.advisory.expires;
    return until;
}

static int add(struct compile *c, struct muster_slice name_key, const struct muster_advisory *a)
{
    uint8_t payload[MUSTER_ADVISORY_MAX], record[MUSTER_ADVISORY_MAX];
    struct muster_slice history = {c->history.bytes, c->history.len};
    struct muster_slice bytes = {record, 0};
    char name[NAMES_TEXT_CAP];
    int ret;

    c->done_n++;
    show_progress(c);
    if (c->order->signing == NULL)
        return 0;
    ret = muster_record_sign(
        MUSTER_ADVISORY,
        (struct muster_slice){payload, muster_advisory_write(a, payload, sizeof payload)},
        c->order->signing, record, sizeof record, &bytes.len);
    if (ret != MUSTER_OK)
        return cli_error("%s: the record is refused (%s)", names_text(name, name_key),
                         muster_error_name(ret));
    if (list_build_add(c->build, name_key, bytes, false, history, a->expires) != 0)
        return cli_error("out of memory at %s", names_text(name, name_key));
    return 0;
}

static struct muster_advisory begin(const struct compile *c, struct muster_slice name_key)
{
    struct muster_advisory a;

    memset(&a, 0, sizeof a);
    names_split(name_key, &a.vendor, &a.model);
    a.issued = c->order->issued;
    a.expires = c->order->expires;
    return a;
}

static uint64_t enforce_from(const struct compile_order *order, const struct source *s,
                             uint64_t first_issued)
{
    enum enforce enforce = s->enforce != ENFORCE_DEFAULT ? s->enforce : order->enforce;
    uint64_t after_s = s->enforce == ENFORCE_AFTER ? s->enforce_after_s : order->enforce_after_s;

    return enforce == ENFORCE_NEVER ? 0 : first_issued + after_s;
}

/* The first issue of each source, from the old list or now; and into the new history. */
static int date_sources(struct compile *c, const struct source *sources, size_t n,
                        const struct old_model *old, uint64_t ret_from[JOIN_MAX])
{
    uint64_t first, until = old != NULL ? believed_until(old) : 0;
    char name[NAMES_TEXT_CAP];
    size_t i;

    c->history.len = 0;
    if (until > c->order->expires)
        (void)history_add(&c->history, "", until);
    for (i = 0; i < n && i < JOIN_MAX && !names_are_test(sources[0].name_key); i++) {
        first = old != NULL ? history_find(old->entry.history, sources[i].id) : 0;
        if (first == 0)
            first = c->order->issued;
        ret_from[i] = enforce_from(c->order, &sources[i], first);
        if (history_add(&c->history, sources[i].id, first) != 0)
            return cli_error("%s: too many sources", names_text(name, sources[0].name_key));
    }
    return 0;
}

bool compile_same_defects(const struct muster_advisory *a, const struct muster_advisory *b)
{
    uint8_t bytes[2][MUSTER_ADVISORY_MAX];
    struct muster_advisory plain[2] = {*a, *b};
    size_t i, len[2];

    for (i = 0; i < 2; i++) {
        plain[i].issued = plain[i].expires = 0;
        len[i] = muster_advisory_write(&plain[i], bytes[i], sizeof bytes[i]);
    }
    return len[0] == len[1] && memcmp(bytes[0], bytes[1], len[0]) == 0;
}

static enum change classify(const struct old_model *old, const struct muster_advisory *a)
{
    if (old == NULL || old->record.u.advisory.defects_n == 0)
        return CHANGE_NEW;
    return compile_same_defects(&old->record.u.advisory, a) ? CHANGE_RENEWED : CHANGE_CHANGED;
}

static int add_model(struct compile *c, const struct source *sources, size_t n,
                     const struct old_model *old)
{
    struct muster_advisory a = begin(c, sources[0].name_key);
    uint64_t from[JOIN_MAX] = {c->order->issued};

    if (date_sources(c, sources, n, old, from) != 0)
        return -1;
    if (join_model(c->join, sources, from, n, &a, c->problems) != 0)
        return 0; /* told; go on, to tell of all of them */
    count(c, classify(old, &a), sources[0].name_key);
    return add(c, sources[0].name_key, &a);
}

/* A model that has left: withdrawn as long as any device may still believe what was said. */
static int withdraw(struct compile *c)
{
    struct muster_slice name_key = c->old.entry.name_key;
    struct muster_advisory a = begin(c, name_key);
    uint64_t until = believed_until(&c->old);

    if (until <= c->order->issued || names_are_test(name_key))
        return 0;
    c->history.len = 0;
    (void)history_add(&c->history, "", until);
    count(c, CHANGE_WITHDRAWN, name_key);
    return add(c, name_key, &a);
}

/* Withdraws the old list's models that come before name_key; then c->old is at or after it. */
static int pass_old(struct compile *c, const struct muster_slice *name_key)
{
    while (c->old.present &&
           (name_key == NULL || names_compare(c->old.entry.name_key, *name_key) < 0))
        if (withdraw(c) != 0 || step_old(c) != 0)
            return -1;
    return 0;
}

static int merge_model(struct compile *c, const struct source *sources, size_t n)
{
    struct muster_slice name_key = sources[0].name_key;
    bool both;

    if (pass_old(c, &name_key) != 0)
        return -1;
    both = c->old.present && muster_slice_equal(c->old.entry.name_key, name_key);
    if (add_model(c, sources, n, both ? &c->old : NULL) != 0)
        return -1;
    return both ? step_old(c) : 0;
}

/* R12: the model that is in every list, for health checks and drills. Enforced from its issue. */
static int make_test(struct source *ret)
{
    struct muster_range range = {
        .kind = MUSTER_RANGE_NATURAL, .from = muster_slice_of("1"), .until = muster_slice_of("")};

    memset(ret, 0, sizeof *ret);
    ret->path = strdup("(built in)");
    ret->id = strdup(TEST_ID);
    ret->fixed_in = strdup("");
    ret->url = strdup("");
    ret->reason = MUSTER_OTHER;
    if (ret->path != NULL && ret->id != NULL && ret->fixed_in != NULL && ret->url != NULL &&
        source_name(ret, muster_slice_of(MUSTER_TEST_VENDOR),
                    muster_slice_of(MUSTER_ALWAYS_FAIL)) == 0 &&
        source_add_range(ret, &range) == 0)
        return 0;
    source_free(ret);
    return cli_error("out of memory");
}

static int merge_all(struct compile *c, const struct source *test)
{
    const struct folder *folder = c->order->folder;
    bool tested = false;
    size_t i, n;

    if (step_old(c) != 0)
        return -1;
    for (i = 0; i < folder->n; i += n) {
        n = folder_model_n(folder, i);
        if (!tested && names_compare(test->name_key, folder->sources[i].name_key) < 0) {
            tested = true;
            if (merge_model(c, test, 1) != 0)
                return -1;
        }
        if (merge_model(c, &folder->sources[i], n) != 0)
            return -1;
    }
    if (!tested && merge_model(c, test, 1) != 0)
        return -1;
    return pass_old(c, NULL);
}

int compile_list(const struct compile_order *order, struct problems *problems,
                 struct list_build *io_build, struct changes ret_changes[CHANGES_N])
{
    struct compile c = {
        .order = order, .problems = problems, .build = io_build, .changes = ret_changes};
    struct source test;
    size_t problems_before = problems->n;
    int ret = -1;

    memset(ret_changes, 0, CHANGES_N * sizeof *ret_changes);
    if (make_test(&test) != 0)
        return -1;
    c.join = malloc(sizeof *c.join);
    c.history.bytes = malloc(HISTORY_CAP);
    if (c.join == NULL || c.history.bytes == NULL)
        (void)cli_error("out of memory");
    else
        ret = merge_all(&c, &test);
    if (order->shows_progress && c.done_n >= PROGRESS_STEP)
        fprintf(stderr, "\r%zu models\n", c.done_n);
    free(c.join);
    free(c.history.bytes);
    source_free(&test);
    return ret == 0 && problems->n == problems_before ? 0 : -1;
}
