/* SPDX-License-Identifier: ISC */
/* Approvals in a list's header: what counts, and what must not. */
#include "muster/message.h"
#include "test.h"
#include "test_tool_sources.h"
#include "tool/list_build.h"

#define NOW UINT64_C(1790000000)

static uint8_t *image;
static size_t image_len;
static struct muster_list list;
static struct test_signer signer, approvers[3];
static uint8_t keys[3 * MUSTER_KEY_LEN];

/* A list of one withdrawal issued at `record_s`; approvals look at the header only. */
static int build_list(uint64_t record_s, uint64_t issued, uint8_t **ret_image, size_t *ret_len)
{
    uint8_t name_key[MUSTER_NAME_KEY_MAX], payload[MUSTER_ADVISORY_MAX];
    uint8_t record[MUSTER_ADVISORY_MAX];
    struct muster_advisory a = {.vendor = muster_slice_of("acme"),
                                .model = muster_slice_of("cam"),
                                .issued = record_s,
                                .expires = record_s + MUSTER_DAY_S};
    struct muster_slice key = {name_key, 0}, bytes = {payload, 0};
    struct list_build build;
    int ret;

    test_signer_make(&signer, 1);
    bytes.len = muster_advisory_write(&a, payload, sizeof payload);
    if (muster_record_sign(MUSTER_ADVISORY, bytes, &signer.signing, record, sizeof record,
                           &bytes.len) != MUSTER_OK)
        return -1;
    bytes.bytes = record;
    key.len = muster_name_key_write(a.vendor, a.model, name_key);
    list_build_init(&build);
    ret = list_build_add(&build, key, bytes, false, (struct muster_slice){name_key, 0}, a.expires);
    if (ret == 0)
        ret = list_build_finish(&build, issued, &signer.signing, 1, ret_image, ret_len);
    list_build_free(&build);
    return ret;
}

static void make_list(uint64_t issued)
{
    free(image);
    image = NULL;
    REQUIRE(build_list(issued, issued, &image, &image_len) == 0);
    REQUIRE(muster_list_open((struct muster_slice){image, image_len}, &list) == MUSTER_OK);
}

static void make_approvers(void)
{
    for (size_t i = 0; i < 3; i++) {
        test_signer_make(&approvers[i], (uint8_t)(i + 2));
        memcpy(keys + i * MUSTER_KEY_LEN, approvers[i].signing.key, MUSTER_KEY_LEN);
    }
}

static uint8_t *room(uint32_t i)
{
    return image + MUSTER_LIST_APPROVALS_AT + (size_t)i * MUSTER_LIST_APPROVAL_LEN;
}

static void approve(uint32_t i, const struct test_signer *by)
{
    uint8_t message[MUSTER_APPROVAL_SIGNED_LEN];

    muster_list_approval_message(&list, message);
    memcpy(room(i), by->signing.key, MUSTER_KEY_LEN);
    REQUIRE(by->signing.sign(by->signing.secret, room(i) + MUSTER_KEY_LEN, message,
                             sizeof message) == 0);
}

static uint32_t count(size_t keys_n)
{
    CHECK(muster_list_verify(&list) == MUSTER_OK); /* whatever the approvals are */
    return muster_list_approvals_n(&list, keys, keys_n);
}

TEST(a_fresh_list_has_none)
{
    make_list(NOW);
    make_approvers();
    CHECK_EQ_INT(count(3), 0);
    for (uint32_t i = 0; i < MUSTER_LIST_APPROVALS_MAX; i++) {
        CHECK(muster_list_approval(&list, i) == NULL);
        CHECK(!muster_list_approval_verifies(&list, i));
    }
}

TEST(distinct_named_keys_count)
{
    make_list(NOW);
    make_approvers();
    approve(0, &approvers[0]);
    CHECK_EQ_INT(count(3), 1);
    approve(1, &approvers[1]);
    approve(7, &approvers[2]); /* gaps do no harm */
    CHECK_EQ_INT(count(3), 3);
    CHECK_EQ_INT(count(2), 2);
    CHECK_EQ_INT(count(0), 0);
    CHECK(memcmp(muster_list_approval(&list, 7), approvers[2].signing.key, MUSTER_KEY_LEN) == 0);
}

TEST(one_key_counts_once_however_often_it_stands_there)
{
    make_list(NOW);
    make_approvers();
    for (uint32_t i = 0; i < MUSTER_LIST_APPROVALS_MAX; i++)
        approve(i, &approvers[0]);
    CHECK_EQ_INT(count(3), 1);
    memcpy(keys + MUSTER_KEY_LEN, keys, MUSTER_KEY_LEN); /* named twice */
    CHECK_EQ_INT(count(3), 1);
}

TEST(a_bad_approval_does_not_hide_a_good_one_of_the_key)
{
    make_list(NOW);
    make_approvers();
    approve(0, &approvers[0]);
    approve(3, &approvers[0]);
    room(0)[MUSTER_KEY_LEN] ^= 1;
    CHECK_EQ_INT(count(3), 1);
    room(3)[MUSTER_KEY_LEN] ^= 1;
    CHECK_EQ_INT(count(3), 0);
}

TEST(a_foreign_key_and_the_signers_own_do_not_count)
{
    struct test_signer stranger;

    make_list(NOW);
    make_approvers();
    test_signer_make(&stranger, 9);
    approve(0, &stranger);
    approve(1, &signer);
    CHECK(muster_list_approval_verifies(&list, 0));
    CHECK(muster_list_approval_verifies(&list, 1));
    memcpy(keys, signer.signing.key, MUSTER_KEY_LEN);
    CHECK_EQ_INT(count(3), 0);
}

TEST(the_approval_of_another_list_does_not_count)
{
    uint8_t taken[MUSTER_LIST_APPROVAL_LEN];

    make_list(NOW);
    make_approvers();
    approve(0, &approvers[0]);
    memcpy(taken, room(0), sizeof taken);
    make_list(NOW + 1);
    memcpy(room(0), taken, sizeof taken);
    CHECK_EQ_INT(count(3), 0);
}

TEST(no_signature_of_the_list_passes_for_an_approval)
{
    make_list(NOW);
    make_approvers();
    approvers[0] = signer;
    memcpy(room(0), signer.signing.key, MUSTER_KEY_LEN);
    memcpy(room(0) + MUSTER_KEY_LEN, image + MUSTER_LIST_SIGNED_LEN, MUSTER_SIGNATURE_LEN);
    CHECK(!muster_list_approval_verifies(&list, 0));
}

TEST(every_bit_of_an_approval_matters)
{
    size_t bit, n = 0;

    make_list(NOW);
    make_approvers();
    approve(2, &approvers[1]);
    for (bit = 0; bit < 8 * MUSTER_LIST_APPROVAL_LEN; bit++) {
        room(2)[bit / 8] ^= (uint8_t)(1u << bit % 8);
        n += muster_list_approvals_n(&list, keys, 3);
        room(2)[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    CHECK_EQ_INT(n, 0);
    CHECK_EQ_INT(count(3), 1);
    free(image);
    image = NULL;
}

TEST(a_record_may_be_older_than_its_list_but_not_newer)
{
    uint8_t *later = NULL;
    size_t len;

    CHECK(build_list(NOW, NOW - 1, &later, &len) != 0);
    CHECK(build_list(NOW, NOW + 1, &later, &len) == 0);
    free(later);
}
