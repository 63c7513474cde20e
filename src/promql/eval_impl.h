/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the evaluator: what all evaluations of one query share, and the parts of it in other files.
 *
 * Thread-safety: one thread.
 */
#ifndef IFM_PROMQL_EVAL_IMPL_H
#define IFM_PROMQL_EVAL_IMPL_H

#include "promql/value.h"

typedef struct promql_run {
    promql_engine_options options; /* without zeros */
    storage *from;
    int64_t start_ms, end_ms, step_ms; /* of the query; step 0: instant */
    promql_result *result;             /* annotations and counts go there */
    storage_querier **queriers;        /* open until the end */
    size_t querier_count;
    uint64_t samples;         /* in memory now */
    uint64_t work;            /* samples that were worked on */
    ifm_bump reads;           /* with the result's arena not more than options.bytes_max */
    promql_index annotations; /* of the result, by kind and text */
    void *scratch;
    size_t scratch_size;
} promql_run;

/* eval_support.c: puts "?" for what is no UTF-8: strings of a query may hold any byte, or were cut; messages
 * become JSON. */
void promql_make_valid(char *text);
/* False, with eval->err set, when one of the query's arenas has no more. */
bool promql_check_bump(promql_eval *eval, const ifm_bump *bump);
/* As promql_check_interrupt(), after work on so many samples. */
bool promql_check_work(promql_eval *eval, size_t samples);
/* Counts samples that are held now; false past the limit. */
bool promql_hold_samples(promql_eval *eval, uint64_t count);
/* The same for samples that are held for a moment. */
bool promql_may_hold(promql_eval *eval, uint64_t more);
/* Refuses two series of the same labels, also if they have no step in common. */
bool promql_value_check_distinct(promql_eval *eval, const promql_value *value);
/* Samples of a value. */
uint64_t promql_value_samples(const promql_eval *eval, const promql_value *value);
/* Removes series without any sample. */
void promql_value_prune(const promql_eval *eval, promql_value *value);
const promql_node *promql_unwrap(const promql_node *node);
model_text promql_model_text(promql_text text);

/* eval_duration.c: milliseconds of a duration, computed where it is an expression. */
bool promql_range_ms(promql_eval *eval, const promql_node *node, int64_t *out);
bool promql_subquery_step_ms(promql_eval *eval, const promql_node *node, int64_t *out);

/* Computes all durations of the tree, so that one that fails does so whatever the data is. */
bool promql_check_durations(promql_eval *eval, const promql_node *root);

/* Where a selector or a subquery looks: at time of step - offset, or at one fixed time for all steps. */
typedef struct promql_moment {
    bool fixed;
    int64_t fixed_ms;
    int64_t offset_ms;
} promql_moment;

bool promql_moment_of(promql_eval *eval, const promql_shift *shift, promql_moment *out);
int64_t promql_moment_at(const promql_eval *eval, const promql_moment *moment, size_t step);

/* eval_invariant.c: whether the node has the same value at all steps of any evaluation. */
bool promql_invariant(const promql_node *node);

/* eval_selector.c */
typedef enum promql_selector_value {
    PROMQL_SELECT_VALUE,
    PROMQL_SELECT_TIME,       /* seconds of the sample, for timestamp() */
    PROMQL_SELECT_START_TIME, /* seconds of its start timestamp */
    PROMQL_SELECT_INFO        /* as PROMQL_SELECT_TIME, of info metrics: a histogram is an error */
} promql_selector_value;

bool promql_eval_selector(promql_eval *eval, const promql_node *node, promql_selector_value what,
                          promql_value *out);
/* The series of some matchers, compiled; `function` is for the storage's hints. */
typedef struct promql_selection {
    storage_querier *querier;
    const storage_series *series;
    size_t count;
} promql_selection;

bool promql_select(promql_eval *eval, const model_matcher *matchers, size_t count, const storage_hints *hints,
                   promql_selection *out);
/* Compiles the matchers of a selector into an array; promql_matchers_free() frees what was compiled. */
model_matcher *promql_matchers_new(promql_eval *eval, const promql_matcher *matchers, size_t count);
void promql_matchers_free(model_matcher *matchers, size_t count);
/* One instant vector out of selected series. */
bool promql_select_instant(promql_eval *eval, const promql_selection *selection, const promql_moment *moment,
                           promql_selector_value what, promql_value *out);

/* Reads samples into eval->reads, which is taken back with promql_forget() when none of them is a histogram:
 * those are handed on as they are. */
bool promql_read(promql_eval *eval, storage_querier *querier, const storage_series *series, int64_t first_ms,
                 int64_t last_ms, storage_samples *out);
void promql_forget(promql_eval *eval, ifm_bump_mark mark, const storage_samples *samples);

/* eval_smoothed.c: the same, interpolated between the samples before and after each step. */
bool promql_select_smoothed(promql_eval *eval, const promql_node *node, const promql_selection *selection,
                            const promql_moment *moment, promql_value *out);

/* eval_window.c: the samples of a range vector, series by series. */
typedef struct promql_track {
    model_labels labels;
    storage_samples samples; /* without stale markers */
    bool drop_name;
} promql_track;

typedef struct promql_range {
    const promql_node *node; /* PROMQL_MATRIX or PROMQL_SUBQUERY */
    promql_moment moment;
    int64_t range_ms;
    promql_extended extended;
    size_t count;
    promql_selection selection; /* PROMQL_MATRIX */
    promql_value value;         /* PROMQL_SUBQUERY */
    promql_eval inner;
    int64_t *times;            /* of the subquery's steps */
    int64_t first_ms, last_ms; /* PROMQL_MATRIX: what to read */
} promql_range;

bool promql_range_open(promql_eval *eval, const promql_node *node, const char *function, promql_range *out);
/* The samples of a range vector that is the query's result itself. */
bool promql_range_points(promql_eval *eval, const promql_range *range, const promql_track *track,
                         promql_point **points, size_t *count);
/* Under histogram_count() and its like (eval->stats), Prometheus decodes histograms in a way that finds out
 * of each whether counting started anew. */
bool promql_detect_resets(promql_eval *eval, storage_samples *samples);
bool promql_leave_out_stale(promql_eval *eval, storage_samples *samples);
bool promql_range_track(promql_eval *eval, promql_range *range, size_t index, promql_track *out);

/* eval_call.c: a call over a range vector while its series are worked on. */
typedef struct promql_range_call {
    const promql_function_code *code;
    promql_range range;
    promql_window window;
    const double **scalars; /* columns of the scalar arguments */
    size_t scalar_count;
    double *at_step; /* scalars of one step */
    promql_sweep_shared *shared;
} promql_range_call;

bool promql_range_call_open(promql_eval *eval, const promql_node *node, const promql_function_code *code,
                            promql_range_call *out);
model_labels promql_range_call_labels(const promql_range_call *call, size_t index);
/* Fills the empty column of series `index`. */
bool promql_range_call_column(promql_eval *eval, promql_range_call *call, size_t index,
                              promql_series *series);
/* Whether the function knows samples around its range, when the selector is anchored or smoothed. */
bool promql_check_extended(promql_eval *eval, const char *name, const promql_node *argument);
bool promql_eval_call(promql_eval *eval, const promql_node *node, promql_value *out);
/* eval_counter.c: what to say of a series with a result of rate() or increase(). */
void promql_check_counter(promql_eval *eval, const promql_node *call, model_labels labels,
                          const promql_series *series);
/* eval_builtin.c: functions of the engine itself; NULL when it is none of them. */
typedef bool promql_builtin(promql_eval *eval, const promql_node *call, promql_value *out);
promql_builtin *promql_builtin_find(const char *name);
/* eval_info.c */
bool promql_eval_info(promql_eval *eval, const promql_node *call, promql_value *out);

/* eval_operator.c: one operation on two samples. */
typedef struct promql_operation {
    promql_sample result;
    bool keep;
    const char *annotation; /* NULL: none; else in the arena, without "PromQL ..: " */
    bool warning;
    bool failed; /* there is no result, the annotation says why */
} promql_operation;

double promql_scalar_operation(promql_operator op, double left, double right);
bool promql_sample_operation(promql_eval *eval, promql_operator op, promql_sample left, promql_sample right,
                             promql_operation *out);
bool promql_changes_schema(promql_operator op);

/* eval_binary.c, eval_match.c, eval_set.c */
bool promql_eval_binary(promql_eval *eval, const promql_node *node, promql_value *out);
bool promql_eval_match(promql_eval *eval, const promql_node *node, promql_value *left, promql_value *right,
                       promql_value *out);
bool promql_eval_set(promql_eval *eval, const promql_node *node, promql_value *left, promql_value *right,
                     promql_value *out);
/* The labels that two series must share, of each series a number. */
bool promql_signatures(promql_eval *eval, const promql_matching *matching, const promql_value *value,
                       promql_index *index, size_t **out);
model_labels promql_match_labels(promql_eval *eval, const promql_matching *matching, model_labels labels);

/* The last annotation of each step is the one that Prometheus gives. */
typedef struct promql_last {
    const char **texts; /* one per step; NULL: none yet */
    bool *warnings;
} promql_last;

void promql_last_set(promql_eval *eval, promql_last *last, size_t step, const promql_operation *operation);
void promql_last_emit(promql_eval *eval, const promql_last *last, const promql_node *at);

/* eval_stream.c: the operand of an aggregation, one series at a time. */
typedef struct promql_stream {
    bool is_call;
    promql_range_call call;
    promql_selection selection;
    promql_moment moment;
    int64_t first_ms, last_ms;
    promql_value labels; /* series without columns */
    double *values;      /* of the column that was made last */
    promql_series column;
} promql_stream;

/* *possible is false when the expression has to be evaluated as a whole. */
bool promql_stream_open(promql_eval *eval, const promql_node *node, promql_stream *out, bool *possible);
/* Valid until the next call. NULL: eval->err is set. */
const promql_series *promql_stream_column(promql_eval *eval, promql_stream *stream, size_t index);
/* Whether a selector's series is there: eval_selector.c. */
bool promql_selector_column(promql_eval *eval, const storage_samples *samples, const promql_moment *moment,
                            promql_selector_value what, promql_series *series);
bool promql_selector_open(promql_eval *eval, const promql_node *node, promql_selector_value what,
                          promql_selection *selection, promql_moment *moment);
void promql_column_clear(const promql_eval *eval, double *values);

/* eval_aggregate.c and its parts */
typedef struct promql_groups {
    size_t count;
    model_labels *labels; /* of each group */
    size_t *of_series;    /* the group of each series */
    size_t **members;     /* of each group: its series, in order */
    size_t *sizes;
} promql_groups;

bool promql_groups_make(promql_eval *eval, const promql_node *node, const promql_value *input,
                        promql_groups *out);
bool promql_eval_aggregate(promql_eval *eval, const promql_node *node, promql_value *out);
bool promql_aggregate_pick(promql_eval *eval, const promql_node *node, const double *param,
                           promql_value *input, promql_value *out);
bool promql_aggregate_count_values(promql_eval *eval, const promql_node *node, promql_value *input,
                                   promql_value *out);

#endif
