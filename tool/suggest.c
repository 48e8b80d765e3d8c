/* SPDX-License-Identifier: ISC */
/* Pairing of names. It must not compare parts of names. */
#include "tool/suggest.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "muster/message.h"
#include "tool/import.h"

#define VENDOR_KEY_MIN 5   /* letters, below which one letter off means nothing */
#define MODEL_KEY_MIN  3   /* the same for a model without its vendor, which also needs a digit */
#define GROUP_MAX      200 /* names that squash alike; more are a word such as "router" */
#define CVE_ROWS_MAX   4000

struct suggesting {
    struct spellings *s;
    const struct aliases *aliases;
    struct suggestions *to;
    bool failed; /* no memory */
};

/* ---- hardware revisions in words */

/* The length of "V2", "v2.0", "Rev B1", "H/W A" at the end of `text`, with the blank before; 0. */
static size_t revision_len(const char *text)
{
    static const char *const words[] = {"v", "ver", "ver.", "rev", "rev.", "revision", "h/w", "hw"};
    size_t len = strlen(text), at = len, word, i;

    while (at > 0 && (isalnum((unsigned char)text[at - 1]) || text[at - 1] == '.'))
        at--;
    for (i = 0; at > 0 && at < len && i < sizeof words / sizeof *words; i++) {
        word = strlen(words[i]);
        if (text[at - 1] == ' ' && strncasecmp(text + at, words[i], word) == 0 &&
            isdigit((unsigned char)text[at + word]))
            return len - at + 1;
        if (len - at <= 3 && text[at - 1] == ' ' && at > word + 1 && text[at - word - 2] == ' ' &&
            strncasecmp(text + at - word - 1, words[i], word) == 0)
            return len - at + word + 2;
    }
    return 0;
}

/* "Archer C7(EU) V2" into "Archer C7" and "v2"; false if there is neither. */
static bool split_revision(const char *product, char base[256], char revision[64])
{
    size_t len = strlen(product), tail = revision_len(product);
    char *paren;

    if (len >= 256 || tail >= 64)
        return false;
    (void)snprintf(base, 256, "%.*s", (int)(len - tail), product);
    (void)snprintf(revision, 64, "%s", tail > 0 ? product + len - tail + 1 : "");
    len = strlen(base);
    while (len > 0 && base[len - 1] == ' ')
        base[--len] = '\0';
    paren = strrchr(base, '(');
    if (paren != NULL && paren > base && paren[1] != '\0' && strlen(paren) == 4 && paren[3] == ')')
        *paren = '\0'; /* a region: (EU) */
    else if (tail == 0)
        return false;
    return base[0] != '\0';
}

/* ---- suggestions */

static bool is_mapped(const struct suggesting *g, const struct spelling *row)
{
    const char *vendor, *model;

    return aliases_find(g->aliases, row->vendor, row->product, row->revision, 0, &vendor, &model);
}

static void add(struct suggesting *g, const struct spelling *row, const struct known *to,
                enum confidence confidence, const char *why, const char *beside)
{
    struct suggestions *all = g->to;
    size_t cap = all->cap == 0 ? 64 : all->cap * 2;
    struct suggestion *grown;
    char base[256], revision[64];

    if (row->model == to->name || is_mapped(g, row))
        return;
    if (all->n == all->cap) {
        grown = reallocarray(all->all, cap, sizeof *grown);
        if (grown == NULL) {
            g->failed = true;
            return;
        }
        all->all = grown;
        all->cap = cap;
    }
    if (split_revision(row->product, base, revision))
        confidence = CONFIDENCE_LOOK;
    all->all[all->n++] = (struct suggestion){.confidence = confidence,
                                             .vendor = row->vendor,
                                             .product = row->product,
                                             .revision = row->revision,
                                             .id = row->id,
                                             .to = to,
                                             .cves_n = 1,
                                             .why = why,
                                             .beside = beside};
}

/* All words that were made into `from` seem to mean `to`. */
static void add_model(struct suggesting *g, const struct known *from, const struct known *to,
                      enum confidence confidence, const char *why)
{
    const struct spelling *rows = g->s->rows;
    size_t low = 0, high = g->s->rows_n, middle;

    while (low < high) { /* rows are sorted by model */
        middle = low + (high - low) / 2;
        if (strcmp(rows[middle].model, from->name) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < g->s->rows_n && rows[low].model == from->name; low++)
        add(g, &rows[low], to, confidence, why, from->name);
}

/* Which of two names do devices report? What was seen, then a CPE name, then the more frequent. */
static bool is_better(const struct known *a, const struct known *b)
{
    if ((a->seen_n > 0) != (b->seen_n > 0))
        return a->seen_n > 0;
    if (a->is_cpe != b->is_cpe)
        return a->is_cpe;
    if (a->cves_n != b->cves_n)
        return a->cves_n > b->cves_n;
    return strcmp(a->name, b->name) < 0;
}

/* Towards the better of the two; what was seen as it is needs no other name. */
static void add_pair(struct suggesting *g, const struct known *a, const struct known *b,
                     enum confidence confidence, const char *why)
{
    const struct known *to = is_better(a, b) ? a : b, *from = to == a ? b : a;

    if (from->seen_n == 0)
        add_model(g, from, to, confidence, why);
}

/* ---- pairs of models */

static int by_keys(const void *left, const void *right)
{
    const struct known *a = *(const struct known *const *)left,
                       *b = *(const struct known *const *)right;
    int c = strcmp(a->model_key, b->model_key);

    if (c == 0)
        c = strcmp(a->vendor_key, b->vendor_key);
    return c != 0 ? c : strcmp(a->name, b->name);
}

/* One letter more, less, other, or two changed over. */
static bool is_one_edit(const char *a, const char *b)
{
    size_t a_len = strlen(a), b_len = strlen(b), same = 0, tail = 0;

    while (a[same] != '\0' && a[same] == b[same])
        same++;
    while (tail < a_len - same && tail < b_len - same && a[a_len - 1 - tail] == b[b_len - 1 - tail])
        tail++;
    a_len -= same + tail;
    b_len -= same + tail;
    if (a_len <= 1 && b_len <= 1)
        return a_len + b_len > 0;
    return a_len == 2 && b_len == 2 && a[same] == b[same + 1] && a[same + 1] == b[same];
}

static void pair_models(struct suggesting *g, const struct known *a, const struct known *b)
{
    if (a->vendor_key == b->vendor_key)
        add_pair(g, a, b, CONFIDENCE_LIKELY, "only the spelling differs:");
    else if (strlen(a->vendor_key) >= VENDOR_KEY_MIN && strlen(b->vendor_key) >= VENDOR_KEY_MIN &&
             is_one_edit(a->vendor_key, b->vendor_key))
        add_pair(g, a, b, CONFIDENCE_MAYBE, "one letter of the vendor differs:");
}

/* Models that squash alike stand together. */
static void pair_all(struct suggesting *g, const struct known **sorted, size_t n)
{
    size_t first, end, i, k;

    for (first = 0; first < n; first = end) {
        for (end = first + 1; end < n && sorted[end]->model_key == sorted[first]->model_key;)
            end++;
        if (end - first > GROUP_MAX || sorted[first]->model_key[0] == '\0')
            continue;
        for (i = first; i < end; i++)
            for (k = i + 1; k < end; k++)
                pair_models(g, sorted[i], sorted[k]);
    }
}

/* ---- words of one CVE */

/* One name in a CVE: words nobody could read as a model, or a model. */
struct named {
    const char *key;
    const struct spelling *row;
    const struct known *known; /* NULL: words */
    bool full;                 /* the key holds the vendor, too */
};

static int by_key(const void *left, const void *right)
{
    const struct named *a = left, *b = right;
    int c = strcmp(a->key, b->key);

    return c != 0 ? c : (a->row > b->row) - (a->row < b->row);
}

static bool is_telling(const char *key)
{
    return strlen(key) >= MODEL_KEY_MIN && strpbrk(key, "0123456789") != NULL;
}

static size_t name_row(struct suggesting *g, const struct spelling *row, struct named *ret)
{
    const struct known *known = spellings_find(g->s, row->model);
    const char *part, *full;

    if (row->model[0] != '\0' && known == NULL)
        return 0;
    part = known != NULL ? known->model_key : spellings_key(g->s, row->product, "");
    full = known != NULL ? known->full_key : spellings_key(g->s, row->vendor, row->product);
    if (part == NULL || full == NULL) {
        g->failed = true;
        return 0;
    }
    ret[0] = (struct named){part, row, known, false};
    ret[1] = (struct named){full, row, known, true};
    return 2;
}

static void pair_named(struct suggesting *g, const struct named *a, const struct named *b)
{
    const struct named *words = a->known == NULL ? a : b, *model = a->known == NULL ? b : a;

    if (a->known == NULL && b->known == NULL)
        return;
    if (words->known == NULL && (model->full || is_telling(model->key)))
        add(g, words->row, model->known, model->full ? CONFIDENCE_LIKELY : CONFIDENCE_MAYBE,
            "stands beside it in", model->row->id);
    else if (words->known != NULL && a->known != b->known && !a->full && !b->full &&
             a->known->vendor_key != b->known->vendor_key && is_telling(a->key))
        add_pair(g, a->known, b->known, CONFIDENCE_MAYBE, "another vendor in the same CVE:");
}

static void pair_cve(struct suggesting *g, const struct spelling *rows, size_t n)
{
    struct named *named = calloc(2 * n, sizeof *named);
    size_t named_n = 0, i, k;

    if (named == NULL) {
        g->failed = true;
        return;
    }
    for (i = 0; i < n; i++)
        named_n += name_row(g, &rows[i], &named[named_n]);
    qsort(named, named_n, sizeof *named, by_key);
    for (i = 0; i < named_n; i++)
        for (k = i + 1; k < named_n && k - i < GROUP_MAX && named[k].key == named[i].key; k++)
            pair_named(g, &named[i], &named[k]);
    free(named);
}

static int by_id(const void *left, const void *right)
{
    const struct spelling *a = left, *b = right;

    return strcmp(a->id, b->id);
}

static void pair_cves(struct suggesting *g)
{
    struct spelling *rows = g->s->rows;
    size_t first, end, n = g->s->rows_n;

    if (n > 0)
        qsort(rows, n, sizeof *rows, by_id);
    for (first = 0; first < n; first = end) {
        for (end = first + 1; end < n && rows[end].id == rows[first].id;)
            end++;
        if (end - first <= CVE_ROWS_MAX)
            pair_cve(g, rows + first, end - first);
    }
}

/* ---- words without a CVE in common, and hardware revisions */

static int by_full_key(const void *left, const void *right)
{
    const struct known *a = *(const struct known *const *)left,
                       *b = *(const struct known *const *)right;
    int c = strcmp(a->full_key, b->full_key);

    return c != 0 ? c : (is_better(b, a) ? 1 : -1);
}

/* The best model with this key, or NULL. */
static const struct known *find_key(const struct known **sorted, size_t n, const char *key)
{
    size_t low = 0, high = n, middle;

    while (low < high) {
        middle = low + (high - low) / 2;
        if (strcmp(sorted[middle]->full_key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && strcmp(sorted[low]->full_key, key) == 0 ? sorted[low] : NULL;
}

/* The model with the revision in its name if there is one, else that without. */
static const struct known *find_revision(struct suggesting *g, const struct known **sorted,
                                         const char *full_key, const char *revision)
{
    const char *key = spellings_key(g->s, full_key, revision);
    const struct known *found = key != NULL ? find_key(sorted, g->s->known_n, key) : NULL;

    g->failed = g->failed || key == NULL;
    return found != NULL ? found : find_key(sorted, g->s->known_n, full_key);
}

static void suggest_words(struct suggesting *g, const struct known **sorted,
                          const struct spelling *row)
{
    const char *both = spellings_key(g->s, row->vendor, row->product),
               *alone = spellings_key(g->s, row->product, "");
    const struct known *to = both != NULL ? find_key(sorted, g->s->known_n, both) : NULL;

    if (to == NULL && alone != NULL)
        to = find_key(sorted, g->s->known_n, alone);
    if (to != NULL)
        add(g, row, to, CONFIDENCE_MAYBE, "spelled alike, but in other CVEs:", to->name);
    g->failed = g->failed || both == NULL || alone == NULL;
}

static void suggest_revision(struct suggesting *g, const struct known **sorted,
                             const struct spelling *row)
{
    char base[256], revision[64];
    const struct known *model = spellings_find(g->s, row->model), *to = NULL;
    const char *both, *alone;

    if (row->revision[0] != '\0' && model != NULL) {
        to = find_revision(g, sorted, model->full_key, row->revision);
        if (to == model) { /* a line that only takes the doubt away */
            struct spelling nameless = *row;

            nameless.model = "";
            add(g, &nameless, to, CONFIDENCE_LOOK, "depends on the hardware revision, as in",
                row->id);
            return;
        }
    } else if (row->model[0] == '\0' && split_revision(row->product, base, revision)) {
        both = spellings_key(g->s, row->vendor, base);
        alone = spellings_key(g->s, base, "");
        if (both != NULL && alone != NULL) {
            to = find_revision(g, sorted, both, revision);
            to = to != NULL ? to : find_revision(g, sorted, alone, revision);
        }
        g->failed = g->failed || both == NULL || alone == NULL;
    }
    if (to != NULL)
        add(g, row, to, CONFIDENCE_LOOK, "a hardware revision or region in the name, as in",
            row->id);
}

/* ---- the best first */

static int by_line(const void *left, const void *right)
{
    const struct suggestion *a = left, *b = right;
    int c = strcmp(a->vendor, b->vendor);

    if (c == 0)
        c = strcmp(a->product, b->product);
    if (c == 0)
        c = strcmp(a->revision, b->revision);
    if (c == 0)
        c = strcmp(a->to->name, b->to->name);
    if (c == 0)
        c = strcmp(a->id, b->id);
    if (c == 0)
        c = (int)a->confidence - (int)b->confidence;
    return c != 0 ? c : strcmp(a->beside, b->beside);
}

static int by_worth(const void *left, const void *right)
{
    const struct suggestion *a = left, *b = right;
    int c = (int)a->confidence - (int)b->confidence;

    if (c == 0)
        c = (a->to->seen_n < b->to->seen_n) - (a->to->seen_n > b->to->seen_n);
    if (c == 0)
        c = (a->cves_n < b->cves_n) - (a->cves_n > b->cves_n);
    return c != 0 ? c : by_line(a, b);
}

static bool same_line(const struct suggestion *a, const struct suggestion *b)
{
    return a->vendor == b->vendor && a->product == b->product && a->revision == b->revision &&
           a->to == b->to;
}

/* The more sure reason stays, and each CVE counts once: they are sorted by it. */
static void merge(struct suggestion *into, const struct suggestion *next)
{
    size_t cves_n = into->cves_n + (next->id != into->id);

    if (next->confidence < into->confidence)
        *into = *next;
    into->cves_n = cves_n;
    into->id = next->id;
}

static void join(struct suggestions *s)
{
    size_t i, kept = 0;

    if (s->n == 0)
        return;
    qsort(s->all, s->n, sizeof *s->all, by_line);
    for (i = 0; i < s->n; i++) {
        if (kept > 0 && same_line(&s->all[kept - 1], &s->all[i]))
            merge(&s->all[kept - 1], &s->all[i]);
        else
            s->all[kept++] = s->all[i];
    }
    s->n = kept;
    qsort(s->all, s->n, sizeof *s->all, by_worth);
}

static int by_model(const void *left, const void *right)
{
    const struct spelling *a = left, *b = right;

    return strcmp(a->model, b->model);
}

static void look_at_all(struct suggesting *g, const struct known **sorted)
{
    struct spellings *s = g->s;
    size_t i;

    for (i = 0; i < s->known_n; i++)
        sorted[i] = &s->known[i];
    qsort(sorted, s->known_n, sizeof(const struct known *), by_keys);
    qsort(s->rows, s->rows_n, sizeof *s->rows, by_model);
    pair_all(g, sorted, s->known_n);
    qsort(sorted, s->known_n, sizeof(const struct known *), by_full_key);
    for (i = 0; i < s->rows_n; i++) {
        if (s->rows[i].model[0] == '\0')
            suggest_words(g, sorted, &s->rows[i]);
        suggest_revision(g, sorted, &s->rows[i]);
    }
    pair_cves(g);
}

int suggest(struct spellings *spellings, const struct aliases *aliases,
            struct suggestions *ret_suggestions)
{
    struct suggesting g = {.s = spellings, .aliases = aliases, .to = ret_suggestions};
    const struct known **sorted = calloc(spellings->known_n + 1, sizeof(const struct known *));

    memset(ret_suggestions, 0, sizeof *ret_suggestions);
    if (sorted == NULL)
        return -1;
    if (spellings->rows_n > 0 && spellings->known_n > 0)
        look_at_all(&g, sorted);
    free(sorted);
    join(ret_suggestions);
    return g.failed ? -1 : 0;
}
