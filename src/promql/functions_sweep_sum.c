/* SPDX-License-Identifier: Apache-2.0
 *
 * sum_over_time and avg_over_time for all steps of a series at once. A compensated sum depends on the order
 * of its terms, so that each window is added up from its first sample; but the windows of several steps side
 * by side, which the processor works on at the same time.
 *
 * S2  results are those of functions_sum.c to the last bit. Both compute the rounding error of an addition
 *     exactly: there by a comparison, here by Knuth's six operations without one. What is not finite is left
 *     to it.
 */
#include "promql/functions_sweep.h"
#include "promql/kahan.h"

enum { PAIRS = 4, LANES = 2 * PAIRS };

typedef double pair __attribute__((vector_size(16)));

/* The windows of some steps. */
typedef struct sum_lanes {
    const double *values[LANES]; /* of the window */
    size_t count[LANES];
    promql_kahan total[LANES];
} sum_lanes;

/* Adds values 1 to count - 1 of all windows. */
static void lanes_add(sum_lanes *lanes, size_t count)
{
    pair sum[PAIRS];
    pair rest[PAIRS];
    for (size_t p = 0; p < PAIRS; p++) {
        sum[p] = (pair){lanes->total[2 * p].sum, lanes->total[2 * p + 1].sum};
        rest[p] = (pair){0, 0};
    }
    for (size_t i = 1; i < count; i++) {
        for (size_t p = 0; p < PAIRS; p++) {
            pair value = {lanes->values[2 * p][i], lanes->values[2 * p + 1][i]};
            pair total = sum[p] + value;
            pair taken = total - sum[p];
            rest[p] += (sum[p] - (total - taken)) + (value - taken); /* S2 */
            sum[p] = total;
        }
    }
    for (size_t k = 0; k < LANES; k++) {
        lanes->total[k] = (promql_kahan){sum[k / 2][k % 2], rest[k / 2][k % 2]};
    }
}

static void lanes_sum(sum_lanes *lanes)
{
    size_t together = lanes->count[0];
    for (size_t k = 0; k < LANES; k++) {
        lanes->total[k].sum = 0.0 + lanes->values[k][0]; /* no sum begins with -0 */
        together = lanes->count[k] < together ? lanes->count[k] : together;
    }
    lanes_add(lanes, together);
    for (size_t k = 0; k < LANES; k++) {
        for (size_t i = together; i < lanes->count[k]; i++) {
            promql_kahan_add(&lanes->total[k], lanes->values[k][i]);
        }
    }
}

static double lane_result(const sum_lanes *lanes, size_t k, bool average)
{
    promql_kahan total = lanes->total[k];
    size_t count = lanes->count[k];
    if (!isfinite(total.sum) || !isfinite(total.rest)) {
        return average ? promql_average_floats(lanes->values[k], count)
                       : promql_sum_floats(lanes->values[k], count);
    }
    if (!average) {
        return total.sum + total.rest;
    }
    if (total.sum == 0 && total.rest == 0) { /* an average may be -0 */
        return promql_average_floats(lanes->values[k], count);
    }
    return total.sum / (double)count + total.rest / (double)count;
}

/* The windows that have samples, LANES at a time. */
static bool sweep_sum(promql_eval *eval, const promql_sweep *sweep, bool average, double *out, uint64_t *seen)
{
    promql_sweep_window window = {.sweep = sweep};
    sum_lanes lanes;
    double *to[LANES];
    size_t filled = 0;
    *seen = 0;
    for (size_t step = 0; step < sweep->steps; step++) {
        promql_sweep_move(&window, step);
        size_t count = window.end - window.first;
        *seen += count;
        if (count > 0) {
            lanes.values[filled] = sweep->values + window.first;
            lanes.count[filled] = count;
            to[filled++] = &out[step];
        }
        bool last = step + 1 == sweep->steps && filled > 0;
        if (filled < LANES && !last) {
            continue;
        }
        for (size_t k = filled; k < LANES; k++) { /* at the end: something that is there */
            lanes.values[k] = lanes.values[0];
            lanes.count[k] = lanes.count[0];
        }
        lanes_sum(&lanes);
        for (size_t k = 0; k < filled; k++) {
            *to[k] = lane_result(&lanes, k, average);
        }
        filled = 0;
        if (!promql_check_interrupt(eval)) {
            return false;
        }
    }
    return true;
}

bool promql_sweep_sum(promql_eval *eval, const promql_sweep *sweep, double *out, uint64_t *seen)
{
    return sweep_sum(eval, sweep, false, out, seen);
}

bool promql_sweep_avg(promql_eval *eval, const promql_sweep *sweep, double *out, uint64_t *seen)
{
    return sweep_sum(eval, sweep, true, out, seen);
}
