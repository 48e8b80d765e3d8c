/* SPDX-License-Identifier: ISC */
/* Signed statements (doc/protocol.md, "Records"): COSE_Sign1 (RFC 9052) with Ed25519 (RFC 9864),
 * an advisory or a standing inside. Parsing proves the shape and every limit, and nothing about
 * who signed. */
#ifndef MUSTER_RECORD_H
#define MUSTER_RECORD_H

#include "muster/cbor.h"
#include "muster/crypto.h"
#include "muster/order.h"

#define MUSTER_ADVISORY_MAX    600 /* bytes of the record */
#define MUSTER_STANDING_MAX    300
#define MUSTER_DEFECTS_MAX     4
#define MUSTER_RANGES_MAX      8
#define MUSTER_ID_MAX          32
#define MUSTER_FIXED_IN_MAX    64
#define MUSTER_URL_MAX         96
#define MUSTER_SIGNER_NAME_MAX 32
#define MUSTER_SCOPE_MAX       2
#define MUSTER_DAY_S           UINT64_C(86400)
#define MUSTER_ADVISORY_LIFE_S (40 * MUSTER_DAY_S)
#define MUSTER_STANDING_LIFE_S (14 * MUSTER_DAY_S)

enum muster_record_kind { MUSTER_ADVISORY = 1, MUSTER_STANDING = 2 };
enum muster_level { MUSTER_REVOKED = 0, MUSTER_SUSPENDED = 1, MUSTER_GOOD = 2 };
enum muster_reason {
    MUSTER_REMOTE_TAKEOVER = 1,
    MUSTER_DEFAULT_PASSWORD = 2,
    MUSTER_KNOWN_EXPLOITED = 3,
    MUSTER_USED_IN_ATTACKS = 4,
    MUSTER_NO_MORE_UPDATES = 5,
    MUSTER_OTHER = 6 /* and every unknown value */
};

struct muster_defect {
    struct muster_slice id;
    uint64_t reason;       /* as on the wire; read it with muster_reason_read */
    uint64_t enforce_from; /* Unix seconds; 0 = notice only */
    struct muster_slice fixed_in, url;
    size_t ranges_n;
    struct muster_slice ranges; /* their encoded bytes one after the other, already proven legal */
};

struct muster_advisory {
    struct muster_slice vendor, model;
    uint64_t issued, expires; /* Unix seconds */
    size_t defects_n;         /* 0 = withdrawal */
    struct muster_defect defects[MUSTER_DEFECTS_MAX];
};

struct muster_standing {
    const uint8_t *key; /* the signer it is about */
    struct muster_slice name;
    enum muster_level level;
    uint64_t issued, expires, floor;
    size_t scope_n; /* 0 = may speak of any vendor */
    struct muster_slice scope[MUSTER_SCOPE_MAX];
};

struct muster_record {
    enum muster_record_kind kind;
    struct muster_slice raw;
    const uint8_t *key; /* the key that it says signed it */
    struct muster_slice protected_header, payload;
    const uint8_t *signature;
    union {
        struct muster_advisory advisory;
        struct muster_standing standing;
    } u;
};

/* MUSTER_OK, or MUSTER_E_SIZE, _ENCODING, _SHAPE, _LIMIT: the whole record is malformed, ignore and
 * count it. Everything in ret_record points INTO raw and dies with it. */
MUSTER_MUST_CHECK int muster_record_parse(struct muster_slice raw,
                                          struct muster_record *ret_record);

/* MUSTER_OK, or MUSTER_E_SIGNATURE. Costs one signature check; stack < 1 KiB. It proves only
 * that the holder of record->key signed it: whether that key means anything is the judge's
 * question. */
MUSTER_MUST_CHECK int muster_record_verify(const struct muster_record *record);

/* Walks a defect's ranges: start with `muster_cbor_init(&c, defect->ranges)` and read ranges_n
 * times; or ask at once whether any of them covers the build. */
int muster_defect_covers(const struct muster_defect *defect, struct muster_slice build,
                         uint64_t number);
int muster_advisory_covers(const struct muster_advisory *advisory, struct muster_slice build,
                           uint64_t number);

/* Whether a standing may speak of this vendor. */
int muster_standing_speaks_of(const struct muster_standing *standing, struct muster_slice vendor);

/* The reason with unknown values read as MUSTER_OTHER, and its name ("remote takeover"). */
enum muster_reason muster_reason_read(uint64_t wire);
const char *muster_reason_name(enum muster_reason reason);
const char *muster_level_name(enum muster_level level);

/* Payloads for signing; a defect's `ranges` must hold encoded ranges (muster_range_write). The
 * length written or 0 if it does not fit. Limits are not checked here: sign checks by parsing
 * its result. */
size_t muster_advisory_write(const struct muster_advisory *advisory, uint8_t *ret_bytes,
                             size_t cap);
size_t muster_standing_write(const struct muster_standing *standing, uint8_t *ret_bytes,
                             size_t cap);

/* Signs a payload into a whole record. Deterministic. MUSTER_OK; MUSTER_E_SPACE; or why the
 * result would be malformed (MUSTER_E_SIZE if it is longer than the record limit, _LIMIT, ...):
 * refuse to publish it. */
MUSTER_MUST_CHECK int muster_record_sign(enum muster_record_kind kind, struct muster_slice payload,
                                         const struct muster_signing *signing, uint8_t *ret_bytes,
                                         size_t cap, size_t *ret_len);

/* The Sig_structure of RFC 9052 section 4.4 for this record; its length, or 0 if it does not
 * fit. */
size_t muster_record_to_be_signed(const struct muster_record *record, uint8_t *ret_bytes,
                                  size_t cap);

#endif
