/* SPDX-License-Identifier: Apache-2.0
 *
 * query, query_range, format_query, parse_query.
 */
#include "web/impl.h"

#define NS_PER_MS INT64_C(1000000)

/* One query from its parameters to its end. */
typedef struct web_query {
    web_request *request;
    promql_query query;
    int64_t limit;
    int64_t timeout_ms;
    int64_t lookback_ms;
    int64_t begin_ns, enter_ns, end_ns; /* asked, let in, done */
    web_deadline deadline;
} web_query;

/* ---- Parameters ---- */

static bool query_parameters(web_query *query)
{
    ifm_error err;
    web_request *request = query->request;
    model_text lookback = web_param_get(&request->params, "lookback_delta");
    model_text text = web_param_get(&request->params, "query");
    if (!web_param_timeout(request, &query->timeout_ms)) {
        return false;
    }
    int64_t lookback_ns = 0;
    if (lookback.size > 0 && !web_duration_parse(lookback, &lookback_ns, &err)) {
        web_answer_error(request, WEB_BAD_DATA, "error parsing lookback delta duration: %s", err.message);
        return false;
    }
    query->lookback_ms = lookback_ns / NS_PER_MS;
    query->query.text = text.data;
    query->query.size = text.size;
    return true;
}

static bool refuse(web_request *request, const char *parameter, const char *why)
{
    web_answer_error(request, WEB_BAD_DATA, "invalid parameter \"%s\": %s", parameter, why);
    return false;
}

/* A time that has to be there. */
static bool required_time(web_request *request, const char *name, int64_t *out)
{
    ifm_error err;
    if (!web_time_parse(web_param_get(&request->params, name), out, &err)) {
        web_answer_invalid(request, name, &err);
        return false;
    }
    return true;
}

/* Whether there are too many steps; what is finer than a millisecond counts here only. */
static bool has_too_many_steps(const promql_query *range, int64_t step_ns)
{
    __extension__ typedef __int128 wide;
    return ((wide)range->end_ms - range->start_ms) * NS_PER_MS / step_ns > WEB_STEPS_MAX;
}

static bool range_parameters(web_query *query)
{
    ifm_error err;
    int64_t step_ns;
    web_request *request = query->request;
    promql_query *range = &query->query;
    if (!web_param_limit(request, &query->limit) || !required_time(request, "start", &range->start_ms) ||
        !required_time(request, "end", &range->end_ms)) {
        return false;
    }
    if (range->end_ms < range->start_ms) {
        return refuse(request, "end", "end timestamp must not be before start time");
    }
    if (!web_duration_parse(web_param_get(&request->params, "step"), &step_ns, &err)) {
        web_answer_invalid(request, "step", &err);
        return false;
    }
    range->step_ms = step_ns / NS_PER_MS;
    if (range->step_ms <= 0) {
        return refuse(request, "step",
                      "zero or negative query resolution step widths are not accepted. Try a positive "
                      "integer");
    }
    if (has_too_many_steps(range, step_ns)) {
        web_answer_error(request, WEB_BAD_DATA,
                         "exceeded maximum resolution of 11,000 points per timeseries. Try decreasing the "
                         "query resolution (?step=XX)");
        return false;
    }
    return query_parameters(query);
}

/* ---- Answers ---- */

/* Adds the place that an annotation is about, as Prometheus does: "TEXT (LINE:COLUMN)". */
static const char *annotation_text(web_query *query, const promql_annotation *annotation)
{
    size_t line = 1;
    size_t column = 1;
    const char *text = query->query.text;
    ifm_buf out;
    ifm_buf_init(&out, 64 * 1024);
    ifm_buf_append_text(&out, annotation->text);
    for (size_t i = 0; i < annotation->start && i < query->query.size; i++) {
        line += text[i] == '\n';
        column = text[i] == '\n' ? 1 : column + 1;
    }
    ifm_buf_printf(&out, " (%zu:%zu)", line, column);
    const char *copy = ifm_bump_copy(&query->request->arena, out.data, out.size);
    ifm_buf_deinit(&out);
    return copy == NULL ? "" : copy;
}

static void add_omitted(web_query *query, size_t count, bool warning)
{
    if (count <= WEB_ANNOTATIONS_MAX) {
        return;
    }
    ifm_buf out;
    ifm_buf_init(&out, 128);
    ifm_buf_printf(&out, "%zu more %s annotations omitted", count - WEB_ANNOTATIONS_MAX,
                   warning ? "warning" : "info");
    const char *copy = ifm_bump_copy(&query->request->arena, out.data, out.size);
    ifm_buf_deinit(&out);
    if (copy != NULL) {
        (warning ? web_answer_warn : web_answer_info)(query->request, copy);
    }
}

static void add_annotations(web_query *query, const promql_result *result)
{
    size_t counts[2] = {0, 0};
    for (size_t i = 0; i < result->annotation_count; i++) {
        const promql_annotation *annotation = result->annotations[i];
        if (counts[annotation->warning]++ < WEB_ANNOTATIONS_MAX) {
            const char *text = annotation_text(query, annotation);
            (annotation->warning ? web_answer_warn : web_answer_info)(query->request, text);
        }
    }
    add_omitted(query, counts[true], true);
    add_omitted(query, counts[false], false);
}

static void append_seconds(ifm_buf *out, const char *name, int64_t ns)
{
    ifm_buf_printf(out, "\"%s\":", name);
    web_json_number(out, (double)ns / 1e9);
}

static void append_stats(ifm_buf *out, const web_query *query, const promql_result *result)
{
    int64_t queue_ns = query->enter_ns - query->begin_ns;
    int64_t eval_ns = query->end_ns - query->enter_ns;
    ifm_buf_append_text(out, ",\"stats\":{\"timings\":{");
    append_seconds(out, "evalTotalTime", eval_ns);
    ifm_buf_append_text(out, ",\"resultSortTime\":0,\"queryPreparationTime\":0,");
    append_seconds(out, "innerEvalTime", eval_ns);
    ifm_buf_append_char(out, ',');
    append_seconds(out, "execQueueTime", queue_ns);
    ifm_buf_append_char(out, ',');
    append_seconds(out, "execTotalTime", queue_ns + eval_ns);
    ifm_buf_printf(out, "},\"samples\":{\"totalQueryableSamples\":%llu,\"peakSamples\":%llu}}",
                   (unsigned long long)result->samples_total, (unsigned long long)result->samples_peak);
}

static void answer_result(web_query *query, const promql_result *result)
{
    web_request *request = query->request;
    bool is_list = result->type == PROMQL_TYPE_VECTOR || result->type == PROMQL_TYPE_MATRIX;
    add_annotations(query, result);
    if (query->limit > 0 && is_list && result->series_count > (uint64_t)query->limit) {
        web_answer_warn(request, "results truncated due to limit");
    }
    ifm_buf *out = web_answer_begin(request);
    web_json_result(out, result, (size_t)query->limit);
    if (web_param_get(&request->params, "stats").size > 0) {
        append_stats(out, query, result);
    }
    ifm_buf_append_char(out, '}');
    web_answer_end(request);
}

/* Whether the expression cannot be what was asked for, which Prometheus finds out with its parser. */
static bool is_of_wrong_type(const web_query *query, const promql_result *result)
{
    return result->tree == NULL || (query->query.step_ms != 0 && (result->tree->type == PROMQL_TYPE_STRING ||
                                                                  result->tree->type == PROMQL_TYPE_MATRIX));
}

static void answer_query_failure(web_query *query, const promql_result *result, const ifm_error *err)
{
    web_request *request = query->request;
    const char *text = result->error == NULL ? err->message : result->error;
    if (err->code == IFM_NOMEM || err->code == IFM_IO) {
        web_answer_error_text(request, WEB_INTERNAL, text);
    } else if (err->code == IFM_TIMEOUT || err->code == IFM_CANCELED) {
        web_answer_interrupted(request, err->code, "expression evaluation");
    } else if (is_of_wrong_type(query, result)) {
        ifm_buf whole;
        ifm_buf_init(&whole, WEB_ANSWER_BYTES_MAX);
        ifm_buf_append_text(&whole, "invalid parameter \"query\": ");
        ifm_buf_append_text(&whole, text);
        const char *copy = ifm_bump_copy(&request->arena, whole.data, whole.size);
        ifm_buf_deinit(&whole);
        web_answer_error_text(request, WEB_BAD_DATA, copy == NULL ? text : copy);
    } else {
        web_answer_error_text(request, WEB_EXECUTION, text);
    }
}

/* ---- Running ---- */

static ifm_code query_evaluate(web_query *query)
{
    web_server *server = query->request->server;
    promql_engine_options options = server->options.engine;
    promql_result result;
    ifm_error err = {.code = IFM_OK};
    options.interrupted = web_deadline_passed;
    options.context = &query->deadline;
    options.lookback_ms = query->lookback_ms > 0 ? query->lookback_ms : options.lookback_ms;
    storage *from = atomic_load_explicit(&server->source, memory_order_acquire);
    bool ok = promql_query_run(&options, from, &query->query, &result, &err);
    query->end_ns = ifm_os_monotonic_ns();
    if (ok) {
        answer_result(query, &result);
    } else {
        answer_query_failure(query, &result, &err);
    }
    promql_result_free(&result);
    return ok ? IFM_OK : err.code;
}

static void query_run(web_query *query)
{
    query->begin_ns = ifm_os_monotonic_ns();
    if (web_turn_begin(query->request, query->timeout_ms, &query->deadline)) {
        query->enter_ns = ifm_os_monotonic_ns();
        web_turn_end(query->request, query_evaluate(query));
    }
}

void web_api_query(web_request *request)
{
    web_query query = {.request = request};
    int64_t now_ms = request->server->clock.wall_ms();
    if (web_param_limit(request, &query.limit) &&
        web_param_time(request, "time", now_ms, &query.query.start_ms) && query_parameters(&query)) {
        query_run(&query);
    }
}

void web_api_query_range(web_request *request)
{
    web_query query = {.request = request};
    if (range_parameters(&query)) {
        query_run(&query);
    }
}

/* ---- Without evaluation ---- */

/* NULL: the answer says why. */
static const promql_node *parse(web_request *request)
{
    ifm_error err = {.code = IFM_OK};
    model_text text = web_param_get(&request->params, "query");
    const promql_node *tree = promql_parse(text.data, text.size, &request->arena, &err);
    if (tree == NULL) {
        web_answer_invalid(request, "query", &err);
    }
    return tree;
}

void web_api_format_query(web_request *request)
{
    const promql_node *tree = parse(request);
    if (tree != NULL) {
        ifm_buf text;
        ifm_buf_init(&text, WEB_ANSWER_BYTES_MAX);
        promql_print_pretty(tree, &text);
        web_json_text(web_answer_begin(request), (model_text){text.data, text.size});
        if (text.failed != IFM_OK) {
            request->answer.body.failed = text.failed;
        }
        ifm_buf_deinit(&text);
        web_answer_end(request);
    }
}

void web_api_parse_query(web_request *request)
{
    const promql_node *tree = parse(request);
    if (tree != NULL) {
        promql_print_json(tree, web_answer_begin(request));
        web_answer_end(request);
    }
}
