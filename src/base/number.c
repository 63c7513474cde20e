/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing is Schubfach: R. Giulietti, "The Schubfach way to render doubles", 2020. For a double v with
 * rounding interval [l, r] it finds the k with 10^k just below the interval's width, so that at most one
 * multiple of 10^(k+1) and at least one multiple of 10^k lie inside, and needs three multiplications with
 * a 128-bit power of ten to see which.
 *
 * Reading multiplies up to 19 digits with the same powers. The power is rounded up, so the product is known
 * to an interval; unless that interval contains a point where the result changes (once in 2^64 for digits
 * that are not special), the double is decided. The rest goes to strtod(), in a form without a decimal
 * point, which is why the locale does not matter.
 *
 * N1  number_powers[k] / 2^127 * 2^floor(log2(10^k)) is in [10^k, 10^k * (1 + 2^-127)); it is equal to 10^k
 *     for k in [0, POWER_EXACT_MAX].
 */
#include "base/number.h"

#include "base/number_table.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    FRACTION_BITS = 52,
    EXPONENT_BIAS = 1075, /* value = mantissa * 2^(exponent field - EXPONENT_BIAS) */
    EXPONENT_MAX = 0x7FF,
    POWER_EXACT_MAX = 55,        /* 5^55 < 2^128 */
    FIXED_ONLY = 1000,           /* no double has a decimal exponent as large */
    EXPONENT_ENOUGH = 1000000000 /* larger ones are as good as infinite: no text has as many digits */
};

static const uint64_t FRACTION_MASK = ((uint64_t)1 << FRACTION_BITS) - 1;
static const uint64_t HIDDEN_BIT = (uint64_t)1 << FRACTION_BITS;
static const uint64_t DIGITS_FULL = 1000000000000000000U; /* 10^18: 19 digits always fit, 20 may not */
static const uint64_t HEX_DIGITS_FULL = (uint64_t)1 << 60;
static const uint64_t GO_NAN = 0x7FF8000000000001U;     /* math.NaN(); Prometheus stores it for every "NaN" */
static const double INTEGER_LIMIT = 9007199254740992.0; /* 2^53: every integer below it is a double */

_Static_assert(sizeof number_powers / sizeof number_powers[0] == NUMBER_POWER_LAST - NUMBER_POWER_FIRST + 1,
               "one row for each power");

/* value = digits * 10^exponent */
typedef struct decimal {
    uint64_t digits;
    int exponent;
} decimal;

static uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static double double_of(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* floor(log2(10^k)), exact for |k| <= 1233. */
static int power_log2(int k)
{
    return (k * 1741647) >> 19;
}

static const number_power *power_of_ten(int k)
{
    return &number_powers[k - NUMBER_POWER_FIRST];
}

/* ---- writing ---- */

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

size_t ifm_number_write_u64(char *out, uint64_t value)
{
    size_t length = digit_count(value);
    char *at = out + length;
    while (value >= 100) {
        at -= 2;
        memcpy(at, digit_pairs + value % 100 * 2, 2);
        value /= 100;
    }
    if (value >= 10) {
        memcpy(out, digit_pairs + value * 2, 2);
    } else {
        out[0] = (char)('0' + value);
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
static uint64_t multiply_round_to_odd(const number_power *power, uint64_t mantissa)
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
    int shift = exponent + power_log2(-k) + 1;
    const number_power *power = power_of_ten(-k);
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

/* The shortest decimal of a finite value > 0, without zeros at its end. */
static decimal shortest(double value)
{
    uint64_t bits = bits_of(value);
    uint64_t fraction = bits & FRACTION_MASK;
    int field = (int)(bits >> FRACTION_BITS);
    decimal result =
        field == 0 ? schubfach(fraction, 1 - EXPONENT_BIAS, false)
                   : schubfach(HIDDEN_BIT | fraction, field - EXPONENT_BIAS, fraction == 0 && field > 1);
    while (result.digits % 10 == 0) {
        result.digits /= 10;
        result.exponent++;
    }
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
    return bits_of((double)*integer) == bits_of(value);
}

size_t ifm_number_write(char *out, double value)
{
    int64_t integer;
    return is_integer(value, INTEGER_LIMIT, &integer) ? ifm_number_write_i64(out, integer)
                                                      : write_double(out, value, -4, 21);
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

/* ---- reading ---- */

/* The double nearest to mantissa * 2^exponent, ties to even; the highest bit of `mantissa` is set, and
 * `more` says that the value is a little larger than that. False when it is too large: *out is infinite. */
static bool round_to_double(uint64_t mantissa, int exponent, bool more, double *out)
{
    int top = exponent + 63; /* 2^top <= value < 2^(top + 1) */
    if (top > 1023) {
        *out = INFINITY;
        return false;
    }
    int shift = top >= -1022 ? 11 : 11 - 1022 - top; /* subnormal: fewer bits are kept */
    if (shift > 64) {
        *out = 0;
        return true;
    }
    uint64_t kept = shift == 64 ? 0 : mantissa >> shift;
    uint64_t rest = mantissa << (64 - shift); /* shift >= 11 */
    uint64_t half = (uint64_t)1 << 63;
    bool round_up = rest > half || (rest == half && (more || (kept & 1) != 0));
    /* The hidden bit is in `kept`, so the exponent field is one less; a carry out of the fraction runs into
     * the exponent field, which is right, also from subnormal to normal and from the largest to infinite. */
    uint64_t field = top >= -1022 ? (uint64_t)(top + 1022) : 0;
    *out = double_of((field << FRACTION_BITS) + kept + round_up);
    return isfinite(*out);
}

/* digits * 10^exponent; false when the product with the rounded power does not decide which double it is. */
static bool decide(uint64_t digits, int exponent, bool *in_range, double *out)
{
    int zeros = __builtin_clzll(digits);
    uint64_t mantissa = digits << zeros;
    const number_power *power = power_of_ten(exponent);
    /* 192 bits: high, middle, low. */
    unsigned __int128 lower = (unsigned __int128)power->low * mantissa;
    unsigned __int128 upper = (unsigned __int128)power->high * mantissa + (uint64_t)(lower >> 64);
    uint64_t high = (uint64_t)(upper >> 64);
    uint64_t middle = (uint64_t)upper;
    uint64_t low = (uint64_t)lower;
    int binary = power_log2(exponent) + 1 - zeros; /* the value is high * 2^binary, and a little */
    if (high >> 63 == 0) {
        high = high << 1 | middle >> 63;
        middle = middle << 1 | low >> 63;
        low <<= 1;
        binary--;
    }
    bool exact = exponent >= 0 && exponent <= POWER_EXACT_MAX; /* N1 */
    if (!exact && middle <= 1) {
        return false; /* The true product is up to 2^65 smaller (N1), so `high` may be one too large. */
    }
    *in_range = round_to_double(high, binary, (middle | low) != 0, out);
    return true;
}

/* What was scanned of a number: digits * 10^exponent (hexadecimal: 2^exponent), and a little more when
 * digits were dropped. */
typedef struct scanned {
    uint64_t digits; /* the first 19 (16) that count */
    int64_t exponent;
    bool dropped; /* digits other than 0 came after them */
} scanned;

static bool is_digit(char c)
{
    return (unsigned char)(c - '0') <= 9;
}

static int hex_digit(char c)
{
    char lower = (char)(c | 0x20);
    return is_digit(c) ? c - '0' : lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

static const char *scan_digits(const char *at, const char *end, bool after_point, scanned *to)
{
    for (; at < end && is_digit(*at); at++) {
        uint64_t digit = (uint64_t)(*at - '0');
        if (to->digits < DIGITS_FULL) {
            to->digits = to->digits * 10 + digit;
            to->exponent -= after_point;
        } else {
            to->dropped |= digit != 0;
            to->exponent += !after_point;
        }
    }
    return at;
}

static const char *scan_hex_digits(const char *at, const char *end, bool after_point, scanned *to)
{
    for (; at < end && hex_digit(*at) >= 0; at++) {
        if (to->digits < HEX_DIGITS_FULL) {
            to->digits = to->digits << 4 | (uint64_t)hex_digit(*at);
            to->exponent -= after_point ? 4 : 0;
        } else {
            to->dropped |= *at != '0';
            to->exponent += after_point ? 0 : 4;
        }
    }
    return at;
}

typedef const char *scan_function(const char *at, const char *end, bool after_point, scanned *to);

/* "12", "12.", ".5" or "12.5"; NULL when there is no digit. */
static const char *scan_mantissa(const char *text, const char *end, scan_function *scan, scanned *to)
{
    const char *at = scan(text, end, false, to);
    bool any = at > text;
    if (at < end && *at == '.') {
        const char *point = at;
        at = scan(point + 1, end, true, to);
        any = any || at > point + 1;
    }
    return any ? at : NULL;
}

/* The exponent after its letter, which must go up to `end`. */
static bool scan_exponent(const char *at, const char *end, scanned *to)
{
    bool negative = at < end && *at == '-';
    at += at < end && (*at == '-' || *at == '+');
    const char *first = at;
    int64_t exponent = 0;
    for (; at < end && is_digit(*at); at++) {
        if (exponent < EXPONENT_ENOUGH) {
            exponent = exponent * 10 + (*at - '0');
        }
    }
    to->exponent += negative ? -exponent : exponent;
    return at == end && at > first;
}

/* The mantissa's digits as an integer, with an exponent, for strtod(). Digits far behind cannot matter but
 * by not being zero: a point halfway between two doubles has at most 767 digits. */
static double read_slow(const char *text, const char *end, const scanned *number)
{
    enum { KEPT_MAX = 780 };
    char buffer[KEPT_MAX + 2 + IFM_NUMBER_SIZE];
    size_t length = 0;
    bool more = false;
    for (; text < end; text++) {
        bool counts = is_digit(*text) && (length > 0 || *text != '0');
        if (counts && length < KEPT_MAX) {
            buffer[length++] = *text;
        } else if (counts) {
            more |= *text != '0';
        }
    }
    if (more) {
        buffer[length++] = '1';
    }
    int64_t exponent = number->exponent + (int64_t)digit_count(number->digits) - (int64_t)length;
    buffer[length++] = 'e';
    length += ifm_number_write_i64(buffer + length, exponent);
    buffer[length] = '\0';
    return strtod(buffer, NULL);
}

/* Powers that are doubles: one rounding, in the division or multiplication, is the right one. */
static bool read_exact(const scanned *number, double *out)
{
    static const double powers[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    if (number->dropped || number->digits > HIDDEN_BIT * 2 || number->exponent < -22 ||
        number->exponent > 22) {
        return false;
    }
    double digits = (double)number->digits;
    *out = number->exponent < 0 ? digits / powers[-number->exponent] : digits * powers[number->exponent];
    return true;
}

/* `mantissa_end` is where the digits end in the text, for those that did not fit in `number`. */
static bool read_scanned(const scanned *number, const char *text, const char *mantissa_end, double *out)
{
    if (number->digits == 0 || number->exponent < NUMBER_POWER_FIRST) {
        *out = 0; /* 2^64 * 10^-343 is less than half of the smallest double. */
        return true;
    }
    if (number->exponent > 308) {
        *out = INFINITY;
        return false;
    }
    bool in_range = true;
    if (read_exact(number, out)) {
        return true;
    }
    if (!number->dropped && decide(number->digits, (int)number->exponent, &in_range, out)) {
        return in_range;
    }
    *out = read_slow(text, mantissa_end, number);
    return isfinite(*out);
}

static bool read_decimal(const char *text, const char *end, double *out, bool *is_number)
{
    scanned number = {0};
    const char *at = scan_mantissa(text, end, scan_digits, &number);
    const char *mantissa_end = at;
    *is_number = at != NULL && (at == end || ((*at | 0x20) == 'e' && scan_exponent(at + 1, end, &number)));
    return *is_number && read_scanned(&number, text, mantissa_end, out);
}

/* Without "0x", with an exponent of 2. */
static bool read_hex(const char *text, const char *end, double *out, bool *is_number)
{
    scanned number = {0};
    const char *at = scan_mantissa(text, end, scan_hex_digits, &number);
    *is_number = at != NULL && at < end && (*at | 0x20) == 'p' && scan_exponent(at + 1, end, &number);
    if (!*is_number) {
        return false;
    }
    if (number.digits == 0) {
        *out = 0;
        return true;
    }
    int zeros = __builtin_clzll(number.digits);
    int64_t exponent = number.exponent - zeros;
    int limited = exponent < -5000 ? -5000 : exponent > 5000 ? 5000 : (int)exponent;
    return round_to_double(number.digits << zeros, limited, number.dropped, out);
}

static bool is_word(const char *text, size_t size, const char *word)
{
    size_t length = strlen(word);
    for (size_t i = 0; i < length && size == length; i++) {
        if ((text[i] | 0x20) != word[i]) {
            return false;
        }
    }
    return size == length;
}

/* The words, and the sign of "inf". */
static bool read_word(const char *text, size_t size, size_t sign, double *out)
{
    if (is_word(text + sign, size - sign, "inf") || is_word(text + sign, size - sign, "infinity")) {
        *out = text[0] == '-' ? -INFINITY : INFINITY;
        return true;
    }
    if (is_word(text, size, "nan")) {
        *out = double_of(GO_NAN);
        return true;
    }
    return false;
}

bool ifm_number_read(const char *text, size_t size, double *out)
{
    size_t sign = size > 0 && (text[0] == '-' || text[0] == '+');
    const char *at = text + sign;
    const char *end = text + size;
    if (at == end) {
        return false;
    }
    if (!is_digit(*at) && *at != '.') {
        return read_word(text, size, sign, out);
    }
    double value = 0;
    bool is_number;
    bool hex = size - sign > 2 && at[0] == '0' && (at[1] | 0x20) == 'x';
    bool in_range =
        hex ? read_hex(at + 2, end, &value, &is_number) : read_decimal(at, end, &value, &is_number);
    if (is_number) {
        *out = text[0] == '-' ? -value : value;
    }
    return in_range;
}
