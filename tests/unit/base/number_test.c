/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing of numbers: known forms, and the three properties of shortest text over many doubles (it reads
 * back, nothing shorter does, nothing as short is closer). The C library's strtod() and printf(), which are
 * exact, are the oracle.
 */
#include "base/base.h"
#include "check.h"

#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>

enum { RANDOM_COUNT = 1000000, SHORTEST_COUNT = 100000 };

typedef size_t write_function(char *out, double value);

/* xorshift64: the same sequence everywhere. */
static uint64_t random_next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static double double_from(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static const char *written(write_function *write, double value)
{
    static char text[IFM_NUMBER_PLAIN_SIZE + 1];
    memset(text, '#', sizeof text);
    size_t length = write(text, value);
    size_t room = write == ifm_number_write_plain ? IFM_NUMBER_PLAIN_SIZE : IFM_NUMBER_SIZE;
    CHECK(length <= room);
    CHECK(text[room] == '#');
    text[length] = '\0';
    return text;
}

static const struct {
    double value;
    const char *text;
    const char *g;
    const char *canonical;
    const char *plain;
} forms[] = {
    {0, "0", "0", "0.0", "0"},
    {-0.0, "-0", "-0", "-0.0", "-0"},
    {1, "1", "1", "1.0", "1"},
    {-1, "-1", "-1", "-1.0", "-1"},
    {10, "10", "10", "10.0", "10"},
    {0.1, "0.1", "0.1", "0.1", "0.1"},
    {-2.5, "-2.5", "-2.5", "-2.5", "-2.5"},
    {0.3, "0.3", "0.3", "0.3", "0.3"},
    {0.1 + 0.2, "0.30000000000000004", "0.30000000000000004", "0.30000000000000004", "0.30000000000000004"},
    {0.005, "0.005", "0.005", "0.005", "0.005"},
    {0.0001, "0.0001", "0.0001", "0.0001", "0.0001"},
    {0.00012345678901234567, "0.00012345678901234567", "0.00012345678901234567", "0.00012345678901234567",
     "0.00012345678901234567"},
    {0.00001, "1e-05", "1e-05", "1e-05", "0.00001"},
    {0.00009999, "9.999e-05", "9.999e-05", "9.999e-05", "0.00009999"},
    {100000, "100000", "100000", "100000.0", "100000"},
    {123456, "123456", "123456", "123456.0", "123456"},
    {999999, "999999", "999999", "999999.0", "999999"},
    {999999.5, "999999.5", "999999.5", "999999.5", "999999.5"},
    {1000000, "1000000", "1e+06", "1e+06", "1000000"},
    {1234567, "1234567", "1.234567e+06", "1.234567e+06", "1234567"},
    {1234567.5, "1234567.5", "1.2345675e+06", "1.2345675e+06", "1234567.5"},
    {1e9, "1000000000", "1e+09", "1e+09", "1000000000"},
    {9007199254740991, "9007199254740991", "9.007199254740991e+15", "9.007199254740991e+15",
     "9007199254740991"},
    {9007199254740992, "9007199254740992", "9.007199254740992e+15", "9.007199254740992e+15",
     "9007199254740992"},
    {-9007199254740994, "-9007199254740994", "-9.007199254740994e+15", "-9.007199254740994e+15",
     "-9007199254740994"},
    {1e20, "100000000000000000000", "1e+20", "1e+20", "100000000000000000000"},
    {123456789012345680000.0, "123456789012345680000", "1.2345678901234568e+20", "1.2345678901234568e+20",
     "123456789012345680000"},
    {999999999999999900000.0, "999999999999999900000", "9.999999999999999e+20", "9.999999999999999e+20",
     "999999999999999900000"},
    {1e21, "1e+21", "1e+21", "1e+21", "1000000000000000000000"},
    {1e23, "1e+23", "1e+23", "1e+23", "100000000000000000000000"},
    {5e-324, "5e-324", "5e-324", "5e-324", NULL},
    {2.2250738585072014e-308, "2.2250738585072014e-308", "2.2250738585072014e-308", "2.2250738585072014e-308",
     NULL},
    {2.225073858507201e-308, "2.225073858507201e-308", "2.225073858507201e-308", "2.225073858507201e-308",
     NULL},
    {DBL_MAX, "1.7976931348623157e+308", "1.7976931348623157e+308", "1.7976931348623157e+308", NULL},
    {-DBL_MAX, "-1.7976931348623157e+308", "-1.7976931348623157e+308", "-1.7976931348623157e+308", NULL},
    {5.9604644775390625e-08, "5.960464477539063e-08", "5.960464477539063e-08", "5.960464477539063e-08",
     "0.00000005960464477539063"},
    {INFINITY, "+Inf", "+Inf", "+Inf", "+Inf"},
    {-INFINITY, "-Inf", "-Inf", "-Inf", "-Inf"},
    {NAN, "NaN", "NaN", "NaN", "NaN"},
    {-NAN, "NaN", "NaN", "NaN", "NaN"},
};

static void number_forms_are_those_of_go(void **state)
{
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(forms); i++) {
        CHECK_TEXT(written(ifm_number_write, forms[i].value), forms[i].text);
        CHECK_TEXT(written(ifm_number_write_g, forms[i].value), forms[i].g);
        CHECK_TEXT(written(ifm_number_write_canonical, forms[i].value), forms[i].canonical);
        if (forms[i].plain != NULL) {
            CHECK_TEXT(written(ifm_number_write_plain, forms[i].value), forms[i].plain);
        }
    }
    check_end();
}

static void number_writes_json_as_prometheus_does(void **state)
{
    static const struct {
        double value;
        const char *text;
    } rows[] = {
        {0, "0"},
        {-0.0, "-0"},
        {1e-6, "0.000001"},
        {9.9999999999e-7, "9.9999999999e-07"},
        {-1.5e-7, "-1.5e-07"},
        {0.00012, "0.00012"},
        {1e20, "100000000000000000000"},
        {999999999999999900000.0, "999999999999999900000"},
        {1e21, "1e+21"},
        {5e-324, "5e-324"},
        {-INFINITY, "-Inf"},
        {NAN, "NaN"},
    };
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        CHECK_TEXT(written(ifm_number_write_json, rows[i].value), rows[i].text);
    }
    check_end();
}

static void number_writes_integers(void **state)
{
    (void)state;
    char text[IFM_NUMBER_SIZE + 1], want[64];
    uint64_t power = 1;
    for (int digits = 1; digits <= 20; digits++, power *= 10) {
        for (uint64_t value = power - 1; value != power + 2; value++) {
            text[ifm_number_write_u64(text, value)] = '\0';
            snprintf(want, sizeof want, "%" PRIu64, value);
            CHECK_TEXT(text, want);
            text[ifm_number_write_i64(text, -(int64_t)(value / 2))] = '\0';
            snprintf(want, sizeof want, "%" PRId64, -(int64_t)(value / 2));
            CHECK_TEXT(text, want);
        }
    }
    text[ifm_number_write_u64(text, UINT64_MAX)] = '\0';
    CHECK_TEXT(text, "18446744073709551615");
    text[ifm_number_write_i64(text, INT64_MIN)] = '\0';
    CHECK_TEXT(text, "-9223372036854775808");
    text[ifm_number_write_i64(text, INT64_MAX)] = '\0';
    CHECK_TEXT(text, "9223372036854775807");
    check_end();
}

static void check_round_trip(double value)
{
    static write_function *const functions[] = {ifm_number_write, ifm_number_write_g, ifm_number_write_json,
                                                ifm_number_write_canonical, ifm_number_write_plain};
    for (size_t i = 0; i < IFM_COUNT_OF(functions); i++) {
        const char *text = written(functions[i], value);
        CHECK_DOUBLE(strtod(text, NULL), value);
    }
    double read = 0;
    const char *text = written(ifm_number_write, value);
    CHECK(ifm_number_read(text, strlen(text), &read));
    CHECK_DOUBLE(read, value);
}

static void number_round_trips_random_doubles(void **state)
{
    (void)state;
    uint64_t seed = 0x9E3779B97F4A7C15;
    char text[IFM_NUMBER_SIZE + 1];
    for (int i = 0; i < RANDOM_COUNT; i++) {
        double value = double_from(random_next(&seed));
        double read = 0;
        size_t length = ifm_number_write(text, value);
        text[length] = '\0';
        CHECK(ifm_number_read(text, length, &read));
        CHECK_DOUBLE(read, value);
        CHECK_DOUBLE(strtod(text, NULL), value);
    }
    check_end();
}

static void number_round_trips_powers_and_their_neighbours(void **state)
{
    (void)state;
    for (int i = -1074; i <= 1023; i++) {
        double value = ldexp(1, i);
        check_round_trip(value);
        check_round_trip(nextafter(value, INFINITY));
        check_round_trip(-nextafter(value, 0));
    }
    for (int i = -323; i <= 308; i++) {
        char text[16];
        snprintf(text, sizeof text, "1e%d", i);
        double value = strtod(text, NULL);
        check_round_trip(value);
        check_round_trip(nextafter(value, INFINITY));
        check_round_trip(-nextafter(value, 0));
    }
    check_end();
}

static void number_round_trips_subnormals(void **state)
{
    (void)state;
    uint64_t seed = 2;
    for (int i = 0; i < SHORTEST_COUNT / 10; i++) {
        check_round_trip(double_from(random_next(&seed) >> (12 + random_next(&seed) % 52)));
    }
    check_end();
}

/* The digits of "d.ddde+XX", without the point and without zeros at the end. */
static size_t significant_digits(const char *text)
{
    char digits[64];
    size_t count = 0;
    for (; *text != '\0' && *text != 'e'; text++) {
        if (*text >= '0' && *text <= '9' && (count > 0 || *text != '0')) {
            digits[count++] = *text;
        }
    }
    while (count > 1 && digits[count - 1] == '0') {
        count--;
    }
    return count;
}

/* A decimal of n digits inside the rounding interval, if there is one, is the nearest one below or above:
 * printf() gives the nearest of both, the other is tried by moving its last digit. */
static bool reads_back_with(double value, int digits)
{
    char text[64];
    snprintf(text, sizeof text, "%.*e", digits - 1, value);
    if (strtod(text, NULL) == value) {
        return true;
    }
    long double last = powl(10, floorl(log10l(fabsl((long double)value))) - digits + 1);
    for (int step = -1; step <= 1; step += 2) {
        snprintf(text, sizeof text, "%.*Le", digits - 1, strtold(text, NULL) + (long double)step * last);
        if (strtod(text, NULL) == value) {
            return true;
        }
        snprintf(text, sizeof text, "%.*e", digits - 1, value);
    }
    return false;
}

static void check_shortest(double value)
{
    const char *text = written(ifm_number_write, value);
    int digits = (int)significant_digits(text);
    if (digits > 1 && reads_back_with(value, digits - 1)) {
        CHECK_TEXT(text, "something shorter");
    }
    char nearest[64];
    snprintf(nearest, sizeof nearest, "%.*e", digits - 1, value);
    /* When the nearest of as many digits reads back, it is the one to write. */
    if (strtod(nearest, NULL) == value) {
        CHECK_DOUBLE((double)(strtold(nearest, NULL) - strtold(text, NULL)), 0.0);
    }
}

static void number_is_shortest_and_closest(void **state)
{
    (void)state;
    uint64_t seed = 3;
    for (int i = 0; i < SHORTEST_COUNT; i++) {
        double value = double_from(random_next(&seed));
        if (isfinite(value)) {
            check_shortest(value);
        }
        check_shortest((double)(random_next(&seed) >> 40) / 1000);
    }
    for (int i = -1074; i <= 1023; i++) {
        check_shortest(ldexp(1, i));
    }
    check_end();
}

static void number_ignores_the_locale(void **state)
{
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "pt_BR.UTF-8",
                                        "ru_RU.UTF-8"};
    locale_t comma = (locale_t)0;
    for (size_t i = 0; i < IFM_COUNT_OF(names) && comma == (locale_t)0; i++) {
        comma = newlocale(LC_ALL_MASK, names[i], (locale_t)0);
    }
    if (comma == (locale_t)0) {
        print_message("skipped: no locale with a decimal comma is installed\n");
        skip();
    }
    locale_t before = uselocale(comma);
    double read = 0;
    /* 40 digits: the way that goes through the C library. */
    static const char digits[] = "0.1000000000000000055511151231257827021182";
    bool ok = ifm_number_read(digits, sizeof digits - 1, &read);
    CHECK_TEXT(written(ifm_number_write, 1234.5), "1234.5");
    uselocale(before);
    freelocale(comma);
    CHECK(ok);
    CHECK_DOUBLE(read, 0.1);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(number_forms_are_those_of_go),
        cmocka_unit_test(number_writes_json_as_prometheus_does),
        cmocka_unit_test(number_writes_integers),
        cmocka_unit_test(number_round_trips_random_doubles),
        cmocka_unit_test(number_round_trips_powers_and_their_neighbours),
        cmocka_unit_test(number_round_trips_subnormals),
        cmocka_unit_test(number_is_shortest_and_closest),
        cmocka_unit_test(number_ignores_the_locale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
