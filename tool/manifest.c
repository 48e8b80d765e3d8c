/* SPDX-License-Identifier: ISC */
/* Manifests read and held against what is there. It must never open a path that a manifest names:
 * the folder is walked, and what is found is looked up in it. */
#include "tool/manifest.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "host/clock.h"
#include "host/file.h"
#include "host/hex.h"
#include "tool/cli.h"

#define PATH_CAP 4096

static const char head[] = "muster manifest 1";

bool manifest_path_is_legal(const char *path)
{
    const char *part = path;
    size_t i, len = strlen(path);

    if (len < 1 || len > MANIFEST_PATH_MAX)
        return false;
    for (i = 0; i < len; i++)
        if (path[i] < 0x20 || path[i] > 0x7e)
            return false;
    for (;; part += len + 1) {
        len = strcspn(part, "/");
        if (len == 0 || (len == 1 && part[0] == '.') || (len == 2 && memcmp(part, "..", 2) == 0))
            return false;
        if (part[len] == '\0')
            return true;
    }
}

void manifest_free(struct manifest *m)
{
    free(m->text);
    free(m->files);
    memset(m, 0, sizeof *m);
}

struct reader {
    struct manifest *m;
    char *at, *end;
    size_t line;
    char *err;
    size_t err_cap;
};

__attribute__((format(printf, 2, 3))) static int refuse(struct reader *r, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(r->err, r->err_cap, fmt, args);
    va_end(args);
    return -1;
}

/* The next line, ended with a NUL; NULL at the end, or where the text has no line end or a NUL. */
static char *next_line(struct reader *r)
{
    char *line = r->at, *end = memchr(line, '\n', (size_t)(r->end - line));

    r->line++;
    if (end == NULL || memchr(line, '\0', (size_t)(end - line)) != NULL)
        return NULL;
    *end = '\0';
    r->at = end + 1;
    return line;
}

static char *cut(char *text)
{
    char *tab = text != NULL ? strchr(text, '\t') : NULL;

    if (tab == NULL)
        return NULL;
    *tab = '\0';
    return tab + 1;
}

static int grow(struct manifest *m)
{
    size_t cap = m->cap == 0 ? 64 : m->cap * 2;
    struct manifest_file *grown;

    if (m->n < m->cap)
        return 0;
    grown = reallocarray(m->files, cap, sizeof *grown);
    if (grown == NULL)
        return -1;
    m->files = grown;
    m->cap = cap;
    return 0;
}

static int read_file_line(struct reader *r, char *line)
{
    struct manifest_file file = {.seen = false};
    char *path = cut(line), *model = cut(path), *id = cut(model);

    if (id == NULL || strlen(line) != 64 ||
        hex_decode(line, 64, file.digest, sizeof file.digest) != MUSTER_HASH_LEN)
        return refuse(r, "is no line of digest, path, model and id");
    if (!manifest_path_is_legal(path))
        return refuse(r, "\"%s\" is no path inside the folder", SAFE(path));
    if (r->m->n > 0 && strcmp(r->m->files[r->m->n - 1].path, path) >= 0)
        return refuse(r, "\"%s\" is not in order", SAFE(path));
    file.path = path;
    file.model = model;
    file.id = id;
    if (grow(r->m) != 0)
        return refuse(r, "out of memory");
    r->m->files[r->m->n++] = file;
    return 0;
}

static int read_head(struct reader *r)
{
    const char *line = next_line(r);

    if (line == NULL || strcmp(line, head) != 0)
        return refuse(r, "does not begin with \"%s\"", head);
    line = next_line(r);
    if (line == NULL || strncmp(line, "name ", 5) != 0 || strlen(line) > 5 + MANIFEST_TITLE_MAX)
        return refuse(r, "is no \"name ...\" of at most %d characters", MANIFEST_TITLE_MAX);
    r->m->name = line + 5;
    line = next_line(r);
    if (line == NULL || strncmp(line, "time ", 5) != 0 || clock_parse(line + 5, &r->m->time_s) != 0)
        return refuse(r, "is no \"time ...\"");
    return 0;
}

static int read_lines(struct reader *r)
{
    char *line;

    if (read_head(r) != 0)
        return -1;
    while (r->at < r->end) {
        line = next_line(r);
        if (line == NULL)
            return refuse(r, "is not a whole line of text");
        if (read_file_line(r, line) != 0)
            return -1;
    }
    return 0;
}

int manifest_parse(char *text, size_t len, struct manifest *ret_manifest, size_t *ret_line,
                   char *err, size_t err_cap)
{
    struct manifest m = {.text = text};
    struct reader r = {&m, text, text + len, 0, err, err_cap};

    muster_crypto_hash(m.digest, (const uint8_t *)text, len);
    if (read_lines(&r) != 0) {
        *ret_line = r.line;
        manifest_free(&m);
        return -1;
    }
    *ret_manifest = m;
    return 0;
}

void manifest_message(const uint8_t digest[MUSTER_HASH_LEN],
                      uint8_t ret_message[MANIFEST_MESSAGE_LEN])
{
    memcpy(ret_message, MANIFEST_CONTEXT, sizeof MANIFEST_CONTEXT - 1);
    memcpy(ret_message + sizeof MANIFEST_CONTEXT - 1, digest, MUSTER_HASH_LEN);
}

/* The signature's file: 0, or -1 with the reason. */
static int read_signature(const char *path, const uint8_t key[MUSTER_KEY_LEN],
                          uint8_t ret_signature[MUSTER_SIGNATURE_LEN], const char **ret_why)
{
    uint8_t *bytes, said[MUSTER_KEY_LEN];
    size_t len, head_len = sizeof MANIFEST_SIG_HEAD - 1;
    int ret = file_read(path, MANIFEST_SIG_CAP, &bytes, &len);
    const char *text = (const char *)bytes;

    if (ret != 0) {
        *ret_why = ret == -EFBIG ? "is no signature" : strerror(-ret);
        return -1;
    }
    *ret_why = "is no signature";
    ret = -1;
    if (len == MANIFEST_SIG_CAP - 1 && memcmp(text, MANIFEST_SIG_HEAD, head_len) == 0 &&
        text[head_len + 64] == ' ' && text[len - 1] == '\n' &&
        hex_decode(text + head_len, 64, said, sizeof said) == MUSTER_KEY_LEN &&
        hex_decode(text + head_len + 65, 128, ret_signature, MUSTER_SIGNATURE_LEN) ==
            MUSTER_SIGNATURE_LEN) {
        *ret_why = "is by another key than this publisher's";
        ret = memcmp(said, key, MUSTER_KEY_LEN) == 0 ? 0 : -1;
    }
    free(bytes);
    return ret;
}

static int no_manifest(struct problems *problems, const char *path, size_t line, const char *why)
{
    problem_add(problems, RULE_MANIFEST, (struct problem_at){path, line, NULL},
                "%s; take the folder again from its publisher", why);
    return -1;
}

static int verify(const struct manifest *m, const char *sig_path, const uint8_t key[MUSTER_KEY_LEN],
                  struct problems *problems)
{
    uint8_t message[MANIFEST_MESSAGE_LEN], signature[MUSTER_SIGNATURE_LEN];
    const char *why;

    if (read_signature(sig_path, key, signature, &why) != 0)
        return no_manifest(problems, sig_path, 0, why);
    manifest_message(m->digest, message);
    if (muster_crypto_verify(signature, message, sizeof message, key) != 0)
        return no_manifest(problems, sig_path, 0, "does not verify: the manifest was changed");
    return 0;
}

int manifest_open(const char *dir, const uint8_t key[MUSTER_KEY_LEN], struct problems *problems,
                  struct manifest *ret_manifest)
{
    char path[PATH_CAP], sig_path[PATH_CAP], err[512];
    struct manifest m;
    uint8_t *bytes;
    size_t len, line;
    int ret;

    (void)snprintf(path, sizeof path, "%.4000s/%s", dir, MANIFEST_NAME);
    (void)snprintf(sig_path, sizeof sig_path, "%.4000s/%s", dir, MANIFEST_SIG_NAME);
    ret = file_read(path, MANIFEST_MAX, &bytes, &len);
    if (ret != 0)
        return no_manifest(problems, path, 0, strerror(-ret));
    if (manifest_parse((char *)bytes, len, &m, &line, err, sizeof err) != 0)
        return no_manifest(problems, path, line, err);
    if (verify(&m, sig_path, key, problems) != 0) {
        manifest_free(&m);
        return -1;
    }
    *ret_manifest = m;
    return 0;
}

static int compare_path(const void *key, const void *file)
{
    return strcmp(key, ((const struct manifest_file *)file)->path);
}

struct manifest_file *manifest_find(const struct manifest *m, const char *path)
{
    return m->n == 0 ? NULL : bsearch(path, m->files, m->n, sizeof *m->files, compare_path);
}

bool manifest_allows(struct manifest *m, const char *path, const char *shown_path,
                     const uint8_t digest[MUSTER_HASH_LEN], struct problems *problems)
{
    struct manifest_file *file = manifest_find(m, path);
    struct problem_at at = {shown_path, 0, NULL};

    if (file == NULL) {
        problem_add(
            problems, RULE_UNLISTED, at,
            "the publisher did not list it; remove it, or put it into a folder of your own");
        return false;
    }
    file->seen = true;
    if (memcmp(file->digest, digest, MUSTER_HASH_LEN) == 0)
        return true;
    problem_add(problems, RULE_TAMPERED, at,
                "not what the publisher signed; take it again from there, and put changes of your "
                "own into a folder of your own");
    return false;
}

void manifest_want_all(const struct manifest *m, const char *dir, struct problems *problems)
{
    char path[PATH_CAP + MANIFEST_PATH_MAX];
    size_t i;

    for (i = 0; i < m->n; i++) {
        if (m->files[i].seen)
            continue;
        (void)snprintf(path, sizeof path, "%.4000s/%s", dir, m->files[i].path);
        problem_add(
            problems, RULE_MISSING, (struct problem_at){path, 0, NULL},
            "the publisher lists it, and it is not there; take it again, or write its model "
            "into the suppress of a folder of your own");
    }
}
