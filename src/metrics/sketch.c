/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics/sketch.h"

#include "base/base.h"

#include <math.h>
#include <string.h>

enum { SETS = IFM_SKETCH_SLICES + 1 };

/* Schema 5 grows by 2^(1/32). */
static const double SKETCH_GROWTH = 1.0219;

static const double SKETCH_WINDOW_SECONDS = 600; /* as the default of client_golang's MaxAge */
static const double SKETCH_MIN = 1e-6;
static const double SKETCH_MAX = 1e4;

static bool sketch_layout_quantiles(struct ifm_sketch_layout *layout, const ifm_summary_options *options,
                                    ifm_error *err)
{
    if (options->quantile_count > IFM_QUANTILES_MAX) {
        return ifm_error_set(err, IFM_INVALID, "cannot keep %zu quantiles: the limit is %d",
                             options->quantile_count, IFM_QUANTILES_MAX);
    }
    for (size_t i = 0; i < options->quantile_count; i++) {
        double quantile = options->quantiles[i];
        if (!(quantile >= 0 && quantile <= 1)) {
            return ifm_error_set(err, IFM_INVALID, "cannot use quantile %g: it has to be from 0 to 1",
                                 quantile);
        }
        if (i > 0 && !(quantile > options->quantiles[i - 1])) {
            return ifm_error_set(err, IFM_INVALID, "cannot use quantiles: %g is not above %g before it",
                                 quantile, options->quantiles[i - 1]);
        }
    }
    layout->quantiles = ifm_alloc(options->quantile_count * sizeof *layout->quantiles);
    if (layout->quantiles == NULL) {
        return ifm_error_nomem(err);
    }
    memcpy(layout->quantiles, options->quantiles, options->quantile_count * sizeof *layout->quantiles);
    layout->quantile_count = options->quantile_count;
    return true;
}

bool ifm_sketch_layout_init(struct ifm_sketch_layout *layout, const ifm_summary_options *options,
                            ifm_error *err)
{
    *layout = (struct ifm_sketch_layout){0};
    double window = options->window_seconds == 0 ? SKETCH_WINDOW_SECONDS : options->window_seconds;
    double low = options->value_min == 0 ? SKETCH_MIN : options->value_min;
    double high = options->value_max == 0 ? SKETCH_MAX : options->value_max;
    if (!(window >= 0.001 && window <= 1e7)) {
        return ifm_error_set(err, IFM_INVALID, "cannot use a window of %g s: it has to be from 0.001 to 1e7",
                             options->window_seconds);
    }
    if (!(low > 0 && high > low && high <= 1e300 && low >= 1e-300)) {
        return ifm_error_set(err, IFM_INVALID,
                             "cannot use the value range from %g to %g: it has to be within 1e-300 and 1e300",
                             low, high);
    }
    if (!ifm_native_layout_init(&layout->native, SKETCH_GROWTH, 0, 0, err)) {
        return false;
    }
    if (!sketch_layout_quantiles(layout, options, err)) {
        ifm_sketch_layout_deinit(layout);
        return false;
    }
    layout->value_min = low;
    layout->low = ifm_native_index(&layout->native, low);
    layout->buckets = (uint32_t)(ifm_native_index(&layout->native, high) - layout->low) + 1;
    layout->slice_ns = (int64_t)(window * 1e9 / IFM_SKETCH_SLICES);
    return true;
}

void ifm_sketch_layout_deinit(struct ifm_sketch_layout *layout)
{
    ifm_native_layout_deinit(&layout->native);
    ifm_free(layout->quantiles);
    layout->quantiles = NULL;
}

static size_t sketch_set_size(const struct ifm_sketch_layout *layout)
{
    return 2 * (size_t)layout->buckets + 1;
}

struct ifm_sketch *ifm_sketch_new(const struct ifm_sketch_layout *layout, int64_t now_ns, ifm_error *err)
{
    size_t counts = SETS * sketch_set_size(layout);
    struct ifm_sketch *sketch = ifm_alloc_zero(1, sizeof *sketch + counts * sizeof sketch->counts[0]);
    if (sketch == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    sketch->layout = layout;
    atomic_store(&sketch->epoch, (uint64_t)(now_ns / layout->slice_ns) << 1);
    return sketch;
}

void ifm_sketch_free(struct ifm_sketch *sketch)
{
    ifm_free(sketch);
}

static void sketch_zero_set(struct ifm_sketch *sketch, uint64_t epoch)
{
    size_t size = sketch_set_size(sketch->layout);
    _Atomic uint32_t *set = sketch->counts + epoch % SETS * size;
    for (size_t i = 0; i < size; i++) {
        atomic_store_explicit(&set[i], 0, memory_order_relaxed);
    }
}

void ifm_sketch_reset(struct ifm_sketch *sketch)
{
    for (uint64_t set = 0; set < SETS; set++) {
        sketch_zero_set(sketch, set);
    }
    atomic_fetch_and(&sketch->epoch, ~UINT64_C(1));
}

/* Moves on to the slice of `now`, unless another thread does so already; returns the epoch that takes
 * observations. The set after the new one is zeroed in advance, so nobody writes to it meanwhile. */
static uint64_t sketch_advance(struct ifm_sketch *sketch, int64_t now_ns)
{
    uint64_t now = (uint64_t)(now_ns / sketch->layout->slice_ns);
    uint64_t seen = atomic_load_explicit(&sketch->epoch, memory_order_acquire);
    uint64_t epoch = seen >> 1;
    if (now <= epoch || (seen & 1) != 0 ||
        !atomic_compare_exchange_strong_explicit(&sketch->epoch, &seen, seen | 1, memory_order_acq_rel,
                                                 memory_order_acquire)) {
        return seen >> 1;
    }
    /* Sets epoch + 2 .. now + 1 hold what is too old; epoch + 1 is zero already (Q1). After a long
     * silence that is every other set, the one in use (epoch + SETS) included. */
    uint64_t last = now + 1 - epoch < SETS ? now + 1 : epoch + SETS;
    for (uint64_t at = epoch + 2; at <= last; at++) {
        sketch_zero_set(sketch, at);
    }
    atomic_store_explicit(&sketch->epoch, now << 1, memory_order_release);
    return now;
}

static size_t sketch_bucket(const struct ifm_sketch_layout *layout, double value)
{
    double magnitude = fabs(value);
    if (magnitude < layout->value_min) {
        return layout->buckets;
    }
    int32_t index = ifm_native_index(&layout->native, magnitude) - layout->low;
    uint32_t bucket = index < 0                            ? 0
                      : (uint32_t)index >= layout->buckets ? layout->buckets - 1
                                                           : (uint32_t)index;
    return value < 0 ? layout->buckets - 1 - bucket : layout->buckets + 1 + bucket;
}

void ifm_sketch_observe(struct ifm_sketch *sketch, double value, int64_t now_ns)
{
    if (isnan(value)) {
        return;
    }
    const struct ifm_sketch_layout *layout = sketch->layout;
    uint64_t epoch = sketch_advance(sketch, now_ns);
    size_t at = epoch % SETS * sketch_set_size(layout) + sketch_bucket(layout, value);
    if (atomic_load_explicit(&sketch->counts[at], memory_order_relaxed) < IFM_SKETCH_COUNT_MAX) { /* Q3 */
        atomic_fetch_add_explicit(&sketch->counts[at], 1, memory_order_relaxed);
    }
}

/* The number of observations in bucket `i` over the whole window. */
static uint64_t sketch_count(const struct ifm_sketch *sketch, uint64_t epoch, size_t i)
{
    uint64_t count = 0;
    size_t size = sketch_set_size(sketch->layout);
    for (uint64_t k = 0; k < IFM_SKETCH_SLICES; k++) {
        size_t set = (size_t)((epoch + SETS - k) % SETS);
        count += atomic_load_explicit(&sketch->counts[set * size + i], memory_order_relaxed);
    }
    return count;
}

static double sketch_value(const struct ifm_sketch_layout *layout, size_t bucket)
{
    if (bucket == layout->buckets) {
        return 0;
    }
    bool negative = bucket < layout->buckets;
    size_t magnitude = negative ? layout->buckets - 1 - bucket : bucket - layout->buckets - 1;
    double index = (double)layout->low + (double)magnitude;
    double high = exp2(index / 32);
    double low = exp2((index - 1) / 32);
    double middle = 2 * low * high / (low + high);
    return negative ? -middle : middle;
}

void ifm_sketch_read(struct ifm_sketch *sketch, int64_t now_ns, double *out)
{
    const struct ifm_sketch_layout *layout = sketch->layout;
    uint64_t epoch = sketch_advance(sketch, now_ns);
    size_t size = sketch_set_size(layout);
    uint64_t total = 0;
    for (size_t i = 0; i < size; i++) {
        total += sketch_count(sketch, epoch, i);
    }
    uint64_t below = 0;
    size_t bucket = 0;
    size_t filled = 0; /* the last bucket with a count: where the search ends when a slice went meanwhile */
    for (size_t q = 0; q < layout->quantile_count; q++) {
        uint64_t rank = (uint64_t)ceil(layout->quantiles[q] * (double)total);
        rank = rank == 0 ? 1 : rank;
        while (bucket < size) {
            uint64_t count = sketch_count(sketch, epoch, bucket);
            filled = count > 0 ? bucket : filled;
            if (below + count >= rank) {
                break;
            }
            below += count;
            bucket++;
        }
        out[q] = total == 0 ? NAN : sketch_value(layout, filled);
    }
}
