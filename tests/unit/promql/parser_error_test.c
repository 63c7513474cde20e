/* SPDX-License-Identifier: Apache-2.0
 *
 * What is refused, with the words and the position of Prometheus; and the limits.
 */
#include "unit/promql/parse.h"

typedef struct error_row {
    const char *input;
    size_t offset;
    const char *want; /* without "LINE:COLUMN: parse error: " */
} error_row;

static void check_errors(const error_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char want[IFM_ERROR_MESSAGE_SIZE];
        size_t size = strlen(rows[i].input);
        ifm_bump arena;
        ifm_error err = {.code = IFM_OK};
        ifm_bump_init(&arena, PARSE_MEMORY_MAX);
        snprintf(want, sizeof want, "1:%zu: parse error: %s", rows[i].offset + 1, rows[i].want);
        bool refused = promql_parse(rows[i].input, size, &arena, &err) == NULL;
        bool same = refused && strcmp(err.message, want) == 0 && err.offset == rows[i].offset;
        if (!check_report(same && err.code == IFM_INVALID, __FILE__, __LINE__)) {
            fprintf(stderr, "%s\n    got  %s\n    want %s\n", rows[i].input, err.message, want);
        }
        ifm_bump_deinit(&arena);
    }
    check_end();
}

static void parser_refuses_what_is_no_expression(void **state)
{
    (void)state;
    static const error_row rows[] = {
        {"", 0, "no expression found in input"},
        {"1+", 2, "unexpected end of input"},
        {"1 /", 3, "unexpected end of input"},
        {"*1", 0, "unexpected <op:*>"},
        {"@@", 0, "unexpected <op:@>"},
        {"-=", 1, "unexpected \"=\""},
        {"++-++-+-+-<", 10, "unexpected <op:<>"},
        {"e-+=/(0)", 3, "unexpected \"=\""},
        {"1 2", 2, "unexpected number \"2\""},
        {"foo 5m", 4, "unexpected duration \"5m\""},
        {"foo \"12345678901\"", 4, "unexpected string \"\\\"123456789\"..."},
        {"foo bar", 4, "unexpected identifier \"bar\""},
        {"foo a:bar", 4, "unexpected metric identifier \"a:bar\""},
        {"foo{} {}", 6, "unexpected \"{\""},
        {"foo sum (x)", 4, "unexpected <aggr:sum>"},
        {"(1 2)", 3, "unexpected number \"2\""},
        {"a:b(c)", 3, "unexpected \"(\""},
        {"bool", 0, "unexpected <bool>"},
        {"foo + group_left(baz) bar", 6, "unexpected <group_left>"},
        {"a - on(b) ignoring(c) d", 10, "unexpected <ignoring>"},
        {"a * on(b) group_left <= c", 21, "unexpected <op:<=> in grouping opts, expected \"(\""},
        {"a * on(b) group_right", 21, "unexpected end of input in grouping opts, expected \"(\""},
        {"a + fill(0) on(x) b", 12, "unexpected <on>"},
        {"a + fill(x) b", 9, "unexpected identifier \"x\""},
        {"a + fill_left(1) fill_left(1) b", 17, "unexpected <fill_left>"},
    };
    check_errors(rows, IFM_COUNT_OF(rows));
}

static void parser_refuses_what_is_no_token(void **state)
{
    (void)state;
    static const error_row rows[] = {
        {".", 0, "unexpected character: '.'"},
        {"$", 0, "unexpected character: '$'"},
        {"foo \xC3\xA4", 4, "unexpected character: '\xC3\xA4'"},
        {"foo \xFF", 4, "unexpected character: '\xEF\xBF\xBD'"},
        {"}", 0, "unexpected character: '}'"},
        {"some}", 4, "unexpected character: '}'"},
        {"2.5.", 0, "bad number or duration syntax: \"2.5.\""},
        {"100..4", 0, "bad number or duration syntax: \"100..\""},
        {"0deadbeef", 0, "bad number or duration syntax: \"0de\""},
        {"1_", 0, "bad number or duration syntax: \"1_\""},
        {"1e", 0, "bad number or duration syntax: \"1e\""},
        {"0xee", 0, "bad number or duration syntax: \"0xee\""},
        {"0x1.8", 0, "bad number or duration syntax: \"0x1.\""},
        {"1__0", 0, "bad number or duration syntax: \"1__\""},
        {"5mm", 0, "bad number or duration syntax: \"5mm\""},
        {"1 !~ 1", 2, "unexpected character after '!': '~'"},
        {"1 =~ 1", 2, "unexpected character after '=': '~'"},
        {"1 !", 2, "unexpected character after '!': '\xEF\xBF\xBD'"},
        {"(1))", 4, "unexpected right parenthesis ')'"},
        {"((1)", 4, "unclosed left parenthesis"},
        {"(", 1, "unclosed left parenthesis"},
        {"foo]", 3, "unexpected right bracket ']'"},
        {"\"foo", 0, "unterminated quoted string"},
        {"\"a\nb\"", 0, "unterminated quoted string"},
        {"`\\``", 3, "unterminated raw string"},
        {"\"\\", 0, "escape sequence not terminated"},
        {"\"\\x4", 0, "escape sequence not terminated"},
        {"\"\\c\"", 0, "unknown escape sequence U+0063 'c'"},
        {"\"\\'\"", 0, "unknown escape sequence U+0027 '''"},
        {"\"\\x.\"", 0, "illegal character U+002E '.' in escape sequence"},
        {"\"\\ud800\"", 0, "escape sequence is an invalid Unicode code point"},
        {"\"\\U00110000\"", 0, "escape sequence is an invalid Unicode code point"},
        {"\"\\777\"", 0, "escape sequence is an invalid Unicode code point"},
        {"some_metric{a=\"\xff\"}", 14, "invalid UTF-8 rune"},
        {"label_replace(a, `b`, `c\xff`, `d`, `.*`)", 22, "invalid UTF-8 rune"},
    };
    check_errors(rows, IFM_COUNT_OF(rows));
}

static void parser_refuses_numbers_and_durations_that_are_none(void **state)
{
    (void)state;
    static const error_row rows[] = {
        {"0x", 0, "error parsing number: strconv.ParseFloat: parsing \"0x\": invalid syntax"},
        {".5.5", 0, "error parsing number: strconv.ParseFloat: parsing \".5.5\": invalid syntax"},
        {"1e999", 0, "error parsing number: strconv.ParseFloat: parsing \"1e999\": value out of range"},
        {"foo[5y1hs]", 4, "unknown unit \"hs\" in duration \"5y1hs\""},
        {"foo[5m1h]", 4, "not a valid duration string: \"5m1h\""},
        {"foo[5m1m]", 4, "not a valid duration string: \"5m1m\""},
        {"300y", 0, "duration out of range"},
        {"99999999999999999999s", 0, "not a valid duration string: \"99999999999999999999s\""},
        {"foo[10000000000]", 4, "duration out of range"},
        {"foo offset 10000000000", 11, "duration out of range"},
        {"foo offset NaN", 11, "duration out of range"},
        {"foo[0m]", 4, "duration must be greater than 0"},
        {"foo[-1]", 4, "duration must be greater than 0"},
        {"foo[5m:0]", 7, "duration must be greater than 0"},
        {"foo[5m/0]", 6, "division by zero"},
        {"foo[5m % 0s]", 7, "modulo by zero"},
    };
    check_errors(rows, IFM_COUNT_OF(rows));
}

static void parser_refuses_mistakes_in_braces(void **state)
{
    (void)state;
    static const error_row rows[] = {
        {"{", 1, "unexpected end of input inside braces"},
        {"some{", 5, "unexpected end of input inside braces"},
        {"some_metric{a=b}", 14, "unexpected identifier \"b\" in label matching, expected string"},
        {"some_metric{a:b=\"b\"}", 13, "unexpected character inside braces: ':'"},
        {"foo{a*\"b\"}", 5, "unexpected character inside braces: '*'"},
        {"foo{1}", 4, "unexpected character inside braces: '1'"},
        {"foo{a!b}", 5, "unexpected character after '!' inside braces: 'b'"},
        {"foo{{}", 4, "unexpected left brace '{'"},
        {"foo{gibberish}", 13, "unexpected \"}\" in label matching, expected label matching operator"},
        {"foo{__name__= =}", 14, "unexpected \"=\" in label matching, expected string"},
        {"foo{a==\"b\"}", 6, "unexpected \"=\" in label matching, expected string"},
        {"foo{a=~~\"b\"}", 7, "unexpected character inside braces: '~'"},
        {"foo{a=!~\"b\"}", 6, "unexpected <op:!~> in label matching, expected string"},
        {"foo{,}", 4, "unexpected \",\" in label matching, expected identifier or \"}\""},
        {"foo{a=\"b\",,}", 10, "unexpected \",\" in label matching, expected identifier or \"}\""},
        {"foo{a=\"b\" lol}", 10, "unexpected identifier \"lol\" in label matching, expected \",\" or \"}\""},
        {"foo{\"a\" b}", 8, "unexpected identifier \"b\" in label matching, expected \",\" or \"}\""},
        {"foo{\"a\"=}", 8, "unexpected \"}\" in label matching, expected string"},
        {"foo{__name__=\"bar\"}", 0, "metric name must not be set twice: \"foo\" or \"bar\""},
        {"foo{\"bar\"}", 0, "metric name must not be set twice: \"foo\" or \"bar\""},
        {"{}", 0, "vector selector must contain at least one non-empty matcher"},
        {"{x=\"\"}", 0, "vector selector must contain at least one non-empty matcher"},
        {"{x=~\".*\"}", 0, "vector selector must contain at least one non-empty matcher"},
        {"{x!~\".+\"}", 0, "vector selector must contain at least one non-empty matcher"},
        {"{x!=\"a\"}", 0, "vector selector must contain at least one non-empty matcher"},
        {"1 + {\"\"}", 4, "vector selector must contain at least one non-empty matcher"},
    };
    check_errors(rows, IFM_COUNT_OF(rows));
}

static void parser_refuses_mistakes_in_modifiers(void **state)
{
    (void)state;
    static const error_row rows[] = {
        {"1 offset 1d", 0,
         "offset modifier must be preceded by an instant vector selector or range vector selector or a "
         "subquery"},
        {"foo offset 1s offset 2s", 0, "offset may not be set multiple times"},
        {"foo offset step() offset 2s", 0, "offset may not be set multiple times"},
        {"foo[5m] OFFSET", 14,
         "unexpected end of input in offset, expected number, duration, step(), or range()"},
        {"foo offset (5m) - bar", 18,
         "unexpected identifier \"bar\" in offset, expected number, duration, step(), or range()"},
        {"foo OFFSET 1m[5m]", 13, "no offset modifiers allowed before range"},
        {"foo @ 1234 [5m]", 11, "no @ modifiers allowed before range"},
        {"(foo + bar)[5m]", 11, "ranges only allowed for vector selectors"},
        {"rate(food[1m])[1h] offset 1h", 14, "ranges only allowed for vector selectors"},
        {"foo[5m] @", 9, "unexpected end of input in @, expected timestamp"},
        {"foo @ bar", 6, "unexpected identifier \"bar\" in @, expected timestamp"},
        {"foo @ start(1)", 12, "unexpected number \"1\" in @, expected timestamp"},
        {"foo @ 1 @ start()", 0, "@ <timestamp> may not be set multiple times"},
        {"foo @ +Inf", 0, "timestamp out of bounds for @ modifier: +Inf"},
        {"foo @ -Inf", 0, "timestamp out of bounds for @ modifier: -Inf"},
        {"foo @ NaN", 0, "timestamp out of bounds for @ modifier: NaN"},
        {"foo @ 9223372036854775808", 0,
         "timestamp out of bounds for @ modifier: 9223372036854775808.000000"},
        {"rate(foo[5m]) @ 1234", 0,
         "@ modifier must be preceded by an instant vector selector or range vector selector or a subquery"},
        {"foo[]", 4,
         "unexpected \"]\" in subquery or range selector, expected number, duration, step(), or range()"},
        {"foo[5m+]", 7,
         "unexpected \"]\" in subquery or range selector, expected number, duration, step(), or range()"},
        {"foo[5m 5m]", 7, "unexpected duration \"5m\" in subquery or range, expected \":\" or \"]\""},
        {"foo[5m:1m 1]", 10, "unexpected number \"1\" in subquery selector, expected \"]\""},
        {"foo[5m:)]", 8, "unexpected right parenthesis ')'"},
        {"(foo[5m:)]", 8,
         "unexpected \")\" in subquery selector, expected number, duration, step(), range(), or \"]\""},
        {"foo{bar=\"baz\"}[", 15, "unexpected end of input in duration expression"},
        {"foo[5m", 6, "unclosed left bracket"},
        {"foo[5m[", 6, "unexpected left bracket '['"},
        {"foo[\"5m\"]", 4, "unexpected character in duration expression: '\"'"},
        {"foo[bar]", 4, "unexpected character in duration expression: 'b'"},
        {"foo[start()]", 4, "unexpected character in duration expression: 's'"},
        {"foo[5m+bar]", 7, "unexpected character: 'b', expected ':'"},
        {"foo[5m:1m:1m]", 9, "unexpected colon ':'"},
        {"foo[:5m]", 5, "unexpected colon before duration in duration expression"},
        {"foo[min_of(1m)]", 13,
         "unexpected \")\" in subquery or range selector, expected number, duration, step(), or range()"},
        {"foo anchored smoothed", 0, "anchored and smoothed modifiers cannot be used together"},
        {"foo[5m:1m] anchored", 0, "anchored modifier is not supported for subqueries"},
        {"(foo + bar) smoothed", 0, "smoothed modifier not implemented"},
    };
    check_errors(rows, IFM_COUNT_OF(rows));
}

static void parser_refuses_mistakes_in_calls_and_aggregations(void **state)
{
    (void)state;
    static const error_row rows[] = {
        {"non_existent()", 0, "unknown function with name \"non_existent\""},
        {"a>b()", 2, "unknown function with name \"b\""},
        {"START()", 0, "unknown function with name \"START\""},
        {"b() $", 0, "unknown function with name \"b\""},
        {"rate(a[5m],)", 10, "trailing commas not allowed in function call args"},
        {"rate(,a)", 5, "unexpected \",\""},
        {"rate(a b)", 7, "unexpected identifier \"b\""},
        {"topk(some_metric,)", 16, "trailing commas not allowed in function call args"},
        {"sum some_metric by (test)", 4, "unexpected identifier \"some_metric\""},
        {"sum by (x) some_metric", 11, "unexpected identifier \"some_metric\" in aggregation"},
        {"sum(a b)", 6, "unexpected identifier \"b\" in aggregation"},
        {"sum(rate(a[5m]) b)", 16, "unexpected identifier \"b\" in aggregation"},
        {"sum(a) + (b c)", 12, "unexpected identifier \"c\""},
        {"sum (a) by test", 11, "unexpected identifier \"test\" in grouping opts, expected \"(\""},
        {"sum by (\"foo)(a)", 8, "unterminated quoted string"},
        {"sum without(==)(a)", 12, "unexpected <op:==> in grouping opts, expected label"},
        {"sum without(,)(a)", 12, "unexpected \",\" in grouping opts, expected label"},
        {"sum without(foo,,)(a)", 16, "unexpected \",\" in grouping opts, expected label"},
        {"sum by (inf) (a)", 8, "unexpected number \"inf\" in grouping opts, expected label"},
        {"sum by (a b) (c)", 10, "unexpected identifier \"b\" in grouping opts, expected \",\" or \")\""},
        {"sum by (\"\") (a)", 8, "invalid label name for grouping: \"\""},
        {"sum by (\"\\xff\") (a)", 8, "invalid label name for grouping: \"\\xff\""},
        {"sum (a) without (t) by (t)", 20, "unexpected <by>"},
        {"sum without (t) (a) by (t)", 20, "unexpected <by>"},
        {"sum () by (test)", 0, "no arguments for aggregate expression provided"},
        {"1 + topk(a)", 4, "wrong number of arguments for aggregate expression provided, expected 2, got 1"},
        {"sum(1, a)", 0, "wrong number of arguments for aggregate expression provided, expected 1, got 2"},
    };
    check_errors(rows, IFM_COUNT_OF(rows));
}

static void checker_refuses_wrong_types(void **state)
{
    (void)state;
    static const error_row rows[] = {
        {"-\"string\"", 0,
         "unary expression only allowed on expressions of type scalar or instant vector, got \"string\""},
        {"-test[5m]", 0,
         "unary expression only allowed on expressions of type scalar or instant vector, got \"range "
         "vector\""},
        {"1 + -test[5m]", 4,
         "unary expression only allowed on expressions of type scalar or instant vector, got \"range "
         "vector\""},
        {"foo[5m] + 1", 0, "binary expression must contain only scalar and instant vector types"},
        {"1 + \"a\"", 4, "binary expression must contain only scalar and instant vector types"},
        {"topk(a, b)", 5, "expected type scalar in aggregation parameter, got instant vector"},
        {"count_values(5, b)", 13, "expected type string in aggregation parameter, got scalar"},
        {"sum(1)", 4, "expected type instant vector in aggregation expression, got scalar"},
        {"sum(a[5m])", 4, "expected type instant vector in aggregation expression, got range vector"},
        {"topk(rate(a), 5)", 14, "expected type instant vector in aggregation expression, got scalar"},
        {"floor()", 0, "expected 1 argument(s) in call to \"floor\", got 0"},
        {"floor(a, b)", 0, "expected 1 argument(s) in call to \"floor\", got 2"},
        {"floor(1)", 6, "expected type instant vector in call to function \"floor\", got scalar"},
        {"hour(a, a, a)", 0, "expected at most 1 argument(s) in call to \"hour\", got 3"},
        {"label_join(a, \"b\")", 0, "expected at least 3 argument(s) in call to \"label_join\", got 2"},
        {"label_join(a, \"b\", \"c\", \"d\", 5)", 29,
         "expected type string in call to function \"label_join\", got scalar"},
        {"time(a)", 0, "expected 0 argument(s) in call to \"time\", got 1"},
        {"rate(a)", 5, "expected type range vector in call to function \"rate\", got instant vector"},
        {"rate(avg)", 5, "expected type range vector in call to function \"rate\", got instant vector"},
        {"round(a, \"x\")", 9, "expected type scalar in call to function \"round\", got string"},
        {"sum(floor(rate(a)))", 15,
         "expected type range vector in call to function \"rate\", got instant vector"},
        {"a[5d] OFFSET 10s [10m:5s]", 0, "subquery is only allowed on instant vector, got matrix instead"},
        {"1[10m:5s]", 0, "subquery is only allowed on instant vector, got scalar instead"},
        {"\"a\"[10m:]", 0, "subquery is only allowed on instant vector, got string instead"},
        {"info(a, b{c=\"d\"})", 8, "expected label selectors only, got vector selector instead"},
        {"info(a, {c=\"d\"} == 1)", 8, "expected label selectors only"},
        {"info(a, 1)", 0, "expected type instant vector in call to function \"info\", got scalar"},
    };
    check_errors(rows, IFM_COUNT_OF(rows));
}

static void checker_refuses_wrong_operators(void **state)
{
    (void)state;
    static const error_row rows[] = {
        {"1 and 1", 0, "set operator \"and\" not allowed in binary scalar expression"},
        {"foo or 1", 0, "set operator \"or\" not allowed in binary scalar expression"},
        {"1 unless foo", 0, "set operator \"unless\" not allowed in binary scalar expression"},
        {"1 == 1", 2, "comparisons between scalars must use BOOL modifier"},
        {"foo + bool bar", 4, "bool modifier can only be used on comparison operators"},
        {"foo and bool 10", 4, "bool modifier can only be used on comparison operators"},
        {"1 or on(bar) foo", 0, "vector matching only allowed between instant vectors"},
        {"foo == on(bar) 10", 0, "vector matching only allowed between instant vectors"},
        {"foo and on(bar) group_left(baz) bar", 0, "no grouping allowed for \"and\" operation"},
        {"foo or on(bar) group_right(baz) bar", 0, "no grouping allowed for \"or\" operation"},
        {"a{b=\"c\"} + on(i) group_left(j,i) d", 9,
         "label \"i\" must not occur in ON and GROUP clause at once"},
        {"foo + fill(0) 1", 0, "filling in missing series only allowed between instant vectors"},
        {"foo or fill(0) bar", 0, "filling in missing series not allowed for set operators"},
    };
    check_errors(rows, IFM_COUNT_OF(rows));
}

static void error_counts_lines_and_bytes(void **state)
{
    (void)state;
    static const parse_row rows[] = {
        {"# comment\n\n", "1:1: parse error: no expression found in input", "nothing is at the beginning"},
        {"foo\n  + $", "2:5: parse error: unexpected character: '$'", "the second line"},
        {"\n\n\"\xC3\xA4\" $", "3:6: parse error: unexpected character: '$'", "columns are bytes"},
        {"sum(\n  foo\n  bar\n)", "3:3: parse error: unexpected identifier \"bar\" in aggregation",
         "the third"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        CHECK_WRITES(rows[i].input, rows[i].want, rows[i].why, parse_printed);
    }
    check_end();
}

/* `count` times `open`, a foo, `count` times `close`; the caller frees it. */
static char *nest(const char *open, const char *close, size_t count)
{
    ifm_buf text;
    ifm_error err;
    size_t size;
    ifm_buf_init(&text, 2 * PROMQL_TEXT_SIZE_MAX);
    for (size_t i = 0; i < count; i++) {
        ifm_buf_append_text(&text, open);
    }
    ifm_buf_append_text(&text, "foo");
    for (size_t i = 0; i < count; i++) {
        ifm_buf_append_text(&text, close);
    }
    char *nested = ifm_buf_take(&text, &size, &err);
    assert_non_null(nested);
    return nested;
}

static ifm_code parse_code(const char *text, size_t size)
{
    ifm_bump arena;
    ifm_error err = {.code = IFM_OK};
    ifm_buf out;
    ifm_bump_init(&arena, 512 * 1024 * 1024);
    ifm_buf_init(&out, PARSE_TEXT_MAX);
    const promql_node *root = promql_parse(text, size, &arena, &err);
    if (root != NULL) {
        promql_print(root, &out); /* recurses as deep */
        CHECK(root->height <= PROMQL_DEPTH_MAX);
    }
    ifm_buf_deinit(&out);
    ifm_bump_deinit(&arena);
    return err.code;
}

/* `largest` repetitions are as deep as may be. */
static void check_nesting(const char *open, const char *close, size_t largest)
{
    for (size_t count = largest - 1; count <= largest + 1; count++) {
        char *text = nest(open, close, count);
        ifm_code code = parse_code(text, strlen(text));
        if (!check_report(code == (count <= largest ? IFM_OK : IFM_LIMIT), __FILE__, __LINE__)) {
            fprintf(stderr, "%s..%s x %zu: %s\n", open, close, count, ifm_code_name(code));
        }
        ifm_free(text);
    }
}

static void parser_limits_depth(void **state)
{
    (void)state;
    check_nesting("(", ")", PROMQL_DEPTH_MAX - 1);
    check_nesting("-", "", PROMQL_DEPTH_MAX - 1);
    check_nesting("abs(", ")", PROMQL_DEPTH_MAX - 1);
    check_nesting("sum(", ")", PROMQL_DEPTH_MAX - 1);
    check_nesting("", " or bar", PROMQL_DEPTH_MAX - 1);
    check_nesting("bar ^ ", "", PROMQL_DEPTH_MAX - 1);
    check_nesting("abs(rate(", "[5m:]))", (PROMQL_DEPTH_MAX - 1) / 3);
    check_end();
}

static void parser_refuses_any_nesting_of_10000(void **state)
{
    (void)state;
    static const char *const nestings[][2] = {
        {"(", ")"},
        {"-", ""},
        {"sum by (x) (", ")"},
        {"", "[5m:]"},
        {"", " + on (a) b"},
        {"1 ^ ", ""},
        {"abs(", ")"},
        {"a == bool (", ")"},
        {"topk(1, ", ")"},
        {"", " offset --(--(1"},
        {"foo[(", ")]"},
        {"max_of(1, ", ")"},
        {"foo offset -", ""},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(nestings); i++) {
        char *text = nest(nestings[i][0], nestings[i][1], 10000);
        ifm_code code = parse_code(text, strlen(text));
        CHECK(code == IFM_LIMIT || code == IFM_INVALID);
        ifm_free(text);
    }
    char *range = nest("(", ")", 10000);
    memcpy(range, "foo[", 4);
    CHECK_INT(parse_code(range, strlen(range)), IFM_LIMIT);
    ifm_free(range);
    check_end();
}

static void parser_limits_the_size_of_the_text(void **state)
{
    (void)state;
    for (size_t size = PROMQL_TEXT_SIZE_MAX - 1; size <= PROMQL_TEXT_SIZE_MAX + 1; size++) {
        char *text = ifm_alloc(size);
        assert_non_null(text);
        memset(text, 'a', size);
        CHECK_INT(parse_code(text, size), size <= PROMQL_TEXT_SIZE_MAX ? IFM_OK : IFM_LIMIT);
        ifm_free(text);
    }
    check_end();
}

static void parser_refuses_what_is_no_regular_expression(void **state)
{
    (void)state;
    static const error_row rows[] = {
        {"foo{a=~\"(\"}", 4, "error parsing regexp: missing closing ): `(`"},
        {"foo{a=~\"b\",c!~'*'}", 11, "error parsing regexp: missing argument to repetition operator: `*`"},
        {"{\"a b\"=~\"[z-a]\"}", 1, "error parsing regexp: invalid character class range: `z-a`"},
        {"foo{a=~\"(?=x)\"}", 4, "error parsing regexp: invalid or unsupported Perl syntax: `(?=`"},
        {"foo{a=~\"\\\\1\"}", 4, "error parsing regexp: invalid escape sequence: `\\1`"},
        {"sum(foo{a=~\"x{1001}\"}) + *", 8, "error parsing regexp: invalid repeat count: `{1001}`"},
        {"foo{a=~\"a**\"} 5 5", 4, "error parsing regexp: invalid nested repetition operator: `**`"},
    };
    check_errors(rows, IFM_COUNT_OF(rows));
}

static void parser_takes_for_text_what_is_not_matched_as_a_regular_expression(void **state)
{
    (void)state;
    CHECK_WRITES("foo{a=\"(\",b!=\"*\"}", "foo{a=\"(\",b!=\"*\"}", "= and != compare", parse_printed);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parser_refuses_what_is_no_regular_expression),
        cmocka_unit_test(parser_takes_for_text_what_is_not_matched_as_a_regular_expression),
        cmocka_unit_test(parser_refuses_what_is_no_expression),
        cmocka_unit_test(parser_refuses_what_is_no_token),
        cmocka_unit_test(parser_refuses_numbers_and_durations_that_are_none),
        cmocka_unit_test(parser_refuses_mistakes_in_braces),
        cmocka_unit_test(parser_refuses_mistakes_in_modifiers),
        cmocka_unit_test(parser_refuses_mistakes_in_calls_and_aggregations),
        cmocka_unit_test(checker_refuses_wrong_types),
        cmocka_unit_test(checker_refuses_wrong_operators),
        cmocka_unit_test(error_counts_lines_and_bytes),
        cmocka_unit_test(parser_limits_depth),
        cmocka_unit_test(parser_refuses_any_nesting_of_10000),
        cmocka_unit_test(parser_limits_the_size_of_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
