/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading of numbers: what is a number, and that it is the nearest double. strtod() of the C library, which
 * is exact, is the oracle for the latter.
 */
#include "base/base.h"
#include "check.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

enum { RANDOM_COUNT = 200000 };

static uint64_t random_next(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static const struct {
    const char *text;
    double want;
} accepted[] = {
    {"0", 0},
    {"-0", -0.0},
    {"+0", 0},
    {"1", 1},
    {"+1", 1},
    {"-1", -1},
    {"1.", 1},
    {".5", 0.5},
    {"-.5", -0.5},
    {"00001", 1},
    {"0000000000000000000000000000000000000000001", 1},
    {"1.50000000000000000000000000000000000000", 1.5},
    {"0.0000000000000000000000000000000000000000000000001", 1e-49},
    {"1e5", 1e5},
    {"1E5", 1e5},
    {"1e+5", 1e5},
    {"1e-5", 1e-5},
    {"1e0000000000000000000005", 1e5},
    {".1e1", 1},
    {"1.e1", 10},
    {"100000000000000016777215", 1.0000000000000001e+23},
    {"100000000000000016777216", 1.0000000000000003e+23},
    {"9007199254740993", 9007199254740992}, /* halfway, to even */
    {"9007199254740995", 9007199254740996}, /* halfway, to even, upwards */
    {"9007199254740993.0000000000000000000000000000000001", 9007199254740994},
    {"18446744073709551615", 18446744073709551616.0},
    {"1.7976931348623157e308", DBL_MAX},
    {"1.7976931348623158e308", DBL_MAX},
    {"2.2250738585072014e-308", DBL_MIN},
    {"2.2250738585072011e-308", 2.225073858507201e-308},
    {"5e-324", 5e-324},
    {"4.9406564584124654e-324", 5e-324},
    {"2.4703282292062328e-324", 5e-324},
    {"2.4703282292062327e-324", 0},
    {"1e-400", 0},
    {"-1e-400", -0.0},
    {"0e999999999999", 0},
    {"1e-999999999999", 0},
    {"inf", INFINITY},
    {"Inf", INFINITY},
    {"+Inf", INFINITY},
    {"+INF", INFINITY},
    {"-inf", -INFINITY},
    {"infinity", INFINITY},
    {"-Infinity", -INFINITY},
    {"nan", NAN},
    {"NaN", NAN},
    {"NAN", NAN},
    {"0x1p0", 1},
    {"0X1P0", 1},
    {"-0x1.8p1", -3},
    {"0x.8p1", 1},
    {"0x1.p4", 16},
    {"0xAbCdEfp+0", 0xABCDEF},
    {"0x1p-1074", 5e-324},
    {"0x1p-1075", 0},
    {"0x1.0000000000001p-1075", 5e-324},
    {"0x1.fffffffffffffp1023", DBL_MAX},
    {"0x1.fffffffffffff7p1023", DBL_MAX},
    {"0x0.0000000000000000000000000000000001p136", 1},
    {"0x1.00000000000008p0", 1},
    {"0x1.000000000000080000000000000000001p0", 1.0000000000000002},
    {"0x0p99999", 0},
};

static void read_accepts_what_go_accepts(void **state)
{
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(accepted); i++) {
        double value = 77;
        if (!ifm_number_read(accepted[i].text, strlen(accepted[i].text), &value)) {
            CHECK_TEXT(accepted[i].text, "a number");
        }
        CHECK_DOUBLE(value, accepted[i].want);
    }
    check_end();
}

static void read_refuses_what_is_no_number(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",    " ",   "1 ",    " 1",    "+",       "-",         ".",      "+.",    "e5",   ".e5",   "1e",
        "1e+", "1e-", "1e5 ",  "1e5.0", "1.2.3",   "--1",       "+-1",    "1-",    "1a",   "1_000", "0x1_0p0",
        "_1",  "1,5", "in",    "infi",  "infinit", "infinityx", "nanx",   "na",    "+nan", "-nan",  "nan(1)",
        "0x",  "0x1", "0x1.8", "0x.p1", "0xp1",    "0x1p",      "0x1p+",  "0x1pa", "0xg",  "x1",    "0b1",
        "0o1", "1p5", "1d5",   "1f",    "\t1",     "1\n",       "0x-1p0", "True",  "NULL", "I",     "n",
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        double value = 77;
        if (ifm_number_read(rows[i], strlen(rows[i]), &value)) {
            CHECK_TEXT(rows[i], "refused");
        }
        CHECK_DOUBLE(value, 77);
    }
    check_end();
}

static void read_looks_at_no_byte_beyond_the_text(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t size;
        double want;
    } rows[] = {{"12", 1, 1}, {"1e5", 1, 1}, {"1.5", 2, 1}, {"0x1p0", 1, 0}, {"nano", 3, NAN}};
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        double value = 77;
        CHECK(ifm_number_read(rows[i].text, rows[i].size, &value));
        CHECK_DOUBLE(value, rows[i].want);
    }
    static const char with_nul[] = "1\0002";
    double value;
    CHECK(!ifm_number_read(with_nul, 3, &value));
    check_end();
}

static void read_says_what_is_out_of_range(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        double want;
    } rows[] = {
        {"1e309", INFINITY},
        {"-1e309", -INFINITY},
        {"1.7976931348623159e308", INFINITY},
        /* 2^1024 - 2^970, halfway to what would be 2^1024 */
        {"17976931348623158079372897140530341507993413271003782693617377898044496829276475094664901797758"
         "72070963302864166928879109465555478519404026306574886715058206819089020007083836762738548458177"
         "11531764475730270069855571366959622842914819860834936475292719074168444365510704342711559699508"
         "093042880177904174497792",
         INFINITY},
        {"1e99999999999999999999", INFINITY},
        {"0x1p1024", INFINITY},
        {"-0x1.fffffffffffff8p1023", -INFINITY},
        {"0x1p99999999999999999999", INFINITY},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        double value = 77;
        CHECK(!ifm_number_read(rows[i].text, strlen(rows[i].text), &value));
        CHECK_DOUBLE(value, rows[i].want);
    }
    check_end();
}

static void check_as_strtod(const char *text)
{
    double value = 77;
    double want = strtod(text, NULL);
    bool ok = ifm_number_read(text, strlen(text), &value);
    CHECK_INT(ok, isfinite(want));
    CHECK_DOUBLE(value, want);
}

static void read_is_the_nearest_double_to_random_decimals(void **state)
{
    (void)state;
    uint64_t seed = 4;
    char text[128];
    for (int i = 0; i < RANDOM_COUNT; i++) {
        uint64_t digits = random_next(&seed) >> random_next(&seed) % 64;
        snprintf(text, sizeof text, "%" PRIu64 "e%d", digits, (int)(random_next(&seed) % 700) - 350);
        check_as_strtod(text);
        snprintf(text, sizeof text, "%" PRIu64 ".%020" PRIu64 "e%d", digits, random_next(&seed),
                 (int)(random_next(&seed) % 40) - 20);
        check_as_strtod(text);
        snprintf(text, sizeof text, "0x%" PRIx64 ".%" PRIX64 "p%d", digits, random_next(&seed),
                 (int)(random_next(&seed) % 2300) - 1150);
        check_as_strtod(text);
    }
    check_end();
}

/* Points halfway between two doubles, exact to their last digit, and one unit of that digit beside. */
static void read_decides_halfway_points(void **state)
{
    (void)state;
    uint64_t seed = 5;
    static char text[1200];
    for (int i = 0; i < RANDOM_COUNT / 100; i++) {
        uint64_t bits = random_next(&seed) >> 1;
        double value;
        memcpy(&value, &bits, sizeof value);
        double next = nextafter(value, INFINITY);
        if (!isfinite(next) || value == 0) {
            continue;
        }
        /* A long double holds one bit more than both: exactly halfway. */
        long double half = ((long double)value + (long double)next) / 2;
        snprintf(text, sizeof text, "%.800Le", half);
        check_as_strtod(text);
        char *last = strchr(text, 'e') - 1;
        *last = '1';
        check_as_strtod(text);
    }
    check_end();
}

/* The digit that decides stands behind all that a buffer of fixed size would keep. */
static void read_sees_digits_far_behind(void **state)
{
    (void)state;
    static char text[5000];
    memset(text, '0', sizeof text);
    memcpy(text, "9007199254740993.", 17);
    double value = 0;
    CHECK(ifm_number_read(text, sizeof text, &value));
    CHECK_DOUBLE(value, 9007199254740992);
    text[sizeof text - 1] = '1';
    CHECK(ifm_number_read(text, sizeof text, &value));
    CHECK_DOUBLE(value, 9007199254740994);
    memset(text, '1', sizeof text);
    CHECK(!ifm_number_read(text, sizeof text, &value));
    CHECK_DOUBLE(value, INFINITY);
    memcpy(text + sizeof text - 6, "e-4990", 6);
    CHECK(ifm_number_read(text, sizeof text, &value));
    CHECK_DOUBLE(value, 1111.1111111111111);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_accepts_what_go_accepts),
        cmocka_unit_test(read_refuses_what_is_no_number),
        cmocka_unit_test(read_looks_at_no_byte_beyond_the_text),
        cmocka_unit_test(read_says_what_is_out_of_range),
        cmocka_unit_test(read_is_the_nearest_double_to_random_decimals),
        cmocka_unit_test(read_decides_halfway_points),
        cmocka_unit_test(read_sees_digits_far_behind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
