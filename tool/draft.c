/* SPDX-License-Identifier: ISC */
/* Kept or drafted. It must not sign, and must not keep a record that says anything else. */
#include "tool/draft.h"

#include <string.h>

int draft_before_of(const struct muster_list_entry *entry, struct draft_before *ret_before)
{
    ret_before->present = true;
    ret_before->entry = *entry;
    return muster_record_parse(entry->record, &ret_before->record) == MUSTER_OK &&
                   ret_before->record.kind == MUSTER_ADVISORY
               ? 0
               : -1;
}

bool draft_same_defects(const struct muster_advisory *a, const struct muster_advisory *b)
{
    uint8_t bytes[2][MUSTER_ADVISORY_MAX];
    struct muster_advisory plain[2] = {*a, *b};
    size_t i, len[2];

    for (i = 0; i < 2; i++) {
        plain[i].issued = plain[i].expires = 0;
        len[i] = muster_advisory_write(&plain[i], bytes[i], sizeof bytes[i]);
    }
    return len[0] == len[1] && memcmp(bytes[0], bytes[1], len[0]) == 0;
}

uint64_t draft_believed_until(const struct draft_before *before)
{
    uint64_t until;

    if (!before->present)
        return 0;
    until = history_find(before->entry.history, "");
    if (before->record.u.advisory.defects_n > 0 && before->record.u.advisory.expires > until)
        until = before->record.u.advisory.expires;
    return until;
}

static bool is_kept(const struct draft_order *order, const struct draft_before *before,
                    const struct muster_advisory *advisory)
{
    return before->present && order->keep_until != DRAFT_RESIGN_ALL &&
           before->record.u.advisory.expires >= order->keep_until &&
           before->record.u.advisory.expires > order->issued &&
           memcmp(before->record.key, order->key, MUSTER_KEY_LEN) == 0 &&
           draft_same_defects(&before->record.u.advisory, advisory);
}

static int leave_unsigned(void *secret, uint8_t ret_sig[MUSTER_SIGNATURE_LEN], const uint8_t *msg,
                          size_t msg_len)
{
    (void)secret;
    (void)msg;
    (void)msg_len;
    memset(ret_sig, 0, MUSTER_SIGNATURE_LEN);
    return 0;
}

int draft_make(const struct draft_order *order, const struct draft_before *before,
               const struct muster_advisory *advisory, struct draft *ret_draft)
{
    struct muster_signing nobody = {.sign = leave_unsigned};
    struct muster_advisory a = *advisory;
    uint8_t payload[MUSTER_ADVISORY_MAX];
    struct muster_slice written = {payload, 0};

    ret_draft->kept = is_kept(order, before, advisory);
    if (ret_draft->kept) {
        ret_draft->expires = before->record.u.advisory.expires;
        ret_draft->record_len = before->entry.record.len;
        memcpy(ret_draft->record, before->entry.record.bytes, ret_draft->record_len);
        return MUSTER_OK;
    }
    a.issued = order->issued;
    a.expires = ret_draft->expires = order->expires;
    written.len = muster_advisory_write(&a, payload, sizeof payload);
    memcpy(nobody.key, order->key, MUSTER_KEY_LEN);
    return muster_record_sign(MUSTER_ADVISORY, written, &nobody, ret_draft->record,
                              sizeof ret_draft->record, &ret_draft->record_len);
}

void draft_begin_history(const struct draft *draft, const struct draft_before *before,
                         struct history *io_history)
{
    uint64_t until = draft_believed_until(before);

    io_history->len = 0;
    if (until > draft->expires)
        (void)history_add(io_history, "", until);
}
