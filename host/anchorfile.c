/* SPDX-License-Identifier: ISC */
/* Authority anchor files. It must not accept a key that anyone could sign under, nor let one
 * authority stand for two: quorum counts on that. */
#include "host/anchorfile.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host/config.h"
#include "host/file.h"
#include "host/hex.h"
#include "host/keyfile.h"
#include "muster/config.h"

#define PATH_CAP 4096
#define TEXT_CAP 1024

/* One file being read, and the anchors that were read before it. */
struct reading {
    struct anchorfile anchor;
    bool has_key;
    const struct anchorfile *others;
    size_t others_n;
};

static int refuse(char *err, size_t err_cap, const char *message)
{
    (void)snprintf(err, err_cap, "%s", message);
    return -EINVAL;
}

/* What INI carries unharmed: ";" would begin a comment, blanks at the ends would be lost. */
static bool is_name(const char *name)
{
    size_t i, len = strlen(name);

    if (len < 1 || len >= ANCHORFILE_NAME_CAP || name[0] == ' ' || name[len - 1] == ' ')
        return false;
    for (i = 0; i < len; i++)
        if (name[i] < 0x20 || name[i] > 0x7e || name[i] == ';')
            return false;
    return true;
}

static int set_name(struct reading *reading, const char *value, char *err, size_t err_cap)
{
    size_t i;

    if (!is_name(value))
        return refuse(err, err_cap,
                      "the name must have 1 to 32 printable ASCII characters; shorten it");
    if (reading->anchor.name[0] != '\0')
        return refuse(err, err_cap, "a second name; one file is for one authority");
    for (i = 0; i < reading->others_n; i++)
        if (strcmp(reading->others[i].name, value) == 0)
            return refuse(err, err_cap,
                          "another anchor file names this authority; remove one of them");
    memcpy(reading->anchor.name, value, strlen(value) + 1);
    return 0;
}

static bool has_key(const struct anchorfile *anchor, const uint8_t key[32])
{
    return memcmp(anchor->key, key, 32) == 0 ||
           (anchor->has_next && memcmp(anchor->next, key, 32) == 0);
}

static int parse_key(const struct reading *reading, const char *value, uint8_t ret_key[32],
                     char *err, size_t err_cap)
{
    size_t i;

    if (hex_decode(value, strlen(value), ret_key, 32) != 32)
        return refuse(err, err_cap,
                      "a key has 64 hex digits; copy them from the authority's .pub file");
    if (keyfile_check_key(ret_key) != 0)
        return refuse(err, err_cap,
                      "not an Ed25519 key that can be trusted; copy it anew from the authority");
    if (has_key(&reading->anchor, ret_key))
        return refuse(err, err_cap, "this key stands in the file twice; next must be another key");
    for (i = 0; i < reading->others_n; i++)
        if (has_key(&reading->others[i], ret_key))
            return refuse(err, err_cap, "another anchor file has this key; remove one of them");
    return 0;
}

static int set_key(struct reading *reading, bool is_next, const char *value, char *err,
                   size_t err_cap)
{
    uint8_t key[32];
    bool *given = is_next ? &reading->anchor.has_next : &reading->has_key;

    if (*given)
        return refuse(err, err_cap, "given a second time; keep one");
    if (parse_key(reading, value, key, err, err_cap) != 0)
        return -EINVAL;
    memcpy(is_next ? reading->anchor.next : reading->anchor.key, key, sizeof key);
    *given = true;
    return 0;
}

static int set_service(struct anchorfile *anchor, const char *value, char *err, size_t err_cap)
{
    struct addr addr;

    if (anchor->services_n == ANCHORFILE_SERVICES_MAX)
        return refuse(err, err_cap, "a fifth service; a device keeps four, so remove one");
    if (addr_parse(value, MUSTER_PORT, &addr) != 0 || !addr_is_unicast_host(&addr))
        return refuse(err, err_cap,
                      "no numeric host address; write 192.0.2.7:6878 or [2001:db8::7]:6878");
    anchor->services[anchor->services_n++] = addr;
    return 0;
}

static int set(void *ctx, const char *section, const char *key, const char *value, char *err,
               size_t err_cap)
{
    static const char *const known[] = {"name", "key", "next", "service", "drill", NULL};
    static const char *const sections[] = {"authority", NULL};
    struct reading *reading = ctx;

    if (strcmp(section, "authority") != 0)
        return config_unknown("section", section, sections, err, err_cap);
    if (strcmp(key, "name") == 0)
        return set_name(reading, value, err, err_cap);
    if (strcmp(key, "key") == 0 || strcmp(key, "next") == 0)
        return set_key(reading, key[0] == 'n', value, err, err_cap);
    if (strcmp(key, "service") == 0)
        return set_service(&reading->anchor, value, err, err_cap);
    if (strcmp(key, "drill") == 0)
        return config_bool(value, &reading->anchor.drill, err, err_cap);
    return config_unknown("key", key, known, err, err_cap);
}

static int read_one(const char *path, const struct anchorfile *others, size_t others_n,
                    struct anchorfile *ret, char *err, size_t err_cap)
{
    struct reading reading = {.others = others, .others_n = others_n};
    int error = config_read(path, set, &reading, err, err_cap);

    if (error != 0)
        return error;
    if (reading.anchor.name[0] == '\0' || !reading.has_key) {
        (void)snprintf(err, err_cap, "%s: [authority] has no %s; add it", path,
                       reading.has_key ? "name" : "key");
        return -EINVAL;
    }
    *ret = reading.anchor;
    return 0;
}

int anchorfile_read(const char *path, struct anchorfile *ret, char *err, size_t err_cap)
{
    return read_one(path, NULL, 0, ret, err, err_cap);
}

static int is_anchor(const struct dirent *entry)
{
    const char *suffix = strrchr(entry->d_name, '.');

    return entry->d_name[0] != '.' && suffix != NULL && strcmp(suffix, ".anchor") == 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name); /* not alphasort: that depends on the locale */
}

static int read_entries(const char *dir, struct dirent **entries, size_t n,
                        struct anchorfile ret[ANCHORFILE_MAX], char *err, size_t err_cap)
{
    char path[PATH_CAP];
    size_t i;
    int error = 0;

    for (i = 0; i < n && error == 0; i++) {
        if (snprintf(path, sizeof path, "%s/%s", dir, entries[i]->d_name) >= PATH_CAP) {
            (void)snprintf(err, err_cap, "%s: the name is too long; shorten it", dir);
            return -ENAMETOOLONG;
        }
        error = read_one(path, ret, i, &ret[i], err, err_cap);
    }
    return error;
}

int anchorfile_read_dir(const char *dir, size_t max, struct anchorfile *ret, size_t *ret_n,
                        char *err, size_t err_cap)
{
    struct anchorfile found[ANCHORFILE_MAX];
    struct dirent **entries;
    int i, n = scandir(dir, &entries, is_anchor, by_name), error;

    if (n < 0) {
        error = -errno;
        (void)snprintf(err, err_cap, "%s: cannot be read: %s", dir, strerror(-error));
        return error;
    }
    if ((size_t)n > max || n > ANCHORFILE_MAX) {
        (void)snprintf(err, err_cap, "%s: %d anchor files; a device keeps %zu, so remove some", dir,
                       n, max < ANCHORFILE_MAX ? max : (size_t)ANCHORFILE_MAX);
        error = -E2BIG;
    } else {
        error = read_entries(dir, entries, (size_t)n, found, err, err_cap);
    }
    for (i = 0; i < n; i++)
        free(entries[i]);
    free(entries);
    if (error == 0) {
        memcpy(ret, found, (size_t)n * sizeof *found);
        *ret_n = (size_t)n;
    }
    return error;
}

static void append(char text[TEXT_CAP], const char *key, const char *value)
{
    size_t at = strlen(text);

    (void)snprintf(text + at, TEXT_CAP - at, "%s = %s\n", key, value);
}

static void print(const struct anchorfile *anchor, char text[TEXT_CAP])
{
    char hex[65], addr[ADDR_TEXT_CAP];
    size_t i;

    (void)snprintf(text, TEXT_CAP, "[authority]\n");
    append(text, "name", anchor->name);
    append(text, "key", hex_encode(hex, anchor->key, 32));
    if (anchor->has_next)
        append(text, "next", hex_encode(hex, anchor->next, 32));
    for (i = 0; i < anchor->services_n; i++)
        append(text, "service", addr_format(&anchor->services[i], addr));
    if (anchor->drill)
        append(text, "drill", "yes");
}

static const char *fault(const struct anchorfile *anchor)
{
    if (!is_name(anchor->name))
        return "the name must have 1 to 32 printable ASCII characters without ';'; change it";
    if (keyfile_check_key(anchor->key) != 0 ||
        (anchor->has_next && keyfile_check_key(anchor->next) != 0))
        return "not an Ed25519 key that can be trusted; copy it anew from the authority";
    if (anchor->has_next && memcmp(anchor->key, anchor->next, 32) == 0)
        return "next is the current key; give another";
    return anchor->services_n > ANCHORFILE_SERVICES_MAX ? "more than four services; remove some"
                                                        : NULL;
}

int anchorfile_write(const char *path, const struct anchorfile *anchor, char *err, size_t err_cap)
{
    const char *message = fault(anchor);
    char text[TEXT_CAP];
    int error;

    if (message != NULL) {
        (void)snprintf(err, err_cap, "%s: %s", path, message);
        return -EINVAL;
    }
    print(anchor, text);
    error = file_write_new(path, text, strlen(text), 0644);
    if (error == -EEXIST)
        (void)snprintf(err, err_cap, "%s: exists already; choose another name", path);
    else if (error != 0)
        (void)snprintf(err, err_cap, "%s: cannot be written: %s", path, strerror(-error));
    return error;
}
