#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Prints src/base/number_table.c: the powers of ten that number.c and number_read.c
multiply with.

Usage: tools/gen_number_table.py > src/base/number_table.c

Row k holds g(k) = ceil(10^k * 2^(127 - floor(log2(10^k)))), a number of exactly 128 bits, computed here in
integers. Writing needs k in [-292, 324] (Giulietti, "The Schubfach way to render doubles", section 9);
reading needs every power that can make 19 digits a finite double other than zero: [-342, 308].
tests/unit/base/number_table_test.c derives the rows again by another way.
"""

FIRST, LAST = -342, 324

HEAD = """/* SPDX-License-Identifier: Apache-2.0
 *
 * Printed by tools/gen_number_table.py, which explains it; do not edit. Row k - IFM_NUMBER_POWER_FIRST is
 * 10^k as the 128 bits after its leading zeros, rounded up.
 */
#include "base/number_power.h"

_Static_assert(IFM_NUMBER_POWER_FIRST == %d && IFM_NUMBER_POWER_LAST == %d, "one row for each power");

const ifm_number_power ifm_number_powers[IFM_NUMBER_POWER_LAST - IFM_NUMBER_POWER_FIRST + 1] = {"""

TAIL = """};"""


def power(k):
    """g(k): 10^k scaled to 128 bits, rounded up."""
    if k >= 0:
        scale = 10**k
        shift = 128 - scale.bit_length()
        return scale << shift if shift >= 0 else -(-scale >> -shift)
    divisor = 10**-k
    shift = 127 + divisor.bit_length()  # 10^k < 1 is no power of two, so floor(log2) = -bit_length
    return -(-(1 << shift) // divisor)


def main():
    print(HEAD % (FIRST, LAST))
    for k in range(FIRST, LAST + 1):
        g = power(k)
        assert g.bit_length() == 128
        print("    {0x%016X, 0x%016X}, // %d" % (g >> 64, g & (2**64 - 1), k))
    print(TAIL)


if __name__ == "__main__":
    main()
