/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/promql/parse.h"

typedef struct seen {
    ifm_buf text;
    promql_kind stop; /* do not enter nodes of this kind */
} seen;

static bool append_kind(void *context, const promql_node *node, const promql_node *parent)
{
    static const char *const kinds[] = {"number", "string",    "vector", "matrix", "subquery", "unary",
                                        "binary", "aggregate", "call",   "paren",  "duration"};
    seen *s = context;
    ifm_buf_printf(&s->text, "%s<%s ", kinds[node->kind], parent == NULL ? "" : kinds[parent->kind]);
    return node->kind != s->stop;
}

static char *visited(const char *text, promql_kind stop)
{
    ifm_bump arena;
    ifm_error err = {.message = ""};
    size_t size;
    seen s = {.stop = stop};
    ifm_bump_init(&arena, PARSE_MEMORY_MAX);
    ifm_buf_init(&s.text, PARSE_TEXT_MAX);
    const promql_node *root = promql_parse(text, strlen(text), &arena, &err);
    CHECK_TEXT(err.message, "");
    assert_non_null(root);
    promql_visit(root, append_kind, &s);
    ifm_bump_deinit(&arena);
    return ifm_buf_take(&s.text, &size, &err);
}

static void visit_goes_from_parents_to_children_in_order(void **state)
{
    (void)state;
    static const parse_row rows[] = {
        {"-(a + 1)", "unary< paren<unary binary<paren vector<binary number<binary ", "operators"},
        {"topk(5, rate(a[step()]))",
         "aggregate< number<aggregate call<aggregate matrix<call vector<matrix duration<matrix ", "calls"},
        {"label_join(a, \"b\", \"c\")", "call< vector<call string<call string<call ", "arguments"},
        {"a[(1m):1s*2] offset -step()",
         "subquery< vector<subquery duration<subquery number<duration duration<subquery number<duration "
         "number<duration duration<subquery duration<duration ",
         "range, step, offset"},
        {"a[5m] offset step()", "matrix< vector<matrix duration<vector ",
         "an offset belongs to the selector"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        char *got = visited(rows[i].input, (promql_kind)-1);
        parse_compare(__FILE__, __LINE__, rows[i].input, rows[i].why, got, rows[i].want);
    }
    check_end();
}

static void visit_leaves_out_what_is_not_wanted(void **state)
{
    (void)state;
    char *got = visited("sum(a) + rate(b[5m])", PROMQL_AGGREGATE);
    CHECK_TEXT(got, "binary< aggregate<binary call<binary matrix<call vector<matrix ");
    ifm_free(got);
    got = visited("sum(a) + rate(b[5m])", PROMQL_BINARY);
    CHECK_TEXT(got, "binary< ");
    ifm_free(got);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(visit_goes_from_parents_to_children_in_order),
        cmocka_unit_test(visit_leaves_out_what_is_not_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
