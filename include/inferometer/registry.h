/* SPDX-License-Identifier: Apache-2.0
 *
 * A registry holds metric families. There is a default one per process, and any number of private ones.
 *
 * Thread-safety: every function here may be called from any thread at any time, except that a registry
 * must not be freed while another thread still uses it or a handle into it.
 *
 * Handles (ifm_counter, ifm_gauge, ...) are small values that are copied freely. A zeroed handle, and a
 * handle whose series was removed, is a no-op: updates through it do nothing, and those through a removed
 * series are counted in inferometer_dropped_updates_total{reason="removed"} of the same registry.
 *
 * Nothing grows without bound: past `series_limit` (of the registry or of the family) a look-up returns
 * the family's overflow series, all of whose labels read "_overflow"; each update of it is counted in
 * inferometer_overflow_updates_total.
 *
 * fork(): the child starts clean. It keeps families, series and handles, at zero, with its own locks, and
 * no endpoint. Updates are not async-signal-safe.
 */
#ifndef IFM_REGISTRY_H
#define IFM_REGISTRY_H

#include <inferometer/error.h>
#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Limits with their reasons. */
enum {
    IFM_SERIES_LIMIT_DEFAULT = 100000, /* what one Prometheus target exposes without trouble */
    IFM_LABELS_MAX = 32,               /* label names of one family; Prometheus advises fewer than 10 */
    IFM_NAME_BYTES_MAX = 512,          /* metric, label and unit names */
    IFM_HELP_BYTES_MAX = 4096,         /* help text */
    IFM_LABEL_VALUE_BYTES_MAX = 2048,  /* longer values are cut at a character boundary */
    IFM_BUCKETS_MAX = 256,             /* finite bounds of a classic histogram */
    IFM_STATES_MAX = 64,               /* states of a state set: one bit each */
    IFM_FAMILIES_MAX = 10000           /* families of one registry, custom collectors not counted */
};

typedef struct ifm_registry ifm_registry;

typedef enum ifm_created_timestamps {
    IFM_CREATED_OMIT,  /* the default: they double the number of series in OpenMetrics */
    IFM_CREATED_EXPOSE /* _created samples in OpenMetrics, created_timestamp in protobuf */
} ifm_created_timestamps;

typedef enum ifm_self_metrics {
    IFM_SELF_METRICS_EXPOSE, /* the default */
    IFM_SELF_METRICS_OMIT    /* no inferometer_* metrics about the registry itself */
} ifm_self_metrics;

typedef struct ifm_registry_options {
    size_t series_limit; /* series in all; 0 means IFM_SERIES_LIMIT_DEFAULT */
    ifm_created_timestamps created_timestamps;
    ifm_self_metrics self_metrics;
} ifm_registry_options;

/* Creates an empty private registry. `options` may be NULL for the defaults; it is copied. The caller
 * owns the result and frees it with ifm_registry_free(). Errors: IFM_NOMEM. */
IFM_API IFM_MUST_USE ifm_registry *ifm_registry_new(const ifm_registry_options *options, ifm_error *err);

/* Frees a private registry with all its families and series. Every handle into it is then invalid. NULL
 * and the default registry are accepted and left alone. */
IFM_API void ifm_registry_free(ifm_registry *registry);

/* The registry of the process, created at the first call, with process_* and inferometer_build_info
 * already registered. Never freed. NULL only when memory is out at the first call. Wherever the API
 * takes a registry, NULL means this one. */
IFM_API ifm_registry *ifm_registry_default(void);

/* Registers the process_* metrics (cpu_seconds_total, open_fds, max_fds, virtual_memory_bytes,
 * virtual_memory_max_bytes, resident_memory_bytes, heap_bytes, start_time_seconds, threads), read at each
 * scrape; one that the system does not tell is left out. Errors: IFM_EXISTS, IFM_NOMEM. */
IFM_API IFM_MUST_USE bool ifm_process_collector_register(ifm_registry *registry, ifm_error *err);

/* Registers inferometer_build_info{version,compiler} = 1. Errors: IFM_EXISTS, IFM_NOMEM. */
IFM_API IFM_MUST_USE bool ifm_build_info_register(ifm_registry *registry, ifm_error *err);

/* Removes the family or collector of that name with all its series; handles into it become no-ops, and
 * its ifm_*_family pointer must not be used again. False when there is none by that name. */
IFM_API bool ifm_registry_unregister(ifm_registry *registry, const char *name);

/* How many series the registry holds now; overflow series and those of collectors and of the registry itself
 * are not counted. */
IFM_API size_t ifm_registry_series_count(ifm_registry *registry);

/* How the registry is written out. */
typedef enum ifm_format {
    IFM_FORMAT_TEXT,        /* text/plain; version=0.0.4 */
    IFM_FORMAT_TEXT_1_0_0,  /* text/plain; version=1.0.0: as 0.0.4 with quoted UTF-8 names */
    IFM_FORMAT_OPENMETRICS, /* application/openmetrics-text; version=1.0.0 */
    IFM_FORMAT_PROTOBUF     /* application/vnd.google.protobuf, delimited io.prometheus.client.MetricFamily */
} ifm_format;

/* What becomes of names that are not legal without quotes; the schemes of Prometheus 3. */
typedef enum ifm_escaping {
    IFM_ESCAPING_UNDERSCORES, /* each illegal character becomes _ */
    IFM_ESCAPING_DOTS,        /* . becomes _dot_, _ becomes __, others become __ */
    IFM_ESCAPING_VALUES,      /* U__ and each illegal character as _HEX_ */
    IFM_ESCAPING_ALLOW_UTF8   /* as they are, quoted; not in IFM_FORMAT_TEXT */
} ifm_escaping;

typedef struct ifm_expose_options {
    ifm_format format;
    ifm_escaping escaping;
    const char *const *names; /* only samples of these names (Prometheus's name[]); NULL for all */
    size_t name_count;
} ifm_expose_options;

/* Writes the whole registry, each histogram consistent in itself, as one document. `options` may be NULL:
 * text 0.0.4. *out receives the document, terminated by a NUL that *size does not count; free it with
 * ifm_free(). Updates go on meanwhile and are never blocked. Errors: IFM_NOMEM, IFM_LIMIT (over 1 GiB). */
IFM_API IFM_MUST_USE bool ifm_registry_expose(ifm_registry *registry, const ifm_expose_options *options,
                                              char **out, size_t *size, ifm_error *err);

/* The value of one sample, for tests of your own program. `sample` is written as in the text format, with
 * the labels in any order: http_requests_total{code="200"}. Errors: IFM_NOT_FOUND, IFM_INVALID (cannot be
 * parsed), IFM_NOMEM. */
IFM_API IFM_MUST_USE bool ifm_registry_sample(ifm_registry *registry, const char *sample, double *out,
                                              ifm_error *err);

/* Frees memory that this library handed out. NULL is accepted. */
IFM_API void ifm_free(void *memory);

#ifdef __cplusplus
}
#endif

#endif
