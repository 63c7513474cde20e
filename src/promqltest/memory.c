/* SPDX-License-Identifier: Apache-2.0
 *
 * Series in memory, in columns that are handed out as they are. Chunks as Prometheus has them, of floats or
 * of histograms and of a limited number of samples, are marks on the columns: a histogram's counter reset
 * hint is not stored; it is made up when the sample is read, from where runs begin.
 *
 * C1  a run is a row of chunks of one series that hold histograms between which no counter was reset, no
 *     gauge became a counter, and the layout of which only grew; `continues` is set in all its chunks but
 *     the first.
 * C2  times of a series rise strictly.
 */
#include "promqltest/promqltest.h"

#include <inferometer/registry.h>
#include <stdlib.h>

typedef struct memory_chunk {
    struct memory_chunk *next;
    size_t first; /* of the series' samples */
    size_t count;
    bool histograms;
    bool gauge;
    bool continues; /* C1 */
} memory_chunk;

struct promqltest_memory_series {
    model_labels labels;
    uint64_t hash;
    memory_chunk *first;
    memory_chunk *last;
    size_t count;
    int64_t *times_ms;
    int64_t *starts_ms;
    double *values;                /* 0 beside a histogram */
    const model_histogram **items; /* NULL for floats; NULL: there are floats only */
    bool starts;                   /* one is known */
};

struct promqltest_memory {
    storage base;
    size_t chunk_samples;
    size_t bytes_max;
    ifm_bump arena; /* all series and samples */
    promqltest_memory_series **series;
    size_t series_count;
    bool sorted;
};

static bool memory_querier(storage *from, int64_t start_ms, int64_t end_ms, storage_querier **out,
                           ifm_error *err);

static const storage_functions memory_functions = {memory_querier};

promqltest_memory *promqltest_memory_new(size_t chunk_samples, size_t bytes_max, ifm_error *err)
{
    promqltest_memory *memory = ifm_alloc_zero(1, sizeof *memory);
    if (memory == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    memory->base.functions = &memory_functions;
    memory->chunk_samples = chunk_samples == 0 ? PROMQLTEST_CHUNK_SAMPLES : chunk_samples;
    memory->bytes_max = bytes_max;
    ifm_bump_init(&memory->arena, bytes_max);
    return memory;
}

void promqltest_memory_free(promqltest_memory *memory)
{
    if (memory != NULL) {
        ifm_bump_deinit(&memory->arena);
        ifm_free(memory);
    }
}

void promqltest_memory_clear(promqltest_memory *memory)
{
    ifm_bump_deinit(&memory->arena);
    ifm_bump_init(&memory->arena, memory->bytes_max);
    memory->series = NULL;
    memory->series_count = 0;
}

storage *promqltest_memory_storage(promqltest_memory *memory)
{
    return &memory->base;
}

/* ---- Appending ---- */

promqltest_memory_series *promqltest_memory_find(promqltest_memory *memory, model_labels labels,
                                                 ifm_error *err)
{
    uint64_t hash = model_labels_hash(labels);
    for (size_t i = 0; i < memory->series_count; i++) {
        if (memory->series[i]->hash == hash && model_labels_equal(memory->series[i]->labels, labels)) {
            return memory->series[i];
        }
    }
    if (memory->series_count == PROMQLTEST_SERIES_MAX) {
        ifm_error_set(err, IFM_LIMIT, "there may be at most %d series", PROMQLTEST_SERIES_MAX);
        return NULL;
    }
    promqltest_memory_series *series = ifm_bump_alloc(&memory->arena, sizeof *series);
    promqltest_memory_series **all =
        ifm_bump_grow(&memory->arena, memory->series, memory->series_count, sizeof(void *));
    if (series != NULL && all != NULL) {
        series->labels = model_labels_copy(labels, &memory->arena);
        series->hash = hash;
    }
    if (!ifm_bump_check(&memory->arena, err)) {
        return NULL;
    }
    memory->series = all;
    all[memory->series_count++] = series;
    memory->sorted = false;
    return series;
}

/* Whether each bucket of `old` that counted something is in `new`, and counted no less. */
static bool buckets_grew(const model_histogram *old, const model_histogram *new, model_bucket_order order)
{
    model_bucket_iterator old_buckets;
    model_bucket_iterator new_buckets;
    model_bucket bucket;
    model_bucket now = {.index = INT32_MIN};
    model_bucket_iterator_init(&old_buckets, old, order);
    model_bucket_iterator_init(&new_buckets, new, order);
    bool more = model_bucket_iterator_next(&new_buckets, &now);
    while (model_bucket_iterator_next(&old_buckets, &bucket)) {
        while (more && now.index < bucket.index) {
            more = model_bucket_iterator_next(&new_buckets, &now);
        }
        bool found = more && now.index == bucket.index;
        if ((found && now.count < bucket.count) || (!found && bucket.count != 0)) {
            return false;
        }
    }
    return true;
}

/* Whether `new` may follow `old` in a run (C1). */
static bool run_goes_on(const promqltest_memory_series *series, const model_histogram *new)
{
    const memory_chunk *last = series->last;
    const model_histogram *old = series->items[series->count - 1];
    bool gauge = new->hint == MODEL_RESET_GAUGE;
    if (gauge != last->gauge || new->hint == MODEL_RESET_YES || model_is_stale(old->sum)) {
        return false;
    }
    if (model_is_stale(new->sum)) {
        return true;
    }
    if (new->schema != old->schema || new->zero_threshold != old->zero_threshold ||
        (model_histogram_is_custom(new) && !model_histogram_same_bounds(old, new))) {
        return false;
    }
    return gauge || (new->count >= old->count &&new->zero_count >=
                         old->zero_count &&buckets_grew(old, new, MODEL_BUCKETS_POSITIVE) &&
                     buckets_grew(old, new, MODEL_BUCKETS_NEGATIVE));
}

static memory_chunk *chunk_add(promqltest_memory *memory, promqltest_memory_series *series, bool histograms)
{
    memory_chunk *made = ifm_bump_alloc(&memory->arena, sizeof *made);
    if (made == NULL) {
        return NULL;
    }
    made->first = series->count;
    made->histograms = histograms;
    if (series->last == NULL) {
        series->first = made;
    } else {
        series->last->next = made;
    }
    series->last = made;
    return made;
}

/* The chunk that the sample goes to; NULL without memory. */
static memory_chunk *chunk_for(promqltest_memory *memory, promqltest_memory_series *series,
                               const promqltest_sample *sample)
{
    memory_chunk *last = series->last;
    bool histogram = sample->histogram != NULL;
    bool goes_on = last != NULL && last->histograms == histogram &&
                   (!histogram || run_goes_on(series, sample->histogram));
    if (goes_on && last->count < memory->chunk_samples) {
        return last;
    }
    last = chunk_add(memory, series, histogram);
    if (last != NULL) {
        last->continues = goes_on;
        last->gauge = histogram && sample->histogram->hint == MODEL_RESET_GAUGE;
    }
    return last;
}

static bool same_sample(const promqltest_memory_series *series, const promqltest_sample *sample)
{
    size_t at = series->count - 1;
    const model_histogram *last = series->items == NULL ? NULL : series->items[at];
    if ((last != NULL) != (sample->histogram != NULL)) {
        return false;
    }
    return last != NULL ? model_histogram_equal(last, sample->histogram)
                        : model_bits(series->values[at]) == model_bits(sample->value);
}

/* Makes room for one more sample. Without memory the arena remembers, and the columns are as they were. */
static bool columns_grow(promqltest_memory *memory, promqltest_memory_series *series, bool histogram)
{
    ifm_bump *arena = &memory->arena;
    size_t count = series->count;
    int64_t *times = ifm_bump_grow(arena, series->times_ms, count, sizeof *times);
    int64_t *starts = ifm_bump_grow(arena, series->starts_ms, count, sizeof *starts);
    double *values = ifm_bump_grow(arena, series->values, count, sizeof *values);
    const model_histogram **items = series->items;
    if (items != NULL) {
        items = ifm_bump_grow(arena, items, count, sizeof *items);
    }
    for (size_t i = 0; histogram && series->items == NULL && i <= count; i++) { /* as many as the others */
        items = ifm_bump_grow(arena, items, i, sizeof *items);
    }
    if (arena->failed != IFM_OK) {
        return false;
    }
    series->times_ms = times;
    series->starts_ms = starts;
    series->values = values;
    series->items = items;
    return true;
}

static void columns_add(promqltest_memory_series *series, const promqltest_sample *sample,
                        const model_histogram *copy)
{
    size_t at = series->count++;
    series->times_ms[at] = sample->time_ms;
    series->starts_ms[at] = sample->start_ms;
    series->starts = series->starts || sample->start_ms != 0;
    if (series->items != NULL) {
        series->items[at] = copy;
    }
    if (copy == NULL) {
        series->values[at] = model_is_absent(sample->value) ? model_from_bits(MODEL_NAN_BITS) : sample->value;
    }
}

bool promqltest_memory_append(promqltest_memory *memory, promqltest_memory_series *series,
                              const promqltest_sample *sample, ifm_error *err)
{
    int64_t last_ms = series->count == 0 ? INT64_MIN : series->times_ms[series->count - 1];
    if (series->count > 0 && sample->time_ms < last_ms) {
        return ifm_error_set(err, IFM_INVALID, "out of order sample"); /* C2 */
    }
    if (series->count > 0 && sample->time_ms == last_ms) {
        return same_sample(series, sample) ||
               ifm_error_set(err, IFM_INVALID, "duplicate sample for timestamp");
    }
    const model_histogram *copy =
        sample->histogram == NULL ? NULL : model_histogram_copy(sample->histogram, &memory->arena);
    memory_chunk *to = columns_grow(memory, series, copy != NULL) ? chunk_for(memory, series, sample) : NULL;
    if (!ifm_bump_check(&memory->arena, err)) {
        return false;
    }
    columns_add(series, sample, copy);
    to->count++;
    return true;
}

/* ---- Reading ---- */

typedef struct querier {
    storage_querier base;
    promqltest_memory *memory;
} querier;

static int compare_series(const void *left, const void *right)
{
    const promqltest_memory_series *const *a = left;
    const promqltest_memory_series *const *b = right;
    return model_labels_compare((*a)->labels, (*b)->labels);
}

static bool series_matches(const promqltest_memory_series *series, const model_matcher *matchers,
                           size_t count, ifm_error *err)
{
    for (size_t i = 0; i < count; i++) {
        if (!model_matcher_matches(&matchers[i], model_labels_get(series->labels, matchers[i].name), err)) {
            return false;
        }
    }
    return true;
}

static bool querier_select(storage_querier *base, const model_matcher *matchers, size_t count,
                           const storage_hints *hints, ifm_bump *arena, const storage_series **out,
                           size_t *out_count, ifm_error *err)
{
    (void)hints;
    promqltest_memory *memory = ((querier *)base)->memory;
    storage_series *found = NULL;
    ifm_error failure = {.code = IFM_OK};
    *out_count = 0;
    for (size_t i = 0; i < memory->series_count; i++) {
        bool matches = series_matches(memory->series[i], matchers, count, &failure);
        if (failure.code != IFM_OK) {
            *err = failure;
            return false;
        }
        if (!matches) {
            continue;
        }
        storage_series *grown = ifm_bump_grow(arena, found, *out_count, sizeof *found);
        if (grown == NULL) {
            return ifm_bump_check(arena, err);
        }
        found = grown;
        found[(*out_count)++] = (storage_series){memory->series[i]->labels, memory->series[i]};
    }
    *out = found;
    return true;
}

/* The first sample at or behind `time_ms`. */
static size_t series_find(const promqltest_memory_series *series, int64_t time_ms)
{
    size_t low = 0;
    size_t high = series->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (series->times_ms[middle] < time_ms) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* C1 makes the hint. */
static model_reset_hint chunk_hint(const memory_chunk *chunk, bool first)
{
    return chunk->gauge                 ? MODEL_RESET_GAUGE
           : first && !chunk->continues ? MODEL_RESET_UNKNOWN
                                        : MODEL_RESET_NO;
}

/* The histograms among the samples [first, end), with hints; NULL when there is none. */
static const model_histogram **read_histograms(const promqltest_memory_series *series, size_t first,
                                               size_t end, ifm_bump *arena)
{
    const model_histogram **made = NULL;
    const memory_chunk *chunk = series->first;
    for (; chunk != NULL && chunk->first < end; chunk = chunk->next) {
        size_t at = chunk->first > first ? chunk->first : first;
        for (; chunk->histograms && at < chunk->first + chunk->count && at < end; at++) {
            if (made == NULL) {
                made = ifm_bump_alloc_array(arena, end - first, sizeof *made);
            }
            if (made == NULL) {
                return NULL;
            }
            made[at - first] =
                model_histogram_with_hint(series->items[at], chunk_hint(chunk, at == chunk->first), arena);
        }
    }
    return made;
}

static bool querier_read(storage_querier *base, const storage_series *series, int64_t start_ms,
                         int64_t end_ms, ifm_bump *arena, storage_samples *out, ifm_error *err)
{
    (void)base;
    const promqltest_memory_series *from = series->handle;
    size_t first = series_find(from, start_ms);
    size_t end = end_ms == INT64_MAX ? from->count : series_find(from, end_ms + 1);
    *out = (storage_samples){.count = 0};
    if (first >= end) {
        return true;
    }
    *out = (storage_samples){.count = end - first,
                             .times_ms = from->times_ms + first,
                             .values = from->values + first,
                             .starts_ms = from->starts ? from->starts_ms + first : NULL};
    if (from->items != NULL) {
        out->histograms = read_histograms(from, first, end, arena);
    }
    return ifm_bump_check(arena, err);
}

static void querier_close(storage_querier *base)
{
    ifm_free(base);
}

static const storage_querier_functions querier_functions = {querier_select, querier_read, querier_close};

static bool memory_querier(storage *from, int64_t start_ms, int64_t end_ms, storage_querier **out,
                           ifm_error *err)
{
    (void)start_ms;
    (void)end_ms;
    promqltest_memory *memory = (promqltest_memory *)from;
    querier *made = ifm_alloc_zero(1, sizeof *made);
    if (made == NULL) {
        return ifm_error_nomem(err);
    }
    if (!memory->sorted && memory->series_count > 1) {
        qsort(memory->series, memory->series_count, sizeof(void *), compare_series);
    }
    memory->sorted = true;
    made->base.functions = &querier_functions;
    made->memory = memory;
    *out = &made->base;
    return true;
}
