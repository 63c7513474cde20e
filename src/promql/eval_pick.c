/* SPDX-License-Identifier: Apache-2.0
 *
 * topk, bottomk, limitk, limit_ratio: some of the samples of each group, step by step, as they are.
 *
 * Which of two equal samples is taken shows in results, so that the heap is that of Go's container/heap.
 */
#include "promql/eval_impl.h"

#include <math.h>

typedef struct picked {
    double value;
    size_t series;
} picked;

typedef struct picking {
    const promql_node *node;
    promql_aggregation op;
    const double *param; /* one per step */
    const promql_value *input;
    promql_groups groups;
    promql_series **outputs; /* of each series of the input; NULL: never taken */
    picked *heap;
    size_t heap_count;
    size_t *order; /* series in the order in which an instant query shows them */
    size_t order_count;
} picking;

/* bottomk has the largest on top; NaN is always nearer to it. */
static bool comes_first(const picking *p, picked a, picked b)
{
    if (isnan(a.value)) {
        return true;
    }
    return p->op == PROMQL_BOTTOMK ? a.value > b.value : a.value < b.value;
}

static void heap_swap(picking *p, size_t a, size_t b)
{
    picked kept = p->heap[a];
    p->heap[a] = p->heap[b];
    p->heap[b] = kept;
}

static void heap_push(picking *p, picked item)
{
    size_t at = p->heap_count++;
    p->heap[at] = item;
    while (at > 0 && comes_first(p, p->heap[at], p->heap[(at - 1) / 2])) {
        heap_swap(p, at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
}

static void heap_sink(picking *p)
{
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= p->heap_count) {
            return;
        }
        if (child + 1 < p->heap_count && comes_first(p, p->heap[child + 1], p->heap[child])) {
            child++;
        }
        if (!comes_first(p, p->heap[child], p->heap[at])) {
            return;
        }
        heap_swap(p, at, child);
        at = child;
    }
}

/* Merges two sorted runs: stable, unlike the heap. */
static void sort_runs(const picking *p, picked *items, picked *room, size_t count)
{
    if (count < 2) {
        return;
    }
    size_t half = count / 2;
    sort_runs(p, items, room, half);
    sort_runs(p, items + half, room, count - half);
    memcpy(room, items, count * sizeof *room);
    size_t left = 0;
    size_t right = half;
    for (size_t i = 0; i < count; i++) {
        /* The reverse of the heap's order. */
        bool take_right = right < count && (left == half || comes_first(p, room[left], room[right]));
        if (take_right && left < half && comes_first(p, room[right], room[left])) {
            take_right = false; /* equal: two NaN */
        }
        items[i] = take_right ? room[right++] : room[left++];
    }
}

static bool better(const picking *p, double value)
{
    double top = p->heap[0].value;
    bool beats = p->op == PROMQL_TOPK ? top < value : top > value;
    return beats || (isnan(top) && !isnan(value));
}

static bool ratio_takes(double ratio, model_labels labels)
{
    double offset = (double)model_labels_hash(labels) / 18446744073709551615.0;
    return ratio >= 0 ? offset < ratio : offset >= 1.0 + ratio;
}

static void pick_offer(promql_eval *eval, picking *p, size_t k, double ratio, size_t series,
                       promql_sample sample)
{
    picked item = {.value = sample.value, .series = series};
    switch (p->op) {
    case PROMQL_LIMITK:
        if (p->heap_count < k) {
            heap_push(p, item);
        }
        break;
    case PROMQL_LIMIT_RATIO:
        if (ratio_takes(ratio, p->input->series[series].labels)) {
            heap_push(p, item);
        }
        break;
    default:
        if (sample.histogram != NULL) {
            promql_info(eval, p->node, "ignored histogram in %s aggregation",
                        promql_aggregation_get(p->op)->name);
        } else if (p->heap_count < k) {
            heap_push(p, item);
        } else if (better(p, item.value)) {
            p->heap[0] = item;
            heap_sink(p);
        }
        break;
    }
}

static bool pick_keep(promql_eval *eval, picking *p, size_t step, size_t series)
{
    const promql_series *from = &p->input->series[series];
    promql_series *to = p->outputs[series];
    if (to == NULL) {
        to = ifm_bump_alloc(eval->arena, sizeof *to);
        double *values = promql_column_new(eval);
        if (to == NULL || values == NULL) {
            return promql_check_arena(eval);
        }
        *to = (promql_series){.labels = from->labels, .values = values, .drop_name = from->drop_name};
        to->histograms = from->histograms;
        p->outputs[series] = to;
        p->order[p->order_count++] = series;
    }
    to->values[step] = from->values[step];
    return true;
}

static bool pick_group(promql_eval *eval, picking *p, size_t group, size_t step, size_t k, double ratio)
{
    p->heap_count = 0;
    for (size_t i = 0; i < p->groups.sizes[group]; i++) {
        size_t series = p->groups.members[group][i];
        promql_sample sample = promql_series_at(&p->input->series[series], step);
        if (sample.present) {
            pick_offer(eval, p, k, ratio, series, sample);
        }
    }
    if (p->op == PROMQL_TOPK || p->op == PROMQL_BOTTOMK) {
        sort_runs(p, p->heap, p->heap + p->input->count, p->heap_count);
    }
    for (size_t i = 0; i < p->heap_count; i++) {
        if (!pick_keep(eval, p, step, p->heap[i].series)) {
            return false;
        }
    }
    return promql_check_work(eval, 1 + p->groups.sizes[group]);
}

static bool pick_step(promql_eval *eval, picking *p, size_t step)
{
    double param = p->param[step];
    size_t k = 0;
    double ratio = 0;
    if (p->op == PROMQL_LIMIT_RATIO) {
        ratio = fmax(-1.0, fmin(1.0, param));
    } else {
        k = param < 1 ? 0 : param > (double)p->input->count ? p->input->count : (size_t)param;
    }
    if (k == 0 && ratio == 0) {
        return true;
    }
    for (size_t group = 0; group < p->groups.count; group++) {
        if (!pick_group(eval, p, group, step, k, ratio)) {
            return false;
        }
    }
    return true;
}

typedef struct pick_limits {
    double least, most;
    bool nan;
} pick_limits;

static bool check_k(promql_eval *eval, const pick_limits *limits)
{
    char text[IFM_NUMBER_SIZE + 1];
    const double past_i64 = 9223372036854775808.0; /* 2^63 */
    if (limits->nan) {
        return promql_eval_fail(eval, IFM_INVALID, "Parameter value is NaN");
    }
    if (limits->least <= -past_i64) {
        text[ifm_number_write_g(text, limits->least)] = '\0';
        return promql_eval_fail(eval, IFM_INVALID, "Scalar value %s underflows int64", text);
    }
    if (limits->most >= past_i64) {
        text[ifm_number_write_g(text, limits->most)] = '\0';
        return promql_eval_fail(eval, IFM_INVALID, "Scalar value %s overflows int64", text);
    }
    return true;
}

static bool check_ratio(promql_eval *eval, const promql_node *node, const pick_limits *limits)
{
    char text[IFM_NUMBER_SIZE + 1];
    const promql_node *at = promql_unwrap(node->aggregate.param);
    if (limits->nan) {
        return promql_eval_fail(eval, IFM_INVALID, "Ratio value is NaN");
    }
    if (limits->most > 1) {
        text[ifm_number_write_g(text, limits->most)] = '\0';
        promql_warn(eval, at, "ratio value should be between -1 and 1, got %s, capping to 1", text);
    }
    if (limits->least < -1) {
        text[ifm_number_write_g(text, limits->least)] = '\0';
        promql_warn(eval, at, "ratio value should be between -1 and 1, got %s, capping to -1", text);
    }
    return true;
}

/* *none: nothing can be picked at any step. */
static bool check_param(promql_eval *eval, const picking *p, bool *none)
{
    pick_limits limits = {.least = p->param[0], .most = p->param[0]};
    for (size_t step = 0; step < eval->steps; step++) {
        limits.nan = limits.nan || isnan(p->param[step]);
        limits.least = fmin(limits.least, p->param[step]);
        limits.most = fmax(limits.most, p->param[step]);
    }
    if (p->op == PROMQL_LIMIT_RATIO) {
        *none = !limits.nan && limits.least == 0 && limits.most == 0;
        return *none || check_ratio(eval, p->node, &limits);
    }
    *none = !limits.nan && limits.most < 1;
    return *none || check_k(eval, &limits);
}

bool promql_aggregate_pick(promql_eval *eval, const promql_node *node, const double *param,
                           promql_value *input, promql_value *out)
{
    picking p = {.node = node, .op = node->aggregate.op, .param = param, .input = input};
    bool none;
    if (!check_param(eval, &p, &none) || none) {
        return none;
    }
    p.outputs = ifm_bump_alloc_array(eval->arena, input->count, sizeof *p.outputs);
    p.heap = ifm_bump_alloc_array(eval->arena, input->count * 2, sizeof *p.heap); /* twice: room to sort */
    p.order = ifm_bump_alloc_array(eval->arena, input->count, sizeof *p.order);
    if (!promql_groups_make(eval, node, input, &p.groups)) {
        return false;
    }
    for (size_t step = 0; step < eval->steps; step++) {
        if (!pick_step(eval, &p, step)) {
            return false;
        }
    }
    out->series = ifm_bump_alloc_array(eval->arena, p.order_count, sizeof *out->series);
    for (size_t i = 0; out->series != NULL && i < p.order_count; i++) {
        out->series[out->count++] = *p.outputs[p.order[i]];
    }
    return promql_check_arena(eval);
}
