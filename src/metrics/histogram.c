/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "metrics/exemplar.h"
#include "metrics/observe.h"
#include "metrics/registry.h"
#include "metrics/update.h"

#include <inferometer/metrics.h>

/* --- Registering -------------------------------------------------------------------------------------- */

static bool histogram_layout(struct ifm_histogram_layout *layout, const ifm_histogram_options *options,
                             ifm_error *err)
{
    layout->classic = options->kind != IFM_HISTOGRAM_NATIVE;
    if (layout->classic) {
        size_t count = options->bound_count;
        const double *bounds = options->bounds == NULL ? ifm_buckets_default(&count) : options->bounds;
        if (!ifm_buckets_init(&layout->buckets, bounds, count, err)) {
            return false;
        }
    }
    if (options->kind != IFM_HISTOGRAM_CLASSIC &&
        !ifm_native_layout_init(&layout->native, options->native_factor, options->native_buckets_max,
                                options->native_zero_threshold, err)) {
        return false;
    }
    ifm_histogram_layout_finish(layout);
    return true;
}

static struct ifm_family *histogram_add(ifm_registry *registry, const ifm_histogram_options *options,
                                        struct ifm_handle *only, ifm_error *err)
{
    struct ifm_family *family = ifm_family_new(IFM_TYPE_HISTOGRAM, &options->metric, err);
    if (family == NULL) {
        return NULL;
    }
    family->exemplars = options->exemplars == IFM_EXEMPLARS_ON;
    if (!histogram_layout(&family->histogram, options, err)) {
        return ifm_family_refuse(family, err);
    }
    return ifm_registry_add(registry, family, only, err);
}

bool ifm_histogram_family_register(ifm_registry *registry, const ifm_histogram_options *options,
                                   ifm_histogram_family **out, ifm_error *err)
{
    struct ifm_family *family = histogram_add(registry, options, NULL, err);
    if (family != NULL) {
        *out = (ifm_histogram_family *)family;
    }
    return family != NULL;
}

bool ifm_histogram_register(ifm_registry *registry, const ifm_histogram_options *options, ifm_histogram *out,
                            ifm_error *err)
{
    struct ifm_handle only;
    if (!ifm_family_check_plain(&options->metric, err) ||
        histogram_add(registry, options, &only, err) == NULL) {
        return false;
    }
    *out = (ifm_histogram){only.series, only.generation};
    return true;
}

ifm_histogram ifm_histogram_with(ifm_histogram_family *family, const char *const *values)
{
    struct ifm_handle handle = ifm_family_with((struct ifm_family *)family, values);
    return (ifm_histogram){handle.series, handle.generation};
}

bool ifm_histogram_remove(ifm_histogram_family *family, const char *const *values)
{
    return ifm_family_remove((struct ifm_family *)family, values);
}

void ifm_histogram_clear(ifm_histogram_family *family)
{
    ifm_family_clear((struct ifm_family *)family);
}

/* --- Updating ----------------------------------------------------------------------------------------- */

void ifm_histogram_observe(ifm_histogram histogram, double value)
{
    ifm_observe((struct ifm_handle){histogram.series, histogram.generation}, value);
}

void ifm_histogram_observe_exemplar(ifm_histogram histogram, double value, const ifm_exemplar *exemplar)
{
    ifm_histogram_observe(histogram, value);
    if (histogram.series == NULL || exemplar == NULL) {
        return;
    }
    struct ifm_series *series = histogram.series;
    struct ifm_thread *self = ifm_update_enter(series);
    if (ifm_series_is(series, histogram.generation) && series->exemplars != NULL) {
        const struct ifm_histogram_layout *layout = &series->family->histogram;
        size_t bucket = layout->classic ? ifm_buckets_find(&layout->buckets, value) : 0; /* K1 */
        ifm_exemplars_put(series->exemplars, bucket, value, exemplar);
    }
    ifm_update_leave(self);
}

bool ifm_histogram_read(ifm_histogram histogram, uint64_t *count, double *sum)
{
    if (histogram.series == NULL) {
        return false;
    }
    ifm_registry *registry = histogram.series->registry;
    if (pthread_mutex_lock(&registry->gather_lock) != 0) { /* one reader of the cells at a time */
        return false;                                      /* from inside a collector */
    }
    struct ifm_thread *self = ifm_update_enter(histogram.series);
    bool done = false;
    if (ifm_series_is(histogram.series, histogram.generation)) {
        struct ifm_histogram_sum read;
        ifm_error ignored;
        const struct ifm_histogram_layout *layout = &histogram.series->family->histogram;
        if (ifm_histogram_sum_init(&read, layout, &ignored)) {
            done = ifm_series_histogram(histogram.series, &read) == IFM_READ_DONE;
            *count = done ? read.count : *count;
            *sum = done ? read.sum : *sum;
            ifm_histogram_sum_deinit(&read);
        }
    }
    ifm_update_leave(self);
    pthread_mutex_unlock(&registry->gather_lock);
    return done;
}
