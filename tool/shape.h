/* SPDX-License-Identifier: ISC */
/* The shape that a feed's record must have where it bears on builds. A member of another type is
 * not passed over: what it said might have bounded the rest. Pure. */
#ifndef TOOL_SHAPE_H
#define TOOL_SHAPE_H

#include <jansson.h>
#include <stdbool.h>

enum shape_kind {
    SHAPE_TEXT = 0, /* one of `words`, if there are any */
    SHAPE_TRUTH,    /* true or false */
    SHAPE_OBJECT,   /* with `members` */
    SHAPE_OBJECTS,  /* array of objects with `members` */
    SHAPE_TEXTS     /* array of texts */
};

struct shape {
    const char *key; /* NULL ends a table */
    enum shape_kind kind;
    bool is_demanded;
    const struct shape *members;
    const char *const *words; /* NULL-ended */
};

/* 0; or -1 with "affected[3].status: what it must be" in err. ret_is_strange: some text that the
 * table names holds control, invisible, full-width or replacement characters, which no tool shows
 * as they are; what it says may be something else than a person reads. */
int shape_check(const json_t *object, const struct shape *members, bool *ret_is_strange, char *err,
                size_t err_cap);

#endif
