/* SPDX-License-Identifier: Apache-2.0
 *
 * Compensated sums as Prometheus forms them (Kahan's, with Neumaier's improvement), and the few functions of
 * Go's math package whose special cases are not C's. Results are compared bit for bit, so nothing here may
 * be reordered or fused (-ffp-contract=off).
 *
 * Thread-safety: any thread; no state.
 */
#ifndef IFM_PROMQL_KAHAN_H
#define IFM_PROMQL_KAHAN_H

#include <math.h>
#include <stdbool.h>

typedef struct promql_kahan {
    double sum;
    double rest; /* what `sum` has lost so far */
} promql_kahan;

static inline void promql_kahan_add(promql_kahan *kahan, double value)
{
    double total = kahan->sum + value;
    if (isinf(total)) {
        kahan->rest = 0;
    } else if (fabs(kahan->sum) >= fabs(value)) {
        kahan->rest += (kahan->sum - total) + value;
    } else {
        kahan->rest += (value - total) + kahan->sum;
    }
    kahan->sum = total;
}

/* math.Max and math.Min: an infinity that decides wins over NaN, and 0 is larger than -0. */
static inline double promql_max(double a, double b)
{
    if ((isinf(a) && a > 0) || (isinf(b) && b > 0)) {
        return INFINITY;
    }
    if (isnan(a) || isnan(b)) {
        return NAN;
    }
    if (a == 0 && b == 0) {
        return signbit(a) ? b : a;
    }
    return a > b ? a : b;
}

static inline double promql_min(double a, double b)
{
    if ((isinf(a) && a < 0) || (isinf(b) && b < 0)) {
        return -INFINITY;
    }
    if (isnan(a) || isnan(b)) {
        return NAN;
    }
    if (a == 0 && b == 0) {
        return signbit(a) ? a : b;
    }
    return a < b ? a : b;
}

/* math.Log2: exact for powers of two. */
static inline double promql_log2(double value)
{
    if (!(value > 0) || isinf(value)) {
        return log(value);
    }
    int exponent = 0;
    double fraction = frexp(value, &exponent);
    if (fraction == 0.5) {
        return exponent - 1;
    }
    return log(fraction) * 1.44269504088896340735992468100189214 + exponent;
}

/* math.Log10. */
static inline double promql_log10(double value)
{
    return promql_log2(value) * 0.301029995663981195213738894724493027; /* ln 2 / ln 10 */
}

#endif
