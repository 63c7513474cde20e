/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to info(): what both its halves work on. eval_info_metrics.c finds the info metrics, eval_info.c
 * joins them.
 *
 * Thread-safety: one thread.
 */
#ifndef IFM_PROMQL_EVAL_INFO_H
#define IFM_PROMQL_EVAL_INFO_H

#include "promql/eval_impl.h"

/* The labels that say which target a series is of: "instance", "job". */
enum { PROMQL_IDENTIFYING_COUNT = 2 };
extern const char *const promql_identifying[PROMQL_IDENTIFYING_COUNT];

/* Info series with the same name, job and instance: at each step the one with the newest sample counts. */
typedef struct promql_info_group {
    size_t *members;
    size_t member_count;
    size_t *winners; /* 1 + the index of the series at each step; 0: none */
} promql_info_group;

typedef struct promql_info_call {
    const promql_node *call;
    const promql_vector *selector; /* NULL: none given */
    model_matcher *matchers;       /* of the selector, compiled */
    size_t matcher_count;
    promql_value base;
    bool *ignored;        /* of each base series: it is an info metric itself */
    promql_value metrics; /* values are seconds of the sample's own time */
    promql_index index;   /* name, job and instance to a group */
    promql_info_group *groups;
    model_text *names; /* of info metrics */
    size_t name_count;
    promql_index results;
    promql_value *out;
} promql_info_call;

static inline bool promql_is_name(model_text name)
{
    return model_text_equal(name, model_text_of(MODEL_NAME_LABEL));
}

/* The matchers of the call's selector, compiled. */
bool promql_info_matchers(promql_eval *eval, promql_info_call *in);
/* Which base series are info metrics themselves, and the info metrics of the others. */
bool promql_info_find(promql_eval *eval, promql_info_call *in);

#endif
