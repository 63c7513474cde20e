/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "metrics/counter_cells.h"
#include "metrics/exemplar.h"
#include "metrics/registry.h"
#include "metrics/update.h"

#include <inferometer/metrics.h>

/* --- Registering -------------------------------------------------------------------------------------- */

static struct ifm_family *counter_add(ifm_registry *registry, const ifm_counter_options *options,
                                      struct ifm_handle *only, ifm_error *err)
{
    struct ifm_family *family = ifm_family_new(IFM_TYPE_COUNTER, &options->metric, err);
    if (family == NULL) {
        return NULL;
    }
    family->exemplars = options->exemplars == IFM_EXEMPLARS_ON;
    return ifm_registry_add(registry, family, only, err);
}

bool ifm_counter_family_register(ifm_registry *registry, const ifm_counter_options *options,
                                 ifm_counter_family **out, ifm_error *err)
{
    struct ifm_family *family = counter_add(registry, options, NULL, err);
    if (family != NULL) {
        *out = (ifm_counter_family *)family;
    }
    return family != NULL;
}

bool ifm_counter_register(ifm_registry *registry, const ifm_counter_options *options, ifm_counter *out,
                          ifm_error *err)
{
    struct ifm_handle only;
    if (!ifm_family_check_plain(&options->metric, err) ||
        counter_add(registry, options, &only, err) == NULL) {
        return false;
    }
    *out = (ifm_counter){only.series, only.generation};
    return true;
}

ifm_counter ifm_counter_with(ifm_counter_family *family, const char *const *values)
{
    struct ifm_handle handle = ifm_family_with((struct ifm_family *)family, values);
    return (ifm_counter){handle.series, handle.generation};
}

bool ifm_counter_remove(ifm_counter_family *family, const char *const *values)
{
    return ifm_family_remove((struct ifm_family *)family, values);
}

void ifm_counter_clear(ifm_counter_family *family)
{
    ifm_family_clear((struct ifm_family *)family);
}

/* --- Updating ----------------------------------------------------------------------------------------- */

/* An amount is either whole or, with `whole` 0, a part. */
static void shared_add(struct ifm_counter_cell *cell, uint64_t whole, double part)
{
    if (part == 0) {
        atomic_fetch_add_explicit(&cell->whole, whole, memory_order_relaxed);
    } else {
        ifm_counter_shared_add_part(cell, part);
    }
}

static inline void cell_add(struct ifm_counter_cell *cell, uint64_t whole, double part)
{
    if (part == 0) {
        atomic_store_explicit(&cell->whole, atomic_load_explicit(&cell->whole, memory_order_relaxed) + whole,
                              memory_order_relaxed);
    } else {
        ifm_counter_cell_add(cell, part);
    }
}

/* What the fast path leaves: a first update, a collision, a removed series. */
__attribute__((noinline)) static void counter_add_slow(ifm_counter counter, uint64_t whole, double part)
{
    struct ifm_series *series = counter.series;
    struct ifm_thread *self = ifm_update_enter(series);
    struct ifm_counter_cell *cell;
    if (!ifm_counter_cell_claim(series, counter.generation, self, &cell)) {
        ifm_registry_drop(series->registry, IFM_DROP_REMOVED);
    } else if (cell != NULL) {
        cell_add(cell, whole, part);
    } else {
        shared_add(&series->shared, whole, part);
    }
    ifm_update_leave(self);
}

void ifm_counter_inc(ifm_counter counter)
{
    if (counter.series == NULL) {
        return;
    }
    struct ifm_thread *self = ifm_thread_self;
    ifm_hazard_series(self, counter.series);
    struct ifm_counter_cell *cell = ifm_counter_cell_find(counter.series, counter.generation, self);
    if (__builtin_expect(cell != NULL, 1)) {
        ifm_counter_cell_inc(cell);
        ifm_hazard_series_clear(self);
    } else {
        counter_add_slow(counter, 1, 0);
    }
}

/* Amounts that are integers go to the integer cell, where they are exact. Large ones do not: each is exact
 * as a double too, and 2^32 updates of 2^32 would be needed to make the integer wrap. */
static inline bool amount_is_whole(double amount, uint64_t *whole)
{
    if (amount < 0x1p32) {
        *whole = (uint64_t)amount;
        return (double)*whole == amount;
    }
    return false;
}

void ifm_counter_add(ifm_counter counter, double amount)
{
    if (counter.series == NULL) {
        return;
    }
    if (!(amount >= 0)) {
        struct ifm_thread *self = ifm_update_enter(counter.series);
        ifm_registry_drop(counter.series->registry, IFM_DROP_NEGATIVE);
        ifm_update_leave(self);
        return;
    }
    uint64_t whole = 0;
    double part = amount_is_whole(amount, &whole) ? 0 : amount;
    whole = part != 0 ? 0 : whole;
    struct ifm_thread *self = ifm_thread_self;
    ifm_hazard_series(self, counter.series);
    struct ifm_counter_cell *cell = ifm_counter_cell_find(counter.series, counter.generation, self);
    if (__builtin_expect(cell != NULL, 1)) {
        cell_add(cell, whole, part);
        ifm_hazard_series_clear(self);
    } else {
        counter_add_slow(counter, whole, part);
    }
}

void ifm_counter_add_exemplar(ifm_counter counter, double amount, const ifm_exemplar *exemplar)
{
    ifm_counter_add(counter, amount);
    if (counter.series == NULL || exemplar == NULL || !(amount >= 0)) {
        return;
    }
    struct ifm_thread *self = ifm_update_enter(counter.series);
    if (ifm_series_is(counter.series, counter.generation) && counter.series->exemplars != NULL) {
        ifm_exemplars_put(counter.series->exemplars, 0, amount, exemplar);
    }
    ifm_update_leave(self);
}

double ifm_series_counter_value(const struct ifm_series *series)
{
    double part = ifm_counter_parts(series);
    return (double)ifm_counter_wholes(series) + part;
}

double ifm_counter_value(ifm_counter counter)
{
    if (counter.series == NULL) {
        return 0;
    }
    struct ifm_thread *self = ifm_update_enter(counter.series);
    bool live = ifm_series_is(counter.series, counter.generation);
    double value = live ? ifm_series_counter_value(counter.series) : 0;
    ifm_update_leave(self);
    return value;
}
