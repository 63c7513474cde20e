/* SPDX-License-Identifier: Apache-2.0
 *
 * Layer 2. The interfaces between those who append samples and those who query them, and nothing else. promql
 * sees only this; a test's memory and the tsdb stand behind it.
 *
 * Thread-safety: a querier is used by one thread at a time. What it hands out is valid until it is closed.
 */
#ifndef IFM_STORAGE_H
#define IFM_STORAGE_H

#include "model/model.h"

/* What is about to be read, so that a storage can leave out the rest. */
typedef struct storage_hints {
    int64_t start_ms, end_ms; /* both included */
    int64_t step_ms;
    const char *function; /* around the selector; "" for none */
    bool need_starts;     /* start timestamps are wanted */
} storage_hints;

/* Samples of one series, in the order of time, in columns. */
typedef struct storage_samples {
    size_t count;
    const int64_t *times_ms;
    const double *values;                     /* where there is a histogram, 0 */
    const model_histogram *const *histograms; /* NULL: there is none; else NULL for each float */
    const int64_t *starts_ms;                 /* NULL: unknown; 0: unknown for that sample */
} storage_samples;

typedef struct storage_series {
    model_labels labels;
    void *handle; /* the storage's own */
} storage_series;

typedef struct storage_querier storage_querier;

typedef struct storage_querier_functions {
    /* The series that match all of `matchers`, sorted by labels, in an array in `arena`. Errors: IFM_LIMIT,
     * IFM_IO, IFM_NOMEM, IFM_CANCELED. */
    bool (*select)(storage_querier *querier, const model_matcher *matchers, size_t count,
                   const storage_hints *hints, ifm_bump *arena, const storage_series **out, size_t *out_count,
                   ifm_error *err);
    /* The samples with start_ms <= time <= end_ms, in `arena`. */
    bool (*read)(storage_querier *querier, const storage_series *series, int64_t start_ms, int64_t end_ms,
                 ifm_bump *arena, storage_samples *out, ifm_error *err);
    void (*close)(storage_querier *querier);
} storage_querier_functions;

struct storage_querier {
    const storage_querier_functions *functions;
};

typedef struct storage storage;

typedef struct storage_functions {
    bool (*querier)(storage *storage, int64_t start_ms, int64_t end_ms, storage_querier **out,
                    ifm_error *err);
} storage_functions;

/* What can be queried. */
struct storage {
    const storage_functions *functions;
};

#endif
