/* SPDX-License-Identifier: ISC */
/* Names of products into models, or the reason why not. It must not guess: a series, a list of
 * models, a hardware revision in the name are doubts unless names.tsv maps them. */
#include "tool/models.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "tool/names.h"
#include "tool/words.h"

#define WORD_CAP 128

const char *models_squash(const char *text, char ret[SQUASH_CAP])
{
    size_t n = 0;

    for (; *text != '\0' && n < SQUASH_CAP - 1; text++) {
        if (strncasecmp(text, "firmware", 8) == 0 && n > 0) {
            text += 7;
            continue;
        }
        if (isalnum((unsigned char)*text))
            ret[n++] = (char)tolower((unsigned char)*text);
    }
    ret[n] = '\0';
    return ret;
}

bool models_of_alias(const struct aliases *aliases, const char *vendor, const char *product,
                     const char *revision, struct models *ret)
{
    const char *v, *m;

    for (ret->n = 0;
         ret->n < MODELS_MAX && aliases_find(aliases, vendor, product, revision, ret->n, &v, &m);
         ret->n++) {
        (void)snprintf(ret->model[ret->n].vendor, sizeof ret->model[0].vendor, "%s", v);
        (void)snprintf(ret->model[ret->n].model, sizeof ret->model[0].model, "%s", m);
        if (v[0] == '\0')
            ret->doubt = DOUBT_NOT_FIRMWARE;
    }
    ret->by_names_tsv = ret->n > 0;
    return ret->by_names_tsv;
}

static bool is_nothing(const char *text)
{
    static const char *const words[] = {"",        "n/a",  "na",          "-",        "*",
                                        "unknown", "none", "unspecified", "multiple", NULL};

    return words_is_one_of(text, words);
}

/* IPC-HX3XXX, DS-2CD2xx2FWD, VMG8825-Bx0B, 179****: letters that stand for any. */
static bool is_pattern_word(const char *word)
{
    bool has_digit = strpbrk(word, "0123456789") != NULL, has_upper = false;
    const char *at;

    for (at = word; *at != '\0'; at++)
        has_upper |= isupper((unsigned char)*at) != 0;
    if (strchr(word, '*') != NULL || (has_digit && strcasestr(word, "xx") != NULL))
        return true;
    for (at = word; has_digit && *at != '\0'; at++)
        if (*at == 'x' && ((has_upper && at > word && at[1] != '\0') ||
                           (at > word && isdigit((unsigned char)at[-1]) &&
                            (isdigit((unsigned char)at[1]) || at[1] == '\0'))))
            return strcmp(word, "x86") != 0 && strcmp(word, "x64") != 0;
    return false;
}

/* V2, v2.0, Rev.B, H/W, B1 behind a model, and the regions that have hardware of their own. */
static bool is_revision_word(const char *word, bool is_first)
{
    static const char *const words[] = {"rev",      "rev.", "revision", "hw",   "h/w",
                                        "hardware", "ver",  "ver.",     "(eu)", "(us)",
                                        "(jp)",     "(un)", "(kr)",     NULL};
    size_t digits;

    if (words_is_one_of(word, words))
        return true;
    if (strncasecmp(word, "rev", 3) == 0 && strlen(word) <= 6 && !isalpha((unsigned char)word[4]))
        return true;
    if ((word[0] | 0x20) == 'v' || (strncasecmp(word, "ver", 3) == 0 && (word += 2) != NULL)) {
        word += 1 + (word[1] == '.');
        digits = strspn(word, "0123456789.");
        return digits > 0 && word[digits] == '\0';
    }
    return !is_first && isalpha((unsigned char)word[0]) && word[0] <= 'H' && word[0] >= 'A' &&
           isdigit((unsigned char)word[1]) && word[2] == '\0';
}

static bool is_series_word(const char *word)
{
    static const char *const words[] = {
        "series",    "family",   "families", "some",      "multiple", "various",
        "several",   "certain",  "products", "devices",   "models",   "routers",
        "cameras",   "switches", "gateways", "different", "selected", "all",
        "following", "range",    "printers", "phones",    "modems",   "processors",
        "platforms", "and/or",   "running",  "with",      "using",    NULL};

    return words_is_one_of(word, words);
}

static bool has_region(const char *product)
{
    static const char *const regions[] = {"(EU)", "(US)", "(JP)", "(UN)", "(KR)",
                                          "(CN)", "(DE)", "(BR)", "(IN)", NULL};
    size_t i;

    for (i = 0; regions[i] != NULL; i++)
        if (strcasestr(product, regions[i]) != NULL)
            return true;
    return false;
}

static enum import_doubt check_product(const char *product, const char *separators)
{
    char word[WORD_CAP];
    const char *at = product;
    bool is_first = true;
    size_t len;

    if (strpbrk(product, ",;|\n") != NULL || strcasestr(product, " and ") != NULL ||
        strcasestr(product, " or ") != NULL || strchr(product, '&') != NULL)
        return DOUBT_MODELS;
    if (strchr(product, '/') != NULL && strcasestr(product, "h/w") == NULL)
        return DOUBT_MODELS;
    if (has_region(product))
        return DOUBT_REVISION;
    for (; *at != '\0'; at += len + strspn(at + len, separators)) {
        len = strcspn(at, separators);
        if (len >= WORD_CAP)
            return DOUBT_NO_MODEL;
        memcpy(word, at, len);
        word[len] = '\0';
        if (is_series_word(word) || is_pattern_word(word))
            return DOUBT_PATTERN;
        if (is_revision_word(word, is_first))
            return DOUBT_REVISION;
        is_first = false;
    }
    return DOUBT_NONE;
}

/* Without blanks at the ends and runs of them. */
static void fold(const char *text, char ret[WORD_CAP])
{
    size_t n = 0;

    for (; *text != '\0' && n < WORD_CAP - 1; text++)
        if (*text != ' ' || (n > 0 && ret[n - 1] != ' '))
            ret[n++] = *text;
    while (n > 0 && ret[n - 1] == ' ')
        n--;
    ret[n] = '\0';
}

/* Without blanks at the ends, the vendor before the model and "firmware" behind it. */
static void plain_product(const char *vendor, const char *product, char ret[WORD_CAP])
{
    size_t vendor_len = strlen(vendor), len;

    fold(product, ret);
    if (vendor_len > 0 && strncasecmp(ret, vendor, vendor_len) == 0 && ret[vendor_len] == ' ')
        memmove(ret, ret + vendor_len + 1, strlen(ret + vendor_len + 1) + 1);
    len = strlen(ret);
    if (len > 9 && strcasecmp(ret + len - 8, "firmware") == 0 &&
        strchr(" _-", ret[len - 9]) != NULL)
        ret[len - 9] = '\0';
}

static bool is_printable(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text < 0x20 || *text > 0x7e)
            return false;
    return true;
}

static void no_model(struct models *ret, enum import_doubt doubt)
{
    ret->n = 1;
    memset(&ret->model[0], 0, sizeof ret->model[0]);
    ret->doubt = doubt;
}

static void one_model(const char *vendor, const char *model, struct models *ret)
{
    ret->n = 1;
    names_suggest(muster_slice_of(vendor), ret->model[0].vendor);
    names_suggest(muster_slice_of(model), ret->model[0].model);
}

/* Too long for a report, or with a part in parentheses: which part of it do devices report? */
static bool is_unclear(const char *vendor, const char *product, const char *maker,
                       const char *plain)
{
    return strlen(vendor) >= WORD_CAP || strlen(product) >= WORD_CAP ||
           strlen(maker) > MUSTER_NAME_MAX || strlen(plain) > MUSTER_NAME_MAX ||
           strchr(plain, '(') != NULL;
}

static enum import_doubt doubt_words(const char *vendor, const char *product, const char *maker,
                                     const char *plain)
{
    enum import_doubt doubt;

    if (is_nothing(maker) || is_nothing(plain))
        return DOUBT_NO_MODEL;
    if (!is_printable(vendor) || !is_printable(product))
        return DOUBT_TEXT;
    doubt = check_product(plain, " ,");
    return doubt == DOUBT_NONE && is_unclear(vendor, product, maker, plain) ? DOUBT_NO_MODEL
                                                                            : doubt;
}

void models_of_words(const struct aliases *aliases, const char *vendor, const char *product,
                     struct models *ret_models)
{
    char plain[WORD_CAP], maker[WORD_CAP];
    enum import_doubt doubt;

    memset(ret_models, 0, sizeof *ret_models);
    if (models_of_alias(aliases, vendor, product, "", ret_models))
        return;
    fold(vendor, maker);
    plain_product(maker, product, plain);
    doubt = doubt_words(vendor, product, maker, plain);
    if (doubt == DOUBT_NONE)
        one_model(maker, plain, ret_models);
    else
        no_model(ret_models, doubt);
}

void models_of_cpe(const struct aliases *aliases, const struct cpe *cpe, const char *revision,
                   struct models *ret_models)
{
    memset(ret_models, 0, sizeof *ret_models);
    if (models_of_alias(aliases, cpe->vendor, cpe->product, revision, ret_models) ||
        models_of_alias(aliases, cpe->vendor_name, cpe->model_name, revision, ret_models))
        return;
    if (cpe->vendor_name[0] == '\0' || cpe->model_name[0] == '\0') {
        no_model(ret_models, DOUBT_NO_MODEL);
        return;
    }
    one_model(cpe->vendor_name, cpe->model_name, ret_models);
    if (check_product(cpe->model_name, "_") == DOUBT_PATTERN)
        ret_models->doubt = DOUBT_PATTERN;
    else if (revision[0] != '\0')
        ret_models->doubt = DOUBT_REVISION;
}
