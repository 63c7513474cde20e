/* SPDX-License-Identifier: Apache-2.0
 *
 * A storage for tests of the engine: a few series of floats, written down in the test.
 */
#ifndef IFM_TESTS_PROMQL_FAKE_STORAGE_H
#define IFM_TESTS_PROMQL_FAKE_STORAGE_H

#include "promql/engine.h"

enum { FAKE_SERIES_MAX = 64, FAKE_SAMPLES_MAX = 128, FAKE_LABELS_MAX = 4 };

typedef struct fake_series {
    model_label labels[FAKE_LABELS_MAX]; /* sorted by name */
    size_t label_count;
    int64_t times_ms[FAKE_SAMPLES_MAX];
    double values[FAKE_SAMPLES_MAX];
    size_t count;
} fake_series;

typedef struct fake_storage {
    storage base; /* first */
    storage_querier querier;
    fake_series series[FAKE_SERIES_MAX];
    size_t count;
    size_t open;  /* queriers that are not closed */
    size_t reads; /* calls of read() */
    bool fails;   /* read() fails */
} fake_storage;

static fake_storage *fake_of(storage_querier *querier)
{
    return (fake_storage *)((char *)querier - offsetof(fake_storage, querier));
}

static bool fake_matches(const fake_series *series, const model_matcher *matchers, size_t count,
                         ifm_error *err)
{
    model_labels labels = {.items = series->labels, .count = series->label_count};
    for (size_t i = 0; i < count; i++) {
        if (!model_matcher_matches(&matchers[i], model_labels_get(labels, matchers[i].name), err)) {
            return false;
        }
    }
    return true;
}

static bool fake_select(storage_querier *querier, const model_matcher *matchers, size_t count,
                        const storage_hints *hints, ifm_bump *arena, const storage_series **out,
                        size_t *out_count, ifm_error *err)
{
    fake_storage *fake = fake_of(querier);
    storage_series *selected = ifm_bump_alloc_array(arena, fake->count, sizeof *selected);
    (void)hints;
    err->code = IFM_OK;
    *out_count = 0;
    for (size_t i = 0; selected != NULL && i < fake->count; i++) {
        fake_series *series = &fake->series[i];
        if (fake_matches(series, matchers, count, err)) {
            selected[*out_count].labels =
                (model_labels){.items = series->labels, .count = series->label_count};
            selected[(*out_count)++].handle = series;
        }
    }
    *out = selected;
    return err->code == IFM_OK && ifm_bump_check(arena, err);
}

static bool fake_read(storage_querier *querier, const storage_series *series, int64_t start_ms,
                      int64_t end_ms, ifm_bump *arena, storage_samples *out, ifm_error *err)
{
    fake_storage *fake = fake_of(querier);
    const fake_series *from = series->handle;
    size_t first = 0;
    (void)arena;
    fake->reads++;
    if (fake->fails) {
        return ifm_error_set(err, IFM_IO, "could not read the block: it is not there");
    }
    while (first < from->count && from->times_ms[first] < start_ms) {
        first++;
    }
    *out = (storage_samples){.times_ms = from->times_ms + first, .values = from->values + first};
    while (first + out->count < from->count && from->times_ms[first + out->count] <= end_ms) {
        out->count++;
    }
    return true;
}

static void fake_close(storage_querier *querier)
{
    fake_of(querier)->open--;
}

static bool fake_querier(storage *from, int64_t start_ms, int64_t end_ms, storage_querier **out,
                         ifm_error *err)
{
    fake_storage *fake = (fake_storage *)from;
    (void)start_ms;
    (void)end_ms;
    (void)err;
    fake->open++;
    *out = &fake->querier;
    return true;
}

static inline void fake_init(fake_storage *fake)
{
    static const storage_querier_functions querier = {fake_select, fake_read, fake_close};
    static const storage_functions functions = {fake_querier};
    *fake = (fake_storage){.base = {.functions = &functions}, .querier = {.functions = &querier}};
}

/* A series NAME{label="value"}; `label` NULL: without. Series are added in the order of their labels. */
static inline fake_series *fake_add(fake_storage *fake, const char *name, const char *label,
                                    const char *value)
{
    fake_series *series = &fake->series[fake->count++];
    series->labels[series->label_count++] =
        (model_label){.name = model_text_of(MODEL_NAME_LABEL), .value = model_text_of(name)};
    if (label != NULL) {
        series->labels[series->label_count++] =
            (model_label){.name = model_text_of(label), .value = model_text_of(value)};
    }
    return series;
}

static inline void fake_append(fake_series *series, int64_t time_ms, double value)
{
    series->times_ms[series->count] = time_ms;
    series->values[series->count++] = value;
}

/* `count` samples from 0 on, a minute apart: first, first + by, .. */
static inline void fake_ramp(fake_series *series, double first, double by, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        fake_append(series, (int64_t)i * 60000, first + by * (double)i);
    }
}

#endif
