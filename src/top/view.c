/* SPDX-License-Identifier: Apache-2.0
 *
 * The frame around each page: where it is from, of when, which pages there are, and the line of what goes on.
 */
#include "top/view.h"

#include <math.h>
#include <stdio.h>

enum {
    WIDTH_MIN = 30,
    HEIGHT_MIN = 8,
    HEAD_LINES = 2,
    NARROW = 60,
    NAME_ROOM_MIN = 8,
    WAIT_OF_INTEREST_MS = 3000,
    TEXT_SIZE = 400,
    TARGET_LINES = 3, /* and alerts: with two of what is wrong */
    MARGIN = 1
};

void top_view_title(const top_view *view, top_area area, const char *title, const char *right)
{
    top_screen *screen = view->screen;
    uint32_t line = view->state->graph == TOP_GRAPH_ASCII ? '-' : 0x2500;
    top_screen_fill(screen, area.y, area.x, area.width, TOP_DIM, line);
    int used = top_screen_text(screen, area.y, area.x + 2, area.width - 4, TOP_TITLE, title);
    top_screen_point(screen, area.y, area.x + 1, TOP_PLAIN, ' ');
    top_screen_point(screen, area.y, area.x + 2 + used, TOP_PLAIN, ' ');
    int size = top_text_width(right, screen->utf8);
    if (size > 0 && size + used + 8 <= area.width) {
        int x = area.x + area.width - size - 3;
        top_screen_point(screen, area.y, x, TOP_PLAIN, ' ');
        top_screen_text(screen, area.y, x + 1, size, TOP_DIM, right);
        top_screen_point(screen, area.y, x + 1 + size, TOP_PLAIN, ' ');
    }
}

/* How many bytes of a text make a line: up to a blank; a word that is too long is cut. */
static size_t line_of(const top_view *view, const char *text, int width)
{
    size_t end = 0, at = 0;
    char part[TEXT_SIZE];
    for (;;) {
        size_t word = at + strcspn(text + at, " ");
        if (word >= sizeof part) {
            break;
        }
        memcpy(part, text, word);
        part[word] = '\0';
        if (top_text_width(part, view->screen->utf8) > width && end > 0) {
            break;
        }
        end = word;
        if (text[word] == '\0') {
            break;
        }
        at = word + 1;
    }
    return end > 0 ? end : strlen(text) < sizeof part - 1 ? strlen(text) : sizeof part - 1;
}

int top_view_sentence(const top_view *view, top_area area, unsigned style, const char *text)
{
    int line = 0;
    char part[TEXT_SIZE];
    while (*text != '\0' && line < area.height) {
        size_t end = line_of(view, text, area.width);
        top_copy(part, line + 1 < area.height ? end + 1 : sizeof part, text);
        top_screen_text(view->screen, area.y + line, area.x, area.width, style, part);
        text += end;
        text += strspn(text, " ");
        line++;
    }
    return line;
}

unsigned top_view_errors_style(double share)
{
    return share >= 0.05 ? TOP_BAD : share > 0 ? TOP_WARN : TOP_PLAIN;
}

unsigned top_view_in_time_style(double share)
{
    return share < 0.95 ? TOP_BAD : share < 0.99 ? TOP_WARN : share <= 1 ? TOP_GOOD : TOP_PLAIN;
}

int top_view_number(const top_model *model, const top_pipeline *pipeline)
{
    int number = 0;
    for (size_t i = 0; i < model->pipeline_count && number < 9; i++) {
        number += strcmp(model->pipelines[i].name, pipeline->name) < 0;
    }
    return number < 9 ? number : -1;
}

/* --- The head -------------------------------------------------------------------------------------- */

static void head_time(const top_view *view, char out[TEXT_SIZE], unsigned *style)
{
    const top_state *state = view->state;
    char range[TOP_UNIT_SIZE], pan[TOP_UNIT_SIZE], clock[TOP_CLOCK_SIZE], every[TOP_UNIT_SIZE];
    top_span_print(range, state->range_ms);
    top_span_print(pan, state->pan_ms);
    top_span_print(every, view->options->interval_ms);
    top_clock_print(clock, state->paused_at_ms >= 0 ? state->paused_at_ms : view->now_ms);
    *style = TOP_PLAIN;
    if (state->paused_at_ms >= 0) {
        *style = TOP_WARN;
        snprintf(out, TEXT_SIZE, "%s  PAUSED  %s", range, clock);
    } else if (state->pan_ms > 0) {
        *style = TOP_WARN;
        snprintf(out, TEXT_SIZE, "%s until %s ago  %s", range, pan, clock);
    } else if (view->is_once) {
        snprintf(out, TEXT_SIZE, "%s  %s", range, clock);
    } else {
        snprintf(out, TEXT_SIZE, "%s  every %s  %s", range, every, clock);
    }
}

static void draw_head(const top_view *view)
{
    top_screen *screen = view->screen;
    char time[TEXT_SIZE];
    unsigned style;
    head_time(view, time, &style);
    int right = top_text_width(time, screen->utf8), room = screen->width - right - 3;
    int used = room >= 40 ? top_screen_text(screen, 0, MARGIN, room, TOP_BOLD, "inferometer top") + 2 : 0;
    top_screen_text(screen, 0, MARGIN + used, room - used, TOP_PLAIN, view->options->url);
    top_screen_right(screen, 0, screen->width - right - MARGIN, right, style, time);
}

static void count_targets(const top_model *model, size_t *up, size_t *down)
{
    *up = *down = 0;
    for (size_t i = 0; i < model->target_count; i++) {
        *up += strcmp(model->targets[i].health, "up") == 0;
        *down += strcmp(model->targets[i].health, "down") == 0;
    }
}

static size_t count_firing(const top_model *model)
{
    size_t firing = 0;
    for (size_t i = 0; i < model->alert_count; i++) {
        firing += strcmp(model->alerts[i].state, "firing") == 0;
    }
    return firing;
}

static bool is_narrow(const top_view *view)
{
    return view->screen->width < NARROW;
}

static int draw_tab(const top_view *view, int x, bool is_here, unsigned style, const char *text)
{
    int used = top_screen_text(view->screen, 1, x + 1, view->screen->width - x - 1, style, text);
    if (is_here) {
        top_screen_point(view->screen, 1, x, TOP_KEY, '[');
        top_screen_point(view->screen, 1, x + 1 + used, TOP_KEY, ']');
    }
    return x + used + 3;
}

/* "Targets 1 down of 2"; false when something is wrong with them, as below. */
static bool tell_targets(const top_view *view, char text[TEXT_SIZE])
{
    const top_model *model = view->model;
    size_t up, down;
    count_targets(model, &up, &down);
    if (!model->answered[TOP_ASK_TARGETS]) {
        snprintf(text, TEXT_SIZE, "Targets");
    } else if (down > 0 && is_narrow(view)) {
        snprintf(text, TEXT_SIZE, "Targets %zu down", down);
    } else if (down > 0) {
        snprintf(text, TEXT_SIZE, "Targets %zu down of %zu", down, model->target_count);
    } else {
        snprintf(text, TEXT_SIZE, "Targets %zu/%zu up", up, model->target_count);
    }
    return down == 0;
}

static bool tell_alerts(const top_view *view, char text[TEXT_SIZE])
{
    const top_model *model = view->model;
    size_t firing = count_firing(model);
    const char *what = is_narrow(view) ? "" : "Alerts ";
    if (!model->answered[TOP_ASK_ALERTS]) {
        snprintf(text, TEXT_SIZE, "Alerts");
    } else if (firing > 0) {
        snprintf(text, TEXT_SIZE, "%s%zu firing", what, firing);
    } else if (model->alert_count > 0) {
        snprintf(text, TEXT_SIZE, "%s%zu pending", what, model->alert_count);
    } else {
        snprintf(text, TEXT_SIZE, "Alerts 0");
    }
    return firing == 0;
}

/* A long name gives way to what is behind it, and where there is little room the way back to it. */
static int draw_pipeline_tab(const top_view *view, int x, int behind)
{
    int room = view->screen->width - x - behind - 2;
    char name[TEXT_SIZE];
    top_copy(name, sizeof name, view->state->pipeline);
    room = room > NAME_ROOM_MIN ? room : NAME_ROOM_MIN;
    int used = top_screen_text(view->screen, 1, x + 1, room, TOP_BOLD, name);
    top_screen_point(view->screen, 1, x, TOP_KEY, '[');
    top_screen_point(view->screen, 1, x + 1 + used, TOP_KEY, ']');
    return x + used + 3;
}

static void draw_tabs(const top_view *view)
{
    const top_state *state = view->state;
    char targets[TEXT_SIZE], alerts[TEXT_SIZE], text[TEXT_SIZE];
    bool targets_well = tell_targets(view, targets), alerts_well = tell_alerts(view, alerts);
    bool is_open = state->page == TOP_PAGE_PIPELINE;
    int x = 0;
    if (!is_open || !is_narrow(view)) {
        x = draw_tab(view, 0, state->page == TOP_PAGE_OVERVIEW, TOP_PLAIN, "Overview");
    }
    if (is_open) {
        x = draw_pipeline_tab(view, x > 0 ? x - 1 : 0, (int)(strlen(targets) + strlen(alerts)) + 5);
    }
    x = draw_tab(view, x, state->page == TOP_PAGE_TARGETS, targets_well ? TOP_PLAIN : TOP_BAD, targets);
    x = draw_tab(view, x, state->page == TOP_PAGE_ALERTS, alerts_well ? TOP_PLAIN : TOP_BAD, alerts);
    if (state->filter[0] != '\0' && !state->is_filtering && !is_open) {
        snprintf(text, sizeof text, "filter: %s", state->filter);
        top_screen_right(view->screen, 1, x, view->screen->width - x - MARGIN, TOP_WARN, text);
    }
}

/* --- The last line --------------------------------------------------------------------------------- */

static void tell_silence(const top_view *view, char text[TEXT_SIZE])
{
    const top_model *model = view->model;
    char since[TOP_CLOCK_SIZE], age[TOP_UNIT_SIZE], last[TOP_CLOCK_SIZE] = "";
    top_clock_print(since, model->silent_since_ms);
    top_span_print(age, (view->now_ms - model->silent_since_ms) / 1000 * 1000);
    if (model->last_answer_ms >= 0) {
        top_clock_print(last, model->last_answer_ms);
    }
    bool is_new = strcmp(age, "0ms") == 0;
    snprintf(text, TEXT_SIZE, "no answer since %s%s%s%s: %s%s%s", since, is_new ? "" : " (",
             is_new ? "" : age, is_new ? "" : ")", model->silent_why,
             last[0] != '\0' ? "; shown is what was at " : "", last);
}

/* The page's first complaint. */
static const char *complaint_of(const top_view *view)
{
    const top_model *model = view->model;
    top_page page = view->state->page;
    int first = page == TOP_PAGE_TARGETS  ? TOP_ASK_TARGETS
                : page == TOP_PAGE_ALERTS ? TOP_ASK_ALERTS
                                          : TOP_ASK_NAMES;
    int end = page == TOP_PAGE_PIPELINE  ? TOP_ASK_COUNT
              : page == TOP_PAGE_TARGETS ? TOP_ASK_ALERTS
              : page == TOP_PAGE_ALERTS  ? TOP_ASK_NAMES
                                         : TOP_ASK_STAGE_NAMES;
    for (int i = first; i < end; i++) {
        if (model->complaints[i][0] != '\0') {
            return model->complaints[i];
        }
    }
    return NULL;
}

/* What is wrong; NULL when nothing is. */
static const char *trouble_of(const top_view *view, char text[TEXT_SIZE], unsigned *style)
{
    const top_model *model = view->model;
    char size[TOP_UNIT_SIZE];
    const char *complaint = complaint_of(view);
    int64_t waited_ms = model->waiting_since_ms < 0 ? 0 : view->now_ms - model->waiting_since_ms;
    *style = TOP_WARN;
    if (model->silent_since_ms >= 0) {
        *style = TOP_BAD;
        tell_silence(view, text);
    } else if (waited_ms >= WAIT_OF_INTEREST_MS) {
        char last[TOP_CLOCK_SIZE] = "";
        if (model->last_answer_ms >= 0) {
            top_clock_print(last, model->last_answer_ms);
        }
        top_span_print(size, waited_ms / 1000 * 1000);
        snprintf(text, TEXT_SIZE, "waiting for an answer for %s%s%s", size,
                 last[0] != '\0' ? "; the last one came at " : "", last);
    } else if (complaint != NULL) {
        snprintf(text, TEXT_SIZE, "the server refuses a question: %s", complaint);
    } else if (model->skew_ms != 0) {
        top_unit_print(size, TOP_UNIT_SECONDS, fabs((double)model->skew_ms / 1000), view->screen->utf8);
        snprintf(text, TEXT_SIZE, "the server's clock is %s %s; times here are its own", size,
                 model->skew_ms > 0 ? "ahead of this one" : "behind this one");
    } else if (view->state->page == TOP_PAGE_OVERVIEW && model->pipelines_left_out > 0) {
        snprintf(text, TEXT_SIZE, "there are more than %d pipelines; %zu places of others are left out",
                 TOP_PIPELINES_MAX, model->pipelines_left_out);
    } else {
        return NULL;
    }
    return text;
}

static void draw_keys(const top_view *view, int y)
{
    static const char *const overview[] = {"q",   "quit",   "?",   "help",           "Enter", "open",
                                           "/",   "filter", "s",   "sort",           "space", "pause",
                                           "+ -", "range",  "[ ]", "earlier, later", "t",     "targets",
                                           "a",   "alerts", NULL};
    static const char *const pipeline[] = {"q",   "quit",  "?",   "help",           "Esc",   "back",
                                           "+ -", "range", "[ ]", "earlier, later", "space", "pause",
                                           "1-9", "lines", "g",   "graphs",         NULL};
    static const char *const lists[] = {"q",      "quit",  "?",     "help", "Esc",     "back", "/",
                                        "filter", "space", "pause", "r",    "refresh", NULL};
    top_page page = view->state->page;
    const char *const *at = page == TOP_PAGE_OVERVIEW   ? overview
                            : page == TOP_PAGE_PIPELINE ? pipeline
                                                        : lists;
    int x = MARGIN;
    for (; *at != NULL; at += 2) {
        int need = (int)strlen(at[0]) + 1 + (int)strlen(at[1]);
        if (x + need > view->screen->width - MARGIN) {
            break;
        }
        x += top_screen_text(view->screen, y, x, need, TOP_KEY, at[0]) + 1;
        x += top_screen_text(view->screen, y, x, need, TOP_DIM, at[1]) + 2;
    }
}

/* How many lines of the screen's end are no page's. */
static int foot_lines(const top_view *view)
{
    char text[TEXT_SIZE];
    unsigned style;
    const char *trouble = view->state->is_filtering ? NULL : trouble_of(view, text, &style);
    int width = view->screen->width - 2 * MARGIN;
    return trouble != NULL && top_text_width(trouble, view->screen->utf8) > width ? 2 : 1;
}

static void draw_last_line(const top_view *view)
{
    top_screen *screen = view->screen;
    char text[TEXT_SIZE];
    int y = screen->height - 1, lines = foot_lines(view);
    unsigned style;
    if (view->state->is_filtering) {
        int used = top_screen_text(screen, y, MARGIN, screen->width, TOP_KEY, "filter: ");
        used += top_screen_text(screen, y, MARGIN + used, screen->width - used - 2, TOP_PLAIN,
                                view->state->filter);
        top_screen_point(screen, y, MARGIN + used, TOP_PLAIN | TOP_REVERSE, ' ');
        return;
    }
    const char *trouble = trouble_of(view, text, &style);
    if (trouble != NULL) {
        top_view_sentence(view, (top_area){y - lines + 1, MARGIN, lines, screen->width - 2 * MARGIN}, style,
                          trouble);
    } else if (!view->is_once) {
        draw_keys(view, y);
    }
}

/* --- All ------------------------------------------------------------------------------------------- */

static top_area inside_of(const top_view *view)
{
    int height = view->screen->height - HEAD_LINES - foot_lines(view);
    return (top_area){HEAD_LINES, 0, height > 0 ? height : 0, view->screen->width};
}

static void draw_too_small(const top_view *view)
{
    char text[TEXT_SIZE];
    snprintf(text, sizeof text, "%d x %d is too small; %d x %d will do. q quits.", view->screen->width,
             view->screen->height, WIDTH_MIN, HEIGHT_MIN);
    top_view_sentence(view, (top_area){0, 0, view->screen->height, view->screen->width}, TOP_WARN, text);
}

void top_view_list_foot(const top_view *view, top_area area, const top_list *list, const char *what,
                        size_t left_out)
{
    char text[TEXT_SIZE], more[64] = "";
    if (!list->has_foot) {
        return;
    }
    if (left_out > 0) {
        snprintf(more, sizeof more, "; %zu more are left out", left_out);
    }
    snprintf(text, sizeof text, "%s %d to %d of %d%s", what, list->first + 1, list->first + list->shown,
             list->count, more);
    top_screen_text(view->screen, area.y + area.height - 1, area.x + 1, area.width - 2, TOP_DIM, text);
}

top_list top_view_list(const top_view *view)
{
    top_area area = inside_of(view);
    top_page page = view->state->page;
    return view->state->has_help       ? top_view_help_list(view, area)
           : page == TOP_PAGE_OVERVIEW ? top_view_overview_list(view, area)
           : page == TOP_PAGE_PIPELINE ? top_view_stages_list(view, area)
           : page == TOP_PAGE_TARGETS  ? top_view_targets_list(view, area)
                                       : top_view_alerts_list(view, area);
}

int top_view_lines_wanted(const top_view *view)
{
    const top_model *model = view->model;
    top_page page = view->state->page;
    int items = page == TOP_PAGE_OVERVIEW  ? (int)model->pipeline_count
                : page == TOP_PAGE_TARGETS ? TARGET_LINES * (int)model->target_count
                : page == TOP_PAGE_ALERTS  ? TARGET_LINES * (int)model->alert_count
                                           : 0;
    return HEAD_LINES + 3 + items;
}

bool top_view_draw(const top_view *view, ifm_error *err)
{
    top_area area = inside_of(view);
    bool ok = true;
    top_screen_clear(view->screen);
    if (view->screen->width < WIDTH_MIN || view->screen->height < HEIGHT_MIN) {
        draw_too_small(view);
        return true;
    }
    draw_head(view);
    draw_tabs(view);
    if (view->state->has_help) {
        top_view_help(view, area);
    } else if (view->state->page == TOP_PAGE_OVERVIEW) {
        ok = top_view_overview(view, area, err);
    } else if (view->state->page == TOP_PAGE_PIPELINE) {
        ok = top_view_pipeline(view, area, err);
    } else if (view->state->page == TOP_PAGE_TARGETS) {
        top_view_targets(view, area);
    } else {
        top_view_alerts(view, area);
    }
    draw_last_line(view);
    return ok;
}
