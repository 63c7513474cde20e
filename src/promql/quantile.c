/* SPDX-License-Identifier: Apache-2.0 */
#include "promql/quantile.h"

#include "promql/kahan.h"

#include <math.h>
#include <stdlib.h>

/* Differences of neighbouring buckets below this part of them come from rounding (sums of rates over many
 * series), not from observations. As in Prometheus's promql/quantile.go. */
static const double SMALL_DELTA = 1e-12;

/* Adds up the buckets of the same bound. Returns how many are left. */
static size_t coalesce(promql_bucket *buckets, size_t count)
{
    size_t kept = 0;
    for (size_t i = 1; i < count; i++) {
        if (buckets[i].upper == buckets[kept].upper) {
            buckets[kept].count += buckets[i].count;
        } else {
            buckets[++kept] = buckets[i];
        }
    }
    return kept + 1;
}

static promql_monotonicity make_monotonic(promql_bucket *buckets, size_t count)
{
    promql_monotonicity fixed = {.lowest = INFINITY, .highest = -INFINITY};
    double previous = buckets[0].count;
    for (size_t i = 1; i < count; i++) {
        double now = buckets[i].count;
        if (now == previous) {
            continue;
        }
        if (model_almost_equal(previous, now, SMALL_DELTA)) {
            buckets[i].count = previous;
            continue;
        }
        if (now < previous) {
            buckets[i].count = previous;
            fixed.forced = true;
            fixed.lowest = buckets[i].upper < fixed.lowest ? buckets[i].upper : fixed.lowest;
            fixed.highest = buckets[i].upper > fixed.highest ? buckets[i].upper : fixed.highest;
            fixed.fall = previous - now > fixed.fall ? previous - now : fixed.fall;
            continue;
        }
        previous = now;
    }
    return fixed;
}

/* The first bucket that holds `rank`; `count` when there is none. */
static size_t find_rank(const promql_bucket *buckets, size_t count, double rank)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (buckets[middle].count >= rank) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

double promql_bucket_quantile(double q, promql_bucket *buckets, size_t count, promql_monotonicity *fixed)
{
    *fixed = (promql_monotonicity){0};
    if (isnan(q)) {
        return NAN;
    }
    if (q < 0 || q > 1) {
        return q < 0 ? -INFINITY : INFINITY;
    }
    if (buckets[count - 1].upper != INFINITY) {
        return NAN;
    }
    count = coalesce(buckets, count);
    promql_monotonicity made = make_monotonic(buckets, count);
    double observations = buckets[count - 1].count;
    if (count < 2 || observations == 0) {
        return NAN;
    }
    *fixed = made;
    double rank = q * observations;
    size_t at = find_rank(buckets, count - 1, rank);
    if (at == count - 1) {
        return buckets[count - 2].upper;
    }
    if (at == 0 && buckets[0].upper <= 0) {
        return buckets[0].upper;
    }
    double start = 0;
    double inside = buckets[at].count;
    if (at > 0) {
        start = buckets[at - 1].upper;
        inside -= buckets[at - 1].count;
        rank -= buckets[at - 1].count;
    }
    return start + (buckets[at].upper - start) * (rank / inside);
}

/* How many observations lie below two values, found while the buckets are walked upwards. */
typedef struct fraction_ranks {
    double lower, upper;
    double lower_rank, upper_rank;
    bool lower_set, upper_set;
} fraction_ranks;

/* A bucket begins at `start`, below which `rank` observations lie. True when both are found. */
static bool ranks_at_start(fraction_ranks *ranks, double start, double rank)
{
    if (!ranks->lower_set && start >= ranks->lower) {
        ranks->lower_rank = rank;
        ranks->lower_set = true;
    }
    if (!ranks->upper_set && start >= ranks->upper) {
        ranks->upper_rank = rank;
        ranks->upper_set = true;
    }
    return ranks->lower_set && ranks->upper_set;
}

static double ranks_result(fraction_ranks *ranks, double most, double count)
{
    if (!ranks->lower_set || ranks->lower_rank > most) {
        ranks->lower_rank = most;
    }
    if (!ranks->upper_set || ranks->upper_rank > most) {
        ranks->upper_rank = most;
    }
    return (ranks->upper_rank - ranks->lower_rank) / count;
}

/* Rank of a value inside of a bucket of a classic histogram. A bucket that begins at -Inf lies below it as a
 * whole. */
static double bucket_rank(double value, double start, promql_bucket bucket, double rank)
{
    if (start == -INFINITY) {
        return bucket.count;
    }
    return rank + (bucket.count - rank) * (value - start) / (bucket.upper - start);
}

double promql_bucket_fraction(double lower, double upper, promql_bucket *buckets, size_t count)
{
    if (buckets[count - 1].upper != INFINITY) {
        return NAN;
    }
    count = coalesce(buckets, count);
    double observations = buckets[count - 1].count;
    if (observations == 0 || isnan(lower) || isnan(upper)) {
        return NAN;
    }
    if (lower >= upper) {
        return 0;
    }
    fraction_ranks ranks = {.lower = lower, .upper = upper};
    double rank = 0;
    for (size_t i = 0; i < count; i++) {
        promql_bucket bucket = buckets[i];
        double start = i > 0 ? buckets[i - 1].upper : bucket.upper <= 0 ? -INFINITY : 0;
        if (ranks_at_start(&ranks, start, rank)) {
            break;
        }
        if (!ranks.lower_set && start < lower && bucket.upper > lower) {
            ranks.lower_rank = bucket_rank(lower, start, bucket, rank);
            ranks.lower_set = true;
        }
        if (!ranks.upper_set && start < upper && bucket.upper > upper) {
            ranks.upper_rank = bucket_rank(upper, start, bucket, rank);
            ranks.upper_set = true;
        }
        if (ranks.lower_set && ranks.upper_set) {
            break;
        }
        rank = bucket.count;
    }
    return ranks_result(&ranks, observations, observations);
}

static int compare_doubles(const void *a, const void *b)
{
    double left = *(const double *)a;
    double right = *(const double *)b;
    if (isnan(left) || isnan(right)) {
        return isnan(right) - isnan(left); /* NaN first */
    }
    return (left > right) - (left < right);
}

/* Sorts values[low..high), short and without NaN. */
static void sort_short(double *values, size_t low, size_t high)
{
    for (size_t i = low + 1; i < high; i++) {
        double value = values[i];
        size_t at = i;
        for (; at > low && value < values[at - 1]; at--) {
            values[at] = values[at - 1];
        }
        values[at] = value;
    }
}

/* The middle one of three. */
static double pivot_of(double a, double b, double c)
{
    double low = a < b ? a : b;
    double high = a < b ? b : a;
    return c < low ? low : c > high ? high : c;
}

/* Moves values about until values[at] is what it would be in a sorted array, with none larger before it and
 * none smaller behind it (Hoare's selection). There is no NaN. */
static void select_value(double *values, size_t count, size_t at)
{
    enum { SHORT = 24, ROUNDS_MAX = 64 }; /* windows are small: sorting a handful is the fastest end */
    size_t low = 0;
    size_t high = count;
    for (int round = 0; high - low > SHORT; round++) {
        if (round == ROUNDS_MAX) { /* chosen badly each time: made to be slow */
            qsort(values + low, high - low, sizeof *values, compare_doubles);
            return;
        }
        double pivot = pivot_of(values[low], values[low + (high - low) / 2], values[high - 1]);
        size_t left = low;
        size_t right = high - 1;
        for (;;) {
            while (values[left] < pivot) {
                left++;
            }
            while (values[right] > pivot) {
                right--;
            }
            if (left >= right) {
                break;
            }
            double other = values[left];
            values[left++] = values[right];
            values[right--] = other;
        }
        /* [low, left) <= pivot <= [left, high) */
        if (at < left) {
            high = left;
        } else {
            low = left;
        }
    }
    sort_short(values, low, high);
}

/* Moves NaN to the front, and returns how many there are. */
static size_t gather_nan(double *values, size_t count)
{
    size_t nans = 0;
    for (size_t i = 0; i < count; i++) {
        if (isnan(values[i])) {
            double other = values[nans];
            values[nans++] = values[i];
            values[i] = other;
        }
    }
    return nans;
}

double promql_quantile(double q, double *values, size_t count)
{
    if (count == 0 || isnan(q)) {
        return NAN;
    }
    if (q < 0 || q > 1) {
        return q < 0 ? -INFINITY : INFINITY;
    }
    double last = (double)count - 1;
    double rank = q * last;
    double below = promql_max(0, floor(rank));
    double above = promql_min(last, below + 1);
    double weight = rank - floor(rank);
    size_t nans = gather_nan(values, count);
    size_t at = (size_t)below;
    if (at >= nans) {
        select_value(values + nans, count - nans, at - nans);
    }
    double low = values[at];
    double high = low;
    if ((size_t)above > at) {
        high = values[at + 1];
        for (size_t i = at + 2; i < count && at + 1 >= nans; i++) {
            high = values[i] < high ? values[i] : high;
        }
    }
    return low * (1 - weight) + high * weight;
}
