/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to top: what is looked at, and what a key makes of it. No terminal, no clock.
 *
 *     overview --Enter--> pipeline          Tab, o, t, a go to overview, targets and alerts from everywhere;
 *     overview <--Esc---- pipeline          ? lays the help over any page, and any key takes it away;
 *                                           / has the line of the filter, until Enter (keeps it) or Esc
 *
 * Thread-safety: one thread.
 */
#ifndef TOP_STATE_H
#define TOP_STATE_H

#include "top/list.h"
#include "top/model.h"
#include "top/top.h"

enum { TOP_FILTER_SIZE = 64 };

/* Beside characters, which are their code points. */
enum {
    TOP_KEY_UP = 0x110000,
    TOP_KEY_DOWN,
    TOP_KEY_PAGE_UP,
    TOP_KEY_PAGE_DOWN,
    TOP_KEY_HOME,
    TOP_KEY_END,
    TOP_KEY_ENTER,
    TOP_KEY_ESCAPE,
    TOP_KEY_BACKSPACE,
    TOP_KEY_TAB,
    TOP_KEY_BACK_TAB
};

typedef enum top_column {
    TOP_COLUMN_NAME,
    TOP_COLUMN_REQUESTS,
    TOP_COLUMN_ERRORS,
    TOP_COLUMN_P50,
    TOP_COLUMN_P95,
    TOP_COLUMN_P99,
    TOP_COLUMN_IN_FLIGHT,
    TOP_COLUMN_QUEUE,
    TOP_COLUMN_IN_TIME,
    TOP_COLUMN_UP,
    TOP_COLUMN_COUNT
} top_column;

typedef struct top_state {
    top_page page;
    bool has_help, is_filtering, wants_refresh, wants_end;
    char filter[TOP_FILTER_SIZE], filter_before[TOP_FILTER_SIZE];
    top_column sort;
    bool is_reversed;
    char selected[TOP_NAME_SIZE]; /* row of the Overview; "": the first */
    char pipeline[TOP_NAME_SIZE]; /* that is open */
    int scroll;                   /* the first row, target, alert or stage on the page */
    int help_scroll;
    int64_t range_ms;
    int64_t pan_ms;       /* how long before now the range ends */
    int64_t paused_at_ms; /* -1: it goes on */
    unsigned hidden;      /* bit n: not series n */
    top_graph graph;
    bool is_utf8, has_colour;
} top_state;

void top_state_init(top_state *state, const top_options *options);

/* `list`: what the page, or the help over it, shows of its list. */
void top_state_key(top_state *state, const top_model *model, uint32_t key, const top_list *list,
                   int64_t now_ms);

/* The end of what is looked at; by the same clock as `now_ms` and that of top_state_key(). */
int64_t top_state_end(const top_state *state, int64_t now_ms);

/* The Overview's rows, filtered and sorted: indices into the pipelines. `out` has room for all. */
size_t top_rows(const top_model *model, const top_state *state, size_t *out);
/* Where the selected one is; 0 when it is not there. */
size_t top_rows_selected(const top_model *model, const top_state *state, const size_t *rows, size_t count);

/* Whether one of the texts, which end with NULL, has the filter in it; without regard to case. */
bool top_filter_match(const char *filter, const char *const *texts);

/* A number to sort by; NaN comes last. */
double top_column_value(const top_model *model, const top_pipeline *pipeline, top_column column);

#endif
