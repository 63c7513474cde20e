/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to top: the pages, drawn from what is known and what is looked at. Pure: the same model, state
 * and time make the same screen.
 *
 * Thread-safety: one thread.
 */
#ifndef TOP_VIEW_H
#define TOP_VIEW_H

#include "top/state.h"

typedef struct top_view {
    top_screen *screen;
    const top_model *model;
    const top_state *state;
    const top_options *options;
    int64_t now_ms;
    bool is_once; /* one frame for reading: no row is selected, no keys are named */
} top_view;

/* Draws all of the screen. Errors: IFM_NOMEM. */
bool top_view_draw(const top_view *view, ifm_error *err);

/* What this screen shows of the list of the page, or of the help. */
top_list top_view_list(const top_view *view);

/* How many lines one frame needs to show its list whole. */
int top_view_lines_wanted(const top_view *view);

/* The pages, each in its area. */
bool top_view_overview(const top_view *view, top_area area, ifm_error *err);
bool top_view_pipeline(const top_view *view, top_area area, ifm_error *err);
void top_view_targets(const top_view *view, top_area area);
void top_view_alerts(const top_view *view, top_area area);
void top_view_help(const top_view *view, top_area area);

/* What each shows of its list in that area. */
top_list top_view_overview_list(const top_view *view, top_area area);
top_list top_view_stages_list(const top_view *view, top_area area);
top_list top_view_targets_list(const top_view *view, top_area area);
top_list top_view_alerts_list(const top_view *view, top_area area);
top_list top_view_help_list(const top_view *view, top_area area);

/* "targets 1 to 9 of 60" in the last line of an area whose list goes on. */
void top_view_list_foot(const top_view *view, top_area area, const top_list *list, const char *what,
                        size_t left_out);

/* A line with a title, "-- Stages ------ 1m --", and what stands at its right end. */
void top_view_title(const top_view *view, top_area area, const char *title, const char *right);

/* A sentence over several lines, the last one cut; returns how many. */
int top_view_sentence(const top_view *view, top_area area, unsigned style, const char *text);

/* Good, or how bad: of a share of errors, of a share in time. */
unsigned top_view_errors_style(double share);
unsigned top_view_in_time_style(double share);

/* The number by which series and rows of pipelines are told apart: their place by name; from 9 on -1. */
int top_view_number(const top_model *model, const top_pipeline *pipeline);

#endif
