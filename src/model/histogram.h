/* SPDX-License-Identifier: Apache-2.0
 *
 * Native histograms with float counts: the values of PromQL, in the form of Prometheus's
 * histogram.FloatHistogram.
 *
 * schema -4..8: exponential buckets, bounds 2^(i * 2^-schema); -53: custom bounds (upper, sorted, +Inf
 * implied). Spans are runs of buckets: the first offset is an index, the others gaps. A histogram lives in an
 * arena and is constant once it was handed out; operations make new ones, which may share arrays with the old
 * ones and so live no longer than these.
 *
 * What comes from outside has to pass model_histogram_check() first: all else here relies on H1 to H3.
 * H1  the lengths of the spans add up to the count of buckets; offsets behind the first are >= 0.
 * H2  schema is -4..8 without custom bounds, or -53 with finite increasing ones and buckets within them.
 * H3  an index of an exponential bucket lies within +-MODEL_BUCKET_INDEX_MAX, so that sums of them do not
 *     overflow.
 *
 * Thread-safety: constant ones may be read by any thread.
 */
#ifndef IFM_MODEL_HISTOGRAM_H
#define IFM_MODEL_HISTOGRAM_H

#include "base/base.h"

enum {
    MODEL_SCHEMA_MIN = -4,
    MODEL_SCHEMA_MAX = 8,
    MODEL_SCHEMA_CUSTOM = -53,
    MODEL_BUCKET_INDEX_MAX = 1 << 24, /* the largest double has the index 2^18 in schema 8 */
    MODEL_BUCKETS_MAX = 1 << 20       /* of one sign: all doubles have 2^19 buckets in schema 8 */
};

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
    int32_t index; /* 0 for the zero bucket */
} model_bucket;

/* H1 to H3. False with IFM_INVALID and what is wrong. */
bool model_histogram_check(const model_histogram *h, ifm_error *err);

bool model_histogram_is_custom(const model_histogram *h);

/* The upper bound of the exponential bucket with this index: to the last bit Prometheus's. */
double model_histogram_bound(int32_t index, int32_t schema);

/* Whether count, sum or a bucket is infinite. */
bool model_histogram_overflows(const model_histogram *h);

bool model_histogram_same_bounds(const model_histogram *a, const model_histogram *b); /* the custom ones */

/* ---- Buckets ---- */

typedef enum model_bucket_order {
    MODEL_BUCKETS_POSITIVE, /* by index; empty ones too, as for all */
    MODEL_BUCKETS_NEGATIVE, /* by index: away from zero */
    MODEL_BUCKETS_UP,       /* negative, zero (if its count > 0), positive: by value */
    MODEL_BUCKETS_DOWN      /* the other way round */
} model_bucket_order;

typedef struct model_bucket_iterator {
    const model_histogram *h;
    model_bucket_order order;
    int part; /* of UP and DOWN: 0, 1 (zero), 2 */
    bool positive, backwards;
    const model_span *spans;
    const double *counts;
    uint32_t span, in_span, at;
    int32_t index;
} model_bucket_iterator;

/* `h` must outlive it. In UP and DOWN, a bucket that the zero bucket cuts into is cut there. */
void model_bucket_iterator_init(model_bucket_iterator *it, const model_histogram *h,
                                model_bucket_order order);
bool model_bucket_iterator_next(model_bucket_iterator *it, model_bucket *out);

/* Appends "[-2,-1):3" as Bucket.String(). */
void model_bucket_print(const model_bucket *bucket, ifm_buf *out);
/* Appends {count:3, sum:1, (1,2]:3} as FloatHistogram.String(). */
void model_histogram_print(const model_histogram *h, ifm_buf *out);

/* ---- Operations. They return NULL (false) when the arena is full: ifm_bump_check() ---- */

/* A copy that shares nothing with `h`. */
const model_histogram *model_histogram_copy(const model_histogram *h, ifm_bump *arena);
/* The same with another hint; shares the buckets. */
const model_histogram *model_histogram_with_hint(const model_histogram *h, model_reset_hint hint,
                                                 ifm_bump *arena);

/* What a sum or difference has to say beside its result. */
enum {
    MODEL_ADD_RESET_COLLISION = 1,   /* hints YES and NO met: the result's is UNKNOWN */
    MODEL_ADD_BOUNDS_RECONCILED = 2, /* custom bounds differed: the result has those that both have */
    MODEL_ADD_INCOMPATIBLE = 4       /* custom and exponential buckets: there is no result */
};

/* *flags is set (not added to); with MODEL_ADD_INCOMPATIBLE false is returned. Not compacted. The hint is
 * that of Prometheus's Add(): a caller who subtracts may want MODEL_RESET_GAUGE. */
bool model_histogram_add(const model_histogram *a, const model_histogram *b, ifm_bump *arena,
                         const model_histogram **out, unsigned *flags);
bool model_histogram_sub(const model_histogram *a, const model_histogram *b, ifm_bump *arena,
                         const model_histogram **out, unsigned *flags);

/* Times `factor`; a negative one makes it a gauge. */
const model_histogram *model_histogram_scale(const model_histogram *h, double factor, ifm_bump *arena);
/* By `divisor`; 0 removes all buckets. */
const model_histogram *model_histogram_divide(const model_histogram *h, double divisor, ifm_bump *arena);

/* Leaves out empty buckets, but runs of up to `empty_max` of them between others. */
const model_histogram *model_histogram_compact(const model_histogram *h, uint32_t empty_max, ifm_bump *arena);

/* `schema` <= h->schema, neither custom; the hint becomes UNKNOWN when it is lower. */
const model_histogram *model_histogram_copy_to_schema(const model_histogram *h, int32_t schema,
                                                      ifm_bump *arena);

/* Whether counting started anew between the two (FloatHistogram.DetectReset()); hints of `current` decide. */
bool model_histogram_detect_reset(const model_histogram *previous, const model_histogram *current);

/* All but the hint, floats bit for bit, spans by the buckets that they mean. */
bool model_histogram_equal(const model_histogram *a, const model_histogram *b);

/* What is observed below (</) or above (>/) `limit`; within a bucket it is interpolated, and the sum is
 * estimated anew from the buckets. */
typedef enum model_trim { MODEL_TRIM_UPPER, MODEL_TRIM_LOWER } model_trim;
const model_histogram *model_histogram_trim(const model_histogram *h, double limit, model_trim trim,
                                            ifm_bump *arena);

/* ---- Compensated sums (Kahan and Neumaier), as FloatHistogram.KahanAdd() ---- */

/* value + compensation is the sum; both have the same layout. The caller may read them. */
typedef struct model_histogram_sum {
    model_histogram value;
    model_histogram compensation;
    double *own[4]; /* positive, negative of value, of compensation: arrays that are nobody else's */
} model_histogram_sum;

/* Starts with `h`, of which nothing is kept. */
bool model_histogram_sum_init(model_histogram_sum *sum, const model_histogram *h, ifm_bump *arena);
/* *flags as of model_histogram_add(); on false `sum` is what it was. Same layouts need no memory. */
bool model_histogram_sum_add(model_histogram_sum *sum, const model_histogram *h, ifm_bump *arena,
                             unsigned *flags);
bool model_histogram_sum_copy(const model_histogram_sum *sum, ifm_bump *arena, model_histogram_sum *out);
/* Divides both. */
void model_histogram_sum_divide(model_histogram_sum *sum, double divisor);
/* value + compensation, which shares nothing with `sum`. */
const model_histogram *model_histogram_sum_total(const model_histogram_sum *sum, ifm_bump *arena);

#endif
