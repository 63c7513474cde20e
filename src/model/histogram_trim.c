/* SPDX-License-Identifier: Apache-2.0
 *
 * h </ x and h >/ x. What of a bucket is kept is interpolated: within custom and zero buckets linearly,
 * within exponential ones on a logarithmic scale. A bucket that reaches to infinity is kept or dropped as a
 * whole, but that the lowest custom one is taken to begin at 0 when it ends above. The new sum is that of the
 * middles of what is left.
 */
#include "model/histogram_impl.h"

#include <math.h>

typedef struct trim {
    double limit;
    bool upper; /* keep what is below the limit */
    bool linear;
    double count, sum; /* of what is kept */
    bool changed;
} trim;

/* As Go computes it, which is not always the double next to the true value. */
static double go_log2(double x)
{
    int exponent;
    double fraction = frexp(x, &exponent);
    if (fraction == 0.5) {
        return exponent - 1;
    }
    return log(fraction) * (1 / 0.693147180559945309417232121458176568) + exponent;
}

static double middle(double lower, double upper, bool linear)
{
    if (isinf(lower)) {
        return isinf(upper) ? 0 : upper > 0 ? upper / 2 : upper;
    }
    if (isinf(upper)) {
        return lower;
    }
    if (linear) {
        return (lower + upper) / 2;
    }
    double geometric = sqrt(fabs(lower * upper));
    return upper > 0 ? geometric : -geometric;
}

static double finite_or_zero(double x)
{
    return isinf(x) ? 0 : x;
}

/* What is kept of a bucket from -Inf on, with its *mean. */
static double keep_of_lowest(const trim *t, const model_bucket *b, double *mean)
{
    double limit = t->limit;
    bool from_zero = b->upper > 0 && !isinf(b->upper);
    if (t->upper && limit > 0 && from_zero) {
        *mean = limit / 2;
        return b->count * limit / b->upper;
    }
    if (t->upper && b->upper <= 0) {
        *mean = limit;
        return b->count;
    }
    if (!t->upper && limit >= 0 && from_zero) {
        *mean = (limit + b->upper) / 2;
        return b->count * (1 - limit / b->upper);
    }
    *mean = finite_or_zero(b->upper);
    return 0;
}

/* And of one up to +Inf. */
static double keep_of_highest(const trim *t, const model_bucket *b, double *mean)
{
    if (!t->upper && t->limit >= b->lower) {
        *mean = t->limit;
        return b->count;
    }
    *mean = finite_or_zero(b->lower);
    return 0;
}

/* Of a bucket with the limit inside. */
static double keep_of_split(const trim *t, const model_bucket *b, double *mean)
{
    if (isinf(b->lower)) {
        return keep_of_lowest(t, b, mean);
    }
    if (isinf(b->upper)) {
        return keep_of_highest(t, b, mean);
    }
    double below;
    if (t->linear) {
        below = (t->limit - b->lower) / (b->upper - b->lower);
    } else {
        double lower = go_log2(fabs(b->lower));
        double upper = go_log2(fabs(b->upper));
        double limit = go_log2(fabs(t->limit));
        below = b->upper > 0 ? (limit - lower) / (upper - lower) : 1 - (limit - upper) / (lower - upper);
    }
    *mean = t->upper ? middle(b->lower, t->limit, t->linear) : middle(t->limit, b->upper, t->linear);
    return t->upper ? b->count * below : b->count - b->count * below;
}

/* Returns what is kept, and counts it. */
static double trim_bucket(trim *t, const model_bucket *b)
{
    if (b->count == 0) {
        return 0;
    }
    double mean = 0;
    double keep = 0;
    if (t->upper ? b->upper <= t->limit : b->lower >= t->limit) {
        keep = b->count;
        mean = middle(b->lower, b->upper, t->linear);
    } else if (t->upper ? b->lower < t->limit : b->upper > t->limit) {
        keep = keep_of_split(t, b, &mean);
    }
    t->count += keep;
    t->sum += mean * keep;
    t->changed = t->changed || keep != b->count;
    return keep;
}

/* *populated: whether there were observations. */
static bool trim_side(trim *t, model_histogram *h, bool positive, ifm_bump *arena, bool *populated)
{
    model_side side = model_side_of(h, positive);
    double *counts = ifm_bump_alloc_array(arena, side.count, sizeof *counts);
    if (counts == NULL) {
        return false;
    }
    *populated = false;
    model_cursor c;
    for (model_cursor_init(&c, side, 0, 0); model_cursor_next(&c);) {
        model_bucket bucket = model_side_bucket(h, positive, c.index, c.count);
        *populated = *populated || c.count != 0;
        counts[c.at - 1] = trim_bucket(t, &bucket);
    }
    side.counts = counts;
    model_side_set(h, positive, side);
    return true;
}

/* With observations on one side of zero only, those in the zero bucket are on that side, too. */
static void trim_zero(trim *t, model_histogram *h, bool negative, bool positive)
{
    model_bucket bucket = {.lower = positive && !negative ? 0 : -h->zero_threshold,
                           .upper = negative && !positive ? 0 : h->zero_threshold,
                           .count = h->zero_count};
    t->linear = true;
    h->zero_count = trim_bucket(t, &bucket);
}

const model_histogram *model_histogram_trim(const model_histogram *h, double limit, model_trim which,
                                            ifm_bump *arena)
{
    trim t = {.limit = limit, .upper = which == MODEL_TRIM_UPPER, .linear = model_histogram_is_custom(h)};
    model_histogram *out = ifm_bump_alloc(arena, sizeof *out);
    bool positive, negative;
    if (out == NULL) {
        return NULL;
    }
    *out = *h;
    if (!trim_side(&t, out, true, arena, &positive) || !trim_side(&t, out, false, arena, &negative)) {
        return NULL;
    }
    if (out->zero_count > 0) {
        trim_zero(&t, out, negative, positive);
    }
    if (!t.changed) {
        return h;
    }
    out->count = t.count;
    out->sum = t.sum;
    return model_histogram_compact(out, 0, arena);
}
