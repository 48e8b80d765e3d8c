/* SPDX-License-Identifier: ISC */
/* Judges what a head-end answered to a report for muster.test/always-fail. Pure. */
#ifndef HEADEND_HEALTH_H
#define HEADEND_HEALTH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/anchorfile.h"
#include "muster/message.h"

#define HEALTH_BUILD   "1"
#define HEALTH_WHY_CAP 256

struct health_wanted {
    uint64_t now_s, min_life_s;
    const struct anchorfile *anchor; /* standings must be this authority's; NULL: anyone's */
    bool standing_expected;          /* if not, none is only worth a warning */
};

/* True if all is well; ret_why is one line for either case. */
bool health_judge(const struct muster_reply *reply, const struct health_wanted *wanted,
                  char ret_why[HEALTH_WHY_CAP]);

#endif
