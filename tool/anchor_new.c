/* SPDX-License-Identifier: ISC */
/* muster anchor new: the anchor file that firmware carries for one authority. */
#include <getopt.h>
#include <stdio.h>

#include "host/anchorfile.h"
#include "host/keyfile.h"
#include "muster/config.h"
#include "tool/verbs.h"

static int parse_key(const char *text, uint8_t ret_key[KEYFILE_KEY_LEN])
{
    char err[1024];

    return keyfile_load_public(text, ret_key, err, sizeof err) == 0 ? 0 : cli_error("%s", err);
}

static int parse_service(const char *text, struct anchorfile *a)
{
    if (a->services_n == ANCHORFILE_SERVICES_MAX)
        return cli_error("more than %d --service", ANCHORFILE_SERVICES_MAX);
    if (addr_parse(text, MUSTER_PORT, &a->services[a->services_n]) != 0 ||
        !addr_is_unicast_host(&a->services[a->services_n]))
        return cli_error("--service '%s' is no host's address; write 192.0.2.7, 192.0.2.7:6878 or "
                         "[2001:db8::7]:6878",
                         SAFE(text));
    a->services_n++;
    return 0;
}

static int parse_name(const char *name, struct anchorfile *a)
{
    if (*name == '\0' || strlen(name) >= sizeof a->name)
        return cli_error("--name must be 1 to %d characters", ANCHORFILE_NAME_CAP - 1);
    (void)snprintf(a->name, sizeof a->name, "%s", name);
    return 0;
}

static int parse_option(int option, struct anchorfile *a, const char **out, bool *has_key)
{
    switch (option) {
    case 'o':
        *out = optarg;
        return 0;
    case 'n':
        return parse_name(optarg, a);
    case 'k':
        *has_key = true;
        return parse_key(optarg, a->key);
    case 'x':
        a->has_next = true;
        return parse_key(optarg, a->next);
    case 's':
        return parse_service(optarg, a);
    case 'd':
        a->drill = true;
        return 0;
    default:
        return cli_usage(&verb_anchor_new, NULL);
    }
}

static int write_anchor(const char *path, const struct anchorfile *anchor)
{
    char err[1024];

    if (anchorfile_write(path, anchor, err, sizeof err) != 0)
        return cli_error("%s", err);
    printf("%s: anchor of %s; devices keep it in /etc/muster/anchors/\n", SAFE(path),
           SAFE(anchor->name));
    return STATUS_OK;
}

static int run(int argc, char **argv)
{
    static const struct option options[] = {{"out", required_argument, NULL, 'o'},
                                            {"name", required_argument, NULL, 'n'},
                                            {"key", required_argument, NULL, 'k'},
                                            {"next", required_argument, NULL, 'x'},
                                            {"service", required_argument, NULL, 's'},
                                            {"drill", no_argument, NULL, 'd'},
                                            {NULL, 0, NULL, 0}};
    struct anchorfile anchor = {.name = ""};
    const char *out = NULL;
    bool has_key = false;
    int option;

    while ((option = getopt_long(argc, argv, "o:", options, NULL)) != -1)
        if (parse_option(option, &anchor, &out, &has_key) != 0)
            return STATUS_ERROR;
    if (argc != optind)
        return cli_usage(&verb_anchor_new, "'%s' is too much", SAFE(argv[optind]));
    if (out == NULL || anchor.name[0] == '\0' || !has_key)
        return cli_usage(&verb_anchor_new, "-o, --name and --key are needed");
    return write_anchor(out, &anchor);
}

const struct verb verb_anchor_new = {
    "anchor new", run, "an anchor file: an authority as firmware knows it",
    "-o FILE --name NAME --key PUB [--next PUB] [--service ADDR[:PORT]]...",
    "  -o, --out FILE          the file to write; it must not exist\n"
    "  --name NAME             the authority's name, 1 to 32 characters\n"
    "  --key PUB               its current public key: a .pub file or 64 hex digits\n"
    "  --next PUB              the key that will follow it, kept elsewhere\n"
    "  --service ADDR[:PORT]   where it answers inquiries; at most four times\n"
    "  --drill                 it speaks for drills alone\n"};
