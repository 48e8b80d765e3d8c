/* SPDX-License-Identifier: ISC */
/* One model's place in the next list: the record of the list before as it is, if it says the same
 * and lives long enough, or a draft that only lacks its signature. Pure; any thread. */
#ifndef TOOL_DRAFT_H
#define TOOL_DRAFT_H

#include <stdbool.h>

#include "muster/list.h"
#include "muster/record.h"
#include "tool/history.h"

#define DRAFT_RESIGN_ALL UINT64_MAX

/* What holds for all models of one list. */
struct draft_order {
    const uint8_t *key;       /* the signer */
    uint64_t issued, expires; /* of what is signed anew */
    uint64_t keep_until;      /* a record that ends then or later is kept; DRAFT_RESIGN_ALL: none */
};

/* A model as an earlier list has it. */
struct draft_before {
    bool present;
    struct muster_list_entry entry;
    struct muster_record record;
};

struct draft {
    bool kept;
    uint64_t expires;
    size_t record_len;
    uint8_t record[MUSTER_ADVISORY_MAX];
};

/* Takes an entry of a verified list apart. 0, or -1 if its record is broken. */
int draft_before_of(const struct muster_list_entry *entry, struct draft_before *ret_before);

/* Whether two advisories differ in nothing but their times: a renewal. */
bool draft_same_defects(const struct muster_advisory *a, const struct muster_advisory *b);

/* Until when an advisory with defects that was issued before may still be believed; 0 = none is. */
uint64_t draft_believed_until(const struct draft_before *before);

/* Makes the model's record out of names and defects of `advisory`; its times are ignored. `before`
 * is the model in this signer's list before, or absent. MUSTER_OK, or why the record would be
 * malformed. */
MUSTER_MUST_CHECK int draft_make(const struct draft_order *order, const struct draft_before *before,
                                 const struct muster_advisory *advisory, struct draft *ret_draft);

/* Begins a model's history: forgets what is in it, and notes until when something earlier may be
 * believed if that is later than the draft's own end. */
void draft_begin_history(const struct draft *draft, const struct draft_before *before,
                         struct history *io_history);

#endif
