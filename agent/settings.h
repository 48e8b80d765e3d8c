/* SPDX-License-Identifier: ISC */
/* agent.ini, checked and complete, and the firmware it describes. doc/man/muster-agent.ini.5 is the
 * owner's and the firmware builder's view of it. */
#ifndef AGENT_SETTINGS_H
#define AGENT_SETTINGS_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/addr.h"
#include "host/anchorfile.h"
#include "muster/judge.h"

#define SETTINGS_PATH      "/etc/muster/agent.ini"
#define SETTINGS_STATE_DIR "/var/lib/muster"
#define SETTINGS_RUN_DIR   "/run/muster"
#define SETTINGS_ANCHORS   "/etc/muster/anchors"
#define SETTINGS_NOTICE    "/etc/muster/notice.d"

#define SETTINGS_UPDATES_MAX   16
#define SETTINGS_TIMES_MAX     8
#define SETTINGS_RESOLVERS_MAX 4
#define SETTINGS_HOST_CAP      192
#define SETTINGS_PATH_CAP      200

/* A service that stays reachable in quarantine: an address, or a name to be looked up. */
struct settings_service {
    char host[SETTINGS_HOST_CAP]; /* "" if it is an address */
    struct addr addr;
    uint16_t port;
    bool tcp, udp;
};

enum settings_forwards { SETTINGS_FORWARDS_AUTO, SETTINGS_FORWARDS_YES, SETTINGS_FORWARDS_NO };

struct settings {
    /* [device] */
    char vendor[256], model[256], build[256], build_file[SETTINGS_PATH_CAP], name[128];
    uint64_t number, built_s, quorum;
    bool emit, notice_only, telephony, enforce_when_forwarding;
    enum settings_forwards forwards;
    /* [network] */
    bool has_server4, has_server6;
    struct addr server4, server6;
    uint64_t port;
    char user[33];
    /* [keep] */
    size_t updates_n, times_n, resolvers_n;
    struct settings_service updates[SETTINGS_UPDATES_MAX];
    struct addr times[SETTINGS_TIMES_MAX];
    struct addr resolvers[SETTINGS_RESOLVERS_MAX];
    bool resolver_auto;
    /* [paths] */
    char anchors[SETTINGS_PATH_CAP], notice[SETTINGS_PATH_CAP];
    char state_dir[SETTINGS_PATH_CAP], run_dir[SETTINGS_PATH_CAP];
};

/* What the command line puts over the file; NULL or 0: nothing. */
struct settings_overrides {
    const char *state_dir, *run_dir;
};

/* Reads the file and looks whether the whole makes sense. 0, or a negative errno with "what is
 * wrong; what to do" in err. */
int settings_read(const char *path, const struct settings_overrides *over, struct settings *ret,
                  char *err, size_t err_cap);

/* Only where the running agent is to be found: no identity is asked for, and without a file
 * (NULL) the defaults are taken. *ret can be used even if the file is wrong: it then holds what
 * stood before the mistake. */
int settings_read_paths(const char *path, const struct settings_overrides *over,
                        struct settings *ret, char *err, size_t err_cap);

/* Whether others depend on this device now: it forwards, bridges, or carries telephony (R4 i). May
 * change while it runs. */
bool settings_forwards(const struct settings *settings);

/* The firmware's word to the core: identity, anchors (also whole, for their services), quorum,
 * whether this device forwards for others. 0 or a negative errno with the reason in err. */
int settings_firmware(const struct settings *settings, struct muster_firmware *ret_firmware,
                      struct anchorfile ret_anchors[ANCHORFILE_MAX], char *err, size_t err_cap);

/* The user without privileges: the one set, else "muster" where it exists, else "nobody". */
const char *settings_user(const struct settings *settings);

#endif
