/* SPDX-License-Identifier: Apache-2.0
 *
 * One pipeline: where its time goes, how long it takes, and how that is distributed.
 */
#include "top/view.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    WIDE = 120,
    PLOT_LINES_MIN = 6,
    HEAT_LINES_MIN = 6,
    STAGE_LINES_NARROW = 6,
    TOP_LINES_WIDE = 10,
    NAME_MAX = 28,
    NUMBERS_WIDTH = 26, /* of a stage: "  45.2ms   60.1ms   71.5%" */
    TEXT_SIZE = 600
};

/* --- In a line ------------------------------------------------------------------------------------- */

static int draw_number(const top_view *view, top_area at, unsigned style, const char *value, const char *name)
{
    top_screen *screen = view->screen;
    int x = at.x, y = at.y, need = top_text_width(value, screen->utf8) + 1 + (int)strlen(name);
    if (x + need >= screen->width) {
        return x;
    }
    x += top_screen_text(screen, y, x, need, style, value) + 1;
    return x + top_screen_text(screen, y, x, need, TOP_DIM, name) + 2;
}

/* Of a generative model. */
static bool has_tokens(const top_detail *detail)
{
    return isfinite(detail->tokens_in) || isfinite(detail->tokens_out) || isfinite(detail->first_token_p95) ||
           isfinite(detail->per_token_p95);
}

static void draw_tokens(const top_view *view, int y)
{
    const top_detail *detail = &view->model->detail;
    const struct {
        double value;
        top_unit unit;
        const char *name;
    } numbers[] = {
        {detail->tokens_in, TOP_UNIT_NUMBER, "tokens/s in"},
        {detail->tokens_out, TOP_UNIT_NUMBER, "tokens/s out"},
        {detail->first_token_p95, TOP_UNIT_SECONDS, "p95 first token"},
        {detail->per_token_p95, TOP_UNIT_SECONDS, "p95 per token"},
    };
    int x = 1;
    for (size_t i = 0; i < IFM_COUNT_OF(numbers); i++) {
        char text[TOP_UNIT_SIZE];
        top_unit_print(text, numbers[i].unit, numbers[i].value, view->screen->utf8);
        x = draw_number(view, (top_area){.y = y, .x = x}, TOP_BOLD, text, numbers[i].name);
    }
}

static void draw_summary(const top_view *view, const top_pipeline *pipeline, int y)
{
    static const struct {
        top_column column;
        top_unit unit;
        const char *name;
    } numbers[] = {
        {TOP_COLUMN_REQUESTS, TOP_UNIT_NUMBER, "req/s"},
        {TOP_COLUMN_ERRORS, TOP_UNIT_PERCENT, "errors"},
        {TOP_COLUMN_P50, TOP_UNIT_SECONDS, "p50"},
        {TOP_COLUMN_P95, TOP_UNIT_SECONDS, "p95"},
        {TOP_COLUMN_P99, TOP_UNIT_SECONDS, "p99"},
        {TOP_COLUMN_IN_FLIGHT, TOP_UNIT_NUMBER, "in flight"},
        {TOP_COLUMN_IN_TIME, TOP_UNIT_PERCENT, "within"},
        {TOP_COLUMN_QUEUE, TOP_UNIT_SECONDS, "queue p95"},
    };
    int x = 1, up, all, gone;
    char text[64], name[64], objective[TOP_UNIT_SIZE];
    for (size_t i = 0; i < IFM_COUNT_OF(numbers); i++) {
        double value = top_column_value(view->model, pipeline, numbers[i].column);
        unsigned style = numbers[i].column == TOP_COLUMN_ERRORS    ? top_view_errors_style(value)
                         : numbers[i].column == TOP_COLUMN_IN_TIME ? top_view_in_time_style(value)
                                                                   : TOP_PLAIN;
        if (numbers[i].column == TOP_COLUMN_IN_FLIGHT) {
            top_unit_print_short(text, numbers[i].unit, value, view->screen->utf8);
        } else {
            top_unit_print(text, numbers[i].unit, value, view->screen->utf8);
        }
        snprintf(name, sizeof name, "%s", numbers[i].name);
        if (numbers[i].column == TOP_COLUMN_IN_TIME) {
            top_unit_print_short(objective, TOP_UNIT_SECONDS, view->options->objective_s, view->screen->utf8);
            snprintf(name, sizeof name, "within %s", objective);
        }
        x = draw_number(view, (top_area){.y = y, .x = x}, style == TOP_PLAIN ? TOP_BOLD : style, text, name);
    }
    top_model_places(view->model, pipeline->name, &up, &all, &gone);
    snprintf(text, sizeof text, all > 0 ? "%d/%d" : "gone", up, all);
    draw_number(view, (top_area){.y = y, .x = x},
                all == 0    ? TOP_DIM
                : up == all ? TOP_GOOD
                            : TOP_BAD,
                text, "up");
}

/* --- Stages ---------------------------------------------------------------------------------------- */

static double stage_time(const top_stage *stage)
{
    return isfinite(stage->time) && stage->time > 0 ? stage->time : 0;
}

static int compare_stages(const void *left, const void *right)
{
    const top_stage *a = *(const top_stage *const *)left, *b = *(const top_stage *const *)right;
    double x = stage_time(a), y = stage_time(b);
    return x != y ? (x < y ? 1 : -1) : strcmp(a->name, b->name);
}

static int sorted_stages(const top_detail *detail, const top_stage *out[TOP_STAGES_MAX], double *total)
{
    *total = 0;
    for (int i = 0; i < detail->stage_count; i++) {
        out[i] = &detail->stages[i];
        *total += stage_time(out[i]);
    }
    qsort(out, (size_t)detail->stage_count, sizeof out[0], compare_stages);
    return detail->stage_count;
}

static int stage_name_width(const top_view *view, int room)
{
    int longest = 5;
    for (int i = 0; i < view->model->detail.stage_count; i++) {
        int width = top_text_width(view->model->detail.stages[i].name, view->screen->utf8);
        longest = width > longest ? width : longest;
    }
    int limit = room / 3 < NAME_MAX ? room / 3 : NAME_MAX;
    return longest < limit ? longest : limit;
}

static void draw_stage(const top_view *view, top_area area, const top_stage *stage, double total,
                       int name_width)
{
    top_screen *screen = view->screen;
    char text[TOP_UNIT_SIZE];
    double share = total > 0 ? stage_time(stage) / total : NAN;
    int bar = area.width - name_width - 2 - NUMBERS_WIDTH, x = area.x + 1;
    top_screen_text(screen, area.y, x, name_width, TOP_PLAIN, stage->name);
    x += name_width + 1;
    if (bar > 0) {
        top_bar_draw(screen, (top_area){area.y, x, 1, bar}, view->state->graph, share, TOP_SERIES_4);
        x += bar;
    }
    top_unit_print(text, TOP_UNIT_SECONDS, stage->time / stage->rate, screen->utf8);
    top_screen_right(screen, area.y, x, 8, TOP_BOLD, text);
    top_unit_print(text, TOP_UNIT_SECONDS, stage->p95, screen->utf8);
    top_screen_right(screen, area.y, x + 9, 8, TOP_PLAIN, text);
    top_unit_print(text, TOP_UNIT_PERCENT, share, screen->utf8);
    top_screen_right(screen, area.y, x + 18, 7, TOP_PLAIN, text);
}

static top_list list_stages(const top_view *view, top_area area)
{
    return top_list_lay_out(&(top_list_wanted){
        .count = view->model->detail.stage_count, .first = view->state->scroll, .lines = area.height - 1});
}

static void draw_stages(const top_view *view, top_area area)
{
    const top_stage *stages[TOP_STAGES_MAX];
    double total;
    char window[TOP_UNIT_SIZE], title[64];
    int count = sorted_stages(&view->model->detail, stages, &total);
    top_span_print(window, view->model->window_ms);
    snprintf(title, sizeof title, "Stages, last %s", window);
    top_view_title(view, area, title, "mean      p95   share");
    if (count == 0) {
        const char *why = !view->model->answered[TOP_ASK_STAGE_TIME] ? "waiting for an answer"
                                                                     : "no stage was run within the range";
        top_screen_text(view->screen, area.y + 1, area.x + 1, area.width - 2, TOP_DIM, why);
        return;
    }
    int name_width = stage_name_width(view, area.width);
    top_list list = list_stages(view, area);
    for (int i = 0; i < list.shown; i++) {
        draw_stage(view, (top_area){area.y + 1 + i, area.x, 1, area.width}, stages[list.first + i], total,
                   name_width);
    }
    top_view_list_foot(view, area, &list, "stages", 0);
}

/* --- Plots ----------------------------------------------------------------------------------------- */

static bool draw_lines(const top_view *view, top_area area, const top_plot *plot, const char *title,
                       ifm_error *err)
{
    top_view_title(view, area, title, "");
    if (plot->count == 0) {
        top_screen_text(view->screen, area.y + 1, area.x + 1, area.width - 2, TOP_DIM,
                        "waiting for an answer");
        return true;
    }
    int legend = area.x + 4 + top_text_width(title, view->screen->utf8);
    top_screen_fill(view->screen, area.y, legend, 1, TOP_PLAIN, ' ');
    const top_area beside = {area.y, legend + 1, 1, area.x + area.width - legend - 3};
    int used = top_plot_legend(view->screen, beside, plot);
    if (used > 0) { /* in place of the title's line */
        top_screen_fill(view->screen, area.y, legend + 1, used + 1, TOP_PLAIN, ' ');
        top_plot_legend(view->screen, beside, plot);
    }
    return top_plot_draw(view->screen, (top_area){area.y + 1, area.x, area.height - 1, area.width}, plot,
                         err);
}

static top_plot plot_of(const top_view *view, const top_frame *frame, top_unit unit)
{
    return (top_plot){.count = frame->count,
                      .start_ms = frame->start_ms,
                      .step_ms = frame->step_ms,
                      .unit = unit,
                      .hidden = view->state->hidden,
                      .graph = view->state->graph};
}

static bool draw_percentiles(const top_view *view, top_area area, ifm_error *err)
{
    static const char *const names[] = {"p50", "p95", "p99"};
    const top_detail *detail = &view->model->detail;
    top_plot_series series[TOP_PERCENTILES];
    const top_frame *frame = &detail->percentile_frames[1];
    top_plot plot = plot_of(view, frame, TOP_UNIT_SECONDS);
    for (int i = 0; i < TOP_PERCENTILES; i++) { /* those of an older frame wait for their answer */
        const top_frame *own = &detail->percentile_frames[i];
        if (own->count == frame->count && own->step_ms == frame->step_ms) {
            series[plot.series_count++] = (top_plot_series){detail->percentiles[i], names[i], i};
        }
    }
    plot.series = series;
    return draw_lines(view, area, &plot, "Latency", err);
}

static bool draw_outcomes(const top_view *view, top_area area, ifm_error *err)
{
    static const char *const names[] = {"success", "failure", "cancelled"};
    const top_detail *detail = &view->model->detail;
    top_plot_series series[TOP_OUTCOMES];
    top_plot plot = plot_of(view, &detail->outcome_frame, TOP_UNIT_NUMBER);
    for (int i = 0; i < TOP_OUTCOMES; i++) {
        bool any = false;
        for (int k = 0; k < plot.count; k++) {
            any = any || detail->outcomes[i][k] > 0;
        }
        if (any || i == 0) {
            series[plot.series_count++] =
                (top_plot_series){detail->outcomes[i], names[i], i + TOP_PERCENTILES};
        }
    }
    plot.series = series;
    return draw_lines(view, area, &plot, "Requests per second", err);
}

static void draw_heat_legend(const top_view *view, top_area area, double max, const top_heat *heat)
{
    char most[TOP_UNIT_SIZE], text[128];
    int x = area.x + area.width - TOP_HEAT_COUNT - 12;
    top_unit_print(most, TOP_UNIT_NUMBER, max, view->screen->utf8);
    snprintf(text, sizeof text, " few       %s ", most);
    int size = (int)strlen(text);
    x = area.x + area.width - size - 2;
    top_screen_text(view->screen, area.y, x, size, TOP_DIM, text);
    for (int i = 1; i <= TOP_HEAT_COUNT; i++) {
        top_screen_point(view->screen, area.y, x + 4 + i, TOP_HEAT_1 + (unsigned)i - 1,
                         top_heat_point(heat->graph, i));
    }
}

static bool draw_heat(const top_view *view, top_area area, ifm_error *err)
{
    const top_detail *detail = &view->model->detail;
    top_heat heat = {.cells = detail->heat,
                     .cell_count = detail->heat_count,
                     .columns = detail->heat_frame.count,
                     .start_ms = detail->heat_frame.start_ms,
                     .step_ms = detail->heat_frame.step_ms,
                     .unit = TOP_UNIT_SECONDS,
                     .graph = view->state->graph};
    double max;
    heat.first = top_plot_trim(top_heat_first(&heat), heat.columns);
    top_view_title(view, area, "Distribution", "");
    const top_area inside = {area.y + 1, area.x, area.height - 1, area.width};
    if (!top_heat_draw(view->screen, inside, &heat, &max, err)) {
        return false;
    }
    if (max > 0) {
        draw_heat_legend(view, area, max, &heat);
    } else {
        const char *why = heat.columns == 0 ? "waiting for an answer" : "no inference ended within the range";
        top_screen_text(view->screen, area.y + 1, area.x + 1, area.width - 2, TOP_DIM, why);
    }
    return true;
}

/* --- All ------------------------------------------------------------------------------------------- */

/* Of all that is below the summary, how many lines are for the stages. */
static int stage_lines(const top_view *view, top_area area)
{
    int count = view->model->detail.stage_count;
    if (area.width >= WIDE) {
        int above = count + 2 > TOP_LINES_WIDE ? count + 2 : TOP_LINES_WIDE;
        return above > area.height / 2 ? area.height / 2 : above;
    }
    int limit = area.height / 3 > STAGE_LINES_NARROW ? area.height / 3 : STAGE_LINES_NARROW;
    int stages = (count < 1 ? 1 : count) + 1;
    stages = stages > limit ? limit : stages;
    return stages > area.height ? area.height : stages;
}

static bool draw_wide(const top_view *view, top_area area, ifm_error *err)
{
    int left = area.width / 2, right = area.width - left, above = stage_lines(view, area);
    int below = area.height - above;
    draw_stages(view, (top_area){area.y, area.x, above, left - 1});
    if (above >= PLOT_LINES_MIN &&
        !draw_outcomes(view, (top_area){area.y, area.x + left, above, right}, err)) {
        return false;
    }
    return below < PLOT_LINES_MIN ||
           (draw_percentiles(view, (top_area){area.y + above, area.x, below, left - 1}, err) &&
            draw_heat(view, (top_area){area.y + above, area.x + left, below, right}, err));
}

static bool draw_narrow(const top_view *view, top_area area, ifm_error *err)
{
    int stages = stage_lines(view, area);
    draw_stages(view, (top_area){area.y, area.x, stages, area.width});
    area.y += stages;
    area.height -= stages;
    if (area.height < PLOT_LINES_MIN) {
        return true;
    }
    int heat = area.height >= PLOT_LINES_MIN + HEAT_LINES_MIN ? area.height / 2 : 0;
    return draw_percentiles(view, (top_area){area.y, area.x, area.height - heat, area.width}, err) &&
           (heat == 0 ||
            draw_heat(view, (top_area){area.y + area.height - heat, area.x, heat, area.width}, err));
}

static top_area below_summary(const top_view *view, top_area area)
{
    int lines = has_tokens(&view->model->detail) ? 2 : 1;
    return (top_area){area.y + lines, area.x, area.height > lines ? area.height - lines : 0, area.width};
}

top_list top_view_stages_list(const top_view *view, top_area area)
{
    area = below_summary(view, area);
    area.height = stage_lines(view, area);
    return list_stages(view, area);
}

bool top_view_pipeline(const top_view *view, top_area area, ifm_error *err)
{
    const top_pipeline *pipeline = top_model_find(view->model, view->state->pipeline);
    if (pipeline == NULL) {
        char text[TEXT_SIZE], range[TOP_UNIT_SIZE];
        top_span_print(range, view->state->range_ms);
        if (view->model->answered[TOP_ASK_PLACES]) {
            snprintf(text, sizeof text,
                     "No pipeline \"%s\" has shown metrics within %s; Esc goes back to those that have.",
                     view->state->pipeline, range);
        } else {
            snprintf(text, sizeof text, "Asking %s ...", view->options->url);
        }
        top_view_sentence(view, (top_area){area.y + 1, 2, area.height - 1, area.width - 4}, TOP_PLAIN, text);
        return true;
    }
    draw_summary(view, pipeline, area.y);
    if (has_tokens(&view->model->detail)) {
        draw_tokens(view, area.y + 1);
    }
    area = below_summary(view, area);
    return area.width >= WIDE ? draw_wide(view, area, err) : draw_narrow(view, area, err);
}
