/* SPDX-License-Identifier: ISC */
/* What may and must be said to muster sign, and what a bundle says if it is not. It must not look
 * at any other file. */
#include "tool/sign_options.h"

#include <stdio.h>
#include <sys/stat.h>

#include "host/hex.h"
#include "tool/verbs.h"

#define PERCENT_UNSET UINT64_MAX

static int parse_enforce(const char *text, struct sign_options *o)
{
    if (strcmp(text, "never") == 0) {
        o->enforce = ENFORCE_NEVER;
        return 0;
    }
    o->enforce = ENFORCE_AFTER;
    return cli_u64("--enforce-after (days, or 'never')", text, 0, SOURCE_ENFORCE_DAYS_MAX,
                   &o->enforce_days);
}

static int parse_option(int option, struct sign_options *o, struct issue *issue)
{
    switch (option) {
    case 'l':
        o->old = optarg;
        return 0;
    case 'f':
        o->first = true;
        return 0;
    case 'w':
        o->renew = optarg;
        return 0;
    case 't':
        o->rotate = optarg;
        return 0;
    case 'L':
        o->leaves_out = true;
        return 0;
    case 'e':
        return parse_enforce(optarg, o);
    case 'g':
        o->digest = optarg;
        return 0;
    case 'u':
        return folder_publisher_add(&o->publishers, optarg);
    default:
        option = issue_option(option, issue);
        return option == 1 ? cli_usage(&verb_sign, NULL) : option;
    }
}

/* What the command line lacks, or NULL. */
static const char *lacking(const struct sign_options *o, const struct issue *issue)
{
    if (issue_lacking(issue) != NULL)
        return issue_lacking(issue);
    if (o->digest != NULL && o->bundle.path == NULL)
        return "--digest is a bundle's, and there is none";
    if (o->publishers.n > 0 && (o->bundle.path != NULL || o->renew != NULL))
        return "--publisher is held against a DIR, and there is none; of a bundle's folders give "
               "it to muster prepare";
    if (o->first + o->takes_old + (o->old != NULL) + (o->renew != NULL) + (o->rotate != NULL) != 1)
        return "say either --old LIST, so that issue times rise and models that left are "
               "withdrawn, or --first for a signer's first list, --rotate LIST for the first one "
               "with a new key, or --renew LIST to sign the same again";
    if (o->renew != NULL && o->dirs_n > 0)
        return "--renew signs what LIST says, and no DIR; use --old LIST to sign a DIR";
    if (o->renew == NULL && o->dirs_n == 0)
        return "a DIR with *.json files is needed, or a BUNDLE that muster prepare made";
    return NULL;
}

/* Signing what was not meant must fail before any key is asked for. */
static int check_digest(const struct sign_options *o)
{
    char hex[2 * MUSTER_HASH_LEN + 1];

    (void)hex_encode(hex, o->bundle.digest, MUSTER_HASH_LEN);
    if (o->digest == NULL || strcmp(o->digest, hex) == 0)
        return 0;
    return cli_error("%s: has the digest %s, not that of --digest; carry the bundle again",
                     SAFE(o->bundle.path), hex);
}

static void say_override(const char *option, bool is_other)
{
    if (is_other)
        printf("%-9s  %s is not as in the bundle\n", "override", option);
}

/* What the command line did not say of the limits. */
static void take_limits(struct sign_options *o, struct blast_limit *limit)
{
    const struct bundle_options *from = &o->bundle.options;

    if (limit->percent == PERCENT_UNSET)
        limit->percent = from->blast_percent;
    if (limit->tally.path == NULL && o->bundle.tally.bytes != NULL)
        limit->tally = (struct blast_tally){"the tally in the bundle", o->bundle.tally};
    else
        say_override("--tally", limit->tally.path != NULL);
    if (!limit->accepts) {
        limit->accepts = from->accepts;
        limit->accept_n = from->accept_n;
    }
    say_override("--blast-limit", limit->percent != from->blast_percent);
    say_override("--accept-blast",
                 limit->accepts != from->accepts || limit->accept_n != from->accept_n);
}

static void take_options(struct sign_options *o, struct issue *issue)
{
    const struct bundle_options *from = &o->bundle.options;
    bool chosen = o->first || o->old != NULL || o->renew != NULL || o->rotate != NULL;

    if (issue->days == 0)
        issue->days = from->days;
    if (o->enforce == ENFORCE_DEFAULT) {
        o->enforce = from->enforce;
        o->enforce_days = from->enforce_days;
    }
    take_limits(o, &issue->blast);
    say_override("--days", issue->days != from->days);
    say_override("--enforce-after",
                 o->enforce != from->enforce || o->enforce_days != from->enforce_days);
    say_override("the list before", chosen && !(o->first && o->bundle.old.bytes == NULL));
    if (!chosen)
        *(o->bundle.old.bytes != NULL ? &o->takes_old : &o->first) = true;
}

static void take_defaults(struct sign_options *o, struct issue *issue)
{
    if (issue->days == 0)
        issue->days = ISSUE_DAYS_DEFAULT;
    if (o->enforce == ENFORCE_DEFAULT) {
        o->enforce = ENFORCE_AFTER;
        o->enforce_days = ENFORCE_DAYS_DEFAULT;
    }
    if (issue->blast.percent == PERCENT_UNSET)
        issue->blast.percent = BLAST_LIMIT_DEFAULT;
}

/* One file in place of the folders is a bundle. */
static int open_bundle(struct sign_options *o, struct issue *issue)
{
    struct stat info;

    if (o->dirs_n != 1 || stat(o->dirs[0], &info) != 0 || S_ISDIR(info.st_mode))
        return 0;
    if (bundle_open(o->dirs[0], &o->bundle) != 0 || check_digest(o) != 0)
        return STATUS_ERROR;
    take_options(o, issue);
    return 0;
}

int sign_options_parse(int argc, char **argv, struct sign_options *o, struct issue *issue)
{
    static const struct option own[] = {{"old", required_argument, NULL, 'l'},
                                        {"first", no_argument, NULL, 'f'},
                                        {"renew", required_argument, NULL, 'w'},
                                        {"rotate", required_argument, NULL, 't'},
                                        {"leave-out-refused", no_argument, NULL, 'L'},
                                        {"enforce-after", required_argument, NULL, 'e'},
                                        {"publisher", required_argument, NULL, 'u'},
                                        {"digest", required_argument, NULL, 'g'},
                                        {NULL, 0, NULL, 0}};
    struct option options[ISSUE_OPTIONS_MAX];
    const char *lack;
    int option;

    *o = (struct sign_options){.first = false};
    *issue = (struct issue){.blast.percent = PERCENT_UNSET};
    issue_options(own, options);
    while ((option = getopt_long(argc, argv, "o:", options, NULL)) != -1)
        if (parse_option(option, o, issue) != 0)
            return STATUS_ERROR;
    o->dirs = argv + optind;
    o->dirs_n = (size_t)(argc - optind);
    if (open_bundle(o, issue) != 0)
        return STATUS_ERROR;
    take_defaults(o, issue);
    lack = lacking(o, issue);
    return lack == NULL ? 0 : cli_usage(&verb_sign, "%s", lack);
}
