/* SPDX-License-Identifier: Apache-2.0
 *
 * Counter, gauge, histogram, summary, info and state set.
 *
 * Each kind comes in two forms. Without labels: ifm_KIND_register() yields the handle itself. With
 * labels: ifm_KIND_family_register() yields a family, and ifm_KIND_with(family, values) the handle of one
 * series, created at the first call; resolve it once and keep it.
 *
 * Registering
 * - copies every string and array of the options, which may not be NULL; nothing has to outlive the call;
 * - errors: IFM_INVALID (name, label, unit, help, bounds, states), IFM_EXISTS (name taken, or it would
 *   collide with a sample of another family, as "x_sum" does with histogram "x"), IFM_LIMIT, IFM_NOMEM;
 * - registering the same name again with the same type and options yields the same family; help and
 *   series_limit may differ, and stay as they were;
 * - `registry` NULL means the default registry; the registry owns the family;
 * - names: UTF-8, not empty. A counter's and info's name is given without "_total" or "_info", which is
 *   added on the wire; a trailing "_total" or "_info" that was given is taken as that suffix. If `unit` is
 *   given, the name must end with it ("request_duration_seconds", unit "seconds"). `help` is required.
 *
 * with(family, values)
 * - `values` has one string for each label name, in the order of registration. A value that is not UTF-8 is
 *   repaired with U+FFFD, one that is too long is cut.
 * - lock-free when the series exists, its values are UTF-8, and together they are shorter than 400 bytes.
 * - never fails: at a limit, or when memory is out, it yields the overflow series (see registry.h).
 *
 * Updates (inc, add, set, observe): any thread, wait-free but where noted, no lock, no allocation, no
 * failure; never delayed by a scrape. docs/concurrency.md explains how.
 *
 * remove(family, values): removes the series; false when there was none, or no memory to look for it.
 * clear(family): removes all.
 */
#ifndef IFM_METRICS_H
#define IFM_METRICS_H

#include <inferometer/error.h>
#include <inferometer/registry.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct ifm_series; /* private to the library */

typedef struct ifm_metric_options {
    const char *name;
    const char *help;
    const char *unit;               /* a base unit such as "seconds" or "bytes"; NULL for none */
    const char *const *label_names; /* NULL for none */
    size_t label_count;
    size_t series_limit; /* of this family; 0 means that of the registry */
} ifm_metric_options;

/* One exemplar: what an observation was caused by, for example a trace id. Names and values together may
 * have up to 128 characters (OpenMetrics); a longer one is left out. `timestamp_ms` 0 means now. Those of
 * histograms that are only native travel in protobuf, in a field that Prometheus 2.42 does not read. */
typedef struct ifm_exemplar {
    const char *const *label_names;
    const char *const *label_values;
    size_t label_count;
    int64_t timestamp_ms;
} ifm_exemplar;

typedef enum ifm_exemplars {
    IFM_EXEMPLARS_OFF, /* the default: no memory is kept for them, and exemplars given are ignored */
    IFM_EXEMPLARS_ON   /* one per counter, one per histogram bucket: the latest */
} ifm_exemplars;

/* --- Counter: a value that only goes up ------------------------------------------------------------ */

typedef struct ifm_counter_family ifm_counter_family;
typedef struct ifm_counter {
    struct ifm_series *series;
    uint64_t generation;
} ifm_counter;

typedef struct ifm_counter_options {
    ifm_metric_options metric;
    ifm_exemplars exemplars;
} ifm_counter_options;

IFM_API IFM_MUST_USE bool ifm_counter_register(ifm_registry *registry, const ifm_counter_options *options,
                                               ifm_counter *out, ifm_error *err);
IFM_API IFM_MUST_USE bool ifm_counter_family_register(ifm_registry *registry,
                                                      const ifm_counter_options *options,
                                                      ifm_counter_family **out, ifm_error *err);
IFM_API ifm_counter ifm_counter_with(ifm_counter_family *family, const char *const *values);
IFM_API bool ifm_counter_remove(ifm_counter_family *family, const char *const *values);
IFM_API void ifm_counter_clear(ifm_counter_family *family);

/* Adds one. */
IFM_API void ifm_counter_inc(ifm_counter counter);

/* Adds `amount` >= 0. A negative amount or NaN changes nothing and is counted in
 * inferometer_dropped_updates_total{reason="negative"}. */
IFM_API void ifm_counter_add(ifm_counter counter, double amount);

/* As ifm_counter_add(), and keeps `exemplar` (copied) where the counter was registered with exemplars;
 * when another thread is writing one at this moment, this exemplar is left out. */
IFM_API void ifm_counter_add_exemplar(ifm_counter counter, double amount, const ifm_exemplar *exemplar);

/* The value now, 0 for a zeroed or removed handle. */
IFM_API double ifm_counter_value(ifm_counter counter);

/* --- Gauge: a value that goes up and down ---------------------------------------------------------- */

typedef struct ifm_gauge_family ifm_gauge_family;
typedef struct ifm_gauge {
    struct ifm_series *series;
    uint64_t generation;
} ifm_gauge;

typedef enum ifm_gauge_updates {
    IFM_GAUGE_ANY,    /* the default: set, add, inc, dec */
    IFM_GAUGE_INC_DEC /* only inc and dec: what is in flight, open, waiting. Many threads do not get in each
                         other's way, as with a counter, and a scrape never sees it below zero when each dec
                         follows its inc. set and add are dropped, and counted in
                         inferometer_dropped_updates_total{reason="kind"}. */
} ifm_gauge_updates;

typedef struct ifm_gauge_options {
    ifm_metric_options metric;
    ifm_gauge_updates updates;
} ifm_gauge_options;

IFM_API IFM_MUST_USE bool ifm_gauge_register(ifm_registry *registry, const ifm_gauge_options *options,
                                             ifm_gauge *out, ifm_error *err);
IFM_API IFM_MUST_USE bool ifm_gauge_family_register(ifm_registry *registry, const ifm_gauge_options *options,
                                                    ifm_gauge_family **out, ifm_error *err);
IFM_API ifm_gauge ifm_gauge_with(ifm_gauge_family *family, const char *const *values);
IFM_API bool ifm_gauge_remove(ifm_gauge_family *family, const char *const *values);
IFM_API void ifm_gauge_clear(ifm_gauge_family *family);

IFM_API void ifm_gauge_set(ifm_gauge gauge, double value);

/* inc, dec, add: lock-free (a compare-and-swap that is tried again when another thread was faster). */
IFM_API void ifm_gauge_inc(ifm_gauge gauge);
IFM_API void ifm_gauge_dec(ifm_gauge gauge);
IFM_API void ifm_gauge_add(ifm_gauge gauge, double amount); /* any sign */

/* Sets the gauge to the wall clock in seconds since 1970. */
IFM_API void ifm_gauge_set_to_current_time(ifm_gauge gauge);
IFM_API double ifm_gauge_value(ifm_gauge gauge);

/* --- Histogram: observations counted in buckets ----------------------------------------------------- */

typedef struct ifm_histogram_family ifm_histogram_family;
typedef struct ifm_histogram {
    struct ifm_series *series;
    uint64_t generation;
} ifm_histogram;

typedef enum ifm_histogram_kind {
    IFM_HISTOGRAM_CLASSIC, /* buckets with fixed bounds: every scraper understands them */
    IFM_HISTOGRAM_NATIVE,  /* exponential buckets: seen by scrapers that take protobuf; in the text formats
                              such a histogram has only its +Inf bucket, _sum and _count */
    IFM_HISTOGRAM_BOTH     /* classic in every format, native beside it in protobuf */
} ifm_histogram_kind;

enum {
    IFM_NATIVE_SCHEMA_MIN = -4,
    IFM_NATIVE_SCHEMA_MAX = 8,
    IFM_NATIVE_BUCKETS_DEFAULT = 160, /* client_golang's advice; 20 octaves at schema 3: 10 us to 10 s */
    IFM_NATIVE_BUCKETS_MIN = 8,
    IFM_NATIVE_BUCKETS_MAX = 4096
};

typedef struct ifm_histogram_options {
    ifm_metric_options metric; /* "le" is refused as a label */
    ifm_histogram_kind kind;
    /* Classic: finite, strictly increasing upper bounds, at most IFM_BUCKETS_MAX; +Inf is implied. NULL
     * means ifm_buckets_default(). Ignored for IFM_HISTOGRAM_NATIVE. */
    const double *bounds;
    size_t bound_count;
    /* Native: growth from one bucket to the next, > 1; 0 means 1.1. The schema is the coarsest whose
     * growth 2^(2^-schema) is not above it: 1.1 is schema 3, which grows by 1.0905. */
    double native_factor;
    /* Native: buckets from the smallest to the largest observation; when more are needed, the resolution
     * is halved. 0 means IFM_NATIVE_BUCKETS_DEFAULT. */
    size_t native_buckets_max;
    /* Native: |value| <= this counts in the zero bucket; 0 means 2^-128. */
    double native_zero_threshold;
    ifm_exemplars exemplars;
} ifm_histogram_options;

IFM_API IFM_MUST_USE bool ifm_histogram_register(ifm_registry *registry, const ifm_histogram_options *options,
                                                 ifm_histogram *out, ifm_error *err);
IFM_API IFM_MUST_USE bool ifm_histogram_family_register(ifm_registry *registry,
                                                        const ifm_histogram_options *options,
                                                        ifm_histogram_family **out, ifm_error *err);
IFM_API ifm_histogram ifm_histogram_with(ifm_histogram_family *family, const char *const *values);
IFM_API bool ifm_histogram_remove(ifm_histogram_family *family, const char *const *values);
IFM_API void ifm_histogram_clear(ifm_histogram_family *family);

/* Adds one observation, in the unit that the metric's name ends with. It lands in the first bucket with
 * value <= bound; NaN lands in +Inf (classic) or in the count alone (native), as in client_golang. */
IFM_API void ifm_histogram_observe(ifm_histogram histogram, double value);
IFM_API void ifm_histogram_observe_exemplar(ifm_histogram histogram, double value,
                                            const ifm_exemplar *exemplar);

/* What was observed so far, count and sum of the same moment. Cold: it waits for a scrape that runs. False
 * for a zeroed or removed handle, and inside a collector. */
IFM_API bool ifm_histogram_read(ifm_histogram histogram, uint64_t *count, double *sum);

/* Bucket layouts. Each fills out[0..count) and errs with IFM_INVALID where the result would not be finite
 * and strictly increasing. */
IFM_API IFM_MUST_USE bool ifm_buckets_linear(double start, double width, size_t count, double *out,
                                             ifm_error *err);
IFM_API IFM_MUST_USE bool ifm_buckets_exponential(double start, double factor, size_t count, double *out,
                                                  ifm_error *err);

/* .005 .01 .025 .05 .1 .25 .5 1 2.5 5 10: the default of Prometheus's client libraries. Static storage. */
IFM_API const double *ifm_buckets_default(size_t *count);

/* 10 us to 10 s, three bounds a decade (1, 2.5, 5): the default of inference stages. Static storage. */
IFM_API const double *ifm_buckets_stage(size_t *count);

/* --- Summary: count and sum; quantiles only when asked for ------------------------------------------ */

typedef struct ifm_summary_family ifm_summary_family;
typedef struct ifm_summary {
    struct ifm_series *series;
    uint64_t generation;
} ifm_summary;

enum { IFM_QUANTILES_MAX = 16 };

typedef struct ifm_summary_options {
    ifm_metric_options metric; /* "quantile" is refused as a label */
    const double *quantiles;   /* each in [0, 1], strictly increasing; NULL: count and sum only */
    size_t quantile_count;
    double window_seconds; /* quantiles are over the last window; 0 means 600. It slides in five steps,
                                  so an observation leaves between 4/5 of a window and a window later */
    double value_min;      /* quantiles: the range of |value| within which the error bound holds; */
    double value_max;      /* 0 means 1e-6 and 1e4. Values outside count as the nearest inside */
} ifm_summary_options;

/* A quantile q is an estimate v of the true q-quantile t of the window with |v - t| <= 0.011 |t|: values
 * are counted in buckets that grow by 2^(1/32), and the middle of a bucket is reported. Sign is kept;
 * |value| below value_min reads as 0. With no observation in the window a quantile is NaN. */
IFM_API IFM_MUST_USE bool ifm_summary_register(ifm_registry *registry, const ifm_summary_options *options,
                                               ifm_summary *out, ifm_error *err);
IFM_API IFM_MUST_USE bool ifm_summary_family_register(ifm_registry *registry,
                                                      const ifm_summary_options *options,
                                                      ifm_summary_family **out, ifm_error *err);
IFM_API ifm_summary ifm_summary_with(ifm_summary_family *family, const char *const *values);
IFM_API bool ifm_summary_remove(ifm_summary_family *family, const char *const *values);
IFM_API void ifm_summary_clear(ifm_summary_family *family);
IFM_API void ifm_summary_observe(ifm_summary summary, double value);

/* --- Info: labels that describe something, with the constant value 1 -------------------------------- */

typedef struct ifm_info_family ifm_info_family;

IFM_API IFM_MUST_USE bool ifm_info_register(ifm_registry *registry, const ifm_metric_options *options,
                                            ifm_info_family **out, ifm_error *err);
/* Exposes NAME_info{label values} = 1; doing so twice is harmless. */
IFM_API void ifm_info_set(ifm_info_family *family, const char *const *values);
IFM_API bool ifm_info_remove(ifm_info_family *family, const char *const *values);
IFM_API void ifm_info_clear(ifm_info_family *family);

/* --- State set: named states, each on or off -------------------------------------------------------- */

typedef struct ifm_state_set_family ifm_state_set_family;
typedef struct ifm_state_set {
    struct ifm_series *series;
    uint64_t generation;
} ifm_state_set;

typedef struct ifm_state_set_options {
    ifm_metric_options metric; /* a label with the metric's own name is refused */
    const char *const *states; /* different, not empty, UTF-8 */
    size_t state_count;        /* 1 to IFM_STATES_MAX */
} ifm_state_set_options;

IFM_API IFM_MUST_USE bool ifm_state_set_register(ifm_registry *registry, const ifm_state_set_options *options,
                                                 ifm_state_set *out, ifm_error *err);
IFM_API IFM_MUST_USE bool ifm_state_set_family_register(ifm_registry *registry,
                                                        const ifm_state_set_options *options,
                                                        ifm_state_set_family **out, ifm_error *err);
IFM_API ifm_state_set ifm_state_set_with(ifm_state_set_family *family, const char *const *values);
IFM_API bool ifm_state_set_remove(ifm_state_set_family *family, const char *const *values);
IFM_API void ifm_state_set_clear(ifm_state_set_family *family);

/* `state` is the index into the states of the options; one that does not exist changes nothing. */
IFM_API void ifm_state_set_enable(ifm_state_set set, size_t state);
IFM_API void ifm_state_set_disable(ifm_state_set set, size_t state);
/* Turns `state` on and all others off, in one step. */
IFM_API void ifm_state_set_only(ifm_state_set set, size_t state);

#ifdef __cplusplus
}
#endif

#endif
