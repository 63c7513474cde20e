/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to top: the kinds of answers, for answer.c.
 *
 * Thread-safety: one thread.
 */
#ifndef TOP_ANSWER_PARTS_H
#define TOP_ANSWER_PARTS_H

#include "top/answer.h"

#include <jansson.h>

/* A text, "" for what is none. */
const char *top_json_text(const json_t *object, const char *key);
/* A number, or a text of a number as samples have it; NaN for what is neither. */
double top_json_number(const json_t *value);

/* The index of a point in a frame; -1 outside. */
int top_frame_index(const top_frame *frame, const json_t *time);

/* Of `data`. */
bool top_answer_targets(top_model *model, const json_t *data, ifm_error *err);
bool top_answer_alerts(top_model *model, const json_t *data, ifm_error *err);
/* Of `result`, an array. */
bool top_answer_places(top_model *model, const json_t *result, ifm_error *err);
bool top_answer_heat(top_model *model, const top_asked *asked, const json_t *result, ifm_error *err);

#endif
