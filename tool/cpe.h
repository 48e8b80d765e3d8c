/* SPDX-License-Identifier: ISC */
/* CPE 2.3 names as formatted strings (NISTIR 7695, 6.2). Pure. */
#ifndef TOOL_CPE_H
#define TOOL_CPE_H

#include <stdbool.h>

#include "muster/cbor.h"

#define CPE_VALUE_CAP 128

struct cpe {
    char part; /* 'a', 'o' or 'h' */
    /* Unescaped; "*" any, "-" none. */
    char vendor[CPE_VALUE_CAP], product[CPE_VALUE_CAP];
    char version[CPE_VALUE_CAP], update[CPE_VALUE_CAP];
    bool is_limited;  /* to an edition, a language or a target */
    bool is_firmware; /* the product is named X_firmware */
    /* As a device reports them: without _firmware, other characters as "_"; "" if too long. */
    char vendor_name[MUSTER_NAME_MAX + 1], model_name[MUSTER_NAME_MAX + 1];
};

/* 0, or -1: not a CPE 2.3 name, or a value that is longer than CPE_VALUE_CAP. */
int cpe_parse(const char *text, struct cpe *ret_cpe);

/* "*" or "-". */
bool cpe_is_open(const char *value);

/* The revision of the hardware that the name tells, or "". Versions of firmware that stand in the
 * hardware's name ("2.10b02") are none. */
const char *cpe_revision(const struct cpe *cpe);

#endif
