/* SPDX-License-Identifier: ISC */
/* muster show: whatever it is, told in full. It must not believe any of it. */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "host/anchorfile.h"
#include "host/clock.h"
#include "host/file.h"
#include "host/hex.h"
#include "host/listcheck.h"
#include "host/parallel.h"
#include "tool/describe.h"
#include "tool/key_show.h"
#include "tool/list_file.h"
#include "tool/names.h"
#include "tool/verbs.h"

#define INPUT_MAX    (UINT64_C(1) << 32)
#define MODELS_SHOWN 20

struct shown {
    const char *path;
    uint8_t *bytes;
    size_t len;
    size_t models_max;
};

static bool begins(const struct shown *s, const char *text)
{
    size_t len = strlen(text);

    return s->len >= len && memcmp(s->bytes, text, len) == 0;
}

static int show_list(struct out *out, const struct shown *s)
{
    struct muster_list list;
    int error = muster_list_open((struct muster_slice){s->bytes, s->len}, &list);

    if (error == MUSTER_OK)
        error = listcheck_verify(&list, parallel_processors());
    if (error == MUSTER_OK)
        return describe_list(out, &list, s->models_max) == 0 ? STATUS_OK : STATUS_FOUND;
    (void)cli_error("%s: a list that cannot be used: %s", SAFE(s->path),
                    error == MUSTER_E_SIGNATURE ? "its signature does not verify"
                                                : "cut short or changed");
    return STATUS_FOUND;
}

static int show_datagram(struct out *out, const struct shown *s, int type)
{
    struct muster_report report;
    struct muster_inquiry inquiry;
    struct muster_reply reply;
    int error = MUSTER_E_SHAPE, sound = 0;

    if (type == MUSTER_REPORT &&
        (error = muster_report_parse(s->bytes, s->len, &report)) == MUSTER_OK)
        describe_report(out, &report);
    else if (type == MUSTER_INQUIRY &&
             (error = muster_inquiry_parse(s->bytes, s->len, &inquiry)) == MUSTER_OK)
        describe_inquiry(out, &inquiry);
    else if (type == MUSTER_REPLY &&
             (error = muster_reply_parse(s->bytes, s->len, &reply)) == MUSTER_OK)
        sound = describe_reply(out, &reply);
    if (error == MUSTER_OK)
        return sound == 0 ? STATUS_OK : STATUS_FOUND;
    (void)cli_error("%s: a malformed %s of %zu bytes (%s); head-ends and devices drop it",
                    SAFE(s->path),
                    type == MUSTER_REPORT    ? "report"
                    : type == MUSTER_INQUIRY ? "inquiry"
                                             : "reply",
                    s->len, muster_error_name(error));
    return STATUS_FOUND;
}

static int show_key(struct out *out, const struct shown *s)
{
    uint8_t key[MUSTER_KEY_LEN];

    if (key_show_load(s->path, NULL, key) != 0)
        return STATUS_ERROR;
    out_open_object(out, NULL, "key");
    if (out->as_json)
        out_text(out, "type", "key");
    out_hex(out, "public_key", key, sizeof key);
    out_close_object(out);
    return STATUS_OK;
}

static int show_anchor(struct out *out, const struct shown *s)
{
    struct anchorfile anchor;
    char err[1024], text[ADDR_TEXT_CAP];
    size_t i;

    if (anchorfile_read(s->path, &anchor, err, sizeof err) != 0) {
        (void)cli_error("%s", err);
        return STATUS_FOUND;
    }
    out_open_object(out, NULL, "anchor");
    if (out->as_json)
        out_text(out, "type", "anchor");
    out_text(out, "name", anchor.name);
    out_hex(out, "key", anchor.key, sizeof anchor.key);
    if (anchor.has_next)
        out_hex(out, "next", anchor.next, sizeof anchor.next);
    out_bool(out, "drill", anchor.drill);
    out_open_array(out, "services");
    for (i = 0; i < anchor.services_n; i++)
        out_text(out, out->as_json ? NULL : "service", addr_format(&anchor.services[i], text));
    out_close_array(out);
    out_close_object(out);
    return STATUS_OK;
}

static int show_bytes(struct out *out, const struct shown *s)
{
    struct muster_slice raw = {s->bytes, s->len};
    int type = muster_message_type(s->bytes, s->len);

    if (begins(s, MUSTER_LIST_MAGIC))
        return show_list(out, s);
    if (type != 0)
        return show_datagram(out, s, type);
    if (s->len > 0 && s->bytes[0] == 0xd2)
        return describe_record(out, NULL, raw) == 0 ? STATUS_OK : STATUS_FOUND;
    (void)cli_error("%s: %zu bytes that are no list, record, datagram, anchor or key",
                    SAFE(s->path), s->len);
    return STATUS_FOUND;
}

/* Digits and blanks become the bytes that they stand for; whatever else stays as it is. */
static void decode_hex(struct shown *s)
{
    ssize_t len = hex_decode_loose((const char *)s->bytes, s->len, s->bytes, s->len);

    if (len > 0)
        s->len = (size_t)len;
}

static bool is_text_of(const struct shown *s, const char *word)
{
    return memchr(s->bytes, 0, s->len) == NULL && strstr((const char *)s->bytes, word) != NULL;
}

static bool is_hex(const struct shown *s)
{
    size_t span = strspn((const char *)s->bytes, "0123456789abcdefABCDEFxX \t\r\n");

    return s->len > 1 && span == s->len;
}

static int show(struct out *out, struct shown *s)
{
    if (begins(s, "muster public key ") || begins(s, "muster secret key "))
        return show_key(out, s);
    if (s->len < 65536 && !begins(s, MUSTER_LIST_MAGIC) && is_text_of(s, "[authority]"))
        return show_anchor(out, s);
    if (is_hex(s))
        decode_hex(s);
    return show_bytes(out, s);
}

static int show_path(struct shown *s, bool as_json)
{
    struct out out;
    int ret = file_read(s->path, INPUT_MAX, &s->bytes, &s->len), status;

    if (ret != 0)
        return cli_error("%s: %s", SAFE(s->path), strerror(-ret));
    out_init(&out, as_json, clock_wall_s());
    status = show(&out, s);
    free(s->bytes);
    return status;
}

/* One model of a list, of which only what the look-up touches is read. */
static int show_model(const char *path, const char *name, bool as_json)
{
    struct muster_slice vendor, model;
    struct muster_list_entry entry;
    struct muster_record record;
    struct list_file file;
    struct out out;
    int status;

    if (names_parse(name, &vendor, &model) != 0)
        return cli_error("--model '%s' must be VENDOR/MODEL, each 1 to 64 characters of a-z 0-9 . "
                         "_ + -",
                         SAFE(name));
    if (list_file_open_header(path, &file) != 0)
        return STATUS_ERROR;
    out_init(&out, as_json, clock_wall_s());
    status = list_file_find(&file, path, vendor, model, &entry, &record);
    if (status == STATUS_OK)
        status = describe_record(&out, NULL, entry.record) == 0 ? STATUS_OK : STATUS_FOUND;
    else if (status == STATUS_FOUND)
        (void)cli_error("%s: has nothing on %s", SAFE(path), SAFE(name));
    list_file_close(&file);
    return status;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"json", no_argument, NULL, 'j'},
                                            {"all", no_argument, NULL, 'a'},
                                            {"model", required_argument, NULL, 'm'},
                                            {NULL, 0, NULL, 0}};
    struct shown s = {.models_max = MODELS_SHOWN};
    const char *model = NULL;
    bool as_json = false;
    int option;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (option == '?')
            return cli_usage(&verb_show, NULL);
        if (option == 'j')
            as_json = true;
        else if (option == 'm')
            model = optarg;
        else
            s.models_max = SIZE_MAX;
    }
    if (argc - optind != 1)
        return cli_usage(&verb_show, "one FILE is needed, or - for standard input");
    s.path = argv[optind];
    return model != NULL ? show_model(s.path, model, as_json) : show_path(&s, as_json);
}

const struct verb verb_show = {
    "show", run, "tell what a list, record, datagram, anchor or key says",
    "FILE|- [--json] [--all] [--model VENDOR/MODEL]",
    "  --json                as JSON; times are Unix seconds\n"
    "  --all                 every model of a list, not only the first 20\n"
    "  --model VENDOR/MODEL  this one model of a list, at once however long the list is\n"
    "\n"
    "What it is, is found out from the bytes; lists, records and datagrams may be binary or hex.\n"
    "Keys and anchors must be files. Signatures are checked under the key that each record names:\n"
    "that proves who signed, not that anybody vouches for the signer (muster ask --anchor).\n"
    "Exit status 1: it is malformed, or a signature does not verify.\n"};
