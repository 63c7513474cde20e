/* SPDX-License-Identifier: Apache-2.0 */
#include "check.h"
#include "promql/regex_empty.h"

static void check_patterns(const char *const *patterns, size_t count, bool want)
{
    for (size_t i = 0; i < count; i++) {
        promql_text pattern = {patterns[i], strlen(patterns[i])};
        bool got = promql_regex_matches_empty(pattern);
        if (!check_report(got == want, __FILE__, __LINE__)) {
            fprintf(stderr, "\"%s\" matches empty: %d, want %d\n", patterns[i], got, want);
        }
    }
    check_end();
}

static void regex_tells_what_matches_nothing(void **state)
{
    (void)state;
    static const char *const patterns[] = {"",
                                           ".*",
                                           "a*",
                                           "a?",
                                           "a??",
                                           "a*?",
                                           "a*b*",
                                           "a|",
                                           "|a",
                                           "a||b",
                                           "a*|b",
                                           "(a)*",
                                           "(a*)",
                                           "(a*)+",
                                           "(a|b*)(c?)",
                                           "((a)|(b|()))",
                                           "()",
                                           "(?:)",
                                           "(?i)",
                                           "(?i:a*)",
                                           "(?P<n>a)?",
                                           "(?<n>a*)",
                                           "^$",
                                           "^",
                                           "\\A\\z",
                                           "\\B",
                                           "a{0}",
                                           "a{0,3}",
                                           "a{0,}",
                                           "a{00}",
                                           "(a{0}b{0})",
                                           "{0}",
                                           "[a]*",
                                           "[]a]*",
                                           "[^]a]*",
                                           "[a\\]]*",
                                           "[[:alpha:]]*",
                                           "\\d*",
                                           "\\pL*",
                                           "\\p{Greek}*",
                                           "\\x41*",
                                           "\\x{10FFFF}*",
                                           "\\Q\\E",
                                           "\\Q*\\E*",
                                           "\\Q\xC3\xA4\\E*",
                                           "a{0}?b?",
                                           "prod|dev|",
                                           "(a*)(b*)|c",
                                           "(?s).*"};
    check_patterns(patterns, IFM_COUNT_OF(patterns), true);
}

static void regex_tells_what_needs_text(void **state)
{
    (void)state;
    static const char *const patterns[] = {
        "a",         ".+",        "a+",      "a+?",      "a*b",       "a|b",  "(a)",         "(a|b)?c",
        "(a|b)(c?)", "(?:a)",     "(?i)a",   "(?P<n>a)", "^a$",       "\\b",  "a{1}",        "a{2,}",
        "a{10}",     "a{",        "a{,3}",   "a{x}",     "[a]",       "[]a]", "[[:alpha:]]", "[|]",
        "[(*]",      "\\d",       "\\|",     "\\(\\)",   "\\*",       "\\pL", "\\P{Greek}",  "\\x{41}",
        "\\Qa|\\E",  "\\Qab\\E*", "a\\Q\\E", "(",        ")",         "a)",   "(a",          "\\",
        "[",         "[a",        "(?P<n",   "prod|dev", "\xC3\xA4*", "$x"};
    check_patterns(patterns, IFM_COUNT_OF(patterns), false);
}

static void regex_limits_groups(void **state)
{
    (void)state;
    static char pattern[4 * 1024];
    for (size_t depth = 999; depth <= 1001; depth++) {
        memset(pattern, '(', depth);
        memset(pattern + depth, ')', depth);
        promql_text text = {pattern, 2 * depth};
        CHECK_INT(promql_regex_matches_empty(text), depth <= 1000);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(regex_tells_what_matches_nothing),
        cmocka_unit_test(regex_tells_what_needs_text),
        cmocka_unit_test(regex_limits_groups),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
