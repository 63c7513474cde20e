/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside the engine: values in columns, and what functions see of an evaluation.
 *
 * A value has all steps of its evaluation at once: one array of `steps` doubles per series, in which
 * MODEL_ABSENT_BITS marks a step without a sample. A histogram stands in a second array; the double beside it
 * is 0.
 *
 * Thread-safety: one thread.
 * V1  a step has a sample exactly if !model_is_absent(values[step]); then histograms[step] (if the array is
 *     there) is NULL for a float.
 * V2  no sample has the bits of MODEL_ABSENT_BITS or MODEL_STALE_BITS.
 * V3  no two series of a finished value have the same labels at the same step (promql_value_merge()).
 */
#ifndef IFM_PROMQL_VALUE_H
#define IFM_PROMQL_VALUE_H

#include "promql/engine.h"

typedef struct promql_series {
    model_labels labels;
    double *values;                     /* of `steps` items */
    const model_histogram **histograms; /* NULL: all are floats */
    bool drop_name; /* metadata labels go at the end of the query (delayed name removal) */
} promql_series;

typedef struct promql_value {
    promql_type type;
    promql_series *series; /* VECTOR */
    size_t count;
    double *scalar;   /* SCALAR: one per step */
    promql_text text; /* STRING */
} promql_value;

/* One evaluation: of the query, or of a subquery inside it. */
typedef struct promql_eval {
    const promql_engine_options *options; /* completed: no zeros */
    struct promql_run *run;               /* what is shared by all evaluations of one query */
    ifm_bump *arena;
    ifm_bump *reads; /* samples that are read, until the next series is */
    int64_t start_ms;
    int64_t end_ms;
    int64_t step_ms; /* > 0, also of an instant query */
    size_t steps;
    bool stats;           /* below histogram_count(), histogram_sum() or histogram_avg() .. */
    bool stats_forbidden; /* .. and below a subquery, or a function that needs the buckets */
    ifm_error *err;
} promql_eval;

static inline int64_t promql_step_time_ms(const promql_eval *eval, size_t step)
{
    return eval->start_ms + (int64_t)step * eval->step_ms;
}

/* One sample, or none. */
typedef struct promql_sample {
    bool present;
    double value;
    const model_histogram *histogram;
} promql_sample;

/* The samples of one series around one step, floats and histograms together in the order of time, stale
 * markers left out. Those with start_ms < time <= end_ms; of anchored and smoothed selectors also up to the
 * lookback before it (and for smoothed after it). */
typedef struct promql_window {
    size_t count;
    const int64_t *times_ms;
    const double *values;                     /* beside a histogram, 0 */
    const model_histogram *const *histograms; /* NULL: all are floats */
    const int64_t *starts_ms;                 /* NULL: unknown, or not wanted; 0: unknown for that sample */
    int64_t start_ms;                         /* time of the step - offset - range */
    int64_t end_ms;                           /* time of the step - offset */
    int64_t time_ms;                          /* of the step */
    int64_t range_ms;
    int64_t offset_ms;
    promql_extended extended;
    const double *scalars; /* the scalar arguments at this step, in order */
    size_t step;
    model_labels labels;         /* of the series, for annotations */
    const promql_node *call;     /* PROMQL_CALL */
    const promql_node *argument; /* the range vector among its arguments */
} promql_window;

/* A function over a range vector: one step of one series. The window is not empty. False: eval->err is
 * set. */
typedef bool promql_range_function(promql_eval *eval, const promql_window *window, promql_sample *out);

typedef struct promql_sweep_shared promql_sweep_shared; /* what series with the same times have in common */

/* One series of floats alone and a plain range, for all steps at once. The window of step i has the samples
 * with end - range_ms < time <= end, where end = end_ms + i * stride_ms. */
typedef struct promql_sweep {
    promql_sweep_shared **shared; /* between the series of a call, NULL at first; NULL: nothing is shared */
    size_t count;
    const int64_t *times_ms;
    const double *values;
    int64_t end_ms;
    int64_t stride_ms; /* 0: all windows are the same */
    int64_t range_ms;
    size_t steps;
} promql_sweep;

/* What a range function may have beside: the same results, faster. out[0..steps) is absent before; *seen
 * becomes the number of samples in all windows. False: eval->err is set. */
typedef bool promql_sweep_function(promql_eval *eval, const promql_sweep *sweep, double *out, uint64_t *seen);

/* Any other function: all steps of all series. `arguments` are the function's own and may be changed and
 * handed on as *out. Absent arguments (Prometheus's optional ones) are not among them. The engine merges what
 * comes out (V3). False: eval->err is set. */
typedef bool promql_instant_function(promql_eval *eval, const promql_node *call, promql_value *arguments,
                                     size_t count, promql_value *out);

typedef struct promql_function_code {
    const char *name;
    promql_range_function *range; /* one of the two */
    promql_instant_function *instant;
    promql_sweep_function *sweep; /* of some of the former; or NULL */
    bool keeps_name; /* range: the series keeps its metadata labels (last_over_time, first_over_time) */
} promql_function_code;

/* By functions_table.c; NULL for those of the engine: absent, absent_over_time, end, info, range, scalar,
 * start, step, time, timestamp, vector. */
const promql_function_code *promql_function_code_find(const char *name);

/* Sets eval->err (the first failure wins) and returns false. */
bool promql_eval_fail(promql_eval *eval, ifm_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* False, with eval->err set, when the arena has no more. */
bool promql_check_arena(promql_eval *eval);
/* To be called in every long loop; cheap. */
bool promql_check_interrupt(promql_eval *eval);

/* Annotations, once per text. `at` gives the position. The text goes without "PromQL info: ". */
void promql_warn(promql_eval *eval, const promql_node *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void promql_info(promql_eval *eval, const promql_node *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The one with this key and kind, made when there is none (text: the key); its `text` and `detail` may be
 * set. NULL without memory. */
promql_annotation *promql_annotate(promql_eval *eval, const promql_node *at, bool warning, const char *key);
/* The metric's name in quotes as %q writes it, for annotations; in the arena. */
const char *promql_quoted_name(promql_eval *eval, model_labels labels);

/* `steps` doubles, all absent; NULL without memory (which sticks in the arena). */
double *promql_column_new(promql_eval *eval);
/* One more series with an empty column; NULL without memory. */
promql_series *promql_value_add(promql_eval *eval, promql_value *value, model_labels labels);
/* Marks the series, or removes its metadata labels at once when removal is not delayed. */
void promql_drop_name(promql_eval *eval, promql_series *series);

static inline promql_sample promql_series_at(const promql_series *series, size_t step)
{
    promql_sample sample = {.present = !model_is_absent(series->values[step]), .value = series->values[step]};
    sample.histogram = series->histograms == NULL ? NULL : series->histograms[step];
    return sample;
}
/* Writes one step; without memory the arena remembers. */
void promql_series_set(promql_eval *eval, promql_series *series, size_t step, promql_sample sample);

/* Memory for scratch work of one call: valid until the next call of this function in the query. NULL
 * without. */
void *promql_scratch(promql_eval *eval, size_t bytes);

/* Finds sets of labels again: labels to small numbers, in the order in which they came. */
typedef struct promql_index {
    struct promql_index_slot *slots;
    size_t slot_count;
    size_t count;
} promql_index;

/* *number is that of `labels`; *fresh when it is new (then the number is the old count). False without
 * memory. */
bool promql_index_put(promql_eval *eval, promql_index *index, model_labels labels, size_t *number,
                      bool *fresh);
/* False when it is not there. */
bool promql_index_get(const promql_index *index, model_labels labels, size_t *number);

/* Joins series of the same labels; two samples at one step are Prometheus's error "vector cannot contain
 * metrics with the same labelset". */
bool promql_value_merge(promql_eval *eval, promql_value *value);

/* eval_expr.c: evaluates any node but a range vector. */
bool promql_eval_node(promql_eval *eval, const promql_node *node, promql_value *out);

#endif
