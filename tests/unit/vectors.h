/* SPDX-License-Identifier: ISC */
/* Reading the files of tests/vectors: one loop over the cases, and hex as slices. Aborts the
 * test on a broken file. */
#ifndef MUSTER_TEST_VECTORS_H
#define MUSTER_TEST_VECTORS_H

#include <jansson.h>

#include "muster/cbor.h"
#include "test.h"

#define VECTOR_BYTES_MAX 4096

struct vector_bytes {
    uint8_t bytes[VECTOR_BYTES_MAX];
    size_t len;
};

TEST_UNUSED static json_t *vectors_load(const char *name)
{
    char path[512];
    json_error_t error;
    json_t *file;

    snprintf(path, sizeof path, "%s/tests/vectors/%s.json", MUSTER_SOURCE_DIR, name);
    file = json_load_file(path, 0, &error);
    CHECK(file != NULL);
    if (file == NULL)
        printf("# %s: %s\n", path, error.text);
    return file;
}

static unsigned vector_nibble(char c)
{
    return (unsigned)(c <= '9' ? c - '0' : c - 'a' + 10);
}

TEST_UNUSED static struct vector_bytes vector_hex(const char *hex)
{
    struct vector_bytes v;

    v.len = hex == NULL ? 0 : strlen(hex) / 2;
    if (v.len > sizeof v.bytes) {
        printf("Bail out! a vector is longer than %zu bytes\n", sizeof v.bytes);
        exit(1);
    }
    for (size_t i = 0; i < v.len; i++)
        v.bytes[i] = (uint8_t)(vector_nibble(hex[2 * i]) << 4 | vector_nibble(hex[2 * i + 1]));
    return v;
}

TEST_UNUSED static const char *vector_text(const json_t *o, const char *key)
{
    return json_string_value(json_object_get(o, key));
}

TEST_UNUSED static struct vector_bytes vector_field(const json_t *o, const char *key)
{
    return vector_hex(vector_text(o, key));
}

TEST_UNUSED static uint64_t vector_uint(const json_t *o, const char *key)
{
    const json_t *v = json_object_get(o, key);

    /* above 2^63 the vectors write decimal text */
    return json_is_string(v) ? strtoull(json_string_value(v), NULL, 10)
                             : (uint64_t)json_integer_value(v);
}

TEST_UNUSED static struct muster_slice vector_slice(const struct vector_bytes *v)
{
    struct muster_slice s = {v->bytes, v->len};

    return s;
}

#define CHECK_EQ_SLICE(got, text) test_check_slice((got), (text), __FILE__, __LINE__, #got)

TEST_UNUSED static void test_check_slice(struct muster_slice got, const char *want,
                                         const char *file, int line, const char *what)
{
    if (!test_check(muster_slice_equal(got, muster_slice_of(want)), file, line, what))
        printf("#   got \"%.*s\", wanted \"%s\"\n", (int)got.len, (const char *)got.bytes, want);
}

#define VECTORS_EACH(name, c)                                                                      \
    json_t *vectors_file = vectors_load(name);                                                     \
    size_t vectors_i;                                                                              \
    json_t *c;                                                                                     \
    json_array_foreach(json_object_get(vectors_file, "cases"), vectors_i, c)

#endif
