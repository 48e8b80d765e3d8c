/* SPDX-License-Identifier: ISC */
/* muster publish: makes a folder ready to hand out: checked, listed with digests, signed, its changes
 * told. It must not touch the sources. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "host/clock.h"
#include "host/file.h"
#include "host/hex.h"
#include "tool/check.h"
#include "tool/cli.h"
#include "tool/names.h"
#include "tool/signing.h"
#include "tool/verbs.h"

#define CHANGES_NAME "CHANGES"
#define CHANGES_MAX  (64u << 20) /* bytes that are read of it */
#define PATH_CAP     4096

struct publish_options {
    char *dir;
    const char *key, *passphrase_file, *name, *now;
    uint64_t now_s;
};

struct entry {
    char *path;
    uint8_t digest[MUSTER_HASH_LEN];
    char model[NAMES_TEXT_CAP], id[MUSTER_ID_MAX + 1]; /* "-" if there are several or none */
};

struct publish {
    const struct publish_options *o;
    struct problems problems;
    struct folder folder;
    struct entry *entries;
    size_t n, cap;
    struct manifest before; /* all zero if there is none */
    size_t counts[3];
};

enum { ADDED = 0, CHANGED = 1, REMOVED = 2 };

static int grow(struct publish *p)
{
    size_t cap = p->cap == 0 ? 64 : p->cap * 2;
    struct entry *grown;

    if (p->n < p->cap)
        return 0;
    grown = reallocarray(p->entries, cap, sizeof *grown);
    if (grown == NULL)
        return cli_error("out of memory");
    p->entries = grown;
    p->cap = cap;
    return 0;
}

static int add_entry(struct publish *p, const char *inner, const uint8_t *bytes, size_t len,
                     size_t sources_before)
{
    struct entry e = {.model = "-", .id = "-"};
    const struct source *s = p->folder.sources + sources_before;

    if (p->folder.n == sources_before + 1) {
        (void)names_text(e.model, s->name_key);
        (void)snprintf(e.id, sizeof e.id, "%s", s->id);
    }
    muster_crypto_hash(e.digest, bytes, len);
    e.path = strdup(inner);
    if (e.path == NULL)
        return cli_error("out of memory");
    if (grow(p) != 0) {
        free(e.path);
        return -1;
    }
    p->entries[p->n++] = e;
    return 0;
}

/* What is listed is what was checked: the same bytes. */
static int take_file(void *ctx, const char *path, const char *inner, unsigned layer,
                     struct problems *problems)
{
    struct publish *p = ctx;
    size_t len, sources_before = p->folder.n;
    uint8_t *bytes;
    int ret;

    if (!manifest_path_is_legal(inner)) {
        problem_add(problems, RULE_MANIFEST, (struct problem_at){path, 0, NULL},
                    "a path in a manifest is at most %d printable ASCII characters; rename it",
                    MANIFEST_PATH_MAX);
        return 0;
    }
    if (source_bytes(path, problems, &bytes, &len) != 0)
        return 0;
    ret = folder_take(&p->folder, layer, path, inner, bytes, len, problems);
    if (ret == 0)
        ret = add_entry(p, inner, bytes, len, sources_before);
    free(bytes);
    return ret;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const struct entry *)a)->path, ((const struct entry *)b)->path);
}

static const char *inside(char out[PATH_CAP], const struct publish *p, const char *name)
{
    (void)snprintf(out, PATH_CAP, "%.3900s/%s", p->o->dir, name);
    return out;
}

/* The last manifest, whoever signed it; it only serves to tell what changed. */
static int read_before(struct publish *p)
{
    char path[PATH_CAP], err[512];
    uint8_t *bytes;
    size_t len, line;
    int ret = file_read(inside(path, p, MANIFEST_NAME), MANIFEST_MAX, &bytes, &len);

    if (ret == -ENOENT)
        return 0;
    if (ret != 0)
        return cli_error("%s: %s", SAFE(path), strerror(-ret));
    if (manifest_parse((char *)bytes, len, &p->before, &line, err, sizeof err) == 0)
        return 0;
    return cli_error("%s:%zu: %s; remove the file if it is no manifest", SAFE(path), line, err);
}

static void tell_change(struct publish *p, FILE *out, int change, const char *path,
                        const char *model, const char *id)
{
    static const char *const words[] = {"added", "changed", "removed"};

    p->counts[change]++;
    if (strcmp(model, "-") == 0)
        fprintf(out, "  %-8s %s\n", words[change], SAFE(path));
    else
        fprintf(out, "  %-8s %s %s (%s)\n", words[change], SAFE(model), SAFE(id), SAFE(path));
}

static void tell_changes(struct publish *p, FILE *out)
{
    char time_text[CLOCK_TEXT_CAP];
    struct manifest_file *file;
    size_t i;

    fprintf(out, "%s%s%s\n", clock_format(time_text, p->o->now_s), p->o->name[0] != '\0' ? " " : "",
            p->o->name);
    for (i = 0; i < p->n; i++) {
        const struct entry *e = &p->entries[i];

        file = manifest_find(&p->before, e->path);
        if (file == NULL)
            tell_change(p, out, ADDED, e->path, e->model, e->id);
        else if (memcmp(file->digest, e->digest, MUSTER_HASH_LEN) != 0)
            tell_change(p, out, CHANGED, e->path, e->model, e->id);
        if (file != NULL)
            file->seen = true;
    }
    for (i = 0; i < p->before.n; i++)
        if (!p->before.files[i].seen)
            tell_change(p, out, REMOVED, p->before.files[i].path, p->before.files[i].model,
                        p->before.files[i].id);
    fputc('\n', out);
}

static void print_manifest(const struct publish *p, FILE *out)
{
    char hex[2 * MUSTER_HASH_LEN + 1], time_text[CLOCK_TEXT_CAP];
    size_t i;

    fprintf(out, "muster manifest 1\nname %s\ntime %s\n", p->o->name,
            clock_format(time_text, p->o->now_s));
    for (i = 0; i < p->n; i++)
        fprintf(out, "%s\t%s\t%s\t%s\n", hex_encode(hex, p->entries[i].digest, MUSTER_HASH_LEN),
                p->entries[i].path, p->entries[i].model, p->entries[i].id);
}

static int write_file(const struct publish *p, const char *name, const char *text, size_t len)
{
    char path[PATH_CAP];
    int ret = file_write_atomic(inside(path, p, name), text, len, 0644);

    return ret == 0 ? 0 : cli_error("%s: %s", SAFE(path), strerror(-ret));
}

/* The changes before what CHANGES held. */
static int write_changes(const struct publish *p, const char *changes, size_t changes_len)
{
    char path[PATH_CAP], *whole;
    uint8_t *old = NULL;
    size_t old_len = 0;
    int ret = file_read(inside(path, p, CHANGES_NAME), CHANGES_MAX, &old, &old_len);

    if (ret != 0 && ret != -ENOENT)
        return cli_error("%s: %s", SAFE(path), strerror(-ret));
    whole = malloc(changes_len + old_len);
    if (whole == NULL) {
        ret = cli_error("out of memory");
    } else {
        memcpy(whole, changes, changes_len);
        if (old_len > 0)
            memcpy(whole + changes_len, old, old_len);
        ret = write_file(p, CHANGES_NAME, whole, changes_len + old_len);
    }
    free(whole);
    free(old);
    return ret;
}

/* A folder may change hands, but its readers must hear of it. */
static void warn_of_others(const struct publish *p, const char *key_hex)
{
    char path[PATH_CAP];
    uint8_t *line;
    size_t len;

    if (file_read(inside(path, p, MANIFEST_SIG_NAME), MANIFEST_SIG_CAP, &line, &len) != 0)
        return;
    if (strstr((const char *)line, key_hex) == NULL)
        log_warn("%s: another key published this folder before; whoever names that one as "
                 "--publisher refuses the folder now, until he is given this one",
                 SAFE(p->o->dir));
    free(line);
}

static int sign_manifest(const struct publish *p, const struct muster_signing *signing,
                         const uint8_t digest[MUSTER_HASH_LEN])
{
    uint8_t message[MANIFEST_MESSAGE_LEN], signature[MUSTER_SIGNATURE_LEN];
    char line[MANIFEST_SIG_CAP], key_hex[65], signature_hex[129];

    manifest_message(digest, message);
    if (signing->sign(signing->secret, signature, message, sizeof message) != 0)
        return cli_error("the key does not sign; nothing was written");
    (void)snprintf(line, sizeof line, "%s%s %s\n", MANIFEST_SIG_HEAD,
                   hex_encode(key_hex, signing->key, MUSTER_KEY_LEN),
                   hex_encode(signature_hex, signature, sizeof signature));
    warn_of_others(p, key_hex);
    return write_file(p, MANIFEST_SIG_NAME, line, strlen(line));
}

/* The signature comes first: between the two, and after a crash there, the folder verifies for
 * nobody, and publishing again mends it. */
static int write_all(struct publish *p, const struct muster_signing *signing, const char *manifest,
                     size_t manifest_len, const char *changes, size_t changes_len)
{
    char hex[2 * MUSTER_HASH_LEN + 1];
    uint8_t digest[MUSTER_HASH_LEN];
    bool changed = p->counts[ADDED] + p->counts[CHANGED] + p->counts[REMOVED] > 0;

    muster_crypto_hash(digest, (const uint8_t *)manifest, manifest_len);
    if (sign_manifest(p, signing, digest) != 0 ||
        write_file(p, MANIFEST_NAME, manifest, manifest_len) != 0 ||
        (changed && write_changes(p, changes, changes_len) != 0))
        return STATUS_ERROR;
    printf("files %zu: added %zu, changed %zu, removed %zu\n", p->n, p->counts[ADDED],
           p->counts[CHANGED], p->counts[REMOVED]);
    printf("digest %s\n", hex_encode(hex, digest, sizeof digest));
    return STATUS_OK;
}

static int make_and_write(struct publish *p, const struct muster_signing *signing)
{
    char *manifest = NULL, *changes = NULL;
    size_t manifest_len, changes_len;
    FILE *manifest_out = open_memstream(&manifest, &manifest_len);
    FILE *changes_out = open_memstream(&changes, &changes_len);
    bool bad = manifest_out == NULL || changes_out == NULL;
    int status = STATUS_ERROR;

    if (!bad) {
        print_manifest(p, manifest_out);
        tell_changes(p, changes_out);
        bad = ferror(manifest_out) != 0 || ferror(changes_out) != 0;
    }
    if (manifest_out != NULL)
        bad |= fclose(manifest_out) != 0;
    if (changes_out != NULL)
        bad |= fclose(changes_out) != 0;
    if (bad)
        (void)cli_error("out of memory");
    else
        status = write_all(p, signing, manifest, manifest_len, changes, changes_len);
    free(manifest);
    free(changes);
    return status;
}

static int publish_with(struct publish *p, const struct muster_signing *signing)
{
    if (folder_walk(&p->o->dir, 1, &p->problems, take_file, p) != 0 || read_before(p) != 0)
        return STATUS_ERROR;
    if (p->n > 0)
        qsort(p->entries, p->n, sizeof *p->entries, by_path);
    folder_sort(&p->folder, &p->problems);
    if (check_folder(&p->folder, &p->problems) != 0)
        return STATUS_ERROR;
    if (p->problems.n > 0) {
        log_error("%zu problem%s; nothing was published", p->problems.n,
                  p->problems.n == 1 ? "" : "s");
        return STATUS_FOUND;
    }
    if (p->folder.files_n == 0)
        return cli_error("%s: no *.json there; nothing was published", SAFE(p->o->dir));
    return make_and_write(p, signing);
}

static int publish(const struct publish_options *o)
{
    struct publish p = {.o = o, .problems = {.out = stderr, .warns = true, .now_s = o->now_s}};
    struct signing signing;
    size_t i;
    int status;

    if (signing_load(o->key, o->passphrase_file, &signing) != 0)
        return STATUS_ERROR;
    status = publish_with(&p, &signing.seam);
    signing_end(&signing);
    folder_free(&p.folder);
    manifest_free(&p.before);
    for (i = 0; i < p.n; i++)
        free(p.entries[i].path);
    free(p.entries);
    return status;
}

static bool is_title(const char *text)
{
    size_t i, len = strlen(text);

    for (i = 0; i < len; i++)
        if (text[i] < 0x20 || text[i] > 0x7e)
            return false;
    return len <= MANIFEST_TITLE_MAX;
}

static int parse_option(int option, struct publish_options *o)
{
    switch (option) {
    case 'k':
        o->key = optarg;
        return 0;
    case 'p':
        o->passphrase_file = optarg;
        return 0;
    case 'a':
        o->name = optarg;
        return 0;
    case 'n':
        o->now = optarg;
        return 0;
    default:
        return cli_usage(&verb_publish, NULL);
    }
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"key", required_argument, NULL, 'k'},
                                            {"passphrase-file", required_argument, NULL, 'p'},
                                            {"name", required_argument, NULL, 'a'},
                                            {"now", required_argument, NULL, 'n'},
                                            {NULL, 0, NULL, 0}};
    struct publish_options o = {.name = ""};
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
        if (parse_option(option, &o) != 0)
            return STATUS_ERROR;
    if (argc - optind != 1 || o.key == NULL)
        return cli_usage(&verb_publish, "one DIR and --key KEY are needed");
    if (!is_title(o.name))
        return cli_error("--name is at most %d printable ASCII characters", MANIFEST_TITLE_MAX);
    o.dir = argv[optind];
    return cli_now(o.now, &o.now_s) != 0 ? STATUS_ERROR : publish(&o);
}

const struct verb verb_publish = {
    "publish", run, "make a folder of advisories ready to hand out", "DIR --key KEY [OPTION...]",
    "  --key KEY               the publisher's secret key: a file, or pkcs11:URI in a token\n"
    "  --passphrase-file FILE  its passphrase (else MUSTER_PASSPHRASE, else the terminal)\n"
    "  --name TEXT             who publishes, at most 64 characters\n"
    "  --now TIME              publish as at this time\n"
    "\n"
    "Checks the folder, writes muster.manifest (every source with its digest) and\n"
    "muster.manifest.sig into it, puts what was added, changed and removed on top of CHANGES, and\n"
    "prints the manifest's digest. Whoever has the folder and the public key then says\n"
    "muster sign DIR OWN --publisher PUB. Exit status 1: problems; nothing was written.\n"};
