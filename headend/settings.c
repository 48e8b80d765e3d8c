/* SPDX-License-Identifier: ISC */
/* musterd.ini and its overrides. It must not open a socket, a list or a standing: that a file is
 * named does not make it good. */
#include "headend/settings.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "host/config.h"
#include "host/keyfile.h"

struct reader {
    struct settings *settings;
    bool overriding;
    unsigned seen; /* bit per row of `rows`: set in the file, or since the overrides began */
};

typedef int set_fn(struct settings *settings, const char *value, char *err, size_t err_cap);

static const char *const mode_names[] = {"monitor", "notice", "enforce"};

static int refuse(char *err, size_t err_cap, const char *value, const char *why)
{
    (void)snprintf(err, err_cap, "'%.80s' %s", value, why);
    return -EINVAL;
}

static int full(char *err, size_t err_cap, const char *what, size_t max)
{
    (void)snprintf(err, err_cap, "more than %zu %s; leave some out", max, what);
    return -EINVAL;
}

static int keep(char **where, const char *value)
{
    char *copy = strdup(value);

    if (copy == NULL)
        return -ENOMEM;
    free(*where);
    *where = copy;
    return 0;
}

static bool is_wildcard(const struct addr *addr)
{
    static const uint8_t zeros[16];
    size_t len;
    const uint8_t *bytes = addr_bytes(addr, &len);

    return len > 0 && memcmp(bytes, zeros, len) == 0;
}

static int add_listen(struct settings *s, const struct addr *addr, bool optional, char *err,
                      size_t err_cap)
{
    if (s->listens_n == SETTINGS_MAX)
        return full(err, err_cap, "listen addresses", SETTINGS_MAX);
    s->listens[s->listens_n].addr = *addr;
    s->listens[s->listens_n++].optional = optional;
    return 0;
}

/* "*" is both wildcards: every socket takes one family only, so that addresses stay what they
 * are. */
static int set_listen(struct settings *s, const char *value, char *err, size_t err_cap)
{
    static const uint8_t any4[4];
    struct addr addr, addr4;
    bool both = value[0] == '*';

    if (addr_parse(value, MUSTER_PORT, &addr) != 0)
        return refuse(err, err_cap, value,
                      "is no address to listen on; write one like 192.0.2.1:6878, "
                      "[2001:db8::1]:6878 or *");
    if (!is_wildcard(&addr) && !addr_is_unicast_host(&addr))
        return refuse(err, err_cap, value, "is not one host's address; write a unicast address");
    if (both && (addr_from_bytes(any4, sizeof any4, addr_port(&addr), &addr4) != 0 ||
                 add_listen(s, &addr4, false, err, err_cap) != 0))
        return -EINVAL;
    return add_listen(s, &addr, both, err, err_cap);
}

static int set_mode(struct settings *s, const char *value, char *err, size_t err_cap)
{
    size_t i;

    for (i = 0; i < sizeof mode_names / sizeof mode_names[0]; i++)
        if (strcasecmp(value, mode_names[i]) == 0) {
            s->mode = (enum muster_mode)i;
            return 0;
        }
    return refuse(err, err_cap, value, "is no mode; write monitor, notice or enforce");
}

static int set_inquiries(struct settings *s, const char *value, char *err, size_t err_cap)
{
    return config_bool(value, &s->inquiries, err, err_cap);
}

static int set_user(struct settings *s, const char *value, char *err, size_t err_cap)
{
    if (*value == '\0')
        return refuse(err, err_cap, value, "is no user; write a name, or leave the line out");
    return keep(&s->user, value);
}

static int set_control(struct settings *s, const char *value, char *err, size_t err_cap)
{
    if (*value == '\0' || strlen(value) > 100)
        return refuse(err, err_cap, value,
                      "is no path for a socket; write one of at most 100 bytes, or none");
    return keep(&s->control, value);
}

static int add_path(char **paths, size_t *n, const char *what, const char *value, char *err,
                    size_t err_cap)
{
    size_t i;

    if (*value == '\0')
        return refuse(err, err_cap, value, "is no path; write one, or leave the line out");
    for (i = 0; i < *n; i++)
        if (strcmp(paths[i], value) == 0)
            return refuse(err, err_cap, value, "is named twice; leave one out");
    if (*n == SETTINGS_MAX)
        return full(err, err_cap, what, SETTINGS_MAX);
    paths[*n] = strdup(value);
    if (paths[*n] == NULL)
        return -ENOMEM;
    ++*n;
    return 0;
}

static int set_list(struct settings *s, const char *value, char *err, size_t err_cap)
{
    return add_path(s->lists, &s->lists_n, "lists", value, err, err_cap);
}

static int set_standing(struct settings *s, const char *value, char *err, size_t err_cap)
{
    return add_path(s->standings, &s->standings_n, "standing paths", value, err, err_cap);
}

static int set_signer(struct settings *s, const char *value, char *err, size_t err_cap)
{
    int ret;

    if (s->signers_n == SETTINGS_MAX)
        return full(err, err_cap, "signers", SETTINGS_MAX);
    ret = keyfile_load_public(value, s->signers[s->signers_n], err, err_cap);
    if (ret == 0)
        s->signers_n++;
    return ret;
}

static int set_approver(struct settings *s, const char *value, char *err, size_t err_cap)
{
    uint8_t key[MUSTER_KEY_LEN];
    size_t i;
    int ret;

    if (s->approvers_n == SETTINGS_MAX)
        return full(err, err_cap, "approvers", SETTINGS_MAX);
    ret = keyfile_load_public(value, key, err, err_cap);
    if (ret != 0)
        return ret;
    for (i = 0; i < s->approvers_n; i++)
        if (memcmp(s->approvers[i], key, MUSTER_KEY_LEN) == 0)
            return refuse(err, err_cap, value, "is named twice; leave one out");
    memcpy(s->approvers[s->approvers_n++], key, sizeof key);
    return 0;
}

static int set_approvals(struct settings *s, const char *value, char *err, size_t err_cap)
{
    if (value[0] < '0' || value[0] > '0' + MUSTER_LIST_APPROVALS_MAX || value[1] != '\0')
        return refuse(err, err_cap, value,
                      "is no number of approvals; write one from 0 (none needed) to 8");
    s->approvals = (unsigned)(value[0] - '0');
    return 0;
}

static int set_exempt(struct settings *s, const char *value, char *err, size_t err_cap)
{
    if (s->exempts_n == SETTINGS_EXEMPTS_MAX)
        return full(err, err_cap, "exempt prefixes", SETTINGS_EXEMPTS_MAX);
    if (prefix_parse(value, &s->exempts[s->exempts_n]) != 0)
        return refuse(err, err_cap, value,
                      "is no prefix; write one like 192.0.2.0/24 or 2001:db8::/32, with no bits "
                      "set below its length");
    s->exempts_n++;
    return 0;
}

static void free_paths(char **paths, size_t *n)
{
    while (*n > 0)
        free(paths[--*n]);
}

static void drop_listens(struct settings *s)
{
    s->listens_n = 0;
}

static void drop_lists(struct settings *s)
{
    free_paths(s->lists, &s->lists_n);
}

static void drop_standings(struct settings *s)
{
    free_paths(s->standings, &s->standings_n);
}

static const struct row {
    const char *section, *key;
    set_fn *set;
    bool repeats;
    void (*drop)(struct settings *settings); /* of those that repeat and can be overridden */
} rows[] = {
    {"server", "listen", set_listen, true, drop_listens},
    {"server", "mode", set_mode, false, NULL},
    {"server", "inquiries", set_inquiries, false, NULL},
    {"server", "user", set_user, false, NULL},
    {"server", "control", set_control, false, NULL},
    {"lists", "list", set_list, true, drop_lists},
    {"lists", "signer", set_signer, true, NULL},
    {"lists", "approver", set_approver, true, NULL},
    {"lists", "approvals", set_approvals, false, NULL},
    {"standings", "standing", set_standing, true, drop_standings},
    {"policy", "exempt", set_exempt, true, NULL},
};
#define ROWS_N (sizeof rows / sizeof rows[0])

static int blame_name(const char *section, const char *key, char *err, size_t err_cap)
{
    static const char *const sections[] = {"server", "lists", "standings", "policy", NULL};
    const char *known[ROWS_N + 1] = {NULL};
    size_t i, n = 0;

    for (i = 0; i < ROWS_N; i++)
        if (strcmp(rows[i].section, section) == 0)
            known[n++] = rows[i].key;
    if (n == 0)
        return config_unknown("section", section, sections, err, err_cap);
    return config_unknown("key", key, known, err, err_cap);
}

/* Each set once, or dropped before the first override of it. */
static int prepare(struct reader *reader, size_t row, char *err, size_t err_cap)
{
    bool seen = (reader->seen & 1u << row) != 0;

    reader->seen |= 1u << row;
    if (seen && !rows[row].repeats)
        return refuse(err, err_cap, rows[row].key, "is set twice; leave one out");
    if (!seen && reader->overriding && rows[row].drop != NULL)
        rows[row].drop(reader->settings);
    return 0;
}

static int set(void *ctx, const char *section, const char *key, const char *value, char *err,
               size_t err_cap)
{
    struct reader *reader = ctx;
    size_t i;
    int ret;

    for (i = 0; i < ROWS_N; i++) {
        if (strcmp(rows[i].section, section) != 0 || strcmp(rows[i].key, key) != 0)
            continue;
        ret = prepare(reader, i, err, err_cap);
        return ret != 0 ? ret : rows[i].set(reader->settings, value, err, err_cap);
    }
    return blame_name(section, key, err, err_cap);
}

static int override(struct reader *reader, const struct settings_override *o, char *err,
                    size_t err_cap)
{
    char why[CONFIG_ERR_CAP] = "out of memory";
    int ret = set(reader, o->section, o->key, o->value, why, sizeof why);

    if (ret != 0)
        (void)snprintf(err, err_cap, "--%s: %s", o->key, why);
    return ret;
}

/* Approvers that nobody asks would look like a rule that is in force. */
static int check_approvals(const struct settings *s, char *err, size_t err_cap)
{
    if (s->approvals > s->approvers_n)
        (void)snprintf(err, err_cap,
                       "approvals = %u with %zu approver(s): no list could have as many; name more "
                       "with `approver = FILE.pub`",
                       s->approvals, s->approvers_n);
    else if (s->approvers_n > 0 && s->approvals == 0)
        (void)snprintf(err, err_cap,
                       "approvers are named but no approvals are asked for; write how many of them "
                       "a list needs: `approvals = 1`");
    else
        return 0;
    return -EINVAL;
}

static int complete(struct settings *s, char *err, size_t err_cap)
{
    if (s->mode != MUSTER_MODE_MONITOR && s->lists_n == 0 && !s->inquiries) {
        (void)snprintf(err, err_cap,
                       "mode %s without a list; name one with `list = FILE` or --list FILE",
                       mode_names[s->mode]);
        return -EINVAL;
    }
    if (s->inquiries && s->standings_n == 0) {
        (void)snprintf(err, err_cap,
                       "inquiries without standings; name the authority's with "
                       "`standing = DIR` or --standing DIR");
        return -EINVAL;
    }
    if (check_approvals(s, err, err_cap) != 0)
        return -EINVAL;
    return s->listens_n > 0 ? 0 : set_listen(s, "*", err, err_cap);
}

int settings_read(const char *path, const struct settings_override *overrides, size_t overrides_n,
                  struct settings **ret, char *err, size_t err_cap)
{
    struct reader reader = {.settings = calloc(1, sizeof *reader.settings)};
    int error = 0;
    size_t i;

    if (reader.settings == NULL) {
        (void)snprintf(err, err_cap, "out of memory");
        return -ENOMEM;
    }
    reader.settings->refs = 1;
    if (path != NULL)
        error = config_read(path, set, &reader, err, err_cap);
    reader.overriding = true;
    reader.seen = 0;
    for (i = 0; i < overrides_n && error == 0; i++)
        error = override(&reader, &overrides[i], err, err_cap);
    if (error == 0)
        error = complete(reader.settings, err, err_cap);
    if (error != 0) {
        settings_unref(reader.settings);
        return error;
    }
    *ret = reader.settings;
    return 0;
}

const char *settings_find(const char *path)
{
    return path == NULL && access(SETTINGS_PATH, R_OK) == 0 ? SETTINGS_PATH : path;
}

struct settings *settings_ref(struct settings *settings)
{
    settings->refs++;
    return settings;
}

void settings_unref(struct settings *settings)
{
    if (settings == NULL || --settings->refs > 0)
        return;
    free_paths(settings->lists, &settings->lists_n);
    free_paths(settings->standings, &settings->standings_n);
    free(settings->user);
    free(settings->control);
    free(settings);
}

const char *settings_mode_name(enum muster_mode mode)
{
    return mode_names[mode];
}

const char *settings_control(const struct settings *settings)
{
    if (settings->control == NULL)
        return SETTINGS_CONTROL;
    return strcmp(settings->control, "none") == 0 ? NULL : settings->control;
}

bool settings_allows_signer(const struct settings *settings, const uint8_t key[MUSTER_KEY_LEN])
{
    size_t i;

    for (i = 0; i < settings->signers_n; i++)
        if (memcmp(settings->signers[i], key, MUSTER_KEY_LEN) == 0)
            return true;
    return settings->signers_n == 0;
}

bool settings_allows_approvals(const struct settings *settings, const struct muster_list *list,
                               uint32_t *ret_n)
{
    *ret_n = muster_list_approvals_n(list, settings->approvers[0], settings->approvers_n);
    return *ret_n >= settings->approvals;
}
