/* SPDX-License-Identifier: ISC */
/* The network half as the privileged half sees it: started, heard, buried and started again.
 * What it says is checked for its form here and judged by the core. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/child.h"
#include "agent/message.h"
#include "agent/parent.h"
#include "host/clock.h"
#include "host/log.h"

#define WELL_MS           60000 /* one that lived this long is started afresh at once */
#define DELAY_MAX_MS      60000
#define MESSAGES_PER_TURN 64

void half_start(struct parent *p, uint64_t mono_ms)
{
    char empty[SETTINGS_PATH_CAP + 16];

    p->child_at_ms = PARENT_NEVER;
    if (!muster_device_emits(&p->device))
        return;
    (void)snprintf(empty, sizeof empty, "%s/empty", p->settings.run_dir);
    (void)mkdir(empty, 0555);
    pid_t pid = child_start(settings_user(&p->settings), empty, &p->child_fd);
    if (pid < 0) {
        log_error("the network half cannot be started: %s; trying again", strerror((int)-pid));
        p->child_at_ms = mono_ms + DELAY_MAX_MS;
        return;
    }
    p->child_pid = pid;
    p->child_since_ms = mono_ms;
}

void half_stop(struct parent *p)
{
    if (p->child_fd < 0)
        return;
    close(p->child_fd);
    p->child_fd = -1;
    (void)kill(p->child_pid, SIGKILL);
    while (waitpid(p->child_pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}

void half_settle(struct parent *p)
{
    if (!muster_device_emits(&p->device))
        half_stop(p);
    else if (p->child_fd < 0)
        p->child_at_ms = clock_mono_ms();
}

static void bury(struct parent *p, uint64_t mono_ms)
{
    uint64_t delay_ms;

    half_stop(p);
    p->child_deaths = mono_ms - p->child_since_ms > WELL_MS ? 0 : p->child_deaths + 1;
    delay_ms = p->child_deaths < 6 ? UINT64_C(1000) << p->child_deaths : DELAY_MAX_MS;
    log_warn("the network half ended; it is started again in %llu s",
             (unsigned long long)(delay_ms / 1000));
    p->child_at_ms = mono_ms + delay_ms;
}

void half_hear(struct parent *p, uint64_t mono_ms)
{
    struct message message;
    struct muster_actions actions;
    struct muster_reply reply;
    int got = 0;

    for (int i = 0; i < MESSAGES_PER_TURN && p->child_fd >= 0; i++) {
        got = message_get(p->child_fd, &message);
        if (got <= 0)
            break;
        if (!message_is_for_parent(&message)) {
            log_error("the network half sent what it must not; ending it");
            got = -EBADMSG;
            break;
        }
        if (message.kind == MESSAGE_DROPPED) {
            p->device.counts.ignored[-message.error]++;
            continue;
        }
        struct muster_now now = parent_now(p);
        message_to_reply(&message, &reply);
        muster_device_on_reply(&p->device, &now, message.slot, &reply, &actions);
        parent_perform(p, &actions);
    }
    if (got < 0)
        bury(p, mono_ms);
}
