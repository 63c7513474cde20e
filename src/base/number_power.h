/* SPDX-License-Identifier: Apache-2.0
 *
 * What writing and reading of doubles share: the bits of a double, and powers of ten.
 *
 * N1  ifm_number_powers[k - FIRST] / 2^127 * 2^floor(log2(10^k)) is in [10^k, 10^k * (1 + 2^-127)), and is
 *     10^k itself for k in [0, IFM_NUMBER_POWER_EXACT_MAX].
 */
#ifndef IFM_BASE_NUMBER_POWER_H
#define IFM_BASE_NUMBER_POWER_H

#include <stdint.h>
#include <string.h>

enum {
    IFM_NUMBER_POWER_FIRST = -342,
    IFM_NUMBER_POWER_LAST = 324,
    IFM_NUMBER_POWER_EXACT_MAX = 55, /* 5^55 < 2^128 */
    IFM_NUMBER_FRACTION_BITS = 52
};

/* The 128 bits of a power of ten, the highest of which is set. */
typedef struct ifm_number_power {
    uint64_t high;
    uint64_t low;
} ifm_number_power;

extern const ifm_number_power ifm_number_powers[IFM_NUMBER_POWER_LAST - IFM_NUMBER_POWER_FIRST + 1];

static inline const ifm_number_power *ifm_number_power_of_ten(int k)
{
    return &ifm_number_powers[k - IFM_NUMBER_POWER_FIRST];
}

/* floor(log2(10^k)), exact for |k| <= 1233. */
static inline int ifm_number_power_log2(int k)
{
    return (k * 1741647) >> 19;
}

static inline uint64_t ifm_number_bits(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static inline double ifm_number_from_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

#endif
