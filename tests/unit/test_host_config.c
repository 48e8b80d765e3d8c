/* SPDX-License-Identifier: ISC */
/* host/config.h: every mistake is named with file, line and what to do. */
#include "test.h"

#include <errno.h>

#include "host/config.h"
#include "scratch.h"

static char seen[1024];

static int collect(void *ctx, const char *section, const char *key, const char *value, char *err,
                   size_t err_cap)
{
    static const char *const known[] = {"mode", "listen", "list", NULL};
    size_t at = strlen(seen);

    (void)ctx;
    if (strcmp(key, "mode") == 0 && strcmp(value, "fast") == 0) {
        (void)snprintf(err, err_cap, "'fast' is no mode; write monitor");
        return -ERANGE;
    }
    if (strcmp(key, "mode") != 0 && strcmp(key, "listen") != 0)
        return config_unknown("key", key, known, err, err_cap);
    (void)snprintf(seen + at, sizeof seen - at, "%s/%s=%s|", section, key, value);
    return 0;
}

static char message[CONFIG_ERR_CAP];

/* Reads `text` as "f.ini"; the message is what follows the path. */
static int read_text(const char *text)
{
    const char *path = scratch_write("f.ini", text);
    size_t path_len = strlen(path);
    char err[CONFIG_ERR_CAP] = "";
    int ret;

    seen[0] = message[0] = '\0';
    ret = config_read(path, collect, NULL, err, sizeof err);
    if (strncmp(err, path, path_len) == 0)
        memcpy(message, err + path_len, strlen(err + path_len) + 1);
    return ret;
}

TEST(values_arrive_in_order)
{
    CHECK_EQ_INT(read_text("# comment\nmode = a b\n\n[x y]\n; more\r\nlisten=1 ; why\r\nlisten: 2"),
                 0);
    CHECK_EQ_STR(seen, "/mode=a b|x y/listen=1|x y/listen=2|");
    CHECK_EQ_INT(read_text(""), 0);
    CHECK_EQ_STR(seen, "");
    CHECK_EQ_INT(read_text("mode =\n"), 0);
    CHECK_EQ_STR(seen, "/mode=|");
}

TEST(the_setter_s_refusal_names_the_line)
{
    CHECK_EQ_INT(read_text("[a]\nlisten=1\n\nmode = fast\nlisten=2\n"), -ERANGE);
    CHECK_EQ_STR(message, ":4: 'fast' is no mode; write monitor");
    CHECK_EQ_STR(seen, "a/listen=1|");
}

TEST(unknown_keys_are_errors_with_a_hint)
{
    CHECK_EQ_INT(read_text("moed = 1\n"), -EINVAL);
    CHECK_EQ_STR(message, ":1: unknown key 'moed'; known are mode, listen, list");
    CHECK_EQ_INT(read_text("mod = 1\n"), -EINVAL);
    CHECK_EQ_STR(message, ":1: unknown key 'mod'; did you mean 'mode'?");
    CHECK_EQ_INT(read_text("\nlisren = 1\n"), -EINVAL);
    CHECK_EQ_STR(message, ":2: unknown key 'lisren'; did you mean 'listen'?");
    CHECK_EQ_INT(read_text("lists = 1\n"), -EINVAL);
    CHECK_EQ_STR(message, ":1: unknown key 'lists'; did you mean 'list'?");
    CHECK_EQ_INT(read_text("LISTEEN = 1\n"), -EINVAL);
    CHECK_EQ_STR(message, ":1: unknown key 'LISTEEN'; did you mean 'listen'?");
}

TEST(what_is_not_ini_names_the_line)
{
    CHECK_EQ_INT(read_text("mode=1\ngarbage\nmode=2\n"), -EINVAL);
    CHECK_EQ_STR(message, ":2: neither `[section]` nor `key = value`; write one of them");
    CHECK_EQ_INT(read_text("garbage\nmode=fast\n"), -EINVAL);
    CHECK_EQ_STR(message, ":1: neither `[section]` nor `key = value`; write one of them");
    CHECK_EQ_INT(read_text("[open\n"), -EINVAL);
    CHECK_EQ_STR(message, ":1: neither `[section]` nor `key = value`; write one of them");
}

TEST(lines_that_readers_take_differently_are_refused)
{
    char text[300];

    CHECK_EQ_INT(read_text("mode = 1\n  listen = 2\n"), -EINVAL);
    CHECK_EQ_STR(message, ":2: the line begins with white space; remove it");
    CHECK_EQ_INT(read_text("mode = \x1b[2J\n"), -EINVAL);
    CHECK_EQ_STR(message, ":1: the line holds a control character; remove it");
    (void)snprintf(text, sizeof text, "mode=1\nmode=%0200d\n", 7);
    CHECK_EQ_INT(read_text(text), -EINVAL);
    CHECK_EQ_STR(message, ":2: the line is longer than 190 bytes; shorten it");
    (void)snprintf(text, sizeof text, "mode=%0185d\n", 7);
    CHECK_EQ_INT(read_text(text), 0);
    CHECK_EQ_INT(strlen(seen), 1 + 5 + 185 + 1);
}

TEST(files_that_cannot_be_configuration_are_refused)
{
    char err[CONFIG_ERR_CAP], *large = malloc(70001);
    FILE *file;

    REQUIRE(large != NULL);
    memset(large, '#', 70000);
    large[70000] = '\0';
    CHECK_EQ_INT(read_text(large), -EFBIG);
    CHECK(strstr(message, "larger than 64 KiB") != NULL);
    free(large);
    file = fopen(scratch_path("nul.ini"), "w");
    REQUIRE(file != NULL && fwrite("a=1\0b", 1, 5, file) == 5 && fclose(file) == 0);
    CHECK_EQ_INT(config_read(scratch_path("nul.ini"), collect, NULL, err, sizeof err), -EINVAL);
    CHECK(strstr(err, "NUL byte") != NULL);
    CHECK_EQ_INT(config_read(scratch_path("none.ini"), collect, NULL, err, sizeof err), -ENOENT);
    CHECK(strstr(err, "none.ini: cannot be read: No such file or directory") != NULL);
    CHECK_EQ_INT(config_read(scratch_dir(), collect, NULL, err, sizeof err), -EISDIR);
}

TEST(a_small_message_buffer_is_not_overrun)
{
    char err[8] = "1234567";

    CHECK_EQ_INT(config_read("/no/such/file", collect, NULL, err, sizeof err), -ENOENT);
    CHECK_EQ_STR(err, "/no/suc");
}

TEST(booleans)
{
    static const char *const no[] = {"no", "False", "OFF"}, *const yes[] = {"yes", "TRUE", "on"};
    char err[CONFIG_ERR_CAP];
    bool value;
    size_t i;

    for (i = 0; i < 3; i++) {
        value = true;
        CHECK(config_bool(no[i], &value, err, sizeof err) == 0 && !value);
        CHECK(config_bool(yes[i], &value, err, sizeof err) == 0 && value);
    }
    CHECK_EQ_INT(config_bool("1", &value, err, sizeof err), -EINVAL);
    CHECK_EQ_STR(err, "'1' is neither yes nor no; write one of them");
    CHECK_EQ_INT(config_bool("", &value, err, sizeof err), -EINVAL);
}

TEST(numbers_stay_in_their_range)
{
    char err[CONFIG_ERR_CAP];
    uint64_t value = 7;

    CHECK(config_u64("0", 0, 9, &value, err, sizeof err) == 0 && value == 0);
    CHECK(config_u64("18446744073709551615", 0, UINT64_MAX, &value, err, sizeof err) == 0);
    CHECK(value == UINT64_MAX);
    CHECK_EQ_INT(config_u64("18446744073709551616", 0, UINT64_MAX, &value, err, sizeof err),
                 -EINVAL);
    CHECK_EQ_INT(config_u64("10", 0, 9, &value, err, sizeof err), -EINVAL);
    CHECK_EQ_STR(err, "'10' is not a number from 0 to 9; write one");
    CHECK_EQ_INT(config_u64("1", 2, 9, &value, err, sizeof err), -EINVAL);
    CHECK_EQ_INT(config_u64("-1", 0, 9, &value, err, sizeof err), -EINVAL);
    CHECK_EQ_INT(config_u64(" 1", 0, 9, &value, err, sizeof err), -EINVAL);
    CHECK_EQ_INT(config_u64("1k", 0, 9, &value, err, sizeof err), -EINVAL);
    CHECK_EQ_INT(config_u64("", 0, 9, &value, err, sizeof err), -EINVAL);
    CHECK(value == UINT64_MAX);
}

TEST(durations_and_sizes_have_units)
{
    static const struct {
        const char *text;
        uint64_t seconds;
    } good[] = {{"90", 90}, {"30s", 30}, {"10m", 600}, {"2h", 7200}, {"7d", 604800}, {"0", 0}};
    static const char *const bad[] = {"", "s", "-1s", "1.5h", "1w", "1hh", "1 h", "99999999d"};
    char err[CONFIG_ERR_CAP];
    uint64_t value;
    size_t i;

    for (i = 0; i < sizeof good / sizeof *good; i++) {
        test_case("%s", good[i].text);
        CHECK_EQ_INT(config_duration_s(good[i].text, &value, err, sizeof err), 0);
        CHECK_EQ_INT(value, good[i].seconds);
    }
    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        test_case("%s", bad[i]);
        CHECK_EQ_INT(config_duration_s(bad[i], &value, err, sizeof err), -EINVAL);
    }
}
