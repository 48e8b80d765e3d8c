/* SPDX-License-Identifier: ISC */
/* The tally held against two lists, as devices would compare (with the core). It must not write
 * anything but words. */
#include "tool/blast.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "host/json.h"
#include "muster/answer.h"
#include "muster/record.h"
#include "tool/cli.h"

/* In the order of severity. */
enum level { LEVEL_FIT = 0, LEVEL_NOTICE = 1, LEVEL_FAIL = 2 };

struct counting {
    const struct muster_list *old, *next;
    uint64_t now_s;
    struct blast *blast;
};

/* What the advisory does to this build; *ret_from: the first time at which it is enforced. */
static enum level judge(const struct muster_advisory *a, const struct tally_row *row,
                        uint64_t *ret_from)
{
    enum level level = LEVEL_FIT;
    size_t i;

    for (i = 0; i < a->defects_n; i++) {
        const struct muster_defect *d = &a->defects[i];

        if (!muster_defect_covers(d, row->build, row->number))
            continue;
        if (d->enforce_from != 0 && d->enforce_from < *ret_from)
            *ret_from = d->enforce_from;
        if (d->enforce_from != 0)
            level = LEVEL_FAIL;
        else if (level == LEVEL_FIT)
            level = LEVEL_NOTICE;
    }
    return level;
}

/* *ret_from is UINT64_MAX if nothing is ever enforced. */
static enum level look_up(const struct muster_list *list, const struct tally_row *row,
                          uint64_t now_s, uint64_t *ret_from)
{
    uint8_t bytes[MUSTER_NAME_KEY_MAX];
    struct muster_slice key = {bytes, muster_name_key_write(row->vendor, row->model, bytes)};
    struct muster_list_entry entry;
    struct muster_record record;

    *ret_from = UINT64_MAX;
    if (list == NULL || muster_list_find(list, key, &entry) != MUSTER_OK ||
        muster_record_parse(entry.record, &record) != MUSTER_OK ||
        record.u.advisory.expires <= now_s)
        return LEVEL_FIT;
    return judge(&record.u.advisory, row, ret_from);
}

static void copy_text(char *out, size_t cap, struct muster_slice text)
{
    (void)snprintf(out, cap, "%.*s", (int)text.len, (const char *)text.bytes);
}

/* Keeps the largest rows in their order; equal ones in the order of the tally. */
static void add(struct blast_group *group, const struct tally_row *row)
{
    size_t at = group->top_n;
    struct blast_row *slot;

    group->devices += row->count;
    group->rows_n++;
    while (at > 0 && group->top[at - 1].count < row->count)
        at--;
    if (at == BLAST_TOP)
        return;
    if (group->top_n < BLAST_TOP)
        group->top_n++;
    memmove(&group->top[at + 1], &group->top[at], (group->top_n - 1 - at) * sizeof *slot);
    slot = &group->top[at];
    (void)snprintf(slot->name, sizeof slot->name, "%.*s/%.*s", (int)row->vendor.len,
                   (const char *)row->vendor.bytes, (int)row->model.len,
                   (const char *)row->model.bytes);
    copy_text(slot->build, sizeof slot->build, row->build);
    slot->number = row->number;
    slot->count = row->count;
}

static void count_row(void *ctx, const struct tally_row *row)
{
    struct counting *c = ctx;
    struct blast *b = c->blast;
    uint64_t from, was_from;
    enum level level, was;

    if (muster_slice_equal(row->vendor, muster_slice_of(MUSTER_TEST_VENDOR)))
        return;
    level = look_up(c->next, row, c->now_s, &from);
    was = look_up(c->old, row, c->now_s, &was_from);
    b->seen += row->count;
    if (level == LEVEL_FAIL)
        *(from <= c->now_s ? &b->fail_now : &b->fail_later) += row->count;
    else if (level == LEVEL_NOTICE)
        b->notice += row->count;
    if (level == LEVEL_FAIL && (was < LEVEL_FAIL || (was_from > c->now_s && from < was_from)))
        add(&b->groups[BLAST_NEWLY_FAIL], row);
    else if (level > was)
        add(&b->groups[BLAST_NEWLY_NOTICE], row);
    else if (level < was)
        add(&b->groups[BLAST_RELEASED], row);
}

int blast_count(const struct blast_tally *tally, const struct muster_list *old,
                const struct muster_list *next, uint64_t now_s, struct problems *problems,
                struct blast *ret_blast)
{
    struct counting c = {old, next, now_s, ret_blast};
    FILE *stream;
    int ret;

    memset(ret_blast, 0, sizeof *ret_blast);
    if (tally->text.bytes == NULL)
        return tally_read(tally->path, problems, count_row, &c);
    if (tally->text.len == 0)
        return 0;
    stream = fmemopen((void *)(uintptr_t)tally->text.bytes, tally->text.len, "r");
    if (stream == NULL) {
        problem_add(problems, RULE_MEMORY, (struct problem_at){tally->path, 0, NULL}, "%s",
                    strerror(errno));
        return -1;
    }
    ret = tally_read_stream(stream, tally->path, problems, count_row, &c);
    (void)fclose(stream);
    return ret;
}

static double share(uint64_t part, uint64_t whole)
{
    return whole == 0 ? 0 : 100.0 * (double)part / (double)whole;
}

static void print_sum(FILE *out, const char *word, uint64_t devices, uint64_t seen)
{
    fprintf(out, "%-14s %" PRIu64 " (%.1f %%)\n", word, devices, share(devices, seen));
}

static void print_group(FILE *out, const struct blast_group *group, size_t shown_max)
{
    size_t i, shown = group->top_n < shown_max ? group->top_n : shown_max;

    for (i = 0; i < shown; i++) {
        const struct blast_row *row = &group->top[i];

        fprintf(out, "    %10" PRIu64 "  %s \"%s\"", row->count, row->name, SAFE(row->build));
        if (row->number != 0)
            fprintf(out, " number %" PRIu64, row->number);
        fputc('\n', out);
    }
    if (group->rows_n > shown)
        fprintf(out, "    ... and %zu more builds\n", group->rows_n - shown);
}

static const char *const change_words[BLAST_CHANGES_N] = {"newly fail", "newly notice", "released"};

void blast_print(FILE *out, const struct blast *blast, bool all)
{
    size_t i;

    fprintf(out, "%-14s %" PRIu64 "\n", "devices seen", blast->seen);
    print_sum(out, "fail now", blast->fail_now, blast->seen);
    print_sum(out, "fail later", blast->fail_later, blast->seen);
    print_sum(out, "notice only", blast->notice, blast->seen);
    for (i = 0; i < BLAST_CHANGES_N; i++) {
        print_sum(out, change_words[i], blast->groups[i].devices, blast->seen);
        print_group(out, &blast->groups[i], all ? BLAST_TOP : BLAST_SHOWN);
    }
}

static void print_json_group(struct json *json, const char *key, const struct blast_group *group)
{
    size_t i;

    json_open_object(json, key);
    json_key_u64(json, "devices", group->devices);
    json_key_u64(json, "builds", group->rows_n);
    json_open_array(json, "largest");
    for (i = 0; i < group->top_n; i++) {
        json_open_object(json, NULL);
        json_key_text(json, "model", group->top[i].name);
        json_key_text(json, "build", group->top[i].build);
        json_key_u64(json, "number", group->top[i].number);
        json_key_u64(json, "devices", group->top[i].count);
        json_close(json);
    }
    json_close(json);
    json_close(json);
}

void blast_print_json(struct json *json, const char *key, const struct blast *blast)
{
    static const char *const keys[BLAST_CHANGES_N] = {"newly_fail", "newly_notice", "released"};
    size_t i;

    json_open_object(json, key);
    json_key_u64(json, "seen", blast->seen);
    json_key_u64(json, "fail_now", blast->fail_now);
    json_key_u64(json, "fail_later", blast->fail_later);
    json_key_u64(json, "notice", blast->notice);
    for (i = 0; i < BLAST_CHANGES_N; i++)
        print_json_group(json, keys[i], &blast->groups[i]);
    json_close(json);
}

static int refuse(const struct blast_limit *limit, const struct blast *b)
{
    const struct blast_group *group = &b->groups[BLAST_NEWLY_FAIL];

    log_error("%" PRIu64 " of %" PRIu64 " devices seen would newly fail (%.1f %%, the limit is "
              "%" PRIu64 " %%); nothing was written",
              group->devices, b->seen, share(group->devices, b->seen), limit->percent);
    print_group(stderr, group, BLAST_SHOWN);
    log_error("look at these sources again (muster explain tells why); if it is meant, sign with "
              "--accept-blast %" PRIu64,
              group->devices);
    return STATUS_FOUND;
}

static int weigh(const struct blast_limit *limit, const struct blast *b)
{
    uint64_t newly = b->groups[BLAST_NEWLY_FAIL].devices;
    bool over = newly * 100 > limit->percent * b->seen;

    if (b->seen == 0)
        printf("%-9s  unknown: no device in %s\n", "blast", SAFE(limit->tally.path));
    else if (over && !(limit->accepts && newly <= limit->accept_n))
        return refuse(limit, b);
    else
        printf("%-9s  %" PRIu64 " of %" PRIu64 " devices seen newly fail (%.1f %%), %" PRIu64
               " are released\n",
               "blast", newly, b->seen, share(newly, b->seen), b->groups[BLAST_RELEASED].devices);
    return STATUS_OK;
}

int blast_refuse_tally(const struct problems *problems)
{
    if (problems->last == RULE_UNREADABLE || problems->last == RULE_MEMORY)
        return STATUS_ERROR;
    log_error("the tally has %zu problem%s; nothing was done", problems->n,
              problems->n == 1 ? "" : "s");
    return STATUS_FOUND;
}

int blast_guard(const struct blast_limit *limit, const struct muster_list *old,
                const struct muster_list *next, uint64_t now_s)
{
    struct problems problems = {.out = stderr};
    struct blast *blast;
    int status;

    if (limit->tally.path == NULL) {
        printf("%-9s  unknown: no --tally FILE tells what devices were seen\n", "blast");
        return STATUS_OK;
    }
    blast = malloc(sizeof *blast);
    if (blast == NULL)
        return cli_error("out of memory");
    if (blast_count(&limit->tally, old, next, now_s, &problems, blast) == 0)
        status = weigh(limit, blast);
    else
        status = blast_refuse_tally(&problems);
    free(blast);
    return status;
}
