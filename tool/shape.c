/* SPDX-License-Identifier: ISC */
/* Compares a record with a table. It must not change the record or look at members that the table
 * does not name. */
#include "tool/shape.h"

#include <stdio.h>
#include <string.h>

#define PLACE_CAP 256
#define DEPTH_MAX 48

static int check_members(const json_t *object, const struct shape *members, const char *place,
                         unsigned depth, char *err, size_t err_cap);

static int refuse(const char *place, const char *what, char *err, size_t err_cap)
{
    (void)snprintf(err, err_cap, "%s: %s", place, what);
    return -1;
}

static int check_text(const json_t *value, const struct shape *s, const char *place, char *err,
                      size_t err_cap)
{
    const char *const *word;

    if (!json_is_string(value))
        return refuse(place, "must be a text", err, err_cap);
    for (word = s->words; word != NULL && *word != NULL; word++)
        if (strcmp(json_string_value(value), *word) == 0)
            return 0;
    return s->words == NULL ? 0 : refuse(place, "is not one of the words allowed", err, err_cap);
}

static int check_array(const json_t *value, const struct shape *s, const char *place,
                       unsigned depth, char *err, size_t err_cap)
{
    char inside[PLACE_CAP];
    const json_t *one;
    size_t i;

    if (!json_is_array(value))
        return refuse(place, "must be an array", err, err_cap);
    json_array_foreach(value, i, one)
    {
        (void)snprintf(inside, sizeof inside, "%.200s[%zu]", place, i);
        if (s->kind == SHAPE_TEXTS
                ? check_text(one, s, inside, err, err_cap) != 0
                : check_members(one, s->members, inside, depth, err, err_cap) != 0)
            return -1;
    }
    return 0;
}

static int check_value(const json_t *value, const struct shape *s, const char *place,
                       unsigned depth, char *err, size_t err_cap)
{
    switch (s->kind) {
    case SHAPE_TEXT:
        return check_text(value, s, place, err, err_cap);
    case SHAPE_TRUTH:
        return json_is_boolean(value) ? 0 : refuse(place, "must be true or false", err, err_cap);
    case SHAPE_OBJECT:
        return check_members(value, s->members, place, depth, err, err_cap);
    case SHAPE_OBJECTS:
    case SHAPE_TEXTS:
        break;
    }
    return check_array(value, s, place, depth, err, err_cap);
}

static int check_members(const json_t *object, const struct shape *members, const char *place,
                         unsigned depth, char *err, size_t err_cap)
{
    char inside[PLACE_CAP];
    const struct shape *s;

    if (!json_is_object(object))
        return refuse(place, "must be an object", err, err_cap);
    if (depth == DEPTH_MAX)
        return refuse(place, "is nested too deep", err, err_cap);
    for (s = members; s != NULL && s->key != NULL; s++) {
        const json_t *value = json_object_get(object, s->key);

        (void)snprintf(inside, sizeof inside, "%.200s%s%s", place, place[0] != '\0' ? "." : "",
                       s->key);
        if (value == NULL && s->is_demanded)
            return refuse(inside, "is missing", err, err_cap);
        if (value != NULL && check_value(value, s, inside, depth + 1, err, err_cap) != 0)
            return -1;
    }
    return 0;
}

int shape_check(const json_t *object, const struct shape *members, char *err, size_t err_cap)
{
    return check_members(object, members, "", 0, err, err_cap);
}
