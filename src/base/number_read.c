/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading multiplies up to 19 digits with a power of ten of 128 bits. The power is rounded up, so the
 * product is known to an interval; unless that interval contains a point where the result changes (once in
 * 2^63 for digits that are not special), the double is decided. The rest goes to strtod(), in a form without
 * a decimal point, which is why the locale does not matter.
 */
#include "base/number.h"

#include "base/number_power.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Larger exponents are as good as infinite: no text has as many digits. */
enum { EXPONENT_ENOUGH = 1000000000 };

static const uint64_t DIGITS_FULL = 1000000000000000000U; /* 10^18: 19 digits always fit, 20 may not */
static const uint64_t HEX_DIGITS_FULL = (uint64_t)1 << 60;
static const uint64_t INTEGER_MAX = (uint64_t)1 << 53; /* up to it, every integer is a double */
static const uint64_t GO_NAN = 0x7FF8000000000001U;    /* math.NaN(); Prometheus stores it for every "NaN" */

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
    *out = ifm_number_from_bits((field << IFM_NUMBER_FRACTION_BITS) + kept + round_up);
    return isfinite(*out);
}

/* digits * 10^exponent; false when the product with the rounded power does not decide which double it is. */
static bool decide(uint64_t digits, int exponent, bool *in_range, double *out)
{
    int zeros = __builtin_clzll(digits);
    uint64_t mantissa = digits << zeros;
    const ifm_number_power *power = ifm_number_power_of_ten(exponent);
    /* 192 bits: high, middle, low. */
    unsigned __int128 lower = (unsigned __int128)power->low * mantissa;
    unsigned __int128 upper = (unsigned __int128)power->high * mantissa + (uint64_t)(lower >> 64);
    uint64_t high = (uint64_t)(upper >> 64);
    uint64_t middle = (uint64_t)upper;
    uint64_t low = (uint64_t)lower;
    int binary = ifm_number_power_log2(exponent) + 1 - zeros; /* the value is high * 2^binary, and a little */
    if (high >> 63 == 0) {
        high = high << 1 | middle >> 63;
        middle = middle << 1 | low >> 63;
        low <<= 1;
        binary--;
    }
    bool exact = exponent >= 0 && exponent <= IFM_NUMBER_POWER_EXACT_MAX; /* N1 of number_power.h */
    if (!exact && middle <= 1) {
        return false; /* The true product is up to 2^65 smaller, so `high` may be one too large. */
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
    /* Only how many digits `exponent` refers to matters here; they are written again, with those dropped. */
    size_t scanned_digits = ifm_number_write_u64(buffer, number->digits);
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
    int64_t exponent = number->exponent + (int64_t)scanned_digits - (int64_t)length;
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
    if (number->dropped || number->digits > INTEGER_MAX || number->exponent < -22 || number->exponent > 22) {
        return false;
    }
    double digits = (double)number->digits;
    *out = number->exponent < 0 ? digits / powers[-number->exponent] : digits * powers[number->exponent];
    return true;
}

/* `mantissa_end` is where the digits end in the text, for those that did not fit in `number`. */
static bool read_scanned(const scanned *number, const char *text, const char *mantissa_end, double *out)
{
    if (number->digits == 0 || number->exponent < IFM_NUMBER_POWER_FIRST) {
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
        *out = ifm_number_from_bits(GO_NAN);
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
