/* SPDX-License-Identifier: Apache-2.0
 *
 * The functions and aggregations of Prometheus 3.14, with their types.
 */
#include "promql/promql.h"

#define S PROMQL_TYPE_SCALAR
#define V PROMQL_TYPE_VECTOR
#define M PROMQL_TYPE_MATRIX
#define T PROMQL_TYPE_STRING

/* name, number of types, variadic, result, experimental, types */
#define FUNCTION(name, count, variadic, result, experimental, ...)                                           \
    {                                                                                                        \
        name, {__VA_ARGS__}, count, variadic, result, experimental                                           \
    }

/* Sorted by name: promql_function_find() bisects. */
static const promql_function functions[] = {
    FUNCTION("abs", 1, 0, V, false, V),
    FUNCTION("absent", 1, 0, V, false, V),
    FUNCTION("absent_over_time", 1, 0, V, false, M),
    FUNCTION("acos", 1, 0, V, false, V),
    FUNCTION("acosh", 1, 0, V, false, V),
    FUNCTION("asin", 1, 0, V, false, V),
    FUNCTION("asinh", 1, 0, V, false, V),
    FUNCTION("atan", 1, 0, V, false, V),
    FUNCTION("atanh", 1, 0, V, false, V),
    FUNCTION("avg_over_time", 1, 0, V, false, M),
    FUNCTION("ceil", 1, 0, V, false, V),
    FUNCTION("changes", 1, 0, V, false, M),
    FUNCTION("clamp", 3, 0, V, false, V, S, S),
    FUNCTION("clamp_max", 2, 0, V, false, V, S),
    FUNCTION("clamp_min", 2, 0, V, false, V, S),
    FUNCTION("cos", 1, 0, V, false, V),
    FUNCTION("cosh", 1, 0, V, false, V),
    FUNCTION("count_over_time", 1, 0, V, false, M),
    FUNCTION("day_of_month", 1, 1, V, false, V),
    FUNCTION("day_of_week", 1, 1, V, false, V),
    FUNCTION("day_of_year", 1, 1, V, false, V),
    FUNCTION("days_in_month", 1, 1, V, false, V),
    FUNCTION("deg", 1, 0, V, false, V),
    FUNCTION("delta", 1, 0, V, false, M),
    FUNCTION("deriv", 1, 0, V, false, M),
    FUNCTION("double_exponential_smoothing", 3, 0, V, true, M, S, S),
    FUNCTION("end", 0, 0, S, true, PROMQL_TYPE_NONE),
    FUNCTION("exp", 1, 0, V, false, V),
    FUNCTION("first_over_time", 1, 0, V, false, M),
    FUNCTION("floor", 1, 0, V, false, V),
    FUNCTION("histogram_avg", 1, 0, V, false, V),
    FUNCTION("histogram_count", 1, 0, V, false, V),
    FUNCTION("histogram_fraction", 3, 0, V, false, S, S, V),
    FUNCTION("histogram_quantile", 2, 0, V, false, S, V),
    FUNCTION("histogram_quantiles", 4, 9, V, true, V, T, S, S), /* 1 to 10 quantiles */
    FUNCTION("histogram_stddev", 1, 0, V, false, V),
    FUNCTION("histogram_stdvar", 1, 0, V, false, V),
    FUNCTION("histogram_sum", 1, 0, V, false, V),
    FUNCTION("hour", 1, 1, V, false, V),
    FUNCTION("idelta", 1, 0, V, false, M),
    FUNCTION("increase", 1, 0, V, false, M),
    FUNCTION("info", 2, 1, V, true, V, V),
    FUNCTION("irate", 1, 0, V, false, M),
    FUNCTION("label_join", 4, -1, V, false, V, T, T, T),
    FUNCTION("label_replace", 5, 0, V, false, V, T, T, T, T),
    FUNCTION("last_over_time", 1, 0, V, false, M),
    FUNCTION("ln", 1, 0, V, false, V),
    FUNCTION("log10", 1, 0, V, false, V),
    FUNCTION("log2", 1, 0, V, false, V),
    FUNCTION("mad_over_time", 1, 0, V, true, M),
    FUNCTION("max_of", 2, 0, S, true, S, S),
    FUNCTION("max_over_time", 1, 0, V, false, M),
    FUNCTION("min_of", 2, 0, S, true, S, S),
    FUNCTION("min_over_time", 1, 0, V, false, M),
    FUNCTION("minute", 1, 1, V, false, V),
    FUNCTION("month", 1, 1, V, false, V),
    FUNCTION("pi", 0, 0, S, false, PROMQL_TYPE_NONE),
    FUNCTION("predict_linear", 2, 0, V, false, M, S),
    FUNCTION("present_over_time", 1, 0, V, false, M),
    FUNCTION("quantile_over_time", 2, 0, V, false, S, M),
    FUNCTION("rad", 1, 0, V, false, V),
    FUNCTION("range", 0, 0, S, true, PROMQL_TYPE_NONE),
    FUNCTION("rate", 1, 0, V, false, M),
    FUNCTION("resets", 1, 0, V, false, M),
    FUNCTION("round", 2, 1, V, false, V, S),
    FUNCTION("scalar", 1, 0, S, false, V),
    FUNCTION("sgn", 1, 0, V, false, V),
    FUNCTION("sin", 1, 0, V, false, V),
    FUNCTION("sinh", 1, 0, V, false, V),
    FUNCTION("sort", 1, 0, V, false, V),
    FUNCTION("sort_by_label", 2, -1, V, true, V, T),
    FUNCTION("sort_by_label_desc", 2, -1, V, true, V, T),
    FUNCTION("sort_desc", 1, 0, V, false, V),
    FUNCTION("sqrt", 1, 0, V, false, V),
    FUNCTION("start", 0, 0, S, true, PROMQL_TYPE_NONE),
    FUNCTION("start_timestamp", 1, 0, V, true, V),
    FUNCTION("stddev_over_time", 1, 0, V, false, M),
    FUNCTION("stdvar_over_time", 1, 0, V, false, M),
    FUNCTION("step", 0, 0, S, true, PROMQL_TYPE_NONE),
    FUNCTION("sum_over_time", 1, 0, V, false, M),
    FUNCTION("tan", 1, 0, V, false, V),
    FUNCTION("tanh", 1, 0, V, false, V),
    FUNCTION("time", 0, 0, S, false, PROMQL_TYPE_NONE),
    FUNCTION("timestamp", 1, 0, V, false, V),
    FUNCTION("ts_of_first_over_time", 1, 0, V, true, M),
    FUNCTION("ts_of_last_over_time", 1, 0, V, true, M),
    FUNCTION("ts_of_max_over_time", 1, 0, V, true, M),
    FUNCTION("ts_of_min_over_time", 1, 0, V, true, M),
    FUNCTION("vector", 1, 0, V, false, S),
    FUNCTION("year", 1, 1, V, false, V),
};

static const promql_aggregation_info aggregations[PROMQL_AGGREGATION_COUNT] = {
    [PROMQL_AVG] = {"avg", PROMQL_TYPE_NONE, false},
    [PROMQL_BOTTOMK] = {"bottomk", S, false},
    [PROMQL_COUNT] = {"count", PROMQL_TYPE_NONE, false},
    [PROMQL_COUNT_VALUES] = {"count_values", T, false},
    [PROMQL_GROUP] = {"group", PROMQL_TYPE_NONE, false},
    [PROMQL_LIMITK] = {"limitk", S, true},
    [PROMQL_LIMIT_RATIO] = {"limit_ratio", S, true},
    [PROMQL_MAX] = {"max", PROMQL_TYPE_NONE, false},
    [PROMQL_MIN] = {"min", PROMQL_TYPE_NONE, false},
    [PROMQL_QUANTILE] = {"quantile", S, false},
    [PROMQL_STDDEV] = {"stddev", PROMQL_TYPE_NONE, false},
    [PROMQL_STDVAR] = {"stdvar", PROMQL_TYPE_NONE, false},
    [PROMQL_SUM] = {"sum", PROMQL_TYPE_NONE, false},
    [PROMQL_TOPK] = {"topk", S, false},
};

const promql_function *promql_function_at(size_t index)
{
    return index < IFM_COUNT_OF(functions) ? &functions[index] : NULL;
}

const promql_function *promql_function_find(const char *name, size_t size)
{
    size_t low = 0;
    size_t high = IFM_COUNT_OF(functions);
    while (low < high) {
        size_t middle = (low + high) / 2;
        const char *candidate = functions[middle].name;
        int order = strncmp(candidate, name, size);
        if (order == 0 && strlen(candidate) != size) {
            order = strlen(candidate) > size ? 1 : -1;
        }
        if (order == 0) {
            return &functions[middle];
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return NULL;
}

const promql_aggregation_info *promql_aggregation_get(promql_aggregation op)
{
    return (size_t)op < PROMQL_AGGREGATION_COUNT ? &aggregations[op] : NULL;
}

const char *promql_type_name(promql_type type)
{
    static const char *const names[] = {"none", "scalar", "instant vector", "range vector", "string"};
    return (size_t)type < IFM_COUNT_OF(names) ? names[type] : names[0];
}

const char *promql_operator_name(promql_operator op)
{
    static const char *const names[PROMQL_OPERATOR_COUNT] = {
        "+", "-",  "*", "/",  "%",  "^",  "atan2", "==", "!=",
        "<", "<=", ">", ">=", "</", ">/", "and",   "or", "unless",
    };
    return (size_t)op < PROMQL_OPERATOR_COUNT ? names[op] : NULL;
}

bool promql_operator_is_comparison(promql_operator op)
{
    return op >= PROMQL_EQUAL && op <= PROMQL_GREATER_EQUAL;
}

bool promql_operator_is_set(promql_operator op)
{
    return op >= PROMQL_AND && op <= PROMQL_UNLESS;
}

static bool has_fill(const promql_matching *matching)
{
    return matching != NULL && (matching->has_fill_left || matching->has_fill_right);
}

const char *promql_feature(const promql_node *node)
{
    bool experimental = (node->kind == PROMQL_CALL && node->call.function->experimental) ||
                        (node->kind == PROMQL_AGGREGATE && aggregations[node->aggregate.op].experimental);
    if (experimental) {
        return "promql-experimental-functions";
    }
    if (node->kind == PROMQL_VECTOR && node->vector.extended != PROMQL_PLAIN) {
        return "promql-extended-range-selectors";
    }
    return node->kind == PROMQL_BINARY && has_fill(node->binary.matching) ? "promql-binop-fill-modifiers"
                                                                          : NULL;
}
