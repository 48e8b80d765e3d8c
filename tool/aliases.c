/* SPDX-License-Identifier: ISC */
/* names.tsv in memory: its lines sorted by what feeds call a model, so that asking is a search by
 * halves. It must not compare parts of names. */
#include "tool/aliases.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "host/file.h"
#include "muster/message.h"
#include "tool/cli.h"
#include "tool/names.h"
#include "tool/problem.h"

#define FILE_LEN_MAX (512u << 20)
#define NAME_CAP     4096 /* of a feed's vendor, product or revision */
#define FIELDS_N     4

/* Texts lie in the file's bytes. vendor "": the name is no device. */
struct alias {
    const char *vendor, *product, *revision; /* the feed's, folded */
    const char *to_vendor, *to_model;
    size_t line;
};

struct aliases {
    uint8_t *bytes;
    struct alias *lines;
    size_t n, cap;
};

struct reader {
    struct aliases *aliases;
    const char *path;
    size_t line;
    struct problems *problems;
};

__attribute__((format(printf, 2, 3))) static void fault(struct reader *r, const char *fmt, ...)
{
    char what[600];
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(what, sizeof what, fmt, args);
    va_end(args);
    problem_add(r->problems, RULE_NAME, (struct problem_at){r->path, r->line, NULL}, "%s", what);
}

/* Blanks at the ends go, runs of them become one, letters lose their case; in place. */
static void fold(char *text)
{
    char *out = text;
    const char *at;

    for (at = text; *at != '\0'; at++) {
        if (memchr(" \t\r\n", *at, 4) == NULL)
            *out++ = *at >= 'A' && *at <= 'Z' ? (char)(*at | 0x20) : *at;
        else if (out > text && out[-1] != ' ')
            *out++ = ' ';
    }
    if (out > text && out[-1] == ' ')
        out--;
    *out = '\0';
}

static bool is_clean(const char *text, size_t len)
{
    json_t *probe = json_stringn(text, len); /* NULL unless it is UTF-8 */
    bool clean = probe != NULL;
    size_t i;

    json_decref(probe);
    for (i = 0; clean && i < len; i++)
        clean = text[i] == '\t' || ((unsigned char)text[i] >= 0x20 && text[i] != 0x7f);
    return clean;
}

/* "vendor/model" or "-"; both texts are cut out in place. */
static bool read_target(struct reader *r, char *text, struct alias *ret)
{
    char *slash = strchr(text, '/');
    char vendor[MUSTER_NAME_MAX + 1], model[MUSTER_NAME_MAX + 1];

    ret->to_vendor = ret->to_model = "";
    if (strcmp(text, "-") == 0)
        return true;
    if (slash == NULL) {
        fault(r, "\"%s\" must be VENDOR/MODEL, as devices report it, or \"-\"", SAFE(text));
        return false;
    }
    *slash = '\0';
    ret->to_vendor = text;
    ret->to_model = slash + 1;
    names_suggest(muster_slice_of(ret->to_vendor), vendor);
    names_suggest(muster_slice_of(ret->to_model), model);
    if (!muster_name_is_legal(muster_slice_of(ret->to_vendor)) ||
        !muster_name_is_legal(muster_slice_of(ret->to_model)))
        fault(r, "a reported name has 1 to 64 characters of a-z 0-9 . _ + -; write \"%s/%s\"",
              vendor[0] != '\0' ? vendor : "vendor", model[0] != '\0' ? model : "model");
    else if (strcmp(ret->to_vendor, "muster.test") == 0)
        fault(r, "muster.test is reserved; remove this line");
    else
        return true;
    return false;
}

static int add(struct aliases *a, const struct alias *alias)
{
    size_t cap = a->cap == 0 ? 64 : a->cap * 2;
    struct alias *grown;

    if (a->n == a->cap) {
        grown = reallocarray(a->lines, cap, sizeof *grown);
        if (grown == NULL)
            return -1;
        a->lines = grown;
        a->cap = cap;
    }
    a->lines[a->n++] = *alias;
    return 0;
}

static bool split(char *line, char *fields[FIELDS_N])
{
    size_t n = 1;

    fields[0] = line;
    for (; *line != '\0'; line++) {
        if (*line != '\t')
            continue;
        if (n == FIELDS_N)
            return false;
        *line = '\0';
        fields[n++] = line + 1;
    }
    return n == FIELDS_N;
}

static void read_line(struct reader *r, char *line, size_t len)
{
    char *fields[FIELDS_N];
    struct alias alias;
    size_t i;

    if (!is_clean(line, len)) {
        fault(r, "holds a control character, or is not UTF-8");
        return;
    }
    if (!split(line, fields)) {
        fault(r, "must have four fields with one tab between: the feed's vendor, its product, the "
                 "hardware revision, VENDOR/MODEL");
        return;
    }
    for (i = 0; i < 3; i++)
        fold(fields[i]);
    if (fields[1][0] == '\0' || strlen(fields[0]) >= NAME_CAP || strlen(fields[1]) >= NAME_CAP) {
        fault(r, "the feed's product is missing, or a name has more than %d bytes", NAME_CAP - 1);
        return;
    }
    alias = (struct alias){.vendor = fields[0],
                           .product = fields[1],
                           .revision = strcmp(fields[2], "-") == 0 ? "" : fields[2],
                           .line = r->line};
    if (read_target(r, fields[3], &alias) && add(r->aliases, &alias) != 0)
        fault(r, "out of memory");
}

static void read_lines(struct reader *r, char *bytes, size_t len)
{
    char *line = bytes, *end;
    size_t line_len;

    for (; line < bytes + len; line = end + 1) {
        r->line++;
        end = memchr(line, '\n', (size_t)(bytes + len - line));
        end = end != NULL ? end : bytes + len;
        *end = '\0';
        line_len = (size_t)(end - line);
        if (line_len > 0 && line[line_len - 1] == '\r')
            line[--line_len] = '\0';
        if (line_len > 0 && line[0] != '#')
            read_line(r, line, line_len);
    }
}

static int by_product(const struct alias *a, const char *vendor, const char *product)
{
    int c = strcmp(a->vendor, vendor);

    return c != 0 ? c : strcmp(a->product, product);
}

static int by_name(const struct alias *a, const struct alias *b)
{
    int c = by_product(a, b->vendor, b->product);

    return c != 0 ? c : strcmp(a->revision, b->revision);
}

static int compare(const void *left, const void *right)
{
    const struct alias *a = left, *b = right;
    int c = by_name(a, b);

    return c != 0 ? c : (a->line > b->line) - (a->line < b->line);
}

/* One name may stand for several models, but not twice for one, nor for a model and for none. */
static void check_doubles(struct reader *r)
{
    const struct alias *lines = r->aliases->lines;
    size_t i, k, n = r->aliases->n;

    for (i = 0; i < n; i = k)
        for (k = i + 1; k < n && by_name(&lines[i], &lines[k]) == 0; k++) {
            r->line = lines[k].line;
            if ((lines[i].to_vendor[0] == '\0') != (lines[k].to_vendor[0] == '\0'))
                fault(r, "the same name is no device in line %zu; keep one", lines[i].line);
            else if (strcmp(lines[k - 1].to_vendor, lines[k].to_vendor) == 0 &&
                     strcmp(lines[k - 1].to_model, lines[k].to_model) == 0)
                fault(r, "is line %zu again; remove one", lines[k - 1].line);
        }
}

int aliases_parse(const char *path, const uint8_t *bytes, size_t len, struct problems *problems,
                  struct aliases **ret_aliases)
{
    struct aliases *a = calloc(1, sizeof *a);
    struct reader r = {.aliases = a, .path = path, .problems = problems};
    size_t before = problems->n;

    if (a != NULL)
        a->bytes = malloc(len + 1);
    if (a == NULL || a->bytes == NULL) {
        fault(&r, "out of memory");
        free(a);
        return -1;
    }
    memcpy(a->bytes, bytes, len);
    a->bytes[len] = 0;
    read_lines(&r, (char *)a->bytes, len);
    if (a->n > 0)
        qsort(a->lines, a->n, sizeof *a->lines, compare);
    check_doubles(&r);
    if (problems->n > before) {
        aliases_free(a);
        return -1;
    }
    *ret_aliases = a;
    return 0;
}

int aliases_read(const char *path, struct aliases **ret_aliases)
{
    struct problems problems = {.out = stderr};
    uint8_t *bytes;
    size_t len;
    int ret = file_read(path, FILE_LEN_MAX, &bytes, &len);

    if (ret != 0)
        return cli_error("%s: %s", SAFE(path), strerror(-ret));
    ret = aliases_parse(path, bytes, len, &problems, ret_aliases);
    free(bytes);
    return ret == 0 ? 0 : STATUS_ERROR;
}

void aliases_free(struct aliases *aliases)
{
    if (aliases == NULL)
        return;
    free(aliases->bytes);
    free(aliases->lines);
    free(aliases);
}

/* The first line on this vendor and product, or n. */
static size_t find_first(const struct aliases *a, const char *vendor, const char *product)
{
    size_t low = 0, high = a->n, middle;

    while (low < high) {
        middle = low + (high - low) / 2;
        if (by_product(&a->lines[middle], vendor, product) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool fold_into(char out[NAME_CAP], const char *text)
{
    size_t len = strlen(text);

    if (len >= NAME_CAP)
        return false;
    memcpy(out, text, len + 1);
    fold(out);
    return true;
}

bool aliases_find(const struct aliases *aliases, const char *vendor, const char *product,
                  const char *revision, size_t nth, const char **ret_vendor, const char **ret_model)
{
    char v[NAME_CAP], p[NAME_CAP], r[NAME_CAP];
    size_t i;

    if (aliases == NULL || !fold_into(v, vendor) || !fold_into(p, product) ||
        !fold_into(r, revision))
        return false;
    for (i = find_first(aliases, v, p); i < aliases->n; i++) {
        const struct alias *a = &aliases->lines[i];

        if (by_product(a, v, p) != 0)
            break;
        if (strcmp(a->revision, "*") != 0 && strcmp(a->revision, r) != 0)
            continue;
        if (nth-- == 0) {
            *ret_vendor = a->to_vendor;
            *ret_model = a->to_model;
            return true;
        }
    }
    return false;
}
