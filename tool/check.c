/* SPDX-License-Identifier: ISC */
/* muster check: reads sources and joins them as sign would, tells what is wrong, and writes
 * nothing. */
#include <getopt.h>
#include <stdio.h>

#include "host/json.h"
#include "host/parallel.h"
#include "tool/check.h"
#include "tool/compile.h"
#include "tool/lint.h"
#include "tool/verbs.h"

struct check_options {
    bool as_json, strict, verbose;
    struct folder_publishers publishers;
    char *const *dirs;
    size_t dirs_n;
};

static size_t count_models(const struct folder *folder)
{
    size_t i, n = 0;

    for (i = 0; i < folder->n; i += folder_model_n(folder, i))
        n++;
    return n;
}

static int join_all(const struct folder *folder, struct problems *problems)
{
    struct changes changes[CHANGES_N];
    struct compile_order order = {
        .folder = folder,
        .draft = {.issued = problems->now_s, .expires = problems->now_s + MUSTER_ADVISORY_LIFE_S},
        .threads = parallel_processors(),
        .enforce = ENFORCE_AFTER,
        .enforce_after_s = ENFORCE_DAYS_DEFAULT * MUSTER_DAY_S};
    size_t before = problems->n;

    return compile_list(&order, problems, NULL, changes) == 0 || problems->n > before ? 0 : -1;
}

int check_folder(const struct folder *folder, struct problems *problems)
{
    return join_all(folder, problems) == 0 && lint_names(folder, problems) == 0 ? 0 : -1;
}

static const char *const change_words[LAYER_CHANGES_N] = {"adds", "changes", "withdraws",
                                                          "suppressed"};

/* What each folder does; the first of several only counts as what the others change. */
static void print_layers(const struct check_options *o, const struct folder *folder)
{
    size_t i, k;

    for (i = 0; i < o->dirs_n && o->dirs_n > 1; i++) {
        printf("%s:", SAFE(o->dirs[i]));
        for (k = 0; k < LAYER_CHANGES_N; k++)
            printf(" %s %zu%s", change_words[k], folder->changes[i][k],
                   k + 1 < LAYER_CHANGES_N ? "," : "\n");
    }
}

static void print_json_layers(const struct check_options *o, const struct folder *folder,
                              struct json *json)
{
    size_t i, k;

    json_open_array(json, "layers");
    for (i = 0; i < o->dirs_n; i++) {
        json_open_object(json, NULL);
        json_key_text(json, "folder", o->dirs[i]);
        for (k = 0; k < LAYER_CHANGES_N; k++)
            json_key_u64(json, change_words[k], folder->changes[i][k]);
        json_close(json);
    }
    json_close(json);
}

static void tell_change(void *ctx, enum layer_change change, const struct source *source)
{
    char name[NAMES_TEXT_CAP];

    (void)ctx;
    printf("%s: %s %s %s\n", SAFE(source->path),
           change == LAYER_SUPPRESSES ? "suppressed" : change_words[change],
           names_text(name, source->name_key), SAFE(source->id));
}

static void print_sum(const struct check_options *o, const struct folder *folder,
                      const struct problems *problems)
{
    struct json json = {.out = stdout};

    if (!o->as_json) {
        printf("files %zu, models %zu, problems %zu, warnings %zu\n", folder->files_n,
               count_models(folder), problems->n, problems->warnings_n);
        print_layers(o, folder);
        return;
    }
    json_open_object(&json, NULL);
    json_key_u64(&json, "files", folder->files_n);
    json_key_u64(&json, "models", count_models(folder));
    json_key_u64(&json, "errors", problems->n);
    json_key_u64(&json, "warnings", problems->warnings_n);
    if (o->dirs_n > 1)
        print_json_layers(o, folder, &json);
    json_close(&json);
}

static int check(const struct check_options *o)
{
    struct problems problems = {.out = o->as_json ? stdout : stderr,
                                .as_json = o->as_json,
                                .warns = true,
                                .shows_all = true};
    struct folder folder = {.tell = o->verbose && !o->as_json ? tell_change : NULL};
    int status = STATUS_ERROR;

    if (cli_now(NULL, &problems.now_s) != 0)
        return STATUS_ERROR;
    if (folder_read_published(o->dirs, o->dirs_n, &o->publishers, &problems, &folder) == 0 &&
        check_folder(&folder, &problems) == 0) {
        print_sum(o, &folder, &problems);
        status =
            problems.n > 0 || (o->strict && problems.warnings_n > 0) ? STATUS_FOUND : STATUS_OK;
    }
    folder_free(&folder);
    return status;
}

static int print_rules(void)
{
    enum rule rule;

    for (rule = 0; rule < RULES_N; rule++)
        printf("%-17s  %-7s  %s\n", rule_name(rule), rule_is_error(rule) ? "error" : "warning",
               rule_text(rule));
    return STATUS_OK;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"strict", no_argument, NULL, 's'},
                                            {"rules", no_argument, NULL, 'r'},
                                            {"verbose", no_argument, NULL, 'v'},
                                            {"publisher", required_argument, NULL, 'p'},
                                            {NULL, 0, NULL, 0}};
    struct check_options o = {.as_json = false};
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
        switch (option) {
        case 'j':
            o.as_json = true;
            break;
        case 's':
            o.strict = true;
            break;
        case 'r':
            return print_rules();
        case 'v':
            o.verbose = true;
            break;
        case 'p':
            if (folder_publisher_add(&o.publishers, optarg) != 0)
                return STATUS_ERROR;
            break;
        default:
            return cli_usage(&verb_check, NULL);
        }
    if (argc == optind)
        return cli_usage(&verb_check, "a DIR with *.json files is needed");
    o.dirs = argv + optind;
    o.dirs_n = (size_t)(argc - optind);
    return check(&o);
}

const struct verb verb_check = {
    "check", run, "look for mistakes in folders of advisories", "[OPTION...] DIR...",
    "  --json    one JSON object a problem (file, line, place, rule, severity, message) and a "
    "last\n"
    "            one with the sums, on standard output\n"
    "  --strict  warnings count as problems\n"
    "  --rules   list the rules\n"
    "  --verbose tell which files a later folder adds, changes, withdraws or suppresses\n"
    "  --publisher PUB\n"
    "            the first one is the key that must have published the first DIR (muster "
    "publish),\n"
    "            the second that of the second DIR, and so on; - is none\n"
    "\n"
    "Reads every *.json below the folders (muster-osv(5)) and joins them as sign does. Tells\n"
    "problems as FILE:LINE: error|warning: what is wrong; what to do [rule]. Exit status 1 if "
    "there\n"
    "is an error (or, with --strict, a warning).\n"};
