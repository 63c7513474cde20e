/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading several sources as one: the series of all of them merged by labels, the samples of one of them
 * joined in the order of time.
 *
 * Thread-safety: a querier is one thread's; tsdb_queries may be used by any.
 * Q1  the times of what is read rise strictly, and no sample of it is absent: of samples at the same time,
 *     that of the oldest source counts.
 * Q2  nothing that is handed out is valid for longer than the view is held.
 */
#ifndef IFM_TSDB_QUERIER_H
#define IFM_TSDB_QUERIER_H

#include "tsdb/source.h"
#include "tsdb/tsdb.h"

/* tsdb_view_acquire() and tsdb_view_release(); tests have their own. */
typedef struct tsdb_view_functions {
    bool (*acquire)(tsdb *db, int64_t start_ms, int64_t end_ms, tsdb_view *out, ifm_error *err);
    void (*release)(tsdb_view *view);
} tsdb_view_functions;

/* What tsdb_storage() hands out; lies in the tsdb. */
typedef struct tsdb_queries {
    storage base;
    tsdb *db;
    tsdb_view_functions views;
} tsdb_queries;

void tsdb_queries_init(tsdb_queries *queries, tsdb *db, tsdb_view_functions views);

/* ---- Series of a view ---- */

/* Where samples of a series are; of the older source first. */
typedef struct tsdb_part {
    struct tsdb_part *next;
    uint64_t handle;
    size_t source; /* of the view */
} tsdb_part;

typedef struct tsdb_merged {
    model_labels labels;
    tsdb_part *first, *last;
} tsdb_merged;

/* A range of time; both included. */
typedef struct tsdb_range {
    int64_t start_ms, end_ms;
} tsdb_range;

/* The series that match, sorted by labels, of the sources with samples in the range. Labels point into the
 * sources. */
bool tsdb_view_select(const tsdb_view *view, const model_matcher *matchers, size_t count, tsdb_range range,
                      ifm_bump *arena, const tsdb_merged **out, size_t *out_count, ifm_error *err);

/* ---- Samples ---- */

/* Joins runs, which are in the order of time but for those of overlapping sources. When one of them is all
 * there is, nothing is copied. */
bool tsdb_join(const tsdb_run *runs, size_t count, tsdb_range range, ifm_bump *arena, storage_samples *out,
               ifm_error *err);

/* Counter reset hints. In a source they are: GAUGE as it was given; NO when no counter was reset since the
 * sample before it, which is a histogram as well; YES when one was, or when the appender said so; UNKNOWN
 * when nobody looked, as at the beginning of a generation. `previous` is the sample before, NULL when that is
 * none or a float. */
model_reset_hint tsdb_hint(const model_histogram *previous, const model_histogram *now);

/* What queries get to see, as Prometheus has it: UNKNOWN instead of YES, for then they look themselves; and
 * what is still UNKNOWN is found out where the sample before is at hand. */
bool tsdb_hints_finish(storage_samples *samples, ifm_bump *arena, ifm_error *err);

#endif
