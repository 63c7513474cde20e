/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics/buckets.h"

#include "base/base.h"

#include <inferometer/metrics.h>
#include <math.h>

/* 512 octaves of table would be 4 KiB of cache for bounds nobody has; binary search serves those. */
enum { KEYS_MAX = 512 };

static bool buckets_check(const double *bounds, size_t count, ifm_error *err)
{
    if (count > IFM_BUCKETS_MAX) {
        return ifm_error_set(err, IFM_INVALID, "cannot use %zu bucket bounds: the limit is %d", count,
                             IFM_BUCKETS_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(bounds[i])) {
            return ifm_error_set(err, IFM_INVALID,
                                 "cannot use bucket bound %g at index %zu: it is not finite%s", bounds[i], i,
                                 bounds[i] == INFINITY ? "; hint: leave it out, +Inf is implied" : "");
        }
        if (i > 0 && !(bounds[i] > bounds[i - 1])) {
            return ifm_error_set(err, IFM_INVALID,
                                 "cannot use bucket bounds: %g at index %zu is not above %g before it",
                                 bounds[i], i, bounds[i - 1]);
        }
    }
    return true;
}

static double key_lowest(uint32_t key)
{
    uint64_t bits = (uint64_t)key << 50;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Fills the table for the positive bounds; leaves it empty when it would be too large. */
static bool buckets_table(struct ifm_buckets *buckets, ifm_error *err)
{
    size_t first = 0;
    while (first < buckets->count && buckets->bounds[first] <= 0) {
        first++;
    }
    if (first == buckets->count) {
        return true;
    }
    uint32_t low = ifm_buckets_key(buckets->bounds[first]);
    uint32_t count = ifm_buckets_key(buckets->bounds[buckets->count - 1]) - low + 1;
    if (count > KEYS_MAX) {
        return true;
    }
    buckets->start = ifm_alloc(count * sizeof *buckets->start);
    if (buckets->start == NULL) {
        return ifm_error_nomem(err);
    }
    for (uint32_t k = 0; k < count; k++) {
        buckets->start[k] = (uint16_t)ifm_buckets_search(buckets, key_lowest(low + k));
    }
    buckets->first_key = low;
    buckets->key_count = count;
    return true;
}

bool ifm_buckets_init(struct ifm_buckets *buckets, const double *bounds, size_t count, ifm_error *err)
{
    *buckets = (struct ifm_buckets){0};
    if (!buckets_check(bounds, count, err)) {
        return false;
    }
    buckets->bounds = ifm_alloc((count + 1) * sizeof *buckets->bounds);
    if (buckets->bounds == NULL) {
        return ifm_error_nomem(err);
    }
    if (count > 0) {
        memcpy(buckets->bounds, bounds, count * sizeof *bounds);
    }
    buckets->bounds[count] = INFINITY; /* K1 */
    buckets->count = count;
    if (!buckets_table(buckets, err)) {
        ifm_buckets_deinit(buckets);
        return false;
    }
    return true;
}

void ifm_buckets_deinit(struct ifm_buckets *buckets)
{
    ifm_free(buckets->bounds);
    ifm_free(buckets->start);
    *buckets = (struct ifm_buckets){0};
}

size_t ifm_buckets_search(const struct ifm_buckets *buckets, double value)
{
    if (isnan(value)) {
        return buckets->count;
    }
    size_t low = 0;
    size_t high = buckets->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (buckets->bounds[middle] < value) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool buckets_made_check(const double *out, size_t count, ifm_error *err)
{
    if (count == 0) {
        return ifm_error_set(err, IFM_INVALID, "cannot make 0 buckets: at least one is needed");
    }
    return buckets_check(out, count, err);
}

bool ifm_buckets_linear(double start, double width, size_t count, double *out, ifm_error *err)
{
    for (size_t i = 0; i < count; i++) {
        out[i] = start + (double)i * width;
    }
    return buckets_made_check(out, count, err);
}

bool ifm_buckets_exponential(double start, double factor, size_t count, double *out, ifm_error *err)
{
    if (!(start > 0)) {
        return ifm_error_set(err, IFM_INVALID,
                             "cannot make exponential buckets from %g: the start has to be above 0", start);
    }
    double bound = start;
    for (size_t i = 0; i < count; i++) {
        out[i] = bound;
        bound *= factor;
    }
    return buckets_made_check(out, count, err);
}

const double *ifm_buckets_default(size_t *count)
{
    /* "Writing client libraries" of Prometheus; the Python client has the same up to 10. */
    static const double bounds[] = {.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10};
    *count = IFM_COUNT_OF(bounds);
    return bounds;
}

const double *ifm_buckets_stage(size_t *count)
{
    static const double bounds[] = {1e-5,  2.5e-5, 5e-5, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01,
                                    0.025, 0.05,   0.1,  0.25, 0.5,    1,    2.5,  5,      10};
    *count = IFM_COUNT_OF(bounds);
    return bounds;
}
