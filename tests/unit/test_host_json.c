/* SPDX-License-Identifier: ISC */
/* host/json.h: always valid JSON, whatever the text. */
#include "test.h"

#include "host/json.h"

static char *written;
static size_t written_len;
static struct json json;

static void start(bool pretty)
{
    memset(&json, 0, sizeof json);
    json.pretty = pretty;
    json.out = open_memstream(&written, &written_len);
}

static const char *finish(void)
{
    static char copy[2048];

    fclose(json.out);
    (void)snprintf(copy, sizeof copy, "%s", written);
    free(written);
    return copy;
}

TEST(objects_and_arrays_nest)
{
    static const uint8_t bytes[] = {0xde, 0xad};

    start(false);
    json_open_object(&json, NULL);
    json_key_u64(&json, "n", UINT64_MAX);
    json_key_bool(&json, "t", true);
    json_open_array(&json, "list");
    json_key_text(&json, NULL, "a");
    json_key_u64(&json, NULL, 0);
    json_open_object(&json, NULL);
    json_close(&json);
    json_open_array(&json, NULL);
    json_close(&json);
    json_close(&json);
    json_key_null(&json, "z");
    json_key_text(&json, "absent", NULL);
    json_key_hex(&json, "hex", bytes, 2);
    json_close(&json);
    CHECK_EQ_STR(finish(), "{\"n\":18446744073709551615,\"t\":true,\"list\":[\"a\",0,{},[]],"
                           "\"z\":null,\"absent\":null,\"hex\":\"dead\"}\n");
}

TEST(pretty_output_is_indented)
{
    start(true);
    json_open_object(&json, NULL);
    json_key_bool(&json, "a", false);
    json_open_array(&json, "b");
    json_key_u64(&json, NULL, 1);
    json_close(&json);
    json_open_object(&json, "c");
    json_close(&json);
    json_close(&json);
    CHECK_EQ_STR(finish(), "{\n  \"a\": false,\n  \"b\": [\n    1\n  ],\n  \"c\": {}\n}\n");
}

static const char *string(const char *value, size_t len)
{
    start(false);
    json_key_string(&json, NULL, value, len);
    return finish();
}

TEST(hostile_text_is_escaped)
{
    CHECK_EQ_STR(string("", 0), "\"\"\n");
    CHECK_EQ_STR(string("a\"b\\c/", 6), "\"a\\\"b\\\\c/\"\n");
    CHECK_EQ_STR(string("\0\n\x1b\x7f", 4), "\"\\u0000\\u000a\\u001b\\u007f\"\n");
    CHECK_EQ_STR(string("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80", 9),
                 "\"\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\"\n");
    CHECK_EQ_STR(string("\xc2\x9b", 2), "\"\\u009b\"\n");
    CHECK_EQ_STR(string("\xe2\x80\xae\xe2\x81\xa6", 6), "\"\\u202e\\u2066\"\n"); /* bidi */
    CHECK_EQ_STR(string("\xe2\x80\xa8", 3), "\"\\u2028\"\n");
}

TEST(bytes_that_are_not_utf8_come_out_one_by_one)
{
    CHECK_EQ_STR(string("\xff\xfe", 2), "\"\\u00ff\\u00fe\"\n");
    CHECK_EQ_STR(string("\x80", 1), "\"\\u0080\"\n");
    CHECK_EQ_STR(string("\xc3", 1), "\"\\u00c3\"\n");
    CHECK_EQ_STR(string("\xc0\x80", 2), "\"\\u00c0\\u0080\"\n");
    CHECK_EQ_STR(string("\xc1\xbf", 2), "\"\\u00c1\\u00bf\"\n");
    CHECK_EQ_STR(string("\xe0\x80\x80", 3), "\"\\u00e0\\u0080\\u0080\"\n");
    CHECK_EQ_STR(string("\xed\xa0\x80", 3), "\"\\u00ed\\u00a0\\u0080\"\n");
    CHECK_EQ_STR(string("\xf4\x90\x80\x80", 4), "\"\\u00f4\\u0090\\u0080\\u0080\"\n");
    CHECK_EQ_STR(string("\xf8\x88\x80\x80\x80", 5), "\"\\u00f8\\u0088\\u0080\\u0080\\u0080\"\n");
    CHECK_EQ_STR(string("\xe2\x82"
                        "a",
                        3),
                 "\"\\u00e2\\u0082a\"\n");
}
