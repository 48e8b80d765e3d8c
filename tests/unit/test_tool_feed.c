/* SPDX-License-Identifier: ISC */
/* Records cut out of documents, whatever blocks the bytes come in, and what is refused where. */
#include <fcntl.h>

#include "scratch.h"
#include "test.h"
#include "tool/feed_scan.h"

/* What was taken and told, as text: "1:{...} " for records, and the problems' lines. */
struct seen {
    char records[4096];
    char problems[8192];
    size_t records_n;
    size_t stop_after;
};

static int take(void *context, const struct feed_place *place, const json_t *record)
{
    struct seen *seen = context;
    char *text = json_dumps(record, JSON_COMPACT);
    size_t len = strlen(seen->records);

    (void)snprintf(seen->records + len, sizeof seen->records - len, "%zu:%s ", place->line, text);
    free(text);
    return ++seen->records_n == seen->stop_after;
}

static int scan(const char *items, const char *bytes, size_t len, size_t step, struct seen *seen)
{
    struct problems problems = {.out = fmemopen(seen->problems, sizeof seen->problems - 1, "w")};
    struct feed feed = {.items = items, .take = take, .context = seen, .problems = &problems};
    struct feed_scan s;
    size_t at;
    int ret;

    feed_scan_begin(&s, &feed, "f");
    for (at = 0; at < len; at += step)
        feed_scan_bytes(&s, (const unsigned char *)bytes + at, len - at < step ? len - at : step);
    ret = feed_scan_end(&s);
    fclose(problems.out);
    return ret;
}

/* The same however the bytes are split: at once, and one by one. */
static void check_bytes(const char *items, const char *bytes, size_t len, const char *records,
                        const char *problem)
{
    struct seen whole = {0}, single = {0};

    test_case("%.100s", bytes);
    CHECK_EQ_INT(scan(items, bytes, len, len > 0 ? len : 1, &whole), 0);
    CHECK_EQ_INT(scan(items, bytes, len, 1, &single), 0);
    CHECK_EQ_STR(whole.records, records);
    CHECK_EQ_STR(single.records, records);
    CHECK_EQ_STR(single.problems, whole.problems);
    if (problem[0] == '\0')
        CHECK_EQ_STR(whole.problems, "");
    else if (!test_check(strncmp(whole.problems, problem, strlen(problem)) == 0, __FILE__, __LINE__,
                         "problem"))
        printf("#   got  %s#   want %s\n", whole.problems, problem);
}

static void check(const char *items, const char *text, const char *records, const char *problem)
{
    check_bytes(items, text, strlen(text), records, problem);
}

TEST(records_follow_one_another)
{
    check(NULL, "{\"a\":1}", "1:{\"a\":1} ", "");
    check(NULL, "\n {\"a\":1}{\"b\":[\"}\",\"\\\"{\"]}\n\n{}\n",
          "2:{\"a\":1} 2:{\"b\":[\"}\",\"\\\"{\"]} 4:{} ", "");
    check(NULL, "[{\"a\":1},\n{\"b\":2}]", "1:{\"a\":1} 2:{\"b\":2} ", "");
    check(NULL, "[]", "", "");
    check(NULL, "[{}]\n[{\"a\":2}]\n", "1:{} 2:{\"a\":2} ", "");
    check(NULL, "{\n\"a\":{\n\"b\":[\n{\n}]}}", "1:{\"a\":{\"b\":[{}]}} ", "");
}

TEST(pages_hold_records)
{
    check("v", "{\"n\":1,\"v\":[{\"a\":1},\n{\"b\":2}],\"end\":[1]}", "1:{\"a\":1} 2:{\"b\":2} ",
          "");
    check("v", "{\"v\":[]}\n{\"v\":[{}]}", "2:{} ", "");
    check("v", "{\"\\u0076\":[{\"a\":1}]}", "1:{\"a\":1} ", "");
    check("v", "{\"cve\":{\"v\":[{\"a\":1}]}}", "1:{\"cve\":{\"v\":[{\"a\":1}]}} ", "");
    check("v", "{\"x\":\"v\",\"y\":[1]}", "1:{\"x\":\"v\",\"y\":[1]} ", "");
    check("v", "[{\"a\":1}]", "1:{\"a\":1} ", "");
    check("v", "{\"v\":{}}", "1:{\"v\":{}} ", "");
    check("v", "{\"v\":[\n1,\n{\"a\":1},\n[2],\"]\",null]}", "3:{\"a\":1} ",
          "f:2: error: a record must be an object [shape]\nf:4: error: a record must be an object "
          "[shape]\nf:4: error: a record must "
          "be an object [shape]\nf:4: error: a record");
}

TEST(faults_are_placed_and_passed)
{
    check(NULL, "{\"a\":1}\n{\"b\":\nnope}\n{\"c\":3}", "1:{\"a\":1} 4:{\"c\":3} ",
          "f:3: error: invalid token");
    check(NULL, "{\"a\":1,\n\"a\":2}\n{\"c\":3}", "3:{\"c\":3} ",
          "f:2: error: duplicate object key");
    check(NULL, "{\"a\":\"x}\n{\"c\":3}", "2:{\"c\":3} ", "f:1: error: a string is not closed");
    check(NULL, "{\"a\":{\"b\":1}\n{\"c\":3}\n", "2:{\"c\":3} ", "f:1: error: is cut off");
    check(NULL, "{\"a\":1}}\n{\"c\":3}\n", "1:{\"a\":1} 2:{\"c\":3} ",
          "f:1: error: something other");
    check(NULL, "{\"a\":1}\n{\"c\":[3", "1:{\"a\":1} ",
          "f:2: error: ends before this record is whole");
    check(NULL, "[{\"a\":1},", "1:{\"a\":1} ", "f:1: error: ends before its array is closed");
    check(NULL, "[{\"a\":1} {\"b\":1}]", "1:{\"a\":1} ", "f:1: error: no record and no comma");
    check(NULL, "[{\"a\":1},]", "1:{\"a\":1} ", "f:1: error: a comma before");
    check("v", "{\"v\":[{\"a\":tru},{\"b\":1}],\"v\":[{\"c\":1}]}", "1:{\"b\":1} ",
          "f:1: error: invalid token");
    check("v", "{\"v\":[{\"b\":1}],\"v\":[{\"c\":1}]}", "1:{\"b\":1} ",
          "f:1: error: duplicate object key");
    check("v", "{\"x\" \"v\":[{\"b\":1}]}", "", "f:1: error: ':' expected");
    check("v", "{\"v\":[{\"b\":\"x\ny\"},{\"c\":1}]}", "2:{\"c\":1} ",
          "f:1: error: unexpected newline");
    check("v", "{\"v\":[{\"b\":1}]", "1:{\"b\":1} ", "f:1: error: ends before this record");
    check("v", "{\"v\":[{\"b\":1}", "1:{\"b\":1} ", "f:1: error: ends before its array");
}

TEST(bytes_that_are_no_json)
{
    check(NULL, "", "", "f:1: error: is empty");
    check(NULL, "\x1f\x8b\x08\n{\"a\":1}\n", "", "f:1: error: is packed");
    check(NULL, "\xef\xbb\xbf{\"a\":1}", "", "f:1: error: begins with a byte order mark");
    check_bytes(NULL, "\xff\xfe{\0}\0", 6, "", "f:1: error: is not UTF-8");
    check_bytes(NULL, "{\"a\":\"\0\"}\n{}", 12, "2:{} ", "f:1: error: control character 0x0");
    check(NULL, "{\"a\":\"\xc0\xaf\"}\n{}", "2:{} ", "f:1: error: unable to decode byte 0xc0");
    check(NULL, "{\"a\":\"\\ud800\"}\n{}", "2:{} ", "f:1: error: invalid Unicode");
    check(NULL, "{\"a\":\"\\u0000\"}\n{}", "2:{} ", "f:1: error: \\x5cu0000 is not allowed");
    check(NULL, "<html>\n<body>", "", "f:1: error: does not begin with a JSON");
    check(NULL, "\"{}\"", "", "f:1: error: does not begin with a JSON");
}

static void check_deep(unsigned depth, const char *records_end, const char *problem)
{
    char text[1024] = "{\"a\":";
    struct seen seen = {0};
    unsigned i;

    for (i = 1; i < depth; i++)
        strcat(text, "[");
    for (i = 1; i < depth; i++)
        strcat(text, "]");
    strcat(text, "}\n{\"b\":2}");
    CHECK_EQ_INT(scan(NULL, text, strlen(text), 7, &seen), 0);
    CHECK(strstr(seen.records, records_end) != NULL);
    CHECK(strstr(seen.problems, problem) != NULL);
    CHECK_EQ_INT(seen.records_n, problem[0] == '\0' ? 2 : 1);
}

TEST(nesting_is_bounded)
{
    check_deep(FEED_DEPTH_MAX, "2:{\"b\":2} ", "");
    check_deep(FEED_DEPTH_MAX + 1, "2:{\"b\":2} ", "f:1: error: nested deeper than 64");
}

/* A record of `len` bytes, and a small one behind it. */
static void check_size(size_t len, char fill, size_t records_n, const char *problem)
{
    char *text = malloc(len + 16);
    struct seen seen = {0};

    REQUIRE(text != NULL);
    memset(text, fill, len);
    memcpy(text, "{\"a\":[\"\"", 8);
    memcpy(text + len - 3, "0]}", 3);
    memcpy(text + len, "\n{\"b\":2}", 9);
    CHECK_EQ_INT(scan(NULL, text, len + 8, 65536, &seen), 0);
    CHECK_EQ_INT(seen.records_n, records_n);
    CHECK(strstr(seen.problems, problem) != NULL);
    free(text);
}

TEST(size_is_bounded)
{
    check_size(FEED_RECORD_MAX, ' ', 1,
               "f:1: error: ']' expected"); /* whole, but "" 0 is no JSON */
    check_size(FEED_RECORD_MAX + 1, ' ', 1, "f:1: error: a record of more than 16 MiB");
    check_size(2u << 20, ',', 1, "f:1: error: a record of more than a million values");
}

TEST(taking_may_end_it)
{
    struct seen seen = {.stop_after = 2};

    CHECK_EQ_INT(scan(NULL, "{\"a\":1}{\"b\":2}{\"c\":3}", 21, 3, &seen), -1);
    CHECK_EQ_STR(seen.records, "1:{\"a\":1} 1:{\"b\":2} ");
    CHECK_EQ_STR(seen.problems, "");
}

TEST(folders_are_walked_in_order)
{
    struct problems problems = {.out = NULL};
    struct seen seen = {0};
    struct feed feed = {.take = take, .context = &seen, .problems = &problems};

    REQUIRE(mkdir(scratch_path("w"), 0700) == 0 && mkdir(scratch_path("w/b"), 0700) == 0 &&
            mkdir(scratch_path("w/.git"), 0700) == 0);
    scratch_write("w/b/2.json", "{\"n\":2}");
    scratch_write("w/a.jsonl", "{\"n\":0}\n{\"n\":1}");
    scratch_write("w/c.ndjson", "\n{\"n\":3}");
    scratch_write("w/.hidden.json", "{\"n\":9}");
    scratch_write("w/.git/x.json", "{\"n\":9}");
    scratch_write("w/readme.txt", "{\"n\":9}");
    REQUIRE(symlink("a.jsonl", scratch_path("w/d.json")) == 0);
    REQUIRE(symlink("nothing", scratch_path("w/e.json")) == 0);
    CHECK_EQ_INT(feed_read(&feed, scratch_path("w")), 0);
    CHECK_EQ_STR(seen.records,
                 "1:{\"n\":0} 2:{\"n\":1} 1:{\"n\":2} 2:{\"n\":3} 1:{\"n\":0} 2:{\"n\":1} ");
    CHECK_EQ_INT(problems.n, 1); /* e.json leads nowhere */
    CHECK_EQ_INT(feed.bytes_n, 15 + 7 + 8 + 15);
    CHECK_EQ_INT(feed_read(&feed, scratch_path("w/.git")), 0);
    REQUIRE(mkdir(scratch_path("empty"), 0700) == 0);
    CHECK_EQ_INT(feed_read(&feed, scratch_path("empty")), -1);
    CHECK_EQ_INT(feed_read(&feed, scratch_path("absent")), -1);
}

TEST(a_signal_ends_it)
{
    static const volatile sig_atomic_t stop = 1;
    struct problems problems = {.out = NULL};
    struct seen seen = {0};
    struct feed feed = {.take = take, .context = &seen, .problems = &problems, .stop = &stop};

    CHECK_EQ_INT(feed_read(&feed, scratch_write("s.json", "{\"a\":")), -1);
    CHECK_EQ_INT(seen.records_n, 0);
    CHECK_EQ_INT(problems.n, 0);
}
