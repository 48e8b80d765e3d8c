/* SPDX-License-Identifier: ISC */
/* host/clock.h: dates as people write them, against the C library's own calendar. */
#include "test.h"

#include <errno.h>
#include <time.h>

#include "host/clock.h"

TEST(times_are_written)
{
    char out[CLOCK_TEXT_CAP];

    CHECK_EQ_STR(clock_format(out, 0), "never");
    CHECK_EQ_STR(clock_format(out, 1), "1970-01-01 00:00:01Z");
    CHECK_EQ_STR(clock_format(out, 1767225600), "2026-01-01 00:00:00Z");
    CHECK_EQ_STR(clock_format(out, 951782400), "2000-02-29 00:00:00Z");
    CHECK_EQ_STR(clock_format(out, 253402300799), "9999-12-31 23:59:59Z");
    CHECK_EQ_STR(clock_format(out, 253402300800), "unix 253402300800");
    CHECK_EQ_STR(clock_format(out, UINT64_MAX), "unix 18446744073709551615");
}

TEST(every_day_for_centuries_is_the_c_library_s)
{
    char ours[CLOCK_TEXT_CAP], theirs[CLOCK_TEXT_CAP];
    uint64_t s, back;
    unsigned wrong = 0;

    for (s = 86399; s < UINT64_C(32503680000); s += 86400 * 3 + 12345) {
        time_t t = (time_t)s;
        struct tm parts;

        (void)strftime(theirs, sizeof theirs, "%Y-%m-%d %H:%M:%SZ", gmtime_r(&t, &parts));
        wrong += strcmp(clock_format(ours, s), theirs) != 0;
        wrong += clock_parse(ours, &back) != 0 || back != s;
    }
    CHECK_EQ_INT(wrong, 0);
}

TEST(times_are_read)
{
    static const struct {
        const char *text;
        uint64_t want;
    } good[] = {{"0", 0},
                {"1767225600", 1767225600},
                {"2026-01-01", 1767225600},
                {"2026-01-01T00:00:00Z", 1767225600},
                {"2026-01-01 00:00:01Z", 1767225601},
                {"2024-02-29T23:59:59Z", 1709251199},
                {"18446744073709551615", UINT64_MAX}};
    uint64_t value;
    size_t i;

    for (i = 0; i < sizeof good / sizeof *good; i++) {
        test_case("%s", good[i].text);
        value = 77;
        CHECK_EQ_INT(clock_parse(good[i].text, &value), 0);
        CHECK(value == good[i].want);
    }
}

TEST(other_text_is_refused)
{
    static const char *const bad[] = {"",
                                      "now",
                                      "-1",
                                      "1.5",
                                      " 1",
                                      "1 ",
                                      "18446744073709551616",
                                      "2026-1-1",
                                      "2026-13-01",
                                      "2026-00-01",
                                      "2026-01-00",
                                      "2026-02-29",
                                      "2026-04-31",
                                      "2026-01-01T24:00:00Z",
                                      "2026-01-01T00:60:00Z",
                                      "2026-01-01T00:00:60Z",
                                      "2026-01-01T00:00:00",
                                      "1969-12-31",
                                      "2026-01-01T00:00:00+01:00",
                                      "2026-01-01T00:00:00.5Z",
                                      "2026-01-01Z",
                                      "2026-01-01T00:00:00ZZ"};
    uint64_t value = 77;
    size_t i;

    for (i = 0; i < sizeof bad / sizeof *bad; i++) {
        test_case("%s", bad[i]);
        CHECK_EQ_INT(clock_parse(bad[i], &value), -EINVAL);
    }
    CHECK_EQ_INT(value, 77);
}

TEST(the_clocks_run)
{
    uint64_t before = clock_mono_ms();
    const struct timespec pause = {0, 5000000};

    nanosleep(&pause, NULL);
    CHECK(clock_mono_ms() >= before + 5);
    CHECK(clock_wall_s() + 2 >= (uint64_t)time(NULL));
    CHECK(clock_wall_s() <= (uint64_t)time(NULL) + 2);
}
