/* SPDX-License-Identifier: Apache-2.0
 *
 * The Overview: a row for each pipeline, and below, where there is room, their lines over the range.
 */
#include "top/view.h"

#include <math.h>
#include <stdio.h>

enum {
    NAME_MIN = 10,
    NAME_MAX = 40,
    SPARK_MIN = 10,
    SPARK_MAX = 60,
    MARK_WIDTH = 3, /* number of the series, and whether an alert fires */
    PLOT_LINES_MIN = 8,
    PLOT_WIDTH_MIN = 38,
    SERIES_MAX = 9
};

/* Beside those that can be sorted by. */
enum { SPARK_REQUESTS = TOP_COLUMN_COUNT, SPARK_P95, DRAWN_COUNT };

typedef struct drawn_column {
    const char *title;
    int width;
    top_unit unit;
} drawn_column;

static const drawn_column columns[DRAWN_COUNT] = {
    [TOP_COLUMN_NAME] = {"PIPELINE", 0, TOP_UNIT_NUMBER},
    [TOP_COLUMN_REQUESTS] = {"REQ/S", 6, TOP_UNIT_NUMBER},
    [TOP_COLUMN_ERRORS] = {"ERRORS", 7, TOP_UNIT_PERCENT},
    [TOP_COLUMN_P50] = {"P50", 7, TOP_UNIT_SECONDS},
    [TOP_COLUMN_P95] = {"P95", 7, TOP_UNIT_SECONDS},
    [TOP_COLUMN_P99] = {"P99", 7, TOP_UNIT_SECONDS},
    [TOP_COLUMN_IN_FLIGHT] = {"FLIGHT", 7, TOP_UNIT_NUMBER},
    [TOP_COLUMN_QUEUE] = {"QUEUE", 7, TOP_UNIT_SECONDS},
    [TOP_COLUMN_IN_TIME] = {"IN TIME", 8, TOP_UNIT_PERCENT},
    [TOP_COLUMN_UP] = {"UP", 5, TOP_UNIT_NUMBER},
    [SPARK_REQUESTS] = {"REQ/S", SPARK_MIN, TOP_UNIT_NUMBER},
    [SPARK_P95] = {"P95", SPARK_MIN, TOP_UNIT_NUMBER},
};

/* What goes first when there is little room, and where it stands. */
static const int by_priority[] = {
    TOP_COLUMN_REQUESTS, TOP_COLUMN_P95,   TOP_COLUMN_ERRORS, TOP_COLUMN_UP,
    TOP_COLUMN_P99,      TOP_COLUMN_P50,   SPARK_REQUESTS,    TOP_COLUMN_IN_FLIGHT,
    TOP_COLUMN_IN_TIME,  TOP_COLUMN_QUEUE, SPARK_P95};

/* Where each column is; width 0: it is not shown. */
typedef struct layout {
    int x[DRAWN_COUNT], width[DRAWN_COUNT];
} layout;

static int longest_name(const top_view *view)
{
    int longest = NAME_MIN;
    for (size_t i = 0; i < view->model->pipeline_count; i++) {
        int width = top_text_width(view->model->pipelines[i].name, view->screen->utf8);
        longest = width > longest ? width : longest;
    }
    return longest < NAME_MAX ? longest : NAME_MAX;
}

/* Names give way to numbers down to NAME_MIN; what is left over goes to the sparklines. */
static layout lay_out(const top_view *view, int width)
{
    layout out = {.width = {0}};
    int longest = longest_name(view), left = width - MARK_WIDTH;
    int name = longest <= left / 4 ? longest : left / 4 > NAME_MIN ? left / 4 : NAME_MIN;
    left -= name;
    for (size_t i = 0; i < IFM_COUNT_OF(by_priority); i++) {
        int column = by_priority[i];
        if (columns[column].width + 1 > left) {
            break;
        }
        out.width[column] = columns[column].width;
        left -= columns[column].width + 1;
    }
    int more = longest - name < left ? longest - name : left;
    out.width[TOP_COLUMN_NAME] = name + more;
    left -= more;
    int sparks = (out.width[SPARK_REQUESTS] > 0) + (out.width[SPARK_P95] > 0);
    for (int column = SPARK_REQUESTS; column <= SPARK_P95 && sparks > 0; column++) {
        int room = left / sparks < SPARK_MAX - SPARK_MIN ? left / sparks : SPARK_MAX - SPARK_MIN;
        out.width[column] += out.width[column] > 0 ? room : 0;
    }
    int x = MARK_WIDTH;
    for (int column = 0; column < DRAWN_COUNT; column++) {
        out.x[column] = x;
        x += out.width[column] > 0 ? out.width[column] + 1 : 0;
    }
    return out;
}

static const char *sort_mark(const top_view *view)
{
    bool is_ascii = view->state->graph == TOP_GRAPH_ASCII;
    return view->state->is_reversed ? (is_ascii ? "^" : "\xe2\x86\x91") : is_ascii ? "v" : "\xe2\x86\x93";
}

static void draw_titles(const top_view *view, const layout *place, int y)
{
    for (int column = 0; column < DRAWN_COUNT; column++) {
        char title[64], objective[TOP_UNIT_SIZE];
        bool is_sorted = column == (int)view->state->sort && !view->is_once;
        bool is_spark = column >= SPARK_REQUESTS;
        const char *mark = is_sorted ? sort_mark(view) : "";
        if (column == TOP_COLUMN_IN_TIME) {
            top_unit_print_short(objective, TOP_UNIT_SECONDS, view->options->objective_s, view->screen->utf8);
            snprintf(title, sizeof title, "%s<%s", mark, objective);
        } else {
            snprintf(title, sizeof title, "%s%s", mark, columns[column].title);
        }
        if (is_spark) {
            char range[TOP_UNIT_SIZE];
            top_span_print(range, view->state->range_ms);
            snprintf(title, sizeof title, "%s, %s", columns[column].title, range);
        }
        unsigned style = is_sorted ? TOP_KEY : TOP_TITLE;
        if (place->width[column] > 0 && (column == TOP_COLUMN_NAME || is_spark)) {
            top_screen_text(view->screen, y, place->x[column], place->width[column], style, title);
        } else if (place->width[column] > 0) {
            top_screen_right(view->screen, y, place->x[column], place->width[column], style, title);
        }
    }
}

/* --- Rows ------------------------------------------------------------------------------------------ */

static unsigned value_style(const top_pipeline *pipeline, int column, double value, double objective_s)
{
    if (column == TOP_COLUMN_ERRORS) {
        return top_view_errors_style(value);
    }
    if (column == TOP_COLUMN_IN_TIME) {
        return top_view_in_time_style(value);
    }
    bool is_percentile = column == TOP_COLUMN_P50 || column == TOP_COLUMN_P95 || column == TOP_COLUMN_P99;
    if (is_percentile && value > objective_s) {
        return TOP_WARN;
    }
    return isnan(value) || pipeline->values[TOP_VALUE_REQUESTS] == 0 ? TOP_DIM : TOP_PLAIN;
}

static void draw_up(const top_view *view, const top_pipeline *pipeline, int y, const layout *place)
{
    char text[32];
    int up, all, gone;
    unsigned style = TOP_GOOD;
    top_model_places(view->model, pipeline->name, &up, &all, &gone);
    if (all > 0) {
        snprintf(text, sizeof text, "%d/%d", up, all);
        style = up == all ? TOP_GOOD : up == 0 ? TOP_BAD : TOP_WARN;
    } else {
        snprintf(text, sizeof text, gone > 0 ? "gone" : "-");
        style = TOP_DIM;
    }
    top_screen_right(view->screen, y, place->x[TOP_COLUMN_UP], place->width[TOP_COLUMN_UP], style, text);
}

static void draw_spark(const top_view *view, const top_pipeline *pipeline, int y, const layout *place,
                       int column)
{
    top_line line = column == SPARK_REQUESTS ? TOP_LINE_REQUESTS : TOP_LINE_P95;
    const top_spark spark = {
        .values = pipeline->lines[line],
        .count = view->model->frames[line].count,
        .style = column == SPARK_REQUESTS ? TOP_SERIES_1 : TOP_SERIES_2,
    };
    top_spark_draw(view->screen, (top_area){y, place->x[column], 1, place->width[column]}, view->state->graph,
                   &spark);
}

static bool has_alert(const top_model *model, const top_pipeline *pipeline)
{
    for (size_t i = 0; i < model->alert_count; i++) {
        const top_alert *alert = &model->alerts[i];
        if (strcmp(alert->state, "firing") == 0 && strcmp(alert->pipeline, pipeline->name) == 0) {
            return true;
        }
    }
    return false;
}

static void draw_row(const top_view *view, const top_pipeline *pipeline, int y, const layout *place)
{
    top_screen *screen = view->screen;
    int number = top_view_number(view->model, pipeline);
    if (number >= 0) {
        bool is_hidden = (view->state->hidden >> number & 1) != 0;
        top_screen_point(screen, y, 1,
                         is_hidden ? TOP_DIM : TOP_SERIES_1 + (unsigned)number % TOP_SERIES_COUNT,
                         (uint32_t)('1' + number));
    }
    if (has_alert(view->model, pipeline)) {
        top_screen_point(screen, y, MARK_WIDTH - 1, TOP_BAD, '!');
    }
    top_screen_text(screen, y, place->x[0], place->width[0], TOP_BOLD, pipeline->name);
    for (int column = TOP_COLUMN_REQUESTS; column < DRAWN_COUNT; column++) {
        if (place->width[column] == 0) {
            continue;
        }
        if (column >= SPARK_REQUESTS) {
            draw_spark(view, pipeline, y, place, column);
        } else if (column == TOP_COLUMN_UP) {
            draw_up(view, pipeline, y, place);
        } else {
            char text[TOP_UNIT_SIZE];
            double value = top_column_value(view->model, pipeline, (top_column)column);
            if (column == TOP_COLUMN_IN_FLIGHT) {
                top_unit_print_short(text, columns[column].unit, value, screen->utf8);
            } else {
                top_unit_print(text, columns[column].unit, value, screen->utf8);
            }
            top_screen_right(screen, y, place->x[column], place->width[column],
                             value_style(pipeline, column, value, view->options->objective_s), text);
        }
    }
}

/* --- Plots ----------------------------------------------------------------------------------------- */

static bool draw_plot(const top_view *view, top_area area, top_line line, const char *title, ifm_error *err)
{
    const top_model *model = view->model;
    const top_frame *frame = &model->frames[line];
    top_plot_series series[SERIES_MAX];
    int count = 0;
    for (int number = 0; number < SERIES_MAX; number++) {
        for (size_t i = 0; i < model->pipeline_count; i++) {
            const top_pipeline *pipeline = &model->pipelines[i];
            const char *const texts[] = {pipeline->name, NULL};
            if (top_view_number(model, pipeline) == number && top_filter_match(view->state->filter, texts)) {
                series[count++] = (top_plot_series){pipeline->lines[line], pipeline->name, number};
                break;
            }
        }
    }
    const top_plot plot = {.series = series,
                           .series_count = count,
                           .count = frame->count,
                           .start_ms = frame->start_ms,
                           .step_ms = frame->step_ms,
                           .unit = line == TOP_LINE_P95 ? TOP_UNIT_SECONDS : TOP_UNIT_NUMBER,
                           .hidden = view->state->hidden,
                           .graph = view->state->graph};
    top_view_title(view, area, title, "");
    if (frame->count == 0) {
        top_screen_text(view->screen, area.y + 1, area.x + 2, area.width - 4, TOP_DIM,
                        "waiting for an answer");
        return true;
    }
    top_plot_legend(view->screen, (top_area){area.y + 1, area.x + 8, 1, area.width - 8}, &plot);
    return top_plot_draw(view->screen, (top_area){area.y + 2, area.x, area.height - 2, area.width}, &plot,
                         err);
}

static bool draw_plots(const top_view *view, top_area area, ifm_error *err)
{
    if (area.width < 2 * PLOT_WIDTH_MIN) {
        return draw_plot(view, area, TOP_LINE_REQUESTS, "Requests per second", err);
    }
    int left = area.width / 2;
    return draw_plot(view, (top_area){area.y, area.x, area.height, left - 1}, TOP_LINE_REQUESTS,
                     "Requests per second", err) &&
           draw_plot(view, (top_area){area.y, area.x + left, area.height, area.width - left}, TOP_LINE_P95,
                     "95th percentile", err);
}

/* --- All ------------------------------------------------------------------------------------------- */

static void draw_empty(const top_view *view, top_area area)
{
    const top_model *model = view->model;
    char text[800], range[TOP_UNIT_SIZE];
    top_span_print(range, view->state->range_ms);
    if (model->pipeline_count > 0) {
        snprintf(text, sizeof text,
                 "No pipeline has \"%s\" in its name; / changes the filter, Esc clears it.",
                 view->state->filter);
    } else if (model->complaints[TOP_ASK_PLACES][0] != '\0') {
        snprintf(text, sizeof text, "The server refuses to say which pipelines there are: %s",
                 model->complaints[TOP_ASK_PLACES]);
    } else if (!model->answered[TOP_ASK_PLACES] && model->silent_since_ms >= 0) {
        snprintf(text, sizeof text, "%s does not answer: %s. It is asked again every few seconds.%s",
                 view->options->url, model->silent_why,
                 !view->options->is_guess ? ""
                                          : " No monitor of yours runs: start one with inferometer monitor, "
                                            "or name a server.");
    } else if (!model->answered[TOP_ASK_PLACES]) {
        snprintf(text, sizeof text, "Asking %s ...", view->options->url);
    } else if (model->answered[TOP_ASK_TARGETS] && model->target_count == 0) {
        snprintf(
            text, sizeof text,
            "The server watches no targets: no program with an Inferometer logger runs here, or it is not "
            "told of them. Loggers register themselves with: inferometer monitor");
    } else {
        snprintf(text, sizeof text,
                 "No pipeline has shown metrics within %s (inference_requests_in_flight, or "
                 "total_inference_NAME of DeepSparse). The targets (t) say whether they are reached.",
                 range);
    }
    top_view_sentence(view, (top_area){area.y + 1, 2, area.height - 1, area.width - 4}, TOP_PLAIN, text);
}

/* The page that was last moved to, or one that has the selected row: values may have moved it. */
static top_list list_rows(const top_view *view, top_area area, int count, int selected)
{
    top_list_wanted wanted = {.count = count, .first = view->state->scroll, .lines = area.height - 1};
    top_list list = top_list_lay_out(&wanted);
    wanted.first = top_list_show(&list, selected);
    return top_list_lay_out(&wanted);
}

top_list top_view_overview_list(const top_view *view, top_area area)
{
    size_t rows[TOP_PIPELINES_MAX];
    size_t count = top_rows(view->model, view->state, rows);
    int selected = (int)top_rows_selected(view->model, view->state, rows, count);
    return list_rows(view, area, (int)count, selected);
}

bool top_view_overview(const top_view *view, top_area area, ifm_error *err)
{
    size_t rows[TOP_PIPELINES_MAX];
    size_t count = top_rows(view->model, view->state, rows);
    layout place = lay_out(view, area.width);
    if (count == 0) {
        draw_empty(view, area);
        return true;
    }
    draw_titles(view, &place, area.y);
    int selected = (int)top_rows_selected(view->model, view->state, rows, count);
    top_list list = list_rows(view, area, (int)count, selected);
    for (int i = list.first; i < list.first + list.shown; i++) {
        int y = area.y + 1 + i - list.first;
        draw_row(view, &view->model->pipelines[rows[i]], y, &place);
        if (i == selected && !view->is_once) { /* without the sparklines, which are nothing in reverse */
            bool has_sparks = place.width[SPARK_REQUESTS] > 0;
            top_screen_reverse(view->screen, y, 0, has_sparks ? place.x[SPARK_REQUESTS] - 1 : area.width);
        }
    }
    top_view_list_foot(view, area, &list, "pipelines", 0);
    int used = 2 + (int)count;
    if (area.height - used < PLOT_LINES_MIN) {
        return true;
    }
    return draw_plots(view, (top_area){area.y + used, 0, area.height - used, area.width}, err);
}
