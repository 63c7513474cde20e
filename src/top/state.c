/* SPDX-License-Identifier: Apache-2.0 */
#include "top/state.h"

#include "top/screen.h"

#include <math.h>
#include <stdlib.h>
#include <strings.h>

static const int64_t ranges_ms[] = {300000, 900000, 1800000, 3600000, 10800000, 21600000, 43200000, 86400000};
enum { RANGE_DEFAULT = 1, PAN_PARTS = 2 };

static top_graph graph_for(const top_options *options)
{
    if (!options->is_utf8 || options->graph == TOP_WANTED_ASCII) {
        return TOP_GRAPH_ASCII;
    }
    return options->graph == TOP_WANTED_BLOCK ? TOP_GRAPH_BLOCK : TOP_GRAPH_BRAILLE;
}

void top_state_init(top_state *state, const top_options *options)
{
    *state = (top_state){.page = options->page,
                         .sort = TOP_COLUMN_REQUESTS,
                         .range_ms = options->range_ms > 0 ? options->range_ms : ranges_ms[RANGE_DEFAULT],
                         .paused_at_ms = -1,
                         .graph = graph_for(options),
                         .is_utf8 = options->is_utf8,
                         .has_colour = options->has_colour};
    if (options->pipeline != NULL) {
        top_copy(state->pipeline, sizeof state->pipeline, options->pipeline);
        top_copy(state->selected, sizeof state->selected, options->pipeline);
    }
}

int64_t top_state_end(const top_state *state, int64_t now_ms)
{
    return (state->paused_at_ms >= 0 ? state->paused_at_ms : now_ms) - state->pan_ms;
}

/* --- Rows ------------------------------------------------------------------------------------------ */

bool top_filter_match(const char *filter, const char *const *texts)
{
    size_t size = strlen(filter);
    for (; *texts != NULL; texts++) {
        for (const char *at = *texts;; at++) {
            if (strncasecmp(at, filter, size) == 0) {
                return true;
            }
            if (*at == '\0') {
                break;
            }
        }
    }
    return false;
}

double top_column_value(const top_model *model, const top_pipeline *pipeline, top_column column)
{
    static const top_value values[] = {
        [TOP_COLUMN_REQUESTS] = TOP_VALUE_REQUESTS,
        [TOP_COLUMN_P50] = TOP_VALUE_P50,
        [TOP_COLUMN_P95] = TOP_VALUE_P95,
        [TOP_COLUMN_P99] = TOP_VALUE_P99,
        [TOP_COLUMN_IN_FLIGHT] = TOP_VALUE_IN_FLIGHT,
        [TOP_COLUMN_QUEUE] = TOP_VALUE_QUEUE,
        [TOP_COLUMN_IN_TIME] = TOP_VALUE_IN_TIME,
    };
    if (column == TOP_COLUMN_ERRORS) {
        double requests = pipeline->values[TOP_VALUE_REQUESTS];
        return requests > 0 ? pipeline->values[TOP_VALUE_FAILURES] / requests : NAN;
    }
    if (column == TOP_COLUMN_UP) {
        int up, all, gone;
        top_model_places(model, pipeline->name, &up, &all, &gone);
        return all > 0 ? (double)up / all : -1;
    }
    return column == TOP_COLUMN_NAME ? 0 : pipeline->values[values[column]];
}

typedef struct row {
    double value;
    const char *name;
    size_t index;
} row;

static int compare_rows(const void *left, const void *right)
{
    const row *a = left, *b = right;
    if (isnan(a->value) != isnan(b->value)) {
        return isnan(a->value) ? 1 : -1;
    }
    if (a->value != b->value && !isnan(a->value)) {
        return a->value < b->value ? -1 : 1;
    }
    return strcmp(a->name, b->name);
}

size_t top_rows(const top_model *model, const top_state *state, size_t *out)
{
    /* What is of interest is at the top: most requests, slowest, most errors; fewest in time, and down. */
    bool is_rising =
        state->sort == TOP_COLUMN_NAME || state->sort == TOP_COLUMN_IN_TIME || state->sort == TOP_COLUMN_UP;
    row rows[TOP_PIPELINES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < model->pipeline_count && count < TOP_PIPELINES_MAX; i++) {
        const top_pipeline *pipeline = &model->pipelines[i];
        if (top_filter_match(state->filter, (const char *const[]){pipeline->name, NULL})) {
            double value = top_column_value(model, pipeline, state->sort);
            rows[count++] = (row){is_rising == state->is_reversed ? -value : value, pipeline->name, i};
        }
    }
    qsort(rows, count, sizeof rows[0], compare_rows);
    for (size_t i = 0; i < count; i++) {
        bool by_name = state->sort == TOP_COLUMN_NAME && state->is_reversed;
        out[i] = rows[by_name ? count - 1 - i : i].index;
    }
    return count;
}

size_t top_rows_selected(const top_model *model, const top_state *state, const size_t *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(model->pipelines[rows[i]].name, state->selected) == 0) {
            return i;
        }
    }
    return 0;
}

/* --- Keys ------------------------------------------------------------------------------------------ */

/* Steps in the list: by one or by a page, to either end. 0: it is no such key. */
static long step_of(uint32_t key, const top_list *list)
{
    switch (key) {
    case TOP_KEY_UP:
    case 'k':
        return -1;
    case TOP_KEY_DOWN:
    case 'j':
        return 1;
    case TOP_KEY_PAGE_UP:
        return list->before > 1 ? -list->before : -1;
    case TOP_KEY_PAGE_DOWN:
        return list->shown > 1 ? list->shown : 1;
    case TOP_KEY_HOME:
        return -TOP_PLACES_MAX;
    case TOP_KEY_END:
        return TOP_PLACES_MAX;
    default:
        return 0;
    }
}

static long clamp(long value, long low, long high)
{
    return value > high ? (high > low ? high : low) : value < low ? low : value;
}

/* The page stays where it is as long as the selected row is on it. */
static void move_row(top_state *state, const top_model *model, long step, const top_list *list)
{
    size_t rows[TOP_PIPELINES_MAX];
    size_t count = top_rows(model, state, rows);
    if (count > 0) {
        long at = (long)top_rows_selected(model, state, rows, count);
        at = clamp(at + step, 0, (long)count - 1);
        top_copy(state->selected, sizeof state->selected, model->pipelines[rows[at]].name);
        state->scroll = top_list_show(list, (int)at);
    }
}

static void move(top_state *state, const top_model *model, long step, const top_list *list)
{
    if (state->has_help) {
        state->help_scroll = (int)clamp(list->first + step, 0, list->first_max);
    } else if (state->page == TOP_PAGE_OVERVIEW) {
        move_row(state, model, step, list);
    } else {
        state->scroll = (int)clamp(list->first + step, 0, list->first_max);
    }
}

static void go(top_state *state, top_page page)
{
    state->page = page;
    state->scroll = 0;
    state->has_help = false;
}

static void open_selected(top_state *state, const top_model *model)
{
    size_t rows[TOP_PIPELINES_MAX];
    size_t count = top_rows(model, state, rows);
    if (state->page == TOP_PAGE_OVERVIEW && count > 0) {
        const char *name = model->pipelines[rows[top_rows_selected(model, state, rows, count)]].name;
        top_copy(state->selected, sizeof state->selected, name);
        top_copy(state->pipeline, sizeof state->pipeline, name);
        state->hidden = 0;
        go(state, TOP_PAGE_PIPELINE);
    }
}

static void next_page(top_state *state, int step)
{
    static const top_page pages[] = {TOP_PAGE_OVERVIEW, TOP_PAGE_TARGETS, TOP_PAGE_ALERTS};
    int at = state->page == TOP_PAGE_TARGETS ? 1 : state->page == TOP_PAGE_ALERTS ? 2 : 0;
    go(state, pages[(at + step + 3) % 3]);
}

/* Back: from the help, from a filter, from a page, from the past. */
static void back(top_state *state)
{
    if (state->has_help) {
        state->has_help = false;
    } else if (state->page != TOP_PAGE_OVERVIEW) {
        go(state, TOP_PAGE_OVERVIEW);
        state->hidden = 0;
    } else {
        state->filter[0] = '\0';
    }
}

static void change_range(top_state *state, int step)
{
    size_t count = IFM_COUNT_OF(ranges_ms), i = 0;
    if (step > 0) {
        while (i + 1 < count && ranges_ms[i] <= state->range_ms) {
            i++;
        }
    } else {
        for (i = count - 1; i > 0 && ranges_ms[i] >= state->range_ms; i--) {
        }
    }
    state->range_ms = ranges_ms[i];
}

static void pan(top_state *state, int step)
{
    state->pan_ms += step * (state->range_ms / PAN_PARTS);
    state->pan_ms = state->pan_ms < 0 ? 0 : state->pan_ms;
}

static void filter_key(top_state *state, uint32_t key)
{
    size_t size = strlen(state->filter);
    if (key == TOP_KEY_ENTER) {
        state->is_filtering = false;
    } else if (key == TOP_KEY_ESCAPE) {
        memcpy(state->filter, state->filter_before, sizeof state->filter);
        state->is_filtering = false;
    } else if (key == TOP_KEY_BACKSPACE) {
        while (size > 0 && ((unsigned char)state->filter[size - 1] & 0xC0) == 0x80) {
            size--;
        }
        state->filter[size > 0 ? size - 1 : 0] = '\0';
    } else if (key == 0x15) { /* Ctrl-U */
        state->filter[0] = '\0';
    } else if ((key >= ' ' && key < 0x7F) || (key >= 0xA0 && key < TOP_KEY_UP && key / 0x800 != 0x1B)) {
        char text[TOP_POINT_SIZE]; /* 0xD800 to 0xDFFF are no characters */
        size_t more = top_point_write(text, key);
        if (size + more < sizeof state->filter) {
            memcpy(state->filter + size, text, more);
            state->filter[size + more] = '\0';
        }
    }
    state->scroll = 0;
}

/* Keys that change how things are looked at; false when it is none of them. */
static bool look_key(top_state *state, uint32_t key, int64_t now_ms)
{
    switch (key) {
    case 's':
        state->sort = (state->sort + 1) % TOP_COLUMN_COUNT;
        state->is_reversed = false;
        return true;
    case 'S':
        state->is_reversed = !state->is_reversed;
        return true;
    case ' ':
        state->paused_at_ms = state->paused_at_ms >= 0 ? -1 : now_ms;
        return true;
    case '[':
    case ']':
        pan(state, key == '[' ? 1 : -1);
        return true;
    case '+':
    case '=':
    case '-':
        change_range(state, key == '-' ? -1 : 1);
        return true;
    case '0':
        state->range_ms = ranges_ms[RANGE_DEFAULT];
        state->pan_ms = 0;
        return true;
    case 'g':
        state->graph = state->is_utf8 ? (state->graph + 1) % TOP_GRAPH_COUNT : TOP_GRAPH_ASCII;
        return true;
    case 'c':
        state->has_colour = !state->has_colour;
        return true;
    default:
        if (key >= '1' && key <= '9') {
            state->hidden ^= 1U << (key - '1');
            return true;
        }
        return false;
    }
}

static void page_key(top_state *state, const top_model *model, uint32_t key)
{
    switch (key) {
    case 'q':
        state->wants_end = true;
        break;
    case 'o':
        go(state, TOP_PAGE_OVERVIEW);
        break;
    case 't':
        go(state, TOP_PAGE_TARGETS);
        break;
    case 'a':
        go(state, TOP_PAGE_ALERTS);
        break;
    case '?':
    case 'h':
        state->has_help = true;
        state->help_scroll = 0;
        break;
    case '/':
        state->is_filtering = true;
        memcpy(state->filter_before, state->filter, sizeof state->filter);
        break;
    case 'r':
        state->wants_refresh = true;
        break;
    case TOP_KEY_ENTER:
        open_selected(state, model);
        break;
    case TOP_KEY_ESCAPE:
    case TOP_KEY_BACKSPACE:
        back(state);
        break;
    case TOP_KEY_TAB:
        next_page(state, 1);
        break;
    case TOP_KEY_BACK_TAB:
        next_page(state, -1);
        break;
    default:
        break;
    }
}

void top_state_key(top_state *state, const top_model *model, uint32_t key, const top_list *list,
                   int64_t now_ms)
{
    if (state->is_filtering) {
        filter_key(state, key);
        return;
    }
    long step = step_of(key, list);
    if (state->has_help && (step == 0 || list->first_max == 0)) {
        state->has_help = false;
        state->wants_end = key == 'q';
    } else if (step != 0) {
        move(state, model, step, list);
    } else if (!look_key(state, key, now_ms)) {
        page_key(state, model, key);
    }
}
