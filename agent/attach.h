/* SPDX-License-Identifier: ISC */
/* Which network the device is on: its id and the families it offers, for
 * muster_device_on_attach. */
#ifndef AGENT_ATTACH_H
#define AGENT_ATTACH_H

#include "agent/quarantine.h"
#include "muster/device.h"

struct attach {
    unsigned families; /* MUSTER_IPV4 | MUSTER_IPV6; 0 = detached */
    uint8_t id[8];
    bool looking;           /* for the gateway's link address: neighbours are to be listened to */
    uint64_t look_until_ms; /* mono; then a hash will do */
    int oif;                /* of the gateway that `id` was made from */
    uint8_t family, gateway[16];
};

/* After every quarantine_refresh, when a neighbour changed while looking, and at look_until_ms.
 * True if `families` or `id` are new. */
bool attach_update(struct attach *attach, struct quarantine *q, uint64_t mono_ms);

#endif
