/* SPDX-License-Identifier: ISC */
/* muster, the operator's tool: one table of verbs. It must not do anything but choose one. */
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "tool/verbs.h"

static const struct verb *const verbs[] = {
    &verb_key_new,       &verb_key_show, &verb_key_backup, &verb_key_restore, &verb_import,
    &verb_names_suggest, &verb_check,    &verb_publish,    &verb_sign,        &verb_withdraw,
    &verb_revert,        &verb_show,     &verb_prepare,    &verb_approve,     &verb_install,
    &verb_explain,       &verb_diff,     &verb_ask,        &verb_standing,    &verb_anchor_new,
};
#define VERBS_N (sizeof verbs / sizeof *verbs)

static int print_help(void)
{
    size_t i;

    puts("muster - the operator's tool: keys, lists of defective builds, standings, questions\n\n"
         "usage: muster VERB [ARGUMENT...]\n");
    for (i = 0; i < VERBS_N; i++)
        printf("  %-13s %s\n", verbs[i]->name, verbs[i]->summary);
    puts("\n  muster VERB --help   arguments and options of one verb\n"
         "  muster --version\n\n"
         "exit status: 0 done (explain, ask: fit), 1 problem found (explain, ask: listed),\n"
         "2 wrong usage or it could not be done");
    return STATUS_OK;
}

static int print_verb_help(const struct verb *verb)
{
    printf("usage: muster %s %s\n\n%s\n\n%s", verb->name, verb->usage, verb->summary, verb->help);
    return STATUS_OK;
}

/* Takes the verb's words off the front of argv[1..argc); how many, or 0 if it is another verb. */
static int match(const struct verb *verb, int argc, char **argv)
{
    size_t first_len = strcspn(verb->name, " ");
    bool two = verb->name[first_len] == ' ';

    if (argc < 2 || strlen(argv[1]) != first_len || memcmp(argv[1], verb->name, first_len) != 0)
        return 0;
    if (!two)
        return 1;
    return argc > 2 && strcmp(argv[2], verb->name + first_len + 1) == 0 ? 2 : 0;
}

/* The first word of a verb of two: "key new", "key show". */
static bool is_half(const struct verb *verb, const char *word)
{
    size_t len = strlen(word);

    return strncmp(verb->name, word, len) == 0 && verb->name[len] == ' ';
}

/* No verb fits: says which could be meant. */
static int refuse(const char *word)
{
    char which[128] = "";
    size_t i;

    for (i = 0; i < VERBS_N; i++)
        if (is_half(verbs[i], word))
            (void)snprintf(which + strlen(which), sizeof which - strlen(which), "%s%s",
                           *which == '\0' ? "" : ", ", verbs[i]->name);
    if (*which != '\0')
        return cli_error("'%s' is half a verb; say %s", SAFE(word), which);
    return cli_error("there is no verb '%s'; muster --help lists them", SAFE(word));
}

static bool asks_help(int argc, char **argv)
{
    int i;

    for (i = 0; i < argc && strcmp(argv[i], "--") != 0; i++)
        if (strcmp(argv[i], "--help") == 0)
            return true;
    return false;
}

static int run(const struct verb *verb, int words, int argc, char **argv)
{
    char called[32];

    if (asks_help(argc - words, argv + words))
        return print_verb_help(verb);
    (void)snprintf(called, sizeof called, "muster %s", verb->name);
    argv[words] = called;
    return verb->run(argc - words, argv + words);
}

/* What was printed must have arrived. */
static int flush(int status)
{
    if (fflush(stdout) != 0 || ferror(stdout))
        return cli_error("standard output cannot be written");
    return status;
}

int main(int argc, char **argv)
{
    size_t i;
    int words;

    log_open("muster", false, LOG_LEVEL_INFO);
    if (sodium_init() < 0)
        return cli_error("libsodium cannot start: the system gives no random numbers");
    if (argc > 1 && strcmp(argv[1], "--version") == 0) {
        puts("muster " MUSTER_VERSION);
        return flush(STATUS_OK);
    }
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0))
        return flush(print_help());
    for (i = 0; i < VERBS_N; i++) {
        words = match(verbs[i], argc, argv);
        if (words != 0)
            return flush(run(verbs[i], words, argc, argv));
    }
    if (argc < 2)
        return cli_error("a verb is missing; muster --help lists them");
    return refuse(argv[1]);
}
