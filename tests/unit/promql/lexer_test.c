/* SPDX-License-Identifier: Apache-2.0
 *
 * Where tokens begin and end, and what they are. What is no token is in parser_error_test.c.
 */
#include "promql/lexer.h"
#include "unit/promql/parse.h"

/* "start-end description " of every token, or the message of the error. */
static char *lex(const char *text)
{
    promql_lexer lexer;
    ifm_error err = {.code = IFM_OK};
    ifm_buf out;
    size_t size;
    promql_token token;
    promql_text all = {text, strlen(text)};
    promql_lexer_init(&lexer, all);
    ifm_buf_init(&out, PARSE_TEXT_MAX);
    do {
        token = promql_lexer_next(&lexer, &err);
        if (token.kind == PROMQL_TOKEN_ERROR) {
            ifm_buf_append_text(&out, err.message);
            break;
        }
        ifm_buf_printf(&out, "%u-%u %s|", token.start, token.end, promql_token_describe(all, token).text);
    } while (token.kind != PROMQL_TOKEN_END);
    char *taken = ifm_buf_take(&out, &size, &err);
    ifm_buf_deinit(&out);
    return taken;
}

static void check_rows(const parse_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        parse_compare(__FILE__, __LINE__, rows[i].input, rows[i].why, lex(rows[i].input), rows[i].want);
    }
    check_end();
}

static void lexer_splits_text_into_tokens(void **state)
{
    (void)state;
    static const parse_row rows[] = {
        {"", "0-0 end of input|", "nothing"},
        {" \t\r\n", "4-4 end of input|", "spaces"},
        {"#a\n#b", "5-5 end of input|", "comments"},
        {"a b_1", "0-1 identifier \"a\"|2-5 identifier \"b_1\"|5-5 end of input|", "names"},
        {"a:b :", "0-3 metric identifier \"a:b\"|4-5 metric identifier \":\"|5-5 end of input|", "colons"},
        {"<=</<>/>>=",
         "0-2 <op:<=>|2-4 <op:</>|4-5 <op:<>|5-7 <op:>/>|7-8 <op:>>|8-10 <op:>=>|10-10 end of input|",
         "the longest operator"},
        {"+-*/%^@",
         "0-1 <op:+>|1-2 <op:->|2-3 <op:*>|3-4 <op:/>|4-5 <op:%>|5-6 <op:^>|6-7 <op:@>|7-7 end of input|",
         "the others"},
        {"===!=", "0-2 <op:==>|2-3 \"=\"|3-5 <op:!=>|5-5 end of input|", "equal signs"},
        {"SUM By oFFset", "0-3 <aggr:SUM>|4-6 <By>|7-13 <oFFset>|13-13 end of input|", "words in any case"},
        {"start end step", "0-5 \"start\"|6-9 \"end\"|10-14 \"step\"|14-14 end of input|",
         "of which some are shown plain"},
        {"fill fill (",
         "0-4 identifier \"fill\"|5-9 <fill>|10-11 \"(\"|1:12: parse error: unclosed left parenthesis",
         "fill is a word before a parenthesis"},
        {"atan2 atan3", "0-5 <op:atan2>|6-11 identifier \"atan3\"|11-11 end of input|", "whole words"},
        {"1.5e3 Inf nan 1h5m",
         "0-5 number \"1.5e3\"|6-9 number \"Inf\"|10-13 number \"nan\"|14-18 duration \"1h5m\"|"
         "18-18 end of input|",
         "numbers"},
        {"'a' \"b\\\"\" `c\\`",
         "0-3 string \"'a'\"|4-9 string \"\\\"b\\\\\\\"\\\"\"|10-14 string \"`c\\\\`\"|"
         "14-14 end of input|",
         "strings"},
        {"\"12345678901\"", "0-13 string \"\\\"123456789\"...|13-13 end of input|", "long ones are cut"},
    };
    check_rows(rows, IFM_COUNT_OF(rows));
}

static void lexer_knows_braces_and_brackets(void **state)
{
    (void)state;
    static const parse_row rows[] = {
        {"{sum=~'a'}sum",
         "0-1 \"{\"|1-4 identifier \"sum\"|4-6 <op:=~>|6-9 string \"'a'\"|9-10 \"}\"|10-13 <aggr:sum>|"
         "13-13 end of input|",
         "words are names in braces"},
        {"{a!~'b',c!='d'}",
         "0-1 \"{\"|1-2 identifier \"a\"|2-4 <op:!~>|4-7 string \"'b'\"|7-8 \",\"|8-9 identifier \"c\"|"
         "9-11 <op:!=>|11-14 string \"'d'\"|14-15 \"}\"|15-15 end of input|",
         "match operators"},
        {"[5m:1m]a:b",
         "0-1 \"[\"|1-3 duration \"5m\"|3-4 \":\"|4-6 duration \"1m\"|6-7 \"]\"|7-10 metric identifier "
         "\"a:b\"|"
         "10-10 end of input|",
         "a colon is a token in brackets"},
        {"[Step()+1]",
         "0-1 \"[\"|1-5 \"Step\"|5-6 \"(\"|6-7 \")\"|7-8 <op:+>|8-9 number \"1\"|9-10 \"]\"|10-10 end of "
         "input|",
         "words of duration expressions"},
        {"[1+max_of(2,range())]",
         "0-1 \"[\"|1-2 number \"1\"|2-3 <op:+>|3-9 \"max_of\"|9-10 \"(\"|10-11 number \"2\"|11-12 \",\"|"
         "12-17 \"range\"|17-18 \"(\"|18-19 \")\"|19-20 \")\"|20-21 \"]\"|21-21 end of input|",
         "also behind a number"},
        {"[1 # x\n]", "0-1 \"[\"|1-2 number \"1\"|7-8 \"]\"|8-8 end of input|", "comments behind it"},
        {"[# x\n1]", "0-1 \"[\"|1:2: parse error: unexpected character in duration expression: '#'",
         "but not before"},
        {"[sum]", "0-1 \"[\"|1:2: parse error: unexpected character in duration expression: 's'",
         "no other words"},
    };
    check_rows(rows, IFM_COUNT_OF(rows));
}

static void lexer_stays_at_the_end(void **state)
{
    (void)state;
    promql_lexer lexer;
    ifm_error err = {.code = IFM_OK};
    promql_lexer_init(&lexer, (promql_text){"a", 1});
    CHECK_INT(promql_lexer_next(&lexer, &err).kind, PROMQL_TOKEN_IDENTIFIER);
    for (int i = 0; i < 3; i++) {
        CHECK_INT(promql_lexer_next(&lexer, &err).kind, PROMQL_TOKEN_END);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lexer_splits_text_into_tokens),
        cmocka_unit_test(lexer_knows_braces_and_brackets),
        cmocka_unit_test(lexer_stays_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
