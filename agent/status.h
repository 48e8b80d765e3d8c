/* SPDX-License-Identifier: ISC */
/* What the owner is told: as text, as JSON, and in one sentence. */
#ifndef AGENT_STATUS_H
#define AGENT_STATUS_H

#include <stdio.h>

#include "agent/quarantine.h"
#include "muster/device.h"

#define STATUS_LEFT_CAP 32

enum status_state { STATUS_FIT, STATUS_OVERRIDDEN, STATUS_NOTICE, STATUS_QUARANTINED };

/* Where it is all looked up. Nothing is changed by telling it. */
struct status {
    struct muster_device *device;
    struct muster_now now;
    const struct settings *settings;
    const struct quarantine *quarantine;
    unsigned families;      /* attached over */
    uint64_t last_report_s; /* Unix seconds; 0 = none since the start */
    uint64_t scale;         /* how much faster than real time the device lives */
    bool child_runs;
};

enum status_state status_state(const struct status *status);
/* "fit", "overridden", "notice", "quarantined". */
const char *status_state_name(enum status_state state);
/* The friendly name, or the model where the owner gave none. */
const char *status_name(const struct settings *settings);
/* A reason in words, fit to follow "because it ...". */
const char *status_reason(enum muster_reason reason);
/* "90 s", "5 h", "6 days", "for good". Returns out. */
const char *status_format_left(uint64_t left_s, char out[STATUS_LEFT_CAP]);
/* One line, no line end: what has happened to this device and what to do. */
void status_sentence(const struct status *status, char *out, size_t cap);

void status_write_text(const struct status *status, FILE *out);
void status_write_json(const struct status *status, FILE *out);

#endif
