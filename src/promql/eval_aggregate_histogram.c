/* SPDX-License-Identifier: Apache-2.0
 *
 * Sums and means of histograms across series, compensated as those of numbers are. The mean is the sum
 * divided at the end, unless the sum overflows: from then on it is carried from sample to sample.
 */
#include "promql/eval_aggregate.h"

bool promql_cell_start(promql_eval *eval, promql_cell *cell, const model_histogram *histogram)
{
    cell->sum = ifm_bump_alloc(eval->arena, sizeof *cell->sum);
    return cell->sum != NULL && model_histogram_sum_init(cell->sum, histogram, eval->arena)
               ? true
               : promql_check_arena(eval);
}

static void scale(double *values, uint32_t count, double factor)
{
    for (uint32_t i = 0; i < count; i++) {
        values[i] *= factor;
    }
}

static void scale_histogram(model_histogram *histogram, double *positive, double *negative, double factor)
{
    histogram->count *= factor;
    histogram->sum *= factor;
    histogram->zero_count *= factor;
    scale(positive, histogram->positive_count, factor);
    scale(negative, histogram->negative_count, factor);
}

static bool cell_add(promql_eval *eval, model_histogram_sum *sum, const model_histogram *histogram,
                     unsigned *flags)
{
    return model_histogram_sum_add(sum, histogram, eval->arena, flags) ||
           ((*flags & MODEL_ADD_INCOMPATIBLE) != 0 && eval->arena->failed == IFM_OK) ||
           promql_check_arena(eval);
}

/* mean * (n - 1) / n + histogram / n */
static bool cell_add_to_mean(promql_eval *eval, promql_cell *cell, const model_histogram *histogram,
                             unsigned *flags)
{
    model_histogram_sum *sum = cell->sum;
    double factor = (cell->count - 1) / cell->count;
    const model_histogram *share = model_histogram_divide(histogram, cell->count, eval->arena);
    if (share == NULL) {
        return promql_check_arena(eval);
    }
    scale_histogram(&sum->value, sum->own[0], sum->own[1], factor);
    scale_histogram(&sum->compensation, sum->own[2], sum->own[3], factor);
    return cell_add(eval, sum, share, flags);
}

bool promql_cell_add(promql_eval *eval, promql_cell *cell, bool mean, const model_histogram *histogram,
                     unsigned *flags)
{
    *flags = 0;
    if (!mean) {
        return cell_add(eval, cell->sum, histogram, flags);
    }
    if (!cell->incremental) {
        model_histogram_sum before;
        if (!model_histogram_sum_copy(cell->sum, eval->arena, &before)) {
            return promql_check_arena(eval);
        }
        if (!cell_add(eval, cell->sum, histogram, flags)) {
            return false;
        }
        if ((*flags & MODEL_ADD_INCOMPATIBLE) != 0 || !model_histogram_overflows(&cell->sum->value)) {
            return true;
        }
        *cell->sum = before;
        model_histogram_sum_divide(cell->sum, cell->count - 1);
        cell->incremental = true;
    }
    return cell_add_to_mean(eval, cell, histogram, flags);
}

const model_histogram *promql_cell_histogram(promql_eval *eval, promql_cell *cell, bool mean)
{
    if (mean && !cell->incremental) {
        model_histogram_sum_divide(cell->sum, cell->count);
    }
    const model_histogram *total = model_histogram_sum_total(cell->sum, eval->arena);
    return total == NULL ? NULL : model_histogram_compact(total, 0, eval->arena);
}
