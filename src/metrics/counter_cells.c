/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics/counter_cells.h"

#include "metrics/registry.h"

bool ifm_counter_cell_claim(struct ifm_series *series, uint64_t generation, const struct ifm_thread *self,
                            struct ifm_counter_cell **out)
{
    enum ifm_claim claim = ifm_series_claim(series, generation, self);
    if (claim == IFM_CLAIM_GONE) {
        return false;
    }
    *out = claim == IFM_CLAIM_OWN ? &series->own : NULL;
    if (claim == IFM_CLAIM_STRIPE && self != &ifm_thread_none) {
        struct ifm_counter_stripe *stripe = ifm_stripes_find(series, self);
        if (stripe == NULL) {
            stripe = ifm_stripes_add(series, &series->registry->arena, self, sizeof *stripe, NULL, NULL);
        }
        *out = stripe == NULL ? NULL : &stripe->cell;
    }
    if (ifm_series_is_overflow(series)) {
        atomic_fetch_add_explicit(&series->registry->overflow_updates, 1, memory_order_relaxed);
    }
    return true;
}

void ifm_counter_shared_add_part(struct ifm_counter_cell *cell, double part)
{
    double old = atomic_load_explicit(&cell->part, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(&cell->part, &old, old + part, memory_order_release,
                                                  memory_order_relaxed)) {
    }
}

static bool add_whole(void *cell, void *context)
{
    const struct ifm_counter_stripe *stripe = cell;
    *(uint64_t *)context += atomic_load_explicit(&stripe->cell.whole, memory_order_acquire);
    return true;
}

static bool add_part(void *cell, void *context)
{
    const struct ifm_counter_stripe *stripe = cell;
    *(double *)context += atomic_load_explicit(&stripe->cell.part, memory_order_acquire);
    return true;
}

uint64_t ifm_counter_wholes(const struct ifm_series *series)
{
    uint64_t sum = atomic_load_explicit(&series->own.whole, memory_order_acquire) +
                   atomic_load_explicit(&series->shared.whole, memory_order_acquire);
    ifm_stripes_visit(series, add_whole, &sum);
    return sum;
}

double ifm_counter_parts(const struct ifm_series *series)
{
    double sum = atomic_load_explicit(&series->own.part, memory_order_acquire) +
                 atomic_load_explicit(&series->shared.part, memory_order_acquire);
    ifm_stripes_visit(series, add_part, &sum);
    return sum;
}
