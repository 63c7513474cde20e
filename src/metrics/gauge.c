/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "metrics/counter_cells.h"
#include "metrics/registry.h"
#include "metrics/update.h"
#include "os/os.h"

#include <inferometer/metrics.h>

static struct ifm_family *gauge_add(ifm_registry *registry, const ifm_gauge_options *options,
                                    struct ifm_handle *only, ifm_error *err)
{
    struct ifm_family *family = ifm_family_new(IFM_TYPE_GAUGE, &options->metric, err);
    if (family == NULL) {
        return NULL;
    }
    family->inc_dec = options->updates == IFM_GAUGE_INC_DEC;
    return ifm_registry_add(registry, family, only, err);
}

bool ifm_gauge_family_register(ifm_registry *registry, const ifm_gauge_options *options,
                               ifm_gauge_family **out, ifm_error *err)
{
    struct ifm_family *family = gauge_add(registry, options, NULL, err);
    if (family != NULL) {
        *out = (ifm_gauge_family *)family;
    }
    return family != NULL;
}

bool ifm_gauge_register(ifm_registry *registry, const ifm_gauge_options *options, ifm_gauge *out,
                        ifm_error *err)
{
    struct ifm_handle only;
    if (!ifm_family_check_plain(&options->metric, err) || gauge_add(registry, options, &only, err) == NULL) {
        return false;
    }
    *out = (ifm_gauge){only.series, only.generation};
    return true;
}

ifm_gauge ifm_gauge_with(ifm_gauge_family *family, const char *const *values)
{
    struct ifm_handle handle = ifm_family_with((struct ifm_family *)family, values);
    return (ifm_gauge){handle.series, handle.generation};
}

bool ifm_gauge_remove(ifm_gauge_family *family, const char *const *values)
{
    return ifm_family_remove((struct ifm_family *)family, values);
}

void ifm_gauge_clear(ifm_gauge_family *family)
{
    ifm_family_clear((struct ifm_family *)family);
}

/* --- Gauges of one value that all threads share ------------------------------------------------------- */

static void gauge_leave_dropped(struct ifm_series *series, struct ifm_thread *self,
                                enum ifm_drop_reason reason)
{
    ifm_registry_drop(series->registry, reason);
    ifm_update_leave(self);
}

/* Enters an update; NULL, with nothing entered, when there is nothing to update. */
static inline struct ifm_thread *gauge_enter(ifm_gauge gauge)
{
    struct ifm_series *series = gauge.series;
    if (series == NULL) {
        return NULL;
    }
    struct ifm_thread *self = ifm_update_enter(series);
    if (__builtin_expect(!ifm_series_is(series, gauge.generation), 0)) {
        gauge_leave_dropped(series, self, IFM_DROP_REMOVED);
        return NULL;
    }
    if (__builtin_expect(series->family->inc_dec, 0)) {
        gauge_leave_dropped(series, self, IFM_DROP_KIND);
        return NULL;
    }
    if (__builtin_expect(ifm_series_is_overflow(series), 0)) {
        atomic_fetch_add_explicit(&series->registry->overflow_updates, 1, memory_order_relaxed);
    }
    return self;
}

void ifm_gauge_set(ifm_gauge gauge, double value)
{
    struct ifm_thread *self = gauge_enter(gauge);
    if (self != NULL) {
        atomic_store_explicit(&gauge.series->value, value, memory_order_relaxed);
        ifm_update_leave(self);
    }
}

void ifm_gauge_set_to_current_time(ifm_gauge gauge)
{
    ifm_gauge_set(gauge, (double)ifm_os_clock_real.wall_ms() / 1000);
}

void ifm_gauge_add(ifm_gauge gauge, double amount)
{
    struct ifm_thread *self = gauge_enter(gauge);
    if (self != NULL) {
        _Atomic double *value = &gauge.series->value;
        double old = atomic_load_explicit(value, memory_order_relaxed);
        while (!atomic_compare_exchange_weak_explicit(value, &old, old + amount, memory_order_relaxed,
                                                      memory_order_relaxed)) {
        }
        ifm_update_leave(self);
    }
}

/* --- Gauges made of cells: IFM_GAUGE_INC_DEC ---------------------------------------------------------- */

/* Release: who sees a dec sees the inc that came before it, also when another thread did that. */
static inline void cell_dec(struct ifm_counter_cell *cell)
{
    atomic_store_explicit(&cell->part, atomic_load_explicit(&cell->part, memory_order_relaxed) + 1,
                          memory_order_release);
}

static void shared_move(struct ifm_counter_cell *shared, bool up)
{
    if (up) {
        atomic_fetch_add_explicit(&shared->whole, 1, memory_order_relaxed);
    } else {
        ifm_counter_shared_add_part(shared, 1);
    }
}

static inline void cell_move(struct ifm_counter_cell *cell, bool up)
{
    if (up) {
        ifm_counter_cell_inc(cell);
    } else {
        cell_dec(cell);
    }
}

/* First updates, collisions, removed series, and gauges of one value. */
__attribute__((noinline)) static void gauge_move_slow(ifm_gauge gauge, bool up)
{
    struct ifm_series *series = gauge.series;
    struct ifm_thread *self = ifm_update_enter(series);
    struct ifm_counter_cell *cell;
    bool one_value = ifm_series_is(series, gauge.generation) && !series->family->inc_dec;
    if (one_value) {
        ifm_update_leave(self);
        ifm_gauge_add(gauge, up ? 1 : -1);
        return;
    }
    if (!ifm_counter_cell_claim(series, gauge.generation, self, &cell)) {
        ifm_registry_drop(series->registry, IFM_DROP_REMOVED);
    } else if (cell == NULL) {
        shared_move(&series->shared, up);
    } else {
        cell_move(cell, up);
    }
    ifm_update_leave(self);
}

/* A gauge of one value has neither owner nor stripes, so no cell is found for it. */
static inline void gauge_move(ifm_gauge gauge, bool up)
{
    if (gauge.series == NULL) {
        return;
    }
    struct ifm_thread *self = ifm_thread_self;
    ifm_hazard_series(self, gauge.series);
    struct ifm_counter_cell *cell = ifm_counter_cell_find(gauge.series, gauge.generation, self);
    if (__builtin_expect(cell == NULL, 0)) {
        gauge_move_slow(gauge, up);
        return;
    }
    cell_move(cell, up);
    ifm_hazard_series_clear(self);
}

void ifm_gauge_inc(ifm_gauge gauge)
{
    gauge_move(gauge, true);
}

void ifm_gauge_dec(ifm_gauge gauge)
{
    gauge_move(gauge, false);
}

/* --- Reading ------------------------------------------------------------------------------------------ */

double ifm_series_gauge_value(const struct ifm_series *series)
{
    if (!series->family->inc_dec) {
        return atomic_load_explicit(&series->value, memory_order_relaxed);
    }
    double downs = ifm_counter_parts(series); /* before the ups: no dec without its inc */
    return (double)ifm_counter_wholes(series) - downs;
}

double ifm_gauge_value(ifm_gauge gauge)
{
    if (gauge.series == NULL) {
        return 0;
    }
    struct ifm_thread *self = ifm_update_enter(gauge.series);
    bool live = ifm_series_is(gauge.series, gauge.generation);
    double value = live ? ifm_series_gauge_value(gauge.series) : 0;
    ifm_update_leave(self);
    return value;
}
