/* SPDX-License-Identifier: ISC */
/* host/addr.h: numeric addresses and prefixes, and which of them are one host's. */
#include "test.h"

#include <errno.h>

#include "host/addr.h"

static struct addr parsed(const char *text)
{
    struct addr addr;

    memset(&addr, 0, sizeof addr);
    CHECK_EQ_INT(addr_parse(text, 6878, &addr), 0);
    return addr;
}

TEST(addresses_are_read_and_written)
{
    static const char *const pairs[][2] = {{"192.0.2.1", "192.0.2.1:6878"},
                                           {"192.0.2.1:53", "192.0.2.1:53"},
                                           {"2001:db8::1", "[2001:db8::1]:6878"},
                                           {"[2001:db8::1]", "[2001:db8::1]:6878"},
                                           {"[2001:DB8:0::1]:65535", "[2001:db8::1]:65535"},
                                           {"::1", "[::1]:6878"},
                                           {"*", "[::]:6878"},
                                           {"*:7", "[::]:7"},
                                           {"fe80::1%lo", "[fe80::1%lo]:6878"}};
    char out[ADDR_TEXT_CAP];
    struct addr addr;
    size_t i;

    for (i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        test_case("%s", pairs[i][0]);
        addr = parsed(pairs[i][0]);
        CHECK_EQ_STR(addr_format(&addr, out), pairs[i][1]);
    }
    addr_set_port(&addr, 0);
    CHECK_EQ_STR(addr_format(&addr, out), "fe80::1%lo");
}

TEST(everything_else_is_refused)
{
    static const char *const bad[] = {
        "",
        ":",
        ":53",
        "localhost",
        "192.0.2",
        "192.0.2.256",
        "192.0.2.1:",
        "192.0.2.1:0",
        "192.0.2.1:65536",
        "192.0.2.1:5x",
        "192.0.2.1:99999999999999999999",
        "[192.0.2.1]:53",
        "[::1",
        "[::1]x",
        "[::1]:",
        "::1]:53",
        ":::",
        "fe80::1%none0",
        "192.0.2.1 ",
        "010.0.0.1",
        "2001:db8::1:2:3:4:5:6:7:8:9",
        "**",
        "1111111111111111111111111111111111111111111111111111111111111111111111111111111111111"};
    struct addr addr = {.len = 77};
    size_t i;

    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        test_case("%s", bad[i]);
        CHECK_EQ_INT(addr_parse(bad[i], 1, &addr), -EINVAL);
    }
    CHECK_EQ_INT(addr.len, 77);
}

TEST(bytes_go_both_ways)
{
    static const uint8_t v4[] = {192, 0, 0, 68};
    struct addr addr = parsed("2001:1::68"), back;
    const uint8_t *bytes;
    size_t len;

    bytes = addr_bytes(&addr, &len);
    REQUIRE(len == 16);
    REQUIRE(addr_from_bytes(bytes, len, 7, &back) == 0);
    CHECK(addr_equal_ip(&addr, &back));
    CHECK_EQ_INT(addr_port(&back), 7);
    REQUIRE(addr_from_bytes(v4, 4, 9, &back) == 0);
    bytes = addr_bytes(&back, &len);
    CHECK_EQ_INT(len, 4);
    CHECK_EQ_MEM(bytes, v4, 4);
    CHECK_EQ_INT(addr_from_bytes(v4, 3, 9, &back), -EINVAL);
}

TEST(hosts_are_told_from_groups_and_nothing)
{
    static const char *const hosts[] = {
        "192.0.2.1", "127.0.0.1",   "10.0.0.255", "223.255.255.255",
        "::1",       "2001:db8::1", "fe80::1",    "::ffff:192.0.2.1"};
    static const char *const others[] = {"0.0.0.0",
                                         "0.1.2.3",
                                         "224.0.0.1",
                                         "239.255.255.255",
                                         "240.0.0.1",
                                         "255.255.255.255",
                                         "::",
                                         "ff02::1",
                                         "ff0e::1",
                                         "::ffff:0.0.0.0",
                                         "::ffff:224.0.0.1",
                                         "::ffff:255.255.255.255",
                                         "::ffff:240.0.0.1",
                                         "::ffff:0.1.1.1"};
    struct addr addr;
    size_t i;

    for (i = 0; i < sizeof hosts / sizeof *hosts; i++) {
        test_case("%s", hosts[i]);
        addr = parsed(hosts[i]);
        CHECK(addr_is_unicast_host(&addr));
    }
    for (i = 0; i < sizeof others / sizeof *others; i++) {
        test_case("%s", others[i]);
        addr = parsed(others[i]);
        CHECK(!addr_is_unicast_host(&addr));
    }
    memset(&addr, 0, sizeof addr);
    addr.ss.ss_family = AF_UNIX;
    CHECK(!addr_is_unicast_host(&addr));
}

TEST(equality_looks_at_the_address_alone)
{
    struct addr a = parsed("192.0.2.1:1"), b = parsed("192.0.2.1:2"),
                c = parsed("::ffff:192.0.2.1");
    struct addr d = parsed("192.0.2.2"), e = parsed("2001:db8::1");

    CHECK(addr_equal_ip(&a, &b));
    CHECK(addr_equal_ip(&a, &c));
    CHECK(!addr_equal_ip(&a, &d));
    CHECK(!addr_equal_ip(&a, &e));
}

TEST(prefixes_contain_what_they_should)
{
    static const struct {
        const char *prefix, *addr;
        bool inside;
    } rows[] = {{"192.0.2.0/24", "192.0.2.255", true},
                {"192.0.2.0/24", "192.0.3.0", false},
                {"192.0.2.128/25", "192.0.2.127", false},
                {"192.0.2.128/25", "192.0.2.129", true},
                {"0.0.0.0/0", "203.0.113.7", true},
                {"0.0.0.0/0", "2001:db8::1", false},
                {"192.0.2.7", "192.0.2.7", true},
                {"192.0.2.7", "192.0.2.6", false},
                {"2001:db8::/32", "2001:db8:ffff::1", true},
                {"2001:db8::/32", "2001:db9::1", false},
                {"2001:db8::/33", "2001:db8:8000::1", false},
                {"::/0", "2001:db8::1", true},
                {"::/0", "192.0.2.1", false},
                {"192.0.2.0/24", "::ffff:192.0.2.9", true},
                {"2001:db8::1", "2001:db8::1", true}};
    struct prefix prefix;
    struct addr addr;
    size_t i;

    for (i = 0; i < sizeof rows / sizeof *rows; i++) {
        test_case("%s in %s", rows[i].addr, rows[i].prefix);
        addr = parsed(rows[i].addr);
        CHECK_EQ_INT(prefix_parse(rows[i].prefix, &prefix), 0);
        CHECK_EQ_INT(prefix_contains(&prefix, &addr), rows[i].inside);
    }
}

TEST(slips_in_prefixes_are_refused)
{
    static const char *const bad[] = {"",
                                      "/",
                                      "/24",
                                      "192.0.2.0/",
                                      "192.0.2.0/33",
                                      "192.0.2.1/24",
                                      "192.0.2.0/-1",
                                      "192.0.2.0/24x",
                                      "192.0.2.0/0024",
                                      "x/8",
                                      "2001:db8::/129",
                                      "2001:db8::1/64",
                                      "192.0.2.0/ 8",
                                      "*"};
    struct prefix prefix;
    size_t i;

    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        test_case("%s", bad[i]);
        CHECK_EQ_INT(prefix_parse(bad[i], &prefix), -EINVAL);
    }
}
