/* SPDX-License-Identifier: ISC */
/* Reads a few certain phrases out of a description. It must not make ranges. */
#include "tool/prose.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define TOKEN_CAP 96

struct phrase {
    const char *text;
    bool is_fixed;
};

static const struct phrase phrases[] = {
    {"before", true},       {"prior to", true},   {"fixed in", true},
    {"earlier than", true}, {"older than", true}, {"upgrade to", true},
    {"update to", true},    {"updated to", true}, {"patched in", true},
    {"resolved in", true},  {"lower than", true}, {"addressed in", true},
    {"below", true},        {"through", false},   {"up to and including", false},
};

static bool is_filler(const char *word)
{
    static const char *const words[] = {"version", "versions", "firmware", "release", "v",
                                        "the",     "fw",       "software", "all",     "ver",
                                        "build",   "is",       "at",       "least",   NULL};
    return words_is_one_of(word, words);
}

/* The next word without the punctuation around it; where the one after it begins. */
static const char *next_word(const char *at, char word[TOKEN_CAP])
{
    size_t len;

    at += strspn(at, " \t\n(\"'");
    len = strcspn(at, " \t\n");
    (void)snprintf(word, TOKEN_CAP, "%.*s", (int)(len < TOKEN_CAP ? len : 0), at);
    at += len;
    len = strlen(word);
    while (len > 0 && (strchr(".,;:\"'", word[len - 1]) != NULL ||
                       (word[len - 1] == ')' && strchr(word, '(') == NULL)))
        word[--len] = '\0';
    return at;
}

static void keep(const char *token, size_t *io_n, char list[PROSE_BUILDS_MAX][WORDS_CAP])
{
    char build[WORDS_CAP];

    if (*io_n < PROSE_BUILDS_MAX && words_build(token, build) == DOUBT_NONE)
        memcpy(list[(*io_n)++], build, sizeof build);
}

/* "6.41.3/6.42rc27" names two. */
static void keep_each(const char *token, size_t *io_n, char list[PROSE_BUILDS_MAX][WORDS_CAP])
{
    char part[TOKEN_CAP];
    size_t len;

    for (; *token != '\0'; token += len + (token[len] == '/')) {
        len = strcspn(token, "/");
        (void)snprintf(part, sizeof part, "%.*s", (int)len, token);
        keep(part, io_n, list);
    }
}

/* The build behind a phrase, with a "Build N" that belongs to it, and the further ones of a list
 * ("before 1.2, 1.3 and 1.4"). */
static void take_builds(const char *at, size_t *io_n, char list[PROSE_BUILDS_MAX][WORDS_CAP])
{
    char word[TOKEN_CAP], more[TOKEN_CAP], whole[2 * TOKEN_CAP + 16];
    const char *next;
    size_t fillers = 0;

    for (next = next_word(at, word); is_filler(word) && fillers < 4; next = next_word(at, word)) {
        at = next;
        fillers++;
    }
    if (strpbrk(word, "0123456789") == NULL)
        return;
    at = next_word(next, more);
    if (strcasecmp(more, "build") == 0 && next[-1] != ',') {
        (void)next_word(at, more);
        (void)snprintf(whole, sizeof whole, "%s Build %s", word, more);
        keep(whole, io_n, list);
        return;
    }
    keep_each(word, io_n, list);
    if (strcasecmp(more, "and") == 0 || strcasecmp(more, "or") == 0)
        take_builds(at, io_n, list);
    else if (next[-1] == ',')
        take_builds(next, io_n, list);
}

static bool is_at_word(const char *text, const char *at, size_t len)
{
    return (at == text || !isalnum((unsigned char)at[-1])) && !isalnum((unsigned char)at[len]);
}

static void read_phrase(const char *text, const struct phrase *p, struct prose *ret)
{
    size_t len = strlen(p->text);
    const char *at;

    for (at = strcasestr(text, p->text); at != NULL; at = strcasestr(at + len, p->text))
        if (is_at_word(text, at, len))
            take_builds(at + len, p->is_fixed ? &ret->fixed_n : &ret->affected_n,
                        p->is_fixed ? ret->fixed : ret->affected);
}

/* "1.2 and earlier": the build before the words, with a "Build N" that belongs to it. */
static void read_tails(const char *text, const char *const *tails, size_t *io_n,
                       char list[PROSE_BUILDS_MAX][WORDS_CAP])
{
    char word[TOKEN_CAP];
    const char *at, *begin;
    size_t i;

    for (i = 0; tails[i] != NULL; i++)
        for (at = strcasestr(text, tails[i]); at != NULL; at = strcasestr(at + 1, tails[i])) {
            for (begin = at; begin > text && begin[-1] != ' '; begin--)
                ;
            if (begin - text > 7 && strncasecmp(begin - 7, " build ", 7) == 0)
                for (begin -= 7; begin > text && begin[-1] != ' '; begin--)
                    ;
            (void)snprintf(word, sizeof word, "%.*s",
                           (int)(at - begin < TOKEN_CAP ? at - begin : 0), begin);
            keep(word, io_n, list);
        }
}

static bool has_any(const char *text, const char *const *list)
{
    for (; *list != NULL; list++) {
        const char *at = strcasestr(text, *list);

        for (; at != NULL; at = strcasestr(at + 1, *list))
            if (is_at_word(text, at, strlen(*list)))
                return true;
    }
    return false;
}

void prose_read(const char *text, struct prose *ret)
{
    static const char *const revisions[] = {"hardware version",
                                            "hardware revision",
                                            "hardware rev",
                                            "hardware ver",
                                            "rev",
                                            "revision",
                                            "h/w",
                                            "hw version",
                                            "hw ver",
                                            "hw rev",
                                            "reva",
                                            "revb",
                                            "hw",
                                            NULL};
    static const char *const earlier[] = {" and earlier", " and prior", " and below",
                                          " or earlier",  " and lower", NULL};
    static const char *const unsupported[] = {
        "UNSUPPORTED WHEN ASSIGNED",
        "only affects products that are no longer supported by the maintainer", NULL};
    size_t i;

    memset(ret, 0, sizeof *ret);
    for (i = 0; i < sizeof phrases / sizeof *phrases; i++)
        read_phrase(text, &phrases[i], ret);
    read_tails(text, earlier, &ret->affected_n, ret->affected);
    ret->has_revision = has_any(text, revisions);
    ret->is_unsupported = has_any(text, unsupported);
    ret->is_disputed = strstr(text, "** DISPUTED **") != NULL;
}

void prose_read_remedy(const char *text, struct prose *io_prose)
{
    static const char *const later[] = {" and later", " or later",  " and newer", " or newer",
                                        " and above", " or higher", NULL};
    size_t i;

    for (i = 0; i < sizeof phrases / sizeof *phrases; i++)
        if (phrases[i].is_fixed)
            read_phrase(text, &phrases[i], io_prose);
    read_tails(text, later, &io_prose->fixed_n, io_prose->fixed);
}

static bool names_build(const char (*list)[WORDS_CAP], size_t n, const char *build)
{
    while (n-- > 0)
        if (words_is_level(list[n], build))
            return true;
    return false;
}

static enum import_doubt check(const struct prose *p, const struct words *w,
                               const struct muster_range *range)
{
    bool is_fixed = w->until[0] != '\0' && names_build(p->fixed, p->fixed_n, w->until);
    bool is_affected = w->until[0] != '\0' && names_build(p->affected, p->affected_n, w->until);
    size_t i;

    if (is_fixed && !w->until_included)
        return DOUBT_NONE;
    if (is_affected && !is_fixed)
        return w->until_included ? DOUBT_NONE : DOUBT_CONTRADICTION;
    for (i = 0; i < p->fixed_n; i++)
        if (muster_range_covers(range, muster_slice_of(p->fixed[i]), 0))
            return DOUBT_FIX_COVERED;
    return DOUBT_NONE;
}

/* Every build, and yet one is called fixed? */
static enum import_doubt check_all(const struct prose *p)
{
    return p->fixed_n > 0 ? DOUBT_FIX_COVERED : DOUBT_NONE;
}

void prose_check(const struct prose *prose, json_t *statement)
{
    bool mapped = json_is_true(json_object_get(statement, "mapped"));
    json_t *reading;
    size_t i;

    json_array_foreach(json_object_get(statement, "readings"), i, reading)
    {
        struct words w;
        struct muster_range range;
        enum import_doubt doubt;

        if (!import_words(reading, &w) || w.doubt != DOUBT_NONE)
            continue;
        if (prose->is_disputed)
            doubt = DOUBT_CONTRADICTION;
        else if (prose->has_revision && !mapped)
            doubt = DOUBT_REVISION;
        else if (w.is_all || !words_range(&w, &range))
            doubt = check_all(prose);
        else
            doubt = check(prose, &w, &range);
        if (doubt != DOUBT_NONE)
            (void)json_object_set_new(reading, "doubt", json_string(import_doubt_name(doubt)));
    }
}
