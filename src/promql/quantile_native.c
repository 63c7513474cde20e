/* SPDX-License-Identifier: Apache-2.0
 *
 * Quantiles of native histograms. Within a bucket, observations are taken to be spread evenly: over the
 * values of a custom bucket and of the zero bucket, over the logarithms of an exponential one.
 */
#include "promql/kahan.h"
#include "promql/quantile.h"

/* With buckets on one side only, the zero bucket lies on that side, too. */
static void bound_zero_bucket(const model_histogram *histogram, model_bucket *bucket)
{
    if (histogram->negative_count == 0 && histogram->positive_count > 0) {
        bucket->lower = 0;
    } else if (histogram->positive_count == 0 && histogram->negative_count > 0) {
        bucket->upper = 0;
    }
}

/* Goes on until `rank` observations are found. Returns how many were; *bucket is the last one seen. */
static double walk_to_rank(model_bucket_iterator *it, double rank, model_bucket *bucket)
{
    double count = 0;
    while (model_bucket_iterator_next(it, bucket)) {
        if (bucket->count == 0) {
            continue;
        }
        count += bucket->count;
        if (count >= rank) {
            break;
        }
    }
    return count;
}

/* The value that lies behind this fraction of the observations of a bucket. */
static double interpolate_bucket(const model_bucket *bucket, double fraction, bool custom)
{
    if (custom || (bucket->lower <= 0 && bucket->upper >= 0)) {
        return bucket->lower + (bucket->upper - bucket->lower) * fraction;
    }
    double lower = promql_log2(fabs(bucket->lower));
    double upper = promql_log2(fabs(bucket->upper));
    if (bucket->lower > 0) {
        return exp2(lower + (upper - lower) * fraction);
    }
    return -exp2(upper + (lower - upper) * (1 - fraction));
}

/* NaN observations are counted, but are in no bucket. */
static promql_nan_note skew_of(const model_histogram *histogram, model_bucket_iterator *it, double count)
{
    model_bucket bucket;
    while (model_bucket_iterator_next(it, &bucket)) {
        count += bucket.count;
    }
    return count < histogram->count ? PROMQL_NAN_SKEW : PROMQL_NAN_NONE;
}

double promql_histogram_quantile(double q, const model_histogram *histogram, promql_nan_note *note)
{
    *note = PROMQL_NAN_NONE;
    if (q < 0 || q > 1) {
        return q < 0 ? -INFINITY : INFINITY;
    }
    if (histogram->count == 0 || isnan(q)) {
        return NAN;
    }
    /* From the nearer end; from below when there may be NaN, which count as if they were above all. */
    bool up = isnan(histogram->sum) || q < 0.5;
    bool custom = model_histogram_is_custom(histogram);
    double rank = (up ? q : 1 - q) * histogram->count;
    model_bucket bucket = {0};
    model_bucket_iterator it;
    model_bucket_iterator_init(&it, histogram, up ? MODEL_BUCKETS_UP : MODEL_BUCKETS_DOWN);
    double count = walk_to_rank(&it, rank, &bucket);

    if (!custom && bucket.lower < 0 && bucket.upper > 0) {
        bound_zero_bucket(histogram, &bucket);
    } else if (custom && bucket.lower == -INFINITY) {
        if (bucket.upper <= 0) {
            return bucket.upper;
        }
        bucket.lower = 0;
    } else if (custom && bucket.upper == INFINITY) {
        return bucket.lower;
    }
    count = count > histogram->count ? histogram->count : count; /* sums of fractions need not be exact */
    if (count < rank) {
        *note = isnan(histogram->sum) ? PROMQL_NAN_RESULT : PROMQL_NAN_NONE;
        return isnan(histogram->sum) ? NAN : bucket.upper;
    }
    rank = up ? rank - (count - bucket.count) : count - rank;
    if (isnan(histogram->sum)) {
        *note = skew_of(histogram, &it, count);
    }
    return interpolate_bucket(&bucket, rank / bucket.count, custom);
}

/* How many observations lie below `value`, which is in this bucket; `rank` are below the bucket. */
static double rank_inside(const model_bucket *bucket, double value, double rank, bool linear)
{
    if (linear) {
        /* Of a bucket without a lower end all lie below; of one without an upper end none do (n / Inf). */
        return bucket->lower == -INFINITY
                   ? bucket->count
                   : rank + bucket->count * (value - bucket->lower) / (bucket->upper - bucket->lower);
    }
    double lower = promql_log2(fabs(bucket->lower));
    double upper = promql_log2(fabs(bucket->upper));
    double at = promql_log2(fabs(value));
    double fraction = value > 0 ? (at - lower) / (upper - lower) : 1 - ((at - upper) / (lower - upper));
    return rank + bucket->count * fraction;
}

/* How many observations lie below a bound. */
typedef struct rank_search {
    double bound;
    double rank;
    bool found;
} rank_search;

static void search_bucket(rank_search *search, const model_bucket *bucket, double rank, bool linear)
{
    if (search->found || !(bucket->upper > search->bound || bucket->lower >= search->bound)) {
        return;
    }
    search->found = true;
    search->rank = bucket->lower >= search->bound ? rank : rank_inside(bucket, search->bound, rank, linear);
}

double promql_histogram_fraction(double lower, double upper, const model_histogram *histogram,
                                 promql_nan_note *note)
{
    *note = PROMQL_NAN_NONE;
    if (histogram->count == 0 || isnan(lower) || isnan(upper)) {
        return NAN;
    }
    if (lower >= upper) {
        return 0;
    }
    rank_search below = {.bound = lower};
    rank_search above = {.bound = upper};
    bool custom = model_histogram_is_custom(histogram);
    double rank = 0;
    double count = 0;
    model_bucket bucket;
    model_bucket_iterator it;
    model_bucket_iterator_init(&it, histogram, MODEL_BUCKETS_UP);
    while (model_bucket_iterator_next(&it, &bucket)) {
        count += bucket.count;
        bool zero = bucket.lower <= 0 && bucket.upper >= 0;
        if (zero) {
            bound_zero_bucket(histogram, &bucket);
        }
        search_bucket(&below, &bucket, rank, custom || zero);
        search_bucket(&above, &bucket, rank, custom || zero);
        if (below.found && above.found && !isnan(histogram->sum)) {
            break;
        }
        rank += bucket.count;
    }
    double most = histogram->count;
    if (isnan(histogram->sum)) {
        *note = count < histogram->count ? PROMQL_NAN_EXCLUDED : PROMQL_NAN_NONE;
        most = count;
    }
    double low = !below.found || below.rank > most ? most : below.rank;
    double high = !above.found || above.rank > most ? most : above.rank;
    return (high - low) / histogram->count;
}

/* Where the observations of a bucket are taken to be: the middle, of an exponential one that of its
 * logarithms. */
static double middle_of(const model_bucket *bucket, bool custom)
{
    if (custom) {
        return (bucket->upper + bucket->lower) / 2.0;
    }
    if (bucket->lower <= 0 && bucket->upper >= 0) {
        return 0;
    }
    double middle = sqrt(bucket->upper * bucket->lower);
    return bucket->upper < 0 ? -middle : middle;
}

double promql_histogram_variance(const model_histogram *histogram)
{
    bool custom = model_histogram_is_custom(histogram);
    double mean = histogram->sum / histogram->count;
    promql_kahan variance = {0};
    model_bucket bucket;
    model_bucket_iterator it;
    model_bucket_iterator_init(&it, histogram, MODEL_BUCKETS_UP);
    while (model_bucket_iterator_next(&it, &bucket)) {
        if (bucket.count != 0) {
            double delta = middle_of(&bucket, custom) - mean;
            promql_kahan_add(&variance, bucket.count * delta * delta);
        }
    }
    return (variance.sum + variance.rest) / histogram->count;
}
