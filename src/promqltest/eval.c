/* SPDX-License-Identifier: Apache-2.0
 *
 * Runs a query once, and in all the ways in which its result must be the same.
 */
#include "promqltest/eval.h"
#include "promqltest/text.h"

#include <inttypes.h>

enum { MINUTE_MS = 60 * 1000 };

typedef struct attempt {
    promqltest_run_state *run;
    promqltest_eval *eval;
    model_text query;
    int64_t time_ms;
    ifm_buf *why;
    ifm_error *err;
} attempt;

static promql_engine_options engine_options(const promqltest_options *options)
{
    promql_engine_options to = promql_engine_defaults();
    if (options->bytes_max != 0) {
        to.bytes_max = options->bytes_max;
    }
    to.samples_max = options->samples_max == 0 ? PROMQLTEST_QUERY_SAMPLES_MAX : options->samples_max;
    to.delayed_name_removal = !options->drop_names_early;
    to.start_timestamps = !options->no_starts;
    to.interrupted = options->interrupted;
    to.context = options->context;
    return to;
}

/* Whether the failure ends the run, instead of being a result. */
static bool ends_run(const ifm_error *err)
{
    return err->code == IFM_CANCELED || err->code == IFM_TIMEOUT || err->code == IFM_NOMEM;
}

static bool query_run(const attempt *of, int64_t start_ms, int64_t end_ms, int64_t step_ms,
                      promql_result *result, ifm_error *err)
{
    promql_engine_options options = engine_options(of->run->options);
    const promql_query query = {.text = of->query.data,
                                .size = of->query.size,
                                .start_ms = start_ms,
                                .end_ms = end_ms,
                                .step_ms = step_ms};
    return promql_query_run(&options, of->run->queried, &query, result, err);
}

/* start(), end(), range() and step() mean something else in a range query. */
static bool asks_for_range(model_text query)
{
    static const char *const calls[] = {"start()", "end()", "range()", "step()"};
    for (size_t i = 0; i < IFM_COUNT_OF(calls); i++) {
        if (memmem(query.data, query.size, calls[i], strlen(calls[i])) != NULL) {
            return true;
        }
    }
    return false;
}

/* The result as the middle one of three steps. */
static bool run_in_range(attempt *of, promql_type type)
{
    const promqltest_eval *eval = of->eval;
    if (eval->expects_string || eval->expects_matrix || asks_for_range(of->query)) {
        return true;
    }
    promql_result result;
    ifm_error err;
    bool ok = query_run(of, of->time_ms - MINUTE_MS, of->time_ms + MINUTE_MS, MINUTE_MS, &result, &err);
    if (!ok && ends_run(&err)) {
        *of->err = err;
    } else if (!ok) {
        ifm_buf_printf(of->why, "expected a result in a range query, got \"%s\"", err.message);
    } else if (eval->kinds[PROMQLTEST_ORDERED] == 0) {
        promqltest_compare_step(of->eval, &result, type, of->time_ms, &of->run->arena, of->why);
        ifm_buf_append_text(of->why, of->why->size > 0 ? " (in a range query)" : "");
    }
    promql_result_free(&result);
    return ok || !ends_run(&err);
}

/* What a query yielded, or why it failed. */
static void judge(attempt *of, bool ok, const promql_result *result, const ifm_error *err)
{
    bool fails = of->eval->kinds[PROMQLTEST_FAIL] > 0;
    if (!ok && fails) {
        promqltest_compare_failure(of->eval, result->error != NULL ? result->error : err->message, of->why);
    } else if (!ok) {
        ifm_buf_printf(of->why, "expected a result, got the failure \"%s\"", err->message);
    } else if (fails) {
        ifm_buf_append_text(of->why, "expected a failure, got a result");
    } else {
        promqltest_compare_annotations(of->eval, result, of->query, of->why);
        if (of->why->size == 0) {
            promqltest_compare(of->eval, result, of->why);
        }
    }
}

/* One instant query. */
static bool run_once(attempt *of)
{
    promql_result result;
    ifm_error err;
    bool ok = query_run(of, of->time_ms, of->time_ms, 0, &result, &err);
    if (!ok && ends_run(&err)) {
        *of->err = err;
        promql_result_free(&result);
        return false;
    }
    promql_type type = ok ? result.type : PROMQL_TYPE_NONE;
    judge(of, ok, &result, &err);
    promql_result_free(&result);
    bool again = ok && of->why->size == 0 && !of->run->options->no_reruns;
    return !again || run_in_range(of, type);
}

/* Bytes of a query that is shown: the rest of PROMQLTEST_FAILURE_BYTES_MAX is for what failed. */
enum { QUERY_SHOWN_MAX = 16 * 1024 };

static void show(attempt *of, bool rewritten)
{
    ifm_buf *why = of->why;
    ifm_buf text;
    if (why->size == 0) {
        return;
    }
    ifm_buf_init(&text, PROMQLTEST_FAILURE_BYTES_MAX);
    bool cut = of->query.size > QUERY_SHOWN_MAX;
    ifm_buf_append(&text, of->query.data, cut ? QUERY_SHOWN_MAX : of->query.size);
    ifm_buf_append_text(&text, cut ? "..." : "");
    if (rewritten) {
        ifm_buf_printf(&text, " at %" PRId64 " ms", of->time_ms);
    }
    ifm_buf_append_text(&text, ": ");
    ifm_buf_append(&text, why->data, why->size);
    ifm_buf_clear(why);
    ifm_buf_append(why, text.data, text.size);
    if (text.failed == IFM_NOMEM) {
        why->failed = IFM_NOMEM;
    }
    ifm_buf_deinit(&text);
}

/* With selectors fixed to the query's own time, at other times. */
static bool run_elsewhere(attempt *of)
{
    int64_t at = of->eval->eval_ms;
    const int64_t around_zero[] = {-1000, 0, 1000};
    const int64_t times[] = {-10 * at, 0, at / 5, at, 10 * at};
    const int64_t *all = at == 0 ? around_zero : times;
    size_t count = at == 0 ? IFM_COUNT_OF(around_zero) : IFM_COUNT_OF(times);
    bool fixable = false;
    ifm_buf text;
    ifm_buf_init(&text, PROMQLTEST_FILE_BYTES_MAX);
    bool ok = promqltest_rewrite(of->query, at, &of->run->arena, &text, &fixable, of->err);
    of->query = (model_text){text.data, text.size};
    for (size_t i = 0; ok && fixable && i < count && of->why->size == 0; i++) {
        of->time_ms = all[i];
        ok = run_once(of);
        show(of, true);
    }
    ifm_buf_deinit(&text);
    return ok;
}

static bool run_range(attempt *of)
{
    promql_result result;
    ifm_error err;
    const promqltest_eval *eval = of->eval;
    bool ok = query_run(of, eval->start_ms, eval->end_ms, eval->step_ms, &result, &err);
    bool end = !ok && ends_run(&err);
    if (end) {
        *of->err = err;
    } else {
        judge(of, ok, &result, &err);
        show(of, false);
    }
    promql_result_free(&result);
    return !end;
}

bool promqltest_eval_run(promqltest_run_state *run, promqltest_eval *eval, ifm_buf *why, ifm_error *err)
{
    attempt of = {run, eval, eval->query, eval->eval_ms, why, err};
    if (eval->is_range) {
        return run_range(&of);
    }
    bool ok = run_once(&of);
    show(&of, false);
    return !ok || why->size > 0 || run->options->no_reruns ? ok : run_elsewhere(&of);
}
