/* SPDX-License-Identifier: ISC */
/* The cutter of records: it knows strings and brackets, and leaves everything else about JSON to
 * the parser, which gets each piece whole. It must not keep more than one piece. */
#include "tool/feed_scan.h"

#include <stdlib.h>
#include <string.h>

#include "tool/cli.h"

#define KEEP_STEP 65536

static bool is_blank(unsigned char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void tell(struct feed_scan *s, size_t line, enum rule rule, const char *what)
{
    struct feed_place place = {s->place.path, line};

    feed_tell(s->feed, &place, rule, "%s", what);
}

/* The piece is not wanted any more, but its end still is. */
static void refuse(struct feed_scan *s, enum rule rule, const char *what)
{
    if (!s->refused)
        tell(s, s->first_line, rule, what);
    s->refused = true;
}

static void lose(struct feed_scan *s, const char *what)
{
    tell(s, s->place.line, RULE_JSON, what);
    s->state = FEED_LOST;
    s->page = FEED_NO_PAGE;
    s->in_items = false;
}

static void keep(struct feed_scan *s, unsigned char c)
{
    size_t cap = s->cap == 0 ? KEEP_STEP : s->cap * 2;
    char *grown;

    if (s->refused)
        return;
    if (s->len == FEED_RECORD_MAX) {
        refuse(s, RULE_TOO_LARGE, "a record of more than 16 MiB; leave it out");
        return;
    }
    if (s->len == s->cap) {
        grown = realloc(s->bytes, cap);
        if (grown == NULL) {
            refuse(s, RULE_MEMORY, "out of memory");
            return;
        }
        s->bytes = grown;
        s->cap = cap;
    }
    s->bytes[s->len++] = (char)c;
}

static void keep_text(struct feed_scan *s, const char *text)
{
    for (; *text != '\0'; text++)
        keep(s, (unsigned char)*text);
}

static void begin(struct feed_scan *s)
{
    s->len = s->values_n = s->key_at = s->key_end = 0;
    s->depth = 0;
    s->in_string = s->escaped = s->refused = false;
    s->before = ',';
    s->first_line = s->place.line;
    s->had_value = true;
    s->state = FEED_VALUE;
}

/* NULL after telling why. */
static json_t *parse(struct feed_scan *s)
{
    json_error_t error;
    json_t *value = json_loadb(s->bytes, s->len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
    struct feed_place place = {s->place.path, s->first_line};

    if (value != NULL)
        return value;
    place.line += error.line > 0 ? (size_t)error.line - 1 : 0;
    feed_tell(s->feed, &place, RULE_JSON, "%s; correct the JSON (UTF-8 is needed)",
              SAFE(error.text));
    return NULL;
}

static void hand_over(struct feed_scan *s, const json_t *record)
{
    struct feed_place place = {s->place.path, s->first_line};

    if (!json_is_object(record))
        feed_tell(s->feed, &place, RULE_SHAPE, "a record must be an object");
    else if (s->feed->take(s->feed->context, &place, record) != 0)
        s->stopped = true;
}

/* The piece is whole. Of a page nothing is left but what stood around its records, which is
 * parsed because a page that is no JSON must be refused. */
static void finish(struct feed_scan *s)
{
    json_t *value = s->refused ? NULL : parse(s);

    s->state = s->in_items ? FEED_NEXT : FEED_BETWEEN;
    if (value != NULL && s->page != FEED_PAGE_REST)
        hand_over(s, value);
    json_decref(value);
    if (!s->in_items)
        s->page = FEED_NO_PAGE;
    if (s->stopped)
        s->state = FEED_OVER;
}

/* Is the key before this "[" the one whose array holds the records? */
static bool opens_items(const struct feed_scan *s)
{
    json_t *key;
    bool same;

    if (s->page != FEED_PAGE_OPEN || s->refused || s->depth != 2 || s->before != ':' ||
        s->key_end <= s->key_at)
        return false;
    key = json_loadb(s->bytes + s->key_at, s->key_end - s->key_at, JSON_DECODE_ANY, NULL);
    same = json_is_string(key) && strcmp(json_string_value(key), s->feed->items) == 0;
    json_decref(key);
    return same;
}

/* What stands before the array must be right before any record in it is believed. */
static void enter_items(struct feed_scan *s)
{
    json_t *head;

    s->len--;
    keep_text(s, "null}");
    head = s->refused ? NULL : parse(s);
    if (head == NULL) {
        s->refused = true;
        return;
    }
    json_decref(head);
    s->page = FEED_PAGE_ITEMS;
    s->state = FEED_FIRST;
    s->in_items = true;
}

/* The array's key stands in for all that was before, so that a second one is a duplicate. */
static void leave_items(struct feed_scan *s)
{
    begin(s);
    s->page = FEED_PAGE_REST;
    s->depth = 1;
    s->before = ']';
    keep_text(s, "{\"");
    keep_text(s, s->feed->items);
    keep_text(s, "\":null");
}

static void take_string_byte(struct feed_scan *s, unsigned char c)
{
    if (s->escaped) {
        s->escaped = false;
    } else if (c == '\\') {
        s->escaped = true;
    } else if (c == '"') {
        s->in_string = false;
        s->before = '"';
        s->key_end = s->depth == 1 ? s->len : s->key_end;
        if (s->depth == 0)
            finish(s);
    } else if (c == '\n' && !s->in_items) {
        lose(s, "a string is not closed on its line; passing on to the next line that begins "
                "with \"{\"");
    }
}

static void open_bracket(struct feed_scan *s, unsigned char c)
{
    if (++s->depth > FEED_DEPTH_MAX)
        refuse(s, RULE_TOO_DEEP, "nested deeper than 64 levels; leave this record out");
    if (c == '[' && opens_items(s))
        enter_items(s);
}

static void take_value_byte(struct feed_scan *s, unsigned char c)
{
    keep(s, c);
    if (s->in_string) {
        take_string_byte(s, c);
        return;
    }
    if (c == '"') {
        s->in_string = true;
        s->key_at = s->depth == 1 ? s->len - 1 : s->key_at;
    } else if (c == '{' || c == '[') {
        open_bracket(s, c);
    } else if (c == '}' || c == ']') {
        if (--s->depth == 0)
            finish(s);
    } else if ((c == ',' || c == ':') && ++s->values_n > FEED_VALUES_MAX) {
        refuse(s, RULE_TOO_LARGE, "a record of more than a million values; leave it out");
    }
    if (!is_blank(c))
        s->before = c;
}

static void take_outside(struct feed_scan *s, unsigned char c)
{
    if (is_blank(c))
        return;
    if (c == '{') {
        begin(s);
        s->page = s->feed->items != NULL ? FEED_PAGE_OPEN : FEED_NO_PAGE;
        take_value_byte(s, c);
    } else if (c == '[') {
        s->had_value = true;
        s->state = FEED_FIRST;
        s->in_items = true;
    } else {
        lose(s, s->had_value ? "something other than JSON objects follows; passing on to the next "
                               "line that begins with \"{\""
                             : "does not begin with a JSON object or array");
        s->had_value = true;
    }
}

static void take_start(struct feed_scan *s, unsigned char c)
{
    const char *why = c == 0x1f   ? "is packed; unpack it, as in zcat FILE | muster import FEED -"
                      : c == 0xef ? "begins with a byte order mark; remove it"
                      : c == 0xfe || c == 0xff || c == 0 ? "is not UTF-8; convert it"
                                                         : NULL;

    s->state = FEED_BETWEEN;
    if (why == NULL) {
        take_outside(s, c);
        return;
    }
    tell(s, s->place.line, RULE_JSON, why);
    s->state = FEED_OVER;
}

static void end_array(struct feed_scan *s)
{
    s->in_items = false;
    if (s->page == FEED_PAGE_ITEMS)
        leave_items(s);
    else
        s->state = FEED_BETWEEN;
}

static void take_array_byte(struct feed_scan *s, unsigned char c)
{
    if (is_blank(c))
        return;
    if (c == ']') {
        if (s->state == FEED_ELEMENT)
            tell(s, s->place.line, RULE_JSON, "a comma before the array's end; remove it");
        end_array(s);
    } else if (s->state == FEED_NEXT && c == ',') {
        s->state = FEED_ELEMENT;
    } else if (s->state == FEED_NEXT || strchr("},:", c) != NULL) {
        lose(s, "no record and no comma where one should be; passing on to the next line that "
                "begins with \"{\"");
    } else {
        begin(s);
        take_value_byte(s, c);
    }
}

/* A line that begins with "{" where JSON allows none: the record before was cut off. */
static bool begins_anew(const struct feed_scan *s, unsigned char c)
{
    return c == '{' && s->line_start && !s->in_string && strchr(",:[", s->before) == NULL;
}

/* A bare word or number ends before this byte. */
static bool ends_word(const struct feed_scan *s, unsigned char c)
{
    return s->in_items && s->depth == 0 && !s->in_string &&
           (is_blank(c) || c == ',' || c == ']' || c == '}');
}

static void end_before(struct feed_scan *s, unsigned char c)
{
    if (ends_word(s, c)) {
        finish(s);
    } else if (!s->in_items && begins_anew(s, c)) {
        refuse(s, RULE_JSON, "is cut off, and another record follows");
        s->page = FEED_NO_PAGE;
        s->state = FEED_BETWEEN;
    }
}

static void take_byte(struct feed_scan *s, unsigned char c)
{
    if (s->state == FEED_VALUE)
        end_before(s, c);
    switch (s->state) {
    case FEED_START:
        take_start(s, c);
        break;
    case FEED_LOST:
        if (s->line_start && c == '{')
            take_outside(s, c);
        break;
    case FEED_BETWEEN:
        take_outside(s, c);
        break;
    case FEED_VALUE:
        take_value_byte(s, c);
        break;
    case FEED_FIRST:
    case FEED_ELEMENT:
    case FEED_NEXT:
        take_array_byte(s, c);
        break;
    case FEED_OVER:
        break;
    }
}

void feed_scan_begin(struct feed_scan *scan, const struct feed *feed, const char *path)
{
    memset(scan, 0, sizeof *scan);
    scan->feed = feed;
    scan->place = (struct feed_place){path, 1};
    scan->line_start = true;
}

void feed_scan_bytes(struct feed_scan *scan, const unsigned char *bytes, size_t len)
{
    size_t i;

    for (i = 0; i < len && scan->state != FEED_OVER; i++) {
        take_byte(scan, bytes[i]);
        scan->line_start = bytes[i] == '\n';
        scan->place.line += bytes[i] == '\n';
    }
}

int feed_scan_end(struct feed_scan *scan)
{
    if (scan->state == FEED_START)
        tell(scan, 1, RULE_JSON, "is empty; fetch it again");
    else if (scan->state == FEED_VALUE)
        refuse(scan, RULE_JSON, "ends before this record is whole; fetch the document again");
    else if (scan->state != FEED_BETWEEN && scan->state < FEED_LOST)
        tell(scan, scan->place.line, RULE_JSON,
             "ends before its array is closed; fetch the document again");
    free(scan->bytes);
    scan->bytes = NULL;
    return scan->stopped ? -1 : 0;
}
