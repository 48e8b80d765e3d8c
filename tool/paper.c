/* SPDX-License-Identifier: ISC */
/* Keys as digits for people and scanners. It must find what is typed wrong, and say where; it cannot
 * know whose key it is. */
#include "tool/paper.h"

#include <assert.h>
#include <ctype.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "crypto/sodium.h"
#include "tool/cli.h"

#define KIND_PLAIN   1
#define KIND_LOCKED  2
#define PLAIN_LEN    (1 + KEYFILE_SEED_LEN)
#define LOCKED_LEN   PAPER_PAYLOAD_MAX
#define DIGIT_BITS   5
#define LINE_DIGITS  25
#define CHECK_DIGITS 3
#define SUM_DIGITS   8
#define SUM_LEN      (SUM_DIGITS * DIGIT_BITS / 8)
#define DIGITS_MAX   ((PAPER_PAYLOAD_MAX * 8 + DIGIT_BITS - 1) / DIGIT_BITS)
#define CRC_BITS     15
#define CRC_POLY     0x4599u

static_assert(1 + KEYFILE_KEY_LEN + 1 + 4 + 16 + 24 + 48 == LOCKED_LEN, "a locked payload");

/* --- digits */

static size_t digits_n(size_t len)
{
    return (len * 8 + DIGIT_BITS - 1) / DIGIT_BITS;
}

static void to_digits(const uint8_t *bytes, size_t len, uint8_t *ret_digits)
{
    size_t bit, n = digits_n(len);

    memset(ret_digits, 0, n);
    for (bit = 0; bit < len * 8; bit++)
        if (bytes[bit / 8] >> (7 - bit % 8) & 1)
            ret_digits[bit / DIGIT_BITS] |= (uint8_t)(1u << (4 - bit % DIGIT_BITS));
}

/* False if the bits that fill up the last digit are not zero. */
static bool from_digits(const uint8_t *digits, size_t len, uint8_t *ret_bytes)
{
    size_t bit, n = digits_n(len);

    memset(ret_bytes, 0, len);
    for (bit = 0; bit < n * DIGIT_BITS; bit++) {
        if (!(digits[bit / DIGIT_BITS] >> (4 - bit % DIGIT_BITS) & 1))
            continue;
        if (bit >= len * 8)
            return false;
        ret_bytes[bit / 8] |= (uint8_t)(1u << (7 - bit % 8));
    }
    return true;
}

static void check_of(size_t number, const uint8_t *digits, size_t n,
                     uint8_t ret_check[CHECK_DIGITS])
{
    unsigned crc = (unsigned)number;
    size_t bit, i;

    for (bit = 0; bit < n * DIGIT_BITS; bit++) {
        unsigned in = (unsigned)digits[bit / DIGIT_BITS] >> (4 - bit % DIGIT_BITS) & 1u;
        unsigned top = crc >> (CRC_BITS - 1) & 1u;

        crc = (crc << 1 & 0x7fffu) ^ (top != in ? CRC_POLY : 0);
    }
    for (i = 0; i < CHECK_DIGITS; i++)
        ret_check[i] = (uint8_t)(crc >> (CRC_BITS - DIGIT_BITS * (i + 1)) & 31u);
}

static void sum_of(const struct paper *p, uint8_t ret_sum[SUM_DIGITS])
{
    uint8_t hash[MUSTER_HASH_LEN];

    muster_crypto_hash(hash, p->payload, p->len);
    to_digits(hash, SUM_LEN, ret_sum);
}

/* --- to and from keys */

static uint8_t *put(uint8_t *at, const uint8_t *bytes, size_t len)
{
    memcpy(at, bytes, len);
    return at + len;
}

static const uint8_t *take(const uint8_t *at, uint8_t *ret_bytes, size_t len)
{
    memcpy(ret_bytes, at, len);
    return at + len;
}

void paper_from_key(const struct keyfile_content *c, const uint8_t key[KEYFILE_KEY_LEN],
                    struct paper *ret)
{
    uint8_t *at = ret->payload;
    int shift;

    memset(ret, 0, sizeof *ret);
    *at++ = c->locked ? KIND_LOCKED : KIND_PLAIN;
    if (!c->locked) {
        at = put(at, c->seed, sizeof c->seed);
    } else {
        at = put(at, key, KEYFILE_KEY_LEN);
        *at++ = (uint8_t)c->ops;
        for (shift = 24; shift >= 0; shift -= 8)
            *at++ = (uint8_t)(c->memory >> shift);
        at = put(at, c->salt, sizeof c->salt);
        at = put(at, c->nonce, sizeof c->nonce);
        at = put(at, c->box, sizeof c->box);
    }
    ret->len = (size_t)(at - ret->payload);
}

static void derive(const uint8_t *seed, uint8_t ret_key[KEYFILE_KEY_LEN])
{
    struct muster_sodium_secret secret;
    struct muster_signing signing;

    muster_sodium_open(seed, &secret, &signing);
    memcpy(ret_key, signing.key, KEYFILE_KEY_LEN);
    muster_sodium_close(&secret);
}

int paper_to_key(const struct paper *p, struct keyfile_content *ret_content,
                 uint8_t ret_key[KEYFILE_KEY_LEN])
{
    const uint8_t *at = p->payload + 1;
    int i;

    memset(ret_content, 0, sizeof *ret_content);
    if (p->payload[0] == KIND_PLAIN && p->len == PLAIN_LEN) {
        (void)take(at, ret_content->seed, KEYFILE_SEED_LEN);
        derive(ret_content->seed, ret_key);
        return 0;
    }
    if (p->payload[0] != KIND_LOCKED || p->len != LOCKED_LEN)
        return -1;
    ret_content->locked = true;
    at = take(at, ret_key, KEYFILE_KEY_LEN);
    ret_content->ops = *at++;
    for (i = 0; i < 4; i++)
        ret_content->memory = ret_content->memory << 8 | *at++;
    at = take(at, ret_content->salt, sizeof ret_content->salt);
    at = take(at, ret_content->nonce, sizeof ret_content->nonce);
    (void)take(at, ret_content->box, sizeof ret_content->box);
    return keyfile_content_is_sound(ret_content) && keyfile_check_key(ret_key) == 0 ? 0 : -1;
}

/* --- writing */

static size_t lines_for(size_t len)
{
    return (digits_n(len) + LINE_DIGITS - 1) / LINE_DIGITS + 1;
}

size_t paper_lines_n(const struct paper *p)
{
    return lines_for(p->len);
}

/* How many digits a line has, without its check. */
static size_t line_digits(size_t len, size_t number)
{
    size_t before = (number - 1) * LINE_DIGITS, n = digits_n(len);

    if (number == lines_for(len))
        return SUM_DIGITS;
    return n - before < LINE_DIGITS ? n - before : LINE_DIGITS;
}

static void get_line(const struct paper *p, size_t number, uint8_t ret_digits[LINE_DIGITS])
{
    uint8_t all[DIGITS_MAX];

    if (number == paper_lines_n(p)) {
        sum_of(p, ret_digits);
        return;
    }
    to_digits(p->payload, p->len, all);
    memcpy(ret_digits, all + (number - 1) * LINE_DIGITS, line_digits(p->len, number));
    sodium_memzero(all, sizeof all);
}

const char *paper_line(const struct paper *p, size_t number, char ret_text[PAPER_LINE_CAP])
{
    uint8_t digits[LINE_DIGITS], check[CHECK_DIGITS];
    size_t n = line_digits(p->len, number), i;
    char *at = ret_text + snprintf(ret_text, PAPER_LINE_CAP, "%2zu/%zu ", number, paper_lines_n(p));

    get_line(p, number, digits);
    check_of(number, digits, n, check);
    for (i = 0; i < n; i++) {
        if (i % 5 == 0)
            *at++ = ' ';
        *at++ = PAPER_DIGITS[digits[i]];
    }
    *at++ = ' ';
    *at++ = ' ';
    for (i = 0; i < CHECK_DIGITS; i++)
        *at++ = PAPER_DIGITS[check[i]];
    *at = '\0';
    sodium_memzero(digits, sizeof digits);
    return ret_text;
}

const char *paper_code(const struct paper *p, char ret_text[PAPER_CODE_CAP])
{
    uint8_t digits[DIGITS_MAX], sum[SUM_DIGITS];
    size_t n = digits_n(p->len), i;
    char *at = ret_text + snprintf(ret_text, PAPER_CODE_CAP, "%s", PAPER_CODE_HEAD);

    to_digits(p->payload, p->len, digits);
    sum_of(p, sum);
    for (i = 0; i < n; i++)
        *at++ = PAPER_DIGITS[digits[i]];
    *at++ = ':';
    for (i = 0; i < SUM_DIGITS; i++)
        *at++ = PAPER_DIGITS[sum[i]];
    *at = '\0';
    sodium_memzero(digits, sizeof digits);
    return ret_text;
}

/* --- reading */

struct typed {
    size_t lines_n; /* in all, as the first line says; 0: none yet */
    size_t seen_n;
    size_t payload_len;
    uint8_t digits[DIGITS_MAX];
    uint8_t sum[SUM_DIGITS];
    char *err;
    size_t err_cap;
};

__attribute__((format(printf, 2, 3))) static int refuse(const struct typed *t, const char *fmt, ...)
{
    va_list args;

    va_start(args, fmt);
    (void)vsnprintf(t->err, t->err_cap, fmt, args);
    va_end(args);
    return -1;
}

/* Takes the number before `end` off the line; 0 if there is none of one or two digits. */
static size_t take_number(struct muster_slice *line)
{
    size_t number = 0, n = 0;

    while (n < line->len && n < 2 && isdigit(line->bytes[n]))
        number = number * 10 + (size_t)(line->bytes[n++] - '0');
    line->bytes += n;
    line->len -= n;
    return number;
}

static void skip_blanks(struct muster_slice *line)
{
    while (line->len > 0 && (line->bytes[0] == ' ' || line->bytes[0] == '\t')) {
        line->bytes++;
        line->len--;
    }
}

/* Whether it is "NUMBER/LINES ...", with what is behind that in *io_line. */
static bool is_key_line(struct muster_slice *io_line, size_t *ret_number, size_t *ret_lines_n)
{
    skip_blanks(io_line);
    *ret_number = take_number(io_line);
    if (*ret_number == 0 || io_line->len == 0 || io_line->bytes[0] != '/')
        return false;
    io_line->bytes++;
    io_line->len--;
    *ret_lines_n = take_number(io_line);
    return *ret_lines_n > 0 && (io_line->len == 0 || !isalnum(io_line->bytes[0]));
}

/* The value of a digit, or -1. */
static int value_of(uint8_t c)
{
    const char *at = c != 0 ? strchr(PAPER_DIGITS, toupper(c)) : NULL;

    return at != NULL ? (int)(at - PAPER_DIGITS) : -1;
}

/* The digits of a line; how many, or -1 after naming one that is none. No more than cap are kept. */
static int read_digits(const struct typed *t, const char *where, struct muster_slice line,
                       uint8_t *ret_digits, size_t cap, size_t *ret_n)
{
    size_t i;

    *ret_n = 0;
    for (i = 0; i < line.len; i++) {
        int value = value_of(line.bytes[i]);

        if (strchr(" \t-\r", line.bytes[i]) != NULL && line.bytes[i] != 0)
            continue;
        if (value < 0)
            return refuse(
                t,
                "%s: '%s' does not occur there; the digits are 2 to 9 and A to Z without I "
                "and O: look at the page again",
                where, SAFE_SLICE(((struct muster_slice){line.bytes + i, 1})));
        if (*ret_n < cap)
            ret_digits[*ret_n] = (uint8_t)value;
        ++*ret_n;
    }
    return 0;
}

static int begin_page(struct typed *t, size_t lines_n)
{
    t->payload_len = lines_n == lines_for(PLAIN_LEN)    ? PLAIN_LEN
                     : lines_n == lines_for(LOCKED_LEN) ? LOCKED_LEN
                                                        : 0;
    if (t->payload_len == 0)
        return refuse(t,
                      "a page has %zu lines, or %zu of a locked key, and not %zu: look at the "
                      "number behind the '/'",
                      lines_for(PLAIN_LEN), lines_for(LOCKED_LEN), lines_n);
    t->lines_n = lines_n;
    return 0;
}

static int check_place(struct typed *t, size_t number, size_t lines_n)
{
    if (t->lines_n == 0 && begin_page(t, lines_n) != 0)
        return -1;
    if (lines_n != t->lines_n)
        return refuse(t, "line %zu/%zu among lines of %zu: all must be of one page", number,
                      lines_n, t->lines_n);
    if (number <= t->seen_n)
        return refuse(t,
                      "line %zu/%zu comes twice, or out of order: type the lines in the order of "
                      "the page, each once",
                      number, lines_n);
    if (number != t->seen_n + 1)
        return refuse(t,
                      "line %zu/%zu is missing before line %zu/%zu: type the lines in the order "
                      "of the page",
                      t->seen_n + 1, lines_n, number, lines_n);
    return 0;
}

static int take_line(struct typed *t, size_t number, size_t lines_n, struct muster_slice line)
{
    uint8_t digits[LINE_DIGITS + CHECK_DIGITS], check[CHECK_DIGITS];
    char where[64];
    size_t n, want;

    (void)snprintf(where, sizeof where, "line %zu/%zu", number, lines_n);
    if (check_place(t, number, lines_n) != 0 ||
        read_digits(t, where, line, digits, sizeof digits, &n) != 0)
        return -1;
    want = line_digits(t->payload_len, number);
    if (n != want + CHECK_DIGITS)
        return refuse(t, "%s: has %zu digits instead of %zu: one is missing or too many", where, n,
                      want + CHECK_DIGITS);
    check_of(number, digits, want, check);
    if (memcmp(check, digits + want, sizeof check) != 0)
        return refuse(t,
                      "%s: something in it is wrong, its check does not fit: compare it with the "
                      "page digit by digit",
                      where);
    memcpy(number == lines_n ? t->sum : t->digits + (number - 1) * LINE_DIGITS, digits, want);
    t->seen_n++;
    sodium_memzero(digits, sizeof digits);
    return 0;
}

/* What a scanner read: the head has been taken off. */
static int take_code(struct typed *t, struct muster_slice code)
{
    const uint8_t *colon = memchr(code.bytes, ':', code.len);
    struct muster_slice digits = {code.bytes, colon != NULL ? (size_t)(colon - code.bytes) : 0};
    struct muster_slice sum = {digits.bytes + digits.len + 1, code.len - digits.len - 1};
    size_t n, sum_n;

    if (colon == NULL)
        return refuse(t, "the code is cut short; scan it again");
    if (read_digits(t, "the code", digits, t->digits, sizeof t->digits, &n) != 0 ||
        read_digits(t, "the code", sum, t->sum, sizeof t->sum, &sum_n) != 0)
        return -1;
    t->payload_len = n == digits_n(PLAIN_LEN)    ? PLAIN_LEN
                     : n == digits_n(LOCKED_LEN) ? LOCKED_LEN
                                                 : 0;
    if (t->payload_len == 0 || sum_n != SUM_DIGITS)
        return refuse(t, "the code is cut short, or not all of one; scan it again");
    t->lines_n = t->seen_n = lines_for(t->payload_len);
    return 0;
}

static bool is_code(struct muster_slice *io_line)
{
    const size_t head_len = sizeof PAPER_CODE_HEAD - 1;
    size_t i;

    skip_blanks(io_line);
    if (io_line->len < head_len)
        return false;
    for (i = 0; i < head_len; i++)
        if (toupper(io_line->bytes[i]) != PAPER_CODE_HEAD[i])
            return false;
    io_line->bytes += head_len;
    io_line->len -= head_len;
    return true;
}

static int take_text(struct typed *t, struct muster_slice text)
{
    size_t number, lines_n;

    while (text.len > 0) {
        const uint8_t *end = memchr(text.bytes, '\n', text.len);
        struct muster_slice line = {text.bytes,
                                    end != NULL ? (size_t)(end - text.bytes) : text.len};
        size_t whole = end != NULL ? line.len + 1 : line.len;

        if (is_code(&line))
            return take_code(t, line);
        if (is_key_line(&line, &number, &lines_n) && take_line(t, number, lines_n, line) != 0)
            return -1;
        text.bytes += whole;
        text.len -= whole;
    }
    return 0;
}

static int finish(const struct typed *t, struct paper *ret)
{
    struct paper p = {.len = t->payload_len};
    uint8_t sum[SUM_DIGITS];

    if (t->lines_n == 0)
        return refuse(t,
                      "there is no key on it: the lines begin with 1/%zu or 1/%zu, a scanned code "
                      "with " PAPER_CODE_HEAD,
                      lines_for(PLAIN_LEN), lines_for(LOCKED_LEN));
    if (t->seen_n != t->lines_n)
        return refuse(t, "line %zu/%zu is missing, and what comes behind it", t->seen_n + 1,
                      t->lines_n);
    if (!from_digits(t->digits, p.len, p.payload))
        return refuse(t, "each line is right, but not all together: are they of one page?");
    sum_of(&p, sum);
    if (memcmp(sum, t->sum, sizeof sum) != 0)
        return refuse(t,
                      "each line is right, but not all together: are they of one page? A scanned "
                      "code: scan it again");
    *ret = p;
    sodium_memzero(&p, sizeof p);
    return 0;
}

int paper_parse(const char *text, size_t len, struct paper *ret_paper, char *err, size_t err_cap)
{
    struct typed t = {.err = err, .err_cap = err_cap};
    int ret = take_text(&t, (struct muster_slice){(const uint8_t *)text, len});

    if (ret == 0)
        ret = finish(&t, ret_paper);
    sodium_memzero(&t, sizeof t);
    return ret;
}
