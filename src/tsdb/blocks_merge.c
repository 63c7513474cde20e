/* SPDX-License-Identifier: Apache-2.0
 *
 * Several blocks become one, series by series: in memory are the labels of all, and pages of one place of
 * each block.
 */
#include "tsdb/blocks.h"

#include <stdlib.h>

enum {
    NO_HANDLE = UINT32_MAX,
    MERGE_READER_BYTES = 4 * 1024 * 1024 /* series come in the order of pages */
};

typedef struct merge_state {
    const blocks_merge *merge;
    ifm_bump labels;      /* of `series` */
    model_labels *series; /* sorted */
    uint32_t *handles;    /* [series * sources + source] */
    size_t series_count;
    tsdb_reader **readers; /* of each source */
    ifm_bump arena;        /* of one series */
} merge_state;

/* ---- Which series there are ---- */

/* The sorted series of a source among those of the ones before. */
static bool series_merge(merge_state *m, size_t source, const tsdb_source_series *more, size_t more_count,
                         ifm_error *err)
{
    size_t width = m->merge->count;
    size_t room = m->series_count + more_count + 1;
    model_labels *series = ifm_alloc(room * sizeof *series);
    uint32_t *handles = ifm_alloc(room * width * sizeof *handles);
    if (series == NULL || handles == NULL) {
        ifm_free(series);
        ifm_free(handles);
        return ifm_error_nomem(err);
    }
    size_t count = 0;
    for (size_t i = 0, j = 0; i < m->series_count || j < more_count; count++) {
        int order = i == m->series_count ? 1
                    : j == more_count    ? -1
                                         : model_labels_compare(m->series[i], more[j].labels);
        uint32_t *to = handles + count * width;
        if (order <= 0) {
            series[count] = m->series[i];
            memcpy(to, m->handles + i++ * width, width * sizeof *to);
        } else {
            size_t size = more[j].labels.count * sizeof(model_label);
            series[count] = (model_labels){
                (const model_label *)(const void *)ifm_bump_copy(&m->labels, more[j].labels.items, size),
                more[j].labels.count};
            memset(to, 0xff, width * sizeof *to); /* NO_HANDLE */
        }
        if (order >= 0) {
            to[source] = (uint32_t)more[j++].handle;
        }
    }
    ifm_free(m->series);
    ifm_free(m->handles);
    m->series = series;
    m->handles = handles;
    m->series_count = count;
    return ifm_bump_check(&m->labels, err);
}

static bool merge_open(merge_state *m, ifm_error *err)
{
    m->readers = ifm_alloc_zero(m->merge->count, sizeof(tsdb_reader *));
    if (m->readers == NULL) {
        return ifm_error_nomem(err);
    }
    bool ok = true;
    for (size_t i = 0; i < m->merge->count && ok; i++) {
        tsdb_source *source = m->merge->sources[i];
        const tsdb_source_series *found;
        size_t count;
        ifm_bump scratch;
        ifm_bump_init(&scratch, SIZE_MAX / 2); /* as much as the index says */
        ok = source->functions->select(source, NULL, 0, &scratch, &found, &count, err) &&
             series_merge(m, i, found, count, err);
        ifm_bump_deinit(&scratch);
        m->readers[i] = ok ? source->functions->reader_new(source, err) : NULL;
        ok = m->readers[i] != NULL;
        if (ok) {
            tsdb_block_reader_limit(m->readers[i], MERGE_READER_BYTES);
        }
    }
    return ok;
}

static void merge_close(merge_state *m)
{
    for (size_t i = 0; m->readers != NULL && i < m->merge->count; i++) {
        if (m->readers[i] != NULL) {
            m->merge->sources[i]->functions->reader_free(m->readers[i]);
        }
    }
    ifm_free(m->readers);
    ifm_free(m->series);
    ifm_free(m->handles);
    ifm_bump_deinit(&m->labels);
    ifm_bump_deinit(&m->arena);
}

/* ---- Samples of one series ---- */

/* One sample, when runs overlap and have to be sorted. */
typedef struct merge_sample {
    int64_t time_ms;
    const tsdb_run *run;
    size_t at; /* in the run */
    size_t order;
} merge_sample;

static int compare_samples(const void *left, const void *right)
{
    const merge_sample *a = left;
    const merge_sample *b = right;
    if (a->time_ms != b->time_ms) {
        return a->time_ms < b->time_ms ? -1 : 1;
    }
    return a->order < b->order ? -1 : a->order > b->order;
}

/* One run of all samples by time; of two at the same time the older source's. */
static bool runs_sort(merge_state *m, tsdb_run *runs, size_t *count)
{
    size_t total = 0;
    for (size_t i = 0; i < *count; i++) {
        total += runs[i].count;
    }
    merge_sample *samples = ifm_bump_alloc_array(&m->arena, total, sizeof *samples);
    int64_t *times_ms = ifm_bump_alloc_array(&m->arena, total, sizeof *times_ms);
    double *values = ifm_bump_alloc_array(&m->arena, total, sizeof *values);
    const model_histogram **histograms = ifm_bump_alloc_array(&m->arena, total, sizeof *histograms);
    int64_t *starts_ms = ifm_bump_alloc_array(&m->arena, total, sizeof *starts_ms);
    tsdb_column *column = ifm_bump_alloc(&m->arena, sizeof *column);
    if (m->arena.failed != IFM_OK) {
        return false;
    }
    size_t found = 0;
    for (size_t i = 0; i < *count; i++) {
        for (size_t j = 0; j < runs[i].count; j++) {
            if (!model_is_absent(runs[i].values[j])) {
                samples[found] =
                    (merge_sample){runs[i].column->times_ms[runs[i].first + j], &runs[i], j, found};
                found++;
            }
        }
    }
    qsort(samples, found, sizeof *samples, compare_samples);
    size_t kept = 0;
    for (size_t i = 0; i < found; i++) {
        const tsdb_run *run = samples[i].run;
        if (kept > 0 && times_ms[kept - 1] == samples[i].time_ms) {
            continue;
        }
        times_ms[kept] = samples[i].time_ms;
        values[kept] = run->values[samples[i].at];
        histograms[kept] = run->histograms == NULL ? NULL : run->histograms[samples[i].at];
        starts_ms[kept++] = run->starts_ms == NULL ? 0 : run->starts_ms[samples[i].at];
    }
    *column = (tsdb_column){times_ms, kept, 0};
    runs[0] = (tsdb_run){column, 0, kept, values, histograms, starts_ms};
    *count = kept > 0 ? 1 : 0;
    return true;
}

static bool runs_rise(const tsdb_run *runs, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        const tsdb_run *before = &runs[i - 1];
        if (before->column->times_ms[before->first + before->count - 1] >=
            runs[i].column->times_ms[runs[i].first]) {
            return false;
        }
    }
    return true;
}

static bool series_write(merge_state *m, size_t series, tsdb_block_writer *writer, ifm_error *err)
{
    ifm_bump_mark mark = ifm_bump_mark_now(&m->arena);
    const uint32_t *handles = m->handles + series * m->merge->count;
    tsdb_run *runs = NULL;
    size_t count = 0;
    for (size_t i = 0; i < m->merge->count; i++) {
        const tsdb_run *more;
        size_t more_count;
        if (handles[i] == NO_HANDLE) {
            continue;
        }
        if (!m->merge->sources[i]->functions->read(m->readers[i], handles[i], INT64_MIN, INT64_MAX, &m->arena,
                                                   &more, &more_count, err)) {
            return false;
        }
        for (size_t j = 0; j < more_count; j++) {
            tsdb_run *grown = ifm_bump_grow(&m->arena, runs, count, sizeof *grown);
            if (grown == NULL) {
                return ifm_bump_check(&m->arena, err);
            }
            runs = grown;
            runs[count++] = more[j];
        }
    }
    if (!runs_rise(runs, count) && !runs_sort(m, runs, &count)) {
        return ifm_bump_check(&m->arena, err);
    }
    bool ok = tsdb_block_writer_add(writer, m->series[series], runs, count, err);
    ifm_bump_rewind(&m->arena, mark);
    return ok;
}

/* What is damaged is not merged: the file would be deleted with what may be saved from it some day. */
static bool merge_is_sound(const merge_state *m, ifm_error *err)
{
    for (size_t i = 0; i < m->merge->count; i++) {
        tsdb_block_source *block = (tsdb_block_source *)m->merge->sources[i];
        if (atomic_load(&block->damages) > 0) {
            return ifm_error_set(err, IFM_INVALID, "block \"%s\" is damaged, and stays as it is",
                                 block->summary.info.name);
        }
    }
    return true;
}

static bool merge_write(merge_state *m, tsdb_block_writer *writer, bool *stopped, ifm_error *err)
{
    uint32_t *order = ifm_alloc((m->series_count + 1) * sizeof *order);
    bool ok = order != NULL || ifm_error_nomem(err);
    ok = ok && tsdb_block_order(m->series, m->series_count, order, err);
    for (size_t i = 0; i < m->series_count && ok; i++) {
        if (m->merge->stop != NULL && atomic_load_explicit(m->merge->stop, memory_order_relaxed)) {
            *stopped = true;
            ok = ifm_error_set(err, IFM_CANCELED, "stopped");
        }
        ok = ok && series_write(m, order[i], writer, err);
    }
    ifm_free(order);
    return ok && merge_is_sound(m, err);
}

bool tsdb_blocks_merge(const blocks_merge *merge, const tsdb_block_writer_options *options,
                       tsdb_block_info *info, bool *stopped, ifm_error *err)
{
    merge_state m = {.merge = merge};
    ifm_bump_init(&m.labels, TSDB_INDEX_BYTES_MAX);
    ifm_bump_init(&m.arena, TSDB_BATCH_BYTES_MAX * (size_t)2);
    *stopped = false;
    tsdb_block_writer *writer = merge_open(&m, err) ? tsdb_block_writer_open(options, err) : NULL;
    bool ok = writer != NULL && merge_write(&m, writer, stopped, err);
    if (ok) {
        ok = tsdb_block_writer_commit(writer, info, err);
    } else {
        tsdb_block_writer_abort(writer);
    }
    merge_close(&m);
    return ok;
}
