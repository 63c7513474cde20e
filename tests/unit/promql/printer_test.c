/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/promql/parse.h"

static const char *const texts[] = {
    "Inf ^ 2",
    "-Inf ^ 2",
    "+Inf",
    "2 ^ Inf ^ Inf",
    "1 - -1",
    "-0",
    "-0s",
    "0.1",
    "1e308",
    "5e-324",
    "-(1) ^ -(2)",
    "a - on () group_left () -b",
    "sum(sum(sum)) by (by)",
    "and and on (and) and",
    "{\"\\xff\\n\"}",
    "{\"a\"=\"b\",c!~\"\",\"\"=\"x\"}",
    "info(a, {})",
    "a[0.001]",
    "rate(a[9007199.2547] offset -0.0000001)",
    "rate(a[106751d23h47m16s854ms])",
    "a @ 9223372036854775.806",
    "a @ -9223372036854775.808",
    "a @ 9e18",
    "a offset +(1) ^ 2",
    "a offset --1 ^ 2 ^ 3",
    "a offset -+1 ^ 2",
    "a offset +-1 ^ -2m",
    "a offset --+1 ^ 2",
    "a offset +-step() % 5",
    "a offset -+(5)",
    "a offset ((--5))",
    "a[--5]",
    "a offset (1) @ 5 ^ 2",
    "a offset --step() @ 5 * 2",
    "a[5m:] offset (1) @ 5",
    "a offset (1) anchored + 1",
    "rate(a[5m] offset --(1) @ end())",
    "a offset -(1) @ 5 ^ 2",
    "a offset -step() @ 5 ^ 2",
    "a[-(-5)]",
    "a[+(5)]",
    "a[2 ^ -1 ^ 2]",
    "a[-2 ^ 2 + 100]",
    "a[5 - -(4)]",
    "a[(1m):(1s)]",
    "a[1m] smoothed",
    "a + fill_right(1) fill_left(-0) b",
    "a + fill(0xf) b",
    "fill_left + fill_left (1) fill_right",
    "-1m ^ -1s",
    "\"\\u00a0\\u2028\\U000e0001\\ufffd\"",
    "'\\xf0\\x90'",
    "sum without (\"\\u00e9\", e) (a)",
    "quantile by (x) (0.9, a{b=\"c\"} offset 1h)",
    "a atan2 -b unless c </ 1",
    "(((1)))",
    "- - -a",
    "+a",
    "a == bool on (x) group_right (y) b",
    "step() ^ range()",
};

static void printer_writes_what_parses_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(texts); i++) {
        char *printed = parse_write(texts[i], strlen(texts[i]), parse_printed);
        char *tree = parse_write(texts[i], strlen(texts[i]), parse_tree);
        assert_true(printed != NULL && tree != NULL);
        CHECK(strstr(printed, "parse error") == NULL);
        CHECK_WRITES(printed, printed, texts[i], parse_printed);
        CHECK_WRITES(printed, tree, texts[i], parse_tree);
        ifm_free(tree);
        ifm_free(printed);
    }
    check_end();
}

static void printer_writes_as_prometheus_does(void **state)
{
    (void)state;
    static const parse_row rows[] = {
        {"sum by(a,b)(x)", "sum by (a, b) (x)", "spaces around labels"},
        {"a+on(b)group_left(c)d", "a + on (b) group_left (c) d", "and operators"},
        {"vector(Inf)", "vector(+Inf)", "infinity has a sign"},
        {"Inf ^ 2", "Inf ^ 2", "but where it would read back as another tree"},
        {"-a", "-a", "no space behind a sign"},
        {"foo{b=\"2\",a=\"1\"}", "foo{a=\"1\",b=\"2\"}", "no space between matchers"},
        {"time ( )", "time()", "nor in parentheses"},
        {"0.00001", "0.00001", "never an exponent"},
        {"'a`\\t\\x00\xC3\xA4'", "\"a`\\t\\x00\xC3\xA4\"", "strings in double quotes"},
        {"foo offset 1d12h", "foo offset 1d12h", "durations"},
        {"foo offset 1m @ 5", "foo @ 5.000 offset 1m", "the offset last"},
        {"foo offset (1m) @ 5", "foo offset (1m) @ 5.000", "unless an operator could join it"},
        {"foo[1w1d]", "foo[8d]", "in days unless weeks are whole"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        CHECK_WRITES(rows[i].input, rows[i].want, rows[i].why, parse_printed);
    }
    check_end();
}

static void printer_stops_at_the_limit_of_the_buffer(void **state)
{
    (void)state;
    parse_check_limits("sum by (a) (rate(foo{x=\"y\",b=\"c\",a=\"d\"}[5m] offset (1m * 2))) + 1000000",
                       parse_printed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(printer_writes_what_parses_back),
        cmocka_unit_test(printer_writes_as_prometheus_does),
        cmocka_unit_test(printer_stops_at_the_limit_of_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
