/* SPDX-License-Identifier: ISC */
/* Arbitrary bytes as a file `suppress`: every line that is kept names a legal model, and takes away a
 * source of just that model. */
#include "fuzz.h"
#include "muster/message.h"
#include "tool/names.h"
#include "tool/suppress.h"

static void check_line(struct suppress *s, size_t i)
{
    struct source source = {.layer = 1, .id = s->lines[i].id};
    char other[] = "never an id";

    names_split(s->lines[i].name_key, &source.vendor, &source.model);
    PROMISE(muster_name_is_legal(source.vendor) && muster_name_is_legal(source.model));
    source.name_key = s->lines[i].name_key;
    if (source.id == NULL)
        source.id = other;
    PROMISE(strlen(source.id) <= MUSTER_ID_MAX);
    PROMISE(suppress_hits(s, &source));
    source.layer = 2;
    PROMISE(!suppress_hits(s, &source));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct problems problems = {.out = NULL, .warns = true};
    struct suppress s = {.n = 0};
    size_t i;

    PROMISE(suppress_add(&s, 1, "suppress", bytes, len, &problems) == 0);
    for (i = 0; i < s.n; i++)
        check_line(&s, i);
    suppress_warn_stale(&s, &problems);
    suppress_free(&s);
    return 0;
}
