/* SPDX-License-Identifier: Apache-2.0
 *
 * Finding the classic bucket of a value quickly: a table indexed by the exponent and the two highest bits
 * of the mantissa yields the first bucket that can be right; few comparisons are left.
 *
 * Thread-safety: constant after init.
 * K1  bounds are finite and strictly increasing, and bounds[count] is +Inf: the search always ends.
 * K2  start[k] is the first bucket whose bound is not below the smallest value with key first_key + k.
 */
#ifndef IFM_METRICS_BUCKETS_H
#define IFM_METRICS_BUCKETS_H

#include <inferometer/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct ifm_buckets {
    double *bounds; /* count + 1: K1 */
    size_t count;   /* finite bounds */
    uint16_t *start;
    uint32_t first_key;
    uint32_t key_count; /* 0: no table, the bounds are too far apart */
};

/* Copies `bounds`. Errors: IFM_INVALID (not finite, not increasing, too many), IFM_NOMEM. */
bool ifm_buckets_init(struct ifm_buckets *buckets, const double *bounds, size_t count, ifm_error *err);
void ifm_buckets_deinit(struct ifm_buckets *buckets);

/* Binary search, for what the table does not cover. */
size_t ifm_buckets_search(const struct ifm_buckets *buckets, double value);

static inline uint32_t ifm_buckets_key(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (uint32_t)(bits >> 50); /* sign, 11 bits of exponent, 2 of mantissa */
}

/* The index of the bucket that `value` belongs to: the first with value <= bound; count for +Inf and NaN. */
static inline size_t ifm_buckets_find(const struct ifm_buckets *buckets, double value)
{
    uint32_t key = ifm_buckets_key(value) - buckets->first_key;
    if (__builtin_expect(key >= buckets->key_count, 0)) {
        /* Most often below the table: a stage that does nothing is faster than the first bound. */
        return value <= buckets->bounds[0] ? 0 : ifm_buckets_search(buckets, value);
    }
    size_t i = buckets->start[key]; /* K2 */
    while (buckets->bounds[i] < value) {
        i++;
    }
    return i;
}

#endif
