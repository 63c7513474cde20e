/* SPDX-License-Identifier: Apache-2.0
 *
 * Layer 5. Prometheus's test language for PromQL: files that load series, evaluate queries and say what is
 * expected of them. What a run needs lives in memory; no files, no clock.
 *
 * Each instant query is also run with every selector fixed by `@ TIME`, at five other times, through the
 * printer, and as the middle step of range queries: a result must not depend on how it was asked for.
 *
 * Thread-safety: one run is one thread's.
 */
#ifndef IFM_PROMQLTEST_H
#define IFM_PROMQLTEST_H

#include "base/base.h"
#include "model/model.h"
#include "promqltest/limits.h"
#include "storage/storage.h"

typedef struct promqltest_options {
    size_t chunk_samples;  /* 0: PROMQLTEST_CHUNK_SAMPLES */
    uint64_t samples_max;  /* of one query; 0: PROMQLTEST_QUERY_SAMPLES_MAX */
    size_t bytes_max;      /* of the storage, of a command and of a query; 0: as limits.h has them */
    bool no_reruns;        /* each query once only */
    bool drop_names_early; /* delayed name removal is off, as in a server */
    bool no_starts;        /* start timestamps are not used, as in a server */

    /* Called once for each failure; `text` is "QUERY: expected ..., got ..." without a line feed at its
     * end. */
    void (*failed)(void *context, size_t line, const char *text, size_t size);
    /* As of the engine: IFM_OK to go on. NULL: never stops. */
    ifm_code (*interrupted)(void *context);
    /* Another storage to query, with all that `memory` holds: called before the first evaluation, and before
     * the next one when something was loaded or dropped since. What it returns is used until then. NULL with
     * `err` ends the run. Without this function queries read the memory. */
    storage *(*store)(void *context, storage *memory, ifm_error *err);
    void *context;
} promqltest_options;

typedef struct promqltest_counts {
    size_t passed; /* evaluations, each with its re-runs */
    size_t failed; /* and commands that are none, or cannot be done */
} promqltest_counts;

/* Runs the text of one file, adding to *counts. What fails in it is no error of this function, those are:
 * IFM_NOMEM, IFM_CANCELED, IFM_TIMEOUT, and those of `store`. */
bool promqltest_run(const promqltest_options *options, const char *text, size_t size,
                    promqltest_counts *counts, ifm_error *err);

/* A storage in memory, as the tests of Prometheus have it. */
typedef struct promqltest_memory promqltest_memory;
typedef struct promqltest_memory_series promqltest_memory_series;

typedef struct promqltest_sample {
    int64_t time_ms;
    int64_t start_ms; /* 0: unknown */
    double value;
    const model_histogram *histogram; /* or NULL; copied */
} promqltest_sample;

/* `chunk_samples` 0: PROMQLTEST_CHUNK_SAMPLES. NULL without memory. */
promqltest_memory *promqltest_memory_new(size_t chunk_samples, size_t bytes_max, ifm_error *err);
void promqltest_memory_free(promqltest_memory *memory);
/* Drops all data. */
void promqltest_memory_clear(promqltest_memory *memory);

/* The series with these labels (copied), made when there is none. NULL: IFM_LIMIT, IFM_NOMEM. */
promqltest_memory_series *promqltest_memory_find(promqltest_memory *memory, model_labels labels,
                                                 ifm_error *err);
/* Errors: IFM_INVALID, the sample is older than the series' last, or another one at the same time; IFM_LIMIT;
 * IFM_NOMEM. */
bool promqltest_memory_append(promqltest_memory *memory, promqltest_memory_series *series,
                              const promqltest_sample *sample, ifm_error *err);

/* What queries read; nothing may be appended while a querier of it is open. */
storage *promqltest_memory_storage(promqltest_memory *memory);

#endif
