/* SPDX-License-Identifier: ISC */
/* muster explain: what a list says of one build, and why. It must compare as a device does: with
 * the core. */
#include <getopt.h>
#include <stdio.h>

#include "host/clock.h"
#include "tool/describe.h"
#include "tool/list_file.h"
#include "tool/tally.h"
#include "tool/verbs.h"

struct question {
    struct muster_slice vendor, model, build;
    uint64_t number;
    bool has_number; /* on the command line */
};

/* How many such devices were seen. */
struct sighting {
    const struct question *question;
    uint64_t such, of_model;
};

static const char *order_word(struct muster_slice a, struct muster_slice b)
{
    int c = muster_order_compare(a, b);

    return c < 0 ? "before" : c > 0 ? "after" : "level with";
}

static void explain_bound(const struct question *q, const char *which, struct muster_slice bound)
{
    if (bound.len == 0)
        return;
    if (!muster_order_alike(q->build, bound))
        printf(
            "      the build does not begin like the %s bound \"%s\"; only like is compared with "
            "like\n",
            which, SAFE_SLICE(bound));
    else
        printf("      in natural order the build is %s the %s bound \"%s\"\n",
               order_word(q->build, bound), which, SAFE_SLICE(bound));
}

static void explain_number(const struct question *q)
{
    if (q->number == 0)
        puts("      the build has no number, and numbers never match that");
    else
        printf("      the number is %llu\n", (unsigned long long)q->number);
}

static void explain_range(const struct question *q, const struct muster_range *range)
{
    char text[DESCRIBE_RANGE_CAP];

    printf("    %s: %s\n", describe_range(text, range),
           muster_range_covers(range, q->build, q->number) ? "covers it" : "does not cover it");
    if (range->kind == MUSTER_RANGE_NUMBER) {
        explain_number(q);
    } else if (range->kind == MUSTER_RANGE_NATURAL && !muster_order_has_runs(q->build)) {
        puts("      the build has no digits or letters that order it");
    } else if (range->kind == MUSTER_RANGE_NATURAL) {
        explain_bound(q, "lower", range->from);
        explain_bound(q, "upper", range->until);
    }
}

static void explain_enforcement(const struct muster_defect *d, uint64_t now_s)
{
    char text[CLOCK_TEXT_CAP], relative[OUT_RELATIVE_CAP];

    if (d->enforce_from == 0)
        puts("    never enforced: notice only");
    else
        printf("    %s %s (%s)\n",
               d->enforce_from <= now_s ? "enforced since" : "notice only; enforced from",
               clock_format(text, d->enforce_from), out_relative(relative, d->enforce_from, now_s));
}

/* Whether the defect covers the build. */
static bool explain_defect(const struct question *q, const struct muster_defect *d, uint64_t now_s)
{
    bool covers = muster_defect_covers(d, q->build, q->number);
    struct muster_range range;
    struct muster_cbor c;
    size_t i;

    printf("  %s (%s): %s\n", SAFE_SLICE(d->id), muster_reason_name(muster_reason_read(d->reason)),
           covers ? "covers this build" : "does not cover this build");
    muster_cbor_init(&c, d->ranges);
    for (i = 0; i < d->ranges_n; i++) {
        muster_range_read(&c, &range);
        explain_range(q, &range);
    }
    if (!covers)
        return false;
    explain_enforcement(d, now_s);
    if (d->fixed_in.len > 0)
        printf("    fixed in \"%s\"\n", SAFE_SLICE(d->fixed_in));
    if (d->url.len > 0)
        printf("    %s\n", SAFE_SLICE(d->url));
    return true;
}

static int explain_advisory(const struct question *q, const struct muster_advisory *a,
                            uint64_t now_s)
{
    char text[CLOCK_TEXT_CAP], relative[OUT_RELATIVE_CAP];
    bool listed = false;
    size_t i;

    for (i = 0; i < a->defects_n; i++)
        listed |= explain_defect(q, &a->defects[i], now_s);
    if (a->defects_n == 0)
        puts("  withdrawn: the advisory has no defects any more and releases every build");
    printf("  the advisory %s %s (%s)\n", a->expires > now_s ? "ends" : "ended",
           clock_format(text, a->expires), out_relative(relative, a->expires, now_s));
    if (a->expires <= now_s)
        puts("  devices ignore an advisory that has ended: renew the list with muster sign --old");
    puts(listed ? "listed" : "fit");
    return listed ? STATUS_FOUND : STATUS_OK;
}

static int look_up(const struct question *q, const char *path, const struct list_file *file)
{
    struct muster_list_entry entry;
    struct muster_record r;
    int status = list_file_find(file, path, q->vendor, q->model, &entry, &r);

    if (status == STATUS_OK)
        return explain_advisory(q, &r.u.advisory, clock_wall_s());
    if (status == STATUS_ERROR)
        return STATUS_ERROR;
    puts("  the list has nothing on this model\nfit");
    return STATUS_OK;
}

static void count_sighting(void *ctx, const struct tally_row *row)
{
    struct sighting *s = ctx;
    const struct question *q = s->question;

    if (!muster_slice_equal(row->vendor, q->vendor) || !muster_slice_equal(row->model, q->model))
        return;
    s->of_model += row->count;
    if (muster_slice_equal(row->build, q->build) && (!q->has_number || row->number == q->number))
        s->such += row->count;
}

static int explain_tally(const char *tally, const struct question *q)
{
    struct problems problems = {.out = stderr};
    struct sighting s = {.question = q};

    if (tally == NULL)
        return 0;
    if (tally_read(tally, &problems, count_sighting, &s) != 0)
        return cli_error("%s: correct the tally, or leave --tally out", SAFE(tally));
    printf("  %llu such devices were seen", (unsigned long long)s.such);
    if (s.of_model > 0)
        printf(", %.1f %% of the %llu of this model", 100.0 * (double)s.such / (double)s.of_model,
               (unsigned long long)s.of_model);
    putchar('\n');
    return 0;
}

static int explain(const char *path, const char *tally, const struct question *q)
{
    struct list_file file;
    int status;

    if (list_file_open_header(path, &file) != 0)
        return STATUS_ERROR;
    printf("%s/%s build \"%s\"\n", SAFE_SLICE(q->vendor), SAFE_SLICE(q->model),
           SAFE_SLICE(q->build));
    status = explain_tally(tally, q) != 0 ? STATUS_ERROR : look_up(q, path, &file);
    list_file_close(&file);
    return status;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"tally", required_argument, NULL, 't'},
                                            {NULL, 0, NULL, 0}};
    struct question q = {.number = 0};
    const char *tally = NULL;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option != 't')
            return cli_usage(&verb_explain, NULL);
        tally = optarg;
    }
    if (argc - optind != 4 && argc - optind != 5)
        return cli_usage(&verb_explain, "LIST, VENDOR, MODEL and BUILD are needed");
    q.vendor = muster_slice_of(argv[optind + 1]);
    q.model = muster_slice_of(argv[optind + 2]);
    q.build = muster_slice_of(argv[optind + 3]);
    if (argc - optind == 5 && cli_u64("NUMBER", argv[optind + 4], 0, UINT64_MAX, &q.number) != 0)
        return STATUS_ERROR;
    if (cli_question(argv[optind + 1], argv[optind + 2], argv[optind + 3]) != 0)
        return STATUS_ERROR;
    q.has_number = argc - optind == 5;
    return explain(argv[optind], tally, &q);
}

const struct verb verb_explain = {"explain", run, "tell what a list says of one build, and why",
                                  "[--tally FILE] LIST VENDOR MODEL BUILD [NUMBER]",
                                  "  --tally FILE  also tell how many such devices were seen "
                                  "(muster-tally(5))\n\n"
                                  "BUILD as the device reports it; NUMBER its build number, if it "
                                  "has one. Ranges are compared as\n"
                                  "devices do. Exit status: 0 fit, 1 listed, 2 error. Put -- "
                                  "before a BUILD that begins with -.\n"};
