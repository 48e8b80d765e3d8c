/* SPDX-License-Identifier: ISC */
/* The three datagrams (doc/protocol.md, "Messages"): report, inquiry, reply. Parsers accept
 * exactly the legal bytes; writers write nothing else. Slices point INTO the datagram and die
 * with it. */
#ifndef MUSTER_MESSAGE_H
#define MUSTER_MESSAGE_H

#include "muster/cbor.h"
#include "muster/crypto.h"

#define MUSTER_DATAGRAM_MAX 1232
#define MUSTER_INQUIRY_LEN  384
#define MUSTER_NONCE_LEN    16
#define MUSTER_RECORDS_MAX  4
/* Encoded vendor and model, adjacent in a report: the key of the list's index. */
#define MUSTER_NAME_KEY_MAX 132

enum muster_type { MUSTER_REPORT = 1, MUSTER_INQUIRY = 2, MUSTER_REPLY = 3 };
enum muster_event { MUSTER_ATTACH = 0, MUSTER_PERIODIC = 1, MUSTER_RECHECK = 2, MUSTER_MANUAL = 3 };
#define MUSTER_FLAG_MORE        1u
#define MUSTER_FLAG_NOTICE_ONLY 2u

struct muster_report {
    const uint8_t *nonce; /* MUSTER_NONCE_LEN bytes */
    enum muster_event event;
    struct muster_slice vendor, model, build;
    uint64_t number;
    size_t padding_len;
    struct muster_slice name_key; /* the encoded bytes of vendor and model; filled by the parser */
};

struct muster_inquiry {
    const uint8_t *nonce;
    const uint8_t *key; /* MUSTER_KEY_LEN bytes */
};

struct muster_reply {
    const uint8_t *nonce;
    unsigned flags;
    size_t records_n;
    struct muster_slice records[MUSTER_RECORDS_MAX]; /* untrusted; see muster/record.h */
};

/* The type of a datagram by its first two bytes, or 0. Proves nothing else. */
int muster_message_type(const uint8_t *bytes, size_t len);

/* MUSTER_OK, or MUSTER_E_SIZE, _ENCODING, _SHAPE, _LIMIT: drop and count. */
MUSTER_MUST_CHECK int muster_report_parse(const uint8_t *bytes, size_t len,
                                          struct muster_report *ret_report);
MUSTER_MUST_CHECK int muster_inquiry_parse(const uint8_t *bytes, size_t len,
                                           struct muster_inquiry *ret_inquiry);
MUSTER_MUST_CHECK int muster_reply_parse(const uint8_t *bytes, size_t len,
                                         struct muster_reply *ret_reply);

/* Length written, or 0 if it does not fit in cap or a field is illegal. A report is written with
 * padding so that it is MUSTER_DATAGRAM_MAX long if `padded`, else with none. */
size_t muster_report_write(const struct muster_report *report, int padded, uint8_t *ret_bytes,
                           size_t cap);
size_t muster_inquiry_write(const struct muster_inquiry *inquiry, uint8_t *ret_bytes, size_t cap);
size_t muster_reply_write(const struct muster_reply *reply, uint8_t *ret_bytes, size_t cap);
/* The length muster_reply_write would need. */
size_t muster_reply_len(const struct muster_reply *reply);

/* Writes the encoded bytes of vendor and model; length, or 0 if a name is illegal. */
size_t muster_name_key_write(struct muster_slice vendor, struct muster_slice model,
                             uint8_t ret_bytes[MUSTER_NAME_KEY_MAX]);

/* Whether the text keeps the protocol's grammar for vendor and model, or for a build. */
int muster_name_is_legal(struct muster_slice name);
int muster_build_is_legal(struct muster_slice build);

#endif
