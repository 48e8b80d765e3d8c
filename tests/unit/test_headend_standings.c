/* SPDX-License-Identifier: ISC */
/* Which standings a head-end uses and staples, and what bad files do. */
#include "headend/standings.h"

#include <sys/stat.h>

#include "host/file.h"
#include "scratch.h"
#include "test.h"
#include "test_headend_records.h"

#define SIGNER 1

static void put(const char *name, struct test_signed record)
{
    CHECK(record.len > 0);
    CHECK_EQ_INT(file_write_atomic(scratch_path(name), record.bytes, record.len, 0644), 0);
}

static struct standings *load(const char *path, const struct standings *old)
{
    char *paths[1] = {(char *)(uintptr_t)path};
    struct standings *s = NULL;

    CHECK_EQ_INT(standings_load(paths, 1, old, false, &s), 0);
    return s;
}

/* Good until the next one is made. */
static const char *fresh_directory(const char *name)
{
    static char path[128];

    (void)snprintf(path, sizeof path, "%s", scratch_path(name));
    CHECK_EQ_INT(mkdir(path, 0755), 0);
    return path;
}

/* The `expires` of what is stapled for SIGNER. */
static size_t stapled(const struct standings *s, uint64_t ret_expires[STANDINGS_STAPLED_MAX])
{
    struct muster_slice slices[STANDINGS_STAPLED_MAX];
    size_t i, n = standings_staple(s, test_public(SIGNER), NOW, slices);
    struct muster_record record;

    for (i = 0; i < n; i++) {
        CHECK_EQ_INT(muster_record_parse(slices[i], &record), MUSTER_OK);
        CHECK_EQ_MEM(record.u.standing.key, test_public(SIGNER), MUSTER_KEY_LEN);
        ret_expires[i] = record.u.standing.expires;
    }
    return n;
}

/* What is stapled for SIGNER ends so many seconds from NOW, the longest life first. */
static void check_stapled(const struct standings *s, uint64_t first, uint64_t second,
                          uint64_t third)
{
    uint64_t expires[STANDINGS_STAPLED_MAX];

    CHECK_EQ_INT(stapled(s, expires), 3);
    CHECK_EQ_INT(expires[0] - NOW, first);
    CHECK_EQ_INT(expires[1] - NOW, second);
    CHECK_EQ_INT(expires[2] - NOW, third);
}

TEST(newest_of_each_authority_longest_life_first)
{
    const char *dir = fresh_directory("newest");
    struct standings *s;

    put("newest/a-old.standing", test_standing(11, SIGNER, MUSTER_GOOD, NOW - 300, NOW + 9000));
    put("newest/a-new.standing", test_standing(11, SIGNER, MUSTER_GOOD, NOW - 100, NOW + 1000));
    put("newest/b.standing", test_standing(12, SIGNER, MUSTER_GOOD, NOW - 100, NOW + 3000));
    put("newest/c.standing", test_standing(13, SIGNER, MUSTER_GOOD, NOW - 100, NOW + 2000));
    put("newest/other.standing", test_standing(11, 2, MUSTER_GOOD, NOW - 100, NOW + 8000));
    s = load(dir, NULL);
    CHECK_EQ_INT(s->files_n, 5);
    CHECK_EQ_INT(s->current_n, 4);
    check_stapled(s, 3000, 2000, 1000);
    standings_free(s);
}

TEST(three_of_five_are_stapled)
{
    const char *dir = fresh_directory("five");
    struct standings *s;

    put("five/1.standing", test_standing(11, SIGNER, MUSTER_GOOD, NOW - 100, NOW + 2));
    put("five/2.standing", test_standing(12, SIGNER, MUSTER_GOOD, NOW - 100, NOW + 5));
    put("five/3.standing", test_standing(13, SIGNER, MUSTER_GOOD, NOW - 100, NOW + 1));
    put("five/4.standing", test_standing(14, SIGNER, MUSTER_GOOD, NOW - 100, NOW + 4));
    put("five/5.standing", test_standing(15, SIGNER, MUSTER_GOOD, NOW - 100, NOW + 3));
    s = load(dir, NULL);
    check_stapled(s, 5, 4, 3);
    standings_free(s);
}

TEST(an_expired_newer_word_does_not_bring_back_the_older)
{
    const char *dir = fresh_directory("expired");
    uint64_t expires[STANDINGS_STAPLED_MAX];
    struct standings *s;

    put("expired/new.standing", test_standing(11, SIGNER, MUSTER_SUSPENDED, NOW - 100, NOW));
    put("expired/old.standing", test_standing(11, SIGNER, MUSTER_GOOD, NOW - 200, NOW + 5000));
    s = load(dir, NULL);
    CHECK_EQ_INT(stapled(s, expires), 0);
    CHECK_EQ_INT(s->current_n, 1);
    CHECK_EQ_INT(s->current[0]->standing.level, MUSTER_SUSPENDED);
    standings_free(s);
}

TEST(of_equal_age_the_lower_level_counts)
{
    const char *dir = fresh_directory("equal");
    struct standings *s;

    put("equal/a.standing", test_standing(11, SIGNER, MUSTER_GOOD, NOW - 100, NOW + 100));
    put("equal/b.standing", test_standing(11, SIGNER, MUSTER_REVOKED, NOW - 100, NOW + 100));
    s = load(dir, NULL);
    CHECK_EQ_INT(s->current_n, 1);
    CHECK_EQ_INT(s->current[0]->standing.level, MUSTER_REVOKED);
    standings_free(s);
}

TEST(current_ones_are_sorted_by_signer_newest_first)
{
    const char *dir = fresh_directory("sorted");
    struct standings *s;
    size_t i;

    for (i = 0; i < 12; i++) {
        char name[32];

        (void)snprintf(name, sizeof name, "sorted/%zu.standing", i);
        put(name, test_standing((uint8_t)(11 + i % 3), (uint8_t)(1 + i / 3), MUSTER_GOOD,
                                NOW - 1000 + i * 7 % 12, NOW + 1000));
    }
    s = load(dir, NULL);
    CHECK_EQ_INT(s->current_n, 12);
    for (i = 1; i < s->current_n; i++) {
        const struct muster_standing *a = &s->current[i - 1]->standing;
        const struct muster_standing *b = &s->current[i]->standing;
        int order = memcmp(a->key, b->key, MUSTER_KEY_LEN);

        CHECK(order < 0 || (order == 0 && a->issued >= b->issued));
    }
    standings_free(s);
}

TEST(bad_files_are_named_and_others_used)
{
    const char *dir = fresh_directory("bad");
    struct test_signed forged = test_standing(11, SIGNER, MUSTER_GOOD, NOW - 100, NOW + 100);
    struct test_signed advisory = test_advisory(SIGNER, "acme", "x", NOW - 1, NOW + 1, 1);
    char long_text[302];
    struct standings *s;

    forged.bytes[forged.len - 1] ^= 1;
    put("bad/1.standing", forged);
    put("bad/2.standing", advisory);
    scratch_write("bad/3.standing", "");
    (void)snprintf(long_text, sizeof long_text, "%0301d", 0);
    scratch_write("bad/4.standing", long_text);
    CHECK_EQ_INT(mkdir(scratch_path("bad/5.standing"), 0755), 0);
    put("bad/6.standing", test_standing(12, SIGNER, MUSTER_GOOD, NOW - 100, NOW + 100));
    scratch_write("bad/.7.standing", "hidden");
    scratch_write("bad/8.standing.tmp", "other name");
    s = load(dir, NULL);
    CHECK_EQ_INT(s->files_n, 6);
    CHECK_EQ_INT(s->current_n, 1);
    CHECK(strstr(s->files[0].error, "does not verify") != NULL);
    CHECK(strstr(s->files[1].error, "not a standing") != NULL);
    CHECK(strstr(s->files[2].error, "not a standing") != NULL);
    CHECK(strstr(s->files[3].error, "cannot be read: File too large") != NULL);
    CHECK(strstr(s->files[4].error, "cannot be read") != NULL);
    CHECK_EQ_STR(s->files[5].error, "");
    standings_free(s);
}

TEST(a_file_that_turns_bad_keeps_its_standing)
{
    struct test_signed good = test_standing(11, SIGNER, MUSTER_GOOD, NOW - 100, NOW + 100);
    const char *path = scratch_path("turns.standing");
    uint64_t expires[STANDINGS_STAPLED_MAX];
    struct standings *first, *second, *third;

    put("turns.standing", good);
    first = load(path, NULL);
    good.bytes[good.len - 1] ^= 1;
    put("turns.standing", good);
    second = load(path, first);
    standings_free(first); /* what is kept is a copy */
    CHECK(strstr(second->files[0].error, "does not verify") != NULL);
    CHECK_EQ_INT(stapled(second, expires), 1);
    third = load(path, second); /* unchanged: not read again, still told */
    standings_free(second);
    CHECK(strstr(third->files[0].error, "does not verify") != NULL);
    CHECK_EQ_INT(stapled(third, expires), 1);
    standings_free(third);
}

TEST(a_file_that_is_gone)
{
    const char *dir = fresh_directory("gone");
    struct standings *first, *second;

    put("gone/a.standing", test_standing(11, SIGNER, MUSTER_GOOD, NOW - 100, NOW + 100));
    first = load(dir, NULL);
    CHECK_EQ_INT(remove(scratch_path("gone/a.standing")), 0);
    second = load(dir, first); /* taken out of a directory: meant */
    CHECK_EQ_INT(second->files_n, 0);
    CHECK_EQ_INT(second->current_n, 0);
    standings_free(first);
    standings_free(second);

    put("named.standing", test_standing(11, SIGNER, MUSTER_GOOD, NOW - 100, NOW + 100));
    first = load(scratch_path("named.standing"), NULL);
    CHECK_EQ_INT(remove(scratch_path("named.standing")), 0);
    second = load(scratch_path("named.standing"), first); /* named in the settings: a mistake */
    CHECK(strstr(second->files[0].error, "cannot be read") != NULL);
    CHECK_EQ_INT(second->current_n, 1);
    standings_free(first);
    standings_free(second);
}
