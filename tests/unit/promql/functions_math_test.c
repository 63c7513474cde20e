/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"

#include "unit/promql/evaluate.h"

static fake_storage fake;

static void numbers_are_computed(void **state)
{
    (void)state;
    static const evaluate_row rows[] = {
        {"abs(vector(-2))", "{} 2"},      {"ceil(vector(1.2))", "{} 2"},
        {"floor(vector(-1.2))", "{} -2"}, {"exp(vector(0))", "{} 1"},
        {"ln(vector(1))", "{} 0"},        {"log2(vector(8))", "{} 3"},
        {"log10(vector(1000))", "{} 3"},  {"sqrt(vector(9))", "{} 3"},
        {"sqrt(vector(-9))", "{} NaN"},   {"sgn(vector(-3))", "{} -1"},
        {"sgn(vector(0))", "{} 0"},       {"sgn(vector(NaN))", "{} NaN"},
        {"sin(vector(0))", "{} 0"},       {"cos(vector(0))", "{} 1"},
        {"tan(vector(0))", "{} 0"},       {"asin(vector(2))", "{} NaN"},
        {"acos(vector(1))", "{} 0"},      {"atan(vector(0))", "{} 0"},
        {"sinh(vector(0))", "{} 0"},      {"cosh(vector(0))", "{} 1"},
        {"tanh(vector(Inf))", "{} 1"},    {"asinh(vector(0))", "{} 0"},
        {"acosh(vector(1))", "{} 0"},     {"atanh(vector(1))", "{} +Inf"},
        {"deg(vector(pi()))", "{} 180"},  {"rad(vector(180)) - pi()", "{} 0"},
        {"pi()", "3.141592653589793"},    {"max_of(1, NaN)", "NaN"},
        {"max_of(Inf, NaN)", "+Inf"},     {"min_of(2, 1)", "1"},
    };
    evaluate_rows(&fake, 0, rows, IFM_COUNT_OF(rows));
    check_end();
}

static void numbers_are_rounded_and_clamped(void **state)
{
    (void)state;
    static const evaluate_row rows[] = {
        {"round(vector(2.5))", "{} 3"},         {"round(vector(-2.5))", "{} -2"},
        {"round(vector(17), 5)", "{} 15"},      {"round(vector(0.44), 0.1)", "{} 0.4"},
        {"clamp(vector(7), 1, 5)", "{} 5"},     {"clamp(vector(0), 1, 5)", "{} 1"},
        {"clamp(vector(3), 5, 1)", ""},         {"clamp(vector(NaN), 1, 5)", "{} NaN"},
        {"clamp(vector(3), NaN, 5)", "{} NaN"}, {"clamp_min(vector(-1), 0)", "{} 0"},
        {"clamp_max(vector(9), 4)", "{} 4"},
    };
    evaluate_rows(&fake, 0, rows, IFM_COUNT_OF(rows));
    check_end();
}

static void names_go(void **state)
{
    (void)state;
    static const evaluate_row rows[] = {
        {"abs(m)", "{a=\"b\"} 1"},
        {"round(m)", "{a=\"b\"} 1"},
        {"clamp_min(m, 2)", "{a=\"b\"} 2"},
        {"hour(m)", "{a=\"b\"} 0"},
    };
    evaluate_rows(&fake, 0, rows, IFM_COUNT_OF(rows));
    check_end();
}

static void dates_are_those_of_the_step(void **state)
{
    (void)state;
    static const evaluate_row rows[] = {
        {"hour()", "{} 13"},
        {"minute()", "{} 46"},
        {"day_of_month()", "{} 9"},
        {"day_of_week()", "{} 0"},
        {"day_of_year()", "{} 252"},
        {"days_in_month()", "{} 30"},
        {"month()", "{} 9"},
        {"year()", "{} 2001"},
        {"year(vector(0))", "{} 1970"},
        {"day_of_week(vector(86400 * 3))", "{} 0"},
    };
    evaluate_rows(&fake, 1000043200000, rows, IFM_COUNT_OF(rows));
    check_end();
}

int main(void)
{
    fake_init(&fake);
    fake_append(fake_add(&fake, "m", "a", "b"), 0, 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_computed),
        cmocka_unit_test(numbers_are_rounded_and_clamped),
        cmocka_unit_test(names_go),
        cmocka_unit_test(dates_are_those_of_the_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
