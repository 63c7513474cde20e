/* SPDX-License-Identifier: Apache-2.0 */
#include "top/screen.h"

#include <wchar.h>

enum { REPLACEMENT = 0xFFFD, ELLIPSIS = 0x2026 };

void top_screen_init(top_screen *screen, bool utf8)
{
    *screen = (top_screen){.utf8 = utf8};
}

void top_screen_deinit(top_screen *screen)
{
    ifm_free(screen->cells);
    *screen = (top_screen){.utf8 = screen->utf8};
}

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

bool top_screen_resize(top_screen *screen, int width, int height, ifm_error *err)
{
    width = clamp(width, 1, TOP_SCREEN_WIDTH_MAX);
    height = clamp(height, 1, TOP_SCREEN_HEIGHT_MAX);
    if (screen->cells == NULL || width != screen->width || height != screen->height) {
        top_cell *cells = ifm_realloc(screen->cells, (size_t)width * (size_t)height, sizeof *cells);
        if (cells == NULL) {
            return ifm_error_nomem(err);
        }
        screen->cells = cells;
        screen->width = width;
        screen->height = height;
    }
    top_screen_clear(screen);
    return true;
}

void top_screen_clear(top_screen *screen)
{
    for (int i = 0; i < screen->width * screen->height; i++) {
        screen->cells[i] = (top_cell){.text = " ", .style = TOP_PLAIN};
    }
}

static top_cell *cell_at(const top_screen *screen, int y, int x)
{
    bool inside = y >= 0 && y < screen->height && x >= 0 && x < screen->width;
    return inside ? &screen->cells[y * screen->width + x] : NULL;
}

/* Marks of direction, joiners, variation selectors, tags and the like: they would move what stands beside
 * them, or change its width. */
static bool is_harmful(uint32_t point)
{
    return point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0xAD || point == 0x61C ||
           (point >= 0x200B && point <= 0x200F) || (point >= 0x2028 && point <= 0x202E) ||
           (point >= 0x2060 && point <= 0x206F) || (point >= 0xFE00 && point <= 0xFE0F) || point == 0xFEFF ||
           (point >= 0xFFF9 && point <= 0xFFFB) || (point >= 0xE0000 && point <= 0xE0FFF);
}

/* The next character as it may be shown, and its columns: 0, 1 or 2. Returns its bytes. */
static size_t next_point(const char *text, size_t size, bool utf8, uint32_t *point, int *columns)
{
    size_t used = ifm_utf8_decode(text, size, point);
    if (used == 0) {
        used = 1;
        *point = REPLACEMENT;
    }
    *columns = 1;
    if (is_harmful(*point)) {
        *point = REPLACEMENT;
    } else if (utf8 && *point >= 0x80) {
        *columns = wcwidth((wchar_t)*point);
        if (*columns < 0 || *columns > 2) {
            *point = REPLACEMENT;
            *columns = 1;
        }
    }
    if (!utf8 && *point >= 0x80) {
        *point = '?';
    }
    return used;
}

size_t top_point_write(char out[TOP_POINT_SIZE], uint32_t point)
{
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    size_t size = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    static const unsigned char heads[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = size - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (point & 0x3F));
        point >>= 6;
    }
    out[0] = (char)(heads[size] | point);
    return size;
}

/* What is left of a wide character that loses one of its cells is a blank (S3). */
static void mend_around(top_screen *screen, int y, int x)
{
    top_cell *cell = cell_at(screen, y, x), *left = cell_at(screen, y, x - 1);
    top_cell *right = cell_at(screen, y, x + 1);
    if (cell->text[0] == '\0' && left != NULL) {
        *left = (top_cell){.text = " ", .style = left->style};
    }
    if (cell->text[0] != '\0' && right != NULL && right->text[0] == '\0') {
        *right = (top_cell){.text = " ", .style = right->style};
    }
}

static void put(top_screen *screen, int y, int x, unsigned style, uint32_t point)
{
    top_cell *cell = cell_at(screen, y, x);
    if (cell != NULL) {
        mend_around(screen, y, x);
        *cell = (top_cell){.style = (uint8_t)style};
        top_point_write(cell->text, point);
    }
}

static void put_wide(top_screen *screen, int y, int x, unsigned style, uint32_t point)
{
    put(screen, y, x, style, point);
    put(screen, y, x + 1, style, ' ');
    cell_at(screen, y, x + 1)->text[0] = '\0';
}

/* To the character before it; without one it is not shown. */
static void combine(top_screen *screen, int y, int x, uint32_t point)
{
    top_cell *cell = cell_at(screen, y, x);
    if (cell != NULL && cell->text[0] == '\0') {
        cell = cell_at(screen, y, x - 1);
    }
    size_t size = cell == NULL ? 0 : strlen(cell->text);
    if (size > 0 && size + 4 < sizeof cell->text) {
        top_point_write(cell->text + size, point);
    }
}

int top_text_width(const char *text, bool utf8)
{
    size_t left = strlen(text);
    int width = 0, columns;
    for (uint32_t point; left > 0;) {
        size_t used = next_point(text, left, utf8, &point, &columns);
        width += columns;
        text += used;
        left -= used;
    }
    return width;
}

int top_screen_text(top_screen *screen, int y, int x, int max, unsigned style, const char *text)
{
    int room = screen->width - x < max ? screen->width - x : max;
    if (cell_at(screen, y, x) == NULL || room <= 0) {
        return 0;
    }
    bool is_cut = top_text_width(text, screen->utf8) > room;
    int used = 0, columns, limit = is_cut ? room - 1 : room;
    size_t left = strlen(text);
    for (uint32_t point; left > 0;) {
        size_t size = next_point(text, left, screen->utf8, &point, &columns);
        if (used + columns > limit) {
            break;
        }
        if (columns == 0) {
            combine(screen, y, used > 0 ? x + used - 1 : -1, point);
        } else if (columns == 1) {
            put(screen, y, x + used, style, point);
        } else {
            put_wide(screen, y, x + used, style, point);
        }
        used += columns;
        text += size;
        left -= size;
    }
    if (is_cut) {
        put(screen, y, x + used, style, screen->utf8 ? ELLIPSIS : '~');
        used++;
    }
    return used;
}

void top_screen_right(top_screen *screen, int y, int x, int width, unsigned style, const char *text)
{
    int columns = top_text_width(text, screen->utf8);
    int blank = columns < width ? width - columns : 0;
    top_screen_text(screen, y, x + blank, width - blank, style, text);
}

void top_screen_point(top_screen *screen, int y, int x, unsigned style, uint32_t point)
{
    put(screen, y, x, style, !screen->utf8 && point >= 0x80 ? '?' : point);
}

void top_screen_fill(top_screen *screen, int y, int x, int count, unsigned style, uint32_t point)
{
    for (int i = 0; i < count; i++) {
        top_screen_point(screen, y, x + i, style, point);
    }
}

void top_screen_reverse(top_screen *screen, int y, int x, int count)
{
    for (int i = 0; i < count; i++) {
        top_cell *cell = cell_at(screen, y, x + i);
        if (cell != NULL) {
            cell->style |= TOP_REVERSE;
        }
    }
}

static bool is_blank(const top_cell *cell)
{
    return cell->text[0] == ' ' && cell->text[1] == '\0';
}

void top_screen_print(const top_screen *screen, ifm_buf *out)
{
    int blank_lines = 0;
    for (int y = 0; y < screen->height; y++) {
        const top_cell *line = &screen->cells[y * screen->width];
        int width = screen->width;
        while (width > 0 && is_blank(&line[width - 1])) {
            width--;
        }
        if (width == 0) {
            blank_lines++;
            continue;
        }
        for (; blank_lines > 0; blank_lines--) {
            ifm_buf_append_char(out, '\n');
        }
        for (int x = 0; x < width; x++) {
            ifm_buf_append_text(out, line[x].text);
        }
        ifm_buf_append_char(out, '\n');
    }
}
