/* SPDX-License-Identifier: ISC */
/* muster check: reads sources and joins them as sign would, and writes nothing. */
#include <getopt.h>
#include <stdio.h>

#include "tool/compile.h"
#include "tool/verbs.h"

static size_t count_models(const struct folder *folder)
{
    size_t i, n = 0;

    for (i = 0; i < folder->n; i += folder_model_n(folder, i))
        n++;
    return n;
}

static int join_all(const struct folder *folder, uint64_t now_s, struct problems *problems)
{
    struct changes changes[CHANGES_N];
    struct compile_order order = {.folder = folder,
                                  .issued = now_s,
                                  .expires = now_s + MUSTER_ADVISORY_LIFE_S,
                                  .enforce = ENFORCE_AFTER,
                                  .enforce_after_s = ENFORCE_DAYS_DEFAULT * MUSTER_DAY_S};
    size_t before = problems->n;

    return compile_list(&order, problems, NULL, changes) == 0 || problems->n > before ? 0 : -1;
}

static int check(char *const *dirs, size_t dirs_n)
{
    struct problems problems = {.out = stderr};
    struct folder folder;
    uint64_t now_s;
    int status = STATUS_ERROR;

    if (cli_now(NULL, &now_s) != 0)
        return STATUS_ERROR;
    if (folder_read(dirs, dirs_n, &problems, &folder) == 0 &&
        join_all(&folder, now_s, &problems) == 0) {
        printf("files %zu, models %zu, problems %zu\n", folder.files_n, count_models(&folder),
               problems.n);
        status = problems.n == 0 ? STATUS_OK : STATUS_FOUND;
    }
    folder_free(&folder);
    return status;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {{NULL, 0, NULL, 0}};

    if (getopt_long(argc, argv, "", options, NULL) != -1)
        return cli_usage(&verb_check, NULL);
    if (argc == optind)
        return cli_usage(&verb_check, "a DIR with *.json files is needed");
    return check(argv + optind, (size_t)(argc - optind));
}

const struct verb verb_check = {
    "check", run, "look for mistakes in folders of advisories", "DIR...",
    "Reads every *.json below the folders (muster-osv(5)) and joins them as sign does. Prints\n"
    "problems as FILE: PLACE: what is wrong; what to do. Exit status 1 if there are any.\n"};
