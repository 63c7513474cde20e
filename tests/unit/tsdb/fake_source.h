/* SPDX-License-Identifier: Apache-2.0
 *
 * A source of few series, for tests of what reads sources.
 */
#ifndef IFM_TESTS_TSDB_FAKE_SOURCE_H
#define IFM_TESTS_TSDB_FAKE_SOURCE_H

#include "tsdb/querier.h"

enum { FAKE_SERIES_MAX = 4, FAKE_RUNS_MAX = 3, FAKE_SAMPLES_MAX = 8 };

/* A piece of a series; `times` ends with the first 0 behind the first one. */
typedef struct fake_run {
    int64_t times[FAKE_SAMPLES_MAX];
    double values[FAKE_SAMPLES_MAX];
    const model_histogram *histograms[FAKE_SAMPLES_MAX];
    int64_t starts[FAKE_SAMPLES_MAX];
    bool has_histograms, has_starts;
} fake_run;

typedef struct fake_series {
    const char *name; /* of the metric; the series are sorted by it */
    fake_run runs[FAKE_RUNS_MAX];
    const char *job; /* a second label, or NULL */
} fake_series;

typedef struct fake_source {
    tsdb_source base;
    const fake_series *series; /* ends with a name of NULL */
    int readers;               /* that are open */
    ifm_code fails;            /* what reading ends with */
} fake_source;

struct tsdb_reader {
    fake_source *source;
};

static inline size_t fake_count(const fake_run *run)
{
    size_t count = 0;
    while (count < FAKE_SAMPLES_MAX && (run->times[count] != 0 || count == 0)) {
        count++;
    }
    return count == 1 && run->times[0] == 0 ? 0 : count;
}

static void fake_release(tsdb_source *source)
{
    (void)source;
}

static model_labels fake_labels(const fake_series *series, ifm_bump *arena)
{
    model_label *labels = ifm_bump_alloc_array(arena, 2, sizeof *labels);
    if (labels != NULL) {
        labels[0] = (model_label){model_text_of(MODEL_NAME_LABEL), model_text_of(series->name)};
        labels[1] =
            (model_label){model_text_of("job"), model_text_of(series->job == NULL ? "" : series->job)};
    }
    return (model_labels){labels, series->job == NULL ? 1 : 2};
}

static bool fake_select(tsdb_source *base, const model_matcher *matchers, size_t count, ifm_bump *arena,
                        const tsdb_source_series **out, size_t *out_count, ifm_error *err)
{
    fake_source *source = (fake_source *)base;
    tsdb_source_series *found = ifm_bump_alloc_array(arena, FAKE_SERIES_MAX, sizeof *found);
    *out_count = 0;
    for (size_t i = 0; found != NULL && source->series[i].name != NULL; i++) {
        model_labels labels = fake_labels(&source->series[i], arena);
        bool matches = labels.items != NULL;
        for (size_t j = 0; j < count && matches; j++) {
            matches = model_matcher_matches(&matchers[j], model_labels_get(labels, matchers[j].name), err);
        }
        if (matches) {
            found[(*out_count)++] = (tsdb_source_series){labels, i};
        }
    }
    *out = found;
    return ifm_bump_check(arena, err);
}

static tsdb_reader *fake_reader_new(tsdb_source *base, ifm_error *err)
{
    tsdb_reader *reader = ifm_alloc_zero(1, sizeof *reader);
    if (reader == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    reader->source = (fake_source *)base;
    reader->source->readers++;
    return reader;
}

static void fake_reader_free(tsdb_reader *reader)
{
    reader->source->readers--;
    ifm_free(reader);
}

static bool fake_read(tsdb_reader *reader, uint64_t handle, int64_t start_ms, int64_t end_ms, ifm_bump *arena,
                      const tsdb_run **out, size_t *out_count, ifm_error *err)
{
    (void)start_ms;
    (void)end_ms;
    const fake_series *series = &reader->source->series[handle];
    tsdb_run *runs = ifm_bump_alloc_array(arena, FAKE_RUNS_MAX, sizeof *runs);
    tsdb_column *columns = ifm_bump_alloc_array(arena, FAKE_RUNS_MAX, sizeof *columns);
    if (reader->source->fails != IFM_OK) {
        return ifm_error_set(err, reader->source->fails, "could not read");
    }
    *out_count = 0;
    for (size_t i = 0; i < FAKE_RUNS_MAX && columns != NULL; i++) {
        const fake_run *run = &series->runs[i];
        size_t count = fake_count(run);
        columns[i] = (tsdb_column){run->times, count, i};
        if (count > 0) {
            runs[(*out_count)++] = (tsdb_run){.column = &columns[i],
                                              .count = count,
                                              .values = run->values,
                                              .histograms = run->has_histograms ? run->histograms : NULL,
                                              .starts_ms = run->has_starts ? run->starts : NULL};
        }
    }
    *out = runs;
    return ifm_bump_check(arena, err);
}

static bool fake_label_names(tsdb_source *source, ifm_bump *arena, const model_text **out, size_t *count,
                             ifm_error *err)
{
    (void)source;
    model_text *names = ifm_bump_alloc_array(arena, 2, sizeof *names);
    if (names == NULL) {
        return ifm_bump_check(arena, err);
    }
    names[0] = model_text_of("job");
    names[1] = model_text_of(MODEL_NAME_LABEL);
    *out = names;
    *count = 2;
    return true;
}

static bool fake_label_values(tsdb_source *source, model_text name, ifm_bump *arena, const model_text **out,
                              size_t *count, ifm_error *err)
{
    const tsdb_source_series *series = NULL;
    if (!fake_select(source, NULL, 0, arena, &series, count, err)) {
        return false;
    }
    model_text *values = ifm_bump_alloc_array(arena, *count, sizeof *values);
    for (size_t i = 0; values != NULL && i < *count; i++) {
        values[i] = model_labels_get(series[*count - 1 - i].labels, name);
    }
    *out = values;
    return ifm_bump_check(arena, err);
}

static const tsdb_source_functions fake_functions = {.release = fake_release,
                                                     .select = fake_select,
                                                     .reader_new = fake_reader_new,
                                                     .reader_free = fake_reader_free,
                                                     .read = fake_read,
                                                     .label_names = fake_label_names,
                                                     .label_values = fake_label_values};

/* min_ms and max_ms are those of the samples. */
static void fake_init(fake_source *source, const fake_series *series)
{
    int64_t min_ms = INT64_MAX;
    int64_t max_ms = INT64_MIN;
    for (size_t i = 0; series[i].name != NULL; i++) {
        for (size_t j = 0; j < FAKE_RUNS_MAX; j++) {
            size_t count = fake_count(&series[i].runs[j]);
            const int64_t *times = series[i].runs[j].times;
            min_ms = count > 0 && times[0] < min_ms ? times[0] : min_ms;
            max_ms = count > 0 && times[count - 1] > max_ms ? times[count - 1] : max_ms;
        }
    }
    *source = (fake_source){.base.functions = &fake_functions, .series = series};
    source->base.references = 1;
    source->base.min_ms = min_ms;
    source->base.max_ms = max_ms;
}

#endif
