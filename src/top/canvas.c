/* SPDX-License-Identifier: Apache-2.0 */
#include "top/canvas.h"

#include <math.h>
#include <stdlib.h>

enum { BRAILLE = 0x2800, FULL_BLOCK = 0x2588, LOWER_BLOCK = 0x2581, LEFT_BLOCK = 0x258F, LEFT_BLOCKS = 8 };

bool top_canvas_init(top_canvas *canvas, top_graph graph, int width, int height, ifm_error *err)
{
    width = width > 0 ? width : 0;
    height = height > 0 ? height : 0;
    *canvas = (top_canvas){
        .graph = graph,
        .width = width,
        .height = height,
        .dots_wide = graph == TOP_GRAPH_ASCII ? 1 : 2,
        .dots_high = graph == TOP_GRAPH_BRAILLE ? 4
                     : graph == TOP_GRAPH_BLOCK ? 2
                                                : 1,
    };
    size_t cells = (size_t)width * (size_t)height;
    canvas->dots = ifm_alloc_zero(2 * cells + 1, 1);
    canvas->series = canvas->dots == NULL ? NULL : canvas->dots + cells;
    return canvas->dots != NULL || ifm_error_nomem(err);
}

void top_canvas_deinit(top_canvas *canvas)
{
    ifm_free(canvas->dots);
    *canvas = (top_canvas){.dots = NULL};
}

void top_canvas_dot(top_canvas *canvas, int x, int y, int series)
{
    if (x < 0 || y < 0 || x >= canvas->width * canvas->dots_wide || y >= canvas->height * canvas->dots_high) {
        return;
    }
    int cell = y / canvas->dots_high * canvas->width + x / canvas->dots_wide;
    int bit = y % canvas->dots_high * canvas->dots_wide + x % canvas->dots_wide;
    canvas->dots[cell] |= (unsigned char)(1 << bit);
    canvas->series[cell] = (unsigned char)series;
}

/* Bresenham's. */
void top_canvas_line(top_canvas *canvas, int x0, int y0, int x1, int y1, int series)
{
    int dx = abs(x1 - x0), dy = -abs(y1 - y0), error = dx + dy;
    int step_x = x0 < x1 ? 1 : -1, step_y = y0 < y1 ? 1 : -1;
    for (;;) {
        top_canvas_dot(canvas, x0, y0, series);
        if (x0 == x1 && y0 == y1) {
            return;
        }
        int twice = 2 * error;
        if (twice >= dy) {
            error += dy;
            x0 += step_x;
        }
        if (twice <= dx) {
            error += dx;
            y0 += step_y;
        }
    }
}

/* Of Unicode, the dots of braille have other bits: left and right column from above, then the lowest line. */
static uint32_t braille_of(unsigned dots)
{
    static const unsigned char bits[] = {0x01, 0x08, 0x02, 0x10, 0x04, 0x20, 0x40, 0x80};
    uint32_t point = BRAILLE;
    for (int i = 0; i < 8; i++) {
        point |= (dots >> i & 1) != 0 ? bits[i] : 0;
    }
    return point;
}

static uint32_t block_of(unsigned dots)
{
    static const uint16_t points[] = {
        ' ',    0x2598, 0x259D, 0x2580, 0x2596, 0x258C, 0x259E, 0x259B,
        0x2597, 0x259A, 0x2590, 0x259C, 0x2584, 0x2599, 0x259F, 0x2588,
    };
    return points[dots & 15];
}

void top_canvas_draw(const top_canvas *canvas, top_screen *screen, int y, int x)
{
    for (int i = 0; i < canvas->width * canvas->height; i++) {
        if (canvas->dots[i] != 0) {
            int series = canvas->series[i];
            uint32_t point = canvas->graph == TOP_GRAPH_BRAILLE ? braille_of(canvas->dots[i])
                             : canvas->graph == TOP_GRAPH_BLOCK ? block_of(canvas->dots[i])
                                                                : (uint32_t)('1' + series % 9);
            top_screen_point(screen, y + i / canvas->width, x + i % canvas->width,
                             TOP_SERIES_1 + (unsigned)series % TOP_SERIES_COUNT, point);
        }
    }
}

/* --- Lines of one character's height ---------------------------------------------------------------- */

static double largest(const double *values, int count)
{
    double max = 0;
    for (int i = 0; i < count; i++) {
        max = isfinite(values[i]) && values[i] > max ? values[i] : max;
    }
    return max;
}

/* The mean of values[first..end), NaN when there is none. */
static double mean_of(const double *values, int first, int end)
{
    double sum = 0;
    int count = 0;
    for (int i = first; i < end; i++) {
        if (isfinite(values[i])) {
            sum += values[i];
            count++;
        }
    }
    return count > 0 ? sum / count : NAN;
}

static uint32_t spark_point(top_graph graph, double share)
{
    static const char ascii[] = "_.-:=+*#";
    int level = share >= 1 ? 7 : share > 0 ? (int)(share * 8) : 0;
    return graph == TOP_GRAPH_ASCII ? (uint32_t)ascii[level] : (uint32_t)(LOWER_BLOCK + level);
}

void top_spark_draw(top_screen *screen, top_area area, top_graph graph, const top_spark *spark)
{
    double max = spark->max > 0 ? spark->max : largest(spark->values, spark->count);
    int width = area.width;
    if (spark->count < width) { /* to the right, one column each */
        area.x += width - spark->count;
        width = spark->count;
    }
    for (int i = 0; i < width; i++) {
        double value = mean_of(spark->values, (int)((int64_t)i * spark->count / width),
                               (int)((int64_t)(i + 1) * spark->count / width));
        if (!isnan(value)) {
            top_screen_point(screen, area.y, area.x + i, spark->style,
                             spark_point(graph, max > 0 ? value / max : 0));
        }
    }
}

void top_bar_draw(top_screen *screen, top_area area, top_graph graph, double share, unsigned style)
{
    share = share >= 1 ? 1 : share > 0 ? share : 0; /* NaN is nothing */
    int parts = graph == TOP_GRAPH_ASCII ? 1 : LEFT_BLOCKS;
    int filled = (int)lround(share * area.width * parts);
    if (filled == 0 && share > 0) {
        filled = 1; /* it is there */
    }
    top_screen_fill(screen, area.y, area.x, filled / parts, style, parts == 1 ? '#' : FULL_BLOCK);
    if (filled % parts > 0) {
        top_screen_point(screen, area.y, area.x + filled / parts, style,
                         (uint32_t)(LEFT_BLOCK + 1 - filled % parts));
    }
}

uint32_t top_heat_point(top_graph graph, int level)
{
    static const uint16_t shades[] = {' ', 0xB7, 0x2591, 0x2592, 0x2593, 0x2588};
    static const char ascii[] = " .:=*#";
    level = level < 0 ? 0 : level > TOP_HEAT_COUNT ? TOP_HEAT_COUNT : level;
    return graph == TOP_GRAPH_ASCII ? (uint32_t)ascii[level] : shades[level];
}
