/* SPDX-License-Identifier: ISC */
/* Cuts one document into records, byte by byte, so that it does not matter how the bytes come in.
 * Only feed.c and tests use it. */
#ifndef TOOL_FEED_SCAN_H
#define TOOL_FEED_SCAN_H

#include <stdbool.h>

#include "tool/feed.h"

enum feed_state {
    FEED_START,   /* before the first byte */
    FEED_BETWEEN, /* outside of everything */
    FEED_VALUE,   /* inside a record, or inside a page outside of its array */
    FEED_FIRST,   /* in an array, before the first record or the end */
    FEED_ELEMENT, /* in an array, behind a comma */
    FEED_NEXT,    /* in an array, behind a record */
    FEED_LOST,    /* passing over everything up to a line that begins with "{" */
    FEED_OVER     /* nothing more is read */
};

enum feed_page {
    FEED_NO_PAGE,
    FEED_PAGE_OPEN, /* an outermost object that may turn out to be a page */
    FEED_PAGE_ITEMS,
    FEED_PAGE_REST /* behind the array of items */
};

struct feed_scan {
    const struct feed *feed;
    struct feed_place place; /* line: of the next byte */
    enum feed_state state;
    enum feed_page page;
    bool in_items; /* inside an array of records */
    bool line_start, had_value, stopped;

    /* the value that is being cut */
    char *bytes;
    size_t len, cap, first_line, values_n, key_at, key_end;
    unsigned depth;
    bool in_string, escaped, refused;
    unsigned char before; /* the last byte outside of strings that is no blank */
};

void feed_scan_begin(struct feed_scan *scan, const struct feed *feed, const char *path);
void feed_scan_bytes(struct feed_scan *scan, const unsigned char *bytes, size_t len);

/* The document is at its end. -1 if `take` ended the reading, else 0. Frees what the scan owns. */
int feed_scan_end(struct feed_scan *scan);

#endif
