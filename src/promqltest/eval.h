/* SPDX-License-Identifier: Apache-2.0
 *
 * eval: a query, and what is expected of it.
 */
#ifndef IFM_PROMQLTEST_EVAL_H
#define IFM_PROMQLTEST_EVAL_H

#include "promqltest/run.h"

typedef enum promqltest_expect_kind {
    PROMQLTEST_FAIL,
    PROMQLTEST_WARN,
    PROMQLTEST_INFO,
    PROMQLTEST_NO_WARN,
    PROMQLTEST_NO_INFO,
    PROMQLTEST_ORDERED,
    PROMQLTEST_EXPECT_KINDS
} promqltest_expect_kind;

/* A line "expect fail msg: ...". */
typedef struct promqltest_expect {
    promqltest_expect_kind kind;
    model_text text;    /* of the message, or of the pattern */
    bool exact;         /* else `pattern` is to be found, or anything is right */
    model_regex *regex; /* NULL: anything */
} promqltest_expect;

/* A series, with a value for each step. */
typedef struct promqltest_expected {
    promqltest_series series;
    size_t position; /* 1 is the first */
    bool seen;       /* scratch of a comparison */
} promqltest_expected;

typedef struct promqltest_eval {
    model_text query;
    bool is_range;
    int64_t start_ms; /* of what is expected; the time of an instant query */
    int64_t end_ms;
    int64_t step_ms;
    int64_t eval_ms;     /* when an instant query is evaluated */
    bool expects_matrix; /* expect range vector */
    bool expects_string;
    bool expects_scalar;
    double scalar;
    model_text string;
    promqltest_expect *expects;
    size_t expect_count;
    size_t kinds[PROMQLTEST_EXPECT_KINDS]; /* how many of each */
    promqltest_expected *series;
    size_t series_count;
} promqltest_eval;

/* Reads the command whose first word was `first`, "eval" or the older "eval_fail" and its like.
 * promqltest_eval_free() whatever is returned. False: it is wrong. */
bool promqltest_eval_read(promqltest_run_state *run, model_text first, model_text rest, promqltest_eval *out,
                          ifm_error *err);
void promqltest_eval_free(promqltest_eval *eval);

/* What is wrong with a result, appended to `why`; nothing when it is right. Whether memory was out,
 * why->failed tells. compare.c */
void promqltest_compare(promqltest_eval *eval, const promql_result *result, ifm_buf *why);
/* The middle step of a range query as the result of the instant query of type `type`. */
void promqltest_compare_step(promqltest_eval *eval, const promql_result *result, promql_type type,
                             int64_t time_ms, ifm_bump *arena, ifm_buf *why);

/* annotations.c */
void promqltest_compare_annotations(const promqltest_eval *eval, const promql_result *result,
                                    model_text query, ifm_buf *why);
/* Whether `text` is one of those that may stand for the failure. */
void promqltest_compare_failure(const promqltest_eval *eval, const char *text, ifm_buf *why);

/* Appends a sample as the language writes it. */
void promqltest_print_sample(ifm_buf *out, double value, const model_histogram *histogram);

/* The query with each selector that is not under a subquery, and each subquery that is not under another,
 * fixed to `time_ms`, printed to `out`. *fixable is false when its result depends on the time all the same.
 * False: it is no query, or memory is out. rewrite.c */
bool promqltest_rewrite(model_text query, int64_t time_ms, ifm_bump *arena, ifm_buf *out, bool *fixable,
                        ifm_error *err);

/* Runs it with all re-runs. Appends what failed to `why`; false with `err` when the run has to end. eval.c */
bool promqltest_eval_run(promqltest_run_state *run, promqltest_eval *eval, ifm_buf *why, ifm_error *err);

#endif
