/* SPDX-License-Identifier: ISC */
/* The constant bytes of a record, shared by reading and writing. Internal to the core. */
#ifndef MUSTER_RECORD_FORM_H
#define MUSTER_RECORD_FORM_H

#include "muster/record.h"

#define RECORD_HEADER_LEN      73
#define RECORD_HEADER_OPEN_LEN 6
/* "Signature1" array, header, empty AAD and the longest payload. */
#define RECORD_SIGNED_MAX      (MUSTER_ADVISORY_MAX + 100)

extern const uint8_t record_open[4]; /* tag 18, array of 4, head of the protected header */
extern const uint8_t
    record_header_open[RECORD_HEADER_OPEN_LEN]; /* map of 3, alg -19, label and head of the key */
const char *record_typ(enum muster_record_kind kind);

#endif
