/* SPDX-License-Identifier: Apache-2.0
 *
 * One binary operation: on two numbers, and on two samples, either of which may be a histogram.
 */
#include "promql/eval_impl.h"

#include <math.h>
#include <stdio.h>

enum { ANNOTATION_SIZE_MAX = 160 };

bool promql_changes_schema(promql_operator op)
{
    return op <= PROMQL_ATAN2;
}

static bool compare(promql_operator op, double left, double right)
{
    switch (op) {
    case PROMQL_EQUAL:
        return left == right;
    case PROMQL_NOT_EQUAL:
        return left != right;
    case PROMQL_LESS:
        return left < right;
    case PROMQL_LESS_EQUAL:
        return left <= right;
    case PROMQL_GREATER:
        return left > right;
    default:
        return left >= right;
    }
}

double promql_scalar_operation(promql_operator op, double left, double right)
{
    switch (op) {
    case PROMQL_ADD:
        return left + right;
    case PROMQL_SUB:
        return left - right;
    case PROMQL_MUL:
        return left * right;
    case PROMQL_DIV:
        return left / right;
    case PROMQL_MOD:
        return fmod(left, right);
    case PROMQL_POW:
        return pow(left, right);
    case PROMQL_ATAN2:
        return atan2(left, right);
    default:
        return compare(op, left, right) ? 1 : 0;
    }
}

static bool operation_incompatible(promql_eval *eval, promql_operator op, bool left, bool right,
                                   promql_operation *out)
{
    char text[ANNOTATION_SIZE_MAX];
    const char *name = promql_operator_name(op);
    const char *left_type = left ? "histogram" : "float";
    const char *right_type = right ? "histogram" : "float";
    int size = snprintf(text, sizeof text,
                        "incompatible sample types encountered for binary operator \"%s\": %s %s %s", name,
                        left_type, name, right_type);
    out->failed = true;
    out->annotation = ifm_bump_copy(eval->arena, text, (size_t)size);
    return promql_check_arena(eval);
}

static bool operation_result(promql_eval *eval, const model_histogram *histogram, promql_operation *out)
{
    out->keep = true;
    out->result = (promql_sample){.present = true, .histogram = histogram};
    return promql_check_arena(eval);
}

static bool operation_add(promql_eval *eval, promql_operator op, const model_histogram *left,
                          const model_histogram *right, promql_operation *out)
{
    unsigned flags = 0;
    const model_histogram *sum = NULL;
    bool added = op == PROMQL_ADD ? model_histogram_add(left, right, eval->arena, &sum, &flags)
                                  : model_histogram_sub(left, right, eval->arena, &sum, &flags);
    if ((flags & MODEL_ADD_INCOMPATIBLE) != 0) {
        out->failed = true;
        out->warning = true;
        out->annotation = op == PROMQL_ADD ? "incompatible bucket layout encountered for binary operator +"
                                           : "incompatible bucket layout encountered for binary operator -";
        return true;
    }
    if (!added) {
        return promql_check_arena(eval);
    }
    if (op == PROMQL_SUB) {
        sum = model_histogram_with_hint(sum, MODEL_RESET_GAUGE, eval->arena);
    }
    if (sum != NULL) {
        sum = model_histogram_compact(sum, 0, eval->arena);
    }
    if ((flags & MODEL_ADD_RESET_COLLISION) != 0) {
        out->warning = true;
        out->annotation = op == PROMQL_ADD ? "conflicting counter resets during histogram addition"
                                           : "conflicting counter resets during histogram subtraction";
    } else if ((flags & MODEL_ADD_BOUNDS_RECONCILED) != 0) {
        out->annotation = op == PROMQL_ADD ? "mismatched custom buckets were reconciled during addition"
                                           : "mismatched custom buckets were reconciled during subtraction";
    }
    return operation_result(eval, sum, out);
}

static bool operation_histograms(promql_eval *eval, promql_operator op, const model_histogram *left,
                                 const model_histogram *right, promql_operation *out)
{
    switch (op) {
    case PROMQL_ADD:
    case PROMQL_SUB:
        return operation_add(eval, op, left, right, out);
    case PROMQL_EQUAL:
    case PROMQL_NOT_EQUAL:
        out->keep = model_histogram_equal(left, right) == (op == PROMQL_EQUAL);
        out->result = (promql_sample){.present = true, .histogram = left};
        return true;
    default:
        return operation_incompatible(eval, op, true, true, out);
    }
}

static bool operation_scale(promql_eval *eval, promql_operator op, const model_histogram *histogram,
                            double number, promql_operation *out)
{
    const model_histogram *result = NULL;
    switch (op) {
    case PROMQL_MUL:
        result = model_histogram_scale(histogram, number, eval->arena);
        break;
    case PROMQL_DIV:
        result = model_histogram_divide(histogram, number, eval->arena);
        break;
    case PROMQL_TRIM_UPPER:
        return operation_result(eval, model_histogram_trim(histogram, number, MODEL_TRIM_UPPER, eval->arena),
                                out);
    case PROMQL_TRIM_LOWER:
        return operation_result(eval, model_histogram_trim(histogram, number, MODEL_TRIM_LOWER, eval->arena),
                                out);
    default:
        return operation_incompatible(eval, op, true, false, out);
    }
    result = result == NULL ? NULL : model_histogram_compact(result, 0, eval->arena);
    return operation_result(eval, result, out);
}

bool promql_sample_operation(promql_eval *eval, promql_operator op, promql_sample left, promql_sample right,
                             promql_operation *out)
{
    *out = (promql_operation){.keep = false};
    if (left.histogram != NULL && right.histogram != NULL) {
        return operation_histograms(eval, op, left.histogram, right.histogram, out);
    }
    if (left.histogram != NULL) {
        return operation_scale(eval, op, left.histogram, right.value, out);
    }
    if (right.histogram != NULL) {
        return op == PROMQL_MUL ? operation_scale(eval, op, right.histogram, left.value, out)
                                : operation_incompatible(eval, op, false, true, out);
    }
    if (op == PROMQL_TRIM_UPPER || op == PROMQL_TRIM_LOWER) {
        return operation_incompatible(eval, op, false, false, out);
    }
    out->result.present = true;
    if (promql_operator_is_comparison(op)) {
        out->keep = compare(op, left.value, right.value);
        out->result.value = left.value;
    } else {
        out->keep = true;
        out->result.value = promql_scalar_operation(op, left.value, right.value);
    }
    return true;
}
