/* SPDX-License-Identifier: Apache-2.0
 *
 * One encoder for all exposition formats: families and points go in, a document comes out. It trusts its
 * caller for what spans families (unique names, unique label sets, ascending bounds) and takes care of
 * everything inside one: escaping, suffixes, number forms, cumulative buckets, spans and deltas.
 *
 * Order of calls: new, then for each family: family_begin, points, family_end; then finish. Memory: what
 * is passed in is borrowed until the call returns, but a family head until family_end. A family without
 * points leaves no trace.
 *
 * Left out, because the format forbids it:
 * - in OpenMetrics, a counter, and a _sum with its histogram's _count, that is negative or NaN; both for a
 *   histogram with negative bounds; a unit that the name does not end with, or of info and state sets; an
 *   exemplar of more than 128 characters;
 * - an exemplar that does not belong to its bucket; one of a native histogram without a time;
 * - exemplars, creation times and units in the other text formats.
 *
 * Two label names of one family that an escaping makes the same: see ifm_encoder_label_names() in
 * encoder_impl.h. Two families that it makes the same are the caller's.
 *
 * Thread-safety: one encoder by one thread.
 * X1  a document that finish() accepted is valid in its format for any input whose names are UTF-8.
 * X2  a failed append sticks in the buffer; only finish() reports it.
 */
#ifndef IFM_EXPOSITION_ENCODER_H
#define IFM_EXPOSITION_ENCODER_H

#include "base/base.h"

#include <inferometer/registry.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum ifm_metric_type {
    IFM_TYPE_UNKNOWN, /* "untyped" in text 0.0.4 */
    IFM_TYPE_COUNTER,
    IFM_TYPE_GAUGE,
    IFM_TYPE_HISTOGRAM,
    IFM_TYPE_SUMMARY,
    IFM_TYPE_INFO,     /* a gauge named NAME_info in text 0.0.4 and protobuf */
    IFM_TYPE_STATE_SET /* a gauge in text 0.0.4 and protobuf */
} ifm_metric_type;

/* Text that is not terminated; UTF-8. */
typedef struct ifm_text {
    const char *data;
    size_t size;
} ifm_text;

/* `name` is without the suffixes that samples have: "x" of counter "x_total", of "x_info", of "x_sum". */
typedef struct ifm_family_head {
    ifm_text name;
    ifm_text help;
    ifm_text unit; /* size 0: none */
    ifm_metric_type type;
    const ifm_text *label_names;
    size_t label_count;
} ifm_family_head;

/* Characters (not bytes) in the names and values of one exemplar: fixed by OpenMetrics 1.0. */
enum { IFM_EXEMPLAR_CHARACTERS_MAX = 128 };

/* One exemplar as it is written; label_count 0 is allowed. */
typedef struct ifm_exemplar_view {
    const ifm_text *names;
    const ifm_text *values;
    size_t label_count;
    double value;
    int64_t timestamp_ms; /* 0: none */
} ifm_exemplar_view;

/* What every point has: one value for each label name of the family. */
typedef struct ifm_point {
    const ifm_text *label_values;
    int64_t created_ms; /* 0: not exposed */
} ifm_point;

/* A run of exponential buckets: counts[i] belongs to bucket index first + i. */
typedef struct ifm_native_run {
    int32_t first;
    size_t count;
    const uint64_t *counts;
} ifm_native_run;

typedef struct ifm_native_point {
    int32_t schema;
    double zero_threshold;
    uint64_t zero_count;
    ifm_native_run positive;
    ifm_native_run negative;
    const ifm_exemplar_view *exemplars; /* with timestamps */
    size_t exemplar_count;
} ifm_native_point;

typedef struct ifm_histogram_point {
    bool classic;            /* false: no bounds and buckets; text formats write +Inf, _sum and _count */
    const double *bounds;    /* finite, increasing */
    const uint64_t *buckets; /* bound_count + 1, not cumulative, the last one is +Inf */
    size_t bound_count;
    uint64_t count; /* of all observations; for a classic histogram the sum of the buckets */
    double sum;
    const ifm_exemplar_view *const *exemplars; /* NULL, or bound_count + 1 pointers, each may be NULL */
    const ifm_native_point *native;            /* NULL: none. Only protobuf writes it. */
} ifm_histogram_point;

typedef struct ifm_summary_point {
    const double *quantiles; /* increasing, in [0, 1] */
    const double *values;
    size_t quantile_count;
    uint64_t count;
    double sum;
} ifm_summary_point;

typedef struct ifm_encoder ifm_encoder;

/* Which samples are written: Prometheus's name[]; a histogram's _bucket, _sum, _count or the plain name
 * select the whole family in protobuf, and in the text formats exactly the samples of that name, the plain
 * name selecting all of them. A name counts as it was given and as it is written ("my.x" and "my_x").
 * `names` is borrowed as long as the encoder lives. */
typedef struct ifm_encoder_options {
    ifm_format format;
    ifm_escaping escaping; /* for IFM_FORMAT_TEXT, ALLOW_UTF8 is taken as UNDERSCORES */
    const char *const *names;
    size_t name_count; /* 0: all */
} ifm_encoder_options;

/* Writes into `out`, which the caller owns. NULL with `err` on IFM_NOMEM. */
ifm_encoder *ifm_encoder_new(const ifm_encoder_options *options, ifm_buf *out, ifm_error *err);
void ifm_encoder_free(ifm_encoder *encoder);

/* Whether any sample of this family would be written; lets the caller skip gathering it. */
bool ifm_encoder_wants(const ifm_encoder *encoder, const ifm_family_head *head);

void ifm_encoder_family_begin(ifm_encoder *encoder, const ifm_family_head *head);
void ifm_encoder_counter(ifm_encoder *encoder, const ifm_point *point, double value,
                         const ifm_exemplar_view *exemplar);
void ifm_encoder_gauge(ifm_encoder *encoder, const ifm_point *point, double value); /* and unknown */
void ifm_encoder_histogram(ifm_encoder *encoder, const ifm_point *point,
                           const ifm_histogram_point *histogram);
void ifm_encoder_summary(ifm_encoder *encoder, const ifm_point *point, const ifm_summary_point *summary);
void ifm_encoder_info(ifm_encoder *encoder, const ifm_point *point);
/* States in order; bit i of `enabled` belongs to states[i]. */
void ifm_encoder_state_set(ifm_encoder *encoder, const ifm_point *point, const ifm_text *states,
                           size_t state_count, uint64_t enabled);
void ifm_encoder_family_end(ifm_encoder *encoder);

/* Ends the document ("# EOF"). False, with `err`, when memory ran out or the limit was reached. */
bool ifm_encoder_finish(ifm_encoder *encoder, ifm_error *err);

#endif
