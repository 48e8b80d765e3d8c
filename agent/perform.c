/* SPDX-License-Identifier: ISC */
/* Performs the actions of the core's state machine, in their order. It decides nothing. */
#include <netinet/in.h>
#include <string.h>

#include "agent/message.h"
#include "agent/parent.h"
#include "host/clock.h"

struct muster_now parent_now(const struct parent *p)
{
    return (struct muster_now){.mono_ms = clock_mono_ms() * p->options->scale,
                               .clock_s = clock_wall_s(),
                               .synced = clock_synced()};
}

struct status parent_status(struct parent *p)
{
    return (struct status){.device = &p->device,
                           .now = parent_now(p),
                           .settings = &p->settings,
                           .quarantine = &p->quarantine,
                           .families = p->attach.families,
                           .last_report_s = p->last_report_s,
                           .scale = p->options->scale,
                           .child_runs = p->child_fd >= 0 || !muster_device_emits(&p->device)};
}

static bool is_up(const struct parent *p, const struct addr *addr)
{
    unsigned family = addr->ss.ss_family == AF_INET ? MUSTER_IPV4 : MUSTER_IPV6;

    return (p->attach.families & family) != 0;
}

/* The try-th of the authority's services that can be reached now, round and round. */
static const struct addr *service_of(const struct parent *p, unsigned authority, unsigned try)
{
    const struct anchorfile *anchor = &p->anchors[authority];
    const struct addr *up[ANCHORFILE_SERVICES_MAX];
    size_t n = 0;

    for (size_t i = 0; i < anchor->services_n; i++)
        if (is_up(p, &anchor->services[i]))
            up[n++] = &anchor->services[i];
    return n == 0 ? NULL : up[try % n];
}

static const struct addr *destination(const struct parent *p, const struct muster_action *action)
{
    if (action->slot == MUSTER_SLOT_IPV4)
        return p->settings.has_server4 ? &p->settings.server4 : NULL;
    if (action->slot == MUSTER_SLOT_IPV6)
        return p->settings.has_server6 ? &p->settings.server6 : NULL;
    return action->authority < ANCHORFILE_MAX ? service_of(p, action->authority, action->try)
                                              : NULL;
}

static void send_slot(struct parent *p, const struct muster_action *action)
{
    struct message message;
    const struct addr *to = destination(p, action);

    memset(&message, 0, sizeof message);
    message.kind = MESSAGE_SEND;
    message.slot = action->slot;
    message.len = (uint16_t)muster_device_datagram(&p->device, action->slot, message.bytes);
    if (message.len == 0 || to == NULL || p->child_fd < 0)
        return;
    message.to = *to;
    if (message_put(p->child_fd, &message) == 0 && action->slot < MUSTER_SLOT_INQUIRY)
        p->last_report_s = clock_wall_s();
}

static void close_slots(const struct parent *p)
{
    const struct message message = {.kind = MESSAGE_CLOSE};

    if (p->child_fd >= 0)
        (void)message_put(p->child_fd, &message);
}

static void store(struct parent *p)
{
    static uint8_t bytes[MUSTER_STATE_MAX];
    struct muster_now now = parent_now(p);
    struct muster_actions more;
    size_t len = muster_device_save(&p->device, &now, bytes, sizeof bytes);
    int error = state_save(&p->state, bytes, len);

    muster_device_on_stored(&p->device, &now, error == 0, &more);
    parent_perform(p, &more);
}

static void tell(struct parent *p)
{
    struct status status = parent_status(p);

    notice_tell(&p->notice, &status, clock_mono_ms());
}

/* Names are looked up anew while they matter. */
static void cut(struct parent *p)
{
    quarantine_cut(&p->quarantine);
    p->refresh_at_ms = clock_mono_ms();
    p->resolve_at_ms = p->refresh_at_ms;
}

static void release(struct parent *p)
{
    if (p->quarantine.standing)
        (void)quarantine_release(&p->quarantine);
    p->refresh_at_ms = clock_mono_ms();
}

void parent_perform(struct parent *p, const struct muster_actions *actions)
{
    for (size_t i = 0; i < actions->n; i++) {
        switch (actions->list[i].kind) {
        case MUSTER_DO_SEND:
            send_slot(p, &actions->list[i]);
            break;
        case MUSTER_DO_CLOSE:
            close_slots(p);
            break;
        case MUSTER_DO_STORE:
            store(p);
            break;
        case MUSTER_DO_CUT:
            cut(p);
            break;
        case MUSTER_DO_RELEASE:
            release(p);
            break;
        case MUSTER_DO_TELL:
            tell(p);
            break;
        }
    }
}
