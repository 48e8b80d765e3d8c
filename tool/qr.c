/* SPDX-License-Identifier: ISC */
/* Modules of libqrencode onto paper. It must not know what the text is. */
#include "tool/qr.h"

#include <qrencode.h>
#include <stdbool.h>

#define QUIET 4 /* modules around it that stay light */

static QRcode *encode(const char *text)
{
    return QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
}

static bool is_dark(const QRcode *code, int x, int y)
{
    x -= QUIET;
    y -= QUIET;
    return x >= 0 && y >= 0 && x < code->width && y < code->width &&
           (code->data[y * code->width + x] & 1) != 0;
}

int qr_draw_text(FILE *out, const char *text)
{
    static const char *const blocks[4] = {" ", "\xe2\x96\x80", "\xe2\x96\x84", "\xe2\x96\x88"};
    QRcode *code = encode(text);
    int x, y, width;

    if (code == NULL)
        return -1;
    width = code->width + 2 * QUIET;
    for (y = 0; y < width; y += 2) {
        for (x = 0; x < width; x++)
            fputs(blocks[is_dark(code, x, y) + 2 * is_dark(code, x, y + 1)], out);
        fputc('\n', out);
    }
    QRcode_free(code);
    return 0;
}

int qr_draw_svg(FILE *out, const char *text, unsigned x_mm, unsigned y_mm, unsigned size_mm)
{
    QRcode *code = encode(text);
    int x, y, width;

    if (code == NULL)
        return -1;
    width = code->width + 2 * QUIET;
    fprintf(out,
            "<svg x=\"%u\" y=\"%u\" width=\"%u\" height=\"%u\" viewBox=\"0 0 %d %d\">\n<path d=\"",
            x_mm, y_mm, size_mm, size_mm, width, width);
    for (y = 0; y < width; y++)
        for (x = 0; x < width; x++)
            if (is_dark(code, x, y))
                fprintf(out, "M%d %dh1v1h-1z", x, y);
    fputs("\"/>\n</svg>\n", out);
    QRcode_free(code);
    return 0;
}
