/* SPDX-License-Identifier: Apache-2.0 */
#include "tsdb/querier.h"

/* Whether each bucket of `old` that counted something is in `now`, and counted no less. */
static bool buckets_grew(const model_histogram *old, const model_histogram *now, model_bucket_order order)
{
    model_bucket_iterator before;
    model_bucket_iterator after;
    model_bucket was;
    model_bucket is = {.index = 0};
    model_bucket_iterator_init(&before, old, order);
    model_bucket_iterator_init(&after, now, order);
    bool more = model_bucket_iterator_next(&after, &is);
    while (model_bucket_iterator_next(&before, &was)) {
        while (more && is.index < was.index) {
            more = model_bucket_iterator_next(&after, &is);
        }
        bool found = more && is.index == was.index;
        if (found ? is.count < was.count : was.count != 0) {
            return false;
        }
    }
    return true;
}

static bool same_layout(const model_histogram *a, const model_histogram *b)
{
    return a->schema == b->schema && a->zero_threshold == b->zero_threshold &&
           (!model_histogram_is_custom(a) || model_histogram_same_bounds(a, b));
}

model_reset_hint tsdb_hint(const model_histogram *previous, const model_histogram *now)
{
    if (now->hint == MODEL_RESET_GAUGE || now->hint == MODEL_RESET_YES) {
        return now->hint;
    }
    if (previous == NULL) {
        return MODEL_RESET_UNKNOWN;
    }
    if (previous->hint == MODEL_RESET_GAUGE || model_is_stale(previous->sum)) {
        return MODEL_RESET_YES;
    }
    if (model_is_stale(now->sum)) {
        return MODEL_RESET_NO;
    }
    bool grew = same_layout(previous, now) && now->count >= previous->count &&
                now->zero_count >= previous->zero_count &&
                buckets_grew(previous, now, MODEL_BUCKETS_POSITIVE) &&
                buckets_grew(previous, now, MODEL_BUCKETS_NEGATIVE);
    return grew ? MODEL_RESET_NO : MODEL_RESET_YES;
}

static model_reset_hint hint_shown(const storage_samples *samples, size_t at)
{
    const model_histogram *now = samples->histograms[at];
    model_reset_hint hint = now->hint;
    if (hint == MODEL_RESET_UNKNOWN && at > 0) {
        hint = tsdb_hint(samples->histograms[at - 1], now);
    }
    return hint == MODEL_RESET_YES ? MODEL_RESET_UNKNOWN : hint;
}

bool tsdb_hints_finish(storage_samples *samples, ifm_bump *arena, ifm_error *err)
{
    const model_histogram **changed = NULL;
    for (size_t i = 0; samples->histograms != NULL && i < samples->count; i++) {
        const model_histogram *from = samples->histograms[i];
        model_reset_hint hint = from == NULL ? MODEL_RESET_UNKNOWN : hint_shown(samples, i);
        if (from == NULL || hint == from->hint) {
            continue;
        }
        if (changed == NULL) {
            changed = ifm_bump_alloc_array(arena, samples->count, sizeof *changed);
        }
        const model_histogram *to = model_histogram_with_hint(from, hint, arena);
        if (changed == NULL || to == NULL) {
            return ifm_bump_check(arena, err);
        }
        changed[i] = to;
    }
    for (size_t i = 0; changed != NULL && i < samples->count; i++) {
        changed[i] = changed[i] == NULL ? samples->histograms[i] : changed[i];
    }
    samples->histograms = changed == NULL ? samples->histograms : changed;
    return true;
}
