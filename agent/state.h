/* SPDX-License-Identifier: ISC */
/* The saved state (R7): one file of the core's bytes, replaced whole. */
#ifndef AGENT_STATE_H
#define AGENT_STATE_H

#include "agent/settings.h"
#include "muster/device.h"

struct state {
    char path[SETTINGS_PATH_CAP + 16];
    int error; /* of the last save; said once */
};

/* Makes the directory (mode 0700) if it is not there; that this fails is only seen when saving. */
void state_open(struct state *state, const char *dir);

/* The saved bytes' length, 0 if there are none or they cannot be read (said in the log). */
size_t state_load(struct state *state, uint8_t ret_bytes[MUSTER_STATE_MAX]);
/* 0 or a negative errno; logs when saving begins to fail and when it works again. */
int state_save(struct state *state, const uint8_t *bytes, size_t len);
/* Puts a damaged file aside as `state.damaged`. */
void state_put_aside(const struct state *state);

#endif
