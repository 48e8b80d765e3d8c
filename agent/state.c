/* SPDX-License-Identifier: ISC */
/* Keeps the state file. It does not know what is in it. */
#include "agent/state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/file.h"
#include "host/log.h"

void state_open(struct state *state, const char *dir)
{
    memset(state, 0, sizeof *state);
    (void)snprintf(state->path, sizeof state->path, "%s/state", dir);
    (void)mkdir(dir, 0700);
}

size_t state_load(struct state *state, uint8_t ret_bytes[MUSTER_STATE_MAX])
{
    uint8_t *bytes;
    size_t len;
    int error = file_read(state->path, MUSTER_STATE_MAX, &bytes, &len);

    if (error == -ENOENT)
        return 0;
    if (error != 0) {
        log_error("%s: %s; starting without what was saved", state->path, strerror(-error));
        return 0;
    }
    memcpy(ret_bytes, bytes, len);
    free(bytes);
    return len;
}

int state_save(struct state *state, const uint8_t *bytes, size_t len)
{
    int error = file_write_atomic(state->path, bytes, len, 0600);

    if (error != 0 && error != state->error)
        log_error("%s: %s; until it can be saved, a fail is no more than a notice: make room, or "
                  "make the directory writable",
                  state->path, strerror(-error));
    else if (error == 0 && state->error != 0)
        log_info("%s is saved again", state->path);
    state->error = error;
    return error;
}

void state_put_aside(const struct state *state)
{
    char aside[sizeof state->path + 16];

    (void)snprintf(aside, sizeof aside, "%s.damaged", state->path);
    log_error("%s is damaged; the device starts afresh, the file is now %s", state->path, aside);
    if (rename(state->path, aside) != 0)
        log_warn("%s: %s", aside, strerror(errno));
}
