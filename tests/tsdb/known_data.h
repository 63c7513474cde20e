/* SPDX-License-Identifier: Apache-2.0
 *
 * Batches whose contents follow from their number, so that a test can tell whether what a store serves was
 * written at all, and whether a batch is whole.
 *
 * Batch n is at KNOWN_START_MS + n * KNOWN_STEP_MS and has a sample of each of KNOWN_SERIES series (of every
 * second one for `known_4`), and one of a series that is new every KNOWN_CHURN batches.
 *
 * Thread-safety: one thread.
 */
#ifndef IFM_TESTS_TSDB_KNOWN_DATA_H
#define IFM_TESTS_TSDB_KNOWN_DATA_H

#include "tsdb/tsdb.h"

#include <inferometer/registry.h>
#include <stdio.h>

enum {
    KNOWN_SERIES = 6,
    KNOWN_CHURN = 16,
    KNOWN_STEP_MS = 1000,
    KNOWN_BATCHES_MAX = 1 << 20,
    KNOWN_ARENA_MAX = 1 << 28
};

#define KNOWN_START_MS INT64_C(1700000000000)

static inline uint64_t known_mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* How many samples batch n has. */
static inline size_t known_size(size_t n)
{
    return n % 2 == 0 ? KNOWN_SERIES + 1 : KNOWN_SERIES;
}

/* Series 0 counts, 1 is any number, 2 a decimal, 3 seldom changes or is stale, 4 has gaps and a start, 5
 * holds histograms, 6 is the one of the churn. */
static inline double known_value(size_t n, size_t series)
{
    switch (series) {
    case 0:
        return (double)(n * 3);
    case 1:
        return (double)(known_mix(n) >> 12) * 0x1p-30;
    case 2:
        return (double)(known_mix(n) % 1000) / 8;
    case 3:
        return n % 29 == 28 ? model_from_bits(MODEL_STALE_BITS) : (double)(n / 10);
    case 4:
        return -(double)n;
    case 5:
        return 0;
    default:
        return (double)n + 0.5;
    }
}

static const model_span known_span = {2, 2};

/* The counts go into `buckets`. */
static inline model_histogram known_histogram(size_t n, double buckets[2])
{
    buckets[0] = (double)n;
    buckets[1] = (double)(n / 2);
    return (model_histogram){.count = buckets[0] + buckets[1],
                             .sum = (double)n * 1.25,
                             .positive_spans = &known_span,
                             .positive_span_count = 1,
                             .positive = buckets,
                             .positive_count = 2};
}

/* Appends batch n. False when any of it was refused or it was not committed; then nothing is stored. */
static inline bool known_append(tsdb *db, tsdb_group *group, size_t n, ifm_error *err)
{
    int64_t time_ms = KNOWN_START_MS + (int64_t)n * KNOWN_STEP_MS;
    tsdb_batch *batch = tsdb_batch_begin(db, group, time_ms, err);
    if (batch == NULL) {
        return false;
    }
    for (size_t i = 0; i <= KNOWN_SERIES; i++) {
        char name[48];
        double buckets[2];
        tsdb_ref ref = 0;
        model_histogram histogram = known_histogram(n, buckets);
        tsdb_sample sample = {.time_ms = time_ms,
                              .start_ms = i == 4 ? KNOWN_START_MS : 0,
                              .value = known_value(n, i),
                              .histogram = i == 5 ? &histogram : NULL};
        if (i == 4 && n % 2 == 1) {
            continue;
        }
        snprintf(name, sizeof name, i < KNOWN_SERIES ? "known_%zu" : "churn_%zu",
                 i < KNOWN_SERIES ? i : n / KNOWN_CHURN);
        const model_label labels[] = {{model_text_of(MODEL_NAME_LABEL), model_text_of(name)},
                                      {model_text_of("job"), model_text_of("known")}};
        if (!tsdb_batch_series(batch, (model_labels){labels, 2}, &ref, NULL, err)) {
            tsdb_batch_rollback(batch);
            return false;
        }
        tsdb_verdict verdict = i < 4 || i == KNOWN_SERIES ? tsdb_batch_append(batch, ref, sample.value)
                                                          : tsdb_batch_append_sample(batch, ref, &sample);
        if (verdict != TSDB_ACCEPTED) {
            tsdb_batch_rollback(batch);
            return ifm_error_set(err, IFM_INVALID, "sample %zu of batch %zu: verdict %d", i, n, (int)verdict);
        }
    }
    return tsdb_batch_commit(batch, err);
}

/* What a store serves. */
typedef struct known_found {
    uint8_t *samples; /* of each batch */
    size_t batches;   /* room for so many */
    size_t total;
    char wrong[200]; /* what was never written; "" for nothing */
} known_found;

/* Which series it is; false when it is none. */
static inline bool known_series_of(model_labels labels, size_t *series, size_t *churn)
{
    char name[48];
    unsigned long long number = 0;
    char rest = '\0';
    model_text text = model_labels_get(labels, model_text_of(MODEL_NAME_LABEL));
    snprintf(name, sizeof name, "%.*s", (int)text.size, text.data);
    *churn = 0;
    if (sscanf(name, "known_%llu%c", &number, &rest) == 1 && number < KNOWN_SERIES) {
        *series = (size_t)number;
        return labels.count == 2;
    }
    if (sscanf(name, "churn_%llu%c", &number, &rest) == 1) {
        *series = KNOWN_SERIES;
        *churn = (size_t)number;
        return labels.count == 2;
    }
    return false;
}

static inline bool known_sample_right(const storage_samples *samples, size_t at, size_t n, size_t series)
{
    const model_histogram *histogram = samples->histograms == NULL ? NULL : samples->histograms[at];
    int64_t start_ms = samples->starts_ms == NULL ? 0 : samples->starts_ms[at];
    double buckets[2];
    if (start_ms != (series == 4 ? KNOWN_START_MS : 0) || (histogram != NULL) != (series == 5)) {
        return false;
    }
    if (histogram != NULL) {
        model_histogram want = known_histogram(n, buckets);
        return model_histogram_equal(histogram, &want);
    }
    return model_bits(samples->values[at]) == model_bits(known_value(n, series));
}

static inline void known_check_series(known_found *found, const storage_series *series,
                                      const storage_samples *samples)
{
    size_t which = 0;
    size_t churn = 0;
    if (!known_series_of(series->labels, &which, &churn)) {
        snprintf(found->wrong, sizeof found->wrong, "a series that was never written");
        return;
    }
    for (size_t i = 0; i < samples->count; i++) {
        int64_t since_ms = samples->times_ms[i] - KNOWN_START_MS;
        size_t n = (size_t)(since_ms / KNOWN_STEP_MS);
        bool right = since_ms >= 0 && since_ms % KNOWN_STEP_MS == 0 && n < found->batches &&
                     (which != KNOWN_SERIES || n / KNOWN_CHURN == churn) && (which != 4 || n % 2 == 0) &&
                     (i == 0 || samples->times_ms[i - 1] < samples->times_ms[i]) &&
                     known_sample_right(samples, i, n, which);
        if (!right) {
            snprintf(found->wrong, sizeof found->wrong,
                     "series %zu/%zu at %lld: a sample that was never written", which, churn,
                     (long long)samples->times_ms[i]);
            return;
        }
        found->samples[n]++;
        found->total++;
    }
}

/* Reads all that `from` has. False when it cannot be read. Counts what is found; a second call adds. */
static inline bool known_read(storage *from, known_found *found, ifm_error *err)
{
    storage_querier *querier = NULL;
    storage_hints hints = {.start_ms = INT64_MIN, .end_ms = INT64_MAX, .function = "", .need_starts = true};
    const storage_series *series = NULL;
    size_t count = 0;
    ifm_bump arena;
    if (!from->functions->querier(from, INT64_MIN, INT64_MAX, &querier, err)) {
        return false;
    }
    ifm_bump_init(&arena, KNOWN_ARENA_MAX);
    bool ok = querier->functions->select(querier, NULL, 0, &hints, &arena, &series, &count, err);
    for (size_t i = 0; ok && i < count; i++) {
        storage_samples samples;
        ok = querier->functions->read(querier, &series[i], INT64_MIN, INT64_MAX, &arena, &samples, err);
        if (ok) {
            known_check_series(found, &series[i], &samples);
        }
    }
    querier->functions->close(querier);
    ifm_bump_deinit(&arena);
    return ok;
}

#endif
