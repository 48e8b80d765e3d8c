/* SPDX-License-Identifier: ISC */
/* Report, inquiry and reply: whatever the parsers accept, the writers write again byte for byte;
 * only padding is free. */
#include "fuzz.h"
#include "muster/message.h"

static void check_inside(struct muster_slice part, const uint8_t *bytes, size_t len)
{
    PROMISE(part.bytes >= bytes && part.bytes + part.len <= bytes + len);
}

static void check_report(const uint8_t *bytes, size_t len)
{
    uint8_t written[MUSTER_DATAGRAM_MAX];
    struct muster_report r;
    size_t written_len;

    if (muster_report_parse(bytes, len, &r) != MUSTER_OK)
        return;
    check_inside(r.vendor, bytes, len);
    check_inside(r.model, bytes, len);
    check_inside(r.build, bytes, len);
    check_inside(r.name_key, bytes, len);
    PROMISE(muster_message_type(bytes, len) == MUSTER_REPORT && len >= 28);
    written_len = muster_report_write(&r, 0, written, sizeof written);
    PROMISE(written_len > 0 && written_len <= len);
    PROMISE(memcmp(written, bytes, written_len - 1) == 0); /* all but the padding's head */
    PROMISE(r.padding_len > 0 || written_len == len);
    PROMISE(muster_report_write(&r, 1, written, sizeof written) == MUSTER_DATAGRAM_MAX);
    PROMISE(muster_report_parse(written, sizeof written, &r) == MUSTER_OK);
}

static void check_inquiry(const uint8_t *bytes, size_t len)
{
    uint8_t written[MUSTER_DATAGRAM_MAX];
    struct muster_inquiry q;

    if (muster_inquiry_parse(bytes, len, &q) != MUSTER_OK)
        return;
    PROMISE(muster_message_type(bytes, len) == MUSTER_INQUIRY);
    PROMISE(muster_inquiry_write(&q, written, sizeof written) == len);
    PROMISE(memcmp(written, bytes, 56) == 0); /* up to the padding's contents */
}

static void check_reply(const uint8_t *bytes, size_t len)
{
    uint8_t written[MUSTER_DATAGRAM_MAX];
    struct muster_reply r;
    size_t i;

    if (muster_reply_parse(bytes, len, &r) != MUSTER_OK)
        return;
    for (i = 0; i < r.records_n; i++)
        check_inside(r.records[i], bytes, len);
    PROMISE(muster_message_type(bytes, len) == MUSTER_REPLY);
    PROMISE(!(r.flags & MUSTER_FLAG_MORE) || r.records_n == 0);
    PROMISE(muster_reply_len(&r) == len);
    PROMISE(muster_reply_write(&r, written, sizeof written) == len);
    PROMISE(memcmp(written, bytes, len) == 0);
    PROMISE(muster_reply_write(&r, written, len - 1) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    check_report(bytes, len);
    check_inquiry(bytes, len);
    check_reply(bytes, len);
    return 0;
}
