/* SPDX-License-Identifier: ISC */
/* musterd.ini, and the command line over it. */
#include "headend/settings.h"

#include "scratch.h"
#include "test.h"

static char err[512];

static struct settings *read_settings(const char *text, const struct settings_override *overrides,
                                      size_t n)
{
    struct settings *settings = NULL;
    const char *path = text != NULL ? scratch_write("musterd.ini", text) : NULL;

    err[0] = '\0';
    if (settings_read(path, overrides, n, &settings, err, sizeof err) != 0)
        return NULL;
    return settings;
}

static void check_refused(const char *text, const char *reason)
{
    test_case("%s", text);
    CHECK(read_settings(text, NULL, 0) == NULL);
    CHECK(strstr(err, reason) != NULL);
    if (strstr(err, reason) == NULL)
        printf("#   said: %s\n", err);
}

TEST(an_empty_file_is_monitor_mode_everywhere)
{
    struct settings *s = read_settings("", NULL, 0);
    char text[ADDR_TEXT_CAP];

    REQUIRE(s != NULL);
    CHECK_EQ_INT(s->mode, MUSTER_MODE_MONITOR);
    CHECK_EQ_INT(s->inquiries, false);
    REQUIRE(s->listens_n == 2);
    CHECK_EQ_STR(addr_format(&s->listens[0].addr, text), "0.0.0.0:6878");
    CHECK_EQ_STR(addr_format(&s->listens[1].addr, text), "[::]:6878");
    CHECK(!s->listens[0].optional && s->listens[1].optional);
    CHECK_EQ_STR(settings_control(s), SETTINGS_CONTROL);
    settings_unref(s);
}

TEST(options_replace_what_the_file_says)
{
    static const char file[] = "[server]\nmode = monitor\nlisten = 192.0.2.1\nlisten = 192.0.2.2\n"
                               "[lists]\nlist = a\nlist = b\n[standings]\nstanding = s\n";
    static const struct settings_override overrides[] = {{"server", "mode", "enforce"},
                                                         {"lists", "list", "c"},
                                                         {"server", "listen", "[::1]:7000"},
                                                         {"lists", "list", "d"},
                                                         {"server", "control", "none"}};
    struct settings *s = read_settings(file, overrides, 5);
    char text[ADDR_TEXT_CAP];

    REQUIRE(s != NULL);
    CHECK_EQ_INT(s->mode, MUSTER_MODE_ENFORCE);
    REQUIRE(s->lists_n == 2 && s->listens_n == 1 && s->standings_n == 1);
    CHECK_EQ_STR(s->lists[0], "c");
    CHECK_EQ_STR(s->lists[1], "d");
    CHECK_EQ_STR(s->standings[0], "s");
    CHECK_EQ_STR(addr_format(&s->listens[0].addr, text), "[::1]:7000");
    CHECK(settings_control(s) == NULL);
    settings_unref(s);
}

TEST(refused)
{
    check_refused("[server]\nmode = on\n", ":2: 'on' is no mode");
    check_refused("[server]\nlisten = 224.0.0.1\n", "unicast");
    check_refused("[server]\nlisten = ff02::1\n", "unicast");
    check_refused("[server]\nlisten = host.example\n", "no address");
    check_refused("[server]\ninquiries = perhaps\n", "neither yes nor no");
    check_refused("[server]\ninquiries = yes\n", "without standings");
    check_refused("[server]\nmode = enforce\n", "without a list");
    check_refused("[server]\nuser =\n", "is no user");
    check_refused("[lists]\nlist = a\nlist = a\n", ":3: 'a' is named twice");
    check_refused("[lists]\nsigner = 00\n", ":2: ");
    check_refused("[policy]\nexempt = 10.0.0.0/33\n", "is no prefix");
    check_refused("[polcy]\nexempt = 10.0.0.0/8\n", "did you mean 'policy'");
    check_refused("[server]\nlist = a\n", "unknown key 'list'");
    check_refused("list = a\n", "section");
}

TEST(too_many)
{
    char text[2000];
    size_t i, at = (size_t)sprintf(text, "[lists]\n");

    for (i = 0; i <= SETTINGS_MAX; i++)
        at += (size_t)sprintf(text + at, "list = %zu\n", i);
    check_refused(text, "more than 16 lists");
}

TEST(signers)
{
    static const char key[] = "[lists]\nsigner = "
                              "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a\n";
    uint8_t other[MUSTER_KEY_LEN] = {1};
    struct settings *s = read_settings("", NULL, 0);

    REQUIRE(s != NULL);
    CHECK(settings_allows_signer(s, other));
    settings_unref(s);
    s = read_settings(key, NULL, 0);
    REQUIRE(s != NULL);
    CHECK(settings_allows_signer(s, s->signers[0]));
    CHECK(!settings_allows_signer(s, other));
    settings_unref(s);
}

TEST(approvers)
{
#define KEY_A "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
#define KEY_B "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c"
    struct settings *s = read_settings(
        "[lists]\napprover = " KEY_A "\napprover = " KEY_B "\napprovals = 2\n", NULL, 0);

    REQUIRE(s != NULL);
    CHECK_EQ_INT(s->approvers_n, 2);
    CHECK_EQ_INT(s->approvals, 2);
    CHECK(s->approvers[1][0] == 0x3d);
    settings_unref(s);
    check_refused("[lists]\napprover = " KEY_A "\napprover = " KEY_A "\n", ":3: ");
    check_refused("[lists]\napprover = 00\n", ":2: ");
    check_refused("[lists]\napprovals = 9\n", "is no number of approvals");
    check_refused("[lists]\napprovals = -1\n", "is no number of approvals");
    check_refused("[lists]\napprovals = 1x\n", "is no number of approvals");
    check_refused("[lists]\napprovals = 1\napprovals = 1\n", "is set twice");
    check_refused("[lists]\napprovals = 1\n", "no list could have as many");
    check_refused("[lists]\napprover = " KEY_A "\n", "no approvals are asked for");
}
