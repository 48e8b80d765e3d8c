/* SPDX-License-Identifier: ISC */
/* host/log.h: what reaches standard error, and that untrusted text cannot act there. */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "host/log.h"
#include "scratch.h"

static char captured[4096];

/* Runs `say` with standard error in a file, and returns what came. */
static const char *capture(void (*say)(void))
{
    int saved = dup(STDERR_FILENO);
    int fd = open(scratch_path("stderr"), O_RDWR | O_CREAT | O_TRUNC, 0600);
    ssize_t len;

    dup2(fd, STDERR_FILENO);
    say();
    dup2(saved, STDERR_FILENO);
    close(saved);
    len = pread(fd, captured, sizeof captured - 1, 0);
    captured[len > 0 ? len : 0] = '\0';
    close(fd);
    return captured;
}

static void say_all(void)
{
    log_error("e %d", 1);
    log_warn("w");
    log_info("i");
    log_debug("d");
}

TEST(lines_carry_the_ident_and_stop_at_the_level)
{
    log_open("musterd", false, LOG_LEVEL_WARN);
    CHECK_EQ_STR(capture(say_all), "musterd: e 1\nmusterd: w\n");
    log_open("musterd", false, LOG_LEVEL_DEBUG);
    CHECK_EQ_STR(capture(say_all), "musterd: e 1\nmusterd: w\nmusterd: i\nmusterd: d\n");
}

static void say_long(void)
{
    char text[3000];

    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    errno = EAGAIN;
    log_error("%s", text);
}

TEST(long_lines_are_cut_and_errno_stays)
{
    log_open("m", false, LOG_LEVEL_ERROR);
    CHECK_EQ_INT(strlen(capture(say_long)), 3 + 1023 + 1);
    CHECK_EQ_INT(errno, EAGAIN);
}

TEST(untrusted_text_is_escaped)
{
    char buf[64];

    CHECK_EQ_STR(log_safe(buf, sizeof buf, "DS-2CD", 6), "DS-2CD");
    CHECK_EQ_STR(log_safe(buf, sizeof buf, "a\nb\x1b[2J\0\\", 9), "a\\x0ab\\x1b[2J\\x00\\x5c");
    CHECK_EQ_STR(log_safe(buf, sizeof buf, "\xe2\x80\xae\x7f", 4), "\\xe2\\x80\\xae\\x7f");
    CHECK_EQ_STR(log_safe(buf, sizeof buf, "", 0), "");
}

TEST(an_escape_is_never_cut_in_half)
{
    char buf[8];

    CHECK_EQ_STR(log_safe(buf, 8, "abcdefghij", 10), "abcdefg");
    CHECK_EQ_STR(log_safe(buf, 8, "abc\nx", 5), "abc\\x0a");
    CHECK_EQ_STR(log_safe(buf, 8, "abcd\nx", 6), "abcd");
    CHECK_EQ_STR(log_safe(buf, 1, "abc", 3), "");
}
