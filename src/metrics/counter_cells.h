/* SPDX-License-Identifier: Apache-2.0
 *
 * The cells of a series that only adds: counters, and gauges that are only moved up and down. One per
 * thread, as docs/concurrency.md explains.
 */
#ifndef IFM_METRICS_COUNTER_CELLS_H
#define IFM_METRICS_COUNTER_CELLS_H

#include "metrics/stripes.h"

/* The cell of this thread, if that is quickly found; NULL: claim one. The hazard is set. */
static inline struct ifm_counter_cell *ifm_counter_cell_find(struct ifm_series *series, uint64_t generation,
                                                             const struct ifm_thread *self)
{
    uint64_t owner = atomic_load_explicit(&series->owner, memory_order_relaxed);
    if (__builtin_expect(owner == (self->owner | generation), 1)) {
        return &series->own;
    }
    /* A thread's stripe of this incarnation: an overflow series counts its updates, and self may be none. */
    if ((owner & IFM_GENERATION_MASK) == generation && owner >> 48 != IFM_OWNER_SHARED >> 48 &&
        self != &ifm_thread_none) {
        struct ifm_counter_stripe *stripe = ifm_stripes_find(series, self);
        return stripe == NULL ? NULL : &stripe->cell;
    }
    return NULL;
}

/* Makes this thread the owner of a cell. False when the series was removed. *out becomes NULL when there is
 * no cell to be had: use series->shared. Counts updates of an overflow series. The hazard is set. */
bool ifm_counter_cell_claim(struct ifm_series *series, uint64_t generation, const struct ifm_thread *self,
                            struct ifm_counter_cell **out);

/* Adds to a cell that threads share, with release order. */
void ifm_counter_shared_add_part(struct ifm_counter_cell *cell, double part);

/* Sums over all cells. */
uint64_t ifm_counter_wholes(const struct ifm_series *series);
double ifm_counter_parts(const struct ifm_series *series);

#endif
