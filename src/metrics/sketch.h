/* SPDX-License-Identifier: Apache-2.0
 *
 * Quantiles over a sliding window: observations are counted in buckets that grow by g = 2^(1/32), in one
 * set of buckets for each fifth of the window. Reporting 2 l h / (l + h) for a bucket (l, h] keeps the
 * relative error within (g - 1) / (g + 1) = 0.0108 (as DDSketch: Masson, Rim, Lee, VLDB 2019).
 *
 * Thread-safety: observe from any thread, lock-free; read from any thread.
 * Q1  at any time one set takes observations, four hold those before, and one is zero and comes next.
 * Q2  `epoch` is (time / slice) << 1, odd while one thread moves on to a new slice.
 * Q3  a count stops at IFM_SKETCH_COUNT_MAX, where a long window and a fast stage would make it wrap: a
 *     quantile that is a little off is better than one that forgot the most frequent value.
 */
#ifndef IFM_METRICS_SKETCH_H
#define IFM_METRICS_SKETCH_H

#include "metrics/native.h"

#include <inferometer/metrics.h>

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

enum { IFM_SKETCH_SLICES = 5 };

/* Below the largest uint32_t by more than the threads that may be about to add one. */
#define IFM_SKETCH_COUNT_MAX (UINT32_MAX - (UINT32_C(1) << 20))

struct ifm_sketch_layout {
    struct ifm_native_layout native; /* schema 5, for ifm_native_index() */
    int32_t low;                     /* index of the bucket of value_min */
    uint32_t buckets;                /* for each sign, up to that of value_max */
    int64_t slice_ns;
    double *quantiles;
    size_t quantile_count;
    double value_min;
};

struct ifm_sketch {
    _Atomic uint64_t epoch; /* Q2 */
    const struct ifm_sketch_layout *layout;
    _Atomic uint32_t counts[]; /* IFM_SKETCH_SLICES + 1 sets of: negative, zero, positive */
};

bool ifm_sketch_layout_init(struct ifm_sketch_layout *layout, const ifm_summary_options *options,
                            ifm_error *err);
void ifm_sketch_layout_deinit(struct ifm_sketch_layout *layout);

struct ifm_sketch *ifm_sketch_new(const struct ifm_sketch_layout *layout, int64_t now_ns, ifm_error *err);
void ifm_sketch_free(struct ifm_sketch *sketch);
void ifm_sketch_reset(struct ifm_sketch *sketch);

/* NaN is not counted. `now_ns` never goes back by more than a slice. */
void ifm_sketch_observe(struct ifm_sketch *sketch, double value, int64_t now_ns);

/* out[i] becomes the layout's quantile i over the window that ends now; NaN without observations. */
void ifm_sketch_read(struct ifm_sketch *sketch, int64_t now_ns, double *out);

#endif
