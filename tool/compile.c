/* SPDX-License-Identifier: ISC */
/* One pass over two sorted streams: the folder's models and the old list's. Models are joined in
 * batches by all threads, and added in order by one. It must not look at a clock. */
#include "tool/compile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/parallel.h"
#include "muster/answer.h"
#include "tool/cli.h"
#include "tool/join.h"

#define BATCH_N 2048
#define TEST_ID "MUSTER-TEST"

enum outcome {
    OUTCOME_DRAFTED,
    OUTCOME_GONE,    /* nobody believes in it any more */
    OUTCOME_REFUSED, /* it does not fit; `has_draft` if the list before has something on it */
    OUTCOME_FAILED
};

/* One model on its way. The first part is filled by the pass, the second by any thread. */
struct job {
    struct muster_slice name_key;
    const struct source *sources;
    size_t n; /* 0: the model has left the folder */
    struct draft_before old;

    enum outcome outcome;
    bool has_draft;
    enum change change;
    struct draft draft;
    uint8_t *history;
    size_t history_len;
    const char *error;
};

/* A thread's own room. */
struct room {
    struct join *join;
    struct history history;
};

struct compile {
    const struct compile_order *order;
    struct problems *problems;
    struct list_build *build;
    struct changes *changes;
    struct room rooms[PARALLEL_MAX];
    struct job *jobs;
    size_t jobs_n;
    struct draft_before old; /* the next model of the old list */
    uint64_t old_next;       /* offset of the one after it */
    size_t refused_n, models_n;
    struct progress progress;
};

static int step_old(struct compile *c)
{
    struct muster_list_entry entry;
    int ret = MUSTER_E_NOT_FOUND;

    c->old.present = false;
    if (c->order->old != NULL)
        ret = muster_list_entry_at(c->order->old, c->old_next, &entry, &c->old_next);
    if (ret == MUSTER_E_NOT_FOUND)
        return 0;
    return ret == MUSTER_OK && draft_before_of(&entry, &c->old) == 0
               ? 0
               : cli_error("the old list is broken");
}

static bool is_test(struct muster_slice name_key)
{
    struct muster_slice vendor, model;

    names_split(name_key, &vendor, &model);
    return muster_slice_equal(vendor, muster_slice_of(MUSTER_TEST_VENDOR));
}

void compile_count(struct changes changes[CHANGES_N], enum change change,
                   struct muster_slice name_key)
{
    if (is_test(name_key))
        return;
    if (changes[change].n < COMPILE_NAMES_MAX)
        (void)names_text(changes[change].names[changes[change].n], name_key);
    changes[change].n++;
}

/* The model in this signer's list before. */
static struct draft_before before_of(const struct compile_order *order, const struct job *job)
{
    const struct draft_before none = {.present = false};

    return order->rotates ? none : job->old;
}

static struct muster_advisory begin(const struct compile_order *order, struct muster_slice name_key)
{
    struct muster_advisory a;

    memset(&a, 0, sizeof a);
    names_split(name_key, &a.vendor, &a.model);
    a.issued = order->draft.issued;
    a.expires = order->draft.expires;
    return a;
}

static uint64_t enforce_from(const struct compile_order *order, const struct source *s,
                             uint64_t first_issued)
{
    enum enforce enforce = s->enforce != ENFORCE_DEFAULT ? s->enforce : order->enforce;
    uint64_t after_s = s->enforce == ENFORCE_AFTER ? s->enforce_after_s : order->enforce_after_s;

    return enforce == ENFORCE_NEVER ? 0 : first_issued + after_s;
}

/* always-fail is enforced from its own issue; one that lives on keeps it. */
static uint64_t test_from(const struct compile_order *order, const struct draft_before *old)
{
    if (!old->present || old->record.u.advisory.defects_n == 0 || order->rotates ||
        old->record.u.advisory.expires < order->draft.keep_until)
        return order->draft.issued;
    return old->record.u.advisory.defects[0].enforce_from;
}

static uint64_t first_issue(const struct compile_order *order, const struct job *job, size_t i)
{
    uint64_t first =
        job->old.present ? history_find(job->old.entry.history, job->sources[i].id) : 0;

    return first != 0 ? first : order->draft.issued;
}

static void find_times(const struct compile_order *order, const struct job *job,
                       uint64_t ret_from[JOIN_MAX])
{
    size_t i;

    if (is_test(job->name_key)) {
        ret_from[0] = test_from(order, &job->old);
        return;
    }
    for (i = 0; i < job->n && i < JOIN_MAX; i++)
        ret_from[i] = enforce_from(order, &job->sources[i], first_issue(order, job, i));
}

enum change compile_classify(const struct draft_before *before, const struct muster_advisory *a,
                             const struct draft *draft)
{
    if (a->defects_n == 0)
        return CHANGE_WITHDRAWN;
    if (!before->present || before->record.u.advisory.defects_n == 0)
        return CHANGE_NEW;
    if (!draft_same_defects(&before->record.u.advisory, a))
        return CHANGE_CHANGED;
    return draft->kept ? CHANGE_KEPT : CHANGE_RENEWED;
}

static void fail(struct job *job, const char *error)
{
    job->outcome = OUTCOME_FAILED;
    job->error = error;
}

/* Makes the draft of an advisory and begins its history; false after failing the job. */
static bool draft(const struct compile_order *order, struct room *room, struct job *job,
                  const struct muster_advisory *a)
{
    struct draft_before before = before_of(order, job);
    int error = draft_make(&order->draft, &before, a, &job->draft);

    if (error != MUSTER_OK) {
        fail(job, muster_error_name(error));
        return false;
    }
    draft_begin_history(&job->draft, &before, &room->history);
    job->change = compile_classify(&job->old, a, &job->draft);
    return true;
}

static void keep_history(struct job *job, const struct room *room)
{
    job->has_draft = true;
    job->history_len = room->history.len;
    job->history = malloc(room->history.len + 1);
    if (job->history == NULL)
        fail(job, "out of memory");
    else
        memcpy(job->history, room->history.bytes, room->history.len);
}

static void add_first_issues(const struct compile_order *order, struct room *room, struct job *job)
{
    size_t i;

    for (i = 0; i < job->n && !is_test(job->name_key); i++)
        if (history_add(&room->history, job->sources[i].id, first_issue(order, job, i)) != 0)
            fail(job, "too many sources");
}

/* What left the folder is withdrawn as long as any device may still believe what was said. */
static void withdraw(const struct compile_order *order, struct room *room, struct job *job)
{
    struct muster_advisory a = begin(order, job->name_key);
    uint64_t until = draft_believed_until(&job->old);

    job->outcome = OUTCOME_GONE;
    if (order->rotates || until <= order->draft.issued || is_test(job->name_key) ||
        order->draft.key == NULL)
        return;
    job->outcome = OUTCOME_DRAFTED;
    if (!draft(order, room, job, &a))
        return;
    room->history.len = 0;
    (void)history_add(&room->history, "", until);
    keep_history(job, room);
}

/* A model that is refused goes on saying what it said. */
static void go_on_as_before(const struct compile_order *order, struct room *room, struct job *job)
{
    job->change = CHANGE_LEFT_OUT;
    if (!job->old.present || order->draft.key == NULL)
        return;
    if (job->old.record.u.advisory.defects_n == 0) {
        withdraw(order, room, job);
    } else if (draft(order, room, job, &job->old.record.u.advisory)) {
        if (history_copy(&room->history, job->old.entry.history) != 0)
            fail(job, "too many sources");
        keep_history(job, room);
        job->change = CHANGE_AS_BEFORE;
    }
    if (job->outcome != OUTCOME_FAILED)
        job->outcome = OUTCOME_REFUSED;
}

static void work_out(void *ctx, size_t i, unsigned thread)
{
    struct compile *c = ctx;
    struct job *job = &c->jobs[i];
    struct room *room = &c->rooms[thread];
    struct muster_advisory a = begin(c->order, job->name_key);
    struct problems uncounted = {.out = NULL};
    uint64_t from[JOIN_MAX];

    if (job->n == 0) {
        withdraw(c->order, room, job);
        return;
    }
    find_times(c->order, job, from);
    job->outcome = OUTCOME_DRAFTED;
    if (join_model(room->join, job->sources, from, job->n, &a, &uncounted) != 0) {
        job->outcome = OUTCOME_REFUSED;
        go_on_as_before(c->order, room, job);
    } else if (c->order->draft.key != NULL && draft(c->order, room, job, &a)) {
        add_first_issues(c->order, room, job);
        keep_history(job, room);
    }
}

/* Joins it once more, to tell why it is refused: threads would tell it out of order. */
static void tell_refused(struct compile *c, const struct job *job)
{
    struct muster_advisory a = begin(c->order, job->name_key);
    uint64_t from[JOIN_MAX];

    find_times(c->order, job, from);
    (void)join_model(c->rooms[0].join, job->sources, from, job->n, &a, c->problems);
    c->refused_n++;
}

static int take_job(struct compile *c, const struct job *job)
{
    struct muster_slice record = {job->draft.record, job->draft.record_len};
    struct muster_slice history = {job->history, job->history_len};
    char name[NAMES_TEXT_CAP];

    if (job->outcome == OUTCOME_FAILED)
        return cli_error("%s: the record is refused (%s)", names_text(name, job->name_key),
                         job->error);
    if (job->outcome == OUTCOME_REFUSED)
        tell_refused(c, job);
    if (job->outcome != OUTCOME_GONE)
        compile_count(c->changes, job->change, job->name_key);
    if (!job->has_draft)
        return 0;
    if (list_build_add(c->build, job->name_key, record, !job->draft.kept, history,
                       job->draft.expires) != 0)
        return cli_error("out of memory at %s", names_text(name, job->name_key));
    return 0;
}

static int run_batch(struct compile *c)
{
    size_t i;
    int ret = 0;

    parallel_for(c->order->threads, c->jobs_n, work_out, c);
    for (i = 0; i < c->jobs_n; i++) {
        if (ret == 0)
            ret = take_job(c, &c->jobs[i]);
        free(c->jobs[i].history);
    }
    c->models_n += c->jobs_n;
    c->jobs_n = 0;
    progress_show(&c->progress, c->models_n);
    return ret;
}

static int push(struct compile *c, struct muster_slice name_key, const struct source *sources,
                size_t n, const struct draft_before *old)
{
    struct job *job = &c->jobs[c->jobs_n++];

    job->name_key = name_key;
    job->sources = sources;
    job->n = n;
    job->old.present = false;
    if (old != NULL)
        job->old = *old;
    job->has_draft = false;
    job->change = CHANGE_NEW;
    job->history = NULL;
    job->history_len = 0;
    return c->jobs_n == BATCH_N ? run_batch(c) : 0;
}

/* Passes the old list's models that come before name_key; then c->old is at or after it. */
static int pass_old(struct compile *c, const struct muster_slice *name_key)
{
    while (c->old.present &&
           (name_key == NULL || names_compare(c->old.entry.name_key, *name_key) < 0))
        if (push(c, c->old.entry.name_key, NULL, 0, &c->old) != 0 || step_old(c) != 0)
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
    if (push(c, name_key, sources, n, both ? &c->old : NULL) != 0)
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
    return pass_old(c, NULL) == 0 ? run_batch(c) : -1;
}

static int make_rooms(struct compile *c)
{
    unsigned i;

    c->jobs = calloc(BATCH_N, sizeof *c->jobs);
    for (i = 0; i < c->order->threads && i < PARALLEL_MAX; i++) {
        c->rooms[i].join = malloc(sizeof *c->rooms[i].join);
        c->rooms[i].history.bytes = malloc(HISTORY_CAP);
        if (c->rooms[i].join == NULL || c->rooms[i].history.bytes == NULL)
            return cli_error("out of memory");
    }
    return c->jobs != NULL ? 0 : cli_error("out of memory");
}

static void free_rooms(struct compile *c)
{
    unsigned i;

    for (i = 0; i < PARALLEL_MAX; i++) {
        free(c->rooms[i].join);
        free(c->rooms[i].history.bytes);
    }
    free(c->jobs);
}

int compile_list(const struct compile_order *order, struct problems *problems,
                 struct list_build *io_build, struct changes ret_changes[CHANGES_N])
{
    struct compile c = {
        .order = order, .problems = problems, .build = io_build, .changes = ret_changes};
    struct source test;
    size_t before = problems->n;
    int ret = -1;

    memset(ret_changes, 0, CHANGES_N * sizeof *ret_changes);
    if (make_test(&test) != 0)
        return -1;
    progress_begin(&c.progress, "joined", 0);
    if (make_rooms(&c) == 0)
        ret = merge_all(&c, &test);
    progress_end(&c.progress, c.models_n);
    free_rooms(&c);
    source_free(&test);
    if (order->leaves_out && problems->n - before == c.refused_n)
        return ret;
    return ret == 0 && problems->n == before ? 0 : -1;
}
