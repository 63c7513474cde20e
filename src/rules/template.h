/* SPDX-License-Identifier: Apache-2.0
 *
 * The texts of labels and annotations: Go's text/template as Prometheus has it for alerts, with its
 * functions. What is wrong with a value is an error of the expansion, as in Go. Of the methods of a time
 * (toTime) and a duration (toDuration) there are those that texts want: template_time.c.
 *
 * Thread-safety: a parsed template is constant; an expansion is one thread's.
 */
#ifndef RULES_TEMPLATE_H
#define RULES_TEMPLATE_H

#include "model/model.h"

typedef struct rules_template rules_template;

typedef struct rules_sample { /* of a query's result */
    model_labels labels;
    double value;
} rules_sample;

typedef struct rules_vector {
    const rules_sample *const *items;
    size_t count;
} rules_vector;

typedef struct rules_template_data {
    model_labels labels;
    double value;
    model_labels external_labels;
    const char *external_url; /* without a slash at its end */
    int64_t time_ms;
    /* Evaluates an expression at time_ms, in `arena`. NULL: there are no queries. */
    bool (*query)(void *context, model_text expr, ifm_bump *arena, rules_vector *out, ifm_error *err);
    /* Asked now and then: IFM_OK, or why it has to end. NULL: it goes on until it is through. */
    ifm_code (*interrupted)(void *context);
    void *context;
} rules_template_data;

/* Parses; all in `arena`, the text copied. NULL: IFM_INVALID with a sentence, IFM_LIMIT, IFM_NOMEM. */
const rules_template *rules_template_parse(model_text text, ifm_bump *arena, ifm_error *err);

/* Appends what becomes of it. Errors: IFM_INVALID, IFM_LIMIT, IFM_NOMEM, what interrupted() said; `out` then
 * holds what came before. */
bool rules_template_expand(const rules_template *template, const rules_template_data *data, ifm_buf *out,
                           ifm_error *err);

#endif
