/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to top: plots with axes, and heatmaps: samples in, cells out.
 *
 * Thread-safety: one thread.
 */
#ifndef TOP_PLOT_H
#define TOP_PLOT_H

#include "top/canvas.h"
#include "top/units.h"

typedef struct top_plot_series {
    const double *values; /* what is no number is a gap */
    const char *name;
    int number; /* 0 and up: its colour, its digit, and the bit that hides it */
} top_plot_series;

/* From start_ms in steps, `count` values for each series. */
typedef struct top_plot {
    const top_plot_series *series;
    int series_count;
    int count;
    int64_t start_ms, step_ms;
    top_unit unit;
    unsigned hidden; /* bit n: not the series of number n */
    top_graph graph;
} top_plot;

/* A pipeline that is younger than half of the range is drawn at the width of its life: how many of `count`
 * points are left out at the beginning, when the first one with a value is `first`. */
int top_plot_trim(int first, int count);

/* With a line for the axis of time below and labels of values at the left. False (IFM_NOMEM) with nothing
 * drawn. Too small an area has nothing in it. */
bool top_plot_draw(top_screen *screen, top_area area, const top_plot *plot, ifm_error *err);

/* "1 p50 12.3ms  2 p95 ...": numbers, names and last values; as many as there is room for. Returns the
 * columns used. */
int top_plot_legend(top_screen *screen, top_area area, const top_plot *plot);

/* How many observations were between two bounds in a column of time. */
typedef struct top_heat_cell {
    int column;
    double low, high; /* low < high; low may be 0 or below, high +Inf */
    double count;
} top_heat_cell;

typedef struct top_heat {
    const top_heat_cell *cells;
    size_t cell_count;
    int first; /* columns before it are not drawn */
    int columns;
    int64_t start_ms, step_ms;
    top_unit unit;
    top_graph graph;
} top_heat;

/* The first column that counts something; `columns` when none does. */
int top_heat_first(const top_heat *heat);

/* Rows are of equal size on a logarithmic axis, which covers what was observed. *max: what the darkest cell
 * counts. */
bool top_heat_draw(top_screen *screen, top_area area, const top_heat *heat, double *max, ifm_error *err);

#endif
