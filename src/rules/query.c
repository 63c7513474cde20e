/* SPDX-License-Identifier: Apache-2.0
 *
 * Queries of rules: at one time, with an end.
 */
#include "rules/impl.h"

typedef struct deadline {
    rules_manager *manager;
    int64_t end_ns;
} deadline;

static ifm_code interrupted(void *context)
{
    const deadline *until = context;
    rules_manager *manager = until->manager;
    if (atomic_load_explicit(&manager->stopping, memory_order_relaxed)) {
        return IFM_CANCELED;
    }
    if (manager->may_give_up && atomic_load_explicit(&manager->wanted, memory_order_relaxed)) { /* R4 */
        manager->gave_up = true;
        return IFM_CANCELED;
    }
    return manager->clock->monotonic_ns() > until->end_ns ? IFM_TIMEOUT : IFM_OK;
}

/* "Scalar" as a vector of one. */
static bool to_vector(promql_result *result, ifm_error *err)
{
    if (result->type == PROMQL_TYPE_VECTOR) {
        return true;
    }
    if (result->type != PROMQL_TYPE_SCALAR) {
        return ifm_error_set(err, IFM_INVALID, "rule result is not a vector or scalar");
    }
    promql_point *point = ifm_bump_alloc(&result->arena, sizeof *point);
    promql_result_series *series = ifm_bump_alloc(&result->arena, sizeof *series);
    if (point == NULL || series == NULL) {
        return ifm_bump_check(&result->arena, err);
    }
    *point = result->scalar;
    *series = (promql_result_series){.points = point, .count = 1};
    result->type = PROMQL_TYPE_VECTOR;
    result->series = series;
    result->series_count = 1;
    return true;
}

int64_t rules_query_end(const rules_manager *manager)
{
    int64_t timeout_ms = manager->options.query_timeout_ms;
    return manager->clock->monotonic_ns() + (timeout_ms > 0 ? timeout_ms * 1000000 : RULES_QUERY_NS);
}

bool rules_query(rules_manager *manager, const promql_query *query, promql_result *out, ifm_error *err)
{
    deadline until = {.manager = manager, .end_ns = rules_query_end(manager)};
    promql_engine_options options = manager->options.engine;
    options.interrupted = interrupted;
    options.context = &until;
    if (!promql_query_run(&options, manager->from, query, out, err) || !to_vector(out, err)) {
        if (err->code == IFM_TIMEOUT) {
            ifm_error_set(err, IFM_TIMEOUT, "query timed out in expression evaluation");
        }
        promql_result_free(out);
        return false;
    }
    return true;
}

static bool copy_samples(const promql_result *result, ifm_bump *arena, rules_vector *out, ifm_error *err)
{
    rules_sample *samples = ifm_bump_alloc_array(arena, result->series_count, sizeof *samples);
    const rules_sample **items = ifm_bump_alloc_array(arena, result->series_count, sizeof(void *));
    for (size_t i = 0; samples != NULL && items != NULL && i < result->series_count; i++) {
        samples[i].labels = model_labels_copy(result->series[i].labels, arena);
        samples[i].value = result->series[i].points[0].value;
        items[i] = &samples[i];
    }
    *out = (rules_vector){items, result->series_count};
    return ifm_bump_check(arena, err);
}

bool rules_query_template(void *context, model_text expr, ifm_bump *arena, rules_vector *out, ifm_error *err)
{
    const rules_query_context *from = context;
    const promql_query query = {.text = expr.data, .size = expr.size, .start_ms = from->time_ms};
    promql_result result;
    if (!rules_query(from->manager, &query, &result, err)) {
        return false;
    }
    bool ok = copy_samples(&result, arena, out, err);
    promql_result_free(&result);
    return ok;
}

ifm_code rules_query_interrupted(void *context)
{
    const rules_query_context *from = context;
    deadline until = {.manager = from->manager, .end_ns = from->end_ns};
    return interrupted(&until);
}
