/* SPDX-License-Identifier: ISC */
/* The table of error names. */
#include "muster/error.h"

const char *muster_error_name(int error)
{
    static const char *const names[MUSTER_ERRORS_N] = {
        "ok",          "size",      "encoding", "shape",     "limit",   "nonce",  "foreign",
        "not covered", "signature", "standing", "budget",    "expired", "future", "rollback",
        "disowned",    "floor",     "space",    "not found", "corrupt",
    };

    if (error > 0 || error <= -MUSTER_ERRORS_N)
        return "unknown";
    return names[-error];
}
