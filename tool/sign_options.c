/* SPDX-License-Identifier: ISC */
/* What may and must be said to muster sign. It must not look at any file. */
#include "tool/sign_options.h"

#include "tool/verbs.h"

static int parse_enforce(const char *text, struct sign_options *o)
{
    if (strcmp(text, "never") == 0) {
        o->enforce = ENFORCE_NEVER;
        return 0;
    }
    o->enforce = ENFORCE_AFTER;
    return cli_u64("--enforce-after (or 'never')", text, 0, SOURCE_ENFORCE_DAYS_MAX,
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
    if (o->first + (o->old != NULL) + (o->renew != NULL) + (o->rotate != NULL) != 1)
        return "say either --old LIST, so that issue times rise and models that left are "
               "withdrawn, or --first for a signer's first list, --rotate LIST for the first one "
               "with a new key, or --renew LIST to sign the same again";
    if (o->renew != NULL && o->dirs_n > 0)
        return "--renew signs what LIST says, and no DIR; use --old LIST to sign a DIR";
    if (o->renew == NULL && o->dirs_n == 0)
        return "a DIR with *.json files is needed";
    return NULL;
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
                                        {NULL, 0, NULL, 0}};
    struct option options[ISSUE_OPTIONS_MAX];
    const char *lack;
    int option;

    *o = (struct sign_options){.enforce = ENFORCE_AFTER, .enforce_days = ENFORCE_DAYS_DEFAULT};
    *issue = ISSUE_DEFAULTS;
    issue_options(own, options);
    while ((option = getopt_long(argc, argv, "o:", options, NULL)) != -1)
        if (parse_option(option, o, issue) != 0)
            return STATUS_ERROR;
    o->dirs = argv + optind;
    o->dirs_n = (size_t)(argc - optind);
    lack = lacking(o, issue);
    return lack == NULL ? 0 : cli_usage(&verb_sign, "%s", lack);
}
