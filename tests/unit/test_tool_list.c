/* SPDX-License-Identifier: ISC */
/* Lists written by the tool and read by the core: random models, the edges of the format, and
 * history. */
#include "host/listcheck.h"
#include "muster/answer.h"
#include "test.h"
#include "test_tool_sources.h"
#include "tool/compile.h"
#include "tool/history.h"

#define NOW  UINT64_C(1790000000)
#define MANY 5000

static struct folder folder;
static struct problems problems;
static struct test_signer signer;
static struct changes changes[CHANGES_N];
static uint8_t *image;
static size_t image_len;
static unsigned threads = 2;
static uint64_t keep_s = 15 * MUSTER_DAY_S; /* what lives so long is kept */

static void add_model(const char *vendor, const char *model, const char *id)
{
    struct source s = test_source(vendor, model, id, "2.0");

    if (folder_add(&folder, &s) != 0)
        abort();
}

/* Signs the folder at `issued`; the image replaces the one before, which may be `old`. */
static int sign(uint64_t issued, const struct muster_list *old)
{
    struct compile_order order = {.folder = &folder,
                                  .old = old,
                                  .draft = {.key = signer.signing.key,
                                            .issued = issued,
                                            .expires = issued + 30 * MUSTER_DAY_S,
                                            .keep_until = issued + keep_s},
                                  .threads = threads,
                                  .enforce = ENFORCE_AFTER,
                                  .enforce_after_s = 14 * MUSTER_DAY_S};
    struct progress progress = {.what = NULL};
    struct list_build build;
    uint8_t *before = image;
    int ret;

    memset(&problems, 0, sizeof problems);
    test_signer_make(&signer, 1);
    folder_sort(&folder, &problems);
    list_build_init(&build);
    ret = compile_list(&order, &problems, &build, changes);
    if (ret == 0)
        ret = list_build_sign(&build, &signer.signing, threads, &progress);
    if (ret == 0)
        ret = list_build_finish(&build, issued, &signer.signing, threads, &image, &image_len);
    list_build_free(&build);
    if (ret == 0)
        free(before);
    return ret;
}

static struct muster_list open_list(void)
{
    struct muster_list list;

    memset(&list, 0, sizeof list);
    CHECK(muster_list_open((struct muster_slice){image, image_len}, &list) == MUSTER_OK);
    CHECK(muster_list_verify(&list) == MUSTER_OK);
    return list;
}

static int find(const struct muster_list *list, const char *vendor, const char *model,
                struct muster_list_entry *ret)
{
    uint8_t bytes[MUSTER_NAME_KEY_MAX];
    struct muster_slice key = {bytes, 0};

    key.len = muster_name_key_write(muster_slice_of(vendor), muster_slice_of(model), bytes);
    return muster_list_find(list, key, ret);
}

static struct muster_advisory advisory_of(const struct muster_list_entry *entry)
{
    struct muster_record r;

    memset(&r, 0, sizeof r);
    CHECK(muster_record_parse(entry->record, &r) == MUSTER_OK);
    CHECK(muster_record_verify(&r) == MUSTER_OK);
    return r.u.advisory;
}

TEST(thousands_of_random_models_are_found_and_no_others)
{
    char vendor[40], model[80];
    struct muster_list_entry entry;
    struct muster_list list;
    size_t i;

    folder_free(&folder);
    for (i = 0; i < MANY; i++) {
        (void)snprintf(vendor, sizeof vendor, "v%u", randombytes_uniform(40));
        (void)snprintf(model, 65, "m%zu-%0*u", i, (int)randombytes_uniform(56) + 1,
                       randombytes_uniform(9));
        add_model(vendor, model, "CVE-1");
    }
    REQUIRE(sign(NOW, NULL) == 0);
    list = open_list();
    CHECK_EQ_INT(list.models_n, MANY + 1);
    CHECK(list.slots_n >= 2 * list.models_n);
    CHECK(list.probes_max <= MUSTER_LIST_PROBES_MAX);
    CHECK_EQ_INT(list.issued, NOW);
    CHECK_EQ_INT(list.expires, NOW + 30 * MUSTER_DAY_S);
    for (i = 0; i < folder.n; i++) {
        REQUIRE(muster_list_find(&list, folder.sources[i].name_key, &entry) == MUSTER_OK);
        CHECK(entry.sum == muster_list_sum(entry.record));
    }
    for (i = 0; i < MANY; i++) {
        (void)snprintf(model, sizeof model, "absent-%zu", i);
        CHECK(find(&list, "v1", model, &entry) == MUSTER_E_NOT_FOUND);
    }
    folder_free(&folder);
}

TEST(the_same_input_gives_the_same_bytes)
{
    uint8_t *first;
    size_t len;

    folder_free(&folder);
    add_model("acme", "cam", "CVE-1");
    add_model("acme", "tv", "CVE-1");
    REQUIRE(sign(NOW, NULL) == 0);
    len = image_len;
    first = image;
    image = NULL;
    folder_free(&folder);
    add_model("acme", "tv", "CVE-1");
    add_model("acme", "cam", "CVE-1");
    threads = 7;
    REQUIRE(sign(NOW, NULL) == 0);
    threads = 2;
    CHECK_EQ_INT(image_len, len);
    CHECK_EQ_MEM(image, first, len);
    free(first);
}

TEST(any_changed_byte_is_seen)
{
    struct muster_list list;
    const size_t approvals_len = MUSTER_LIST_HEADER_LEN - MUSTER_LIST_APPROVALS_AT;
    size_t i, seen = 0;

    folder_free(&folder);
    add_model("acme", "cam", "CVE-1");
    REQUIRE(sign(NOW, NULL) == 0);
    for (i = 0; i < image_len; i++) {
        if (i == MUSTER_LIST_APPROVALS_AT) /* these verify, or not, by themselves */
            i = MUSTER_LIST_HEADER_LEN;
        image[i] ^= 1;
        if (muster_list_open((struct muster_slice){image, image_len}, &list) != MUSTER_OK ||
            muster_list_verify(&list) != MUSTER_OK)
            seen++;
        image[i] ^= 1;
    }
    CHECK_EQ_INT(seen, image_len - approvals_len);
}

/* What one thread and what several say of the image as it is now. */
static void check_alike(int wanted)
{
    struct muster_list list;

    if (muster_list_open((struct muster_slice){image, image_len}, &list) != MUSTER_OK)
        return;
    CHECK_EQ_INT(muster_list_verify(&list), wanted);
    CHECK_EQ_INT(listcheck_verify(&list, 1), wanted);
    CHECK_EQ_INT(listcheck_verify(&list, 3), wanted);
}

TEST(several_threads_verify_what_one_verifies)
{
    char model[32];
    size_t i, at;

    folder_free(&folder);
    for (i = 0; i < MANY; i++) {
        (void)snprintf(model, sizeof model, "m%zu", i);
        add_model("acme", model, "CVE-1");
    }
    REQUIRE(sign(NOW, NULL) == 0);
    CHECK(image_len > 10 * MUSTER_LIST_PART_LEN);
    check_alike(MUSTER_OK);
    for (i = 0; i < 200; i++) {
        at = i % 4 == 0 ? image_len - 1 - randombytes_uniform(600)
                        : MUSTER_LIST_HEADER_LEN +
                              randombytes_uniform((uint32_t)image_len - MUSTER_LIST_HEADER_LEN);
        test_case("byte %zu", at);
        image[at] ^= 4;
        check_alike(MUSTER_E_CORRUPT);
        image[at] ^= 4;
    }
    check_alike(MUSTER_OK);
    image[30] ^= 4;
    check_alike(MUSTER_E_SIGNATURE);
    image[30] ^= 4;
    folder_free(&folder);
}

/* The digests made right again and signed, as a careless or hostile signer could. */
static void sign_again(void)
{
    uint8_t message[sizeof MUSTER_LIST_CONTEXT - 1 + MUSTER_LIST_SIGNED_LEN];
    size_t context_len = sizeof MUSTER_LIST_CONTEXT - 1, part;
    struct muster_list list;

    REQUIRE(muster_list_open((struct muster_slice){image, image_len}, &list) == MUSTER_OK);
    for (part = 0; part < list.parts_n; part++) {
        const uint8_t *at = list.slots + part * MUSTER_LIST_PART_LEN;
        size_t left = (size_t)(list.digests - at);

        muster_crypto_hash(image + (list.digests - image) + part * MUSTER_HASH_LEN, at,
                           left < MUSTER_LIST_PART_LEN ? left : MUSTER_LIST_PART_LEN);
    }
    muster_crypto_hash(image + 72, list.digests, list.parts_n * MUSTER_HASH_LEN);
    memcpy(message, MUSTER_LIST_CONTEXT, context_len);
    memcpy(message + context_len, image, MUSTER_LIST_SIGNED_LEN);
    CHECK(signer.signing.sign(signer.signing.secret, image + MUSTER_LIST_SIGNED_LEN, message,
                              sizeof message) == 0);
}

TEST(signed_but_wrong_inside_is_seen_by_all)
{
    struct muster_list list;
    size_t i, at, seen = 0;

    folder_free(&folder);
    add_model("acme", "cam", "CVE-1");
    add_model("acme", "tv", "CVE-1");
    REQUIRE(sign(NOW, NULL) == 0);
    sign_again();
    check_alike(MUSTER_OK);
    for (i = 0; i < 8; i++) {
        list = open_list();
        at = (size_t)(list.entries.bytes - image) + i; /* the first entry's head: lengths and sum */
        image[at] ^= 8;
        sign_again();
        test_case("byte %zu", at);
        if (muster_list_open((struct muster_slice){image, image_len}, &list) == MUSTER_OK) {
            check_alike(MUSTER_E_CORRUPT);
            seen++;
        }
        image[at] ^= 8;
        sign_again();
    }
    CHECK_EQ_INT(seen, 8);
    for (i = 1; i < 8; i += 5) { /* three models: the header speaks of two, of five */
        image[48] ^= (uint8_t)i;
        sign_again();
        test_case("%d models", image[48]);
        check_alike(MUSTER_E_CORRUPT);
        image[48] ^= (uint8_t)i;
    }
    folder_free(&folder);
}

TEST(an_empty_folder_lists_always_fail)
{
    struct muster_list_entry entry;
    struct muster_list list;
    struct muster_advisory a;

    folder_free(&folder);
    REQUIRE(sign(NOW, NULL) == 0);
    list = open_list();
    CHECK_EQ_INT(list.models_n, 1);
    REQUIRE(find(&list, MUSTER_TEST_VENDOR, MUSTER_ALWAYS_FAIL, &entry) == MUSTER_OK);
    a = advisory_of(&entry);
    REQUIRE(a.defects_n == 1);
    CHECK(muster_slice_equal(a.defects[0].id, muster_slice_of("MUSTER-TEST")));
    CHECK_EQ_INT(a.defects[0].reason, MUSTER_OTHER);
    CHECK_EQ_INT(a.defects[0].enforce_from, NOW);
    CHECK(muster_advisory_covers(&a, muster_slice_of("1"), 0));
    CHECK(find(&list, MUSTER_TEST_VENDOR, MUSTER_NEVER_FAIL, &entry) == MUSTER_E_NOT_FOUND);
}

TEST(first_issues_survive_and_what_left_is_withdrawn)
{
    struct muster_list_entry entry;
    struct muster_list list;

    folder_free(&folder);
    add_model("acme", "cam", "CVE-1");
    add_model("zeta", "tv", "CVE-1");
    REQUIRE(sign(NOW, NULL) == 0);
    CHECK_EQ_INT(changes[CHANGE_NEW].n, 2);
    list = open_list();
    folder_free(&folder);
    add_model("acme", "cam", "CVE-1");
    add_model("acme", "cam", "CVE-2");
    REQUIRE(sign(NOW + 5 * MUSTER_DAY_S, &list) == 0);
    CHECK_EQ_INT(changes[CHANGE_CHANGED].n, 1);
    CHECK_EQ_INT(changes[CHANGE_WITHDRAWN].n, 1);
    CHECK_EQ_STR(changes[CHANGE_WITHDRAWN].names[0], "zeta/tv");
    list = open_list();
    REQUIRE(find(&list, "acme", "cam", &entry) == MUSTER_OK);
    CHECK_EQ_INT(history_find(entry.history, "CVE-1"), NOW);
    CHECK_EQ_INT(history_find(entry.history, "CVE-2"), NOW + 5 * MUSTER_DAY_S);
    CHECK_EQ_INT(advisory_of(&entry).defects[0].enforce_from, NOW + 14 * MUSTER_DAY_S);
    CHECK_EQ_INT(advisory_of(&entry).defects[1].enforce_from, NOW + 19 * MUSTER_DAY_S);
    REQUIRE(find(&list, "zeta", "tv", &entry) == MUSTER_OK);
    CHECK_EQ_INT(advisory_of(&entry).defects_n, 0);
    CHECK_EQ_INT(history_find(entry.history, ""), NOW + 30 * MUSTER_DAY_S);
}

/* The record's place in the image of its list tells whether it is the same. */
static void check_kept(const struct muster_list_entry *before, const char *vendor,
                       const char *model, bool wanted)
{
    struct muster_list list = open_list();
    struct muster_list_entry now;

    REQUIRE(find(&list, vendor, model, &now) == MUSTER_OK);
    CHECK_EQ_INT(muster_slice_equal(now.record, before->record), wanted);
    CHECK(advisory_of(&now).issued <= list.issued);
}

TEST(what_says_the_same_and_lives_on_is_kept)
{
    struct muster_list_entry cam, tv;
    struct muster_list list;
    uint8_t *first;

    folder_free(&folder);
    add_model("acme", "cam", "CVE-1");
    add_model("acme", "tv", "CVE-1");
    REQUIRE(sign(NOW, NULL) == 0);
    list = open_list();
    first = image;
    image = NULL;
    REQUIRE(find(&list, "acme", "cam", &cam) == MUSTER_OK);
    REQUIRE(find(&list, "acme", "tv", &tv) == MUSTER_OK);
    add_model("acme", "tv", "CVE-2");
    REQUIRE(sign(NOW + 15 * MUSTER_DAY_S, &list) == 0);
    check_kept(&cam, "acme", "cam", true);
    check_kept(&tv, "acme", "tv", false);
    CHECK_EQ_INT(changes[CHANGE_KEPT].n, 1);
    CHECK_EQ_INT(changes[CHANGE_CHANGED].n, 1);
    REQUIRE(sign(NOW + 15 * MUSTER_DAY_S + 1, &list) == 0);
    check_kept(&cam, "acme", "cam", false);
    CHECK_EQ_INT(changes[CHANGE_RENEWED].n, 1);
    keep_s = 31 * MUSTER_DAY_S; /* nothing lives so long: sign all */
    REQUIRE(sign(NOW + 1, &list) == 0);
    check_kept(&cam, "acme", "cam", false);
    keep_s = 15 * MUSTER_DAY_S;
    free(first);
}

TEST(a_withdrawal_remembers_the_longest_advisory)
{
    struct muster_list_entry entry;
    struct muster_list list;
    uint8_t *old;

    folder_free(&folder);
    add_model("acme", "cam", "CVE-1");
    REQUIRE(sign(NOW, NULL) == 0); /* ends NOW + 30 days */
    list = open_list();
    folder_free(&folder);
    REQUIRE(sign(NOW + 29 * MUSTER_DAY_S, &list) == 0); /* withdrawn */
    list = open_list();
    REQUIRE(find(&list, "acme", "cam", &entry) == MUSTER_OK);
    REQUIRE(sign(NOW + 30 * MUSTER_DAY_S - 1, &list) == 0);
    list = open_list();
    REQUIRE(find(&list, "acme", "cam", &entry) == MUSTER_OK);
    old = image;
    image = NULL;
    REQUIRE(sign(NOW + 30 * MUSTER_DAY_S, &list) == 0);
    list = open_list();
    CHECK(find(&list, "acme", "cam", &entry) == MUSTER_E_NOT_FOUND);
    free(old);
}

TEST(entries_must_come_in_order)
{
    uint8_t a[MUSTER_NAME_KEY_MAX], b[MUSTER_NAME_KEY_MAX];
    struct muster_slice none = {a, 0}, first = {a, 0}, second = {b, 0};
    struct list_build build;

    first.len = muster_name_key_write(muster_slice_of("a"), muster_slice_of("b"), a);
    second.len = muster_name_key_write(muster_slice_of("a"), muster_slice_of("c"), b);
    list_build_init(&build);
    CHECK(list_build_add(&build, second, none, false, none, NOW) == 0);
    CHECK(list_build_add(&build, first, none, false, none, NOW) < 0);
    CHECK(list_build_add(&build, second, none, false, none, NOW) < 0);
    list_build_free(&build);
    test_signer_make(&signer, 1);
    CHECK(list_build_finish(&build, NOW, &signer.signing, 2, &image, &image_len) < 0);
}

TEST(history_keeps_and_bounds)
{
    static uint8_t bytes[HISTORY_CAP];
    struct history h = {bytes, 0};
    char id[33];
    size_t i;

    CHECK(history_add(&h, "", 5) == 0);
    CHECK(history_add(&h, "CVE-1", UINT64_C(1) << 52) == 0);
    CHECK_EQ_INT(history_find((struct muster_slice){bytes, h.len}, ""), 5);
    CHECK(history_find((struct muster_slice){bytes, h.len}, "CVE-1") == UINT64_C(1) << 52);
    CHECK_EQ_INT(history_find((struct muster_slice){bytes, h.len}, "CVE-"), 0);
    for (i = 0; i < h.len; i++) /* cut anywhere: never beyond the end */
        CHECK(history_find((struct muster_slice){bytes, i}, "CVE-1") == 0);
    memset(id, 'x', 32);
    id[32] = '\0';
    while (history_add(&h, id, 1) == 0)
        CHECK(h.len <= HISTORY_CAP);
    CHECK(h.len > HISTORY_CAP - 41);
}

TEST(two_files_of_a_layer_on_one_defect_are_a_problem)
{
    folder_free(&folder);
    memset(&problems, 0, sizeof problems);
    add_model("acme", "cam", "CVE-1");
    add_model("acme", "cam", "CVE-1");
    folder_sort(&folder, &problems);
    CHECK_EQ_INT(problems.n, 1);
    CHECK_EQ_INT(folder.n, 1);
}

TEST(a_later_layer_overrides_and_suppresses)
{
    folder_free(&folder);
    memset(&problems, 0, sizeof problems);
    add_model("acme", "cam", "CVE-1");
    add_model("acme", "cam", "CVE-1");
    add_model("acme", "cam", "CVE-2");
    add_model("acme", "cam", "CVE-2");
    folder.sources[1].layer = 1;
    folder.sources[1].reason = MUSTER_OTHER;
    folder.sources[3].layer = 1;
    folder.sources[3].withdrawn = true;
    folder_sort(&folder, &problems);
    CHECK_EQ_INT(problems.n, 0);
    REQUIRE(folder.n == 1);
    CHECK_EQ_INT(folder.sources[0].reason, MUSTER_OTHER);
    folder_free(&folder);
    free(image);
    image = NULL;
}
