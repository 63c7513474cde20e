/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "metrics/registry.h"
#include "metrics/update.h"
#include "os/os.h"

#include <inferometer/metrics.h>

bool ifm_gauge_family_register(ifm_registry *registry, const ifm_gauge_options *options,
                               ifm_gauge_family **out, ifm_error *err)
{
    struct ifm_family *family = ifm_family_new(IFM_TYPE_GAUGE, &options->metric, err);
    if (family == NULL) {
        return false;
    }
    family = ifm_registry_add(registry, family, err);
    if (family != NULL) {
        *out = (ifm_gauge_family *)family;
    }
    return family != NULL;
}

bool ifm_gauge_register(ifm_registry *registry, const ifm_gauge_options *options, ifm_gauge *out,
                        ifm_error *err)
{
    ifm_gauge_family *family;
    if (!ifm_family_check_plain(&options->metric, err) ||
        !ifm_gauge_family_register(registry, options, &family, err)) {
        return false;
    }
    *out = ifm_gauge_with(family, NULL);
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

/* Enters an update; NULL, with nothing entered, when there is nothing to update. */
static inline struct ifm_thread *gauge_enter(ifm_gauge gauge)
{
    struct ifm_series *series = gauge.series;
    if (series == NULL) {
        return NULL;
    }
    struct ifm_thread *self = ifm_update_enter(series);
    uint64_t owner = atomic_load_explicit(&series->owner, memory_order_acquire);
    if (__builtin_expect(owner == gauge.generation && (owner & 1) == 0, 1)) {
        return self;
    }
    if (owner == (IFM_OWNER_SHARED | gauge.generation)) {
        atomic_fetch_add_explicit(&series->registry->overflow_updates, 1, memory_order_relaxed);
        return self;
    }
    ifm_registry_drop(series->registry, IFM_DROP_REMOVED);
    ifm_update_leave(self);
    return NULL;
}

void ifm_gauge_set(ifm_gauge gauge, double value)
{
    struct ifm_thread *self = gauge_enter(gauge);
    if (self != NULL) {
        atomic_store_explicit(&gauge.series->value, value, memory_order_relaxed);
        ifm_update_leave(self);
    }
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

void ifm_gauge_inc(ifm_gauge gauge)
{
    ifm_gauge_add(gauge, 1);
}

void ifm_gauge_dec(ifm_gauge gauge)
{
    ifm_gauge_add(gauge, -1);
}

void ifm_gauge_set_to_current_time(ifm_gauge gauge)
{
    ifm_gauge_set(gauge, (double)ifm_os_clock_real.wall_ms() / 1000);
}

double ifm_gauge_value(ifm_gauge gauge)
{
    if (gauge.series == NULL) {
        return 0;
    }
    struct ifm_thread *self = ifm_update_enter(gauge.series);
    double value = atomic_load_explicit(&gauge.series->value, memory_order_relaxed);
    bool live = ifm_series_is(gauge.series, gauge.generation);
    ifm_update_leave(self);
    return live ? value : 0;
}
