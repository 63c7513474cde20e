/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows of src/base/number_table.c, derived again another way than its generator does: g is the smallest
 * integer with g * 2^e >= 10^k, which is checked by multiplying out in base 2^32.
 */
#include "base/number_power.h"
#include "check.h"

enum { WORDS = 48 }; /* 1536 bits; 10^342 * 2^128 needs 1265 */

/* Little-endian. */
typedef struct big {
    uint32_t words[WORDS];
} big;

static big big_of(uint64_t high, uint64_t low)
{
    return (big){{(uint32_t)low, (uint32_t)(low >> 32), (uint32_t)high, (uint32_t)(high >> 32)}};
}

static void big_multiply(big *number, uint32_t factor)
{
    uint64_t carry = 0;
    for (int i = 0; i < WORDS; i++) {
        carry += (uint64_t)number->words[i] * factor;
        number->words[i] = (uint32_t)carry;
        carry >>= 32;
    }
    assert_int_equal(carry, 0);
}

static big big_power_of_ten(int k)
{
    big number = big_of(0, 1);
    for (int i = 0; i < k; i++) {
        big_multiply(&number, 10);
    }
    return number;
}

static void big_shift_left(big *number, int bits)
{
    for (; bits >= 31; bits -= 31) {
        big_multiply(number, (uint32_t)1 << 31);
    }
    big_multiply(number, (uint32_t)1 << bits);
}

static int big_compare(const big *left, const big *right)
{
    for (int i = WORDS - 1; i >= 0; i--) {
        if (left->words[i] != right->words[i]) {
            return left->words[i] < right->words[i] ? -1 : 1;
        }
    }
    return 0;
}

/* g * 2^(log2(10^k) - 127) compared with 10^k, all multiplied by 10^-k or the power of two as needed to be
 * integers. */
static int row_compare(uint64_t high, uint64_t low, int k)
{
    int shift = ifm_number_power_log2(k) - 127;
    big left = big_of(high, low);
    big right = big_power_of_ten(k < 0 ? 0 : k);
    for (int i = k; i < 0; i++) {
        big_multiply(&left, 10);
    }
    big_shift_left(shift < 0 ? &right : &left, shift < 0 ? -shift : shift);
    return big_compare(&left, &right);
}

static void number_table_rounds_every_power_up(void **state)
{
    (void)state;
    for (int k = IFM_NUMBER_POWER_FIRST; k <= IFM_NUMBER_POWER_LAST; k++) {
        const ifm_number_power *row = ifm_number_power_of_ten(k);
        int at = row_compare(row->high, row->low, k);
        int below = row_compare(row->high - (row->low == 0), row->low - 1, k);
        if (row->high >> 63 != 1 || at < 0 || below >= 0) {
            fail_msg("row of 10^%d is not the smallest 128 bits from it upwards", k);
        }
    }
}

static void number_table_is_exact_where_reading_relies_on_it(void **state)
{
    (void)state;
    for (int k = 0; k <= IFM_NUMBER_POWER_EXACT_MAX; k++) {
        const ifm_number_power *row = ifm_number_power_of_ten(k);
        CHECK_INT(row_compare(row->high, row->low, k), 0);
    }
    const ifm_number_power *beyond = ifm_number_power_of_ten(IFM_NUMBER_POWER_EXACT_MAX + 1);
    CHECK_INT(row_compare(beyond->high, beyond->low, IFM_NUMBER_POWER_EXACT_MAX + 1), 1);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(number_table_rounds_every_power_up),
        cmocka_unit_test(number_table_is_exact_where_reading_relies_on_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
