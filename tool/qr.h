/* SPDX-License-Identifier: ISC */
/* QR codes for a page: of block characters, or a path of SVG. */
#ifndef TOOL_QR_H
#define TOOL_QR_H

#include <stdio.h>

/* Draws the text (digits, capital letters, ":" and "-") with half blocks, dark on light, within a
 * quiet margin, in UTF-8. 0, or -1 without memory. */
int qr_draw_text(FILE *out, const char *text);

/* The same as one SVG element of size_mm, its corner at (x_mm, y_mm). */
int qr_draw_svg(FILE *out, const char *text, unsigned x_mm, unsigned y_mm, unsigned size_mm);

#endif
