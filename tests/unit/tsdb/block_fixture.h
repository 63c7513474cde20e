/* SPDX-License-Identifier: Apache-2.0
 *
 * Series like those of inference pipelines, in memory, and what is needed to write them to a block and to
 * compare it with them.
 */
#ifndef IFM_TESTS_TSDB_BLOCK_FIXTURE_H
#define IFM_TESTS_TSDB_BLOCK_FIXTURE_H

#include "check.h"
#include "scratch.h"
#include "tsdb/block.h"

#include <dirent.h>
#include <stdlib.h>

typedef struct fixture_series {
    model_labels labels;
    tsdb_run runs[4];
    size_t run_count;
} fixture_series;

typedef struct fixture {
    ifm_bump arena;
    fixture_series *series;
    size_t count;
    uint64_t random;
    uint64_t column_id;
} fixture;

static inline uint64_t fixture_random(fixture *f)
{
    f->random ^= f->random << 13;
    f->random ^= f->random >> 7;
    f->random ^= f->random << 17;
    return f->random;
}

static inline void fixture_init(fixture *f)
{
    *f = (fixture){.random = 88172645463325252U};
    ifm_bump_init(&f->arena, SIZE_MAX / 2);
}

static inline void fixture_deinit(fixture *f)
{
    ifm_bump_deinit(&f->arena);
}

/* `jitter`: times move by some milliseconds. */
static inline const tsdb_column *fixture_column(fixture *f, int64_t first_ms, size_t count, int64_t step_ms,
                                                unsigned jitter)
{
    tsdb_column *column = ifm_bump_alloc(&f->arena, sizeof *column);
    int64_t *times_ms = ifm_bump_alloc_array(&f->arena, count, sizeof *times_ms);
    for (size_t i = 0; i < count; i++) {
        times_ms[i] = first_ms + (int64_t)i * step_ms;
        times_ms[i] += jitter == 0 ? 0 : (int64_t)(fixture_random(f) % jitter);
    }
    *column = (tsdb_column){times_ms, count, f->column_id++};
    return column;
}

/* "name=value,name=value": sorted by the caller. */
static inline model_labels fixture_labels(fixture *f, const char *text)
{
    model_label *items = NULL;
    size_t count = 0;
    while (*text != '\0') {
        size_t name = strcspn(text, "=");
        size_t value = strcspn(text + name + 1, ",");
        items = ifm_bump_grow(&f->arena, items, count, sizeof *items);
        items[count].name = (model_text){ifm_bump_copy(&f->arena, text, name), name};
        items[count++].value = (model_text){ifm_bump_copy(&f->arena, text + name + 1, value), value};
        text += name + 1 + value;
        text += *text == ',';
    }
    return (model_labels){items, count};
}

static inline fixture_series *fixture_add(fixture *f, const char *labels)
{
    f->series = ifm_bump_grow(&f->arena, f->series, f->count, sizeof *f->series);
    fixture_series *made = &f->series[f->count++];
    *made = (fixture_series){.labels = fixture_labels(f, labels)};
    return made;
}

/* A run over all of a column; the values are the caller's to fill in. */
static inline double *fixture_run(fixture *f, fixture_series *series, const tsdb_column *column)
{
    double *values = ifm_bump_alloc_array(&f->arena, column->count, sizeof *values);
    series->runs[series->run_count++] =
        (tsdb_run){.column = column, .count = column->count, .values = values};
    return values;
}

/* A histogram of 8 buckets with its sum and count, in label order among its own. */
static inline void fixture_histogram(fixture *f, const tsdb_column *column, const char *pipeline)
{
    static const char *const bounds[] = {"+Inf", "0.005", "0.01", "0.05", "0.1", "1.0", "10.0", "2.5"};
    static const int rank[] = {7, 0, 1, 2, 3, 4, 6, 5};
    char labels[200];
    size_t n = column->count;
    double *buckets[8];
    for (int i = 0; i < 8; i++) {
        snprintf(labels, sizeof labels, "__name__=d_bucket,le=%s,pipeline=%s", bounds[i], pipeline);
        buckets[rank[i]] = fixture_run(f, fixture_add(f, labels), column);
    }
    snprintf(labels, sizeof labels, "__name__=d_count,pipeline=%s", pipeline);
    double *count = fixture_run(f, fixture_add(f, labels), column);
    snprintf(labels, sizeof labels, "__name__=d_sum,pipeline=%s", pipeline);
    double *sum = fixture_run(f, fixture_add(f, labels), column);
    uint64_t own[8] = {0};
    uint64_t total = 0;
    for (size_t i = 0; i < n; i++) {
        for (int draw = 0; draw < 3; draw++) {
            own[(fixture_random(f) % 3 + fixture_random(f) % 3) % 8] += 1 + fixture_random(f) % 20;
        }
        double cumulative = 0;
        for (int k = 0; k < 8; k++) {
            cumulative += (double)own[k];
            buckets[k][i] = cumulative;
        }
        count[i] = cumulative;
        total += fixture_random(f) % 9000000;
        sum[i] = (double)total / 1e6;
    }
}

static inline int fixture_compare(const void *a, const void *b)
{
    return model_labels_compare(((const fixture_series *)a)->labels, ((const fixture_series *)b)->labels);
}

static inline void fixture_sort(fixture *f)
{
    if (f->count > 1) {
        qsort(f->series, f->count, sizeof *f->series, fixture_compare);
    }
}

/* Writes all series, in the order that packs best. */
static inline bool fixture_write(fixture *f, const tsdb_block_writer_options *options, tsdb_block_info *info,
                                 ifm_error *err)
{
    tsdb_block_writer *writer = tsdb_block_writer_open(options, err);
    model_labels *labels = ifm_bump_alloc_array(&f->arena, f->count + 1, sizeof *labels);
    uint32_t *order = ifm_bump_alloc_array(&f->arena, f->count + 1, sizeof *order);
    for (size_t i = 0; i < f->count; i++) {
        labels[i] = f->series[i].labels;
    }
    if (writer == NULL) {
        return false;
    }
    bool ok = tsdb_block_order(labels, f->count, order, err);
    for (size_t i = 0; i < f->count && ok; i++) {
        const fixture_series *series = &f->series[order[i]];
        ok = tsdb_block_writer_add(writer, series->labels, series->runs, series->run_count, err);
    }
    if (!ok) {
        tsdb_block_writer_abort(writer);
        return false;
    }
    return tsdb_block_writer_commit(writer, info, err);
}

/* The next sample of some runs that is not absent; false at the end. */
static inline bool fixture_next(const tsdb_run *runs, size_t count, size_t *run, size_t *at)
{
    for (; *run < count; (*run)++, *at = 0) {
        for (; *at < runs[*run].count; (*at)++) {
            if (!model_is_absent(runs[*run].values[*at])) {
                return true;
            }
        }
    }
    return false;
}

static inline bool fixture_same_sample(const tsdb_run *a, size_t i, const tsdb_run *b, size_t j)
{
    const model_histogram *h = a->histograms == NULL ? NULL : a->histograms[i];
    const model_histogram *g = b->histograms == NULL ? NULL : b->histograms[j];
    int64_t a_start = a->starts_ms == NULL ? 0 : a->starts_ms[i];
    int64_t b_start = b->starts_ms == NULL ? 0 : b->starts_ms[j];
    return a->column->times_ms[a->first + i] == b->column->times_ms[b->first + j] && a_start == b_start &&
           model_bits(a->values[i]) == model_bits(b->values[j]) && (h == NULL) == (g == NULL) &&
           (h == NULL || (model_histogram_equal(h, g) && h->hint == g->hint));
}

/* Whether two lists of runs have the same samples. */
static inline bool fixture_same(const tsdb_run *a, size_t a_count, const tsdb_run *b, size_t b_count)
{
    size_t run = 0, at = 0, other = 0, other_at = 0;
    for (;;) {
        bool more = fixture_next(a, a_count, &run, &at);
        if (more != fixture_next(b, b_count, &other, &other_at)) {
            return false;
        }
        if (!more) {
            return true;
        }
        if (!fixture_same_sample(&a[run], at++, &b[other], other_at++)) {
            return false;
        }
    }
}

/* How many series of `source` are not as they are in the fixture, or are missing; -1: it cannot be read. */
static inline int fixture_differences(fixture *f, tsdb_source *source, ifm_error *err)
{
    ifm_bump arena;
    ifm_bump_init(&arena, SIZE_MAX / 2);
    fixture_sort(f);
    const tsdb_source_series *series;
    size_t count = 0;
    tsdb_reader *reader = source->functions->reader_new(source, err);
    int differences = -1;
    if (reader != NULL && source->functions->select(source, NULL, 0, &arena, &series, &count, err)) {
        differences = count == f->count ? 0 : 1;
        for (size_t i = 0; i < count && i < f->count && differences >= 0; i++) {
            const tsdb_run *runs;
            size_t run_count;
            if (!source->functions->read(reader, series[i].handle, INT64_MIN, INT64_MAX, &arena, &runs,
                                         &run_count, err)) {
                differences = -1;
                break;
            }
            differences += !model_labels_equal(series[i].labels, f->series[i].labels) ||
                           !fixture_same(f->series[i].runs, f->series[i].run_count, runs, run_count);
        }
    }
    if (reader != NULL) {
        source->functions->reader_free(reader);
    }
    ifm_bump_deinit(&arena);
    return differences;
}

/* Files in a folder, but "." and "..". */
static inline size_t fixture_files(const char *folder)
{
    size_t count = 0;
    DIR *opened = opendir(folder);
    for (struct dirent *entry = opened == NULL ? NULL : readdir(opened); entry != NULL;
         entry = readdir(opened)) {
        count += entry->d_name[0] != '.';
    }
    if (opened != NULL) {
        closedir(opened);
    }
    return count;
}

#endif
