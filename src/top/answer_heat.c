/* SPDX-License-Identifier: Apache-2.0
 *
 * Answers that are histograms over time: classic ones, a line for each `le`, cumulative; and native ones, a
 * list of buckets for each time.
 */
#include "top/answer_parts.h"

#include <math.h>
#include <stdlib.h>

enum { BOUNDS_MAX = 256 };

static bool add_cell(top_detail *detail, const top_heat_cell *cell)
{
    if (!(cell->count > 0) || !(cell->low < cell->high) || detail->heat_count >= TOP_HEAT_CELLS_MAX) {
        return true;
    }
    if (detail->heat_count == detail->heat_capacity) {
        size_t capacity = detail->heat_capacity == 0 ? 256 : detail->heat_capacity * 2;
        top_heat_cell *more = ifm_realloc(detail->heat, capacity, sizeof *more);
        if (more == NULL) {
            return false;
        }
        detail->heat = more;
        detail->heat_capacity = capacity;
    }
    detail->heat[detail->heat_count++] = *cell;
    return true;
}

/* --- Classic --------------------------------------------------------------------------------------- */

typedef struct bound {
    double le;
    const json_t *item;
} bound;

static int compare_bounds(const void *left, const void *right)
{
    const bound *a = left, *b = right;
    return (a->le > b->le) - (a->le < b->le);
}

static int find_bounds(const json_t *result, bound out[BOUNDS_MAX])
{
    int count = 0;
    for (size_t i = 0; i < json_array_size(result) && count < BOUNDS_MAX; i++) {
        const json_t *item = json_array_get(result, i);
        double le = top_json_number(json_object_get(json_object_get(item, "metric"), "le"));
        if (!isnan(le)) {
            out[count++] = (bound){.le = le, .item = item};
        }
    }
    qsort(out, (size_t)count, sizeof out[0], compare_bounds);
    return count;
}

/* The counts below one bound, in each column. */
static void read_counts(const top_frame *frame, const json_t *item, double counts[TOP_HEAT_COLUMNS_MAX])
{
    const json_t *points = json_object_get(item, "values");
    memset(counts, 0, TOP_HEAT_COLUMNS_MAX * sizeof counts[0]);
    for (size_t i = 0; i < json_array_size(points); i++) {
        const json_t *point = json_array_get(points, i);
        int column = top_frame_index(frame, json_array_get(point, 0));
        double count = top_json_number(json_array_get(point, 1));
        if (column >= 0 && isfinite(count)) {
            counts[column] = count;
        }
    }
}

static bool take_classic(top_detail *detail, const top_frame *frame, const json_t *result)
{
    bound bounds[BOUNDS_MAX];
    double below[TOP_HEAT_COLUMNS_MAX] = {0}, counts[TOP_HEAT_COLUMNS_MAX];
    int count = find_bounds(result, bounds);
    double low = 0;
    for (int i = 0; i < count; i++) {
        read_counts(frame, bounds[i].item, counts);
        for (int column = 0; column < frame->count; column++) {
            if (!add_cell(detail, &(top_heat_cell){.column = column,
                                                   .low = low,
                                                   .high = bounds[i].le,
                                                   .count = counts[column] - below[column]})) {
                return false;
            }
            below[column] = counts[column] > below[column] ? counts[column] : below[column];
        }
        low = bounds[i].le;
    }
    return true;
}

/* --- Native ---------------------------------------------------------------------------------------- */

/* A bucket is [rule of bounds, low, high, count]. */
static bool take_buckets(top_detail *detail, int column, const json_t *buckets)
{
    for (size_t i = 0; i < json_array_size(buckets); i++) {
        const json_t *bucket = json_array_get(buckets, i);
        if (!add_cell(detail, &(top_heat_cell){.column = column,
                                               .low = top_json_number(json_array_get(bucket, 1)),
                                               .high = top_json_number(json_array_get(bucket, 2)),
                                               .count = top_json_number(json_array_get(bucket, 3))})) {
            return false;
        }
    }
    return true;
}

static bool take_native(top_detail *detail, const top_frame *frame, const json_t *item)
{
    const json_t *points = json_object_get(item, "histograms");
    for (size_t i = 0; i < json_array_size(points); i++) {
        const json_t *point = json_array_get(points, i);
        int column = top_frame_index(frame, json_array_get(point, 0));
        const json_t *buckets = json_object_get(json_array_get(point, 1), "buckets");
        if (column >= 0 && !take_buckets(detail, column, buckets)) {
            return false;
        }
    }
    return true;
}

bool top_answer_heat(top_model *model, const top_asked *asked, const json_t *result, ifm_error *err)
{
    top_detail *detail = &model->detail;
    detail->heat_frame = asked->frame;
    if (detail->heat_frame.count > TOP_HEAT_COLUMNS_MAX) {
        detail->heat_frame.count = TOP_HEAT_COLUMNS_MAX;
    }
    detail->heat_count = 0;
    bool ok = take_classic(detail, &detail->heat_frame, result);
    for (size_t i = 0; ok && detail->heat_count == 0 && i < json_array_size(result); i++) {
        ok = take_native(detail, &detail->heat_frame, json_array_get(result, i));
    }
    return ok || ifm_error_nomem(err);
}
