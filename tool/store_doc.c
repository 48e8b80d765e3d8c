/* SPDX-License-Identifier: ISC */
/* Making and knowing again the files that an import writes. It must not decide anything. */
#include "tool/store_doc.h"

#include <stdlib.h>
#include <string.h>

#include "host/clock.h"
#include "host/hex.h"
#include "muster/crypto.h"

#define SUMMARY_CHARACTERS_N 120
#define DETAILS_LEN_MAX      8000
#define NO_TIME              "1970-01-01T00:00:00Z"

const json_t *store_doc_import(const json_t *document)
{
    return json_object_get(json_object_get(document, "database_specific"), "muster_import");
}

const json_t *store_doc_member(const json_t *document, const char *key)
{
    return json_object_get(store_doc_import(document), key);
}

/* ---- digest */

/* Of the canonical text without the digest itself, which is taken out for as long. */
static int digest(json_t *document, char ret_digits[STORE_DOC_DIGEST_CAP])
{
    json_t *import = (json_t *)(uintptr_t)store_doc_import(document);
    json_t *kept = json_incref(json_object_get(import, "digest"));
    uint8_t hash[MUSTER_HASH_LEN];
    char *text;

    (void)json_object_del(import, "digest");
    text = json_dumps(document, JSON_SORT_KEYS | JSON_COMPACT);
    if (kept != NULL)
        (void)json_object_set_new(import, "digest", kept);
    if (text == NULL)
        return -1;
    muster_crypto_hash(hash, (const uint8_t *)text, strlen(text));
    (void)hex_encode(ret_digits, hash, sizeof hash);
    free(text);
    return 0;
}

json_t *store_doc_read(const uint8_t *bytes, size_t len, json_t **ret_edited)
{
    json_t *document = json_loadb((const char *)bytes, len, JSON_REJECT_DUPLICATES, NULL);
    char digits[STORE_DOC_DIGEST_CAP];
    const char *said = json_string_value(store_doc_member(document, "digest"));

    *ret_edited = NULL;
    if (said != NULL && digest(document, digits) == 0 && strcmp(said, digits) == 0)
        return document;
    *ret_edited = document;
    return NULL;
}

char *store_doc_text(const json_t *document)
{
    char *text = json_dumps(document, JSON_INDENT(2) | JSON_ENSURE_ASCII);
    size_t len = text != NULL ? strlen(text) : 0;
    char *line = text != NULL ? realloc(text, len + 2) : NULL;

    if (line == NULL) {
        free(text);
        return NULL;
    }
    memcpy(line + len, "\n", 2);
    return line;
}

/* ---- texts */

/* Bytes of the first characters_n characters, within len_max; up to a line's end if `line`. */
static size_t cut(const char *text, size_t characters_n, size_t len_max, bool line)
{
    size_t at, good = 0, n = 0;

    for (at = 0; at <= len_max; at++) {
        if (((unsigned char)text[at] & 0xc0) == 0x80)
            continue;
        good = at;
        if (text[at] == '\0' || n++ == characters_n || (line && text[at] == '\n'))
            break;
    }
    return good;
}

static void set(json_t *object, const char *key, json_t *value)
{
    (void)json_object_set_new(object, key, value);
}

static void set_text(json_t *object, const char *key, const char *text)
{
    if (text[0] != '\0')
        set(object, key, json_string(text));
}

int store_doc_rank(const char *feed)
{
    static const char *const feeds[] = {"cve5", "nvd2", "csaf", "osv", "kev"};
    int i;

    for (i = 0; i < 5; i++)
        if (strncmp(feed, feeds[i], strlen(feeds[i])) == 0)
            return i;
    return 5;
}

static bool is_of_kev(const char *feed)
{
    return strncmp(feed, "kev", 3) == 0;
}

/* Feed and record that the texts are of, or "". */
static const char *text_from(const json_t *document)
{
    return import_text(store_doc_import(document), "text_from");
}

/* The texts are those of the first feed and record in a fixed order, so that it does not matter
 * which is read first. */
static bool takes_texts(const struct store_doc *p, char from[64])
{
    const char *before = text_from(p->before);
    int c;

    (void)snprintf(from, 64, "%s %s", p->feed, p->result->id);
    if (before[0] == '\0' || !p->speaks)
        return before[0] == '\0';
    c = store_doc_rank(from) - store_doc_rank(before);
    return (c != 0 ? c : strcmp(from, before)) <= 0;
}

static void copy(json_t *to, const json_t *from, const char *key)
{
    json_t *value = json_object_get(from, key);

    if (value != NULL)
        (void)json_object_set(to, key, value);
}

static void set_description(json_t *doc, const char *text)
{
    size_t summary_len;

    text += strspn(text, " \t\r\n");
    summary_len = cut(text, SUMMARY_CHARACTERS_N, DETAILS_LEN_MAX, true);
    if (text[0] == '\0')
        return;
    set(doc, "summary", json_stringn(text, summary_len));
    if (text[summary_len] != '\0')
        set(doc, "details", json_stringn(text, cut(text, SIZE_MAX, DETAILS_LEN_MAX, false)));
}

static const char *later(const char *a, const char *b)
{
    return strcmp(a, b) >= 0 ? a : b;
}

static bool is_time(const char *text)
{
    uint64_t unix_s;

    return strlen(text) == 20 && text[10] == 'T' && clock_parse(text, &unix_s) == 0;
}

static void set_head(json_t *doc, const struct store_doc *p, bool fresh)
{
    const char *before = import_text(p->before, "modified");
    const char *modified = is_time(p->result->modified) ? p->result->modified : NO_TIME;

    /* the date of a mark counts only as long as nothing else is said */
    if (p->before != NULL && is_of_kev(p->feed))
        modified = before;
    else if (is_of_kev(text_from(p->before)))
        before = "";
    set_text(doc, "schema_version", "1.7.0");
    set_text(doc, "id", p->id);
    set_text(doc, "modified", later(modified, before));
    if (json_array_size(p->statements) == 0)
        set_text(doc, "withdrawn", later(modified, before));
    if (!fresh)
        copy(doc, p->before, "published");
    else if (is_time(p->result->published))
        set_text(doc, "published", p->result->published);
    if (fresh) {
        set_description(doc, p->result->summary);
        return;
    }
    copy(doc, p->before, "summary");
    copy(doc, p->before, "details");
}

/* ---- the parts */

static json_t *affected(const struct store_doc *p)
{
    json_t *entry = json_pack("{s:{s:s, s:o}}", "package", "ecosystem", "Muster", "name",
                              json_sprintf("%s/%s", p->vendor, p->model));

    if (json_array_size(p->decision->ranges) > 0)
        (void)json_object_set(entry, "ranges", p->decision->ranges);
    if (json_array_size(p->decision->versions) > 0)
        (void)json_object_set(entry, "versions", p->decision->versions);
    return json_pack("[o]", entry);
}

static const char *url_of(const struct store_doc *p, bool fresh)
{
    const json_t *specific = json_object_get(p->before, "database_specific");

    return fresh ? p->result->url : import_text(json_object_get(specific, "muster"), "url");
}

static json_t *muster(const struct store_doc *p, const char *url)
{
    json_t *object = json_object();

    set_text(object, "reason",
             p->decision->all_builds             ? "no-more-updates"
             : json_array_size(p->exploited) > 0 ? "known-exploited"
                                                 : "other");
    if (p->decision->all_builds)
        set(object, "all-builds", json_true());
    set_text(object, "fixed-in", p->decision->fixed_in);
    set_text(object, "url", url);
    return object;
}

static json_t *import(const struct store_doc *p, const char *text_from)
{
    json_t *object = json_object(), *reasons = json_array();
    const char *detail = p->detail != NULL ? p->detail : p->decision->detail;
    size_t i;

    for (i = 0; i < p->decision->doubts_n; i++)
        (void)json_array_append_new(reasons,
                                    json_string(import_doubt_name(p->decision->doubts[i])));
    set_text(object, "answer", answer_name(p->decision->answer));
    set(object, "reasons", reasons);
    set_text(object, "detail", detail);
    set_text(object, "text_from", text_from);
    set(object, "exploited", json_copy((json_t *)(uintptr_t)p->exploited));
    (void)json_object_set(object, "statements", p->statements);
    return object;
}

json_t *store_doc_make(const struct store_doc *parts)
{
    json_t *doc = json_object();
    char from[64], digits[STORE_DOC_DIGEST_CAP];
    bool fresh = takes_texts(parts, from);
    const char *url = url_of(parts, fresh);

    set_head(doc, parts, fresh);
    if (json_array_size(parts->statements) == 0)
        copy(doc, parts->before, "affected"); /* readers want to know what was withdrawn */
    else if (parts->vendor[0] != '\0')
        set(doc, "affected", affected(parts));
    if (url[0] != '\0')
        set(doc, "references", json_pack("[{s:s, s:s}]", "type", "ADVISORY", "url", url));
    set(doc, "database_specific",
        json_pack("{s:o, s:o}", "muster", muster(parts, url), "muster_import",
                  import(parts,
                         fresh ? from
                               : json_string_value(store_doc_member(parts->before, "text_from")))));
    if (store_doc_import(doc) == NULL || digest(doc, digits) != 0) {
        json_decref(doc);
        return NULL;
    }
    set((json_t *)(uintptr_t)store_doc_import(doc), "digest", json_string(digits));
    return doc;
}
