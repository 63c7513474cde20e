/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to top: the questions, in PromQL that Prometheus 2.40 and newer understand.
 *
 * Thread-safety: one thread.
 */
#ifndef TOP_QUESTION_H
#define TOP_QUESTION_H

#include "top/model.h"

/* What a question is about, beside the model. */
typedef struct top_scope {
    int64_t range_ms;
    int64_t step_ms; /* of lines */
    double objective_s;
} top_scope;

/* Whether it is asked over a range. */
bool top_question_is_range(top_ask ask);
/* Its path when it is no query; NULL for queries. */
const char *top_question_path(top_ask ask);

/* The expression; nothing when there is nothing to ask. */
void top_question_append(const top_model *model, top_ask ask, const top_scope *scope, ifm_buf *out);

/* Steps of whole seconds, so that a range has about `points`, and at most `max` of them. */
int64_t top_question_step(int64_t range_ms, int points, int max);

/* "NAME=VALUE" of a form, with "&" before it when it is not the first. */
void top_form_append(ifm_buf *form, const char *name, const char *value);

#endif
