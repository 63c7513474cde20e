/* SPDX-License-Identifier: Apache-2.0
 *
 * Values that mean something else than their number: the staleness marker, and "no sample here" in columns;
 * and when two values are the same but for rounding.
 */
#ifndef IFM_MODEL_SAMPLE_H
#define IFM_MODEL_SAMPLE_H

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* Prometheus's StaleNaN and NormalNaN (model/value/value.go), and a NaN of ours that no sample can have,
 * because whatever comes in with these bits becomes the normal one: it marks a step without a value in a
 * column. */
#define MODEL_STALE_BITS  UINT64_C(0x7ff0000000000002)
#define MODEL_NAN_BITS    UINT64_C(0x7ff8000000000001)
#define MODEL_ABSENT_BITS UINT64_C(0x7ffc0000deadbeef)

static inline uint64_t model_bits(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline double model_from_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static inline bool model_is_stale(double value)
{
    return model_bits(value) == MODEL_STALE_BITS;
}

static inline bool model_is_absent(double value)
{
    return model_bits(value) == MODEL_ABSENT_BITS;
}

/* Do they differ by less than `epsilon` of their size? As Prometheus's almost.Equal() has it: a staleness
 * marker is like another one alone, NaN is like NaN. */
static inline bool model_almost_equal(double a, double b, double epsilon)
{
    if (model_is_stale(a) || model_is_stale(b)) {
        return model_is_stale(a) && model_is_stale(b);
    }
    if ((isnan(a) && isnan(b)) || a == b) {
        return true;
    }
    double sum = fabs(a) + fabs(b);
    double difference = fabs(a - b);
    if (a == 0 || b == 0 || sum < DBL_MIN) {
        return difference < epsilon * DBL_MIN;
    }
    return difference / (sum < DBL_MAX ? sum : DBL_MAX) < epsilon;
}

#endif
