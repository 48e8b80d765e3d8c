/* SPDX-License-Identifier: ISC */
/* Arbitrary bytes as a manifest: what is read has paths inside the folder, each once, and each is
 * found again. */
#include "fuzz.h"
#include "tool/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    char *copy = malloc(len + 1), err[512];
    struct manifest m;
    size_t i, line = 0;

    PROMISE(copy != NULL);
    memcpy(copy, bytes, len);
    if (manifest_parse(copy, len, &m, &line, err, sizeof err) != 0) {
        PROMISE(line >= 1 && strlen(err) < sizeof err);
        return 0;
    }
    for (i = 0; i < m.n; i++) {
        PROMISE(manifest_path_is_legal(m.files[i].path));
        PROMISE(m.files[i].path[0] != '/' && strstr(m.files[i].path, "../") != m.files[i].path);
        PROMISE(manifest_find(&m, m.files[i].path) == &m.files[i]);
    }
    manifest_free(&m);
    return 0;
}
