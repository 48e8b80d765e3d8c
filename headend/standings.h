/* SPDX-License-Identifier: ISC */
/* The standings that this head-end has: read from files, their signatures verified under the keys
 * they name. What those keys are worth is the device's question. Belongs to the loader thread;
 * its bytes do not move until it is freed. */
#ifndef HEADEND_STANDINGS_H
#define HEADEND_STANDINGS_H

#include "headend/stamp.h"
#include "muster/answer.h"
#include "muster/record.h"

#define STANDINGS_SUFFIX      ".standing"
#define STANDINGS_FILES_MAX   100000
#define STANDINGS_ERROR_CAP   192
#define STANDINGS_STAPLED_MAX (MUSTER_RECORDS_MAX - 1)

struct standings_file {
    char *path;
    struct stamp stamp;
    char error[STANDINGS_ERROR_CAP]; /* "" or why the file as it is now is not in use */
    size_t len;                      /* 0: nothing usable */
    uint8_t bytes[MUSTER_STANDING_MAX];
    const uint8_t *authority; /* key; this and `standing` point into bytes */
    struct muster_standing standing;
};

struct standings {
    size_t files_n;
    struct standings_file *files; /* by path */
    size_t current_n;
    struct standings_file **current; /* the newest of each authority key on each signer; by signer,
                                        then newest first */
};

/* Reads `paths`: files, and directories of *.standing. A file that is the one of `old` (may be
 * NULL) is not read again unless `force`; one that turned bad keeps the standing it had. Says in
 * the log what is new. 0 or -ENOMEM. */
int standings_load(char *const *paths, size_t paths_n, const struct standings *old, bool force,
                   struct standings **ret);
void standings_free(struct standings *standings);

/* The current standings on this signer to staple at now_s: those not expired, the longest life
 * first. Returns how many. */
size_t standings_staple(const struct standings *standings, const uint8_t signer[MUSTER_KEY_LEN],
                        uint64_t now_s, struct muster_slice ret[STANDINGS_STAPLED_MAX]);

#endif
