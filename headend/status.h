/* SPDX-License-Identifier: ISC */
/* The state of a head-end for people and for programs. */
#ifndef HEADEND_STATUS_H
#define HEADEND_STATUS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "headend/snapshot.h"
#include "headend/worker.h"

#define STATUS_STANDING_ALARM_DAYS 3

struct status {
    const struct snapshot *snapshot;
    const struct worker *worker; /* NULL: not running (--check), no counters */
    uint64_t now_s, uptime_s;
};

/* Writes to `out`; errors stay in the stream. The members of the JSON object are in musterd(8). */
void status_write(FILE *out, const struct status *status, bool as_json);

#endif
