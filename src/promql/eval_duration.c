/* SPDX-License-Identifier: Apache-2.0
 *
 * Ranges, steps and offsets, which may be expressions of the query's own step and range.
 */
#include "promql/eval_impl.h"
#include "promql/literal.h"

#include <math.h>

enum { NS_PER_MS = 1000000 };

static bool duration_value(promql_eval *eval, const promql_node *node, double *out);

static bool duration_operation(promql_eval *eval, promql_duration_op op, double left, double right,
                               double *out)
{
    switch (op) {
    case PROMQL_DURATION_ADD:
        *out = left + right;
        return true;
    case PROMQL_DURATION_SUB:
        *out = left - right;
        return true;
    case PROMQL_DURATION_MUL:
        *out = left * right;
        return true;
    case PROMQL_DURATION_DIV:
        *out = left / right;
        return right != 0 || promql_eval_fail(eval, IFM_INVALID, "division by zero");
    case PROMQL_DURATION_MOD:
        *out = fmod(left, right);
        return right != 0 || promql_eval_fail(eval, IFM_INVALID, "modulo by zero");
    case PROMQL_DURATION_POW:
        *out = pow(left, right);
        return true;
    case PROMQL_DURATION_MIN_OF:
        *out = fmin(left, right);
        return true;
    case PROMQL_DURATION_MAX_OF:
        *out = fmax(left, right);
        return true;
    case PROMQL_DURATION_NEGATE:
        *out = -left;
        return true;
    default:
        *out = left; /* plus, parentheses */
        return true;
    }
}

static bool duration_value(promql_eval *eval, const promql_node *node, double *out)
{
    const promql_run *run = eval->run;
    double left = 0;
    double right = 0;
    if (node->kind == PROMQL_NUMBER) {
        *out = node->number.value;
        return true;
    }
    if (node->duration.op == PROMQL_DURATION_STEP) {
        *out = (double)run->step_ms / 1000; /* 0 of an instant query */
        return true;
    }
    if (node->duration.op == PROMQL_DURATION_RANGE) {
        *out = (double)(run->end_ms - run->start_ms) / 1000;
        return true;
    }
    if (node->duration.left != NULL && !duration_value(eval, node->duration.left, &left)) {
        return false;
    }
    if (node->duration.right != NULL && !duration_value(eval, node->duration.right, &right)) {
        return false;
    }
    return duration_operation(eval, node->duration.op, left, right, out);
}

/* 2^63 nanoseconds are 292 years: times of such windows still fit into 64 bits of milliseconds. */
static bool duration_ms(promql_eval *eval, const promql_node *expr, bool negative_allowed, int64_t *out)
{
    double seconds;
    int64_t ns;
    if (!duration_value(eval, expr, &seconds)) {
        return false;
    }
    if (seconds <= 0 && !negative_allowed) {
        return promql_eval_fail(eval, IFM_INVALID, "duration must be greater than 0");
    }
    if (!promql_seconds_to_ns(seconds, &ns)) {
        return promql_eval_fail(eval, IFM_INVALID, "duration is out of range");
    }
    *out = (int64_t)(seconds * 1000); /* cut, as Prometheus does it */
    return true;
}

bool promql_range_ms(promql_eval *eval, const promql_node *node, int64_t *out)
{
    bool matrix = node->kind == PROMQL_MATRIX;
    const promql_node *expr = matrix ? node->matrix.range_expr : node->subquery.range_expr;
    if (expr != NULL) {
        return duration_ms(eval, expr, false, out);
    }
    *out = (matrix ? node->matrix.range_ns : node->subquery.range_ns) / NS_PER_MS;
    return true;
}

bool promql_subquery_step_ms(promql_eval *eval, const promql_node *node, int64_t *out)
{
    *out = node->subquery.step_ns / NS_PER_MS;
    if (node->subquery.step_expr != NULL && !duration_ms(eval, node->subquery.step_expr, false, out)) {
        return false;
    }
    if (*out <= 0) {
        *out = eval->options->default_step_ms;
    }
    return true;
}

static bool shift_offset_ms(promql_eval *eval, const promql_shift *shift, int64_t *out)
{
    if (shift->offset_expr != NULL) {
        return duration_ms(eval, shift->offset_expr, true, out);
    }
    *out = shift->offset_ns / NS_PER_MS;
    return true;
}

/* Times so far from each other that no window around them overflows. */
static int64_t moment_clamp(int64_t time_ms)
{
    const int64_t most_ms = INT64_MAX / 4;
    return time_ms > most_ms ? most_ms : time_ms < -most_ms ? -most_ms : time_ms;
}

bool promql_moment_of(promql_eval *eval, const promql_shift *shift, promql_moment *out)
{
    const promql_run *run = eval->run;
    *out = (promql_moment){.fixed = shift->at != PROMQL_AT_NONE, .fixed_ms = shift->at_ms};
    if (shift->at == PROMQL_AT_START) {
        out->fixed_ms = run->start_ms;
    } else if (shift->at == PROMQL_AT_END) {
        out->fixed_ms = run->end_ms;
    }
    out->fixed_ms = moment_clamp(out->fixed_ms);
    return shift_offset_ms(eval, shift, &out->offset_ms);
}

int64_t promql_moment_at(const promql_eval *eval, const promql_moment *moment, size_t step)
{
    return (moment->fixed ? moment->fixed_ms : promql_step_time_ms(eval, step)) - moment->offset_ms;
}

typedef struct duration_check {
    promql_eval *eval;
    bool failed;
} duration_check;

static bool duration_visit(void *context, const promql_node *node, const promql_node *parent)
{
    duration_check *check = context;
    int64_t ms;
    bool valid = true;
    (void)parent;
    if (node->kind == PROMQL_VECTOR) {
        valid = shift_offset_ms(check->eval, &node->vector.shift, &ms);
    } else if (node->kind == PROMQL_MATRIX) {
        valid = promql_range_ms(check->eval, node, &ms);
    } else if (node->kind == PROMQL_SUBQUERY) {
        valid = shift_offset_ms(check->eval, &node->subquery.shift, &ms) &&
                promql_subquery_step_ms(check->eval, node, &ms) && promql_range_ms(check->eval, node, &ms);
    }
    check->failed = check->failed || !valid;
    return !check->failed;
}

bool promql_check_durations(promql_eval *eval, const promql_node *root)
{
    duration_check check = {.eval = eval};
    promql_visit(root, duration_visit, &check);
    return !check.failed;
}
