/* SPDX-License-Identifier: ISC */
/* Names and meanings of the rules. It must not know where they are applied. */
#include "tool/rules.h"

static const struct {
    const char *name, *text;
    bool warning;
} rules[RULES_N] = {
    [RULE_UNREADABLE] = {"unreadable", "a file cannot be read", false},
    [RULE_FOLDER_UNREADABLE] = {"folder-unreadable", "a folder below cannot be read", false},
    [RULE_TOO_LARGE] = {"too-large", "a file is larger than 1 MiB", false},
    [RULE_TOO_DEEP] = {"too-deep", "JSON is nested deeper than 32 levels", false},
    [RULE_JSON] = {"json", "not JSON, not UTF-8, or a key twice in one object", false},
    [RULE_SHAPE] = {"shape", "a member is missing or of the wrong type", false},
    [RULE_ID] = {"id", "the id is missing", false},
    [RULE_TIME] = {"time", "a time is missing or not RFC 3339 in UTC", false},
    [RULE_ECOSYSTEM] = {"ecosystem", "package.ecosystem is not Muster", false},
    [RULE_NAME] = {"name", "package.name is no VENDOR/MODEL as devices report it", false},
    [RULE_RESERVED] = {"reserved", "a model of muster.test", false},
    [RULE_ONE_MODEL] = {"one-model", "a second model in one file", false},
    [RULE_RANGE_TYPE] = {"range-type", "a range that devices cannot compare", false},
    [RULE_EVENTS] = {"events",
                     "events that do not pair into ranges: reversed, empty, unlike, overlapping",
                     false},
    [RULE_ORDER] = {"order", "numbers that are reversed", false},
    [RULE_BUILD] = {"build", "a build that is empty or has nothing that orders it", false},
    [RULE_TEXT] = {"text", "a text that is too long or not printable ASCII", false},
    [RULE_VALUE] = {"value", "a value outside of what its key allows", false},
    [RULE_KEY] = {"key", "an unknown key in database_specific.muster", false},
    [RULE_TWICE] = {"twice", "a key of database_specific.muster in two places", false},
    [RULE_RANGES_MAX] = {"ranges-max", "more than eight ranges in one file", false},
    [RULE_NO_BUILD] = {"no-build", "no build is affected", false},
    [RULE_FIXED_COVERED] = {"fixed-covered",
                            "a range of the file covers a build that it calls fixed", false},
    [RULE_COVERS_ALL] = {"covers-all",
                         "every build would fail for ever, and the file does not say all-builds",
                         false},
    [RULE_DUPLICATE] = {"duplicate", "two files of one folder on one id and model", false},
    [RULE_ADVISORY_SIZE] = {"advisory-size", "what is said of a model does not fit one advisory",
                            false},
    [RULE_SUPPRESS] = {"suppress", "a line of suppress that is no VENDOR/MODEL[/ID]", false},
    [RULE_TALLY] = {"tally", "a line of a tally that is no row", false},
    [RULE_UNLISTED] = {"unlisted", "a file that the publisher's manifest does not list", false},
    [RULE_MISSING] = {"missing", "a file that the publisher's manifest lists is not there", false},
    [RULE_TAMPERED] = {"tampered", "a file is not the one that the publisher's manifest lists",
                       false},
    [RULE_MANIFEST] = {"manifest", "no manifest that this publisher signed", false},
    [RULE_MEMORY] = {"memory", "out of memory", false},
    [RULE_OPEN_END] = {"open-end", "no upper bound: builds to come fail as well", true},
    [RULE_NO_FIX] = {"no-fix", "enforced, but neither fixed-in nor url: the owner can do nothing",
                     true},
    [RULE_ID_SHAPE] = {"id-shape", "an id that owners cannot look up", true},
    [RULE_TIME_ORDER] = {"time-order", "modified, published or withdrawn in the wrong order", true},
    [RULE_SURPRISE] = {"surprise", "a bound that natural order may rank otherwise than meant",
                       true},
    [RULE_CASE] = {"case", "two models that differ only in separators or by _firmware", true},
    [RULE_STALE] = {"stale", "a line of suppress that takes nothing away", true},
};

const char *rule_name(enum rule rule)
{
    return rules[rule].name;
}

const char *rule_text(enum rule rule)
{
    return rules[rule].text;
}

bool rule_is_error(enum rule rule)
{
    return !rules[rule].warning;
}
