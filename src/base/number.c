/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing is Schubfach: R. Giulietti, "The Schubfach way to render doubles", 2020. For a double v with
 * rounding interval [l, r] it finds the k with 10^k just below the interval's width, so that at most one
 * multiple of 10^(k+1) and at least one multiple of 10^k lie inside, and needs three multiplications with
 * a 128-bit power of ten to see which.
 */
#include "base/number.h"

#include "base/number_power.h"

#include <math.h>
#include <string.h>

enum {
    EXPONENT_BIAS = 1075, /* value = mantissa * 2^(exponent field - EXPONENT_BIAS) */
    FIXED_ONLY = 1000     /* no double has a decimal exponent as large */
};

static const uint64_t HIDDEN_BIT = (uint64_t)1 << IFM_NUMBER_FRACTION_BITS;
static const double INTEGER_LIMIT = 9007199254740992.0; /* 2^53: every integer below it is a double */

/* value = digits * 10^exponent */
typedef struct decimal {
    uint64_t digits;
    int exponent;
} decimal;

static const char digit_pairs[] = "00010203040506070809101112131415161718192021222324"
                                  "25262728293031323334353637383940414243444546474849"
                                  "50515253545556575859606162636465666768697071727374"
                                  "75767778798081828384858687888990919293949596979899";

/* 1233 / 4096 is log10(2), close enough for 64 bits to be off by one at most, downwards. */
static size_t digit_count(uint64_t value)
{
    static const uint64_t powers[] = {0,    1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,
                                      1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19};
    size_t bits = 64 - (size_t)__builtin_clzll(value | 1);
    size_t guess = bits * 1233 >> 12;
    return guess + (value >= powers[guess]);
}

/* Eight digits, zeros in front: four divisions that do not wait for each other. */
static void write_8_digits(char *out, uint32_t value)
{
    uint32_t high = value / 10000;
    uint32_t low = value % 10000;
    memcpy(out, digit_pairs + high / 100 * 2, 2);
    memcpy(out + 2, digit_pairs + high % 100 * 2, 2);
    memcpy(out + 4, digit_pairs + low / 100 * 2, 2);
    memcpy(out + 6, digit_pairs + low % 100 * 2, 2);
}

size_t ifm_number_write_u64(char *out, uint64_t value)
{
    size_t length = digit_count(value);
    char *at = out + length;
    while (value >= 100000000) {
        at -= 8;
        write_8_digits(at, (uint32_t)(value % 100000000));
        value /= 100000000;
    }
    uint32_t rest = (uint32_t)value;
    while (rest >= 100) {
        at -= 2;
        memcpy(at, digit_pairs + rest % 100 * 2, 2);
        rest /= 100;
    }
    if (rest >= 10) {
        memcpy(out, digit_pairs + rest * 2, 2);
    } else {
        out[0] = (char)('0' + rest);
    }
    return length;
}

size_t ifm_number_write_i64(char *out, int64_t value)
{
    if (value >= 0) {
        return ifm_number_write_u64(out, (uint64_t)value);
    }
    out[0] = '-';
    return 1 + ifm_number_write_u64(out + 1, 0 - (uint64_t)value);
}

/* g * mantissa / 2^128, rounded to odd: the lowest bit also stands for all bits that were cut off. */
static uint64_t multiply_round_to_odd(const ifm_number_power *power, uint64_t mantissa)
{
    unsigned __int128 low = (unsigned __int128)power->low * mantissa;
    unsigned __int128 product = (unsigned __int128)power->high * mantissa + (uint64_t)(low >> 64);
    return (uint64_t)(product >> 64) | ((uint64_t)product > 1);
}

/* Figure 7 of the paper. The names: (digits - 1) * 10^k < v < (digits + 1) * 10^k; all else is times 4, to
 * hold the halves that bound the rounding interval. `lower` and `upper` belong to the interval only for an
 * even mantissa, as reading rounds ties to even. */
static decimal schubfach(uint64_t mantissa, int exponent, bool lower_is_closer)
{
    /* floor(log10(2^exponent)), or of 3/4 of it. */
    int k = (exponent * 1262611 - (lower_is_closer ? 524031 : 0)) >> 22;
    int shift = exponent + ifm_number_power_log2(-k) + 1;
    const ifm_number_power *power = ifm_number_power_of_ten(-k);
    uint64_t odd = mantissa & 1;
    uint64_t value = multiply_round_to_odd(power, (4 * mantissa) << shift);
    uint64_t lower = multiply_round_to_odd(power, (4 * mantissa - 2 + lower_is_closer) << shift) + odd;
    uint64_t upper = multiply_round_to_odd(power, (4 * mantissa + 2) << shift) - odd;
    uint64_t digits = value / 4;
    if (digits >= 10) {
        uint64_t tens = digits / 10;
        bool below = lower <= 40 * tens;
        bool above = 40 * tens + 40 <= upper;
        if (below != above) {
            return (decimal){tens + above, k + 1};
        }
    }
    bool below = lower <= 4 * digits;
    bool above = 4 * digits + 4 <= upper;
    if (below != above) {
        return (decimal){digits + above, k};
    }
    uint64_t middle = 4 * digits + 2;
    bool round_up = value > middle || (value == middle && (digits & 1) != 0);
    return (decimal){digits + round_up, k};
}

/* Most samples are short ("0.005"), so that up to 16 zeros have to go: in steps of 8, 4, 2 and 1. */
static void strip_zeros(decimal *number)
{
    while (number->digits % 100000000 == 0) {
        number->digits /= 100000000;
        number->exponent += 8;
    }
    if (number->digits % 10000 == 0) {
        number->digits /= 10000;
        number->exponent += 4;
    }
    if (number->digits % 100 == 0) {
        number->digits /= 100;
        number->exponent += 2;
    }
    if (number->digits % 10 == 0) {
        number->digits /= 10;
        number->exponent++;
    }
}

/* The shortest decimal of a finite value > 0, without zeros at its end. */
static decimal shortest(double value)
{
    uint64_t bits = ifm_number_bits(value);
    uint64_t fraction = bits & (HIDDEN_BIT - 1);
    int field = (int)(bits >> IFM_NUMBER_FRACTION_BITS);
    decimal result =
        field == 0 ? schubfach(fraction, 1 - EXPONENT_BIAS, false)
                   : schubfach(HIDDEN_BIT | fraction, field - EXPONENT_BIAS, fraction == 0 && field > 1);
    strip_zeros(&result);
    return result;
}

/* "d.ddde+XX", the exponent with two digits or more. */
static size_t write_scientific(char *out, decimal number)
{
    size_t count = ifm_number_write_u64(out + 1, number.digits);
    int exponent = number.exponent + (int)count - 1;
    out[0] = out[1];
    size_t length = 1;
    if (count > 1) {
        out[1] = '.';
        length = count + 1;
    }
    out[length++] = 'e';
    out[length++] = exponent < 0 ? '-' : '+';
    unsigned size = (unsigned)(exponent < 0 ? -exponent : exponent);
    if (size >= 100) {
        out[length++] = (char)('0' + size / 100);
    }
    memcpy(out + length, digit_pairs + size % 100 * 2, 2);
    return length + 2;
}

/* "ddd000", "dd.dd" or "0.000ddd". */
static size_t write_fixed(char *out, decimal number)
{
    if (number.exponent >= 0) {
        size_t count = ifm_number_write_u64(out, number.digits);
        memset(out + count, '0', (size_t)number.exponent);
        return count + (size_t)number.exponent;
    }
    size_t count = digit_count(number.digits);
    size_t decimals = (size_t)-number.exponent;
    if (count > decimals) {
        size_t whole = count - decimals;
        ifm_number_write_u64(out + 1, number.digits);
        memmove(out, out + 1, whole);
        out[whole] = '.';
        return count + 1;
    }
    memset(out, '0', 2 + decimals - count);
    out[1] = '.';
    return 2 + decimals - count + ifm_number_write_u64(out + 2 + decimals - count, number.digits);
}

static size_t write_not_finite(char *out, double value)
{
    memcpy(out, isnan(value) ? "NaN" : value < 0 ? "-Inf" : "+Inf", 4);
    return isnan(value) ? 3 : 4;
}

/* In exponent form when the decimal exponent is below exponent_min or from exponent_max on. */
static size_t write_double(char *out, double value, int exponent_min, int exponent_max)
{
    if (!isfinite(value)) {
        return write_not_finite(out, value);
    }
    size_t sign = signbit(value) != 0;
    out[0] = '-';
    if (value == 0) {
        out[sign] = '0';
        return sign + 1;
    }
    decimal number = shortest(fabs(value));
    int exponent = number.exponent + (int)digit_count(number.digits) - 1;
    bool scientific = exponent < exponent_min || exponent >= exponent_max;
    return sign + (scientific ? write_scientific(out + sign, number) : write_fixed(out + sign, number));
}

/* Whether `value` is an integer with |value| < limit <= 2^53, and then which. Minus zero is none. */
static bool is_integer(double value, double limit, int64_t *integer)
{
    if (!(fabs(value) < limit)) {
        return false;
    }
    *integer = (int64_t)value;
    return ifm_number_bits((double)*integer) == ifm_number_bits(value);
}

size_t ifm_number_write(char *out, double value)
{
    int64_t integer;
    return is_integer(value, INTEGER_LIMIT, &integer) ? ifm_number_write_i64(out, integer)
                                                      : write_double(out, value, -4, 21);
}

size_t ifm_number_write_json(char *out, double value)
{
    int64_t integer;
    return is_integer(value, INTEGER_LIMIT, &integer) ? ifm_number_write_i64(out, integer)
                                                      : write_double(out, value, -6, 21);
}

size_t ifm_number_write_g(char *out, double value)
{
    int64_t integer;
    return is_integer(value, 1e6, &integer) ? ifm_number_write_i64(out, integer)
                                            : write_double(out, value, -4, 6);
}

size_t ifm_number_write_canonical(char *out, double value)
{
    size_t length = ifm_number_write_g(out, value);
    bool plain = isfinite(value) && memchr(out, '.', length) == NULL && memchr(out, 'e', length) == NULL;
    if (plain) {
        memcpy(out + length, ".0", 2);
        length += 2;
    }
    return length;
}

size_t ifm_number_write_plain(char *out, double value)
{
    int64_t integer;
    return is_integer(value, INTEGER_LIMIT, &integer) ? ifm_number_write_i64(out, integer)
                                                      : write_double(out, value, -FIXED_ONLY, FIXED_ONLY);
}
