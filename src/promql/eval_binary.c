/* SPDX-License-Identifier: Apache-2.0
 *
 * Binary operators with a scalar on one side or both; two instant vectors go to eval_match.c and eval_set.c.
 */
#include "promql/eval_impl.h"

static bool binary_scalars(promql_eval *eval, promql_operator op, const promql_value *left,
                           const promql_value *right, promql_value *out)
{
    *out = (promql_value){.type = PROMQL_TYPE_SCALAR};
    out->scalar = ifm_bump_alloc_array(eval->arena, eval->steps, sizeof *out->scalar);
    for (size_t step = 0; out->scalar != NULL && step < eval->steps; step++) {
        out->scalar[step] = promql_scalar_operation(op, left->scalar[step], right->scalar[step]);
    }
    return promql_check_arena(eval);
}

/* A vector on one side, a number on the other. */
typedef struct vector_scalar {
    const promql_binary *binary;
    const double *scalar;
    bool swapped; /* the scalar is on the left */
    promql_last last;
} vector_scalar;

static bool vector_scalar_step(promql_eval *eval, vector_scalar *operation, promql_sample sample, size_t step,
                               promql_sample *out)
{
    promql_operation done;
    promql_operator op = operation->binary->op;
    promql_sample number = {.present = true, .value = operation->scalar[step]};
    *out = (promql_sample){.present = false};
    if (!promql_sample_operation(eval, op, operation->swapped ? number : sample,
                                 operation->swapped ? sample : number, &done)) {
        return false;
    }
    if (done.annotation != NULL) {
        promql_last_set(eval, &operation->last, step, &done);
    }
    if (done.failed) {
        return true;
    }
    if (operation->binary->return_bool) {
        *out = (promql_sample){.present = true, .value = done.keep ? 1 : 0};
    } else if (done.keep) {
        *out =
            promql_operator_is_comparison(op) ? sample : done.result; /* a filter keeps the vector's sample */
    }
    return true;
}

/* Numbers only: no sample is looked at twice. */
static void vector_scalar_floats(const promql_eval *eval, const vector_scalar *operation, const double *from,
                                 double *to)
{
    promql_operator op = operation->binary->op;
    bool filter = promql_operator_is_comparison(op) && !operation->binary->return_bool;
    for (size_t step = 0; step < eval->steps; step++) {
        if (model_is_absent(from[step])) {
            continue;
        }
        double left = operation->swapped ? operation->scalar[step] : from[step];
        double right = operation->swapped ? from[step] : operation->scalar[step];
        double result = promql_scalar_operation(op, left, right);
        if (!filter) {
            to[step] = result;
        } else if (result != 0) {
            to[step] = from[step];
        }
    }
}

static bool vector_scalar_series(promql_eval *eval, vector_scalar *operation, const promql_series *from,
                                 promql_series *to)
{
    promql_operator op = operation->binary->op;
    if (from->histograms == NULL && op != PROMQL_TRIM_UPPER && op != PROMQL_TRIM_LOWER) {
        vector_scalar_floats(eval, operation, from->values, to->values);
        return promql_check_work(eval, eval->steps);
    }
    for (size_t step = 0; step < eval->steps; step++) {
        promql_sample sample = promql_series_at(from, step);
        promql_sample result;
        if (!sample.present) {
            continue;
        }
        if (!vector_scalar_step(eval, operation, sample, step, &result) || !promql_check_interrupt(eval)) {
            return false;
        }
        promql_series_set(eval, to, step, result);
    }
    return promql_check_arena(eval);
}

static bool binary_vector_scalar(promql_eval *eval, const promql_node *node, const promql_value *vector,
                                 vector_scalar *operation, promql_value *out)
{
    *out = (promql_value){.type = PROMQL_TYPE_VECTOR};
    for (size_t i = 0; i < vector->count; i++) {
        const promql_series *from = &vector->series[i];
        promql_series *to = promql_value_add(eval, out, from->labels);
        if (to == NULL) {
            return promql_check_arena(eval);
        }
        to->drop_name = from->drop_name;
        if (promql_changes_schema(node->binary.op) || node->binary.return_bool) {
            promql_drop_name(eval, to);
        }
        if (!vector_scalar_series(eval, operation, from, to)) {
            return false;
        }
    }
    promql_last_emit(eval, &operation->last, node);
    promql_value_prune(eval, out);
    return true;
}

bool promql_eval_binary(promql_eval *eval, const promql_node *node, promql_value *out)
{
    const promql_binary *binary = &node->binary;
    promql_value left;
    promql_value right;
    if (!promql_eval_node(eval, binary->left, &left) || !promql_eval_node(eval, binary->right, &right)) {
        return false;
    }
    if (left.type == PROMQL_TYPE_SCALAR && right.type == PROMQL_TYPE_SCALAR) {
        return binary_scalars(eval, binary->op, &left, &right, out);
    }
    if (left.type == PROMQL_TYPE_SCALAR || right.type == PROMQL_TYPE_SCALAR) {
        bool swapped = left.type == PROMQL_TYPE_SCALAR;
        vector_scalar operation = {
            .binary = binary, .scalar = swapped ? left.scalar : right.scalar, .swapped = swapped};
        return binary_vector_scalar(eval, node, swapped ? &right : &left, &operation, out);
    }
    return promql_operator_is_set(binary->op) ? promql_eval_set(eval, node, &left, &right, out)
                                              : promql_eval_match(eval, node, &left, &right, out);
}
