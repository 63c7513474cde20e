/* SPDX-License-Identifier: Apache-2.0
 *
 * Samples of an OpenMetrics text, each with its time, by series: what import.c makes blocks of.
 *
 * Thread-safety: one thread.
 * I1  once sorted, the times of a series rise strictly, and the series are sorted by labels, each once.
 */
#ifndef IFM_TSDB_IMPORT_H
#define IFM_TSDB_IMPORT_H

#include "tsdb/tsdb.h"

typedef struct tsdb_import_series {
    model_labels labels;
    uint64_t hash;
    int64_t *times_ms;
    double *values;
    size_t count;
    uint64_t column; /* the same in series with the same times */
    bool unsorted;   /* its samples came in another order than that of time */
} tsdb_import_series;

typedef struct tsdb_import_data {
    ifm_bump arena;
    tsdb_import_series **series;
    size_t count;
    tsdb_import_series **table; /* by hash; open addressing, at most half full */
    size_t table_size;
    uint64_t samples;
} tsdb_import_data;

void tsdb_import_init(tsdb_import_data *data);
void tsdb_import_deinit(tsdb_import_data *data);

/* Reads the whole text, which the data do not refer to afterwards. Errors: IFM_INVALID (with the line),
 * IFM_LIMIT, IFM_NOMEM, IFM_CANCELED. */
bool tsdb_import_parse(tsdb_import_data *data, const tsdb_import_options *options, const char *text,
                       size_t size, ifm_error *err);

/* I1. Errors: IFM_INVALID (two samples of a series at the same time, with other values), IFM_NOMEM. */
bool tsdb_import_sort(tsdb_import_data *data, ifm_error *err);

#endif
