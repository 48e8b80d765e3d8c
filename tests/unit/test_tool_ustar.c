/* SPDX-License-Identifier: ISC */
/* Tar in one form only: what is written reads back, and nothing else is read. */
#include <stdlib.h>
#include <string.h>

#include "test.h"
#include "tool/ustar.h"

static uint8_t *file;
static size_t file_len;

static struct ustar_member member(const char *name, const char *text)
{
    return (struct ustar_member){(char *)(uintptr_t)name, muster_slice_of(text)};
}

static int write_members(const struct ustar_member *members, size_t n)
{
    size_t index;

    free(file);
    file = NULL;
    file_len = 0;
    return ustar_write(members, n, &file, &file_len, &index);
}

static int reads(const uint8_t *bytes, size_t len, size_t want_n)
{
    struct ustar_member *members;
    size_t n;

    if (ustar_read((struct muster_slice){bytes, len}, &members, &n) != 0)
        return 0;
    CHECK_EQ_INT(n, want_n);
    ustar_free(members, n);
    return 1;
}

TEST(what_is_written_reads_back)
{
    static char deep[USTAR_NAME_MAX + 1];
    struct ustar_member members[4], *back;
    size_t i, n;

    memset(deep, 'd', 120);
    memcpy(deep + 120, "/f", 3);
    members[0] = member("a", "");
    members[1] = member("layers/0000/x.json", "{}");
    members[2] = member("b c~!", "0123456789");
    members[3] = member(deep, "deep");
    REQUIRE(write_members(members, 4) == 0);
    CHECK_EQ_INT(file_len % 512, 0);
    REQUIRE(ustar_read((struct muster_slice){file, file_len}, &back, &n) == 0);
    REQUIRE(n == 4);
    for (i = 0; i < n; i++) {
        CHECK_EQ_STR(back[i].name, members[i].name);
        CHECK(muster_slice_equal(back[i].bytes, members[i].bytes));
    }
    ustar_free(back, n);
}

TEST(the_same_members_give_the_same_bytes)
{
    struct ustar_member members[] = {member("a", "1"), member("b", "2")};
    uint8_t *first;
    size_t len;

    REQUIRE(write_members(members, 2) == 0);
    first = file;
    len = file_len;
    file = NULL;
    REQUIRE(write_members(members, 2) == 0);
    CHECK_EQ_INT(len, file_len);
    CHECK(memcmp(first, file, len) == 0);
    free(first);
}

TEST(no_changed_bit_is_passed_over)
{
    struct ustar_member members[] = {member("a/b.json", "123"), member("c", "45")};
    size_t bit, read_n = 0;

    REQUIRE(write_members(members, 2) == 0);
    for (bit = 0; bit < file_len * 8; bit++) {
        size_t at = bit / 8;

        if ((at >= 512 && at < 515) || (at >= 1536 && at < 1538))
            continue; /* their content */
        file[at] ^= (uint8_t)(1u << bit % 8);
        read_n += (size_t)reads(file, file_len, 2);
        file[at] ^= (uint8_t)(1u << bit % 8);
    }
    CHECK_EQ_INT(read_n, 0);
    CHECK(reads(file, file_len, 2));
}

TEST(cut_or_longer_files_are_refused)
{
    struct ustar_member members[] = {member("a", "123")};
    uint8_t *longer;
    size_t len;

    REQUIRE(write_members(members, 1) == 0);
    for (len = 0; len < file_len; len += 64)
        CHECK(!reads(file, len, 1));
    longer = calloc(1, file_len + 512);
    REQUIRE(longer != NULL);
    memcpy(longer, file, file_len);
    CHECK(!reads(longer, file_len + 512, 1));
    free(longer);
}

TEST(names)
{
    static const char *const bad[] = {"",   "/a",   "a/",   "a//b", "../a", "a/../b",   "./a",
                                      ".a", "a/.b", "a\nb", "a\\b", "\x7f", "\xc3\xa4", "a\x1b"};
    char name[USTAR_NAME_MAX + 2];
    size_t i;

    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct ustar_member members[] = {member(bad[i], "1")};

        test_case("%zu", i);
        CHECK(!ustar_is_name(bad[i]));
        CHECK(write_members(members, 1) != 0);
    }
    memset(name, 'a', sizeof name);
    name[USTAR_NAME_MAX + 1] = '\0';
    CHECK(!ustar_is_name(name));
    name[150] = '\0'; /* no "/" to cut it at */
    {
        struct ustar_member members[] = {member("a", "1"), member(name, "1")};
        size_t index = 99;

        CHECK(ustar_is_name(name));
        CHECK(ustar_write(members, 2, &file, &file_len, &index) != 0);
        CHECK_EQ_INT(index, 1);
    }
    free(file);
    file = NULL;
}
