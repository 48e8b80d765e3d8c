/* SPDX-License-Identifier: ISC */
/* muster names suggest: prints lines for names.tsv with their reasons. It must not change any file.
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tool/suggest.h"
#include "tool/verbs.h"

#define UNKNOWN_MAX 1000

static void print(const struct suggestion *s)
{
    static const char *const words[] = {"likely", "maybe", "look"};

    printf("# %s: %s %s; CVEs %zu", words[s->confidence], s->why, s->beside, s->cves_n);
    if (s->to->seen_n > 0)
        printf("; %" PRIu64 " devices report %s", s->to->seen_n, s->to->name);
    printf("\n%s%s\t%s\t%s\t%s\n", s->confidence == CONFIDENCE_LOOK ? "#" : "", s->vendor,
           s->product, s->revision[0] != '\0' ? s->revision : "-", s->to->name);
}

static int by_seen(const void *left, const void *right)
{
    const struct known *a = *(const struct known *const *)left,
                       *b = *(const struct known *const *)right;

    if (a->seen_n != b->seen_n)
        return a->seen_n < b->seen_n ? 1 : -1;
    return strcmp(a->name, b->name);
}

/* Models that were seen and of which no advisory tells; as comments. */
static int print_unknown(const struct spellings *s, const struct suggestions *all)
{
    const struct known **unknown = calloc(s->known_n + 1, sizeof(const struct known *));
    bool *suggested = calloc(s->known_n + 1, sizeof *suggested);
    size_t i, n = 0;

    if (unknown == NULL || suggested == NULL) {
        free(unknown);
        free(suggested);
        return cli_error("out of memory");
    }
    for (i = 0; i < all->n; i++)
        suggested[all->all[i].to - s->known] = true;
    for (i = 0; i < s->known_n; i++)
        if (s->known[i].seen_n > 0 && !s->known[i].is_told && !suggested[i])
            unknown[n++] = &s->known[i];
    free(suggested);
    qsort(unknown, n, sizeof(const struct known *), by_seen);
    if (n > 0)
        printf("#\n# seen, and nothing is known of them: %zu models\n", n);
    for (i = 0; i < n && i < UNKNOWN_MAX; i++)
        printf("# %" PRIu64 "\t%s\n", unknown[i]->seen_n, unknown[i]->name);
    free(unknown);
    return 0;
}

static int print_all(struct spellings *s, const struct aliases *aliases)
{
    struct suggestions all;
    size_t i;
    int ret;

    if (suggest(s, aliases, &all) != 0) {
        free(all.all);
        return cli_error("out of memory");
    }
    puts("# suggestions for names.tsv (muster-names(5)): keep what is right");
    for (i = 0; i < all.n; i++)
        print(&all.all[i]);
    if (s->unclean_n > 0)
        printf("# %zu names are left out, because they are not printable ASCII\n", s->unclean_n);
    ret = print_unknown(s, &all);
    free(all.all);
    return ret;
}

static int suggest_from(char *const *dirs, size_t dirs_n, const char *tally, const char *names)
{
    struct problems problems = {.out = stderr};
    struct aliases *aliases = NULL;
    struct spellings spellings;
    int ret = 0;

    if (names != NULL && aliases_read(names, &aliases) != 0)
        return STATUS_ERROR;
    ret = spellings_read(dirs, dirs_n, tally, &problems, &spellings);
    if (ret == 0)
        ret = print_all(&spellings, aliases);
    spellings_free(&spellings);
    aliases_free(aliases);
    if (ret != 0)
        return STATUS_ERROR;
    return problems.n > 0 ? STATUS_FOUND : STATUS_OK;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"tally", required_argument, NULL, 't'},
                                            {"names", required_argument, NULL, 'n'},
                                            {NULL, 0, NULL, 0}};
    const char *tally = NULL, *names = NULL;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == '?')
            return cli_usage(&verb_names_suggest, NULL);
        *(option == 't' ? &tally : &names) = optarg;
    }
    if (argc == optind)
        return cli_usage(&verb_names_suggest, "a DIR that muster import has written is needed");
    return suggest_from(argv + optind, (size_t)(argc - optind), tally, names);
}

const struct verb verb_names_suggest = {
    "names suggest", run, "suggest which names of feeds mean which model",
    "DIR... [--tally FILE] [--names FILE]",
    "Prints lines for names.tsv (muster-names(5)), the best first, each below a comment that says\n"
    "why: names that differ in spelling only, in one letter of the vendor, that stand in one CVE,\n"
    "or that name a hardware revision; the last are comments until somebody takes the # away.\n"
    "Nothing is applied. DIRs are those of muster import.\n"
    "  --tally FILE  what devices report (muster-tally(5)); models of which nothing is known are\n"
    "                listed, too\n"
    "  --names FILE  lines there are already; their words are left alone\n"};
