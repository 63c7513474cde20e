/* SPDX-License-Identifier: Apache-2.0
 *
 * Native histograms with float counts: the values of PromQL, in the form of Prometheus's histogram.FloatHistogram.
 *
 * schema -4..8: exponential buckets, bounds 2^(i * 2^-schema); -53: custom bounds (upper, sorted, +Inf implied).
 * Spans are runs of buckets: the first offset is an index, the others gaps. A histogram lives in an arena and is
 * constant once it was handed out; operations make new ones.
 *
 * Thread-safety: constant ones may be read by any thread.
 */
#ifndef MODEL_HISTOGRAM_H
#define MODEL_HISTOGRAM_H

#include "base/base.h"

enum { MODEL_SCHEMA_MIN = -4, MODEL_SCHEMA_MAX = 8, MODEL_SCHEMA_CUSTOM = -53 };

typedef enum model_reset_hint { /* Prometheus's CounterResetHint */
                                MODEL_RESET_UNKNOWN,
                                MODEL_RESET_YES,
                                MODEL_RESET_NO,
                                MODEL_RESET_GAUGE
} model_reset_hint;

typedef struct model_span {
    int32_t offset;
    uint32_t length;
} model_span;

typedef struct model_histogram {
    model_reset_hint hint;
    int32_t schema;
    double zero_threshold;
    double zero_count;
    double count;
    double sum;
    const model_span *positive_spans;
    const model_span *negative_spans;
    uint32_t positive_span_count, negative_span_count;
    const double *positive; /* absolute counts, one for each bucket of the spans */
    const double *negative;
    uint32_t positive_count, negative_count;
    const double *custom; /* upper bounds of schema -53 */
    uint32_t custom_count;
} model_histogram;

/* One bucket. */
typedef struct model_bucket {
    double lower, upper;
    bool lower_inclusive, upper_inclusive;
    double count;
    int32_t index;
} model_bucket;

bool model_histogram_is_custom(const model_histogram *h);

#endif
