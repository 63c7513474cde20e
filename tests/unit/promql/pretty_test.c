/* SPDX-License-Identifier: Apache-2.0
 *
 * Over how many lines an expression goes, and that what was laid out is read back as the same.
 */
#include "unit/promql/parse.h"

/* 50 bytes each, so that two of them are too long for a line. */
#define METRIC_A "metric_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define METRIC_B "metric_bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define TEXT_90  "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static void write_pretty(ifm_buf *out, const promql_node *node)
{
    promql_print_pretty(node, out);
}

static const parse_row rows[] = {
    {"1+1", "1 + 1", "short ones stay on their line"},
    {METRIC_A "{a=\"" TEXT_90 "\",b=\"" TEXT_90 "\"}", METRIC_A "{a=\"" TEXT_90 "\",b=\"" TEXT_90 "\"}",
     "a selector is never split"},
    {"\"" TEXT_90 TEXT_90 "\"", "\"" TEXT_90 TEXT_90 "\"", "nor is a string"},
    {METRIC_A "{a=\"" TEXT_90 "\"}[5m] offset 1m", METRIC_A "{a=\"" TEXT_90 "\"}[5m] offset 1m",
     "nor a range"},
    {METRIC_A " + " METRIC_B, "  " METRIC_A "\n+\n  " METRIC_B, "operands are a level deeper"},
    {METRIC_A " == bool on (x) group_left (y) " METRIC_B,
     "  " METRIC_A "\n== bool on (x) group_left (y)\n  " METRIC_B, "matching stays with the operator"},
    {METRIC_A " + fill (0) " METRIC_B, "  " METRIC_A "\n+ fill (0)\n  " METRIC_B, "and what fills in"},
    {METRIC_A " + " METRIC_B " * 2", "  " METRIC_A "\n+\n  " METRIC_B " * 2",
     "an operand that fits is not split"},
    {METRIC_A " * " METRIC_B " + 2", "    " METRIC_A "\n  *\n    " METRIC_B "\n+\n  2",
     "one that does not is"},
    {"sum by (job) (" METRIC_A " + " METRIC_B ")",
     "sum by (job) (\n    " METRIC_A "\n  +\n    " METRIC_B "\n)", "aggregations"},
    {"topk(5, " METRIC_A " + " METRIC_B ")", "topk(\n  5,\n    " METRIC_A "\n  +\n    " METRIC_B "\n)",
     "their parameter has a line"},
    {"sum(max(rate(" METRIC_A "{a=\"xxxxxxxxxxxxxxxxxxxxxxxxx\"}[5m])))",
     "sum(\n  max(rate(" METRIC_A "{a=\"xxxxxxxxxxxxxxxxxxxxxxxxx\"}[5m]))\n)",
     "splitting ends where a line is short enough"},
    {"clamp(" METRIC_A " + " METRIC_B ", 0, 1)",
     "clamp(\n    " METRIC_A "\n  +\n    " METRIC_B ",\n  0,\n  1\n)", "each argument has its lines"},
    {"(" METRIC_A " + " METRIC_B ")", "(\n    " METRIC_A "\n  +\n    " METRIC_B "\n)", "parentheses"},
    {"-(" METRIC_A " + " METRIC_B ")", "-(\n    " METRIC_A "\n  +\n    " METRIC_B "\n)",
     "a sign stands first"},
    {"-" METRIC_A " ^ " METRIC_B, "-" METRIC_A "\n^\n  " METRIC_B, "without a space behind it"},
    {"1 + -(" METRIC_A " + " METRIC_B ")", "  1\n+\n  -(\n      " METRIC_A "\n    +\n      " METRIC_B "\n  )",
     "also below the first level"},
    {"Inf ^ (" METRIC_A " + " METRIC_B ")",
     "  Inf\n^\n  (\n      " METRIC_A "\n    +\n      " METRIC_B "\n  )", "infinity has no sign here"},
    {"(" METRIC_A " + " METRIC_B ")[5m:1m] @ end() offset 1m",
     "(\n    " METRIC_A "\n  +\n    " METRIC_B "\n)[5m:1m] @ end() offset 1m",
     "a subquery ends in its brackets"},
    {"max_over_time(" METRIC_A "[5m:1m]) + " METRIC_B, "  max_over_time(" METRIC_A "[5m:1m])\n+\n  " METRIC_B,
     "a short one within a line"},
    {"quantile_over_time(scalar(" METRIC_B "), " METRIC_A "[5m:1m])",
     "quantile_over_time(\n  scalar(" METRIC_B "),\n" METRIC_A "[5m:1m]\n)",
     "and one on a line of its own, without indentation as Prometheus has it"},
    {"foo offset (1m) @ 5 + " METRIC_A " + " METRIC_B,
     "  foo offset (1m) @ 5.000 + " METRIC_A "\n+\n  " METRIC_B, "computed offsets end as ever"},
};

static void pretty_lays_out_as_prometheus_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        CHECK_WRITES(rows[i].input, rows[i].want, rows[i].why, write_pretty);
    }
    check_end();
}

static void pretty_is_read_back_as_the_same(void **state)
{
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        char *line = parse_write(rows[i].input, strlen(rows[i].input), parse_printed);
        char *tree = parse_write(rows[i].input, strlen(rows[i].input), parse_tree);
        assert_true(line != NULL && tree != NULL);
        CHECK_WRITES(rows[i].want, line, rows[i].why, parse_printed);
        CHECK_WRITES(rows[i].want, tree, rows[i].why, parse_tree);
        CHECK_WRITES(rows[i].want, rows[i].want, rows[i].why, write_pretty);
        ifm_free(tree);
        ifm_free(line);
    }
    check_end();
}

static void pretty_splits_what_has_more_than_100_bytes(void **state)
{
    (void)state;
    static const size_t sizes[] = {99, 100, 101, 102};
    for (size_t i = 0; i < IFM_COUNT_OF(sizes); i++) {
        char text[256];
        char *written;
        snprintf(text, sizeof text, "sum(%.*s)", (int)(sizes[i] - 5), TEXT_90 TEXT_90);
        written = parse_write(text, strlen(text), write_pretty);
        CHECK_INT(strlen(text), sizes[i]);
        CHECK(written != NULL && (strchr(written, '\n') != NULL) == (sizes[i] > 100));
        ifm_free(written);
    }
    check_end();
}

/* As deep as trees get: every level asks whether it fits, which must not print all of it each time. */
static void pretty_takes_no_time_for_a_deep_tree(void **state)
{
    (void)state;
    enum { TERMS = 950 };
    ifm_buf text;
    ifm_buf_init(&text, PARSE_TEXT_MAX);
    ifm_buf_append_text(&text, "foo");
    for (size_t i = 0; i < TERMS; i++) {
        ifm_buf_printf(&text, " or sum by (a, b, c) (foo{a=\"%s\",b=\"%zu\"})", TEXT_90, i);
    }
    assert_int_equal(text.failed, IFM_OK);
    ifm_bump arena;
    ifm_error err = {.code = IFM_OK};
    ifm_bump_init(&arena, PARSE_MEMORY_MAX);
    const promql_node *root = promql_parse(text.data, text.size, &arena, &err);
    assert_non_null(root);
    ifm_buf out;
    ifm_buf_init(&out, PARSE_TEXT_MAX);
    promql_print_pretty(root, &out);
    CHECK_INT(out.failed, IFM_OK);
    CHECK(out.size > text.size);
    ifm_buf_deinit(&out);
    ifm_bump_deinit(&arena);
    ifm_buf_deinit(&text);
    check_end();
}

static void pretty_stops_at_the_limit_of_the_buffer(void **state)
{
    (void)state;
    parse_check_limits("sum by (a) (clamp(" METRIC_A " + " METRIC_B ", 0, 1))", write_pretty);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pretty_lays_out_as_prometheus_does),
        cmocka_unit_test(pretty_is_read_back_as_the_same),
        cmocka_unit_test(pretty_splits_what_has_more_than_100_bytes),
        cmocka_unit_test(pretty_takes_no_time_for_a_deep_tree),
        cmocka_unit_test(pretty_stops_at_the_limit_of_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
