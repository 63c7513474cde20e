/* SPDX-License-Identifier: Apache-2.0
 *
 * Exponential buckets of a native histogram in a block of fixed size, and their arithmetic: bucket i of
 * schema s holds values in (b^(i-1), b^i] with b = 2^(2^-s), and the same mirrored for negative values
 * (Prometheus, "Native Histograms" specification; OpenTelemetry's exponential histogram is alike).
 *
 * The buckets in use form one run for each sign. The positive run grows from the left of the block, the
 * negative one from the right. When a new bucket does not fit, the schema is lowered by one, which merges
 * neighbours two by two; so memory is fixed and resolution adapts to what is observed.
 *
 * Thread-safety: one thread writes (ifm_native_observe); fields are atomics so that another may read them
 * and find out afterwards, by the cell's sequence, whether what it read belongs together.
 * N1  positive.length + negative.length <= slots of the block.
 * N2  schema only falls.
 */
#ifndef IFM_METRICS_NATIVE_H
#define IFM_METRICS_NATIVE_H

#include "base/base.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What all cells of a family share; constant after init. */
struct ifm_native_layout {
    uint32_t slots;
    int32_t schema; /* at the beginning */
    double zero_threshold;
    const double *fractions; /* 2^schema upper bounds in [0.5, 1), then +Inf; NULL for schema <= 0 */
    const uint16_t *start; /* by the highest schema + 1 mantissa bits: the first fraction that can be right */
};

struct ifm_native_run_state {
    _Atomic int32_t first; /* bucket index of the run's first bucket */
    _Atomic uint32_t length;
};

struct ifm_native_block {
    _Atomic int32_t schema;
    struct ifm_native_run_state positive;
    struct ifm_native_run_state negative;
    _Atomic uint64_t zero;
    _Atomic uint64_t nan; /* counted, but in no bucket */
    _Atomic uint64_t slots[];
};

bool ifm_native_layout_init(struct ifm_native_layout *layout, double factor, size_t slots,
                            double zero_threshold, ifm_error *err);
void ifm_native_layout_deinit(struct ifm_native_layout *layout);

/* Bucket index of `magnitude` > 0 (also +Inf) at the layout's schema. */
int32_t ifm_native_index(const struct ifm_native_layout *layout, double magnitude);

/* The bucket that holds bucket `index` after lowering the schema by `steps`. */
static inline int32_t ifm_native_lower(int32_t index, int32_t steps)
{
    return (int32_t)((((int64_t)index - 1) >> steps) + 1);
}

void ifm_native_observe(struct ifm_native_block *block, const struct ifm_native_layout *layout, double value);

/* A sum of blocks, owned by whoever gathers. */
struct ifm_native_sum {
    int32_t schema;
    uint64_t zero;
    uint64_t nan;
    struct ifm_native_sum_run {
        int32_t first;
        size_t length;
        size_t capacity;
        uint64_t *counts;
    } positive, negative;
};

void ifm_native_sum_clear(struct ifm_native_sum *sum, const struct ifm_native_layout *layout);
void ifm_native_sum_deinit(struct ifm_native_sum *sum);

/* Adds a copy of a block (nobody writes it). The result has at most layout->slots buckets. False when
 * memory is out. */
bool ifm_native_sum_add(struct ifm_native_sum *sum, const struct ifm_native_layout *layout,
                        const struct ifm_native_block *block);

/* All observations in it. */
uint64_t ifm_native_sum_count(const struct ifm_native_sum *sum);

#endif
