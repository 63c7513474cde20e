/* SPDX-License-Identifier: Apache-2.0 */
#include "tsdb/values.h"

#include <math.h>

/* Integers of which every one is a double, so that the quotient below is the one correctly rounded. */
#define INTEGER_MAX 9007199254740991.0 /* 2^53 - 1 */

static const double powers[TSDB_VALUES_DECIMALS_MAX + 1] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                            1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

/* ---- Mapping ---- */

typedef enum exception_kind { EXCEPT_ABSENT, EXCEPT_STALE, EXCEPT_NAN, EXCEPT_BITS } exception_kind;

/* value * 10^decimals, when the quotient gives back the very bits. */
static bool map_decimal(double value, unsigned decimals, int64_t *out)
{
    double scaled = value * powers[decimals];
    if (!(scaled >= -INTEGER_MAX && scaled <= INTEGER_MAX)) {
        return false; /* NaN, too */
    }
    double rounded = scaled < 0 ? scaled - 0.5 : scaled + 0.5;
    int64_t integer = (int64_t)rounded;
    if (integer > (int64_t)INTEGER_MAX || integer < -(int64_t)INTEGER_MAX) {
        return false;
    }
    double back = (double)integer / powers[decimals];
    *out = integer;
    return model_bits(back) == model_bits(value);
}

static bool is_special(double value)
{
    return isnan(value) || isinf(value) || model_bits(value) == model_bits(-0.0);
}

/* The least number of decimals that this value needs, from `least` on; TSDB_VALUES_BITS: too many. */
static uint8_t decimals_of(double value, uint8_t least)
{
    int64_t ignored;
    for (uint8_t i = least; i <= TSDB_VALUES_DECIMALS_MAX; i++) {
        if (map_decimal(value, i, &ignored)) {
            return i;
        }
    }
    return TSDB_VALUES_BITS;
}

/* The mapping for all of them. One value in sixteen may be an exception. */
static uint8_t mapping_choose(const double *values, size_t count, uint8_t hint)
{
    uint8_t decimals = 0;
    size_t misfits = 0;
    bool seen = false;
    if (hint == TSDB_VALUES_BITS) { /* likely again: do not try fifteen powers on each */
        hint = 0;
    }
    int64_t ignored;
    for (size_t i = 0; i < count; i++) {
        if (is_special(values[i]) || map_decimal(values[i], decimals, &ignored)) {
            continue;
        }
        uint8_t from =
            !seen && hint > 0 && map_decimal(values[i], hint, &ignored) ? 1 : (uint8_t)(decimals + 1);
        seen = true;
        uint8_t need = decimals_of(values[i], from);
        if (need != TSDB_VALUES_BITS) {
            decimals = need;
        } else if (++misfits > count / 16) {
            return TSDB_VALUES_BITS;
        }
    }
    misfits = 0; /* more decimals may be too many for those that came before */
    for (size_t i = 0; seen && i < count; i++) {
        misfits += !is_special(values[i]) && !map_decimal(values[i], decimals, &ignored);
    }
    return misfits > count / 16 ? TSDB_VALUES_BITS : decimals;
}

/* A run of exceptions: how far behind the last run's end, how many, what they are, bits of EXCEPT_BITS. */
static void exception_put(ifm_buf *extra, size_t gap, size_t count, double value)
{
    uint64_t bits = model_bits(value);
    exception_kind kind = bits == MODEL_ABSENT_BITS  ? EXCEPT_ABSENT
                          : bits == MODEL_STALE_BITS ? EXCEPT_STALE
                          : bits == MODEL_NAN_BITS   ? EXCEPT_NAN
                                                     : EXCEPT_BITS;
    bytes_put_varint(extra, gap);
    bytes_put_varint(extra, (uint64_t)count << 2 | kind);
    if (kind == EXCEPT_BITS) {
        bytes_put_u64(extra, bits);
    }
}

/* Whether a value cannot be mapped; its integer else. */
static bool map_value(double value, uint8_t mapping, int64_t *out)
{
    if (mapping != TSDB_VALUES_BITS) {
        return map_decimal(value, mapping, out);
    }
    uint64_t bits = model_bits(value);
    if (bits == MODEL_ABSENT_BITS || bits == MODEL_STALE_BITS || bits == MODEL_NAN_BITS) {
        return false; /* they would jump */
    }
    *out = (int64_t)bits;
    return true;
}

uint8_t tsdb_values_map(const double *values, size_t count, uint8_t hint, int64_t *integers, ifm_buf *extra,
                        bool *exceptions)
{
    uint8_t mapping = mapping_choose(values, count, hint);
    int64_t last = 0;
    size_t behind = 0; /* the end of the last run of exceptions */
    size_t lead = 0;   /* exceptions in front of the first integer */
    *exceptions = false;
    for (size_t i = 0; i < count; i++) {
        if (map_value(values[i], mapping, &integers[i])) {
            last = integers[i];
            continue;
        }
        size_t first = i;
        while (i + 1 < count && model_bits(values[i + 1]) == model_bits(values[first])) {
            i++;
        }
        exception_put(extra, first - behind, i + 1 - first, values[first]);
        behind = i + 1;
        *exceptions = true;
        for (size_t j = first; j <= i; j++) {
            integers[j] = last;
        }
        lead = first == lead ? i + 1 : lead;
    }
    for (size_t i = 0; i < lead && lead < count; i++) {
        integers[i] = integers[lead];
    }
    if (*exceptions) {
        bytes_put_varint(extra, count - behind);
        bytes_put_varint(extra, 0); /* a run of none ends them */
    }
    return mapping;
}

bool tsdb_values_patch(bytes_cursor *extra, size_t count, uint64_t *bits)
{
    size_t at = 0;
    for (;;) {
        uint64_t gap = bytes_get_varint(extra);
        uint64_t coded = bytes_get_varint(extra);
        uint64_t run = coded >> 2;
        if (extra->failed || gap > count - at || run > count - at - gap) {
            return false;
        }
        if (run == 0) {
            return true;
        }
        static const uint64_t known[] = {MODEL_ABSENT_BITS, MODEL_STALE_BITS, MODEL_NAN_BITS};
        exception_kind kind = (exception_kind)(coded & 3);
        uint64_t value = kind == EXCEPT_BITS ? bytes_get_u64(extra) : known[kind];
        at += gap;
        for (uint64_t i = 0; i < run; i++) {
            bits[at++] = value;
        }
    }
}

void tsdb_values_unmap(const tsdb_values *values, size_t count, uint64_t *integers)
{
    if (values->mapping == TSDB_VALUES_BITS) {
        return;
    }
    double divisor = powers[values->mapping];
    if (values->mapping == 0) {
        for (size_t i = 0; i < count; i++) {
            integers[i] = model_bits((double)(int64_t)integers[i]);
        }
        return;
    }
    for (size_t i = 0; i < count; i++) {
        integers[i] = model_bits((double)(int64_t)integers[i] / divisor);
    }
}

/* ---- Prediction ---- */

static unsigned bit_count(uint64_t value)
{
    return value == 0 ? 0 : 64 - (unsigned)__builtin_clzll(value);
}

/* The difference that predictor leaves at i >= 1. */
static inline int64_t residual_at(tsdb_predictor predictor, const int64_t *v, const int64_t *p, size_t i)
{
    uint64_t now = (uint64_t)v[i];
    uint64_t delta = now - (uint64_t)v[i - 1];
    switch (predictor) {
    case TSDB_PREDICT_BASE:
        return (int64_t)(now - (uint64_t)v[0]);
    case TSDB_PREDICT_DELTA:
        return (int64_t)delta;
    case TSDB_PREDICT_DELTA2:
        return i == 1 ? 0 : (int64_t)(delta - ((uint64_t)v[i - 1] - (uint64_t)v[i - 2]));
    default:
        return (int64_t)(delta - ((uint64_t)p[i] - (uint64_t)p[i - 1]));
    }
}

/* Roughly the bits that the residuals take. */
static uint64_t cost_of(tsdb_predictor predictor, const int64_t *v, const int64_t *p, size_t count)
{
    uint64_t cost = 0;
    for (size_t i = 1; i < count; i++) {
        unsigned bits = bit_count(bytes_zigzag(residual_at(predictor, v, p, i)));
        cost += bits == 0 ? 0 : bits + 1;
    }
    return cost;
}

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
    while (b != 0) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

static uint64_t magnitude(int64_t value)
{
    return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

static uint64_t divisor_of(const tsdb_values *values, const int64_t *v, const int64_t *p, size_t count)
{
    uint64_t divisor = 0;
    for (size_t i = 1; i < count && divisor != 1; i++) {
        divisor = common_divisor(magnitude(residual_at(values->predictor, v, p, i)), divisor);
    }
    return divisor == 0 || divisor > INT64_MAX ? 1 : divisor;
}

void tsdb_values_predict(tsdb_values *values, const int64_t *integers, const int64_t *previous, size_t count,
                         uint64_t *residuals)
{
    uint64_t best = cost_of(TSDB_PREDICT_DELTA, integers, NULL, count);
    values->predictor = TSDB_PREDICT_DELTA;
    static const tsdb_predictor others[] = {TSDB_PREDICT_PREVIOUS, TSDB_PREDICT_BASE, TSDB_PREDICT_DELTA2};
    for (size_t i = 0; i < IFM_COUNT_OF(others) && best > 0; i++) {
        if (others[i] == TSDB_PREDICT_PREVIOUS && previous == NULL) {
            continue;
        }
        uint64_t cost = cost_of(others[i], integers, previous, count);
        if (cost < best) {
            best = cost;
            values->predictor = others[i];
        }
    }
    values->first = integers[0];
    if (values->predictor == TSDB_PREDICT_PREVIOUS) {
        values->first = (int64_t)((uint64_t)integers[0] - (uint64_t)previous[0]);
    }
    values->second = values->predictor == TSDB_PREDICT_DELTA2 && count > 1
                         ? (int64_t)((uint64_t)integers[1] - (uint64_t)integers[0])
                         : 0;
    values->divisor = best == 0 ? 1 : divisor_of(values, integers, previous, count);
    residuals[0] = 0;
    for (size_t i = 1; i < count; i++) {
        int64_t residual = residual_at(values->predictor, integers, previous, i);
        residuals[i] = bytes_zigzag(values->divisor == 1 ? residual : residual / (int64_t)values->divisor);
    }
}

void tsdb_values_restore(const tsdb_values *values, const uint64_t *previous, size_t count,
                         uint64_t *residuals)
{
    uint64_t *v = residuals;
    uint64_t divisor = values->divisor;
    uint64_t last = (uint64_t)values->first;
    uint64_t delta = (uint64_t)values->second;
    switch (values->predictor) {
    case TSDB_PREDICT_BASE:
        for (size_t i = 0; i < count; i++) {
            v[i] = last + (uint64_t)bytes_unzigzag(v[i]) * divisor;
        }
        break;
    case TSDB_PREDICT_DELTA:
        for (size_t i = 0; i < count; i++) {
            last += (uint64_t)bytes_unzigzag(v[i]) * divisor;
            v[i] = last;
        }
        break;
    case TSDB_PREDICT_DELTA2:
        v[0] = last;
        for (size_t i = 1; i < count; i++) {
            delta += (uint64_t)bytes_unzigzag(v[i]) * divisor;
            last += delta;
            v[i] = last;
        }
        break;
    default: /* the difference to the series before goes on by the residual */
        for (size_t i = 0; i < count; i++) {
            last += (uint64_t)bytes_unzigzag(v[i]) * divisor;
            v[i] = last + previous[i];
        }
        break;
    }
}
