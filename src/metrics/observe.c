/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics/observe.h"

#include "metrics/registry.h"
#include "metrics/update.h"

/* The cell of a thread that does not own the series' own cell; NULL when there is none to be had. */
static struct ifm_histogram_cell *observe_stripe(struct ifm_series *series, const struct ifm_thread *self)
{
    if (self == &ifm_thread_none) {
        return NULL;
    }
    struct ifm_histogram_cell *cell = ifm_stripes_find(series, self);
    if (cell == NULL) {
        const struct ifm_histogram_layout *layout = &series->family->histogram;
        cell = ifm_stripes_add(series, &series->registry->arena, self, layout->cell_size,
                               ifm_histogram_cell_init, layout);
    }
    return cell;
}

__attribute__((noinline)) void ifm_observe_slow(struct ifm_handle handle, double value)
{
    struct ifm_series *series = handle.series;
    struct ifm_thread *self = ifm_update_enter(series);
    enum ifm_claim claim = ifm_series_claim(series, handle.generation, self);
    if (claim == IFM_CLAIM_GONE) {
        ifm_registry_drop(series->registry, IFM_DROP_REMOVED);
        ifm_update_leave(self);
        return;
    }
    struct ifm_histogram_cell *cell = claim == IFM_CLAIM_OWN ? series->cell : observe_stripe(series, self);
    if (cell != NULL) {
        ifm_histogram_cell_observe(cell, value);
    } else {
        ifm_registry_drop(series->registry, IFM_DROP_CELLS);
    }
    if (ifm_series_is_overflow(series)) {
        atomic_fetch_add_explicit(&series->registry->overflow_updates, 1, memory_order_relaxed);
    }
    ifm_update_leave(self);
}

struct sum_context {
    struct ifm_histogram_sum *sum;
    enum ifm_read_result result;
};

static bool sum_add_cell(void *cell, void *context)
{
    struct sum_context *adding = context;
    adding->result = ifm_histogram_sum_add(adding->sum, cell);
    return adding->result == IFM_READ_DONE;
}

enum ifm_read_result ifm_series_histogram(const struct ifm_series *series, struct ifm_histogram_sum *sum)
{
    struct sum_context adding = {sum, IFM_READ_DONE};
    if (sum_add_cell(series->cell, &adding)) {
        ifm_stripes_visit(series, sum_add_cell, &adding);
    }
    if (adding.result == IFM_READ_DONE) {
        ifm_histogram_sum_finish(sum, &series->family->histogram);
    }
    return adding.result;
}
