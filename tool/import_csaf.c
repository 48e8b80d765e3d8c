/* SPDX-License-Identifier: ISC */
/* CSAF 2.0 advisories: a tree of products and, for each vulnerability, which of them are affected
 * and which are not. It must not take a product for another of the same name's beginning. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "tool/import.h"
#include "tool/models.h"
#include "tool/prose.h"
#include "tool/shape.h"
#include "tool/words.h"

#define FEED                "csaf"
#define PRODUCTS_MAX        8192
#define DEPTH_MAX           32
#define VULNERABILITIES_MAX 4096

static const struct shape product_shape[] = {{"name", SHAPE_TEXT, true, NULL, NULL},
                                             {"product_id", SHAPE_TEXT, true, NULL, NULL},
                                             {NULL, SHAPE_TEXT, false, NULL, NULL}};
static const char *const categories[] = {"vendor",
                                         "product_family",
                                         "product_name",
                                         "product_version",
                                         "product_version_range",
                                         "architecture",
                                         "host_name",
                                         "language",
                                         "legacy",
                                         "patch_level",
                                         "service_pack",
                                         "specification",
                                         NULL};
static const struct shape branch_shape[] = {{"category", SHAPE_TEXT, true, NULL, categories},
                                            {"name", SHAPE_TEXT, true, NULL, NULL},
                                            {"product", SHAPE_OBJECT, false, product_shape, NULL},
                                            {"branches", SHAPE_OBJECTS, false, branch_shape, NULL},
                                            {NULL, SHAPE_TEXT, false, NULL, NULL}};
static const struct shape relationship_shape[] = {
    {"full_product_name", SHAPE_OBJECT, true, product_shape, NULL},
    {NULL, SHAPE_TEXT, false, NULL, NULL}};
static const struct shape tree_shape[] = {
    {"branches", SHAPE_OBJECTS, false, branch_shape, NULL},
    {"full_product_names", SHAPE_OBJECTS, false, product_shape, NULL},
    {"relationships", SHAPE_OBJECTS, false, relationship_shape, NULL},
    {NULL, SHAPE_TEXT, false, NULL, NULL}};
static const struct shape status_shape[] = {{"known_affected", SHAPE_TEXTS, false, NULL, NULL},
                                            {"first_affected", SHAPE_TEXTS, false, NULL, NULL},
                                            {"last_affected", SHAPE_TEXTS, false, NULL, NULL},
                                            {"fixed", SHAPE_TEXTS, false, NULL, NULL},
                                            {"first_fixed", SHAPE_TEXTS, false, NULL, NULL},
                                            {"known_not_affected", SHAPE_TEXTS, false, NULL, NULL},
                                            {NULL, SHAPE_TEXT, false, NULL, NULL}};
static const struct shape note_shape[] = {{"category", SHAPE_TEXT, true, NULL, NULL},
                                          {"text", SHAPE_TEXT, true, NULL, NULL},
                                          {NULL, SHAPE_TEXT, false, NULL, NULL}};
static const struct shape remedy_shape[] = {{"category", SHAPE_TEXT, true, NULL, NULL},
                                            {"details", SHAPE_TEXT, true, NULL, NULL},
                                            {NULL, SHAPE_TEXT, false, NULL, NULL}};
static const struct shape vulnerability_shape[] = {
    {"cve", SHAPE_TEXT, false, NULL, NULL},
    {"product_status", SHAPE_OBJECT, false, status_shape, NULL},
    {"notes", SHAPE_OBJECTS, false, note_shape, NULL},
    {"remediations", SHAPE_OBJECTS, false, remedy_shape, NULL},
    {NULL, SHAPE_TEXT, false, NULL, NULL}};
static const struct shape tracking_shape[] = {
    {"id", SHAPE_TEXT, true, NULL, NULL},
    {"initial_release_date", SHAPE_TEXT, false, NULL, NULL},
    {NULL, SHAPE_TEXT, false, NULL, NULL}};
static const struct shape document_shape[] = {
    {"csaf_version", SHAPE_TEXT, true, NULL, NULL},
    {"tracking", SHAPE_OBJECT, true, tracking_shape, NULL},
    {NULL, SHAPE_TEXT, false, NULL, NULL}};
static const struct shape record_shape[] = {
    {"document", SHAPE_OBJECT, true, document_shape, NULL},
    {"product_tree", SHAPE_OBJECT, false, tree_shape, NULL},
    {"vulnerabilities", SHAPE_OBJECTS, false, vulnerability_shape, NULL},
    {NULL, SHAPE_TEXT, false, NULL, NULL}};

/* One product: a path through the tree. Strings point into the record. */
struct product {
    const char *id, *vendor, *name, *version, *cpe;
    bool is_limited; /* to an architecture, a service pack, something it is installed on */
};

struct csaf {
    const struct aliases *aliases;
    struct import_result *result;
    char *provider;
    size_t products_n;
    struct product *products; /* sorted by id once all are read, each once */
    bool failed;
    bool is_broken; /* the vulnerability at hand names a product that the tree has not, or twice */
};

static void add_product(struct csaf *c, const struct product *path, const json_t *product)
{
    struct product p = *path;

    if (!json_is_object(product))
        return;
    if (c->products_n == PRODUCTS_MAX) {
        c->failed = true;
        return;
    }
    p.id = import_text(product, "product_id");
    p.cpe = import_text(json_object_get(product, "product_identification_helper"), "cpe");
    c->products[c->products_n++] = p;
}

static void enter(struct product *path, const json_t *branch)
{
    const char *category = import_text(branch, "category"), *name = import_text(branch, "name");

    if (strcmp(category, "vendor") == 0)
        path->vendor = name;
    else if (strcmp(category, "product_name") == 0)
        path->name = name;
    else if (strcmp(category, "product_version") == 0 ||
             strcmp(category, "product_version_range") == 0)
        path->version = name;
    else if (strcmp(category, "product_family") != 0 && strcmp(category, "language") != 0)
        path->is_limited = true;
}

static void read_branches(struct csaf *c, const json_t *branches, const struct product *above,
                          unsigned depth)
{
    const json_t *branch;
    size_t i;

    json_array_foreach(branches, i, branch)
    {
        struct product path = *above;

        if (depth == DEPTH_MAX || c->failed) {
            c->failed = true;
            return;
        }
        enter(&path, branch);
        add_product(c, &path, json_object_get(branch, "product"));
        read_branches(c, json_object_get(branch, "branches"), &path, depth + 1);
    }
}

static int by_id(const void *a, const void *b)
{
    return strcmp(((const struct product *)a)->id, ((const struct product *)b)->id);
}

/* By id, and of one id by all else. */
static int by_all(const void *left, const void *right)
{
    const struct product *a = left, *b = right;
    int c = by_id(a, b);

    if (c == 0)
        c = strcmp(a->vendor, b->vendor);
    if (c == 0)
        c = strcmp(a->name, b->name);
    if (c == 0)
        c = strcmp(a->version, b->version);
    if (c == 0)
        c = strcmp(a->cpe, b->cpe);
    return c != 0 ? c : (int)a->is_limited - (int)b->is_limited;
}

/* What stands in the tree twice in the same words stays once. */
static void sort_products(struct csaf *c)
{
    size_t i, kept = 0;

    qsort(c->products, c->products_n, sizeof *c->products, by_all);
    for (i = 0; i < c->products_n; i++)
        if (kept == 0 || by_all(&c->products[kept - 1], &c->products[i]) != 0)
            c->products[kept++] = c->products[i];
    c->products_n = kept;
}

static void read_tree(struct csaf *c, const json_t *tree)
{
    const struct product none = {"", "", "", "", "", false};
    struct product limited = none;
    const json_t *one;
    size_t i;

    limited.is_limited = true;
    read_branches(c, json_object_get(tree, "branches"), &none, 0);
    json_array_foreach(json_object_get(tree, "full_product_names"), i, one)
    {
        add_product(c, &none, one);
    }
    json_array_foreach(json_object_get(tree, "relationships"), i, one)
    {
        add_product(c, &limited, json_object_get(one, "full_product_name"));
    }
    sort_products(c);
}

/* NULL: the tree has none of this id, or several, and nobody knows which is meant. */
static const struct product *find(const struct csaf *c, const json_t *id)
{
    struct product wanted = {.id = json_string_value(id)};
    const struct product *first = c->products, *end = first + c->products_n, *p;

    if (wanted.id == NULL || wanted.id[0] == '\0')
        return NULL;
    p = bsearch(&wanted, first, c->products_n, sizeof wanted, by_id);
    if (p == NULL || (p > first && by_id(p - 1, p) == 0) || (p + 1 < end && by_id(p + 1, p) == 0))
        return NULL;
    return p;
}

/* vers:SCHEME/... : what stands behind the scheme, if it orders as natural order does. */
static enum import_doubt skip_scheme(const char **io_text)
{
    static const char *const schemes[] = {"generic/", "intdot/", "semver/",
                                          "unknown/", "all/",    NULL};
    const char *text = *io_text;
    size_t i;

    if (strncasecmp(text, "vers:", 5) != 0)
        return DOUBT_NONE;
    if (strcmp(text, "vers:all/*") == 0)
        return DOUBT_ALL;
    for (i = 0; schemes[i] != NULL; i++)
        if (strncasecmp(text + 5, schemes[i], strlen(schemes[i])) == 0) {
            *io_text = text + 5 + strlen(schemes[i]);
            return strchr(text, '%') != NULL || strcmp(schemes[i], "all/") == 0 ? DOUBT_PROSE
                                                                                : DOUBT_NONE;
        }
    return DOUBT_UNORDERED;
}

static void read_version(const struct csaf *c, const struct product *p, struct words *w)
{
    const char *text = p->version;
    enum import_doubt doubt = skip_scheme(&text);

    words_read(text, WORDS_PLAIN, w);
    if (doubt != DOUBT_NONE)
        w->doubt = doubt;
    else if (p->is_limited)
        w->doubt = DOUBT_PLATFORM;
    else if (w->doubt == DOUBT_NONE &&
             words_is_filing_day(c->result->published, w->until[0] != '\0' ? w->until : w->from))
        w->doubt = DOUBT_FILING_DATE;
}

static void find_models(const struct csaf *c, const struct product *p, struct models *ret)
{
    struct cpe cpe;

    if (p->cpe[0] != '\0' && cpe_parse(p->cpe, &cpe) == 0)
        models_of_cpe(c->aliases, &cpe, cpe_revision(&cpe), ret);
    else
        models_of_words(c->aliases, p->vendor, p->name, ret);
}

static void state_one(struct csaf *c, const char *id, const struct product *p,
                      const struct models *models, const struct model *model)
{
    json_t *s = import_statement(c->result, id, model->vendor, model->model, FEED, c->provider);
    struct words w;

    if (s == NULL) {
        c->failed = true;
        return;
    }
    (void)json_object_set_new(s, "vendor", json_string(p->vendor));
    (void)json_object_set_new(s, "product", json_string(p->name));
    if (models->by_names_tsv)
        (void)json_object_set_new(s, "mapped", json_true());
    if (models->doubt != DOUBT_NONE)
        import_doubtful(s, p->name, "names", models->doubt);
    read_version(c, p, &w);
    import_reading(s, p->version, &w);
    if (w.until[0] != '\0' && !w.until_included)
        import_fixed(s, w.until);
}

static void state(struct csaf *c, const char *id, const struct product *p)
{
    struct models models;
    size_t i;

    find_models(c, p, &models);
    for (i = 0; i < models.n && !c->failed; i++)
        state_one(c, id, p, &models, &models.model[i]);
}

/* What is not affected, for the statements that there are on its model. */
static void note_unaffected(struct csaf *c, const char *id, const struct product *p)
{
    struct models models;
    struct words w;
    json_t *statement;
    size_t i;

    read_version(c, p, &w);
    find_models(c, p, &models);
    for (i = 0; i < models.n; i++) {
        statement =
            import_find(c->result, id, models.model[i].vendor, models.model[i].model, c->provider);
        if (statement != NULL && models.model[i].vendor[0] != '\0')
            import_unaffected(statement, p->version, &w);
    }
}

static void each_product(struct csaf *c, const json_t *status, const char *key, const char *id,
                         void (*take)(struct csaf *c, const char *id, const struct product *p))
{
    const struct product *p;
    const json_t *one;
    size_t i;

    json_array_foreach(json_object_get(status, key), i, one)
    {
        if (c->failed)
            return;
        p = find(c, one);
        if (p != NULL)
            take(c, id, p);
        else
            c->is_broken = true;
    }
}

/* The remedies and notes name fixed builds. */
static void check_prose(struct csaf *c, const json_t *vulnerability, const char *id)
{
    const json_t *one;
    struct prose prose;
    size_t i;

    memset(&prose, 0, sizeof prose);
    json_array_foreach(json_object_get(vulnerability, "notes"), i, one)
    {
        if (i == 0)
            prose_read(import_text(one, "text"), &prose);
    }
    json_array_foreach(json_object_get(vulnerability, "remediations"), i, one)
    {
        prose_read_remedy(import_text(one, "details"), &prose);
    }
    for (i = 0; i < c->result->findings_n; i++)
        if (strcmp(c->result->findings[i].id, id) == 0) {
            prose_check(&prose, c->result->findings[i].statement);
            if (c->is_broken)
                import_doubtful(c->result->findings[i].statement,
                                "a product that the tree does not have, or has twice", "products",
                                DOUBT_TEXT);
        }
}

static void read_vulnerability(struct csaf *c, const json_t *vulnerability)
{
    static const char *const affected[] = {"known_affected", "first_affected", "last_affected"};
    static const char *const unaffected[] = {"fixed", "first_fixed", "known_not_affected"};
    const json_t *status = json_object_get(vulnerability, "product_status");
    const char *cve = import_text(vulnerability, "cve");
    char id[MUSTER_ID_MAX + 1];
    size_t i;

    if (cve[0] == '\0' || strlen(cve) > MUSTER_ID_MAX)
        cve = c->result->id;
    (void)snprintf(id, sizeof id, "%s", cve);
    c->is_broken = false;
    for (i = 0; i < 3; i++)
        each_product(c, status, affected[i], id, state);
    for (i = 0; i < 3; i++)
        each_product(c, status, unaffected[i], id, note_unaffected);
    check_prose(c, vulnerability, id);
}

static void read_document(struct csaf *c, const json_t *record)
{
    const json_t *document = json_object_get(record, "document"),
                 *tracking = json_object_get(document, "tracking"), *one;
    const char *publisher = import_text(json_object_get(document, "publisher"), "name");
    size_t i;

    c->result->summary = import_text(document, "title");
    import_time(import_text(tracking, "current_release_date"), c->result->modified);
    import_time(import_text(tracking, "initial_release_date"), c->result->published);
    c->provider = import_format("csaf %.60s", publisher);
    c->products = reallocarray(NULL, PRODUCTS_MAX, sizeof *c->products);
    c->failed = c->provider == NULL || c->products == NULL;
    if (c->failed)
        return;
    json_array_foreach(json_object_get(document, "references"), i, one)
    {
        if (strcmp(import_text(one, "category"), "self") == 0 &&
            strstr(import_text(one, "url"), ".json") == NULL)
            import_url(c->result, import_text(one, "url"));
    }
    read_tree(c, json_object_get(record, "product_tree"));
    c->failed |= json_array_size(json_object_get(record, "vulnerabilities")) > VULNERABILITIES_MAX;
    json_array_foreach(json_object_get(record, "vulnerabilities"), i, one)
    {
        if (!c->failed)
            read_vulnerability(c, one);
    }
}

static int read_record(const json_t *record, const struct aliases *aliases,
                       struct import_result *ret_result, char *err, size_t err_cap)
{
    const json_t *document = json_object_get(record, "document");
    struct csaf c = {.aliases = aliases, .result = ret_result};
    bool is_strange;

    if (shape_check(record, record_shape, &is_strange, err, err_cap) != 0)
        return -1;
    if (import_begin(import_text(json_object_get(document, "tracking"), "id"), ret_result) != 0) {
        (void)snprintf(err, err_cap, "document.tracking.id: is too long or no id");
        return -1;
    }
    read_document(&c, record);
    if (is_strange)
        import_doubt_all(ret_result, "invisible or look-alike characters", DOUBT_TEXT);
    c.failed |= c.provider == NULL || import_end(ret_result, FEED, c.provider) != 0;
    free(c.products);
    free(c.provider);
    if (!c.failed)
        return 0;
    (void)snprintf(err, err_cap, "its product tree is too large or too deep, or memory is short");
    import_result_free(ret_result);
    return -1;
}

const struct import_feed import_csaf = {FEED, NULL, read_record};
