/* SPDX-License-Identifier: ISC */
/* Keys on paper: they come back, and no slip of the pen goes unseen. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"
#include "tool/paper.h"

static char err[512];
static struct paper paper;

static void make(bool locked)
{
    struct keyfile_content content = {.locked = locked, .ops = 3, .memory = UINT64_C(256) << 20};
    uint8_t key[KEYFILE_KEY_LEN];
    char hex[] = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";

    if (sodium_init() < 0)
        abort();
    CHECK(keyfile_load_public(hex, key, err, sizeof err) == 0);
    randombytes_buf(content.seed, sizeof content.seed);
    randombytes_buf(content.salt, sizeof content.salt);
    randombytes_buf(content.nonce, sizeof content.nonce);
    randombytes_buf(content.box, sizeof content.box);
    paper_from_key(&content, key, &paper);
}

/* The lines in this order; 0 ends. */
static size_t write_lines(const size_t *numbers, char *ret_text)
{
    char line[PAPER_LINE_CAP];
    size_t len = 0;

    for (; *numbers != 0; numbers++)
        len += (size_t)sprintf(ret_text + len, "%s\n", paper_line(&paper, *numbers, line));
    return len;
}

static size_t write_all(char *ret_text)
{
    size_t numbers[32] = {0}, i;

    for (i = 0; i < paper_lines_n(&paper); i++)
        numbers[i] = i + 1;
    return write_lines(numbers, ret_text);
}

static bool parses(const char *text)
{
    struct paper back;

    err[0] = '\0';
    if (paper_parse(text, strlen(text), &back, err, sizeof err) != 0)
        return false;
    CHECK_EQ_INT(back.len, paper.len);
    CHECK_EQ_MEM(back.payload, paper.payload, paper.len);
    return true;
}

static void check_refused(const char *text, const char *why)
{
    test_case("%s", why);
    CHECK(!parses(text));
    if (strstr(err, why) == NULL)
        printf("#   said: %s\n", err);
    CHECK(strstr(err, why) != NULL);
}

TEST(keys_come_back)
{
    struct keyfile_content before, after;
    uint8_t key[KEYFILE_KEY_LEN];
    char text[2000];
    int locked;

    for (locked = 0; locked < 2; locked++) {
        make(locked != 0);
        (void)write_all(text);
        CHECK(parses(text));
        REQUIRE(paper_to_key(&paper, &before, key) == 0);
        CHECK(before.locked == (locked != 0));
        CHECK_EQ_INT(paper_lines_n(&paper), locked ? 10 : 4);
        paper_from_key(&before, key, &paper);
        CHECK(parses(text));
        REQUIRE(paper_to_key(&paper, &after, key) == 0);
        CHECK(memcmp(&before, &after, sizeof before) == 0);
    }
}

/* Behind "NUMBER/LINES" of the line. */
static char *digits_of(char *line)
{
    char *at = strchr(line, '/') + 1;

    return at + strspn(at, "0123456789");
}

/* Puts each other digit in its place: how often that is found and the line named. */
static size_t slip(char *at, const char *whole, const char *name)
{
    const char *digit;
    size_t named = 0;
    char was = *at;

    for (digit = PAPER_DIGITS; *digit != '\0'; digit++) {
        *at = *digit;
        if (*digit != was && !parses(whole) && strstr(err, name) == err)
            named++;
    }
    *at = was;
    return named;
}

static void try_all_slips(char *text)
{
    size_t number = 1, tried = 0, named = 0;
    char *line = text, *at, name[32];

    for (; *line != '\0'; line = at + 1, number++) {
        (void)snprintf(name, sizeof name, "line %zu/", number);
        for (at = digits_of(line); *at != '\n'; at++) {
            if (*at == ' ')
                continue;
            tried += sizeof PAPER_DIGITS - 2;
            named += slip(at, text, name);
        }
    }
    CHECK(tried > 2000);
    CHECK_EQ_INT(named, tried);
}

TEST(every_wrong_digit_is_found_and_its_line_named)
{
    char text[2000];

    make(false);
    (void)write_all(text);
    try_all_slips(text);
    make(true);
    (void)write_all(text);
    try_all_slips(text);
}

TEST(neighbours_that_are_swapped_are_found)
{
    char text[2000], c;
    size_t i, found = 0, tried = 0;

    make(true);
    (void)write_all(text);
    for (i = 1; text[i + 1] != '\0'; i++) {
        if (strchr(PAPER_DIGITS, text[i]) == NULL || strchr(PAPER_DIGITS, text[i + 1]) == NULL ||
            text[i] == text[i + 1] || text[i - 1] == '/')
            continue;
        c = text[i];
        text[i] = text[i + 1];
        text[i + 1] = c;
        tried++;
        found += !parses(text);
        text[i + 1] = text[i];
        text[i] = c;
    }
    CHECK(tried > 100);
    CHECK_EQ_INT(found, tried);
}

TEST(lines_missing_twice_or_in_another_order)
{
    static const size_t missing[] = {1, 3, 4, 0}, last[] = {1, 2, 3, 0}, first[] = {2, 3, 4, 0};
    static const size_t order[] = {1, 3, 2, 4, 0}, twice[] = {1, 2, 2, 3, 4, 0};
    char text[2000];

    make(false);
    (void)write_lines(missing, text);
    check_refused(text, "line 2/4 is missing");
    (void)write_lines(last, text);
    check_refused(text, "line 4/4 is missing");
    (void)write_lines(first, text);
    check_refused(text, "line 1/4 is missing");
    (void)write_lines(order, text);
    check_refused(text, "type the lines in the order");
    (void)write_lines(twice, text);
    check_refused(text, "line 2/4 comes twice");
    check_refused("", "no key on it");
    check_refused("1/5 AAAAA", "a page has 4 lines, or 10");
}

/* The number in front is typed too. */
TEST(a_line_under_the_number_of_another_is_found)
{
    char text[2000], *second, *third;

    make(false);
    (void)write_all(text);
    second = strstr(text, "2/4");
    third = strstr(text, "3/4");
    *third = '2';
    check_refused(text, "line 2/4 comes twice");
    *third = '3';
    *second = '3';
    check_refused(text, "line 2/4 is missing");
    *second = '2';
    make(true);
    (void)write_all(text);
    second = strstr(text, "2/10");
    third = strstr(text, "3/10");
    {
        char line[PAPER_LINE_CAP], other[PAPER_LINE_CAP];
        size_t len = strlen(paper_line(&paper, 2, line)) - 5;

        (void)paper_line(&paper, 3, other); /* contents swapped, numbers kept */
        memcpy(second + 4, other + 5, len);
        memcpy(third + 4, line + 5, len);
    }
    check_refused(text, "line 2/10: something in it is wrong");
}

TEST(lines_of_two_pages_do_not_make_a_key)
{
    static const size_t head[] = {1, 2, 0}, tail[] = {3, 4, 0};
    char text[2000];
    size_t len;

    make(false);
    len = write_lines(head, text);
    make(false);
    (void)write_lines(tail, text + len);
    CHECK(!parses(text));
    CHECK(strstr(err, "all together") != NULL);
}

TEST(how_it_is_typed_does_not_matter)
{
    char text[2000], lazy[4000];
    size_t i, n = 0;

    make(true);
    (void)write_all(text);
    n = (size_t)sprintf(lazy, "what stands around\r\nit, 3 of them, 2026/11 too\n");
    for (i = 0; text[i] != '\0'; i++) {
        if (text[i] == '\n')
            lazy[n++] = '\r';
        if (text[i] != ' ' || (i > 0 && text[i - 1] != ' '))
            lazy[n++] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + 32 : text[i]);
        if (i % 7 == 0 && text[i] == ' ' && i > 0 && strchr(PAPER_DIGITS, text[i - 1]) != NULL)
            lazy[n++] = '-';
    }
    lazy[n] = '\0';
    CHECK(parses(lazy));
    if (err[0] != '\0')
        printf("#   said: %s\n", err);
}

TEST(digits_that_are_none_are_named)
{
    char text[2000], *at;

    make(false);
    (void)write_all(text);
    at = strstr(text, "2/4") + 6;
    *at = 'O';
    check_refused(text, "line 2/4: 'O' does not occur");
    *at = '1';
    check_refused(text, "line 2/4: '1' does not occur");
    *at = '\x01';
    check_refused(text, "line 2/4: '");
    CHECK(strchr(err, '\x01') == NULL);
    *at = ' ';
    check_refused(text, "line 2/4: has 27 digits instead of 28");
}

TEST(a_scanned_code_comes_back)
{
    char code[PAPER_CODE_CAP], text[PAPER_CODE_CAP + 40];
    size_t i, tried = 0, found = 0;
    int locked;

    for (locked = 0; locked < 2; locked++) {
        make(locked != 0);
        (void)snprintf(text, sizeof text, "QR-Code\n%s\r\n", paper_code(&paper, code));
        CHECK(parses(text));
        CHECK(parses(code));
        for (i = sizeof PAPER_CODE_HEAD - 1; code[i] != '\0'; i++) {
            char was = code[i];

            code[i] = was == 'A' ? 'B' : 'A';
            tried++;
            found += !parses(code);
            code[i] = was;
        }
        code[i - 1] = '\0';
        check_refused(code, "cut short");
    }
    CHECK_EQ_INT(found, tried);
}

TEST(what_no_key_can_be_is_refused)
{
    struct keyfile_content content;
    uint8_t key[KEYFILE_KEY_LEN];

    make(true);
    paper.payload[0] = 3;
    CHECK(paper_to_key(&paper, &content, key) != 0);
    make(true);
    paper.payload[33] = 200; /* passes over memory: hours */
    CHECK(paper_to_key(&paper, &content, key) != 0);
    make(true);
    paper.payload[34] = 0xff; /* 4 GiB */
    CHECK(paper_to_key(&paper, &content, key) != 0);
    make(true);
    memset(paper.payload + 1, 0, KEYFILE_KEY_LEN); /* a key of small order */
    CHECK(paper_to_key(&paper, &content, key) != 0);
    make(true);
    paper.len = 33;
    CHECK(paper_to_key(&paper, &content, key) != 0);
}
