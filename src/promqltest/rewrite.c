/* SPDX-License-Identifier: Apache-2.0 */
#include "promqltest/eval.h"
#include "promqltest/text.h"

/* Their results depend on when they are evaluated, wherever selectors look. */
static const char *const unfixable[] = {
    "day_of_month",   "day_of_week", "day_of_year", "days_in_month", "end",  "hour",      "minute", "month",
    "predict_linear", "range",       "start",       "step",          "time", "timestamp", "year"};

typedef struct rewrite {
    int64_t time_ms;
    bool fixable;
} rewrite;

static void rewrite_node(rewrite *to, promql_node *node, bool under_subquery);

static void fix(rewrite *to, promql_shift *shift)
{
    if (shift->at != PROMQL_AT_TIME) {
        shift->at = PROMQL_AT_TIME;
        shift->at_ms = to->time_ms;
    }
}

static void rewrite_call(rewrite *to, promql_call *call, bool under_subquery)
{
    for (size_t i = 0; i < IFM_COUNT_OF(unfixable) && !under_subquery; i++) {
        to->fixable = to->fixable && strcmp(call->function->name, unfixable[i]) != 0;
    }
    for (size_t i = 0; i < call->argument_count; i++) {
        rewrite_node(to, call->arguments[i], under_subquery);
    }
}

static void rewrite_selector(rewrite *to, promql_vector *vector, bool under_subquery)
{
    if (!under_subquery) {
        fix(to, &vector->shift);
    }
}

static void rewrite_subquery(rewrite *to, promql_subquery *subquery, bool under_subquery)
{
    if (!under_subquery) {
        fix(to, &subquery->shift);
    }
    rewrite_node(to, subquery->expr, true);
}

/* As deep as the tree, which has a limit. */
static void rewrite_node(rewrite *to, promql_node *node, bool under_subquery)
{
    switch (node->kind) {
    case PROMQL_VECTOR:
        rewrite_selector(to, &node->vector, under_subquery);
        break;
    case PROMQL_MATRIX:
        rewrite_selector(to, &node->matrix.selector->vector, under_subquery);
        break;
    case PROMQL_SUBQUERY:
        rewrite_subquery(to, &node->subquery, under_subquery);
        break;
    case PROMQL_UNARY:
        rewrite_node(to, node->unary.expr, under_subquery);
        break;
    case PROMQL_BINARY:
        rewrite_node(to, node->binary.left, under_subquery);
        rewrite_node(to, node->binary.right, under_subquery);
        break;
    case PROMQL_AGGREGATE:
        if (node->aggregate.param != NULL) {
            rewrite_node(to, node->aggregate.param, under_subquery);
        }
        rewrite_node(to, node->aggregate.expr, under_subquery);
        break;
    case PROMQL_CALL:
        rewrite_call(to, &node->call, under_subquery);
        break;
    case PROMQL_PAREN:
        rewrite_node(to, node->paren, under_subquery);
        break;
    default:
        break;
    }
}

/* The parser hands out a constant tree, because trees are shared; this one is nobody else's. */
static promql_node *copy_root(const promql_node *root, ifm_bump *arena)
{
    promql_node *copy = ifm_bump_alloc(arena, sizeof *copy);
    if (copy != NULL) {
        *copy = *root;
    }
    return copy;
}

bool promqltest_rewrite(model_text query, int64_t time_ms, ifm_bump *arena, ifm_buf *out, bool *fixable,
                        ifm_error *err)
{
    rewrite to = {.time_ms = time_ms, .fixable = true};
    const promql_node *parsed = promql_parse(query.data, query.size, arena, err);
    promql_node *root = parsed == NULL ? NULL : copy_root(parsed, arena);
    if (root == NULL) {
        return parsed != NULL && ifm_bump_check(arena, err);
    }
    rewrite_node(&to, root, false);
    promql_print(root, out);
    *fixable = to.fixable;
    return ifm_buf_check(out, err);
}
