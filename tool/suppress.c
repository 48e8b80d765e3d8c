/* SPDX-License-Identifier: ISC */
/* Lines of suppress, sorted by model. It must not take away more than a line names. */
#include "tool/suppress.h"

#include <stdlib.h>
#include <string.h>

#include "muster/message.h"
#include "tool/cli.h"
#include "tool/names.h"

static void free_line(struct suppress_line *line)
{
    free(line->path);
    free(line->id);
    free((void *)(uintptr_t)line->name_key.bytes);
}

void suppress_free(struct suppress *s)
{
    size_t i;

    for (i = 0; i < s->n; i++)
        free_line(&s->lines[i]);
    free(s->lines);
    memset(s, 0, sizeof *s);
}

static int grow(struct suppress *s)
{
    size_t cap = s->cap == 0 ? 16 : s->cap * 2;
    struct suppress_line *grown;

    if (s->n < s->cap)
        return 0;
    grown = reallocarray(s->lines, cap, sizeof *grown);
    if (grown == NULL)
        return -1;
    s->lines = grown;
    s->cap = cap;
    return 0;
}

static int keep(struct suppress *s, struct suppress_line line, const char *path,
                struct muster_slice name_key, struct muster_slice id)
{
    uint8_t *copy = malloc(name_key.len);

    line.path = strdup(path);
    line.id = id.len > 0 ? strndup((const char *)id.bytes, id.len) : NULL;
    line.name_key.bytes = copy;
    line.name_key.len = name_key.len;
    if (copy != NULL)
        memcpy(copy, name_key.bytes, name_key.len);
    if (copy != NULL && line.path != NULL && (line.id != NULL || id.len == 0) && grow(s) == 0) {
        s->lines[s->n++] = line;
        return 0;
    }
    free_line(&line);
    return cli_error("out of memory at %s", SAFE(path));
}

static struct muster_slice until(struct muster_slice text, const char *ends)
{
    size_t i;

    for (i = 0; i < text.len && strchr(ends, (char)text.bytes[i]) == NULL; i++)
        ;
    return (struct muster_slice){text.bytes, i};
}

static struct muster_slice behind(struct muster_slice text, struct muster_slice part)
{
    size_t skip = part.len < text.len ? part.len + 1 : part.len;

    return (struct muster_slice){text.bytes + skip, text.len - skip};
}

static bool is_printable(struct muster_slice text)
{
    size_t i;

    for (i = 0; i < text.len; i++)
        if (text.bytes[i] < 0x21 || text.bytes[i] > 0x7e)
            return false;
    return true;
}

static int read_line(struct suppress *s, struct suppress_line line, const char *path,
                     struct muster_slice text, struct problems *problems)
{
    struct muster_slice what = until(text, " \t"), vendor = until(what, "/");
    struct muster_slice rest = behind(what, vendor), model = until(rest, "/");
    struct muster_slice id = behind(rest, model);
    uint8_t name_key[MUSTER_NAME_KEY_MAX];
    size_t len = muster_name_key_write(vendor, model, name_key);
    bool ends_in_slash = what.len > 0 && what.bytes[what.len - 1] == '/';

    if (len > 0 && !ends_in_slash && id.len <= MUSTER_ID_MAX && is_printable(id))
        return keep(s, line, path, (struct muster_slice){name_key, len}, id);
    problem_add(problems, RULE_SUPPRESS, (struct problem_at){path, line.line, NULL},
                "\"%s\" is no VENDOR/MODEL or VENDOR/MODEL/ID; write it as the files have it, and "
                "the reason behind a blank",
                SAFE_SLICE(what));
    return 0;
}

int suppress_add(struct suppress *s, unsigned layer, const char *path, const uint8_t *bytes,
                 size_t len, struct problems *problems)
{
    struct suppress_line line = {.layer = layer};
    struct muster_slice rest = {bytes, len};
    int ret = 0;

    s->sorted = false;
    while (ret == 0 && rest.len > 0) {
        const uint8_t *end = memchr(rest.bytes, '\n', rest.len);
        struct muster_slice text = {rest.bytes,
                                    end != NULL ? (size_t)(end - rest.bytes) : rest.len};

        line.line++;
        rest = behind(rest, text);
        if (text.len > 0 && text.bytes[text.len - 1] == '\r')
            text.len--;
        if (text.len > 0 && text.bytes[0] != '#')
            ret = read_line(s, line, path, text, problems);
    }
    return ret;
}

static int compare(const void *left, const void *right)
{
    const struct suppress_line *a = left, *b = right;
    int c = names_compare(a->name_key, b->name_key);

    if (c == 0)
        c = (a->layer > b->layer) - (a->layer < b->layer);
    return c != 0 ? c : (a->line > b->line) - (a->line < b->line);
}

/* The first line that does not come before this model. */
static size_t first_of(const struct suppress *s, struct muster_slice name_key)
{
    size_t low = 0, high = s->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (names_compare(s->lines[middle].name_key, name_key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool suppress_hits(struct suppress *s, const struct source *source)
{
    bool hit = false;
    size_t i;

    if (!s->sorted && s->n > 0)
        qsort(s->lines, s->n, sizeof *s->lines, compare);
    s->sorted = true;
    for (i = first_of(s, source->name_key);
         i < s->n && muster_slice_equal(s->lines[i].name_key, source->name_key); i++) {
        struct suppress_line *line = &s->lines[i];

        if (line->layer < source->layer || (line->id != NULL && strcmp(line->id, source->id) != 0))
            continue;
        line->hits++;
        hit = true;
    }
    return hit;
}

void suppress_warn_stale(const struct suppress *s, struct problems *problems)
{
    char name[NAMES_TEXT_CAP];
    size_t i;

    for (i = 0; i < s->n; i++)
        if (s->lines[i].hits == 0)
            problem_add(problems, RULE_STALE,
                        (struct problem_at){s->lines[i].path, s->lines[i].line, NULL},
                        "nothing in this folder or those before it is %s%s%s; remove the line, or "
                        "correct it",
                        names_text(name, s->lines[i].name_key), s->lines[i].id != NULL ? "/" : "",
                        s->lines[i].id != NULL ? SAFE(s->lines[i].id) : "");
}
