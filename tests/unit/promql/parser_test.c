/* SPDX-License-Identifier: Apache-2.0 */
#include "torture.h"
#include "unit/promql/parse.h"

static void check_rows(const parse_row *rows, size_t count, parse_writer *writer)
{
    for (size_t i = 0; i < count; i++) {
        CHECK_WRITES(rows[i].input, rows[i].want, rows[i].why, writer);
    }
    check_end();
}

static void parser_groups_by_precedence(void **state)
{
    (void)state;
    static const parse_row rows[] = {
        {"a + b * c ^ d", "(+ a (* b (^ c d)))", "each binds tighter than the one before"},
        {"a ^ b * c + d", "(+ (* (^ a b) c) d)", "whatever the order"},
        {"a or b and c == d + e", "(or a (and b (== c (+ d e))))", "words and comparisons bind loosest"},
        {"a and b unless c or d", "(or (unless (and a b) c) d)", "and, unless are one level, or is below"},
        {"a - b - c", "(- (- a b) c)", "from the left"},
        {"a ^ b ^ c", "(^ a (^ b c))", "the power from the right"},
        {"a atan2 b * c / d % e", "(% (/ (* (atan2 a b) c) d) e)", "atan2 is a multiplication"},
        {"a < b </ c >= d", "(>= (</ (< a b) c) d)", "trim operators are comparisons here"},
        {"(a + b) * c", "(* [(+ a b)] c)", "parentheses stay in the tree"},
        {"-a ^ b", "(- (^ a b))", "a sign binds looser than the power"},
        {"-a * b", "(* (- a) b)", "and as tight as multiplication"},
        {"a ^ -b * c", "(* (^ a (- b)) c)", "also behind a power"},
        {"a - -b", "(- a (- b))", "signs follow operators"},
        {"--a", "(- (- a))", "signs follow signs"},
        {"-1 ^ 2", "(- (^ 1 2))", "a number with a power has no sign of its own"},
        {"-1 * 2", "(* -1 2)", "else the sign is part of the number"},
        {"+1 - -2", "(- 1 -2)", "so is a plus"},
        {"- -1", "1", "twice"},
        {"a + on (x) b / on (y) group_right (z) c", "(+ a (/ b c))", "matching changes no precedence"},
    };
    check_rows(rows, IFM_COUNT_OF(rows), parse_tree);
}

static void parser_ends_offsets_where_prometheus_does(void **state)
{
    (void)state;
    static const parse_row rows[] = {
        {"foo offset 5m + 1", "(+ foo offset 5m 1)", "an operator behind a literal is the selector's"},
        {"foo offset -2 ^ 2", "(^ foo offset -2s 2)", "a sign belongs to the literal"},
        {"foo offset step() * 2", "(* foo@<11> 2)", "behind a call, too"},
        {"foo offset -step() * 2", "(* foo@<8 <11>> 2)", "with a sign as well"},
        {"foo offset -(1m + 1m) * 2", "(* foo@<8 <10 <0 1m 1m>>> 2)", "behind parentheses with a sign"},
        {"foo offset +(1m + 1m) * 2", "(* foo@<9 <10 <0 1m 1m>>> 2)", "of which a plus is kept for printing"},
        {"foo offset (1m + 1m) * 2", "foo@<2 <10 <0 1m 1m>> 2>", "parentheses alone begin an expression"},
        {"foo offset --1 * 2", "foo@<10 <2 1 2>>", "so do two signs"},
        {"foo offset (-2 ^ 2)", "foo@<10 <8 <5 2 2>>>", "a sign binds looser than the power"},
        {"foo offset ((1m))", "foo@<10 1m>", "parentheses in parentheses are one"},
        {"foo offset min_of(step(), 1s) + 8", "(+ foo@<6 <11> 1s> 8)", "min_of() is a call"},
        {"foo offset max_of(3s, range()*2) + 8", "(+ foo@<7 3s <2 <12> 2>> 8)", "with expressions in it"},
        {"foo offset (1m) == 1", "(== foo@<10 1m> 1)", "comparisons are no arithmetic"},
    };
    check_rows(rows, IFM_COUNT_OF(rows), parse_tree);
}

static void parser_reads_literals(void **state)
{
    (void)state;
    static const parse_row rows[] = {
        {"1", "1", "integer"},
        {"0x1F", "31", "hexadecimal"},
        {"0X_ff", "255", "an underscore behind the prefix"},
        {"0755", "493", "octal"},
        {"0899", "899", "decimal, as it is not octal"},
        {"1_000_000", "1000000", "underscores"},
        {"1_0.5_0e1_0", "105000000000", "underscores everywhere"},
        {".5", "0.5", "no digit before the point"},
        {"5.", "5", "none behind it"},
        {"5e-3", "0.005", "exponent"},
        {"1E+3", "1000", "with a sign"},
        {"9223372036854775807", "9223372036854776000", "the largest integer, printed shortest"},
        {"18446744073709551616", "18446744073709552000", "larger: a float"},
        {"1e400000000000",
         "1:1: parse error: error parsing number: strconv.ParseFloat: parsing \"1e400000000000\": "
         "value out of range",
         "too large"},
        {"1e-400", "0", "too small is zero"},
        {"inf", "+Inf", "infinite, in any case"},
        {"-INF", "-Inf", "with a sign"},
        {"NaN", "NaN", "not a number"},
        {"-nan", "NaN", "has no sign"},
        {"5m", "5m", "a duration is a number"},
        {"-1h30m", "-1h30m", "with a sign"},
        {"90m", "1h30m", "printed in the largest units"},
        {"1y2w3d4h5m6s7ms", "382d4h5m6s7ms", "all units; years only when nothing is left"},
        {"365d", "1y", "a year"},
        {"14d", "2w", "weeks"},
        {"0s", "0s", "nothing"},
        {"1 # one\n + # two\r2", "1 + 2", "comments end with the line"},
        {"\"\\a\\b\\f\\n\\r\\t\\v\\\\\\\"\"", "\"\\a\\b\\f\\n\\r\\t\\v\\\\\\\"\"", "escapes"},
        {"'it''s'", "1:5: parse error: unexpected string \"'s'\"", "quotes are not doubled"},
        {"'\\'\"'", "\"'\\\"\"", "single quotes become double ones"},
        {"`a\\n\nb`", "\"a\\\\n\\nb\"", "raw: no escapes, line breaks allowed"},
        {"\"\\x41\\101\\u00e9\\U0001F600\"", "\"AA\xC3\xA9\xF0\x9F\x98\x80\"", "numbers of characters"},
        {"\"\\xff\\377\"", "\"\\xff\\xff\"", "bytes that are no characters"},
        {"\"\xE2\x80\xA8\"", "\"\\u2028\"", "what cannot be seen is escaped"},
    };
    check_rows(rows, IFM_COUNT_OF(rows), parse_printed);
}

static void parser_reads_selectors(void **state)
{
    (void)state;
    static const parse_row rows[] = {
        {"foo", "foo", "a name"},
        {"foo{}", "foo", "empty braces say nothing"},
        {"foo:bar{a=\"b\"}", "foo:bar{a=\"b\"}", "a colon"},
        {":x", ":x", "in front"},
        {"foo{b!=\"1\",a=~\"2\",c!~\"3\",a=\"4\",}", "foo{a=\"4\",a=~\"2\",b!=\"1\",c!~\"3\"}",
         "sorted as printed"},
        {"{\"foo.bar\"}", "{__name__=\"foo.bar\"}", "a quoted name"},
        {"{'a', \"l.x\"='v'}", "{\"l.x\"=\"v\",__name__=\"a\"}", "a quoted label"},
        {"{__name__=~\"a\",__name__!~\"b\"}", "{__name__!~\"b\",__name__=~\"a\"}",
         "the name as a label, twice"},
        {"{\"bar\",__name__=\"baz\"}", "{__name__=\"bar\",__name__=\"baz\"}", "even twice equal"},
        {"foo{sum=\"1\",by=\"2\",NaN=\"3\"}", "foo{NaN=\"3\",by=\"2\",sum=\"1\"}",
         "in braces, words are labels"},
        {"foo { a = \"b\" # c\n , }", "foo{a=\"b\"}", "spaces and comments"},
        {"sum + min_of + by + offset", "sum + min_of + by + offset", "words that name metrics"},
        {"and and and", "and and and", "where an expression begins"},
        {"anchored anchored", "anchored anchored", "and are words again behind it"},
        {"fill + fill(1) fill_left", "fill + fill (1) fill_left", "fill, unless a parenthesis follows"},
        {"Sum(sum)", "sum(sum)", "keywords in any case"},
        {"foo[5m]", "foo[5m]", "a range"},
        {"foo[300]", "foo[5m]", "in seconds"},
        {"foo[0.0005]", "foo[0.0005]", "less than a millisecond"},
        {"foo[1.0015]", "foo[1.0015]", "no whole number of them"},
        {"foo[ 5m ] offset -1h", "foo[5m] offset -1h", "an offset"},
        {"foo offset 0s", "foo", "of nothing"},
        {"foo offset 5m @ 1.5", "foo @ 1.500 offset 5m", "in Prometheus's order"},
        {"foo @ -0.0004", "foo @ 0.000", "rounded to milliseconds"},
        {"foo @ 3.3335", "foo @ 3.334", "up"},
        {"foo @ 1m", "foo @ 60.000", "a duration"},
        {"foo @ start() offset 1m", "foo @ start() offset 1m", "the query's start"},
        {"foo[5m] @ end ( )", "foo[5m] @ end()", "and end"},
        {"foo @ start", "1:12: parse error: unexpected end of input in @, expected timestamp", "as a call"},
        {"rate(foo[5m] anchored)", "rate(foo[5m] anchored)", "extended ranges"},
        {"foo offset 1m smoothed @ 5", "foo @ 5.000 smoothed offset 1m", "in any order"},
        {"foo[5m] @ 5 smoothed offset 1m", "foo[5m] smoothed @ 5.000 offset 1m", "printed in one"},
        {"foo[10m:6s]", "foo[10m:6s]", "a subquery"},
        {"foo[10m:]", "foo[10m:]", "with the default step"},
        {"foo[10m:] @ 5 offset -3s", "foo[10m:] @ 5.000 offset -3s", "its modifiers"},
        {"sum(foo) [1h:1m]", "sum(foo)[1h:1m]", "over anything"},
        {"foo offset 1m [5m:]", "foo offset 1m[5m:]", "that has modifiers itself"},
    };
    check_rows(rows, IFM_COUNT_OF(rows), parse_printed);
}

static void parser_reads_duration_expressions(void **state)
{
    (void)state;
    static const parse_row rows[] = {
        {"foo[11s+10s-5*2^2]", "foo[11s + 10s - 5 * 2 ^ 2]", "arithmetic"},
        {"foo[(5m)]", "foo[(5m)]", "parentheses"},
        {"foo[(((1h)))*2]", "foo[(1h) * 2]", "of which one pair stays"},
        {"foo[-10s+15s]", "foo[-10s + 15s]", "a sign of a literal"},
        {"foo[-(10s-5s)+20s]", "foo[-(10s - 5s) + 20s]", "of more"},
        {"foo[+step()]", "foo[step()]", "a plus is dropped"},
        {"foo[ - step ( ) ]", "foo[-step()]", "spaces"},
        {"foo[STEP()%Range()]", "foo[step() % range()]", "in any case"},
        {"foo[min_of(step(),5m):max_of(1m, range()/100)]",
         "foo[min_of(step(), 5m):max_of(1m, range() / 100)]", "calls"},
        {"foo[4s+4s:1s*2] offset (5s-8)", "foo[4s + 4s:1s * 2] offset (5s - 8)",
         "in all places of a subquery"},
        {"foo[step():1m]", "foo[step():1m]", "a colon behind a call"},
        {"foo[5m:step()]", "foo[5m:step()]", "a call behind a colon"},
        {"foo offset --step()*2", "foo offset (--step() * 2)", "parentheses keep it together"},
        {"foo offset +(5m) + 1", "foo offset +(5m) + 1", "a plus that is not dropped"},
        {"foo[2h-1.5]", "foo[2h - 1.5]", "fractions"},
    };
    check_rows(rows, IFM_COUNT_OF(rows), parse_printed);
}

static void parser_reads_calls_and_aggregations(void **state)
{
    (void)state;
    static const parse_row rows[] = {
        {"time()", "time()", "no argument"},
        {"round(foo)", "round(foo)", "an optional one left out"},
        {"round(foo,5)", "round(foo, 5)", "and given"},
        {"label_join(a,\"b\",\"c\")", "label_join(a, \"b\", \"c\")", "no source label"},
        {"label_join(a,\"b\",\"c\",\"d\",\"e\",\"f\")", "label_join(a, \"b\", \"c\", \"d\", \"e\", \"f\")",
         "many"},
        {"step() + start() + max_of(1, 2)", "step() + start() + max_of(1, 2)",
         "words that are functions, too"},
        {"info(a, {})", "info(a, {})", "info() may select everything"},
        {"sum by (a, b) (foo)", "sum by (a, b) (foo)", "labels before"},
        {"sum(foo) by (a,b,)", "sum by (a, b) (foo)", "or behind; with a comma too many"},
        {"sum without () (foo)", "sum without () (foo)", "without nothing"},
        {"sum by () (foo)", "sum(foo)", "by nothing"},
        {"topk by (x) (5, foo)", "topk by (x) (5, foo)", "a parameter"},
        {"count_values(\"v\", foo)", "count_values(\"v\", foo)", "a string"},
        {"limit_ratio(-0.5, foo)", "limit_ratio(-0.5, foo)", "experimental ones"},
        {"sum by (and, by, bool, sum, start, atan2, group_left, offset) (a)",
         "sum by (and, by, bool, sum, start, atan2, group_left, offset) (a)", "words that are labels"},
        {"sum by (\"l.x\", 'y', a:b) (a)", "sum by (\"l.x\", y, \"a:b\") (a)", "quoted labels"},
        {"a == bool b", "a == bool b", "bool"},
        {"a and on () b", "a and on () b", "on nothing"},
        {"a * ignoring (x) group_left b", "a * ignoring (x) group_left () b", "many to one"},
        {"a * on (x) group_right (y, z) b", "a * on (x) group_right (y, z) b", "one to many"},
        {"a * on (x) group_left (y) (b)", "a * on (x) group_left (y) (b)", "its labels come first"},
        {"a + fill(0) b", "a + fill (0) b", "what is missing is filled in"},
        {"a + on(x) fill_right(1m) fill_left(-2) b", "a + on (x) fill_left (-2) fill_right (60) b",
         "each side"},
        {"a + fill(NaN) b", "a + fill (NaN) b", "with nothing, too"},
        {"a + fill_left(+Inf) b", "a + fill_left (+Inf) b", "on one side"},
    };
    check_rows(rows, IFM_COUNT_OF(rows), parse_printed);
}

static const promql_node *parse(const char *text, ifm_bump *arena)
{
    ifm_error err = {.message = ""};
    ifm_bump_init(arena, PARSE_MEMORY_MAX);
    const promql_node *root = promql_parse(text, strlen(text), arena, &err);
    CHECK_TEXT(err.message, "");
    assert_non_null(root);
    return root;
}

/* "start-end " of every node, in order. */
static bool append_position(void *context, const promql_node *node, const promql_node *parent)
{
    ifm_buf_printf(context, "%u-%u ", node->start, node->end);
    CHECK(parent == NULL || (node->start >= parent->start && node->end <= parent->end));
    CHECK(parent == NULL || node->height < parent->height);
    return true;
}

static void write_positions(ifm_buf *out, const promql_node *root)
{
    promql_visit(root, append_position, out);
}

static void parser_knows_where_nodes_stand(void **state)
{
    (void)state;
    static const parse_row rows[] = {
        {" -1 ", "1-3 ", "a number with its sign"},
        {"-foo", "0-4 1-4 ", "a sign"},
        {"foo{a=\"b\"} offset 5m", "0-20 ", "a selector with its modifiers"},
        {"foo[5m] @ 1", "0-11 0-3 ", "a range with those of its selector"},
        {"foo[10m:6s] offset 1m", "0-21 0-3 ", "a subquery"},
        {"sum(foo) by (x)", "0-15 4-7 ", "an aggregation with its labels"},
        {"sum(sum(foo) )", "0-14 4-12 8-11 ", "without the next parenthesis"},
        {"( a + time( ) )", "0-15 2-13 2-3 6-13 ", "parentheses, operators, calls"},
        {"topk(5, a)", "0-10 5-6 8-9 ", "a parameter before its expression"},
        {"foo[11s+10s]", "0-12 0-3 4-11 4-7 8-11 ", "a duration expression"},
        {"foo offset -min_of(5s, step())", "0-30 11-30 12-30 19-21 23-29 ", "with calls in it"},
        {"foo[ ( ( 5m ) ) ]", "0-17 0-3 5-15 9-11 ", "with all its parentheses"},
    };
    check_rows(rows, IFM_COUNT_OF(rows), write_positions);
}

static void parser_keeps_matchers_in_order_with_the_name_last(void **state)
{
    (void)state;
    ifm_bump arena;
    const promql_vector *vector = &parse("foo{b=\"1\",a!~\"x\\\"y\"}", &arena)->vector;
    CHECK_INT(vector->matcher_count, 3);
    CHECK(vector->matchers[0].name.size == 1 && vector->matchers[0].name.data[0] == 'b');
    CHECK_INT(vector->matchers[1].match, PROMQL_MATCH_NOT_REGEX);
    CHECK(vector->matchers[1].value.size == 3 && memcmp(vector->matchers[1].value.data, "x\"y", 3) == 0);
    CHECK(vector->matchers[2].name.size == 8 && memcmp(vector->matchers[2].name.data, "__name__", 8) == 0);
    CHECK(vector->matchers[2].value.size == 3 && memcmp(vector->matchers[2].value.data, "foo", 3) == 0);
    CHECK_INT(vector->matchers[2].match, PROMQL_MATCH_EQUAL);
    ifm_bump_deinit(&arena);
    check_end();
}

static void parser_copies_the_text(void **state)
{
    (void)state;
    char text[] = "foo{a=\"b\"}";
    ifm_bump arena;
    const promql_vector *vector = &parse(text, &arena)->vector;
    memset(text, 'x', sizeof text - 1);
    CHECK(memcmp(vector->name.data, "foo", 3) == 0);
    CHECK(memcmp(vector->matchers[0].value.data, "b", 1) == 0);
    ifm_bump_deinit(&arena);
    check_end();
}

static void parser_drops_matching_between_numbers(void **state)
{
    (void)state;
    ifm_bump arena;
    CHECK(parse("1 + 2", &arena)->binary.matching == NULL);
    ifm_bump_deinit(&arena);
    CHECK(parse("a + 2", &arena)->binary.matching == NULL);
    ifm_bump_deinit(&arena);
    CHECK_INT(parse("a + b", &arena)->binary.matching->card, PROMQL_ONE_TO_ONE);
    ifm_bump_deinit(&arena);
    CHECK_INT(parse("a or b", &arena)->binary.matching->card, PROMQL_MANY_TO_MANY);
    ifm_bump_deinit(&arena);
    check_end();
}

static void parser_knows_types(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        promql_type type;
    } rows[] = {
        {"1", PROMQL_TYPE_SCALAR},      {"1 + 2", PROMQL_TYPE_SCALAR},
        {"a + 2", PROMQL_TYPE_VECTOR},  {"scalar(a)", PROMQL_TYPE_SCALAR},
        {"\"x\"", PROMQL_TYPE_STRING},  {"-(1)", PROMQL_TYPE_SCALAR},
        {"a[5m]", PROMQL_TYPE_MATRIX},  {"a[5m:]", PROMQL_TYPE_MATRIX},
        {"sum(a)", PROMQL_TYPE_VECTOR}, {"rate(a[5m])", PROMQL_TYPE_VECTOR},
        {"((a))", PROMQL_TYPE_VECTOR},  {"2 > bool 1", PROMQL_TYPE_SCALAR},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_bump arena;
        CHECK_INT(parse(rows[i].text, &arena)->type, rows[i].type);
        ifm_bump_deinit(&arena);
    }
    check_end();
}

static bool parse_and_print(void *context, ifm_error *err)
{
    const char *text = context;
    ifm_bump arena;
    ifm_buf out;
    ifm_bump_init(&arena, PARSE_MEMORY_MAX);
    ifm_buf_init(&out, PARSE_TEXT_MAX);
    const promql_node *root = promql_parse(text, strlen(text), &arena, err);
    if (root != NULL) {
        promql_print(root, &out);
    }
    bool ok = root != NULL && ifm_buf_check(&out, err);
    ifm_buf_deinit(&out);
    ifm_bump_deinit(&arena);
    return ok;
}

static void parser_and_printer_survive_lack_of_memory(void **state)
{
    (void)state;
    static char text[8192];
    size_t size = 0;
    while (size < sizeof text - 100) { /* several blocks of the arena */
        size +=
            (size_t)snprintf(text + size, sizeof text - size, "%s",
                             "sum by (\"a\\\"b\") (rate(foo{x=\"y\\n\",b!=\"c\"}[1_0] offset (5m*2))) + ");
    }
    snprintf(text + size, sizeof text - size, "1_000");
    CHECK(torture_allocations(parse_and_print, text, TORTURE_MUST_FAIL) >= 10);
    check_end();
}

static void parser_stops_at_the_limit_of_its_arena(void **state)
{
    (void)state;
    static const char valid[] = "sum by (a) (rate(foo{x=\"\\n\"}[5m])) + 1_000";
    bool enough = false;
    for (size_t max = 0; max < 16384 && !enough; max += 16) {
        ifm_bump arena;
        ifm_error err = {.code = IFM_OK};
        ifm_bump_init(&arena, max);
        enough = promql_parse(valid, sizeof valid - 1, &arena, &err) != NULL;
        CHECK_INT(err.code, enough ? IFM_OK : IFM_LIMIT);
        ifm_bump_deinit(&arena);
    }
    CHECK(enough);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parser_groups_by_precedence),
        cmocka_unit_test(parser_ends_offsets_where_prometheus_does),
        cmocka_unit_test(parser_reads_literals),
        cmocka_unit_test(parser_reads_selectors),
        cmocka_unit_test(parser_reads_duration_expressions),
        cmocka_unit_test(parser_reads_calls_and_aggregations),
        cmocka_unit_test(parser_knows_where_nodes_stand),
        cmocka_unit_test(parser_keeps_matchers_in_order_with_the_name_last),
        cmocka_unit_test(parser_copies_the_text),
        cmocka_unit_test(parser_drops_matching_between_numbers),
        cmocka_unit_test(parser_knows_types),
        cmocka_unit_test(parser_and_printer_survive_lack_of_memory),
        cmocka_unit_test(parser_stops_at_the_limit_of_its_arena),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
