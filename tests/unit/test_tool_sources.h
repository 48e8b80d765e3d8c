/* SPDX-License-Identifier: ISC */
/* Sources and a signer made up for tests of the tool. */
#ifndef MUSTER_TEST_TOOL_SOURCES_H
#define MUSTER_TEST_TOOL_SOURCES_H

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "crypto/sodium.h"
#include "tool/source.h"

struct test_signer {
    struct muster_sodium_secret secret;
    struct muster_signing signing;
};

__attribute__((unused)) static void test_signer_make(struct test_signer *ret, uint8_t fill)
{
    uint8_t seed[MUSTER_SEED_LEN];

    if (sodium_init() < 0)
        abort();
    memset(seed, fill, sizeof seed);
    muster_sodium_open(seed, &ret->secret, &ret->signing);
}

/* A remote takeover in all builds of vendor/model before `fixed`; "" for every build. */
__attribute__((unused)) static struct source test_source(const char *vendor, const char *model,
                                                         const char *id, const char *fixed)
{
    struct muster_range range = {
        .kind = MUSTER_RANGE_NATURAL, .from = muster_slice_of(""), .until = muster_slice_of(fixed)};
    struct source s;

    memset(&s, 0, sizeof s);
    if (source_name(&s, muster_slice_of(vendor), muster_slice_of(model)) != 0 ||
        source_add_range(&s, &range) != 0) {
        printf("Bail out! no memory, or an illegal name in a test\n");
        abort();
    }
    s.path = strdup("made-up.json");
    s.id = strdup(id);
    s.reason = MUSTER_REMOTE_TAKEOVER;
    s.fixed_in = strdup(fixed);
    s.url = strdup("");
    return s;
}

#endif
