/* SPDX-License-Identifier: ISC */
/* Records and datagrams told in full. */
#ifndef TOOL_DESCRIBE_H
#define TOOL_DESCRIBE_H

#include "muster/list.h"
#include "muster/message.h"
#include "muster/record.h"
#include "tool/out.h"

#define DESCRIBE_RANGE_CAP 300

/* 'builds from "2.0" up to, not including, "3.0"', ... Returns buf. */
const char *describe_range(char buf[DESCRIBE_RANGE_CAP], const struct muster_range *range);

/* "attach", "periodic", "recheck", "manual". */
const char *describe_event(enum muster_event event);

/* Each tells one thing as an object. What was told and is sound gives 0; a record that is
 * malformed or whose signature does not verify under its own key gives -1, after telling so. */
int describe_record(struct out *out, const char *key, struct muster_slice raw);
void describe_advisory(struct out *out, const struct muster_advisory *advisory);
void describe_report(struct out *out, const struct muster_report *report);
void describe_inquiry(struct out *out, const struct muster_inquiry *inquiry);
int describe_reply(struct out *out, const struct muster_reply *reply);
/* The list and its first models_max models. */
int describe_list(struct out *out, const struct muster_list *list, size_t models_max);

#endif
