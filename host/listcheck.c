/* SPDX-License-Identifier: ISC */
/* The steps of a list's verification, dealt out. It must accept exactly what muster_list_verify
 * accepts, so it only calls the core's steps. */
#include "host/listcheck.h"

#include <stdatomic.h>
#include <stdbool.h>

#include "host/parallel.h"
#include "muster/answer.h"
#include "muster/message.h"

#define RUN_N    4096 /* entries that one call checks */
#define RUNS_MAX 4096

struct check {
    const struct muster_list *list;
    size_t runs_n;
    uint64_t entries_a_run;
    uint64_t starts[RUNS_MAX]; /* offsets of every run's first entry */
    atomic_bool broken;
};

/* Finds where the runs of entries begin; false if they are not as many, or not as long, as the
 * header says. */
static bool find_runs(struct check *c)
{
    struct muster_list_entry entry;
    uint64_t at = 0, next = 0, n = 0;
    int error;

    c->entries_a_run = c->list->models_n / RUNS_MAX + 1;
    if (c->entries_a_run < RUN_N)
        c->entries_a_run = RUN_N;
    while ((error = muster_list_entry_at(c->list, at, &entry, &next)) == MUSTER_OK) {
        if (n == c->list->models_n)
            return false;
        if (n % c->entries_a_run == 0)
            c->starts[c->runs_n++] = at;
        n++;
        at = next;
    }
    return error == MUSTER_E_NOT_FOUND && n == c->list->models_n;
}

static void check_parts(void *ctx, size_t i, unsigned thread)
{
    struct check *c = ctx;

    (void)thread;
    if (muster_list_verify_part(c->list, i) != MUSTER_OK)
        atomic_store(&c->broken, true);
}

static void check_run(void *ctx, size_t i, unsigned thread)
{
    struct check *c = ctx;
    struct muster_list_entry entry;
    uint64_t at = c->starts[i], n;

    (void)thread;
    for (n = 0; n < c->entries_a_run; n++) {
        if (muster_list_entry_at(c->list, at, &entry, &at) != MUSTER_OK)
            return; /* find_runs has seen the end */
        if (muster_list_verify_entry(c->list, &entry) != MUSTER_OK)
            atomic_store(&c->broken, true);
    }
}

int listcheck_verify(const struct muster_list *list, unsigned threads)
{
    struct check c = {.list = list};
    int error = muster_list_verify_header(list);

    if (error != MUSTER_OK)
        return error;
    atomic_init(&c.broken, false);
    parallel_for(threads, (size_t)list->parts_n, check_parts, &c);
    if (atomic_load(&c.broken) || !find_runs(&c))
        return MUSTER_E_CORRUPT;
    parallel_for(threads, c.runs_n, check_run, &c);
    return atomic_load(&c.broken) ? MUSTER_E_CORRUPT : MUSTER_OK;
}

bool listcheck_has_never_fail(const struct muster_list *list)
{
    uint8_t name_key[MUSTER_NAME_KEY_MAX];
    struct muster_slice key = {name_key, 0};
    struct muster_list_entry entry;

    key.len = muster_name_key_write(muster_slice_of(MUSTER_TEST_VENDOR),
                                    muster_slice_of(MUSTER_NEVER_FAIL), name_key);
    return muster_list_find(list, key, &entry) == MUSTER_OK;
}
