/* SPDX-License-Identifier: ISC */
/* One standing into one file. It must not decide what it says. */
#include "tool/standing_write.h"

#include "host/file.h"
#include "tool/cli.h"

int standing_write(const struct muster_standing *standing, const struct signing *signing,
                   const char *path)
{
    uint8_t payload[MUSTER_STANDING_MAX], record[MUSTER_STANDING_MAX];
    struct muster_slice written = {payload, 0};
    size_t len;
    int ret;

    written.len = muster_standing_write(standing, payload, sizeof payload);
    ret = muster_record_sign(MUSTER_STANDING, written, &signing->seam, record, sizeof record, &len);
    if (written.len == 0 || ret == MUSTER_E_SIZE)
        return cli_error(
            "the standing would be longer than %d bytes; shorten --name or the vendors",
            MUSTER_STANDING_MAX);
    if (ret != MUSTER_OK)
        return cli_error("the standing is refused (%s)", muster_error_name(ret));
    ret = file_write_atomic(path, record, len, 0644);
    return ret == 0 ? 0
                    : cli_error("%s: %s; nothing was changed there", SAFE(path), strerror(-ret));
}
