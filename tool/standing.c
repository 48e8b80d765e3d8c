/* SPDX-License-Identifier: ISC */
/* muster standing: an authority's signed word on one signer. It must not judge the signer. */
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/clock.h"
#include "host/file.h"
#include "host/keyfile.h"
#include "muster/message.h"
#include "muster/record.h"
#include "tool/replace.h"
#include "tool/standing_write.h"
#include "tool/verbs.h"

#define DAYS_MAX (MUSTER_STANDING_LIFE_S / MUSTER_DAY_S)

struct standing_options {
    const char *anchor, *passphrase_file, *signer, *now, *out, *renew;
    struct muster_standing standing; /* times are filled in later */
    uint8_t signer_key[MUSTER_KEY_LEN];
    bool has_level;
    uint64_t days; /* 0: not said */
};

static int parse_level(const char *word, struct standing_options *o)
{
    enum muster_level level;

    for (level = MUSTER_REVOKED; level <= MUSTER_GOOD; level++)
        if (strcmp(word, muster_level_name(level)) == 0) {
            o->standing.level = level;
            o->has_level = true;
            return 0;
        }
    return cli_error("--level '%s' is none; write good, suspended or revoked", SAFE(word));
}

static int parse_floor(const char *text, struct standing_options *o)
{
    if (clock_parse(text, &o->standing.floor) == 0 && o->standing.floor <= MUSTER_TIME_MAX)
        return 0;
    return cli_error("--floor '%s' is no time; write Unix seconds or 2026-01-31T12:00:00Z",
                     SAFE(text));
}

static int parse_vendor(const char *vendor, struct standing_options *o)
{
    struct muster_standing *s = &o->standing;

    if (!muster_name_is_legal(muster_slice_of(vendor)))
        return cli_error("--vendor '%s' must be 1 to 64 characters of a-z 0-9 . _ + -",
                         SAFE(vendor));
    if (s->scope_n == MUSTER_SCOPE_MAX)
        return cli_error(
            "more than %d --vendor; leave all of them out if the signer may speak of any",
            MUSTER_SCOPE_MAX);
    s->scope[s->scope_n++] = muster_slice_of(vendor);
    return 0;
}

static int parse_name(const char *name, struct standing_options *o)
{
    struct muster_slice text = muster_slice_of(name);

    if (!muster_build_is_legal(text) || text.len > MUSTER_SIGNER_NAME_MAX)
        return cli_error("--name must be 1 to %d printable ASCII characters",
                         MUSTER_SIGNER_NAME_MAX);
    o->standing.name = text;
    return 0;
}

static int parse_option(int option, struct standing_options *o)
{
    switch (option) {
    case 'k':
        o->anchor = optarg;
        return 0;
    case 'p':
        o->passphrase_file = optarg;
        return 0;
    case 's':
        o->signer = optarg;
        return 0;
    case 'w':
        o->now = optarg;
        return 0;
    case 'o':
        o->out = optarg;
        return 0;
    case 'r':
        o->renew = optarg;
        return 0;
    case 'n':
        return parse_name(optarg, o);
    case 'l':
        return parse_level(optarg, o);
    case 'f':
        return parse_floor(optarg, o);
    case 'v':
        return parse_vendor(optarg, o);
    case 'd':
        return cli_u64("--days", optarg, 1, DAYS_MAX, &o->days);
    default:
        return cli_usage(&verb_standing, NULL);
    }
}

static int parse(int argc, char **argv, struct standing_options *o)
{
    static const struct option options[] = {
        {"key", required_argument, NULL, 'k'},    {"passphrase-file", required_argument, NULL, 'p'},
        {"signer", required_argument, NULL, 's'}, {"name", required_argument, NULL, 'n'},
        {"level", required_argument, NULL, 'l'},  {"floor", required_argument, NULL, 'f'},
        {"days", required_argument, NULL, 'd'},   {"vendor", required_argument, NULL, 'v'},
        {"now", required_argument, NULL, 'w'},    {"out", required_argument, NULL, 'o'},
        {"renew", required_argument, NULL, 'r'},  {NULL, 0, NULL, 0}};
    int option;

    while ((option = getopt_long(argc, argv, "o:", options, NULL)) != -1)
        if (parse_option(option, o) != 0)
            return STATUS_ERROR;
    if (argc != optind)
        return cli_usage(&verb_standing, "'%s' is too much", SAFE(argv[optind]));
    if (o->renew != NULL &&
        (o->anchor == NULL || o->signer != NULL || o->standing.name.len > 0 || o->has_level ||
         o->standing.floor > 0 || o->standing.scope_n > 0 || o->out != NULL))
        return cli_usage(&verb_standing, "--renew DIR says the same again: with --key, and with "
                                         "--days and --now if need be, alone");
    if (o->renew != NULL)
        return 0;
    if (o->anchor == NULL || o->signer == NULL || o->standing.name.len == 0 || !o->has_level ||
        o->out == NULL)
        return cli_usage(&verb_standing, "--key, --signer, --name, --level and -o are needed");
    return 0;
}

/* What there is to say against a word that is there already; an authority's next key goes over what
 * its last one said. */
static int follow(const struct standing_options *o, const struct signing *signing,
                  const struct muster_record *old, uint64_t *io_issued)
{
    const struct muster_standing *s = &old->u.standing;

    if (memcmp(s->key, o->standing.key, MUSTER_KEY_LEN) != 0)
        return cli_error("%s: holds a word on another signer, %s; choose another name",
                         SAFE(o->out), SAFE_SLICE(s->name));
    if (memcmp(old->key, signing->seam.key, MUSTER_KEY_LEN) != 0)
        return 0;
    if (s->level == MUSTER_REVOKED && o->standing.level != MUSTER_REVOKED)
        return cli_error("%s: this signer is revoked, and devices never forget that; the signer "
                         "needs a new key",
                         SAFE(o->out));
    if (s->issued > *io_issued + MUSTER_DAY_S)
        log_warn(
            "%s: was issued more than a day ahead of now, and this word is issued later still; "
            "devices refuse both: check the clock",
            SAFE(o->out));
    if (s->issued >= *io_issued)
        *io_issued = s->issued + 1;
    return 0;
}

/* If the file to be replaced is this authority's word on this signer, the new one must be newer. */
static int follow_old(const struct standing_options *o, const struct signing *signing,
                      uint64_t *io_issued)
{
    struct muster_record r;
    uint8_t *bytes;
    size_t len;
    int ret = 0;

    if (file_read(o->out, MUSTER_STANDING_MAX, &bytes, &len) != 0)
        return 0;
    if (muster_record_parse((struct muster_slice){bytes, len}, &r) == MUSTER_OK &&
        r.kind == MUSTER_STANDING)
        ret = follow(o, signing, &r, io_issued);
    free(bytes);
    return ret;
}

static int set_times(struct standing_options *o, const struct signing *signing)
{
    struct muster_standing *s = &o->standing;

    if (cli_now(o->now, &s->issued) != 0 || follow_old(o, signing, &s->issued) != 0)
        return STATUS_ERROR;
    s->expires = s->issued + (o->days > 0 ? o->days : DAYS_MAX) * MUSTER_DAY_S;
    if (s->expires > MUSTER_TIME_MAX)
        return cli_error("the standing would end after 2^53 s; check the clock and --now");
    if (s->floor > s->issued)
        return cli_error(
            "--floor lies after the standing's issue; it voids advisories issued before it, so "
            "it may be now at the latest");
    return 0;
}

static int write_standing(const struct standing_options *o, const struct signing *signing)
{
    char text[CLOCK_TEXT_CAP];

    if (standing_write(&o->standing, signing, o->out) != 0)
        return STATUS_ERROR;
    printf("%s: %s is %s until %s\n", SAFE(o->out), SAFE_SLICE(o->standing.name),
           muster_level_name(o->standing.level), clock_format(text, o->standing.expires));
    return STATUS_OK;
}

static int renew(const struct standing_options *o)
{
    struct signing signing;
    uint64_t now_s;
    int status;

    if (cli_now(o->now, &now_s) != 0)
        return STATUS_ERROR;
    if (now_s > MUSTER_TIME_MAX - MUSTER_STANDING_LIFE_S)
        return cli_error("standings would end after 2^53 s; check the clock and --now");
    if (signing_load(o->anchor, o->passphrase_file, &signing) != 0)
        return STATUS_ERROR;
    status = standing_renew(o->renew, &signing, now_s, o->days * MUSTER_DAY_S);
    signing_end(&signing);
    return status;
}

static int sign_standing(struct standing_options *o)
{
    struct signing signing;
    char err[1024];
    int status = STATUS_ERROR;

    if (o->renew != NULL)
        return renew(o);
    if (keyfile_load_public(o->signer, o->signer_key, err, sizeof err) != 0)
        return cli_error("%s", err);
    o->standing.key = o->signer_key;
    if (replace_check(o->out, REPLACE_STANDING) != 0 ||
        signing_load(o->anchor, o->passphrase_file, &signing) != 0)
        return STATUS_ERROR;
    if (set_times(o, &signing) == 0)
        status = write_standing(o, &signing);
    signing_end(&signing);
    return status;
}

static int run(int argc, char **argv)
{
    struct standing_options o = {.days = 0};

    return parse(argc, argv, &o) == 0 ? sign_standing(&o) : STATUS_ERROR;
}

const struct verb verb_standing = {
    "standing", run, "an authority's signed word on a signer",
    "--key KEY --signer PUB --name N --level LEVEL [OPTION...] -o FILE\n"
    "       muster standing --renew DIR --key KEY [--days N] [--now TIME]",
    "  --key KEY               the authority's secret key: a file, or pkcs11:URI in a token\n"
    "  --passphrase-file FILE  its passphrase (else MUSTER_PASSPHRASE, else the terminal)\n"
    "  --signer PUB            the signer's public key: its .pub file or 64 hex digits\n"
    "  --name N                what owners know the signer as, 1 to 32 characters\n"
    "  --level LEVEL           good, suspended, or revoked (for good)\n"
    "  --floor TIME            advisories issued before this are void (Unix seconds or RFC 3339)\n"
    "  --days N                life, 1 to 14 (default 14; with --renew as long as before)\n"
    "  --vendor V              the signer may speak of this vendor alone; at most twice\n"
    "  --now TIME              sign as at this time; else SOURCE_DATE_EPOCH, else the clock\n"
    "  --renew DIR             say again what the *.standing of this key in DIR say, of those with "
    "less\n"
    "                          than half of their life left; prints a table. Exit status 1: some "
    "file\n"
    "                          is broken; the others were renewed\n"
    "  -o, --out FILE          the record; if it replaces this authority's word on this signer, "
    "its\n"
    "                          time of issue rises\n"};
