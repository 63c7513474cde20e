/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/promql/parse.h"

static void functions_are_found_by_name(void **state)
{
    (void)state;
    size_t count = 0;
    size_t experimental = 0;
    for (const promql_function *f; (f = promql_function_at(count)) != NULL; count++) {
        const promql_function *next = promql_function_at(count + 1);
        CHECK(next == NULL || strcmp(f->name, next->name) < 0); /* sorted */
        CHECK(promql_function_find(f->name, strlen(f->name)) == f);
        CHECK(promql_function_find(f->name, strlen(f->name) - 1) != f);
        CHECK(f->type_count <= PROMQL_ARGUMENT_TYPES_MAX);
        CHECK(f->variadic == 0 || f->type_count > 0);
        CHECK(f->result == PROMQL_TYPE_SCALAR || f->result == PROMQL_TYPE_VECTOR);
        for (size_t i = 0; i < PROMQL_ARGUMENT_TYPES_MAX; i++) {
            CHECK((f->types[i] != PROMQL_TYPE_NONE) == (i < f->type_count));
        }
        experimental += f->experimental;
    }
    CHECK_INT(count, 73 + 17); /* of Prometheus 3.14 */
    CHECK_INT(experimental, 17);
    check_end();
}

static void functions_of_other_names_are_not_found(void **state)
{
    (void)state;
    static const promql_text names[] = {{"", 0},
                                        {"a", 1},
                                        {"ratex", 5},
                                        {"RATE", 4},
                                        {"holt_winters", 12},
                                        {"sum", 3},
                                        {"rate\0\0\0\0\0", 9},
                                        {"zzz", 3}};
    for (size_t i = 0; i < IFM_COUNT_OF(names); i++) {
        CHECK(promql_function_find(names[i].data, names[i].size) == NULL);
    }
    check_end();
}

static void aggregations_and_operators_have_names(void **state)
{
    (void)state;
    size_t experimental = 0;
    for (int i = 0; i < PROMQL_AGGREGATION_COUNT; i++) {
        const promql_aggregation_info *info = promql_aggregation_get((promql_aggregation)i);
        assert_non_null(info);
        CHECK(info->name != NULL && promql_function_find(info->name, strlen(info->name)) == NULL);
        experimental += info->experimental;
    }
    CHECK_INT(experimental, 2);
    CHECK(promql_aggregation_get(PROMQL_AGGREGATION_COUNT) == NULL);
    CHECK_TEXT(promql_aggregation_get(PROMQL_TOPK)->name, "topk");
    for (int i = 0; i < PROMQL_OPERATOR_COUNT; i++) {
        CHECK(promql_operator_name((promql_operator)i) != NULL);
    }
    CHECK(promql_operator_name(PROMQL_OPERATOR_COUNT) == NULL);
    CHECK_TEXT(promql_operator_name(PROMQL_UNLESS), "unless");
    CHECK_TEXT(promql_type_name(PROMQL_TYPE_MATRIX), "range vector");
    check_end();
}

static bool append_feature(void *context, const promql_node *node, const promql_node *parent)
{
    (void)parent;
    const char *feature = promql_feature(node);
    if (feature != NULL) {
        ifm_buf_printf(context, "%s@%u ", feature, node->start);
    }
    return true;
}

static void write_features(ifm_buf *out, const promql_node *root)
{
    promql_visit(root, append_feature, out);
}

static void feature_names_what_a_node_needs(void **state)
{
    (void)state;
    static const parse_row rows[] = {
        {"sum(rate(foo[5m])) + first_over_time(a[5m])", "", "stable"},
        {"a </ 1 + foo[step() * 2:] + 1",
         "1:10: parse error: binary expression must contain only scalar and instant "
         "vector types",
         "types come first"},
        {"sum(mad_over_time(foo[5m]))", "promql-experimental-functions@4 ", "a function"},
        {"limitk(1, foo)", "promql-experimental-functions@0 ", "an aggregation"},
        {"rate(foo[5m] anchored)", "promql-extended-range-selectors@5 ", "a selector"},
        {"1 + (a + fill(0) b)", "promql-binop-fill-modifiers@5 ", "an operator"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        CHECK_WRITES(rows[i].input, rows[i].want, rows[i].why, write_features);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(functions_are_found_by_name),
        cmocka_unit_test(functions_of_other_names_are_not_found),
        cmocka_unit_test(aggregations_and_operators_have_names),
        cmocka_unit_test(feature_names_what_a_node_needs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
