/* SPDX-License-Identifier: Apache-2.0
 *
 * The buckets of one sign, read by a cursor and written by a builder, for the operations on histograms.
 *
 * Indices are int64 here: whatever the spans are, adding them up does not overflow.
 */
#ifndef IFM_MODEL_HISTOGRAM_IMPL_H
#define IFM_MODEL_HISTOGRAM_IMPL_H

#include "model/histogram.h"

typedef struct model_side {
    const model_span *spans;
    const double *counts;
    const double *extra; /* compensations of the counts, or NULL */
    uint32_t span_count, count;
} model_side;

model_side model_side_of(const model_histogram *h, bool positive);
void model_side_set(model_histogram *h, bool positive, model_side side);

/* Walks over a side by index, at its own schema or a coarser one, where buckets are merged. */
typedef struct model_cursor {
    model_side side;
    uint32_t span, in_span, at; /* of the bucket after this one */
    int64_t next;               /* its index at the side's own schema */
    int shift;                  /* by how much the target is coarser */
    int64_t index;              /* of this bucket */
    double count, extra;
} model_cursor;

void model_cursor_init(model_cursor *c, model_side side, int32_t schema, int32_t target);
bool model_cursor_next(model_cursor *c);

/* Writes a side, bucket by bucket with increasing index. */
typedef struct model_builder {
    model_span *spans;
    double *counts;
    double *extra; /* NULL: not wanted */
    uint32_t span_count, count;
    int64_t next;
} model_builder;

/* Room for so many; false when the arena is full. */
bool model_builder_init(model_builder *b, size_t spans, size_t buckets, bool extra, ifm_bump *arena);
void model_builder_push(model_builder *b, int64_t index, double count, double extra);
model_side model_builder_side(const model_builder *b);

/* Leaves out empty buckets, where the extra counts, too. */
bool model_side_compact(model_side side, uint32_t empty_max, ifm_bump *arena, model_side *out);

/* The bounds of the bucket with this index; infinite beyond the custom ones. */
double model_side_bound(const model_histogram *h, int64_t index);
model_bucket model_side_bucket(const model_histogram *h, bool positive, int64_t index, double count);

/* Adds `value` to *sum + *rest (Kahan and Neumaier); the rest is dropped when the sum overflows. */
void model_kahan_add(double value, double *sum, double *rest);

/* The zero count if the threshold were *threshold, which becomes larger when it lies within a populated
 * bucket. `rest` has the compensations of h, or is NULL; *zero_rest gets those of the result. */
double model_zero_count(const model_histogram *h, const model_histogram *rest, double *threshold,
                        double *zero_rest);

#endif
