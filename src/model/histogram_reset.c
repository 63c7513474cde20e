/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether a counter histogram was started anew between two samples: anything that cannot become less has.
 */
#include "model/histogram_impl.h"

#include <math.h>

/* Skips what lies within the zero bucket, whose count is compared apart. */
static bool next_above(model_cursor *c, int32_t schema, double threshold)
{
    while (model_cursor_next(c)) {
        if (schema == MODEL_SCHEMA_CUSTOM || threshold == 0 ||
            model_histogram_bound((int32_t)c->index, schema) > threshold) {
            return true;
        }
    }
    return false;
}

static bool side_was_reset(const model_histogram *previous, const model_histogram *current, bool positive)
{
    model_cursor before, after;
    model_cursor_init(&before, model_side_of(previous, positive), previous->schema, current->schema);
    model_cursor_init(&after, model_side_of(current, positive), current->schema, current->schema);
    double threshold = current->zero_threshold;
    bool more = next_above(&after, current->schema, threshold);
    while (next_above(&before, current->schema, threshold)) {
        while (more && after.index < before.index) {
            more = next_above(&after, current->schema, threshold);
        }
        if (more && after.index == before.index ? after.count < before.count : before.count != 0) {
            return true;
        }
    }
    return false;
}

/* The count of a custom histogram up to `bound`, of buckets that were not counted yet. *more: `c` stands on
 * one. */
static double count_up_to(model_cursor *c, const model_histogram *h, double bound, bool *more)
{
    double count = 0;
    while (*more && model_side_bound(h, c->index) <= bound) {
        count += c->count;
        *more = model_cursor_next(c);
    }
    return count;
}

/* Compares at the bounds that both have. */
static bool custom_was_reset(const model_histogram *previous, const model_histogram *current)
{
    model_cursor before, after;
    model_cursor_init(&before, model_side_of(previous, true), 0, 0);
    model_cursor_init(&after, model_side_of(current, true), 0, 0);
    bool more_before = model_cursor_next(&before);
    bool more_after = model_cursor_next(&after);
    for (uint32_t i = 0, j = 0; i <= previous->custom_count && j <= current->custom_count;) {
        double a = model_side_bound(previous, i);
        double b = model_side_bound(current, j);
        if (a == b &&
            count_up_to(&after, current, b, &more_after) < count_up_to(&before, previous, a, &more_before)) {
            return true;
        }
        i += a <= b;
        j += b <= a;
    }
    return false;
}

bool model_histogram_detect_reset(const model_histogram *previous, const model_histogram *current)
{
    if (current->hint == MODEL_RESET_YES || current->hint == MODEL_RESET_NO) {
        return current->hint == MODEL_RESET_YES;
    }
    if (current->count < previous->count) {
        return true;
    }
    if (model_histogram_is_custom(current) != model_histogram_is_custom(previous)) {
        return true;
    }
    if (model_histogram_is_custom(current)) {
        return model_histogram_same_bounds(previous, current) ? side_was_reset(previous, current, true)
                                                              : custom_was_reset(previous, current);
    }
    if (current->schema > previous->schema || current->zero_threshold < previous->zero_threshold) {
        return true;
    }
    double rest;
    double threshold = current->zero_threshold;
    double zero_before = model_zero_count(previous, NULL, &threshold, &rest);
    return threshold != current->zero_threshold || current->zero_count < zero_before ||
           side_was_reset(previous, current, true) || side_was_reset(previous, current, false);
}
