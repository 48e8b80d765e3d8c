/* SPDX-License-Identifier: ISC */
/* A bundle that somebody made up: as bytes, and as members between 0xff bytes, which are put into tar's
 * form so that more inputs get past it. What is taken has all that is said of bundles, and packs into
 * the same bytes again. */
#include "fuzz.h"
#include "tool/bundle.h"

#define MEMBERS_MAX 16

static void check_layers(const struct bundle *b)
{
    size_t i;

    for (i = 0; i < b->layers_n; i++) {
        PROMISE(strncmp(b->layers[i].name, "layers/", 7) == 0 &&
                strstr(b->layers[i].name, "/.") == NULL);
        PROMISE(i == 0 || strcmp(b->layers[i - 1].name, b->layers[i].name) < 0);
    }
    PROMISE(b->options.layers_n <= FOLDER_LAYERS_MAX && b->options.days > 0);
}

static void check_packs(struct bundle *b, const uint8_t *file, size_t len)
{
    uint8_t *again;
    size_t again_len;

    PROMISE(bundle_pack(b, &again, &again_len) == 0);
    PROMISE(again_len == len && memcmp(again, file, len) == 0);
    free(again);
}

static void try_file(const uint8_t *bytes, size_t len)
{
    struct problems problems = {.out = NULL};
    struct folder folder = {.n = 0};
    uint8_t *copy = malloc(len > 0 ? len : 1);
    struct bundle b;

    PROMISE(copy != NULL);
    if (len > 0)
        memcpy(copy, bytes, len);
    if (bundle_parse("bundle", copy, len, &b) != 0)
        return;
    check_layers(&b);
    (void)bundle_folder(&b, &problems, &folder);
    folder_free(&folder);
    check_packs(&b, bytes, len);
    bundle_free(&b);
}

/* "NAME\0CONTENT" between 0xff bytes. */
static size_t cut(const uint8_t *bytes, size_t len, struct ustar_member members[MEMBERS_MAX])
{
    size_t n = 0;

    while (len > 0 && n < MEMBERS_MAX) {
        const uint8_t *end = memchr(bytes, 0xff, len);
        size_t part = end != NULL ? (size_t)(end - bytes) : len;
        const uint8_t *zero = memchr(bytes, 0, part);
        size_t name_len = zero != NULL ? (size_t)(zero - bytes) : part;

        members[n].name = strndup((const char *)bytes, name_len);
        PROMISE(members[n].name != NULL);
        members[n].bytes.bytes = zero != NULL ? zero + 1 : bytes;
        members[n++].bytes.len = zero != NULL ? part - name_len - 1 : 0;
        part += end != NULL;
        bytes += part;
        len -= part;
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    struct ustar_member members[MEMBERS_MAX];
    size_t n = cut(bytes, len, members), file_len, index, i;
    uint8_t *file;

    try_file(bytes, len);
    if (ustar_write(members, n, &file, &file_len, &index) == 0) {
        try_file(file, file_len);
        free(file);
    }
    for (i = 0; i < n; i++)
        free(members[i].name);
    return 0;
}
