/* SPDX-License-Identifier: ISC */
/* What the operator asked for: musterd.ini and the command line over it, checked and complete. */
#ifndef HEADEND_SETTINGS_H
#define HEADEND_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/addr.h"
#include "muster/answer.h"
#include "muster/config.h"
#include "muster/list.h"

#define SETTINGS_PATH        "/etc/muster/musterd.ini"
#define SETTINGS_CONTROL     "/run/muster/musterd.sock"
#define SETTINGS_USER        "muster"
#define SETTINGS_MAX         16 /* of each repeatable setting but exempt */
#define SETTINGS_EXEMPTS_MAX 256

struct settings_listen {
    struct addr addr;
    bool optional; /* the IPv6 half of "*": passed over where the kernel has no IPv6 */
};

struct settings {
    unsigned refs; /* of the loader thread and its snapshots */
    size_t listens_n;
    struct settings_listen listens[SETTINGS_MAX];
    enum muster_mode mode;
    bool inquiries;
    char *user;    /* NULL: SETTINGS_USER, or nobody where that does not exist */
    char *control; /* NULL: SETTINGS_CONTROL */
    size_t lists_n;
    char *lists[SETTINGS_MAX]; /* in order of precedence */
    size_t signers_n;          /* 0: any signer */
    uint8_t signers[SETTINGS_MAX][MUSTER_KEY_LEN];
    size_t approvers_n;
    uint8_t approvers[SETTINGS_MAX][MUSTER_KEY_LEN];
    unsigned approvals; /* of distinct approvers that a list needs */
    size_t standings_n;
    char *standings[SETTINGS_MAX]; /* files or directories */
    size_t exempts_n;
    struct prefix exempts[SETTINGS_EXEMPTS_MAX];
};

/* A setting given on the command line: the same sections, keys and values as in the file. The
 * values of a repeatable key together replace the file's. */
struct settings_override {
    const char *section, *key, *value;
};

/* Reads the file (NULL: none), then the overrides, then fills in defaults and looks whether the
 * whole makes sense. 0 with one reference to *ret, or a negative errno with "what is wrong; what
 * to do". */
int settings_read(const char *path, const struct settings_override *overrides, size_t overrides_n,
                  struct settings **ret, char *err, size_t err_cap);

/* The file that a verb beside the daemon reads: `path` if given, else SETTINGS_PATH where this user
 * can read it, else NULL. */
const char *settings_find(const char *path);

struct settings *settings_ref(struct settings *settings);
void settings_unref(struct settings *settings);

/* "monitor", "notice", "enforce". */
const char *settings_mode_name(enum muster_mode mode);
/* The control socket's path, the default one if none was set; NULL for "none". */
const char *settings_control(const struct settings *settings);
/* Whether a list by this signer may be used. */
bool settings_allows_signer(const struct settings *settings, const uint8_t key[MUSTER_KEY_LEN]);
/* Whether as many approvers have approved the list as must; ret_n is how many have. */
bool settings_allows_approvals(const struct settings *settings, const struct muster_list *list,
                               uint32_t *ret_n);

#endif
