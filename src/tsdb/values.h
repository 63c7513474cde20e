/* SPDX-License-Identifier: Apache-2.0
 *
 * The values of one series in one page as integers, and what is left of them when they are predicted.
 *
 * Each value is mapped to a 64-bit integer: times a power of ten when that gives every one back bit for bit,
 * else the bits themselves. The integers are predicted from the ones before them, or from the series before,
 * as buckets of a histogram are; differences wrap. What cannot be mapped (NaNs, absent samples, -0) is listed
 * as exceptions, and counts as the value before it.
 * docs/format/block.md has the bytes.
 */
#ifndef IFM_TSDB_VALUES_H
#define IFM_TSDB_VALUES_H

#include "base/base.h"
#include "model/model.h"
#include "tsdb/bytes.h"

enum { TSDB_VALUES_DECIMALS_MAX = 15, TSDB_VALUES_BITS = 31 };

typedef enum tsdb_predictor {
    TSDB_PREDICT_BASE,    /* value - first */
    TSDB_PREDICT_DELTA,   /* value - the one before */
    TSDB_PREDICT_DELTA2,  /* delta - the delta before */
    TSDB_PREDICT_PREVIOUS /* delta - the delta of the series before */
} tsdb_predictor;

typedef struct tsdb_values {
    uint8_t mapping; /* decimals, or TSDB_VALUES_BITS */
    tsdb_predictor predictor;
    int64_t first;  /* value 0; for PREVIOUS less the other series' */
    int64_t second; /* DELTA2: the first delta */
    uint64_t divisor;
    bool exceptions;
} tsdb_values;

/* Maps `values` to `integers`, appends exceptions to `extra`. `hint` is the mapping of the series before. */
uint8_t tsdb_values_map(const double *values, size_t count, uint8_t hint, int64_t *integers, ifm_buf *extra,
                        bool *exceptions);

/* Chooses a predictor, and writes zigzag residuals; residual 0 is 0. `previous`: integers of the series
 * before, if they have the same mapping and times; else NULL. */
void tsdb_values_predict(tsdb_values *values, const int64_t *integers, const int64_t *previous, size_t count,
                         uint64_t *residuals);

/* Residuals become integers, in place. */
void tsdb_values_restore(const tsdb_values *values, const uint64_t *previous, size_t count,
                         uint64_t *residuals);

/* Integers become bits of doubles, in place. */
void tsdb_values_unmap(const tsdb_values *values, size_t count, uint64_t *integers);

/* Puts exceptions in. False when they are damaged. */
bool tsdb_values_patch(bytes_cursor *extra, size_t count, uint64_t *bits);

#endif
