/* SPDX-License-Identifier: ISC */
/* A page of a key as somebody may have typed it: never more than refused, and what is taken is
 * written in the same lines again. */
#include <stdio.h>
#include <string.h>

#include "fuzz.h"
#include "tool/paper.h"

static void check_again(const struct paper *paper)
{
    char text[2048], line[PAPER_LINE_CAP], err[512];
    struct paper back;
    size_t i, len = 0;

    for (i = 1; i <= paper_lines_n(paper); i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s\n", paper_line(paper, i, line));
    PROMISE(paper_parse(text, len, &back, err, sizeof err) == 0);
    PROMISE(back.len == paper->len && memcmp(back.payload, paper->payload, back.len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    uint8_t key[KEYFILE_KEY_LEN];
    struct keyfile_content content;
    struct paper paper;
    char err[512] = "";

    if (paper_parse((const char *)bytes, len, &paper, err, sizeof err) != 0) {
        PROMISE(err[0] != '\0');
        return 0;
    }
    check_again(&paper);
    if (paper_to_key(&paper, &content, key) == 0)
        PROMISE(keyfile_content_is_sound(&content));
    return 0;
}
