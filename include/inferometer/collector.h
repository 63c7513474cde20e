/* SPDX-License-Identifier: Apache-2.0
 *
 * Custom collectors: a callback that is asked at each scrape, for values that live elsewhere (a queue's
 * length, a GPU's memory). Updating metrics in advance is cheaper; collect only what is free to read.
 *
 * Thread-safety: the callback is called from whichever thread gathers, never twice at once for one
 * registry, and holds none of the registry's locks: it may update metrics and register others. It must
 * not gather the same registry. Its time is exposed as
 * inferometer_collector_duration_seconds{collector} and its failures as
 * inferometer_collector_failures_total{collector}; the reason is logged (log.h) once until it succeeds again.
 *
 * What a collector emits is checked: a wrong name, a repeated series or a name that belongs to another
 * family is left out and counted as a failure; the rest of the scrape is unharmed.
 */
#ifndef IFM_COLLECTOR_H
#define IFM_COLLECTOR_H

#include <inferometer/error.h>
#include <inferometer/registry.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Where a collector puts its samples; valid during the callback only. */
typedef struct ifm_collection ifm_collection;

/* Returns false, with `err` filled in, when nothing could be collected this time. */
typedef bool (*ifm_collect_function)(void *context, ifm_collection *out, ifm_error *err);

typedef struct ifm_collector_options {
    const char *name; /* label value of the self-metrics, and for ifm_registry_unregister() */
    ifm_collect_function collect;
    void *context;                       /* borrowed until the collector is gone */
    void (*free_context)(void *context); /* called when the collector goes; may be NULL */
} ifm_collector_options;

/* Errors: IFM_INVALID (no name or callback), IFM_EXISTS, IFM_NOMEM. */
IFM_API IFM_MUST_USE bool ifm_collector_register(ifm_registry *registry, const ifm_collector_options *options,
                                                 ifm_error *err);

typedef enum ifm_collected_type {
    IFM_COLLECTED_COUNTER, /* the value is the total so far */
    IFM_COLLECTED_GAUGE,
    IFM_COLLECTED_INFO,
    IFM_COLLECTED_UNKNOWN
} ifm_collected_type;

typedef struct ifm_collected_family {
    const char *name; /* as in ifm_metric_options: a counter without "_total" */
    const char *help;
    const char *unit; /* may be NULL */
    ifm_collected_type type;
    const char *const *label_names;
    size_t label_count;
} ifm_collected_family;

/* Begins a family; samples that follow belong to it. Everything is copied. False when it was refused;
 * its samples are then ignored, so the result need not be looked at. */
IFM_API bool ifm_collect_family(ifm_collection *out, const ifm_collected_family *family);

/* One sample of the family begun last; `label_values` in the order of its label names, NULL for none. */
IFM_API void ifm_collect_sample(ifm_collection *out, const char *const *label_values, double value);

/* A histogram that was counted elsewhere. `buckets` has bound_count + 1 counts, not cumulative, the last
 * one for +Inf. */
IFM_API void ifm_collect_histogram(ifm_collection *out, const char *name, const char *help, const char *unit,
                                   const double *bounds, const uint64_t *buckets, size_t bound_count,
                                   double sum);

#ifdef __cplusplus
}
#endif

#endif
