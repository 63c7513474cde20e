/* SPDX-License-Identifier: Apache-2.0
 *
 * Observing a value in a series that is made of histogram cells: histograms and summaries.
 */
#ifndef IFM_METRICS_OBSERVE_H
#define IFM_METRICS_OBSERVE_H

#include "metrics/family.h"
#include "metrics/stripes.h"

/* First updates, collisions, removed series. */
void ifm_observe_slow(struct ifm_handle handle, double value);

/* Sums the cells of all threads into a cleared `sum`; under the gather lock. */
enum ifm_read_result ifm_series_histogram(const struct ifm_series *series, struct ifm_histogram_sum *sum);

/* The cell of this thread, if that is quickly found; NULL: take the slow path. The hazard is set. */
static inline struct ifm_histogram_cell *ifm_observe_cell(struct ifm_handle handle,
                                                          const struct ifm_thread *self)
{
    struct ifm_series *series = handle.series;
    uint64_t owner = atomic_load_explicit(&series->owner, memory_order_acquire);
    if (__builtin_expect(owner == (self->owner | handle.generation), 1)) {
        return series->cell;
    }
    if ((owner & IFM_GENERATION_MASK) == handle.generation && owner >> 48 != IFM_OWNER_SHARED >> 48 &&
        self != &ifm_thread_none) {
        return ifm_stripes_find(series, self);
    }
    return NULL;
}

static inline void ifm_observe(struct ifm_handle handle, double value)
{
    if (handle.series == NULL) {
        return;
    }
    struct ifm_thread *self = ifm_thread_self;
    ifm_hazard_series(self, handle.series);
    struct ifm_histogram_cell *cell = ifm_observe_cell(handle, self);
    if (__builtin_expect(cell != NULL, 1)) {
        ifm_histogram_cell_observe(cell, value);
        ifm_hazard_series_clear(self);
    } else {
        ifm_observe_slow(handle, value);
    }
}

#endif
