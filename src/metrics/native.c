/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics/native.h"

#include <float.h>
#include <inferometer/metrics.h>
#include <math.h>
#include <string.h>

/* --- Layout ----------------------------------------------------------------------------------------- */

/* The coarsest schema that grows by no more than `factor`: 2^(2^-schema) <= factor. */
static int32_t native_schema(double factor)
{
    double floored = floor(log2(log2(factor)));
    double schema = -floored;
    return schema < IFM_NATIVE_SCHEMA_MIN   ? IFM_NATIVE_SCHEMA_MIN
           : schema > IFM_NATIVE_SCHEMA_MAX ? IFM_NATIVE_SCHEMA_MAX
                                            : (int32_t)schema;
}

/* Tables for schema > 0. Bounds are rounded once, from extended precision. Many in Prometheus's table
 * (model/histogram/generic.go) are some units in the last place off: an observation that close to a bound may
 * be in the bucket beside the one that client_golang takes, which no query can tell. */
static bool native_layout_tables(struct ifm_native_layout *layout, ifm_error *err)
{
    size_t count = (size_t)1 << layout->schema;
    double *fractions = ifm_alloc((count + 1) * sizeof *fractions);
    uint16_t *start = ifm_alloc(2 * count * sizeof *start);
    if (fractions == NULL || start == NULL) {
        ifm_free(fractions);
        ifm_free(start);
        return ifm_error_nomem(err);
    }
    for (size_t i = 0; i < count; i++) {
        fractions[i] = (double)(0.5L * exp2l((long double)i / (long double)count));
    }
    fractions[count] = INFINITY;
    for (size_t k = 0; k < 2 * count; k++) {
        double lowest = 0.5 + 0.5 * (double)k / (double)(2 * count);
        uint16_t i = 0;
        while (fractions[i] < lowest) {
            i++;
        }
        start[k] = i;
    }
    layout->fractions = fractions;
    layout->start = start;
    return true;
}

bool ifm_native_layout_init(struct ifm_native_layout *layout, double factor, size_t slots,
                            double zero_threshold, ifm_error *err)
{
    *layout = (struct ifm_native_layout){0};
    double growth = factor == 0 ? 1.1 : factor;
    size_t buckets = slots == 0 ? IFM_NATIVE_BUCKETS_DEFAULT : slots;
    if (!(growth > 1) || !isfinite(growth)) {
        return ifm_error_set(err, IFM_INVALID, "cannot use native bucket factor %g: it has to be above 1",
                             factor);
    }
    if (buckets < IFM_NATIVE_BUCKETS_MIN || buckets > IFM_NATIVE_BUCKETS_MAX) {
        return ifm_error_set(err, IFM_INVALID, "cannot keep %zu native buckets: the limits are %d and %d",
                             slots, IFM_NATIVE_BUCKETS_MIN, IFM_NATIVE_BUCKETS_MAX);
    }
    if (!(zero_threshold >= 0) || !isfinite(zero_threshold)) {
        return ifm_error_set(err, IFM_INVALID,
                             "cannot use native zero threshold %g: it has to be finite and >= 0",
                             zero_threshold);
    }
    layout->slots = (uint32_t)buckets;
    layout->schema = native_schema(growth);
    layout->zero_threshold = zero_threshold == 0 ? 0x1p-128 : zero_threshold;
    return layout->schema <= 0 || native_layout_tables(layout, err);
}

void ifm_native_layout_deinit(struct ifm_native_layout *layout)
{
    ifm_free((void *)(uintptr_t)layout->fractions);
    ifm_free((void *)(uintptr_t)layout->start);
    *layout = (struct ifm_native_layout){0};
}

/* frexp() by bits for normal numbers, without a call; `*fraction` is in [0.5, 1). */
static inline int native_exponent(double magnitude, double *fraction)
{
    uint64_t bits;
    memcpy(&bits, &magnitude, sizeof bits);
    int biased = (int)(bits >> 52);
    if (__builtin_expect(biased == 0, 0)) {
        int exponent;
        *fraction = frexp(magnitude, &exponent);
        return exponent;
    }
    bits = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1022) << 52;
    memcpy(fraction, &bits, sizeof bits);
    return biased - 1022;
}

int32_t ifm_native_index(const struct ifm_native_layout *layout, double magnitude)
{
    /* +Inf has the bucket above that of the largest double, as in client_golang. */
    int32_t beyond = magnitude > DBL_MAX ? 1 : 0;
    double fraction;
    int exponent = native_exponent(beyond ? DBL_MAX : magnitude, &fraction);
    if (layout->schema <= 0) {
        int32_t index = fraction == 0.5 ? exponent - 1 : exponent;
        int32_t steps = -layout->schema;
        return ((index + (1 << steps) - 1) >> steps) + beyond;
    }
    uint64_t bits;
    memcpy(&bits, &fraction, sizeof bits);
    uint32_t i = layout->start[(bits >> (52 - (layout->schema + 1))) & ((2U << layout->schema) - 1)];
    /* The table is finer than the bounds are apart, so one comparison decides; it is added, not branched
     * on: a branch that depends on the data is mispredicted every other time. */
    i += layout->fractions[i] < fraction;
    return (int32_t)i + (exponent - 1) * (1 << layout->schema) + beyond;
}

/* --- Observing -------------------------------------------------------------------------------------- */

static int32_t run_first(const struct ifm_native_run_state *run)
{
    return atomic_load_explicit(&run->first, memory_order_relaxed);
}

static uint32_t run_length(const struct ifm_native_run_state *run)
{
    return atomic_load_explicit(&run->length, memory_order_relaxed);
}

static void run_set(struct ifm_native_run_state *run, int32_t first, uint32_t length)
{
    atomic_store_explicit(&run->first, first, memory_order_relaxed);
    atomic_store_explicit(&run->length, length, memory_order_relaxed);
}

/* One sign of a block: bucket k of the run lies at base[k * step]. */
struct native_side {
    struct ifm_native_run_state *run;
    _Atomic uint64_t *base;
    int step;
};

static struct native_side native_side(struct ifm_native_block *block, uint32_t slots, bool negative)
{
    return negative ? (struct native_side){&block->negative, block->slots + slots - 1, -1}
                    : (struct native_side){&block->positive, block->slots, 1};
}

static uint64_t side_get(const struct native_side *side, uint32_t k)
{
    return atomic_load_explicit(side->base + (ptrdiff_t)k * side->step, memory_order_relaxed);
}

static void side_put(const struct native_side *side, uint32_t k, uint64_t count)
{
    atomic_store_explicit(side->base + (ptrdiff_t)k * side->step, count, memory_order_relaxed);
}

/* Merges the run's buckets two by two. A bucket never moves up, so one pass in place is enough. */
static void side_lower(const struct native_side *side)
{
    uint32_t length = run_length(side->run);
    if (length == 0) {
        return;
    }
    int32_t first = run_first(side->run);
    int32_t lowered = ifm_native_lower(first, 1);
    for (uint32_t k = 0; k < length; k++) {
        uint64_t count = side_get(side, k);
        uint32_t to = (uint32_t)(ifm_native_lower(first + (int32_t)k, 1) - lowered);
        side_put(side, k, 0);
        side_put(side, to, side_get(side, to) + count);
    }
    run_set(side->run, lowered, (uint32_t)(ifm_native_lower(first + (int32_t)length - 1, 1) - lowered) + 1);
}

/* Makes the run reach `index`; the caller has made sure that it fits. */
static void side_extend(const struct native_side *side, int32_t index)
{
    int32_t first = run_first(side->run);
    uint32_t length = run_length(side->run);
    if (length == 0) {
        run_set(side->run, index, 1);
    } else if (index >= first) {
        uint32_t reach = (uint32_t)(index - first) + 1;
        run_set(side->run, first, reach > length ? reach : length); /* it may be inside since lowering */
    } else {
        uint32_t shift = (uint32_t)(first - index);
        for (uint32_t k = length; k-- > 0;) {
            side_put(side, k + shift, side_get(side, k));
        }
        for (uint32_t k = 0; k < shift; k++) {
            side_put(side, k, 0);
        }
        run_set(side->run, index, length + shift);
    }
}

/* Counts the run's last bucket with the one below it, so that the other sign has a slot. */
static void side_give_up_last(const struct native_side *side)
{
    uint32_t last = run_length(side->run) - 1;
    side_put(side, last - 1, side_get(side, last - 1) + side_get(side, last));
    side_put(side, last, 0);
    run_set(side->run, run_first(side->run), last);
}

/* The length the run would have with `index` in it. */
static uint64_t side_length_with(const struct native_side *side, int32_t index)
{
    int64_t first = run_first(side->run);
    int64_t length = run_length(side->run);
    if (length == 0) {
        return 1;
    }
    int64_t low = index < first ? index : first;
    int64_t high = index > first + length - 1 ? index : first + length - 1;
    return (uint64_t)(high - low + 1);
}

/* Lowers the schema until `index` (of the layout's schema) fits; returns where it is then. */
static int32_t native_make_room(struct ifm_native_block *block, const struct ifm_native_layout *layout,
                                const struct native_side *side, const struct native_side *other,
                                int32_t index)
{
    for (;;) {
        int32_t schema = atomic_load_explicit(&block->schema, memory_order_relaxed);
        int32_t at = ifm_native_lower(index, layout->schema - schema);
        if (side_length_with(side, at) + run_length(other->run) <= layout->slots) { /* N1 */
            side_extend(side, at);
            return at;
        }
        if (schema == IFM_NATIVE_SCHEMA_MIN) {
            /* A tiny block and values from one end of the doubles to the other: the nearest bucket. */
            int32_t first = run_first(side->run);
            uint32_t length = run_length(side->run);
            if (length == 0) {
                side_give_up_last(other);
                side_extend(side, at);
                return at;
            }
            return at < first ? first : first + (int32_t)length - 1;
        }
        side_lower(side);
        side_lower(other);
        atomic_store_explicit(&block->schema, schema - 1, memory_order_relaxed); /* N2 */
    }
}

static void count_add(_Atomic uint64_t *count)
{
    atomic_store_explicit(count, atomic_load_explicit(count, memory_order_relaxed) + 1, memory_order_relaxed);
}

void ifm_native_observe(struct ifm_native_block *block, const struct ifm_native_layout *layout, double value)
{
    double magnitude = fabs(value);
    if (__builtin_expect(!(magnitude > layout->zero_threshold), 0)) {
        count_add(isnan(value) ? &block->nan : &block->zero);
        return;
    }
    int32_t schema = atomic_load_explicit(&block->schema, memory_order_relaxed);
    int32_t index = ifm_native_index(layout, magnitude);
    struct native_side side = native_side(block, layout->slots, value < 0);
    int32_t at = ifm_native_lower(index, layout->schema - schema);
    uint32_t k = (uint32_t)at - (uint32_t)run_first(side.run);
    if (__builtin_expect(k >= run_length(side.run), 0)) {
        struct native_side other = native_side(block, layout->slots, !(value < 0));
        at = native_make_room(block, layout, &side, &other, index);
        k = (uint32_t)(at - run_first(side.run));
    }
    count_add(side.base + (ptrdiff_t)k * side.step);
}

/* --- Summing ---------------------------------------------------------------------------------------- */

void ifm_native_sum_clear(struct ifm_native_sum *sum, const struct ifm_native_layout *layout)
{
    sum->schema = layout->schema;
    sum->zero = 0;
    sum->nan = 0;
    sum->positive.length = 0;
    sum->negative.length = 0;
}

void ifm_native_sum_deinit(struct ifm_native_sum *sum)
{
    ifm_free(sum->positive.counts);
    ifm_free(sum->negative.counts);
    *sum = (struct ifm_native_sum){0};
}

static void sum_run_lower(struct ifm_native_sum_run *run, int32_t steps)
{
    if (run->length == 0 || steps == 0) {
        return;
    }
    int32_t lowered = ifm_native_lower(run->first, steps);
    int32_t last = ifm_native_lower(run->first + (int32_t)run->length - 1, steps);
    for (size_t k = 0; k < run->length; k++) {
        uint64_t count = run->counts[k];
        size_t to = (size_t)(ifm_native_lower(run->first + (int32_t)k, steps) - lowered);
        run->counts[k] = 0;
        run->counts[to] += count;
    }
    run->first = lowered;
    run->length = (size_t)(last - lowered) + 1;
}

static bool sum_run_cover(struct ifm_native_sum_run *run, int32_t low, int32_t high)
{
    int32_t first = run->length == 0 || low < run->first ? low : run->first;
    int32_t last = run->length == 0 || high > run->first + (int32_t)run->length - 1
                       ? high
                       : run->first + (int32_t)run->length - 1;
    size_t length = (size_t)(last - first) + 1;
    if (length > run->capacity) {
        uint64_t *counts = ifm_realloc(run->counts, length, sizeof *counts);
        if (counts == NULL) {
            return false;
        }
        run->counts = counts;
        run->capacity = length;
    }
    size_t shift = run->length == 0 ? 0 : (size_t)(run->first - first);
    memmove(run->counts + shift, run->counts, run->length * sizeof *run->counts);
    memset(run->counts, 0, shift * sizeof *run->counts);
    memset(run->counts + shift + run->length, 0, (length - shift - run->length) * sizeof *run->counts);
    run->first = first;
    run->length = length;
    return true;
}

static bool sum_run_add(struct ifm_native_sum_run *run, int32_t steps, const struct native_side *side)
{
    uint32_t length = run_length(side->run);
    if (length == 0) {
        return true;
    }
    int32_t first = run_first(side->run);
    if (!sum_run_cover(run, ifm_native_lower(first, steps),
                       ifm_native_lower(first + (int32_t)length - 1, steps))) {
        return false;
    }
    for (uint32_t k = 0; k < length; k++) {
        run->counts[ifm_native_lower(first + (int32_t)k, steps) - run->first] += side_get(side, k);
    }
    return true;
}

bool ifm_native_sum_add(struct ifm_native_sum *sum, const struct ifm_native_layout *layout,
                        const struct ifm_native_block *block)
{
    struct ifm_native_block *source = (struct ifm_native_block *)(uintptr_t)block; /* only read */
    int32_t schema = atomic_load_explicit(&source->schema, memory_order_relaxed);
    int32_t target = schema < sum->schema ? schema : sum->schema;
    sum_run_lower(&sum->positive, sum->schema - target);
    sum_run_lower(&sum->negative, sum->schema - target);
    sum->schema = target;
    struct native_side positive = native_side(source, layout->slots, false);
    struct native_side negative = native_side(source, layout->slots, true);
    if (!sum_run_add(&sum->positive, schema - target, &positive) ||
        !sum_run_add(&sum->negative, schema - target, &negative)) {
        return false;
    }
    sum->zero += atomic_load_explicit(&source->zero, memory_order_relaxed);
    sum->nan += atomic_load_explicit(&source->nan, memory_order_relaxed);
    while (sum->positive.length + sum->negative.length > layout->slots &&
           sum->schema > IFM_NATIVE_SCHEMA_MIN) {
        sum_run_lower(&sum->positive, 1);
        sum_run_lower(&sum->negative, 1);
        sum->schema--;
    }
    return true;
}

uint64_t ifm_native_sum_count(const struct ifm_native_sum *sum)
{
    uint64_t count = sum->zero + sum->nan;
    for (size_t k = 0; k < sum->positive.length; k++) {
        count += sum->positive.counts[k];
    }
    for (size_t k = 0; k < sum->negative.length; k++) {
        count += sum->negative.counts[k];
    }
    return count;
}
