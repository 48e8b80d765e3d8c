/* SPDX-License-Identifier: ISC */
/* A saved state of any bytes: with its hash put right it is loaded or refused, never half; what
 * was loaded can be saved and loaded again, moves its deadlines, and is free after a lease. */
#include "fuzz_shell.h"

static struct shell shell;

static void prepare(const uint8_t *bytes, size_t len)
{
    memset(&shell, 0, sizeof shell);
    shell.random = 7;
    shell.now.mono_ms = 1000;
    shell.now.clock_s = START_S;
    shell_firmware(&shell.fw, len > 0 ? bytes[0] : 2);
    memcpy(shell.saved, bytes, len);
    shell.saved_len = len;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    uint8_t id[8] = {1};

    if (len > sizeof shell.saved - MUSTER_HASH_LEN)
        return 0;
    prepare(bytes, len);
    if (len > 0)
        PROMISE(shell_start(&shell) == MUSTER_E_CORRUPT && !shell.cut);
    prepare(bytes, len);
    muster_crypto_hash(shell.saved + len, shell.saved, len);
    shell.saved_len = len + MUSTER_HASH_LEN;
    (void)shell_start(&shell);
    PROMISE(shell_start(&shell) == MUSTER_OK);
    muster_device_on_attach(&shell.d, &shell.now, id, MUSTER_IPV4, &shell.actions);
    shell_perform(&shell);
    shell_advance(&shell, 20 * MUSTER_DAY_S * 1000);
    PROMISE(!shell.cut);
    return 0;
}
