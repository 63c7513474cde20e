/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "metrics/observe.h"
#include "metrics/registry.h"
#include "metrics/update.h"

#include <inferometer/metrics.h>
#include <time.h>

/* Count and sum live in histogram cells with the one bucket +Inf; quantiles, if any, in a sketch. */
static struct ifm_family *summary_add(ifm_registry *registry, const ifm_summary_options *options,
                                      struct ifm_handle *only, ifm_error *err)
{
    struct ifm_family *family = ifm_family_new(IFM_TYPE_SUMMARY, &options->metric, err);
    if (family == NULL) {
        return NULL;
    }
    family->histogram.classic = true;
    bool quantiles = options->quantiles != NULL && options->quantile_count > 0;
    bool made = ifm_buckets_init(&family->histogram.buckets, NULL, 0, err) &&
                (!quantiles || ifm_sketch_layout_init(&family->sketch, options, err));
    if (!made) {
        return ifm_family_refuse(family, err);
    }
    ifm_histogram_layout_finish(&family->histogram);
    return ifm_registry_add(registry, family, only, err);
}

bool ifm_summary_family_register(ifm_registry *registry, const ifm_summary_options *options,
                                 ifm_summary_family **out, ifm_error *err)
{
    struct ifm_family *family = summary_add(registry, options, NULL, err);
    if (family != NULL) {
        *out = (ifm_summary_family *)family;
    }
    return family != NULL;
}

bool ifm_summary_register(ifm_registry *registry, const ifm_summary_options *options, ifm_summary *out,
                          ifm_error *err)
{
    struct ifm_handle only;
    if (!ifm_family_check_plain(&options->metric, err) ||
        summary_add(registry, options, &only, err) == NULL) {
        return false;
    }
    *out = (ifm_summary){only.series, only.generation};
    return true;
}

ifm_summary ifm_summary_with(ifm_summary_family *family, const char *const *values)
{
    struct ifm_handle handle = ifm_family_with((struct ifm_family *)family, values);
    return (ifm_summary){handle.series, handle.generation};
}

bool ifm_summary_remove(ifm_summary_family *family, const char *const *values)
{
    return ifm_family_remove((struct ifm_family *)family, values);
}

void ifm_summary_clear(ifm_summary_family *family)
{
    ifm_family_clear((struct ifm_family *)family);
}

/* A slice of the window is seconds long: the coarse clock, a fifth of the price, is good enough. */
static int64_t summary_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

void ifm_summary_observe(ifm_summary summary, double value)
{
    struct ifm_series *series = summary.series;
    if (series == NULL) {
        return;
    }
    ifm_observe((struct ifm_handle){series, summary.generation}, value);
    struct ifm_thread *self = ifm_update_enter(series);
    if (ifm_series_is(series, summary.generation) && series->sketch != NULL) {
        ifm_sketch_observe(series->sketch, value, summary_now_ns());
    }
    ifm_update_leave(self);
}
