/* SPDX-License-Identifier: ISC */
/* What time it is and how it is written. It must not decide whether the clock can be believed
 * (R9). */
#include "host/clock.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/timex.h>
#include <time.h>

uint64_t clock_mono_ms(void)
{
    struct timespec now;

    if (clock_gettime(CLOCK_BOOTTIME, &now) != 0)
        clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

uint64_t clock_wall_s(void)
{
    time_t now = time(NULL);

    return now > 0 ? (uint64_t)now : 0;
}

bool clock_synced(void)
{
    struct timex state;

    memset(&state, 0, sizeof state);
    return adjtimex(&state) >= 0 && (state.status & STA_UNSYNC) == 0;
}

/* Year, month and day of a day number since 1970-01-01 (proleptic Gregorian). */
static void split_day(uint64_t day, unsigned ret_date[3])
{
    uint64_t since_0000_03_01 = day + 719468;
    uint64_t era = since_0000_03_01 / 146097, of_era = since_0000_03_01 % 146097;
    uint64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    uint64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    uint64_t shifted = (5 * of_year + 2) / 153; /* 0 = March */

    ret_date[2] = (unsigned)(of_year - (153 * shifted + 2) / 5 + 1);
    ret_date[1] = (unsigned)(shifted < 10 ? shifted + 3 : shifted - 9);
    ret_date[0] = (unsigned)(year + era * 400 + (ret_date[1] <= 2));
}

static uint64_t join_day(unsigned year, unsigned month, unsigned day)
{
    uint64_t shifted_year = month <= 2 ? year - 1 : year;
    uint64_t of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

    return shifted_year * 365 + shifted_year / 4 - shifted_year / 100 + shifted_year / 400 +
           of_year - 719468;
}

const char *clock_format(char out[CLOCK_TEXT_CAP], uint64_t unix_s)
{
    unsigned date[3], of_day = (unsigned)(unix_s % 86400);

    if (unix_s == 0) {
        (void)snprintf(out, CLOCK_TEXT_CAP, "never");
    } else if (unix_s > 253402300799) {
        (void)snprintf(out, CLOCK_TEXT_CAP, "unix %" PRIu64, unix_s);
    } else {
        split_day(unix_s / 86400, date);
        (void)snprintf(out, CLOCK_TEXT_CAP, "%04u-%02u-%02u %02u:%02u:%02uZ", date[0], date[1],
                       date[2], of_day / 3600, of_day / 60 % 60, of_day % 60);
    }
    return out;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static int parse_seconds(const char *text, uint64_t *ret)
{
    uint64_t value = 0, digit;

    for (; is_digit(*text); text++) {
        digit = (uint64_t)(*text - '0');
        if (value > (UINT64_MAX - digit) / 10)
            return -EINVAL;
        value = value * 10 + digit;
    }
    if (*text != '\0')
        return -EINVAL;
    *ret = value;
    return 0;
}

/* Reads what `shape` shows: '0' is a digit, 'T' a T or a blank, other characters themselves. */
static int match(const char *text, const char *shape, unsigned ret_fields[8])
{
    size_t field = 0;

    for (; *shape != '\0'; text++, shape++) {
        if (*shape == '0' ? !is_digit(*text)
                          : *text != *shape && (*shape != 'T' || (*text != ' ' && *text != 't')))
            return -EINVAL;
        if (*shape == '0')
            ret_fields[field] = ret_fields[field] * 10 + (unsigned)(*text - '0');
        else
            field++;
    }
    return *text == '\0' ? 0 : -EINVAL;
}

int clock_parse(const char *text, uint64_t *ret_unix_s)
{
    unsigned field[8] = {0}, back[3];
    uint64_t day;

    if (*text == '\0')
        return -EINVAL;
    if (strchr(text, '-') == NULL)
        return parse_seconds(text, ret_unix_s);
    if (match(text, strlen(text) == 10 ? "0000-00-00" : "0000-00-00T00:00:00Z", field) != 0)
        return -EINVAL;
    if (field[0] < 1970 || field[1] < 1 || field[1] > 12 || field[2] < 1 || field[2] > 31 ||
        field[3] > 23 || field[4] > 59 || field[5] > 59)
        return -EINVAL;
    day = join_day(field[0], field[1], field[2]);
    split_day(day, back);
    if (back[1] != field[1]) /* 31 April */
        return -EINVAL;
    *ret_unix_s = day * 86400 + (uint64_t)field[3] * 3600 + (uint64_t)field[4] * 60 + field[5];
    return 0;
}
