/* SPDX-License-Identifier: Apache-2.0
 *
 * The query engine: a tree and a storage to a result. It sees only storage.h: no files, no clock, no state of
 * its own. What a query needs lives in one arena with a limit; hitting a limit is an error of that query.
 *
 * Thread-safety: any number of queries at once; one query runs in the thread that calls promql_query_run().
 */
#ifndef IFM_PROMQL_ENGINE_H
#define IFM_PROMQL_ENGINE_H

#include "promql/promql.h"
#include "storage/storage.h"

typedef struct promql_engine_options {
    size_t bytes_max;          /* of one query, its result included; 0: PROMQL_BYTES_MAX */
    uint64_t samples_max;      /* in memory at one time, as Prometheus counts; 0: PROMQL_SAMPLES_MAX */
    int64_t lookback_ms;       /* 0: five minutes */
    int64_t default_step_ms;   /* of subqueries that name none; 0: one minute */
    bool delayed_name_removal; /* --enable-feature=promql-delayed-name-removal */
    bool start_timestamps;     /* use-start-timestamps */
    bool type_and_unit_labels; /* type-and-unit-labels */
    /* Called often; IFM_OK to go on, IFM_CANCELED or IFM_TIMEOUT to stop. NULL: never stops. */
    ifm_code (*interrupted)(void *context);
    void *context;
} promql_engine_options;

/* Options of the server's default. */
promql_engine_options promql_engine_defaults(void);

typedef struct promql_query {
    const char *text; /* parsed when `tree` is NULL */
    size_t size;
    const promql_node *tree; /* is not changed */
    int64_t start_ms;
    int64_t end_ms;  /* ignored for an instant query */
    int64_t step_ms; /* 0: an instant query at start_ms */
} promql_query;

typedef struct promql_point {
    int64_t time_ms;
    double value;                     /* 0 beside a histogram */
    const model_histogram *histogram; /* or NULL */
} promql_point;

typedef struct promql_result_series {
    model_labels labels;
    const promql_point *points; /* one of a PROMQL_TYPE_VECTOR */
    size_t count;
} promql_result_series;

typedef struct promql_annotation {
    bool warning;     /* else info */
    const char *text; /* "PromQL warning: ..." */
    uint32_t start;   /* bytes of the query's text */
    uint32_t end;
    const char *key; /* what makes two annotations the same */
    void *detail;    /* of whoever made it */
} promql_annotation;

typedef struct promql_result {
    promql_type type;             /* VECTOR, SCALAR, STRING of an instant query, else MATRIX */
    promql_result_series *series; /* a MATRIX is sorted by labels; a VECTOR as the expression left it */
    size_t series_count;
    promql_point scalar; /* SCALAR */
    promql_text string;  /* STRING; its time is scalar.time_ms */
    promql_annotation **annotations;
    size_t annotation_count;
    uint64_t samples_total; /* totalQueryableSamples */
    uint64_t samples_peak;
    const promql_node *tree; /* NULL: it could not be parsed */
    const char *error;       /* of a failure, the whole of what err->message may have had to cut; else NULL */
    ifm_bump arena;          /* owns everything above */
} promql_result;

/* Runs a query. `out` is to be freed with promql_result_free() whatever is returned: annotations may stand
 * beside an error. Errors: IFM_INVALID (parse error, or what the expression did), IFM_LIMIT, IFM_NOMEM,
 * IFM_IO, IFM_CANCELED, IFM_TIMEOUT. */
bool promql_query_run(const promql_engine_options *options, storage *from, const promql_query *query,
                      promql_result *out, ifm_error *err);
void promql_result_free(promql_result *result);

#endif
