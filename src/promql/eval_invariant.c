/* SPDX-License-Identifier: Apache-2.0
 *
 * Which expressions have one value for all steps: their selectors are fixed with @. They are evaluated once.
 */
#include "promql/eval_impl.h"

/* Functions that see the time of the step (Prometheus's AtModifierUnsafeFunctions). */
static bool function_sees_time(const char *name)
{
    static const char *const names[] = {
        "day_of_month", "day_of_week", "day_of_year", "days_in_month",  "end",
        "hour",         "minute",      "month",       "predict_linear", "range",
        "start",        "step",        "time",        "timestamp",      "year"};
    for (size_t i = 0; i < IFM_COUNT_OF(names); i++) {
        if (strcmp(name, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

static bool invariant_call(const promql_node *node)
{
    if (function_sees_time(node->call.function->name)) {
        return false;
    }
    for (size_t i = 0; i < node->call.argument_count; i++) {
        if (!promql_invariant(node->call.arguments[i])) {
            return false;
        }
    }
    return true;
}

bool promql_invariant(const promql_node *node)
{
    switch (node->kind) {
    case PROMQL_VECTOR:
        return node->vector.shift.at != PROMQL_AT_NONE;
    case PROMQL_MATRIX:
        return promql_invariant(node->matrix.selector);
    case PROMQL_SUBQUERY:
        return node->subquery.shift.at != PROMQL_AT_NONE;
    case PROMQL_UNARY:
        return promql_invariant(node->unary.expr);
    case PROMQL_BINARY:
        return promql_invariant(node->binary.left) && promql_invariant(node->binary.right);
    case PROMQL_AGGREGATE:
        return promql_invariant(node->aggregate.expr); /* as Prometheus: whatever its parameter is */
    case PROMQL_CALL:
        return invariant_call(node);
    case PROMQL_PAREN:
        return promql_invariant(node->paren);
    default:
        return true; /* numbers and strings */
    }
}
