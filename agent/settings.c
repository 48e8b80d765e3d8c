/* SPDX-License-Identifier: ISC */
/* Reads agent.ini. It must not open a socket nor look a name up: that is for the network half. */
#include "agent/settings.h"

#include <errno.h>
#include <glob.h>
#include <netinet/in.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/clock.h"
#include "host/config.h"
#include "host/file.h"
#include "muster/config.h"
#include "muster/message.h"

#define NTP_PORT      123
#define DNS_PORT      53
#define LINE_FILE_MAX 65536

struct reading {
    struct settings *settings;
    const char *section, *value;
    char *err;
    size_t err_cap;
};

typedef int set_fn(struct reading *r);

static int fault(struct reading *r, const char *what)
{
    (void)snprintf(r->err, r->err_cap, "'%s' %s", r->value, what);
    return -EINVAL;
}

static int copy(struct reading *r, char *to, size_t cap)
{
    if (strlen(r->value) >= cap)
        return fault(r, "is too long; shorten it");
    memcpy(to, r->value, strlen(r->value) + 1);
    return 0;
}

static int copy_path(struct reading *r, char *to)
{
    if (r->value[0] != '/')
        return fault(r, "is no absolute path; begin it with /");
    return copy(r, to, SETTINGS_PATH_CAP);
}

static int set_vendor(struct reading *r)
{
    return copy(r, r->settings->vendor, sizeof r->settings->vendor);
}

static int set_model(struct reading *r)
{
    return copy(r, r->settings->model, sizeof r->settings->model);
}

static int set_build(struct reading *r)
{
    return copy(r, r->settings->build, sizeof r->settings->build);
}

static int set_build_file(struct reading *r)
{
    return copy_path(r, r->settings->build_file);
}

static int set_number(struct reading *r)
{
    return config_u64(r->value, 0, UINT64_MAX, &r->settings->number, r->err, r->err_cap);
}

static int set_name(struct reading *r)
{
    return copy(r, r->settings->name, sizeof r->settings->name);
}

static int set_emit(struct reading *r)
{
    return config_bool(r->value, &r->settings->emit, r->err, r->err_cap);
}

static int set_on_fail(struct reading *r)
{
    r->settings->notice_only = strcmp(r->value, "notice") == 0;
    if (r->settings->notice_only || strcmp(r->value, "quarantine") == 0)
        return 0;
    return fault(r, "is not known here; write quarantine or notice");
}

static int set_quorum(struct reading *r)
{
    return config_u64(r->value, 1, MUSTER_AUTHORITIES, &r->settings->quorum, r->err, r->err_cap);
}

static int set_forwards(struct reading *r)
{
    bool yes;

    if (strcmp(r->value, "auto") == 0) {
        r->settings->forwards = SETTINGS_FORWARDS_AUTO;
        return 0;
    }
    int error = config_bool(r->value, &yes, r->err, r->err_cap);
    if (error == 0)
        r->settings->forwards = yes ? SETTINGS_FORWARDS_YES : SETTINGS_FORWARDS_NO;
    return error;
}

static int set_enforce_when_forwarding(struct reading *r)
{
    return config_bool(r->value, &r->settings->enforce_when_forwarding, r->err, r->err_cap);
}

static int set_telephony(struct reading *r)
{
    return config_bool(r->value, &r->settings->telephony, r->err, r->err_cap);
}

static int set_built(struct reading *r)
{
    if (clock_parse(r->value, &r->settings->built_s) != 0)
        return fault(r, "is no time; write one like 2026-01-31 or 2026-01-31T12:00:00Z");
    return 0;
}

static int set_server(struct reading *r, int family, bool *ret_has, struct addr *ret)
{
    struct addr addr;

    if (strcmp(r->value, "none") == 0) {
        *ret_has = false;
        return 0;
    }
    if (addr_parse(r->value, 0, &addr) != 0 || addr.ss.ss_family != family)
        return fault(r, family == AF_INET
                            ? "is no IPv4 address; write one like 192.0.0.68, or none"
                            : "is no IPv6 address; write one like [2001:1::68], or none");
    *ret_has = true;
    *ret = addr;
    return 0;
}

static int set_server4(struct reading *r)
{
    return set_server(r, AF_INET, &r->settings->has_server4, &r->settings->server4);
}

static int set_server6(struct reading *r)
{
    return set_server(r, AF_INET6, &r->settings->has_server6, &r->settings->server6);
}

static int set_port(struct reading *r)
{
    return config_u64(r->value, 1, 65535, &r->settings->port, r->err, r->err_cap);
}

static int set_user(struct reading *r)
{
    return copy(r, r->settings->user, sizeof r->settings->user);
}

static int take_protocol(struct reading *r, char *text, struct settings_service *service)
{
    char *slash = strrchr(text, '/');

    service->tcp = slash == NULL || strcmp(slash, "/tcp") == 0;
    service->udp = slash != NULL && strcmp(slash, "/udp") == 0;
    if (slash != NULL)
        *slash = 0;
    return service->tcp || service->udp ? 0 : fault(r, "ends in no protocol; write /tcp or /udp");
}

static int take_host(struct reading *r, char *text, struct settings_service *service)
{
    char *colon = strrchr(text, ':');
    uint64_t port;

    if (addr_parse(text, 0, &service->addr) == 0 && addr_port(&service->addr) != 0) {
        service->port = addr_port(&service->addr);
        return 0;
    }
    if (colon == NULL || config_u64(colon + 1, 1, 65535, &port, r->err, r->err_cap) != 0)
        return fault(r, "has no port; write it like update.example.net:443");
    *colon = 0;
    if (text[0] == 0 || text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                          "0123456789-._")] != 0)
        return fault(r, "is no host; write a name or an address like [2001:db8::1]:443");
    service->port = (uint16_t)port;
    (void)snprintf(service->host, sizeof service->host, "%s", text);
    return 0;
}

static int set_update(struct reading *r)
{
    struct settings_service service = {.port = 0};
    char text[SETTINGS_HOST_CAP];
    int error;

    if (r->settings->updates_n == SETTINGS_UPDATES_MAX)
        return fault(r, "is one update host too many; sixteen are kept");
    error = copy(r, text, sizeof text);
    if (error == 0)
        error = take_protocol(r, text, &service);
    if (error == 0)
        error = take_host(r, text, &service);
    if (error == 0)
        r->settings->updates[r->settings->updates_n++] = service;
    return error;
}

static int set_time(struct reading *r)
{
    struct settings *s = r->settings;

    if (s->times_n == SETTINGS_TIMES_MAX)
        return fault(r, "is one time server too many; eight are kept");
    if (addr_parse(r->value, NTP_PORT, &s->times[s->times_n]) != 0)
        return fault(r, "is no address; write one like 192.0.2.1 (names are not looked up here)");
    s->times_n++;
    return 0;
}

static int set_resolver(struct reading *r)
{
    struct settings *s = r->settings;

    if (strcmp(r->value, "auto") == 0) {
        s->resolver_auto = true;
        return 0;
    }
    if (s->resolvers_n == SETTINGS_RESOLVERS_MAX)
        return fault(r, "is one resolver too many; four are kept");
    if (addr_parse(r->value, DNS_PORT, &s->resolvers[s->resolvers_n]) != 0)
        return fault(r, "is no address; write one like 192.0.2.1, or auto");
    s->resolvers_n++;
    return 0;
}

static int set_anchors(struct reading *r)
{
    return copy_path(r, r->settings->anchors);
}

static int set_notice(struct reading *r)
{
    return copy_path(r, r->settings->notice);
}

static int set_state(struct reading *r)
{
    return copy_path(r, r->settings->state_dir);
}

static int set_run(struct reading *r)
{
    return copy_path(r, r->settings->run_dir);
}

static const struct setting {
    const char *section, *key;
    set_fn *set;
} table[] = {
    {"device", "vendor", set_vendor},
    {"device", "model", set_model},
    {"device", "build", set_build},
    {"device", "build-file", set_build_file},
    {"device", "number", set_number},
    {"device", "name", set_name},
    {"device", "emit", set_emit},
    {"device", "on_fail", set_on_fail},
    {"device", "quorum", set_quorum},
    {"device", "forwards", set_forwards},
    {"device", "enforce-when-forwarding", set_enforce_when_forwarding},
    {"device", "telephony", set_telephony},
    {"device", "built", set_built},
    {"network", "server4", set_server4},
    {"network", "server6", set_server6},
    {"network", "port", set_port},
    {"network", "user", set_user},
    {"keep", "update", set_update},
    {"keep", "time", set_time},
    {"keep", "resolver", set_resolver},
    {"paths", "anchors", set_anchors},
    {"paths", "notice", set_notice},
    {"paths", "state", set_state},
    {"paths", "run", set_run},
};
#define TABLE_N (sizeof table / sizeof *table)

static int set(void *ctx, const char *section, const char *key, const char *value, char *err,
               size_t err_cap)
{
    struct reading r = {
        .settings = ctx, .section = section, .value = value, .err = err, .err_cap = err_cap};
    const char *known[TABLE_N + 1];
    size_t known_n = 0;

    for (size_t i = 0; i < TABLE_N; i++) {
        if (strcmp(table[i].section, section) != 0)
            continue;
        if (strcmp(table[i].key, key) == 0)
            return table[i].set(&r);
        known[known_n++] = table[i].key;
    }
    known[known_n] = NULL;
    if (known_n > 0)
        return config_unknown("key", key, known, err, err_cap);
    static const char *const sections[] = {"device", "network", "keep", "paths", NULL};
    return config_unknown("section", section, sections, err, err_cap);
}

static void set_defaults(struct settings *s)
{
    memset(s, 0, sizeof *s);
    s->emit = true;
    s->port = MUSTER_PORT;
    s->has_server4 = addr_parse(MUSTER_ANYCAST4, 0, &s->server4) == 0;
    s->has_server6 = addr_parse(MUSTER_ANYCAST6, 0, &s->server6) == 0;
    strcpy(s->anchors, SETTINGS_ANCHORS);
    strcpy(s->notice, SETTINGS_NOTICE);
    strcpy(s->state_dir, SETTINGS_STATE_DIR);
    strcpy(s->run_dir, SETTINGS_RUN_DIR);
}

static int override(char *to, const char *path, char *err, size_t err_cap)
{
    struct reading r = {.value = path, .err = err, .err_cap = err_cap};

    return path == NULL ? 0 : copy_path(&r, to);
}

static int finish(struct settings *s, const struct settings_overrides *over, char *err,
                  size_t err_cap)
{
    int error = override(s->state_dir, over->state_dir, err, err_cap);

    if (error == 0)
        error = override(s->run_dir, over->run_dir, err, err_cap);
    if (s->resolvers_n == 0)
        s->resolver_auto = true;
    if (s->has_server4 && addr_port(&s->server4) == 0)
        addr_set_port(&s->server4, (uint16_t)s->port);
    if (s->has_server6 && addr_port(&s->server6) == 0)
        addr_set_port(&s->server6, (uint16_t)s->port);
    return error;
}

/* The first line of the build file, without white space around it. */
static int read_build(struct settings *s, const char *path, char *err, size_t err_cap)
{
    uint8_t *bytes;
    size_t len;
    int error = file_read(s->build_file, LINE_FILE_MAX, &bytes, &len);

    if (error != 0) {
        (void)snprintf(err, err_cap,
                       "%s: build-file %s: %s; it must hold the build in its first line", path,
                       s->build_file, strerror(-error));
        return error;
    }
    const char *line = (const char *)bytes + strspn((const char *)bytes, " \t");
    size_t line_len = strcspn(line, "\r\n");
    while (line_len > 0 && (line[line_len - 1] == ' ' || line[line_len - 1] == '\t'))
        line_len--;
    (void)snprintf(s->build, sizeof s->build, "%.*s", (int)line_len, line);
    free(bytes);
    return 0;
}

/* How a name would have to be written (doc/protocol.md, "Names"). */
static const char *suggest(const char *name, char out[MUSTER_NAME_MAX + 1])
{
    size_t n = 0;

    for (; *name != 0 && n < MUSTER_NAME_MAX; name++, n++) {
        char c = *name >= 'A' && *name <= 'Z' ? (char)(*name - 'A' + 'a') : *name;
        bool legal = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || strchr("._+-", c) != NULL;
        out[n] = legal ? c : '_';
    }
    out[n] = 0;
    return out;
}

static int check_name(const char *path, const char *what, const char *name, char *err,
                      size_t err_cap)
{
    char better[MUSTER_NAME_MAX + 1];

    if (name[0] == 0)
        (void)snprintf(err, err_cap,
                       "%s: no %s; write `%s = ...` under [device]: the device cannot report "
                       "without saying what it is",
                       path, what, what);
    else if (!muster_name_is_legal(muster_slice_of(name)))
        (void)snprintf(err, err_cap,
                       "%s: %s '%s' is not 1 to 64 of a-z 0-9 . _ + -; write `%s = %s`", path, what,
                       name, what, suggest(name, better));
    else
        return 0;
    return -EINVAL;
}

static int check_build(const char *path, const char *build, char *err, size_t err_cap)
{
    if (muster_build_is_legal(muster_slice_of(build)))
        return 0;
    (void)snprintf(
        err, err_cap,
        "%s: %s; write `build = ...`, or `build-file = PATH`, under [device]: the version "
        "as the vendor prints it, 1 to 64 printable ASCII characters",
        path, build[0] == 0 ? "no build" : "the build is too long or not ASCII");
    return -EINVAL;
}

int settings_read(const char *path, const struct settings_overrides *over, struct settings *ret,
                  char *err, size_t err_cap)
{
    int error;

    set_defaults(ret);
    error = config_read(path, set, ret, err, err_cap);
    if (error == 0)
        error = finish(ret, over, err, err_cap);
    if (error == 0 && ret->build_file[0] != 0)
        error = read_build(ret, path, err, err_cap);
    if (error == 0)
        error = check_name(path, "vendor", ret->vendor, err, err_cap);
    if (error == 0)
        error = check_name(path, "model", ret->model, err, err_cap);
    if (error == 0)
        error = check_build(path, ret->build, err, err_cap);
    return error;
}

int settings_read_paths(const char *path, const struct settings_overrides *over,
                        struct settings *ret, char *err, size_t err_cap)
{
    char dropped[CONFIG_ERR_CAP];
    int error = 0;

    set_defaults(ret);
    if (path != NULL)
        error = config_read(path, set, ret, err, err_cap);
    if (error != 0) {
        (void)finish(ret, over, dropped, sizeof dropped);
        return error;
    }
    return finish(ret, over, err, err_cap);
}

static bool sysctl_is_on(const char *path)
{
    FILE *file = fopen(path, "re");
    int c = file != NULL ? fgetc(file) : EOF;

    if (file != NULL)
        fclose(file);
    return c != EOF && c != '0';
}

/* An interface that is a bridge's port carries other devices' frames. */
static bool bridges(void)
{
    glob_t ports;
    bool any = glob("/sys/class/net/*/brport", GLOB_NOSORT, NULL, &ports) == 0;

    globfree(&ports);
    return any;
}

bool settings_forwards(const struct settings *s)
{
    if (s->telephony)
        return true;
    if (s->forwards != SETTINGS_FORWARDS_AUTO)
        return s->forwards == SETTINGS_FORWARDS_YES;
    return sysctl_is_on("/proc/sys/net/ipv4/ip_forward") ||
           sysctl_is_on("/proc/sys/net/ipv6/conf/all/forwarding") || bridges();
}

/* The firmware's build time; if nobody says, it is as old as this program. */
static uint64_t built_s(const struct settings *s)
{
    struct stat info;

    if (s->built_s != 0)
        return s->built_s;
    return stat("/proc/self/exe", &info) == 0 && info.st_mtime > 0 ? (uint64_t)info.st_mtime : 0;
}

static void put_anchors(struct muster_firmware *fw, const struct anchorfile *anchors)
{
    for (size_t i = 0; i < fw->anchors_n; i++) {
        memcpy(fw->anchors[i].key, anchors[i].key, MUSTER_KEY_LEN);
        if (anchors[i].has_next)
            memcpy(fw->anchors[i].next, anchors[i].next, MUSTER_KEY_LEN);
        fw->anchors[i].has_service = anchors[i].services_n > 0;
    }
}

int settings_firmware(const struct settings *settings, struct muster_firmware *ret_firmware,
                      struct anchorfile ret_anchors[ANCHORFILE_MAX], char *err, size_t err_cap)
{
    struct muster_firmware fw;
    size_t anchors_n = 0, most = ANCHORFILE_MAX;

    if (most > MUSTER_AUTHORITIES)
        most = MUSTER_AUTHORITIES;
    int error = anchorfile_read_dir(settings->anchors, most, ret_anchors, &anchors_n, err, err_cap);

    if (error != 0 && error != -ENOENT)
        return error;
    memset(&fw, 0, sizeof fw);
    if (muster_identity_set(&fw.id, settings->vendor, settings->model, settings->build,
                            settings->number) != MUSTER_OK) {
        (void)snprintf(err, err_cap, "the identity breaks the protocol; check [device]");
        return -EINVAL;
    }
    fw.anchors_n = (uint8_t)anchors_n;
    put_anchors(&fw, ret_anchors);
    fw.quorum = (uint8_t)settings->quorum;
    fw.notice_only = settings->notice_only;
    fw.forwards = settings_forwards(settings);
    fw.enforce_anyway = settings->enforce_when_forwarding;
    fw.built_s = built_s(settings);
    *ret_firmware = fw;
    return 0;
}

const char *settings_user(const struct settings *settings)
{
    if (settings->user[0] != 0)
        return settings->user;
    return getpwnam("muster") != NULL ? "muster" : "nobody";
}
