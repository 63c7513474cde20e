/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "model/model.h"
#include "torture.h"

#include <time.h>

enum { TEXT_MAX = 64 * 1024 };

typedef struct match_row {
    const char *pattern;
    const char *yes[4], *no[4];
} match_row;

static void check_rows(const match_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ifm_error err = {.code = IFM_OK};
        CHECK(model_regex_check(model_text_of(rows[i].pattern), &err));
        model_regex *regex = model_regex_new(model_text_of(rows[i].pattern), &err);
        if (regex == NULL) {
            fprintf(stderr, "\"%s\": %s\n", rows[i].pattern, err.message);
            CHECK(regex != NULL);
            continue;
        }
        for (size_t j = 0; j < 4; j++) {
            if (rows[i].yes[j] != NULL && !model_regex_matches(regex, model_text_of(rows[i].yes[j]), &err)) {
                fprintf(stderr, "\"%s\" does not match \"%s\"\n", rows[i].pattern, rows[i].yes[j]);
                CHECK(false);
            }
            if (rows[i].no[j] != NULL && model_regex_matches(regex, model_text_of(rows[i].no[j]), &err)) {
                fprintf(stderr, "\"%s\" matches \"%s\"\n", rows[i].pattern, rows[i].no[j]);
                CHECK(false);
            }
        }
        CHECK_INT(err.code, IFM_OK);
        model_regex_free(regex);
    }
    check_end();
}

static void regex_without_anything_to_search_for(void **state)
{
    (void)state;
    static const match_row rows[] = {
        {"", {""}, {"a"}},
        {"foo", {"foo"}, {"", "fo", "fooo", "xfoo"}},
        {"(foo)", {"foo"}, {"fo"}},
        {"(?:foo|bar)", {"foo", "bar"}, {"foobar", "", "ba"}},
        {"b|a|c|", {"a", "b", "c", ""}, {"d", "ab", "b|a"}},
        {"a|a", {"a"}, {""}},
        {".*", {"", "a", "a\nb"}, {NULL}},
        {".+", {"a", "\n"}, {""}},
        {"(.*)", {"", "a"}, {NULL}},
        {"foo.*", {"foo", "foobar", "foo\n"}, {"fo", "xfoo"}},
        {"foo.+", {"foob", "foo\n"}, {"foo", "xfoob"}},
        {".*foo", {"foo", "xfoo"}, {"fo", "foox"}},
        {".+foo", {"xfoo"}, {"foo", "xfoox"}},
        {".*foo.*", {"foo", "xfoo", "foox", "xfoox"}, {"fo", "fxoo"}},
        {".+foo.+", {"xfoox", "foofoox"}, {"foo", "xfoo", "foox", "foofoo"}},
        {".+foo.*", {"xfoo", "foofoo"}, {"foo", "foox"}},
        {"foo.{0,}", {"foo", "foobar"}, {"fo"}},
        {"a\\.b", {"a.b"}, {"axb"}},
        {"\\Qa.b*\\E", {"a.b*"}, {"axb"}},
        {"\\x41\\x{e4}\\101\\0",
         {"A\xc3\xa4"
          "A"},
         {"A"}}, /* ends in NUL, which a C text cannot show */
        {"a{", {"a{"}, {"a"}},
        {"a{,2}", {"a{,2}"}, {"aa"}},
    };
    /* The row with the NUL byte is checked apart. */
    check_rows(rows, 19);
    check_rows(rows + 20, IFM_COUNT_OF(rows) - 20);
    ifm_error err;
    model_regex *regex = model_regex_new(model_text_of("a\\0b"), &err);
    CHECK(model_regex_matches(regex, (model_text){"a\0b", 3}, &err));
    model_regex_free(regex);
    check_end();
}

static const match_row match_rows[] = {
    {"a.c",
     {"abc", "a\nc",
      "a\xc3\xa4"
      "c"},
     {"ac", "abbc"}},
    {"(?-s)a.c", {"abc"}, {"a\nc"}},
    {"(?-s:a.)c.", {"abc\n"}, {"a\nc\n"}},
    {"foo|bar.", {"foo", "barx"}, {"bar", "foox"}},
    {"(?i)foo", {"FOO", "fOo"}, {"bar"}},
    {"(?i)k", {"k", "K", "\xe2\x84\xaa"}, {"l"}}, /* the sign of the kelvin is a K, too */
    {"a(?i)b|c", {"aB", "C"}, {"AB"}},
    {"(?i:a)b", {"Ab"}, {"AB"}},
    {"(?i)a(?-i)b", {"Ab"}, {"AB"}},
    {"(?U)a+", {"a", "aaa"}, {""}},
    {"^a$", {"a"}, {"a\n"}},
    {"a$", {"a"}, {"a\n"}},
    {"(?m)a$\\n^b", {"a\nb"}, {"ab"}},
    {"(?m)^a\\n^$", {"a\n"}, {"a"}},
    {"\\Aa\\z", {"a"}, {"b"}},
    {"a\\b.*", {"a", "a b"}, {"ab"}},
    {"a\\B.", {"ab"}, {"a "}},
    {"\\d+", {"09"}, {"a", "\xd9\xa1"}}, /* only ASCII's digits */
    {"\\w+", {"aZ_9"}, {"-", "\xc3\xa4"}},
    {"\\s", {" ", "\t", "\f"}, {"\v", "a"}},
    {"\\S", {"\v", "a"}, {" "}},
    {"[\\s\\d]", {" ", "7"}, {"\v", "a"}},
    {"[^\\S]", {" "}, {"\v", "a"}},
    {"\\D", {"a"}, {"1"}},
    {"\\W", {"-"}, {"a"}},
    {"[abc]", {"a", "c"}, {"d", ""}},
    {"[^abc]", {"d", "\n"}, {"a"}},
    {"[]a]", {"]", "a"}, {"b"}},
    {"[^]a]", {"b"}, {"]", "a"}},
    {"[a-]", {"a", "-"}, {"b"}},
    {"[-a]", {"a", "-"}, {"b"}},
    {"[a\\-z]", {"a", "-", "z"}, {"b"}},
    {"[[:alpha:]_]", {"a", "_"}, {"1", ":"}},
    {"[[:^digit:]]", {"a"}, {"1"}},
    {"[[:word:]]", {"_"}, {"-"}},
    {"[[:a]", {"[", ":", "a"}, {"b"}},
    {"[\\x{e4}-\\x{f6}]", {"\xc3\xa4", "\xc3\xb6"}, {"a"}},
    {"[&&~~*--/]", {"&", "~", "/", ","}, {"a", "."}},
    {"\\pL", {"a", "\xc3\xa4"}, {"1"}},
    {"\\p{Greek}", {"\xce\xb1"}, {"a"}},
    {"\\P{Greek}", {"a"}, {"\xce\xb1"}},
    {"\\p{^Greek}", {"a"}, {"\xce\xb1"}},
    {"[\\p{Lu}\\d]", {"A", "1"}, {"a"}},
    {"\\p{Any}", {"a"}, {""}},
    {"a{2}", {"aa"}, {"a", "aaa"}},
    {"a{2,}", {"aa", "aaaa"}, {"a"}},
    {"a{1,2}?", {"a", "aa"}, {"", "aaa"}},
    {"a{02}", {"a{02}"}, {"aa"}},
    {"(ab)*c", {"c", "ababc"}, {"abac"}},
    {"(a|b)+", {"abba"}, {"", "c"}},
    {"a(?i)*", {"", "aaa"}, {"A"}}, /* flags between what is repeated and its repetition */
    {"a*(?i)*b", {"b", "aaB"}, {"Aab"}},
    {"(a+)(?i)+", {"aaa"}, {""}},
    {"^*a$+", {"a"}, {"b"}},
    {"(|a)+", {"", "aa"}, {"b"}},
    {"(?:)*x", {"x"}, {""}},
    {"()x", {"x"}, {""}},
    {"(?P<name>a)(?<other>b)", {"ab"}, {"a"}},
    {"\\x{d800}|a", {"a"}, {"\xef\xbf\xbd"}}, /* a surrogate stands in no text */
    {"[\\x{d800}]", {NULL}, {"a", ""}},
    {"[^\\x{d800}]", {"a"}, {""}},
    {"[\\x{d7ff}-\\x{d800}]", {"\xed\x9f\xbf"}, {"a"}},
    {"a|b|.*c", {"a", "b", "xc"}, {"d"}},
    {"\\_\\-\\/\\ ", {"_-/ "}, {"_"}},
    {"#.*x # y", {"#x # y"}, {"#x#y"}}, /* blanks and # are themselves */
};

static void regex_means_what_it_means_in_go(void **state)
{
    (void)state;
    check_rows(match_rows, IFM_COUNT_OF(match_rows));
}

/* As Go's regexp/syntax says it. */
static const struct refused_row {
    const char *pattern, *want;
} refused_rows[] = {
    {"*", "missing argument to repetition operator: `*`"},
    {"+?", "missing argument to repetition operator: `+?`"},
    {"a|*", "missing argument to repetition operator: `*`"},
    {"(*a)", "missing argument to repetition operator: `*`"},
    {"(?i)*", "missing argument to repetition operator: `*`"},
    {"{2}", "missing argument to repetition operator: `{2}`"},
    {"(*UTF)a", "missing argument to repetition operator: `*`"},
    {"(abc", "missing closing ): `(abc`"},
    {"abc)", "unexpected ): `abc)`"},
    {"a)|(b", "unexpected ): `a)|(b`"},
    {"x[a-z", "missing closing ]: `[a-z`"},
    {"[", "missing closing ]: `[`"},
    {"[]", "missing closing ]: `[]`"},
    {"[z-a]", "invalid character class range: `z-a`"},
    {"[a-\\d]", "invalid escape sequence: `\\d`"},
    {"[[:foo:]]", "invalid character class range: `[:foo:]`"},
    {"\\p{Foo}", "invalid character class range: `\\p{Foo}`"},
    {"\\pX", "invalid character class range: `\\pX`"},
    {"\\p{L", "invalid character class range: `\\p{L`"},
    {"\\p", "invalid character class range: `\\p`"},
    {"\\p{Alphabetic}", "invalid character class range: `\\p{Alphabetic}`"},
    {"abc\\", "trailing backslash at end of expression: ``"},
    {"a**", "invalid nested repetition operator: `**`"},
    {"a*+", "invalid nested repetition operator: `*+`"},
    {"a??+", "invalid nested repetition operator: `??+`"},
    {"a{2}{3}", "invalid nested repetition operator: `{2}{3}`"},
    {"\\x", "invalid escape sequence: `\\x`"},
    {"\\x{110000}", "invalid escape sequence: `\\x{110000`"},
    {"\\xg1", "invalid escape sequence: `\\xg1`"},
    {"\\1", "invalid escape sequence: `\\1`"},
    {"(a)\\1", "invalid escape sequence: `\\1`"},
    {"\\8", "invalid escape sequence: `\\8`"},
    {"\\C", "invalid escape sequence: `\\C`"},
    {"\\R", "invalid escape sequence: `\\R`"},
    {"\\G", "invalid escape sequence: `\\G`"},
    {"\\Z", "invalid escape sequence: `\\Z`"},
    {"\\k<a>", "invalid escape sequence: `\\k`"},
    {"\\E", "invalid escape sequence: `\\E`"},
    {"\\\xc3\xa4", "invalid escape sequence: `\\\xc3\xa4`"},
    {"(?=a)", "invalid or unsupported Perl syntax: `(?=`"},
    {"(?!a)", "invalid or unsupported Perl syntax: `(?!`"},
    {"(?>a)", "invalid or unsupported Perl syntax: `(?>`"},
    {"(?#a)", "invalid or unsupported Perl syntax: `(?#`"},
    {"(?R)", "invalid or unsupported Perl syntax: `(?R`"},
    {"(?P=a)", "invalid or unsupported Perl syntax: `(?P`"},
    {"(?i-)a", "invalid or unsupported Perl syntax: `(?i-)`"},
    {"(?i--s)a", "invalid or unsupported Perl syntax: `(?i--`"},
    {"(?x)a", "invalid or unsupported Perl syntax: `(?x`"},
    {"(?i", "invalid or unsupported Perl syntax: `(?i`"},
    {"(?<=a)b", "invalid named capture: `(?<=a)b`"},
    {"(?<!a)b", "invalid named capture: `(?<!a)b`"},
    {"(?P<n", "invalid named capture: `(?P<n`"},
    {"(?P<>a)", "invalid named capture: `(?P<>`"},
    {"(?P<a b>a)", "invalid named capture: `(?P<a b>`"},
    {"a{1001}", "invalid repeat count: `{1001}`"},
    {"a{2,1}", "invalid repeat count: `{2,1}`"},
    {"a{99999999999}", "invalid repeat count: `{99999999999}`"},
    {"a{1,99999999999}", "invalid repeat count: `{1,99999999999}`"},
    {"(a{100}){11}", "invalid repeat count: `{11}`"},
    {"((a{10}b){10}|c){11}", "invalid repeat count: `{11}`"},
    {"a\xff", "invalid UTF-8: `a\xef\xbf\xbd`"},
};

static void regex_refuses_what_re2_refuses(void **state)
{
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(refused_rows); i++) {
        ifm_error err = {.code = IFM_OK};
        model_regex *regex = model_regex_new(model_text_of(refused_rows[i].pattern), &err);
        CHECK(regex == NULL);
        CHECK(!model_regex_check(model_text_of(refused_rows[i].pattern), &err));
        CHECK_INT(err.code, IFM_INVALID);
        char want[256];
        snprintf(want, sizeof want, "error parsing regexp: %s", refused_rows[i].want);
        CHECK_TEXT(err.message, want);
        model_regex_free(regex);
    }
    check_end();
}

/* "((( .. )))" around a letter. */
static char *nested(size_t depth)
{
    static char text[2 * 1100 + 2];
    memset(text, '(', depth);
    text[depth] = 'a';
    memset(text + depth + 1, ')', depth);
    text[2 * depth + 1] = '\0';
    return text;
}

static void regex_nests_as_deep_as_its_limit(void **state)
{
    (void)state;
    ifm_error err;
    for (size_t depth = 999; depth <= 1001; depth++) {
        model_regex *regex = model_regex_new(model_text_of(nested(depth)), &err);
        CHECK((regex != NULL) == (depth <= 1000));
        if (regex != NULL) {
            CHECK(model_regex_matches(regex, model_text_of("a"), &err));
        } else {
            CHECK_CONTAINS(err.message, "expression nests too deeply");
        }
        model_regex_free(regex);
    }
    check_end();
}

static void regex_repeats_as_often_as_its_limit(void **state)
{
    (void)state;
    static const char *const patterns[] = {"a{1000}", "(a{10}){100}", "((a{10}){10}){10}", "(a{1000}|b){1}",
                                           "(a{0}){1000}"};
    for (size_t i = 0; i < IFM_COUNT_OF(patterns); i++) {
        ifm_error err = {.code = IFM_OK};
        model_regex *regex = model_regex_new(model_text_of(patterns[i]), &err);
        if (regex == NULL) {
            fprintf(stderr, "%s\n", err.message);
        }
        CHECK(regex != NULL);
        model_regex_free(regex);
    }
    check_end();
}

static void hostile_pattern_is_an_error_in_no_time(void **state)
{
    (void)state;
    static const char *const patterns[] = {"(a*)*b",      "(a|aa)+b",     "(a+)+b",
                                           "(.*)*(.*)*x", "(?i)(a|a?)+b", "(.*a){20}b"};
    char text[4097];
    memset(text, 'a', sizeof text - 1);
    memcpy(text + sizeof text - 4, "bxc", 4); /* or it is seen at once that a letter is missing */
    for (size_t i = 0; i < IFM_COUNT_OF(patterns); i++) {
        ifm_error err = {.code = IFM_OK};
        model_regex *regex = model_regex_new(model_text_of(patterns[i]), &err);
        assert_non_null(regex);
        clock_t start = clock();
        CHECK(!model_regex_matches(regex, model_text_of(text), &err));
        double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
        CHECK(seconds < 5); /* it takes 10 to 100 ms */
        /* It may be clever enough to see that there is no match. */
        CHECK(err.code == IFM_OK || err.code == IFM_LIMIT);
        if (i == 1) {
            CHECK_INT(err.code, IFM_LIMIT);
            CHECK_CONTAINS(err.message, "backtracks more than 1000000 times");
        }
        err.code = IFM_OK;
        CHECK(!model_regex_matches(regex, model_text_of("q"), &err)); /* it stays usable */
        CHECK_INT(err.code, IFM_OK);
        model_regex_free(regex);
    }
    check_end();
}

static void long_patterns_have_a_limit(void **state)
{
    (void)state;
    static char pattern[1024 * 1024 + 2];
    ifm_error err;
    memset(pattern, 'a', sizeof pattern);
    model_regex *regex = model_regex_new((model_text){pattern, 1024 * 1024}, &err);
    assert_non_null(regex);
    CHECK(model_regex_matches(regex, (model_text){pattern, 1024 * 1024}, &err));
    model_regex_free(regex);
    CHECK(model_regex_new((model_text){pattern, 1024 * 1024 + 1}, &err) == NULL);
    CHECK_INT(err.code, IFM_LIMIT);
    memset(pattern, '.', sizeof pattern); /* more than PCRE2 takes */
    CHECK(model_regex_new((model_text){pattern, 1024 * 1024}, &err) == NULL);
    CHECK_INT(err.code, IFM_LIMIT);
    check_end();
}

static void bytes_that_are_no_utf8_count_as_replacement_characters(void **state)
{
    (void)state;
    ifm_error err = {.code = IFM_OK};
    model_regex *regex = model_regex_new(model_text_of("a[^b]c"), &err);
    CHECK(model_regex_matches(regex,
                              model_text_of("a\xff"
                                            "c"),
                              &err));
    CHECK(!model_regex_matches(regex,
                               model_text_of("a\xff\xff"
                                             "c"),
                               &err));
    CHECK_INT(err.code, IFM_OK);
    model_regex_free(regex);
    check_end();
}

static void expand_replaces_references(void **state)
{
    (void)state;
    static const struct row {
        const char *pattern, *text, *replacement, *want; /* NULL: no match */
    } rows[] = {
        {"(.*)", "abc", "$1", "abc"},
        {"(.*)", "abc", "x${1}y", "xabcy"},
        {"(.*)", "abc", "$1y", ""}, /* a group by the name of 1y */
        {"(a)(b)?(c)", "ac", "[$0][$1][$2][$3][$4]", "[ac][a][][c][]"},
        {"(?P<x>a)(?<y>b)", "ab", "$y-${x}.$z", "b-a."},
        {"(?P<x>a)|(?P<x>b)", "b", "$x", "b"},
        {"a", "a", "$$1 $ $- ${ ${} ${1 $", "$1 $ $- ${ ${} ${1 $"},
        {"(a)", "a", "$01", ""},
        {"(a)", "a", "$99999999999999999999", ""},
        {"foo", "foo", "bar", "bar"},
        {"foo", "bar", "$0", NULL},
        {".*", "", "x", "x"},
        {"(.)(.*)", "\xc3\xa4x", "$2$1", "x\xc3\xa4"},
        {"(a)", "a", "$1\xc3\xa4", ""},
        {"(a)", "a", "$1\xe2\x80\x93", "a\xe2\x80\x93"}, /* a dash ends the name */
        {"(?i)(A)b*?(B)", "abb", "$2$1", "ba"},
        {"(a*)(a*)", "aaa", "$1,$2", "aaa,"},
        {"(?U)(a*)(a*)", "aaa", "$1,$2", ",aaa"},
        {"(a*?)(a*)", "aaa", "$1,$2", ",aaa"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_error err = {.code = IFM_OK};
        ifm_buf out;
        bool matched;
        ifm_buf_init(&out, TEXT_MAX);
        model_regex *regex = model_regex_new(model_text_of(rows[i].pattern), &err);
        assert_non_null(regex);
        CHECK(model_regex_expand(regex, model_text_of(rows[i].text), model_text_of(rows[i].replacement), &out,
                                 &matched, &err));
        CHECK(matched == (rows[i].want != NULL));
        ifm_buf_append_char(&out, '\0');
        CHECK_TEXT(out.data, rows[i].want == NULL ? "" : rows[i].want);
        ifm_buf_deinit(&out);
        model_regex_free(regex);
    }
    check_end();
}

static void matcher_compares_or_matches(void **state)
{
    (void)state;
    static const struct row {
        model_match match;
        const char *value, *label;
        bool want;
    } rows[] = {
        {MODEL_EQUAL, "a", "a", true},        {MODEL_EQUAL, "a", "b", false},
        {MODEL_EQUAL, "", "", true},          {MODEL_NOT_EQUAL, "a", "a", false},
        {MODEL_NOT_EQUAL, "a", "", true},     {MODEL_REGEX, "a.", "ab", true},
        {MODEL_REGEX, "a.", "b", false},      {MODEL_REGEX, ".*", "", true},
        {MODEL_NOT_REGEX, "a.", "ab", false}, {MODEL_NOT_REGEX, "a.", "b", true},
        {MODEL_NOT_REGEX, "", "", false},     {MODEL_REGEX, "a|b", "b", true},
        {MODEL_NOT_REGEX, "a|b", "c", true},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_error err = {.code = IFM_OK};
        model_matcher matcher = {
            .name = model_text_of("l"), .value = model_text_of(rows[i].value), .match = rows[i].match};
        if (matcher.match >= MODEL_REGEX) {
            matcher.regex = model_regex_new(matcher.value, &err);
        }
        CHECK(model_matcher_matches(&matcher, model_text_of(rows[i].label), &err) == rows[i].want);
        CHECK_INT(err.code, IFM_OK);
        model_regex_free(matcher.regex);
    }
    check_end();
}

static void matcher_tells_a_failure_from_a_mismatch(void **state)
{
    (void)state;
    char text[4096];
    memset(text, 'a', sizeof text);
    memcpy(text + sizeof text - 2, "bc", 2);
    for (int match = MODEL_REGEX; match <= MODEL_NOT_REGEX; match++) {
        ifm_error err = {.code = IFM_OK};
        model_matcher matcher = {.match = (model_match)match,
                                 .regex = model_regex_new(model_text_of("(a|aa)+b"), &err)};
        CHECK(!model_matcher_matches(&matcher, (model_text){text, sizeof text}, &err));
        CHECK_INT(err.code, IFM_LIMIT);
        model_regex_free(matcher.regex);
    }
    check_end();
}

static bool use_regex(void *context, ifm_error *err)
{
    ifm_buf out;
    ifm_buf_init(&out, TEXT_MAX);
    bool matched = false;
    model_regex *regex = model_regex_new(model_text_of(context), err);
    bool ok = regex != NULL && model_regex_expand(regex, model_text_of("foo\xff"), model_text_of("$0$name"),
                                                  &out, &matched, err);
    CHECK(!ok || matched);
    ifm_buf_deinit(&out);
    model_regex_free(regex);
    return ok;
}

static void regex_survives_failed_allocations(void **state)
{
    (void)state;
    static const char *const patterns[] = {"foo.*", "(?P<name>[f-o]+)\\P{Greek}", "foo\xef\xbf\xbd|bar"};
    for (size_t i = 0; i < IFM_COUNT_OF(patterns); i++) {
        /* Without memory for machine code, the interpreter matches. */
        CHECK(torture_allocations(use_regex, (void *)(uintptr_t)patterns[i], TORTURE_MAY_SUCCEED) >= 8);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regex_without_anything_to_search_for),
        cmocka_unit_test(regex_means_what_it_means_in_go),
        cmocka_unit_test(regex_refuses_what_re2_refuses),
        cmocka_unit_test(regex_nests_as_deep_as_its_limit),
        cmocka_unit_test(regex_repeats_as_often_as_its_limit),
        cmocka_unit_test(hostile_pattern_is_an_error_in_no_time),
        cmocka_unit_test(long_patterns_have_a_limit),
        cmocka_unit_test(bytes_that_are_no_utf8_count_as_replacement_characters),
        cmocka_unit_test(expand_replaces_references),
        cmocka_unit_test(matcher_compares_or_matches),
        cmocka_unit_test(matcher_tells_a_failure_from_a_mismatch),
        cmocka_unit_test(regex_survives_failed_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
