/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to top: a screen as a grid of cells, drawn without a terminal: what a terminal shows of it is up to
 * terminal.c, and --once prints it.
 *
 * Thread-safety: one thread. Widths of characters are those of LC_CTYPE, which must be UTF-8 where `utf8` is
 * set.
 * S1  no cell holds a control character or one that changes the direction of text: labels of a server cannot
 *     reach the terminal as anything but characters.
 * S2  without `utf8` every cell is ASCII.
 * S3  a character of two columns is followed by a cell with an empty text.
 */
#ifndef TOP_SCREEN_H
#define TOP_SCREEN_H

#include "base/base.h"
#include "top/limits.h"

#include <stdint.h>

enum { TOP_CELL_SIZE = 16, TOP_POINT_SIZE = 4 };

/* What a text is, not how it looks: colours are the terminal's affair. */
typedef enum top_style {
    TOP_PLAIN,
    TOP_DIM,
    TOP_BOLD,
    TOP_TITLE,
    TOP_KEY,
    TOP_GOOD,
    TOP_WARN,
    TOP_BAD,
    TOP_SERIES_1, /* TOP_SERIES_COUNT of them */
    TOP_SERIES_2,
    TOP_SERIES_3,
    TOP_SERIES_4,
    TOP_SERIES_5,
    TOP_SERIES_6,
    TOP_HEAT_1, /* TOP_HEAT_COUNT of them, from few to many */
    TOP_HEAT_2,
    TOP_HEAT_3,
    TOP_HEAT_4,
    TOP_HEAT_5,
    TOP_STYLE_COUNT,
    TOP_REVERSE = 0x80 /* beside a style: the selected row */
} top_style;

enum { TOP_SERIES_COUNT = 6, TOP_HEAT_COUNT = 5 };

typedef struct top_cell {
    char text[TOP_CELL_SIZE]; /* one character of UTF-8 with what combines with it; "" behind a wide one */
    uint8_t style;
} top_cell;

typedef struct top_screen {
    int width, height;
    bool utf8;
    top_cell *cells;
} top_screen;

/* A part of a screen; one that does not fit is cut by those who draw. */
typedef struct top_area {
    int y, x, height, width;
} top_area;

void top_screen_init(top_screen *screen, bool utf8);
void top_screen_deinit(top_screen *screen);

/* Blank, in the new size (clamped to 1 and the limits). On failure it is as before. */
bool top_screen_resize(top_screen *screen, int width, int height, ifm_error *err);
void top_screen_clear(top_screen *screen);

/* Writes at most `max` columns of UTF-8, the last of them a sign that there is more when there is. Returns
 * the columns written; 0 outside of the screen. */
int top_screen_text(top_screen *screen, int y, int x, int max, unsigned style, const char *text);

/* The same, ending at column x + width. */
void top_screen_right(top_screen *screen, int y, int x, int width, unsigned style, const char *text);

/* One character of one column. */
void top_screen_point(top_screen *screen, int y, int x, unsigned style, uint32_t point);

/* `count` times the same. */
void top_screen_fill(top_screen *screen, int y, int x, int count, unsigned style, uint32_t point);

/* Shows `count` cells in reverse. */
void top_screen_reverse(top_screen *screen, int y, int x, int count);

/* The bytes of a code point in UTF-8, without a NUL; returns how many. */
size_t top_point_write(char out[TOP_POINT_SIZE], uint32_t point);

/* How many columns a text takes. */
int top_text_width(const char *text, bool utf8);

/* The lines without blanks at their ends, and without those that are blank at the end. */
void top_screen_print(const top_screen *screen, ifm_buf *out);

#endif
