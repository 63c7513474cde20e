/* SPDX-License-Identifier: Apache-2.0 */
#include "top/plot.h"

#include <math.h>
#include <stdio.h>

enum {
    LABEL_WIDTH = 8, /* of the values at the left, with the axis */
    PLOT_HEIGHT_MIN = 3,
    PLOT_WIDTH_MIN = LABEL_WIDTH + 8,
    TIME_LABEL_COLUMNS = 14,
    ROWS_PER_MARK = 3,
    TRIMMED_MIN = 8 /* points that stay */
};

/* --- Axes ------------------------------------------------------------------------------------------ */

typedef struct axis_marks {
    uint32_t up, up_mark, corner, along, along_mark;
} axis_marks;

static axis_marks marks_of(top_graph graph)
{
    static const axis_marks lines = {0x2502, 0x2524, 0x2514, 0x2500, 0x2534};
    static const axis_marks ascii = {'|', '+', '+', '-', '+'};
    return graph == TOP_GRAPH_ASCII ? ascii : lines;
}

static top_area inside_of(top_area area)
{
    return (top_area){area.y, area.x + LABEL_WIDTH, area.height - 2, area.width - LABEL_WIDTH};
}

/* The line below, with marks, and their times in the line below that. */
static void time_axis_draw(top_screen *screen, top_area inside, top_graph graph, int64_t start_ms,
                           int64_t end_ms)
{
    axis_marks marks = marks_of(graph);
    int y = inside.y + inside.height;
    int64_t range_ms = end_ms - start_ms;
    top_screen_point(screen, y, inside.x - 1, TOP_DIM, marks.corner);
    top_screen_fill(screen, y, inside.x, inside.width, TOP_DIM, marks.along);
    if (range_ms <= 0) {
        return;
    }
    int64_t step_ms = top_time_step(range_ms, inside.width / TIME_LABEL_COLUMNS);
    int free_x = 0;
    for (int64_t at = (start_ms / step_ms + 1) * step_ms; at <= end_ms; at += step_ms) {
        char text[TOP_CLOCK_SIZE];
        top_clock_print_minute(text, at, range_ms);
        int size = top_text_width(text, screen->utf8);
        int x = (int)((at - start_ms) * (inside.width - 1) / range_ms), left = x - size / 2;
        if (left < free_x) {
            continue;
        }
        if (left + size > inside.width) {
            break;
        }
        top_screen_point(screen, y, inside.x + x, TOP_DIM, marks.along_mark);
        top_screen_text(screen, y + 1, inside.x + left, size, TOP_DIM, text);
        free_x = left + size + 2;
    }
}

static void value_label(top_screen *screen, top_area inside, top_graph graph, int row, const char *text)
{
    top_screen_right(screen, inside.y + row, inside.x - LABEL_WIDTH, LABEL_WIDTH - 1, TOP_DIM, text);
    top_screen_point(screen, inside.y + row, inside.x - 1, TOP_DIM, marks_of(graph).up_mark);
}

/* --- Lines ----------------------------------------------------------------------------------------- */

static bool is_shown(const top_plot *plot, const top_plot_series *series)
{
    return series->number >= 32 || (plot->hidden >> series->number & 1) == 0;
}

static double plot_max(const top_plot *plot)
{
    double max = 0;
    for (int i = 0; i < plot->series_count; i++) {
        for (int k = 0; is_shown(plot, &plot->series[i]) && k < plot->count; k++) {
            double value = plot->series[i].values[k];
            max = isfinite(value) && value > max ? value : max;
        }
    }
    return max;
}

int top_plot_trim(int first, int count)
{
    if (first >= count || first <= count / 2) {
        return 0;
    }
    int trimmed = first - 1 < count - TRIMMED_MIN ? first - 1 : count - TRIMMED_MIN;
    return trimmed > 0 ? trimmed : 0;
}

/* Of all series, also those that are hidden: the axis stays when one is. */
static int first_value(const top_plot *plot)
{
    for (int i = 0; i < plot->count; i++) {
        for (int k = 0; k < plot->series_count; k++) {
            if (isfinite(plot->series[k].values[i])) {
                return i;
            }
        }
    }
    return plot->count;
}

static int dot_of(double share, int dots)
{
    double at = (1 - (share < 0 ? 0 : share > 1 ? 1 : share)) * (dots - 1);
    return (int)lround(at);
}

/* The lines of one plot: from the point `first` on, up to `max`. */
typedef struct plot_lines {
    top_canvas canvas;
    int first;
    double max;
} plot_lines;

static void series_draw(plot_lines *lines, const top_plot *plot, const top_plot_series *series)
{
    top_canvas *canvas = &lines->canvas;
    int wide = canvas->width * canvas->dots_wide, high = canvas->height * canvas->dots_high;
    int last_x = -1, last_y = 0, count = plot->count - lines->first;
    for (int i = lines->first; i < plot->count; i++) {
        double value = series->values[i];
        if (!isfinite(value)) {
            last_x = -1;
            continue;
        }
        int x = count > 1 ? (int)((int64_t)(i - lines->first) * (wide - 1) / (count - 1)) : wide - 1;
        int y = dot_of(value / lines->max, high);
        top_canvas_line(canvas, last_x < 0 ? x : last_x, last_x < 0 ? y : last_y, x, y, series->number);
        last_x = x;
        last_y = y;
    }
}

/* Into how many parts a round value is divided, at most `most`, so that each is round. */
static int parts_of(double max, int most)
{
    static const struct {
        double first;
        int parts;
    } rows[] = {{1.5, 3}, {2, 4}, {3, 3}, {4, 4}, {6, 3}, {8, 4}};
    double first = max / pow(10, floor(log10(max) + 1e-9));
    int parts = 5;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        parts = fabs(first - rows[i].first) < 0.01 ? rows[i].parts : parts;
    }
    return most >= parts ? parts : most > 1 ? 2 : 1;
}

static void value_axis_draw(top_screen *screen, top_area inside, const top_plot *plot, double max)
{
    char text[TOP_UNIT_SIZE];
    int parts = parts_of(max, inside.height / ROWS_PER_MARK);
    for (int row = 0; row < inside.height; row++) {
        top_screen_point(screen, inside.y + row, inside.x - 1, TOP_DIM, marks_of(plot->graph).up);
    }
    for (int i = parts; i >= 0; i--) {
        top_unit_print_short(text, plot->unit, max * i / parts, screen->utf8);
        value_label(screen, inside, plot->graph, dot_of((double)i / parts, inside.height), text);
    }
}

bool top_plot_draw(top_screen *screen, top_area area, const top_plot *plot, ifm_error *err)
{
    top_area inside = inside_of(area);
    if (inside.height < PLOT_HEIGHT_MIN - 1 || area.width < PLOT_WIDTH_MIN) {
        return true;
    }
    plot_lines lines = {.first = top_plot_trim(first_value(plot), plot->count),
                        .max = top_round_up(plot_max(plot))};
    if (!top_canvas_init(&lines.canvas, plot->graph, inside.width, inside.height, err)) {
        return false;
    }
    value_axis_draw(screen, inside, plot, lines.max);
    time_axis_draw(screen, inside, plot->graph, plot->start_ms + plot->step_ms * lines.first,
                   plot->start_ms + plot->step_ms * (plot->count > 1 ? plot->count - 1 : 0));
    for (int i = plot->series_count - 1; i >= 0; i--) { /* the first stays on top */
        if (is_shown(plot, &plot->series[i])) {
            series_draw(&lines, plot, &plot->series[i]);
        }
    }
    top_canvas_draw(&lines.canvas, screen, inside.y, inside.x);
    top_canvas_deinit(&lines.canvas);
    return true;
}

static double last_of(const double *values, int count)
{
    while (count > 0 && isnan(values[count - 1])) {
        count--;
    }
    return count > 0 ? values[count - 1] : NAN;
}

int top_plot_legend(top_screen *screen, top_area area, const top_plot *plot)
{
    int x = 0;
    for (int i = 0; i < plot->series_count; i++) {
        const top_plot_series *series = &plot->series[i];
        char digit[16], value[TOP_UNIT_SIZE];
        bool shown = is_shown(plot, series);
        snprintf(digit, sizeof digit, "%d", series->number + 1);
        top_unit_print(value, plot->unit, last_of(series->values, plot->count), screen->utf8);
        const char *last = shown ? value : "off";
        int need = 2 + top_text_width(series->name, screen->utf8) + 1 + top_text_width(last, screen->utf8);
        if (x + need > area.width) {
            break;
        }
        unsigned style = TOP_SERIES_1 + (unsigned)series->number % TOP_SERIES_COUNT;
        int at = area.x + x;
        at += top_screen_text(screen, area.y, at, 2, shown ? style : TOP_DIM, digit) + 1;
        at += top_screen_text(screen, area.y, at, need, shown ? style : TOP_DIM, series->name) + 1;
        top_screen_text(screen, area.y, at, need, shown ? TOP_PLAIN : TOP_DIM, last);
        x += need + 2;
    }
    return x > 2 ? x - 2 : 0;
}

/* --- Heatmaps -------------------------------------------------------------------------------------- */

/* The logarithmic axis. */
typedef struct heat_axis {
    double low, high; /* natural logarithms */
    int rows;
} heat_axis;

/* Bounds that have a logarithm: what begins at or below 0 is as wide as a power of two, and so is what is
 * open above. */
static bool cell_bounds(const top_heat_cell *cell, double *low, double *high)
{
    if (!(cell->count > 0) || !(cell->high > 0)) {
        return false;
    }
    *high = isinf(cell->high) ? (cell->low > 0 ? cell->low * 2 : 1) : cell->high;
    *low = cell->low > 0 ? cell->low : *high / 2;
    return isfinite(*high) && *low > 0 && *low < *high;
}

static bool find_axis(const top_heat *heat, heat_axis *axis)
{
    double low = INFINITY, high = 0;
    for (size_t i = 0; i < heat->cell_count; i++) {
        double from, to;
        if (cell_bounds(&heat->cells[i], &from, &to)) {
            low = from < low ? from : low;
            high = to > high ? to : high;
        }
    }
    if (!(high > 0)) {
        return false;
    }
    axis->low = log(low);
    axis->high = log(high);
    return axis->high > axis->low;
}

int top_heat_first(const top_heat *heat)
{
    int first = heat->columns;
    for (size_t i = 0; i < heat->cell_count; i++) {
        const top_heat_cell *cell = &heat->cells[i];
        first = cell->count > 0 && cell->column >= 0 && cell->column < first ? cell->column : first;
    }
    return first;
}

/* Spreads each cell over the rows that it covers, evenly on the axis. */
static void spread(const top_heat *heat, const heat_axis *axis, int columns, double *grid)
{
    double row_size = (axis->high - axis->low) / axis->rows;
    for (size_t i = 0; i < heat->cell_count; i++) {
        const top_heat_cell *cell = &heat->cells[i];
        double from, to;
        if (!cell_bounds(cell, &from, &to) || cell->column < heat->first || cell->column >= heat->columns) {
            continue;
        }
        from = (log(from) - axis->low) / row_size;
        to = (log(to) - axis->low) / row_size;
        int column = (int)((int64_t)(cell->column - heat->first) * columns / (heat->columns - heat->first));
        for (int row = (int)from; row < axis->rows && row < to; row++) {
            double part = fmin(to, row + 1) - fmax(from, row);
            if (row >= 0 && part > 1e-9) {
                grid[(axis->rows - 1 - row) * columns + column] += cell->count * part / (to - from);
            }
        }
    }
}

/* 1, 2 and 5 times a power of ten, as many as have room. */
static void heat_labels(top_screen *screen, top_area inside, const top_heat *heat, const heat_axis *axis)
{
    static const int factors[] = {1, 5, 2};
    bool taken[TOP_SCREEN_HEIGHT_MAX] = {false};
    for (int row = 0; row < inside.height; row++) {
        top_screen_point(screen, inside.y + row, inside.x - 1, TOP_DIM, marks_of(heat->graph).up);
    }
    for (size_t f = 0; f < IFM_COUNT_OF(factors); f++) {
        int last = (int)ceil(axis->high / log(10));
        for (int power = (int)floor(axis->low / log(10)); power <= last && power < 300; power++) {
            double value = factors[f] * pow(10, power);
            double at = (log(value) - axis->low) / (axis->high - axis->low) * axis->rows;
            if (!(at >= 0 && at < axis->rows)) {
                continue;
            }
            int row = axis->rows - 1 - (int)floor(at);
            if (taken[row] || (row > 0 && taken[row - 1]) || (row + 1 < axis->rows && taken[row + 1])) {
                continue;
            }
            char text[TOP_UNIT_SIZE];
            top_unit_print_short(text, heat->unit, value, screen->utf8);
            value_label(screen, inside, heat->graph, row, text);
            taken[row] = true;
        }
    }
}

static void grid_draw(top_screen *screen, top_area inside, top_graph graph, int columns, const double *grid,
                      double max)
{
    for (int row = 0; row < inside.height; row++) {
        for (int x = 0; x < inside.width; x++) {
            double count = grid[row * columns + (int)((int64_t)x * columns / inside.width)];
            if (count > 0) {
                int level = (int)ceil(sqrt(count / max) * TOP_HEAT_COUNT);
                level = level < 1 ? 1 : level > TOP_HEAT_COUNT ? TOP_HEAT_COUNT : level;
                top_screen_point(screen, inside.y + row, inside.x + x, TOP_HEAT_1 + (unsigned)level - 1,
                                 top_heat_point(graph, level));
            }
        }
    }
}

bool top_heat_draw(top_screen *screen, top_area area, const top_heat *heat, double *max, ifm_error *err)
{
    top_area inside = inside_of(area);
    heat_axis axis = {.rows = inside.height};
    *max = 0;
    if (inside.height < PLOT_HEIGHT_MIN - 1 || inside.height > TOP_SCREEN_HEIGHT_MAX ||
        area.width < PLOT_WIDTH_MIN || heat->first < 0 || heat->columns <= heat->first ||
        !find_axis(heat, &axis)) {
        return true;
    }
    int columns = heat->columns - heat->first < inside.width ? heat->columns - heat->first : inside.width;
    size_t size = (size_t)columns * (size_t)inside.height;
    double *grid = ifm_alloc_zero(size, sizeof *grid);
    if (grid == NULL) {
        return ifm_error_nomem(err);
    }
    spread(heat, &axis, columns, grid);
    for (size_t i = 0; i < size; i++) {
        *max = grid[i] > *max ? grid[i] : *max;
    }
    heat_labels(screen, inside, heat, &axis);
    time_axis_draw(screen, inside, heat->graph, heat->start_ms + heat->step_ms * heat->first,
                   heat->start_ms + heat->step_ms * (heat->columns > 1 ? heat->columns - 1 : 0));
    if (*max > 0 && isfinite(*max)) {
        grid_draw(screen, inside, heat->graph, columns, grid, *max);
    }
    ifm_free(grid);
    return true;
}
