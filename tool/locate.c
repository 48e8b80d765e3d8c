/* SPDX-License-Identifier: ISC */
/* Steps from key to key and from element to element. It must not run past the bytes, whatever they
 * are, nor judge them: that was the parser's part. */
#include "tool/locate.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "host/file.h"
#include "tool/source.h"

struct scan {
    const uint8_t *at, *end;
    size_t line;
};

static int look(const struct scan *s)
{
    return s->at < s->end ? *s->at : -1;
}

static void step(struct scan *s)
{
    if (s->at == s->end)
        return;
    if (*s->at == '\n')
        s->line++;
    s->at++;
}

static void skip_space(struct scan *s)
{
    while (look(s) == ' ' || look(s) == '\t' || look(s) == '\n' || look(s) == '\r')
        step(s);
}

/* Over a string that begins here. */
static void skip_string(struct scan *s)
{
    step(s);
    while (s->at < s->end && *s->at != '"') {
        if (*s->at == '\\')
            step(s);
        step(s);
    }
    step(s);
}

static bool ends_value(int c)
{
    return c == -1 || c == ',' || c == ']' || c == '}';
}

/* Over one value: a string, a word, or everything up to the bracket that closes the first. */
static void skip_value(struct scan *s)
{
    size_t depth = 0;

    skip_space(s);
    while (s->at < s->end && (depth > 0 || !ends_value(*s->at))) {
        int c = *s->at;

        if (c == '"') {
            skip_string(s);
            continue;
        }
        if (c == '[' || c == '{')
            depth++;
        else if (c == ']' || c == '}')
            depth--;
        step(s);
        if (depth == 0 && (c == ']' || c == '}'))
            return;
    }
}

/* To the next member or element: over a value and the comma behind it; false at the end. */
static bool pass_value(struct scan *s)
{
    skip_value(s);
    skip_space(s);
    if (look(s) != ',')
        return false;
    step(s);
    return true;
}

/* From an object to the value of its member; its line is that of the key. */
static bool enter_key(struct scan *s, const char *key, size_t key_len, size_t *ret_line)
{
    if (look(s) != '{')
        return false;
    step(s);
    do {
        const uint8_t *name;
        size_t name_len, line;

        skip_space(s);
        if (look(s) != '"')
            return false;
        name = s->at + 1;
        line = s->line;
        skip_string(s);
        name_len = (size_t)(s->at - name) - 1;
        skip_space(s);
        if (look(s) != ':')
            return false;
        step(s);
        skip_space(s);
        if (name_len == key_len && memcmp(name, key, key_len) == 0) {
            *ret_line = line;
            return true;
        }
    } while (pass_value(s));
    return false;
}

static bool enter_index(struct scan *s, size_t index, size_t *ret_line)
{
    size_t i;

    if (look(s) != '[')
        return false;
    step(s);
    for (i = 0; i < index; i++)
        if (!pass_value(s))
            return false;
    skip_space(s);
    if (ends_value(look(s)))
        return false;
    *ret_line = s->line;
    return true;
}

/* One step of the place; it moves on to the next. */
static bool enter(struct scan *s, const char **place, size_t *ret_line)
{
    const char *key = *place;
    char *end;
    size_t len;

    if (*key == '[') {
        unsigned long index = strtoul(key + 1, &end, 10);

        *place = *end == ']' ? end + 1 : end + strlen(end);
        return enter_index(s, index, ret_line);
    }
    key += *key == '.';
    len = strcspn(key, ".[");
    *place = key + len;
    return len > 0 && enter_key(s, key, len, ret_line);
}

size_t locate_line(const uint8_t *bytes, size_t len, const char *place)
{
    struct scan s = {bytes, bytes + len, 1};
    size_t line;

    skip_space(&s);
    line = s.line;
    while (*place != '\0' && enter(&s, &place, &line))
        ;
    return line;
}

size_t locate_line_in_file(const char *path, size_t first_line, const char *place)
{
    uint8_t *bytes;
    size_t len, line;

    if (file_read(path, SOURCE_FILE_MAX, &bytes, &len) != 0)
        return first_line;
    line = locate_line(bytes, len, place);
    free(bytes);
    return line > first_line ? line : first_line;
}
