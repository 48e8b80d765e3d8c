/* SPDX-License-Identifier: ISC */
/* muster check: reads sources and joins them as sign would, tells what is wrong, and writes
 * nothing. */
#include <getopt.h>
#include <stdio.h>

#include "host/json.h"
#include "tool/compile.h"
#include "tool/lint.h"
#include "tool/verbs.h"

struct check_options {
    bool as_json, strict;
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
    struct compile_order order = {.folder = folder,
                                  .issued = problems->now_s,
                                  .expires = problems->now_s + MUSTER_ADVISORY_LIFE_S,
                                  .enforce = ENFORCE_AFTER,
                                  .enforce_after_s = ENFORCE_DAYS_DEFAULT * MUSTER_DAY_S};
    size_t before = problems->n;

    return compile_list(&order, problems, NULL, changes) == 0 || problems->n > before ? 0 : -1;
}

static void print_sum(const struct check_options *o, const struct folder *folder,
                      const struct problems *problems)
{
    struct json json = {.out = stdout};

    if (!o->as_json) {
        printf("files %zu, models %zu, problems %zu, warnings %zu\n", folder->files_n,
               count_models(folder), problems->n, problems->warnings_n);
        return;
    }
    json_open_object(&json, NULL);
    json_key_u64(&json, "files", folder->files_n);
    json_key_u64(&json, "models", count_models(folder));
    json_key_u64(&json, "errors", problems->n);
    json_key_u64(&json, "warnings", problems->warnings_n);
    json_close(&json);
}

static int check(const struct check_options *o)
{
    struct problems problems = {.out = o->as_json ? stdout : stderr,
                                .as_json = o->as_json,
                                .warns = true,
                                .shows_all = true};
    struct folder folder;
    int status = STATUS_ERROR;

    if (cli_now(NULL, &problems.now_s) != 0)
        return STATUS_ERROR;
    if (folder_read(o->dirs, o->dirs_n, &problems, &folder) == 0 &&
        join_all(&folder, &problems) == 0 && lint_names(&folder, &problems) == 0) {
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
    "\n"
    "Reads every *.json below the folders (muster-osv(5)) and joins them as sign does. Tells\n"
    "problems as FILE:LINE: error|warning: what is wrong; what to do [rule]. Exit status 1 if "
    "there\n"
    "is an error (or, with --strict, a warning).\n"};
