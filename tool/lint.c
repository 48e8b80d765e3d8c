/* SPDX-License-Identifier: ISC */
/* Names held against each other. It must not decide which of two is right. */
#include "tool/lint.h"

#include <stdlib.h>
#include <string.h>

#include "tool/cli.h"
#include "tool/locate.h"
#include "tool/names.h"

struct plain_name {
    char text[NAMES_TEXT_CAP]; /* without separators and "firmware" */
    const struct source *source;
};

/* Vendor and model without . _ - (a plus is often another model), and the model without "firmware" at its end. */
static void make_plain(const struct source *s, struct plain_name *ret)
{
    static const char ending[] = "firmware";
    char name[NAMES_TEXT_CAP];
    size_t i, len = 0;

    (void)names_text(name, s->name_key);
    for (i = 0; name[i] != '\0'; i++)
        if (strchr("._-", name[i]) == NULL)
            ret->text[len++] = name[i];
    ret->text[len] = '\0';
    if (len > sizeof ending && strcmp(ret->text + len - (sizeof ending - 1), ending) == 0 &&
        ret->text[len - sizeof ending] != '/')
        ret->text[len - (sizeof ending - 1)] = '\0';
    ret->source = s;
}

static int compare(const void *left, const void *right)
{
    const struct plain_name *a = left, *b = right;
    int c = strcmp(a->text, b->text);

    return c != 0 ? c : names_compare(a->source->name_key, b->source->name_key);
}

static void warn(const struct source *first, const struct source *second, struct problems *problems)
{
    static const char place[] = "affected[0].package.name";
    char names[2][NAMES_TEXT_CAP];
    struct problem_at at = {second->path, 0, place};

    at.line = locate_line_in_file(second->path, second->line, place);
    problem_add(problems, RULE_CASE, at,
                "\"%s\" is nearly \"%s\" (%s); if they are one model, keep the name that devices "
                "report",
                names_text(names[0], second->name_key), names_text(names[1], first->name_key),
                SAFE(first->path));
}

int lint_names(const struct folder *folder, struct problems *problems)
{
    struct plain_name *names;
    size_t i, n = 0;

    if (!problems->warns || folder->n == 0)
        return 0;
    names = calloc(folder->n, sizeof *names);
    if (names == NULL)
        return cli_error("out of memory");
    for (i = 0; i < folder->n; i += folder_model_n(folder, i))
        make_plain(&folder->sources[i], &names[n++]);
    qsort(names, n, sizeof *names, compare);
    for (i = 1; i < n; i++)
        if (strcmp(names[i - 1].text, names[i].text) == 0)
            warn(names[i - 1].source, names[i].source, problems);
    free(names);
    return 0;
}
