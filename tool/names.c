/* SPDX-License-Identifier: ISC */
/* Names as keys and as text. It must not accept what the core refuses. */
#include "tool/names.h"

#include <stdio.h>
#include <string.h>

#include "muster/answer.h"

void names_split(struct muster_slice name_key, struct muster_slice *ret_vendor,
                 struct muster_slice *ret_model)
{
    struct muster_cbor c;

    muster_cbor_init(&c, name_key);
    *ret_vendor = muster_cbor_text(&c, 1, MUSTER_NAME_MAX, MUSTER_NAME);
    *ret_model = muster_cbor_text(&c, 1, MUSTER_NAME_MAX, MUSTER_NAME);
}

const char *names_text(char out[NAMES_TEXT_CAP], struct muster_slice name_key)
{
    struct muster_slice vendor, model;

    names_split(name_key, &vendor, &model);
    (void)snprintf(out, NAMES_TEXT_CAP, "%.*s/%.*s", (int)vendor.len, (const char *)vendor.bytes,
                   (int)model.len, (const char *)model.bytes);
    return out;
}

bool names_are_test(struct muster_slice name_key)
{
    struct muster_slice vendor, model;

    names_split(name_key, &vendor, &model);
    return muster_slice_equal(vendor, muster_slice_of(MUSTER_TEST_VENDOR));
}

int names_parse(const char *text, struct muster_slice *ret_vendor, struct muster_slice *ret_model)
{
    const char *slash = strchr(text, '/');
    struct muster_slice vendor = muster_slice_of(text), model;

    if (slash == NULL)
        return -1;
    vendor.len = (size_t)(slash - text);
    model = muster_slice_of(slash + 1);
    if (!muster_name_is_legal(vendor) || !muster_name_is_legal(model))
        return -1;
    *ret_vendor = vendor;
    *ret_model = model;
    return 0;
}

int names_compare(struct muster_slice a, struct muster_slice b)
{
    int c = memcmp(a.bytes, b.bytes, a.len < b.len ? a.len : b.len);

    return c != 0 ? c : (a.len > b.len) - (a.len < b.len);
}

void names_suggest(struct muster_slice text, char out[MUSTER_NAME_MAX + 1])
{
    size_t i, len = text.len < MUSTER_NAME_MAX ? text.len : MUSTER_NAME_MAX;

    for (i = 0; i < len; i++) {
        char c = (char)text.bytes[i];

        if (c >= 'A' && c <= 'Z')
            c = (char)(c | 0x20);
        if (memchr("abcdefghijklmnopqrstuvwxyz0123456789._+-", c, 40) == NULL)
            c = '_';
        out[i] = c;
    }
    out[len] = '\0';
}
