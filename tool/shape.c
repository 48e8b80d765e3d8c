/* SPDX-License-Identifier: ISC */
/* Compares a record with a table. It must not change the record or look at members that the table
 * does not name. */
#include "tool/shape.h"

#include <stdio.h>
#include <string.h>

#define PLACE_CAP 256
#define DEPTH_MAX 48

struct checking {
    char *err;
    size_t err_cap;
    bool is_strange;
};

static int check_members(const json_t *object, const struct shape *members, const char *place,
                         unsigned depth, struct checking *c);

static int refuse(const char *place, const char *what, struct checking *c)
{
    (void)snprintf(c->err, c->err_cap, "%s: %s", place, what);
    return -1;
}

/* The code point at `at`, which is UTF-8, since the parser takes nothing else; how long it is. */
static size_t decode(const unsigned char *at, unsigned *ret_code)
{
    size_t len = at[0] < 0x80 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4, i;

    *ret_code = len == 1 ? at[0] : at[0] & (0xffu >> (len + 1));
    for (i = 1; i < len; i++)
        *ret_code = *ret_code << 6 | (at[i] & 0x3fu);
    return len;
}

static bool is_strange(unsigned code)
{
    static const unsigned ranges[][2] = {
        {0x00, 0x08},     {0x0b, 0x0c},     {0x0e, 0x1f},      {0x7f, 0x9f},     {0xad, 0xad},
        {0x200b, 0x200f}, {0x202a, 0x202e}, {0x2060, 0x206f},  {0xfe00, 0xfe0f}, {0xfeff, 0xfeff},
        {0xff01, 0xff5e}, {0xfff0, 0xffff}, {0xe0000, 0xe0fff}};
    size_t i;

    for (i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (code >= ranges[i][0] && code <= ranges[i][1])
            return true;
    return false;
}

static bool has_strange(const json_t *text)
{
    const unsigned char *at = (const unsigned char *)json_string_value(text);
    const unsigned char *end = at + json_string_length(text);
    unsigned code;

    while (at < end) {
        at += decode(at, &code);
        if (is_strange(code))
            return true;
    }
    return false;
}

static int check_text(const json_t *value, const struct shape *s, const char *place,
                      struct checking *c)
{
    const char *const *word;

    if (!json_is_string(value))
        return refuse(place, "must be a text", c);
    c->is_strange |= has_strange(value);
    for (word = s->words; word != NULL && *word != NULL; word++)
        if (strcmp(json_string_value(value), *word) == 0)
            return 0;
    return s->words == NULL ? 0 : refuse(place, "is not one of the words allowed", c);
}

static int check_array(const json_t *value, const struct shape *s, const char *place,
                       unsigned depth, struct checking *c)
{
    char inside[PLACE_CAP];
    const json_t *one;
    size_t i;

    if (!json_is_array(value))
        return refuse(place, "must be an array", c);
    json_array_foreach(value, i, one)
    {
        (void)snprintf(inside, sizeof inside, "%.200s[%zu]", place, i);
        if (s->kind == SHAPE_TEXTS ? check_text(one, s, inside, c) != 0
                                   : check_members(one, s->members, inside, depth, c) != 0)
            return -1;
    }
    return 0;
}

static int check_value(const json_t *value, const struct shape *s, const char *place,
                       unsigned depth, struct checking *c)
{
    switch (s->kind) {
    case SHAPE_TEXT:
        return check_text(value, s, place, c);
    case SHAPE_TRUTH:
        return json_is_boolean(value) ? 0 : refuse(place, "must be true or false", c);
    case SHAPE_OBJECT:
        return check_members(value, s->members, place, depth, c);
    case SHAPE_OBJECTS:
    case SHAPE_TEXTS:
        break;
    }
    return check_array(value, s, place, depth, c);
}

static int check_members(const json_t *object, const struct shape *members, const char *place,
                         unsigned depth, struct checking *c)
{
    char inside[PLACE_CAP];
    const struct shape *s;

    if (!json_is_object(object))
        return refuse(place, "must be an object", c);
    if (depth == DEPTH_MAX)
        return refuse(place, "is nested too deep", c);
    for (s = members; s != NULL && s->key != NULL; s++) {
        const json_t *value = json_object_get(object, s->key);

        (void)snprintf(inside, sizeof inside, "%.200s%s%s", place, place[0] != '\0' ? "." : "",
                       s->key);
        if (value == NULL && s->is_demanded)
            return refuse(inside, "is missing", c);
        if (value != NULL && check_value(value, s, inside, depth + 1, c) != 0)
            return -1;
    }
    return 0;
}

int shape_check(const json_t *object, const struct shape *members, bool *ret_is_strange, char *err,
                size_t err_cap)
{
    struct checking c = {.err = err, .err_cap = err_cap};

    if (check_members(object, members, "", 0, &c) != 0)
        return -1;
    *ret_is_strange = c.is_strange;
    return 0;
}
