/* SPDX-License-Identifier: Apache-2.0
 *
 * Targets, alerts, and the help.
 */
#include "top/view.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    STATE_WIDTH = 8,
    NUMBER_WIDTH = 8,
    NAME_MIN = 8,
    SENTENCE_LINES = 2,
    TEXT_SIZE = 600,
    NUMBERS = 3,
    NUMBERS_WIDTH_MIN = 64
};
enum { NAME_X = 1 + STATE_WIDTH + 1 /* of an alert */ };

/* "12.3s" before now; "-" when it never was. */
static void age_print(char out[TOP_UNIT_SIZE], int64_t at_ms, int64_t now_ms, bool utf8)
{
    double age = at_ms >= 0 ? (double)(now_ms - at_ms) / 1000 : NAN;
    age = age < 0 ? 0 : age;
    top_unit_print_short(out, TOP_UNIT_SECONDS, age < 10 ? floor(age * 10) / 10 : floor(age), utf8);
}

static void empty(const top_view *view, top_area area, top_ask ask, const char *none, size_t all)
{
    char text[TEXT_SIZE];
    const top_model *model = view->model;
    if (model->complaints[ask][0] != '\0') {
        snprintf(text, sizeof text, "The server does not say: %s", model->complaints[ask]);
    } else if (!model->answered[ask]) {
        snprintf(text, sizeof text, "Asking %s ...", view->options->url);
    } else if (all > 0) {
        snprintf(text, sizeof text, "None has \"%s\" in its texts; / changes the filter, Esc goes back.",
                 view->state->filter);
    } else {
        snprintf(text, sizeof text, "%s", none);
    }
    top_view_sentence(view, (top_area){area.y + 1, 2, area.height - 1, area.width - 4}, TOP_PLAIN, text);
}

/* Lines of an item with a sentence below it. */
static unsigned char height_of(const top_view *view, int width, const char *sentence)
{
    const top_area nowhere = {view->screen->height, 0, SENTENCE_LINES, width};
    return (unsigned char)(1 + top_view_sentence(view, nowhere, TOP_PLAIN, sentence));
}

static top_list lay_out_list(const top_view *view, top_area area, const unsigned char *heights, size_t count,
                             size_t left_out)
{
    return top_list_lay_out(&(top_list_wanted){.heights = heights,
                                               .count = (int)count,
                                               .first = view->state->scroll,
                                               .lines = area.height - 1,
                                               .left_out = left_out});
}

/* --- Targets --------------------------------------------------------------------------------------- */

static int health_rank(const top_target *target)
{
    return strcmp(target->health, "down") == 0 ? 0 : strcmp(target->health, "up") == 0 ? 2 : 1;
}

static int compare_targets(const void *left, const void *right)
{
    const top_target *a = *(const top_target *const *)left, *b = *(const top_target *const *)right;
    int by_health = health_rank(a) - health_rank(b), by_job = strcmp(a->job, b->job);
    return by_health != 0 ? by_health : by_job != 0 ? by_job : strcmp(a->instance, b->instance);
}

typedef struct target_places {
    int job, instance;             /* widths */
    int numbers;                   /* how many there is room for */
    int job_x, instance_x, last_x; /* the numbers follow one another */
} target_places;

static target_places lay_out_targets(const top_view *view, const top_target *const *targets, size_t count,
                                     int width)
{
    target_places out = {.job = NAME_MIN, .instance = NAME_MIN};
    for (size_t i = 0; i < count; i++) {
        int job = top_text_width(targets[i]->job, view->screen->utf8);
        int instance = top_text_width(targets[i]->instance, view->screen->utf8);
        out.job = job > out.job ? job : out.job;
        out.instance = instance > out.instance ? instance : out.instance;
    }
    out.numbers = width >= NUMBERS_WIDTH_MIN ? NUMBERS : 1;
    int room = width - STATE_WIDTH - 4 - out.numbers * (NUMBER_WIDTH + 1);
    int half = room / 2 > NAME_MIN ? room / 2 : NAME_MIN;
    out.job = out.job > half ? half : out.job;
    out.instance = out.instance > room - out.job - 2 ? room - out.job - 2 : out.instance;
    out.instance = out.instance < NAME_MIN ? NAME_MIN : out.instance;
    out.job_x = 1 + STATE_WIDTH;
    out.instance_x = out.job_x + out.job + 2;
    out.last_x = out.instance_x + out.instance + 1;
    return out;
}

static void draw_target(const top_view *view, int y, const top_target *target, const target_places *place)
{
    top_screen *screen = view->screen;
    char text[TOP_UNIT_SIZE];
    int rank = health_rank(target);
    unsigned style = rank == 0 ? TOP_BAD : rank == 2 ? TOP_GOOD : TOP_WARN;
    top_screen_text(screen, y, 1, STATE_WIDTH - 1, style, target->health[0] != '\0' ? target->health : "-");
    top_screen_text(screen, y, place->job_x, place->job, TOP_PLAIN, target->job);
    top_screen_text(screen, y, place->instance_x, place->instance, TOP_BOLD, target->instance);
    age_print(text, target->last_scrape_ms, view->now_ms + view->model->skew_ms, screen->utf8);
    top_screen_right(screen, y, place->last_x, NUMBER_WIDTH, TOP_PLAIN, text);
    if (place->numbers < NUMBERS) {
        return;
    }
    top_unit_print(text, TOP_UNIT_SECONDS, target->duration_s, screen->utf8);
    top_screen_right(screen, y, place->last_x + NUMBER_WIDTH + 1, NUMBER_WIDTH, TOP_PLAIN, text);
    if (target->interval_ms > 0) {
        top_span_print(text, target->interval_ms);
        top_screen_right(screen, y, place->last_x + 2 * (NUMBER_WIDTH + 1), NUMBER_WIDTH, TOP_DIM, text);
    }
}

static size_t find_targets(const top_view *view, const top_target **out)
{
    const top_model *model = view->model;
    size_t count = 0;
    for (size_t i = 0; i < model->target_count; i++) {
        const top_target *target = &model->targets[i];
        const char *const texts[] = {target->job, target->instance, target->health, target->error, NULL};
        if (top_filter_match(view->state->filter, texts)) {
            out[count++] = target;
        }
    }
    qsort(out, count, sizeof out[0], compare_targets);
    return count;
}

static top_list list_targets(const top_view *view, top_area area, const top_target **targets,
                             target_places *place)
{
    unsigned char heights[TOP_TARGETS_MAX];
    size_t count = find_targets(view, targets);
    *place = lay_out_targets(view, targets, count, area.width);
    for (size_t i = 0; i < count; i++) {
        heights[i] = height_of(view, area.width - place->job_x - 1, targets[i]->error);
    }
    return lay_out_list(view, area, heights, count, view->model->targets_left_out);
}

top_list top_view_targets_list(const top_view *view, top_area area)
{
    const top_target *targets[TOP_TARGETS_MAX];
    target_places place;
    return list_targets(view, area, targets, &place);
}

void top_view_targets(const top_view *view, top_area area)
{
    const top_target *targets[TOP_TARGETS_MAX];
    target_places place;
    top_list list = list_targets(view, area, targets, &place);
    if (list.count == 0) {
        empty(view, area, TOP_ASK_TARGETS, "The server watches no targets.", view->model->target_count);
        return;
    }
    top_screen_text(view->screen, area.y, 1, STATE_WIDTH, TOP_TITLE, "HEALTH");
    top_screen_text(view->screen, area.y, place.job_x, place.job, TOP_TITLE, "JOB");
    top_screen_text(view->screen, area.y, place.instance_x, place.instance, TOP_TITLE, "INSTANCE");
    static const char *const numbers[NUMBERS] = {"AGE", "TOOK", "EVERY"};
    for (int i = 0; i < place.numbers; i++) {
        top_screen_right(view->screen, area.y, place.last_x + i * (NUMBER_WIDTH + 1), NUMBER_WIDTH, TOP_TITLE,
                         numbers[i]);
    }
    int y = area.y + 1, end = area.y + area.height;
    for (int i = list.first; i < list.first + list.shown; i++) {
        draw_target(view, y++, targets[i], &place);
        const top_area error = {y, place.job_x, end - y < SENTENCE_LINES ? end - y : SENTENCE_LINES,
                                area.width - place.job_x - 1};
        y += top_view_sentence(view, error, TOP_WARN, targets[i]->error);
    }
    top_view_list_foot(view, area, &list, "targets", view->model->targets_left_out);
}

/* --- Alerts ---------------------------------------------------------------------------------------- */

static bool is_firing(const top_alert *alert)
{
    return strcmp(alert->state, "firing") == 0;
}

static int compare_alerts(const void *left, const void *right)
{
    const top_alert *a = *(const top_alert *const *)left, *b = *(const top_alert *const *)right;
    if (is_firing(a) != is_firing(b)) {
        return is_firing(a) ? -1 : 1;
    }
    int by_name = strcmp(a->name, b->name);
    return by_name != 0 ? by_name : strcmp(a->labels, b->labels);
}

static size_t find_alerts(const top_view *view, const top_alert **out)
{
    const top_model *model = view->model;
    size_t count = 0;
    for (size_t i = 0; i < model->alert_count; i++) {
        const top_alert *alert = &model->alerts[i];
        const char *const texts[] = {alert->name, alert->labels, alert->state, alert->summary, NULL};
        if (top_filter_match(view->state->filter, texts)) {
            out[count++] = alert;
        }
    }
    qsort(out, count, sizeof out[0], compare_alerts);
    return count;
}

static void draw_alert(const top_view *view, int y, const top_alert *alert, int name_width)
{
    top_screen *screen = view->screen;
    char text[TOP_UNIT_SIZE];
    int x = NAME_X;
    top_screen_text(screen, y, 1, STATE_WIDTH, is_firing(alert) ? TOP_BAD : TOP_WARN, alert->state);
    top_screen_text(screen, y, x, name_width, TOP_BOLD, alert->name);
    x += name_width + 1;
    age_print(text, alert->since_ms, view->now_ms + view->model->skew_ms, screen->utf8);
    top_screen_right(screen, y, x, NUMBER_WIDTH, TOP_PLAIN, text);
    x += NUMBER_WIDTH + 1;
    if (x + NUMBER_WIDTH > screen->width) {
        return;
    }
    top_unit_print(text, TOP_UNIT_NUMBER, alert->value, screen->utf8);
    top_screen_right(screen, y, x, NUMBER_WIDTH, TOP_PLAIN, text);
    x += NUMBER_WIDTH + 2;
    top_screen_text(screen, y, x, screen->width - x - 1, TOP_PLAIN, alert->labels);
}

static top_list list_alerts(const top_view *view, top_area area, const top_alert **alerts)
{
    unsigned char heights[TOP_ALERTS_MAX];
    size_t count = find_alerts(view, alerts);
    for (size_t i = 0; i < count; i++) {
        heights[i] = height_of(view, area.width - NAME_X - 1, alerts[i]->summary);
    }
    return lay_out_list(view, area, heights, count, view->model->alerts_left_out);
}

top_list top_view_alerts_list(const top_view *view, top_area area)
{
    const top_alert *alerts[TOP_ALERTS_MAX];
    return list_alerts(view, area, alerts);
}

static int alert_name_width(const top_view *view, const top_alert *const *alerts, int count, int limit)
{
    int widest = NAME_MIN;
    for (int i = 0; i < count; i++) {
        int width = top_text_width(alerts[i]->name, view->screen->utf8);
        widest = width > widest ? width : widest;
    }
    return widest > limit ? limit : widest;
}

void top_view_alerts(const top_view *view, top_area area)
{
    const top_alert *alerts[TOP_ALERTS_MAX];
    top_list list = list_alerts(view, area, alerts);
    if (list.count == 0) {
        empty(view, area, TOP_ASK_ALERTS, "No alert is pending or firing.", view->model->alert_count);
        return;
    }
    int name_width = alert_name_width(view, alerts, list.count, area.width / 3), x = NAME_X;
    top_screen_text(view->screen, area.y, 1, STATE_WIDTH, TOP_TITLE, "STATE");
    top_screen_text(view->screen, area.y, x, name_width, TOP_TITLE, "ALERT");
    top_screen_right(view->screen, area.y, x + name_width + 1, NUMBER_WIDTH, TOP_TITLE, "SINCE");
    x += name_width + 2 + NUMBER_WIDTH;
    if (x + NUMBER_WIDTH <= area.width) {
        top_screen_right(view->screen, area.y, x, NUMBER_WIDTH, TOP_TITLE, "VALUE");
        top_screen_text(view->screen, area.y, x + NUMBER_WIDTH + 2, 10, TOP_TITLE, "LABELS");
    }
    x = NAME_X;
    int y = area.y + 1, end = area.y + area.height;
    for (int i = list.first; i < list.first + list.shown; i++) {
        draw_alert(view, y++, alerts[i], name_width);
        const top_area summary = {y, x, end - y < SENTENCE_LINES ? end - y : SENTENCE_LINES,
                                  area.width - x - 1};
        y += top_view_sentence(view, summary, TOP_DIM, alerts[i]->summary);
    }
    top_view_list_foot(view, area, &list, "alerts", view->model->alerts_left_out);
}

/* --- Help ------------------------------------------------------------------------------------------ */

static const char *const help[][2] = {
    {"q", "quit"},
    {"arrows, j k", "another row; PgUp PgDn Home End"},
    {"Enter", "open the pipeline; Esc or Backspace: back"},
    {"o t a, Tab", "overview, targets, alerts; the next page"},
    {"s S", "sort by the next column; the other way"},
    {"/", "filter by a part of the name; Esc leaves it as it was"},
    {"space", "pause, and go on"},
    {"r", "ask again now"},
    {"+ -", "longer, shorter range: 5m to 24h"},
    {"[ ]", "half a range earlier, later"},
    {"0", "15m until now"},
    {"1-9", "hide or show a line of the plots"},
    {"g", "graphs of braille, blocks or ASCII"},
    {"c", "colours on or off"},
    {"!", "an alert about this pipeline fires"},
    {"REQ/S P50..", "of the last minute, or of four scrapes where these are rarer"},
    {"ERRORS", "share of requests whose outcome is failure"},
    {"FLIGHT", "begun and not ended; QUEUE: p95 of the wait before that"},
    {"<2.5s", "share of the range that took less; --objective sets it"},
    {"UP", "processes with this pipeline that answer, of those there are"},
};

top_list top_view_help_list(const top_view *view, top_area area)
{
    return top_list_lay_out(&(top_list_wanted){
        .count = IFM_COUNT_OF(help), .first = view->state->help_scroll, .lines = area.height - 1});
}

void top_view_help(const top_view *view, top_area area)
{
    top_list list = top_view_help_list(view, area);
    top_view_title(view, area, "Keys", list.has_foot ? "arrows go on, others back" : "any key goes back");
    int y = area.y + 1;
    for (int i = list.first; i < list.first + list.shown; i++, y++) {
        top_screen_text(view->screen, y, 2, 14, TOP_KEY, help[i][0]);
        top_screen_text(view->screen, y, 16, area.width - 17, TOP_PLAIN, help[i][1]);
    }
    top_view_list_foot(view, area, &list, "lines", 0);
}
