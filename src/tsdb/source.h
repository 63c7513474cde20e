/* SPDX-License-Identifier: Apache-2.0
 *
 * A part of the store that can be read: a generation of the head, or a block. The querier merges them; a
 * block is written from one (flush) or several (compaction).
 *
 * Samples are handed out in runs: a run is a piece of a column of timestamps, which many series share, and a
 * value for each of them. A series' runs are in the order of time and do not overlap; two sources may both
 * have samples of a series, and then those of the older source are older.
 *
 * Thread-safety: a source may be read by any thread; a reader is one thread's.
 */
#ifndef IFM_TSDB_SOURCE_H
#define IFM_TSDB_SOURCE_H

#include "model/model.h"

#include <stdatomic.h>

typedef struct tsdb_column {
    const int64_t *times_ms; /* rise strictly */
    size_t count;            /* of which readers may see; a source may know of more by now */
    uint64_t id;             /* the same column in two runs of a source has the same id */
} tsdb_column;

typedef struct tsdb_run {
    const tsdb_column *column;
    size_t first, count;                      /* of the column's times */
    const double *values;                     /* MODEL_ABSENT_BITS: the series has no sample at that time */
    const model_histogram *const *histograms; /* NULL: none; else NULL for each float; its value is then 0 */
    const int64_t *starts_ms;                 /* NULL: none known */
} tsdb_run;

typedef struct tsdb_source_series {
    model_labels labels;
    uint64_t handle; /* the source's own */
} tsdb_source_series;

typedef struct tsdb_source tsdb_source;
typedef struct tsdb_reader tsdb_reader; /* what one thread needs to read a source: decoded pages */

typedef struct tsdb_source_functions {
    void (*release)(tsdb_source *source);
    /* The series that match all of `matchers` (count 0: all), sorted by labels, in `arena`; labels may point
     * into the source. Errors: IFM_LIMIT, IFM_IO, IFM_NOMEM. */
    bool (*select)(tsdb_source *source, const model_matcher *matchers, size_t count, ifm_bump *arena,
                   const tsdb_source_series **out, size_t *out_count, ifm_error *err);
    tsdb_reader *(*reader_new)(tsdb_source *source, ifm_error *err);
    void (*reader_free)(tsdb_reader *reader);
    /* Runs that together hold the samples with start_ms <= time <= end_ms, and may hold more; in `arena`.
     * Their columns live as long as the reader. A block leaves out what is damaged and counts it. */
    bool (*read)(tsdb_reader *reader, uint64_t handle, int64_t start_ms, int64_t end_ms, ifm_bump *arena,
                 const tsdb_run **out, size_t *out_count, ifm_error *err);
    /* All names, all values of a label, without order, each once: quicker than by series. */
    bool (*label_names)(tsdb_source *source, ifm_bump *arena, const model_text **out, size_t *count,
                        ifm_error *err);
    bool (*label_values)(tsdb_source *source, model_text name, ifm_bump *arena, const model_text **out,
                         size_t *count, ifm_error *err);
} tsdb_source_functions;

struct tsdb_source {
    const tsdb_source_functions *functions;
    _Atomic uint32_t references;
    _Atomic int64_t min_ms, max_ms; /* of its samples; rise and fall while it is active */
};

static inline void tsdb_source_acquire(tsdb_source *source)
{
    /* Whoever acquires has one already, or the lock under which the last one is given back. */
    atomic_fetch_add_explicit(&source->references, 1, memory_order_relaxed);
}

/* Whether it may have samples with start_ms <= time <= end_ms. */
static inline bool tsdb_source_overlaps(const tsdb_source *source, int64_t start_ms, int64_t end_ms)
{
    return atomic_load_explicit(&source->min_ms, memory_order_relaxed) <= end_ms &&
           atomic_load_explicit(&source->max_ms, memory_order_relaxed) >= start_ms;
}

/* What a querier sees: all sources at one moment, the oldest first. In tsdb.c; held by reference counts. */
typedef struct tsdb_view {
    tsdb_source **sources;
    size_t count;
} tsdb_view;

struct tsdb;
bool tsdb_view_acquire(struct tsdb *db, int64_t start_ms, int64_t end_ms, tsdb_view *out, ifm_error *err);
void tsdb_view_release(tsdb_view *view);

#endif
