/* SPDX-License-Identifier: ISC */
/* names.tsv out of arbitrary bytes. What is read is found again by its own words and never leads
 * to an illegal name; a longer name is never found by its beginning. */
#include <stdbool.h>

#include "fuzz.h"
#include "muster/message.h"
#include "tool/aliases.h"
#include "tool/problem.h"

#define LONGER "neverinit" /* what a name is made longer by */

/* Field `n` of the line, cut out into `out`. */
static void field(const char *line, size_t n, char out[128])
{
    size_t len;

    while (n-- > 0)
        line += strcspn(line, "\t\n") + (line[strcspn(line, "\t\n")] == '\t');
    len = strcspn(line, "\t\n");
    (void)snprintf(out, 128, "%.*s", (int)(len < 100 ? len : 100), line);
}

static void look_up(const struct aliases *a, const char *line, bool has_longer)
{
    char vendor[128], product[128], longer[140];
    const char *v, *m;
    size_t n;

    field(line, 0, vendor);
    field(line, 1, product);
    for (n = 0; aliases_find(a, vendor, product, "", n, &v, &m); n++)
        PROMISE((v[0] == '\0' && m[0] == '\0') || (muster_name_is_legal(muster_slice_of(v)) &&
                                                   muster_name_is_legal(muster_slice_of(m))));
    PROMISE(!aliases_find(NULL, vendor, product, "", 0, &v, &m));
    (void)snprintf(longer, sizeof longer, "%s%s", product, LONGER);
    if (!has_longer)
        PROMISE(!aliases_find(a, vendor, longer, "", 0, &v, &m));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct problems problems = {.out = NULL};
    struct aliases *a;
    bool has_longer;
    char *text;

    if (aliases_parse("f", bytes, len, &problems, &a) != 0) {
        PROMISE(problems.n > 0);
        return 0;
    }
    PROMISE(problems.n == 0);
    has_longer = memchr(bytes, 0, len) != NULL;
    text = calloc(1, len + 1);
    PROMISE(text != NULL);
    memcpy(text, bytes, len);
    has_longer = has_longer || strcasestr(text, LONGER) != NULL;
    look_up(a, text, has_longer);
    if (strchr(text, '\n') != NULL)
        look_up(a, strchr(text, '\n') + 1, has_longer);
    free(text);
    aliases_free(a);
    return 0;
}
