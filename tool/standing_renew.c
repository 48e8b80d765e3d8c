/* SPDX-License-Identifier: ISC */
/* The authority's routine: what is about to end is said again. It must not say anything new, and
 * must not say again what a newer word of the same authority has replaced. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/clock.h"
#include "host/file.h"
#include "tool/cli.h"
#include "tool/standing_write.h"

#define SUFFIX ".standing"

enum word { WORD_RENEWED, WORD_LIVES, WORD_REPLACED, WORD_FAILED };
#define WORDS_N 4

/* A file of this authority. */
struct own {
    char *path;
    uint8_t bytes[MUSTER_STANDING_MAX];
    size_t len;
    struct muster_standing standing; /* points into bytes once all files are read */
};

struct renewal {
    const struct signing *signing;
    uint64_t now_s, life_s;
    struct own *files;
    size_t n, cap;
    size_t others_n, broken_n;
    size_t words_n[WORDS_N];
};

static int is_standing(const struct dirent *entry)
{
    size_t len = strlen(entry->d_name), suffix_len = sizeof SUFFIX - 1;

    return entry->d_name[0] != '.' && len > suffix_len &&
           strcmp(entry->d_name + len - suffix_len, SUFFIX) == 0;
}

static void complain(struct renewal *r, const char *path, const char *why)
{
    log_error("%s: %s; left alone", SAFE(path), why);
    r->broken_n++;
}

static int keep(struct renewal *r, char *path, const uint8_t *bytes, size_t len)
{
    size_t cap = r->cap == 0 ? 64 : 2 * r->cap;
    struct own *grown, *own;

    if (r->n == r->cap) {
        grown = reallocarray(r->files, cap, sizeof *grown);
        if (grown == NULL)
            return -1;
        r->files = grown;
        r->cap = cap;
    }
    own = &r->files[r->n++];
    own->path = path;
    memcpy(own->bytes, bytes, len);
    own->len = len;
    return 0;
}

/* Takes `path` over. */
static int read_one(struct renewal *r, char *path)
{
    struct muster_record record;
    uint8_t *bytes = NULL;
    size_t len;
    int ret = file_read(path, MUSTER_STANDING_MAX, &bytes, &len), kept = 1;

    if (ret != 0)
        complain(r, path, ret == -EFBIG ? "no standing" : strerror(-ret));
    else if (muster_record_parse((struct muster_slice){bytes, len}, &record) != MUSTER_OK ||
             record.kind != MUSTER_STANDING)
        complain(r, path, "no standing");
    else if (memcmp(record.key, r->signing->seam.key, MUSTER_KEY_LEN) != 0)
        r->others_n++;
    else if (muster_record_verify(&record) != MUSTER_OK)
        complain(r, path, "bears this authority's key, but its signature does not verify");
    else
        kept = keep(r, path, bytes, len);
    free(bytes);
    if (kept != 0)
        free(path);
    return kept < 0 ? cli_error("out of memory") : 0;
}

static int read_dir(struct renewal *r, const char *dir)
{
    struct dirent **entries;
    int i, n = scandir(dir, &entries, is_standing, alphasort), ret = 0;
    char *path;

    if (n < 0)
        return cli_error("%s: %s", SAFE(dir), strerror(errno));
    for (i = 0; i < n; i++) {
        if (ret == 0 && asprintf(&path, "%s/%s", dir, entries[i]->d_name) < 0)
            ret = cli_error("out of memory");
        if (ret == 0)
            ret = read_one(r, path);
        free(entries[i]);
    }
    free(entries);
    return ret;
}

/* The array moves no more: what the files say can be pointed to. */
static int point_into(struct renewal *r)
{
    struct muster_record record;
    size_t i;

    for (i = 0; i < r->n; i++) {
        struct own *own = &r->files[i];

        if (muster_record_parse((struct muster_slice){own->bytes, own->len}, &record) != MUSTER_OK)
            return cli_error("%s: does not parse any more", SAFE(own->path));
        own->standing = record.u.standing;
    }
    return 0;
}

/* Whether b's word on this signer takes the place of a's: it is newer, or revokes. Of two equal
 * ones the first file's stands. */
static bool replaces(const struct own *b, const struct own *a)
{
    bool a_revokes = a->standing.level == MUSTER_REVOKED,
         b_revokes = b->standing.level == MUSTER_REVOKED;

    if (a_revokes != b_revokes)
        return b_revokes;
    if (a->standing.issued != b->standing.issued)
        return b->standing.issued > a->standing.issued;
    if (a->standing.level != b->standing.level)
        return b->standing.level < a->standing.level;
    return b < a;
}

/* The newest time at which anything was said of this signer; whether something replaces `own`. */
static bool is_replaced(const struct renewal *r, const struct own *own, uint64_t *ret_newest)
{
    bool replaced = false;
    size_t i;

    *ret_newest = 0;
    for (i = 0; i < r->n; i++) {
        const struct own *other = &r->files[i];

        if (memcmp(other->standing.key, own->standing.key, MUSTER_KEY_LEN) != 0)
            continue;
        if (other->standing.issued > *ret_newest)
            *ret_newest = other->standing.issued;
        replaced |= other != own && replaces(other, own);
    }
    return replaced;
}

static enum word renew(struct renewal *r, const struct own *own,
                       struct muster_standing *io_standing)
{
    uint64_t life_s = io_standing->expires - io_standing->issued, newest;

    if (is_replaced(r, own, &newest))
        return WORD_REPLACED;
    if (io_standing->expires >= r->now_s && io_standing->expires - r->now_s >= life_s / 2)
        return WORD_LIVES;
    io_standing->issued = r->now_s > newest ? r->now_s : newest + 1;
    io_standing->expires = io_standing->issued + (r->life_s > 0 ? r->life_s : life_s);
    if (newest > r->now_s + MUSTER_DAY_S)
        log_warn("%s: issued more than a day ahead of now; devices refuse that: check the clock",
                 SAFE(own->path));
    return standing_write(io_standing, r->signing, own->path) == 0 ? WORD_RENEWED : WORD_FAILED;
}

static void renew_all(struct renewal *r)
{
    static const char *const words[WORDS_N] = {"renewed", "lives on", "replaced by a newer word",
                                               "FAILED"};
    char text[CLOCK_TEXT_CAP];
    size_t i;

    for (i = 0; i < r->n; i++) {
        struct muster_standing s = r->files[i].standing;
        enum word word = renew(r, &r->files[i], &s);

        r->words_n[word]++;
        printf("%-32s  %-9s  until %s  %s: %s\n", SAFE_SLICE(s.name), muster_level_name(s.level),
               clock_format(text, s.expires), words[word], SAFE(r->files[i].path));
    }
}

static int sum(const struct renewal *r, const char *dir)
{
    printf("renewed %zu, living on %zu, replaced %zu, of others %zu, broken or not written %zu\n",
           r->words_n[WORD_RENEWED], r->words_n[WORD_LIVES], r->words_n[WORD_REPLACED], r->others_n,
           r->broken_n + r->words_n[WORD_FAILED]);
    if (r->broken_n + r->words_n[WORD_FAILED] > 0)
        return STATUS_FOUND;
    if (r->n == 0)
        return cli_error("%s: no *" SUFFIX " of this key there; is it the right key?", SAFE(dir));
    return STATUS_OK;
}

int standing_renew(const char *dir, const struct signing *signing, uint64_t now_s, uint64_t life_s)
{
    struct renewal r = {.signing = signing, .now_s = now_s, .life_s = life_s};
    int status = read_dir(&r, dir);
    size_t i;

    if (status == 0)
        status = point_into(&r);
    if (status == 0) {
        renew_all(&r);
        status = sum(&r, dir);
    }
    for (i = 0; i < r.n; i++)
        free(r.files[i].path);
    free(r.files);
    return status;
}
