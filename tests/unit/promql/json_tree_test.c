/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/promql/parse.h"

static void write_json(ifm_buf *out, const promql_node *node)
{
    promql_print_json(node, out);
}

#define FOO                                                                                                  \
    "{\"anchored\":false,\"matchers\":[{\"name\":\"__name__\",\"type\":\"=\",\"value\":\"foo\"}],"           \
    "\"name\":\"foo\",\"offset\":0,\"smoothed\":false,\"startOrEnd\":null,\"timestamp\":null,"               \
    "\"type\":\"vectorSelector\"}"
#define ONE "{\"type\":\"numberLiteral\",\"val\":\"1\"}"

static const parse_row rows[] = {
    {"1", ONE, "numbers are texts"},
    {"-Inf", "{\"type\":\"numberLiteral\",\"val\":\"-Inf\"}", "for not all of them are JSON's"},
    {"5m", "{\"type\":\"numberLiteral\",\"val\":\"300\"}", "durations are seconds"},
    {"'a\"\\n\\\\'", "{\"type\":\"stringLiteral\",\"val\":\"a\\\"\\u000a\\\\\"}", "escapes"},
    {"\"\\xff\xC3\xA4\"", "{\"type\":\"stringLiteral\",\"val\":\"\\ufffd\xC3\xA4\"}", "what is no UTF-8"},
    {"foo", FOO, "a selector"},
    {"(foo)", "{\"expr\":" FOO ",\"type\":\"parenExpr\"}", "parentheses"},
    {"-foo", "{\"expr\":" FOO ",\"op\":\"-\",\"type\":\"unaryExpr\"}", "a sign"},
    {"{a!=\"b\",c=~\"d\",e!~\"f\"} anchored @ end() offset -1m",
     "{\"anchored\":true,\"matchers\":[{\"name\":\"a\",\"type\":\"!=\",\"value\":\"b\"},{\"name\":\"c\","
     "\"type\":"
     "\"=~\",\"value\":\"d\"},{\"name\":\"e\",\"type\":\"!~\",\"value\":\"f\"}],\"name\":\"\",\"offset\":"
     "-60000,"
     "\"smoothed\":false,\"startOrEnd\":\"end\",\"timestamp\":null,\"type\":\"vectorSelector\"}",
     "matchers and modifiers"},
    {"foo[5m] smoothed @ 1.5 offset 1500ms",
     "{\"anchored\":false,\"matchers\":[{\"name\":\"__name__\",\"type\":\"=\",\"value\":\"foo\"}],"
     "\"name\":\"foo\",\"offset\":1500,\"range\":300000,\"smoothed\":true,\"startOrEnd\":null,"
     "\"timestamp\":1500,"
     "\"type\":\"matrixSelector\"}",
     "milliseconds"},
    {"foo[1h:] @ start()",
     "{\"expr\":" FOO
     ",\"offset\":0,\"range\":3600000,\"startOrEnd\":\"start\",\"step\":0,\"timestamp\":null,"
     "\"type\":\"subquery\"}",
     "a subquery without a step"},
    {"foo[1h + 1m:step()] offset (1m)",
     "{\"expr\":" FOO ",\"offset\":0,\"range\":0,\"startOrEnd\":null,\"step\":0,\"timestamp\":null,"
     "\"type\":\"subquery\"}",
     "what is computed has no place"},
    {"sum without (a, b) (foo)",
     "{\"expr\":" FOO ",\"grouping\":[\"a\",\"b\"],\"op\":\"sum\",\"param\":null,\"type\":\"aggregation\","
     "\"without\":true}",
     "an aggregation"},
    {"topk(1, foo)",
     "{\"expr\":" FOO ",\"grouping\":[],\"op\":\"topk\",\"param\":" ONE ",\"type\":\"aggregation\","
     "\"without\":false}",
     "with a parameter"},
    {"round(foo, 1)",
     "{\"args\":[" FOO "," ONE "],\"func\":{\"argTypes\":[\"vector\",\"scalar\"],\"name\":\"round\","
     "\"returnType\":\"vector\",\"variadic\":1},\"type\":\"call\"}",
     "a call"},
    {"time()",
     "{\"args\":[],\"func\":{\"argTypes\":[],\"name\":\"time\",\"returnType\":\"scalar\",\"variadic\":0},"
     "\"type\":\"call\"}",
     "without arguments"},
    {"1 < bool 1",
     "{\"bool\":true,\"lhs\":" ONE ",\"matching\":null,\"op\":\"<\",\"rhs\":" ONE ",\"type\":\"binaryExpr\"}",
     "scalars have no matching"},
    {"foo + on (a) group_left (b) fill_left (1) foo",
     "{\"bool\":false,\"lhs\":" FOO
     ",\"matching\":{\"card\":\"many-to-one\",\"fillValues\":{\"lhs\":1,\"rhs\":null},"
     "\"include\":[\"b\"],\"labels\":[\"a\"],\"on\":true},\"op\":\"+\",\"rhs\":" FOO
     ",\"type\":\"binaryExpr\"}",
     "matching"},
    {"foo - fill (NaN) foo",
     "{\"bool\":false,\"lhs\":" FOO
     ",\"matching\":{\"card\":\"one-to-one\",\"fillValues\":{\"lhs\":\"NaN\",\"rhs\":"
     "\"NaN\"},\"include\":[],\"labels\":[],\"on\":false},\"op\":\"-\",\"rhs\":" FOO
     ",\"type\":\"binaryExpr\"}",
     "a number that JSON does not have"},
    {"foo and foo",
     "{\"bool\":false,\"lhs\":" FOO
     ",\"matching\":{\"card\":\"many-to-many\",\"fillValues\":{\"lhs\":null,\"rhs\":"
     "null},\"include\":[],\"labels\":[],\"on\":false},\"op\":\"and\",\"rhs\":" FOO
     ",\"type\":\"binaryExpr\"}",
     "sets"},
};

static void json_has_the_members_of_parse_query(void **state)
{
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        CHECK_WRITES(rows[i].input, rows[i].want, rows[i].why, write_json);
    }
    check_end();
}

static void json_stops_at_the_limit_of_the_buffer(void **state)
{
    (void)state;
    parse_check_limits("sum by (a) (rate(foo{x=\"y\"}[5m] offset 1m)) + on (a) fill (2) bar", write_json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_has_the_members_of_parse_query),
        cmocka_unit_test(json_stops_at_the_limit_of_the_buffer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
