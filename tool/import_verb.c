/* SPDX-License-Identifier: ISC */
/* muster import: records of a feed through its importer into the folder. It must not know any
 * feed's format. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/clock.h"
#include "tool/feed.h"
#include "tool/import_figures.h"
#include "tool/store_tree.h"
#include "tool/verbs.h"
#include "tool/words.h"

#define ONLY_MAX 256

static const struct import_feed *const feeds[] = {&import_cve5, &import_nvd2, &import_kev,
                                                  &import_csaf, &import_osv};

/* One --only, split at its first slash; model NULL: any. */
struct only {
    char *vendor;
    const char *model;
};

struct importing {
    const struct import_feed *feed;
    const char *dir, *names, *kev_path;
    bool as_json;
    size_t only_n;
    struct only only[ONLY_MAX];
    struct aliases *aliases;
    json_t *kev;
    struct store store;
    struct problems problems;
    struct import_figures figures;
    struct feed reading;
};

static volatile sig_atomic_t stopped;

static void stop(int signal)
{
    (void)signal;
    stopped = 1;
}

/* No SA_RESTART: a read that waits must end. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = stop};

    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGTERM, &action, NULL);
}

/* ---- one record */

static bool is_wanted(const struct importing *im, const struct import_finding *f)
{
    size_t i;

    for (i = 0; i < im->only_n; i++) {
        const struct only *o = &im->only[i];
        bool reported = strcasecmp(o->vendor, f->vendor) == 0 &&
                        (o->model == NULL || strcasecmp(o->model, f->model) == 0);
        bool told =
            strcasecmp(o->vendor, import_text(f->statement, "vendor")) == 0 &&
            (o->model == NULL || strcasecmp(o->model, import_text(f->statement, "product")) == 0);

        if (reported || told)
            return true;
    }
    return im->only_n == 0;
}

/* Drops findings that --only leaves out; are there any? */
static bool leave_out(const struct importing *im, struct import_result *result)
{
    size_t i, kept = 0;

    for (i = 0; i < result->findings_n; i++) {
        if (is_wanted(im, &result->findings[i]))
            result->findings[kept++] = result->findings[i];
        else
            json_decref(result->findings[i].statement);
    }
    i = result->findings_n;
    result->findings_n = kept;
    return kept < i;
}

static const char *illegal_id(const struct import_result *result)
{
    size_t i;

    for (i = 0; i < result->findings_n; i++)
        if (!store_tree_takes(result->findings[i].id))
            return result->findings[i].id;
    return NULL;
}

static int take_result(struct importing *im, const struct feed_place *place,
                       struct import_result *result)
{
    bool partly = leave_out(im, result);
    struct store_outcome outcome;
    const char *illegal;

    if (im->only_n > 0 && result->findings_n == 0) {
        im->figures.passed_over++;
        return 0;
    }
    illegal = illegal_id(result);
    if (illegal != NULL) {
        feed_tell(&im->reading, place, RULE_ID, "\"%s\" cannot be the name of a file",
                  SAFE(illegal));
        return 0;
    }
    if (store_record(&im->store, im->feed->name, result, partly, &outcome) != 0)
        return STATUS_ERROR;
    if (im->feed == &import_kev) /* a mark says no builds, whatever other feeds say of its CVE */
        outcome = (struct store_outcome){ANSWER_REVIEW, DOUBT_NO_BUILDS};
    im->figures.answers[outcome.answer]++;
    if (outcome.answer == ANSWER_REVIEW)
        im->figures.reasons[outcome.reason]++;
    return 0;
}

static int take(void *context, const struct feed_place *place, const json_t *record)
{
    struct importing *im = context;
    struct import_result result;
    char err[400];
    int ret;

    im->figures.bytes_n = im->reading.bytes_n;
    import_figures_progress(&im->figures, false);
    if (im->feed->read(record, im->aliases, &result, err, sizeof err) != 0) {
        feed_tell(&im->reading, place, RULE_SHAPE, "no %s record: %s", im->feed->name, SAFE(err));
        return 0;
    }
    ret = take_result(im, place, &result);
    import_result_free(&result);
    return ret;
}

/* ---- what goes before */

static int take_kev(void *context, const struct feed_place *place, const json_t *record)
{
    struct importing *im = context;
    struct import_result result;
    json_t *statements;
    char err[400];

    if (import_kev.read(record, NULL, &result, err, sizeof err) != 0) {
        feed_tell(&im->reading, place, RULE_SHAPE, "no kev record: %s", SAFE(err));
        return 0;
    }
    statements = json_object_get(im->kev, result.id);
    if (statements == NULL) {
        statements = json_array();
        (void)json_object_set_new(im->kev, result.id, statements);
    }
    (void)json_array_append(statements, result.findings[0].statement);
    import_result_free(&result);
    return 0;
}

static int read_kev(struct importing *im)
{
    if (im->kev_path == NULL)
        return 0;
    im->kev = json_object();
    im->store.kev = im->kev;
    im->reading = (struct feed){.items = import_kev.items,
                                .take = take_kev,
                                .context = im,
                                .problems = &im->problems,
                                .stop = &stopped};
    if (feed_read(&im->reading, im->kev_path) != 0)
        return STATUS_ERROR;
    if (im->problems.n > 0)
        return cli_error("%s: must be whole, or marks would be lost; fetch it again",
                         SAFE(im->kev_path));
    return 0;
}

/* DIR/names.tsv unless another is named. */
static int read_names(struct importing *im)
{
    char *found = NULL;
    int ret = 0;

    if (im->names == NULL && im->dir != NULL) {
        found = import_format("%s/names.tsv", im->dir);
        if (found == NULL)
            return cli_error("out of memory");
    }
    if (im->names != NULL || (found != NULL && access(found, F_OK) == 0))
        ret = aliases_read(im->names != NULL ? im->names : found, &im->aliases);
    free(found);
    return ret;
}

/* Known only if all are plain files. */
static uint64_t bytes_of(char *const *paths, size_t n)
{
    uint64_t sum = 0;
    struct stat info;
    size_t i;

    for (i = 0; i < n; i++) {
        if (stat(paths[i], &info) != 0 || !S_ISREG(info.st_mode))
            return 0;
        sum += (uint64_t)info.st_size;
    }
    return sum;
}

/* ---- the whole */

static int read_all(struct importing *im, char *const *paths, size_t n)
{
    size_t i;
    int ret = 0;

    im->figures.bytes_total = bytes_of(paths, n);
    im->figures.began_ms = clock_mono_ms();
    im->reading = (struct feed){.items = im->feed->items,
                                .take = take,
                                .context = im,
                                .problems = &im->problems,
                                .stop = &stopped};
    for (i = 0; ret == 0 && i < n; i++)
        ret = feed_read(&im->reading, paths[i]);
    import_figures_progress(&im->figures, true);
    return ret == 0 ? 0 : STATUS_ERROR;
}

/* Figures of nothing have a cause that is seldom meant. */
static void tell_nothing(const struct importing *im)
{
    const struct import_figures *f = &im->figures;
    size_t i, records_n = 0;

    for (i = 0; i <= ANSWER_LISTED; i++)
        records_n += f->answers[i];
    if (records_n > 0)
        return;
    if (f->passed_over > 0)
        log_warn(
            "no record is on what --only names; names compare whole, as devices report them or "
            "as the feed calls them");
    else if (f->refused > 0)
        log_warn("nothing there is a record of %s; is it another feed's?", im->feed->name);
}

static int report(struct importing *im)
{
    const struct store_counts *counts = im->dir != NULL ? &im->store.counts : NULL;

    im->figures.refused = im->problems.n;
    tell_nothing(im);
    if (im->as_json)
        import_figures_json(&im->figures, counts, im->feed->name);
    else
        import_figures_print(&im->figures, counts);
    return im->problems.n > 0 || im->store.counts.kept > 0 ? STATUS_FOUND : STATUS_OK;
}

static int import(struct importing *im, char *const *paths, size_t n)
{
    int ret;

    im->problems.out = stderr;
    catch_signals();
    ret = read_names(im);
    if (ret == 0)
        ret = read_kev(im);
    if (ret == 0 && im->dir != NULL)
        ret = store_tree_open(im->dir, &im->store.tree);
    if (ret == 0)
        ret = read_all(im, paths, n);
    if (im->store.tree != NULL && store_tree_close(im->store.tree) != 0)
        ret = STATUS_ERROR;
    store_end(&im->store);
    if (stopped)
        ret = cli_error("interrupted; all files are whole, run it again to go on");
    return ret == 0 ? report(im) : STATUS_ERROR;
}

static int add_only(struct importing *im, const char *text)
{
    struct only *o = &im->only[im->only_n];
    char *slash;

    if (im->only_n == ONLY_MAX)
        return cli_error("--only may be given %d times", ONLY_MAX);
    o->vendor = strdup(text);
    if (o->vendor == NULL)
        return cli_error("out of memory");
    im->only_n++;
    slash = strchr(o->vendor, '/');
    o->model = slash != NULL ? slash + 1 : NULL;
    if (slash != NULL)
        *slash = '\0';
    return 0;
}

static int read_options(struct importing *im, int argc, char **argv)
{
    static const struct option options[] = {{"only", required_argument, NULL, 'l'},
                                            {"kev", required_argument, NULL, 'k'},
                                            {"names", required_argument, NULL, 'n'},
                                            {"json", no_argument, NULL, 'j'},
                                            {"verbose", no_argument, NULL, 'v'},
                                            {"out", required_argument, NULL, 'o'},
                                            {NULL, 0, NULL, 0}};
    int option;

    while ((option = getopt_long(argc, argv, "o:v", options, NULL)) != -1)
        switch (option) {
        case 'o':
            im->dir = optarg;
            break;
        case 'l':
            if (add_only(im, optarg) != 0)
                return STATUS_ERROR;
            break;
        case 'k':
            im->kev_path = optarg;
            break;
        case 'n':
            im->names = optarg;
            break;
        case 'j':
            im->as_json = true;
            break;
        case 'v':
            im->store.verbose = true;
            break;
        default:
            return cli_usage(&verb_import, NULL);
        }
    return 0;
}

static const struct import_feed *find_feed(const char *name)
{
    size_t i;

    for (i = 0; i < sizeof feeds / sizeof *feeds; i++)
        if (strcmp(feeds[i]->name, name) == 0)
            return feeds[i];
    return NULL;
}

static int choose(struct importing *im, int argc, char **argv)
{
    if (argc - optind < 2)
        return cli_usage(&verb_import, "a feed and a FILE, DIR or - are needed");
    im->feed = find_feed(argv[optind]);
    if (im->feed == NULL)
        return cli_usage(&verb_import,
                         "there is no feed '%s'; there are cve5, nvd2, kev, csaf, osv",
                         SAFE(argv[optind]));
    if (im->kev_path != NULL && im->feed == &import_kev)
        return cli_usage(&verb_import, "--kev is for the other feeds");
    if (im->as_json && im->store.verbose)
        return cli_usage(&verb_import, "--json and --verbose do not go together");
    if (im->dir != NULL && im->dir[0] == '\0')
        return cli_usage(&verb_import, "-o needs the name of a folder");
    return 0;
}

static int run(int argc, char **argv)
{
    struct importing im = {.feed = feeds[0]};
    size_t i;
    int ret = read_options(&im, argc, argv);

    if (ret == 0)
        ret = choose(&im, argc, argv);
    if (ret == 0)
        ret = import(&im, argv + optind + 1, (size_t)(argc - optind - 1));
    for (i = 0; i < im.only_n; i++)
        free(im.only[i].vendor);
    aliases_free(im.aliases);
    json_decref(im.kev);
    return ret;
}

const struct verb verb_import = {
    "import", run, "make advisories to review out of vulnerability records",
    "cve5|nvd2|kev|csaf|osv [OPTION...] FILE|DIR|-...",
    "  -o, --out DIR  keep the files there; without it only figures are printed\n"
    "  --only VENDOR[/MODEL]\n"
    "                 only these, as devices report them or as the feed calls them; repeatable\n"
    "  --kev FILE     mark what CISA's catalogue calls known exploited\n"
    "  --names FILE   what feeds call a model (muster-names(5)); default DIR/names.tsv\n"
    "  --verbose      a line for each CVE and model\n"
    "  --json         the figures as JSON\n\n"
    "cve5: CVE JSON 5 records. nvd2: pages or records of the NVD API 2.0. kev: CISA's known\n"
    "exploited vulnerabilities. csaf: CSAF 2.0 advisories. osv: OSV documents. Records may come\n"
    "one after the other, one a line, or in an array; a folder is searched for *.json, *.jsonl\n"
    "and *.ndjson. The last line printed adds up: records N, listed N, exact N, review N. Only\n"
    "listed and exact can be signed; DIR/review/ is for a person. See muster-import(1).\n"
    "Exit status 1 if something was refused, or kept because somebody has edited it.\n"};
