/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to top: drawing with characters. A canvas is a grid of dots, several in each cell of a screen:
 * 2 x 4 with braille, 2 x 2 with blocks, one with ASCII.
 *
 * Thread-safety: one thread.
 */
#ifndef TOP_CANVAS_H
#define TOP_CANVAS_H

#include "top/screen.h"

typedef enum top_graph { TOP_GRAPH_BRAILLE, TOP_GRAPH_BLOCK, TOP_GRAPH_ASCII, TOP_GRAPH_COUNT } top_graph;

typedef struct top_canvas {
    top_graph graph;
    int width, height;        /* cells */
    int dots_wide, dots_high; /* of a cell */
    unsigned char *dots;      /* a bit for each dot of a cell, from its left upper corner, line by line */
    unsigned char *series;    /* whose the last dot of a cell is */
} top_canvas;

bool top_canvas_init(top_canvas *canvas, top_graph graph, int width, int height, ifm_error *err);
void top_canvas_deinit(top_canvas *canvas);

/* Dots count from the left upper corner; those outside are left out. */
void top_canvas_dot(top_canvas *canvas, int x, int y, int series);
void top_canvas_line(top_canvas *canvas, int x0, int y0, int x1, int y1, int series);

/* Cells without a dot stay as they are. Series n has the style TOP_SERIES_1 + n, and in ASCII its digit. */
void top_canvas_draw(const top_canvas *canvas, top_screen *screen, int y, int x);

/* One line of values from 0 to `max`, the newest at the right; what is no number is a gap. */
typedef struct top_spark {
    const double *values;
    int count;
    double max; /* not above 0: their own */
    unsigned style;
} top_spark;

void top_spark_draw(top_screen *screen, top_area area, top_graph graph, const top_spark *spark);

/* A bar of `share` (0 to 1) of the width. */
void top_bar_draw(top_screen *screen, top_area area, top_graph graph, double share, unsigned style);

/* The character of a level from 0 (nothing) to TOP_HEAT_COUNT. */
uint32_t top_heat_point(top_graph graph, int level);

#endif
