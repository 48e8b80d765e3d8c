/* SPDX-License-Identifier: ISC */
/* Lines of places in arbitrary bytes. The first byte gives the length of the place, which follows;
 * the rest is the text. The line is one that the text has. */
#include "fuzz.h"
#include "tool/locate.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len)
{
    static const char *const places[] = {"id", "affected[1].ranges[0].events[1]",
                                         "affected[0].package.name", "[0][1]"};
    struct fuzz_input in = {bytes, bytes + len};
    size_t place_len, lines = 1, i;
    const uint8_t *at = fuzz_bytes(&in, fuzz_byte(&in), &place_len);
    size_t text_len = (size_t)(in.end - in.at);
    char place[256];

    memcpy(place, at, place_len);
    place[place_len] = '\0';
    for (i = 0; i < text_len; i++)
        lines += in.at[i] == '\n';
    i = locate_line(in.at, text_len, place);
    PROMISE(i >= 1 && i <= lines);
    for (i = 0; i < sizeof places / sizeof *places; i++) {
        size_t line = locate_line(in.at, text_len, places[i]);

        PROMISE(line >= 1 && line <= lines);
    }
    return 0;
}
