/* SPDX-License-Identifier: ISC */
/* Names within one record. It must not take a part of a name for another model: parts only doubt. */
#include "tool/cve5.h"

#include <stdio.h>
#include <string.h>

#define NAMES_MAX       1024 /* of a record that are compared with each other */
#define VENDOR_PART_MIN 4

static void add_related(struct cve5 *c, const char *text)
{
    for (; *text != '\0' && c->related_len < CVE5_RELATED_CAP - 1; text++)
        if ((*text >= '0' && *text <= '9') || ((*text | 0x20) >= 'a' && (*text | 0x20) <= 'z'))
            c->related[c->related_len++] = (char)(*text >= 'A' ? *text | 0x20 : *text);
    c->related[c->related_len] = '\0';
}

void cve5_relate(struct cve5 *c)
{
    const json_t *entry, *version;
    size_t i, k;

    add_related(c, c->result->summary);
    json_array_foreach(json_object_get(c->cna, "affected"), i, entry)
    {
        add_related(c, import_text(entry, "vendor"));
        add_related(c, import_text(entry, "product"));
        json_array_foreach(json_object_get(entry, "versions"), k, version)
        {
            add_related(c, import_text(version, "version"));
        }
    }
}

static bool is_common_word(const char *word)
{
    static const char *const words[] = {"camera", "router",     "system", "internet",   "gateway",
                                        "switch", "device",     "server", "network",    "wireless",
                                        "smart",  "security",   "series", "controller", "access",
                                        "point",  "management", NULL};

    return words_is_one_of(word, words);
}

/* Does the CNA speak of what this CPE name calls so: the vendor, the model, or a telling part? */
static bool is_related(const struct cve5 *c, const struct cpe *cpe)
{
    char part[SQUASH_CAP], token[CPE_VALUE_CAP];
    const char *at = cpe->model_name;
    size_t len;

    if (strstr(c->related, models_squash(cpe->model_name, part)) != NULL ||
        strstr(c->related, models_squash(cpe->vendor_name, part)) != NULL)
        return true;
    for (; *at != '\0'; at += len + strspn(at + len, "_-. ")) {
        len = strcspn(at, "_-. ");
        (void)snprintf(token, sizeof token, "%.*s", (int)len, at);
        if (len >= (strpbrk(token, "0123456789") != NULL ? 4u : 5u) && !is_common_word(token) &&
            strstr(c->related, token) != NULL)
            return true;
    }
    return false;
}

/* Does the CNA name a hardware revision of this model, which the ADP's name has lost? */
static bool is_revised(const struct cve5 *c, const struct cpe *cpe)
{
    char model[SQUASH_CAP], product[SQUASH_CAP];
    const json_t *entry;
    struct models models;
    size_t i;

    models_squash(cpe->model_name, model);
    json_array_foreach(json_object_get(c->cna, "affected"), i, entry)
    {
        if (i == NAMES_MAX)
            return true;
        models_squash(import_text(entry, "product"), product);
        if (strstr(product, model) == NULL || strcmp(product, model) == 0)
            continue;
        models_of_words(c->aliases, import_text(entry, "vendor"), import_text(entry, "product"),
                        &models);
        if (models.doubt == DOUBT_REVISION && strlen(product) > strlen(model) &&
            product[strlen(product) - strlen(strstr(product, model)) + strlen(model)] != '\0')
            return true;
    }
    return false;
}

/* Calls some other name in the record this product a device or its firmware? */
static bool is_device(const struct cve5 *c, const struct cpe *cpe)
{
    const json_t *adp, *entry, *one;
    size_t i, k, m, seen_n = 0;
    struct cpe other;

    json_array_foreach(c->adps, i, adp)
        json_array_foreach(json_object_get(adp, "affected"), k, entry)
            json_array_foreach(json_object_get(entry, "cpes"), m, one)
    {
        if (++seen_n > NAMES_MAX)
            return false;
        if (json_is_string(one) && cpe_parse(json_string_value(one), &other) == 0 &&
            (other.part != 'a' || other.is_firmware) &&
            strcmp(other.model_name, cpe->model_name) == 0)
            return true;
    }
    return false;
}

enum import_doubt cve5_doubt_name(const struct cve5 *c, const struct cpe *cpe, bool is_cna)
{
    if (cpe->part == 'o' && !cpe_is_open(cpe->update))
        return DOUBT_TEXT;
    if (!is_cna && !is_related(c, cpe))
        return DOUBT_CONTRADICTION;
    if (!is_cna && is_revised(c, cpe))
        return DOUBT_REVISION;
    if (cpe->part == 'a' && !cpe->is_firmware && !is_device(c, cpe))
        return DOUBT_NOT_FIRMWARE;
    return DOUBT_NONE;
}

/* Two spellings of one vendor: the same letters, or the one with "Inc." and the like behind it. */
static bool is_same_vendor(const char *words, const char *cpe_vendor)
{
    char a[SQUASH_CAP], b[SQUASH_CAP];
    size_t a_len = strlen(models_squash(words, a)), b_len = strlen(models_squash(cpe_vendor, b));
    size_t len = a_len < b_len ? a_len : b_len;

    return a_len == b_len ? memcmp(a, b, len) == 0
                          : len >= VENDOR_PART_MIN && memcmp(a, b, len) == 0;
}

/* The ADP's CPE name for what the CNA calls so: the same vendor, and the same letters and digits. */
static const char *find_twin(const struct cve5 *c, const char *vendor, const char *product)
{
    char wanted[SQUASH_CAP], plain[SQUASH_CAP], maker[SQUASH_CAP];
    const json_t *adp, *entry, *one;
    size_t i, k, m, seen_n = 0;
    struct cpe cpe;

    models_squash(product, wanted);
    models_squash(vendor, maker);
    json_array_foreach(c->adps, i, adp)
        json_array_foreach(json_object_get(adp, "affected"), k, entry)
            json_array_foreach(json_object_get(entry, "cpes"), m, one)
    {
        if (++seen_n > NAMES_MAX)
            return NULL;
        if (!json_is_string(one) || cpe_parse(json_string_value(one), &cpe) != 0 ||
            !is_same_vendor(vendor, cpe.vendor))
            continue;
        models_squash(cpe.model_name, plain);
        if (strcmp(plain, wanted) == 0 || (strncmp(wanted, maker, strlen(maker)) == 0 &&
                                           strcmp(plain, wanted + strlen(maker)) == 0))
            return json_string_value(one);
    }
    return NULL;
}

void cve5_name_by_twin(const struct cve5 *c, const char *vendor, const char *product,
                       struct models *io_models)
{
    const char *twin;
    struct cpe cpe;

    if (io_models->by_names_tsv ||
        (io_models->doubt != DOUBT_NONE && io_models->doubt != DOUBT_NO_MODEL))
        return;
    twin = find_twin(c, vendor, product);
    if (twin != NULL && cpe_parse(twin, &cpe) == 0)
        models_of_cpe(c->aliases, &cpe, "", io_models);
}
