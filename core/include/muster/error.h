/* SPDX-License-Identifier: ISC */
/* Errors of the core: 0 or a negative value, one table of names, and what the caller must do. */
#ifndef MUSTER_ERROR_H
#define MUSTER_ERROR_H

#if defined(__GNUC__)
#define MUSTER_MUST_CHECK __attribute__((warn_unused_result))
#else
#define MUSTER_MUST_CHECK
#endif

enum muster_error {
    MUSTER_OK = 0,

    /* The bytes are not what doc/protocol.md allows: drop them and count. Never answer. */
    MUSTER_E_SIZE = -1,     /* a datagram or record of a size no rule allows */
    MUSTER_E_ENCODING = -2, /* not deterministic CBOR, cut short, or trailing bytes */
    MUSTER_E_SHAPE = -3,    /* CBOR of another type or with another number of elements */
    MUSTER_E_LIMIT = -4,    /* a value outside its limit: length, characters, time, unknown flag */

    /* Well-formed, but not for us or not (yet) believable: ignore, count, keep waiting. */
    MUSTER_E_NONCE = -5,       /* answers no question of ours */
    MUSTER_E_FOREIGN = -6,     /* another vendor or model, or a key nobody here knows */
    MUSTER_E_NOT_COVERED = -7, /* genuine, but no range covers this build */
    MUSTER_E_SIGNATURE = -8,   /* the signature does not verify */
    MUSTER_E_STANDING = -9,    /* fewer than quorum authorities vouch for the signer */
    MUSTER_E_BUDGET = -10,     /* no signature check left in this hour (R10) */

    /* Genuine or claimed, but void: ignore and count. */
    MUSTER_E_EXPIRED = -11,  /* now >= expires */
    MUSTER_E_FUTURE = -12,   /* issued too far ahead of now */
    MUSTER_E_ROLLBACK = -13, /* older than what was accepted, or as old with other bytes */
    MUSTER_E_DISOWNED = -14, /* an authority says suspended or revoked */
    MUSTER_E_FLOOR = -15,    /* issued before the floor of the signer's standing */

    /* Ours: the caller gave too little room, or a table is full. Nothing was written. */
    MUSTER_E_SPACE = -16,
    MUSTER_E_NOT_FOUND = -17, /* a look-up met nothing; not a failure */
    MUSTER_E_CORRUPT = -18 /* an image or saved state that fails its own check: refuse it whole */
};
#define MUSTER_ERRORS_N 19

/* The error's name in lower case with blanks, for counters and messages: "signature",
 * "rollback", ... A static string; "unknown" for a value that is not in the table. */
const char *muster_error_name(int error);

#endif
