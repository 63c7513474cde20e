/* SPDX-License-Identifier: Apache-2.0
 *
 * What the parser yields for each line, in both formats, and what text 0.0.4 refuses. The rules of
 * OpenMetrics have their own file.
 */
#include "check.h"
#include "exposition/exposition.h"
#include "exposition/limits.h"
#include "torture.h"

#include <inferometer/registry.h>
#include <math.h>

/* An entry as one line: "sample NAME{NAME=VALUE,..} VALUE @MS # {..} VALUE @MS". */
static void describe_text(ifm_buf *out, ifm_text text)
{
    ifm_buf_append(out, text.data, text.size);
}

static void describe_labels(ifm_buf *out, const ifm_parsed_label *labels, size_t count)
{
    ifm_buf_append_char(out, '{');
    for (size_t i = 0; i < count; i++) {
        ifm_buf_append_text(out, i == 0 ? "" : ",");
        describe_text(out, labels[i].name);
        ifm_buf_append_char(out, '=');
        describe_text(out, labels[i].value);
    }
    ifm_buf_append_char(out, '}');
}

static void describe_value(ifm_buf *out, double value, ifm_parsed_time time)
{
    ifm_buf_printf(out, " %.17g", value);
    if (time.present) {
        ifm_buf_printf(out, " @%" PRId64, time.ms);
    }
}

static void describe(ifm_buf *out, const ifm_entry *entry)
{
    static const char *const kinds[] = {"help ", "type ", "unit ", "comment ", "sample ", "end"};
    ifm_buf_append_text(out, kinds[entry->kind]);
    describe_text(out, entry->name);
    switch (entry->kind) {
    case IFM_ENTRY_SAMPLE:
        describe_labels(out, entry->labels, entry->label_count);
        describe_value(out, entry->value, entry->time);
        if (entry->exemplar.present) {
            ifm_buf_append_text(out, " # ");
            describe_labels(out, entry->exemplar.labels, entry->exemplar.label_count);
            describe_value(out, entry->exemplar.value, entry->exemplar.time);
        }
        break;
    case IFM_ENTRY_TYPE:
        ifm_buf_printf(out, " %d", (int)entry->type);
        break;
    case IFM_ENTRY_END:
        break;
    default:
        ifm_buf_append_text(out, entry->name.size > 0 ? " <" : "<");
        describe_text(out, entry->text);
        ifm_buf_append_char(out, '>');
        break;
    }
    ifm_buf_append_char(out, '\n');
}

/* All entries of `text` up to the end, or the error in their place. */
static const char *parsed(ifm_parse_format format, ifm_parse_mode mode, const char *text)
{
    static char result[8192];
    ifm_error err;
    ifm_entry entry = {.kind = IFM_ENTRY_COMMENT};
    ifm_buf out;
    ifm_buf_init(&out, sizeof result - 1);
    ifm_parser *parser = ifm_parser_new(format, mode, &err);
    assert_non_null(parser);
    ifm_parser_start(parser, text, strlen(text));
    bool ok = true;
    while (ok && entry.kind != IFM_ENTRY_END) {
        ok = ifm_parser_next(parser, &entry, &err);
        if (ok) {
            describe(&out, &entry);
        }
    }
    if (!ok) {
        ifm_buf_printf(&out, "error at %zu: %s\n", err.offset, err.message);
    }
    assert_int_equal(out.failed, IFM_OK);
    memcpy(result, out.data, out.size);
    result[out.size] = '\0';
    ifm_buf_deinit(&out);
    ifm_parser_free(parser);
    return result;
}

#define CHECK_PARSED(format, text, want)  CHECK_TEXT(parsed(format, IFM_PARSE_STRICT, text), want)
#define CHECK_LENIENT(format, text, want) CHECK_TEXT(parsed(format, IFM_PARSE_LENIENT, text), want)
#define TEXT                              IFM_PARSE_TEXT
#define OPENMETRICS                       IFM_PARSE_OPENMETRICS

static void text_yields_entries(void **state)
{
    (void)state;
    CHECK_PARSED(TEXT, "", "end\n");
    CHECK_PARSED(TEXT, "\n \n\t\n", "end\n");
    CHECK_PARSED(TEXT, " ", "end\n");
    CHECK_PARSED(TEXT, "a 1\n", "sample a{} 1\nend\n");
    CHECK_PARSED(TEXT,
                 "# HELP http_total All requests.\n# TYPE http_total counter\n"
                 "http_total{method=\"post\",code=\"200\"} 1027 1395066363000\n"
                 "http_total{method=\"post\",code=\"400\"}    3 -1395066363000\n",
                 "help http_total <All requests.>\ntype http_total 1\n"
                 "sample http_total{method=post,code=200} 1027 @1395066363000\n"
                 "sample http_total{method=post,code=400} 3 @-1395066363000\nend\n");
    CHECK_PARSED(TEXT, "a NaN\nb +Inf\nc -inf\nd 1e-5\n",
                 "sample a{} nan\nsample b{} inf\nsample c{} -inf\nsample d{} 1.0000000000000001e-05\nend\n");
    CHECK_PARSED(TEXT, "a{} 1\na{b=\"c\",} 1\n", "sample a{} 1\nsample a{b=c} 1\nend\n");
    CHECK_PARSED(TEXT, "a 1 +5\n", "sample a{} 1 @5\nend\n");
    check_end();
}

static void text_takes_blanks_between_tokens(void **state)
{
    (void)state;
    CHECK_PARSED(TEXT, " \ta \t{ b\t= \"c\" , d =\"e\" , } \t1 \t5 \t\n", "sample a{b=c,d=e} 1 @5\nend\n");
    CHECK_PARSED(TEXT, "#\tHELP \ta \t b  c \n", "help a <b  c >\nend\n");
    CHECK_PARSED(TEXT, "#  TYPE  a\tgauge\t \n", "type a 2\nend\n");
    CHECK_PARSED(TEXT, "# HELP a\n# HELP b \n", "help a <>\nhelp b <>\nend\n");
    check_end();
}

static void text_types_are_five(void **state)
{
    (void)state;
    CHECK_PARSED(TEXT,
                 "# TYPE a counter\n# TYPE a gauge\n# TYPE a histogram\n# TYPE a summary\n# TYPE a untyped\n",
                 "type a 1\ntype a 2\ntype a 3\ntype a 5\ntype a 0\nend\n");
    CHECK_PARSED(TEXT, "# TYPE a info\n",
                 "error at 9: cannot parse line 1: there is no metric type \"info\"\n");
    CHECK_PARSED(TEXT, "# TYPE a unknown\n",
                 "error at 9: cannot parse line 1: there is no metric type \"unknown\"\n");
    CHECK_PARSED(TEXT, "# TYPE a\n", "error at 8: cannot parse line 1: there is no metric type \"\"\n");
    check_end();
}

static void text_comments_are_what_is_no_description(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "#",          "# ",    "#HELP a b",    "# HELP", "# TYPE ", "# HELPER a b",
        "# help a b", "# EOF", "# UNIT a_s s", "#\xFF"};
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        char text[64], want[64];
        snprintf(text, sizeof text, "%s\na 1\n", rows[i]);
        snprintf(want, sizeof want, "comment <%s>\nsample a{} 1\nend\n", rows[i]);
        CHECK_PARSED(TEXT, text, want);
    }
    check_end();
}

static void escapes_are_replaced(void **state)
{
    (void)state;
    CHECK_PARSED(TEXT, "a{b=\"\\\\ \\\" \\n\",c=\"d\\\\n\"} 1\n", "sample a{b=\\ \" \n,c=d\\n} 1\nend\n");
    CHECK_PARSED(TEXT, "# HELP a \\\\ \\n\n", "help a <\\ \n>\nend\n");
    CHECK_PARSED(OPENMETRICS, "# HELP a \\\\ \\n \\\" \\x \\\n# EOF", "help a <\\ \n \" \\x \\>\nend\n");
    CHECK_PARSED(OPENMETRICS, "a{b=\"\\x\"} 1\n# EOF", "sample a{b=\\x} 1\nend\n");
    CHECK_PARSED(OPENMETRICS, "{\"a\\\"b\",\"c\\\\\"=\"d\"} 1 # {\"e\\n\"=\"\\\"\"} 2\n# EOF",
                 "sample a\"b{c\\=d} 1 # {e\n=\"} 2\nend\n");
    CHECK_PARSED(TEXT, "# TYPE \"a\\\\b\" gauge\n", "type a\\b 2\nend\n");
    check_end();
}

static void names_may_stand_in_quotes(void **state)
{
    (void)state;
    CHECK_PARSED(
        TEXT, "# HELP \"a.b\" c\n{\"a.b\"} 1\n{\"a.b\",\"c d\"=\"e\"} 1\na{\"c d\"=\"e\",} 1\n{\"a\", } 1\n",
        "help a.b <c>\nsample a.b{} 1\nsample a.b{c d=e} 1\nsample a{c d=e} 1\nsample a{} 1\nend\n");
    CHECK_PARSED(TEXT, "{c=\"d\",\"a.b\"} 1\n", "sample a.b{c=d} 1\nend\n");
    CHECK_PARSED(TEXT, "{c=\"d\"} 1\n",
                 "error at 0: cannot parse line 1: a metric's name is missing or not valid\n");
    CHECK_PARSED(TEXT, "{\"a\",\"b\"} 1\n", "error at 5: cannot parse line 1: label \"b\" has no value\n");
    check_end();
}

static void text_refuses_what_breaks_the_grammar(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t offset;
        const char *want;
    } rows[] = {
        {"a", 1, "a blank and the value"},
        {"a ", 2, "value \"\""},
        {"a{b=\"c\"}1", 8, "a blank and the value"},
        {"a+1", 1, "a blank and the value"},
        {"1a 1", 0, "metric's name is missing"},
        {"a.b 1", 1, "a blank and the value"},
        {"a b", 2, "value \"b\""},
        {"a 0x10", 2, "value \"0x10\""},
        {"a 1_0", 2, "value \"1_0\""},
        {"a 1e999", 2, "too large"},
        {"a 1 1.5", 4, "timestamp in milliseconds"},
        {"a 1 x", 4, "timestamp in milliseconds"},
        {"a 1 -", 4, "timestamp in milliseconds"},
        {"a 1 9223372036854775808", 4, "timestamp in milliseconds"},
        {"a 1 -9223372036854775809", 4, "timestamp in milliseconds"},
        {"a 1 1 1", 6, "end of the line"},
        {"a 1 # {} 1", 4, "timestamp in milliseconds"},
        {"a{b=\"c\"d=\"e\"} 1", 7, "\",\" or \"}\""},
        {"a{,} 1", 2, "name is missing"},
        {"a{b=\"c\",,} 1", 8, "name is missing"},
        {"a{b=\"c\n\"} 1", 4, "quote is not closed"},
        {"a{b=\"c\\", 4, "quote is not closed"},
        {"a{b=\"c", 4, "quote is not closed"},
        {"a{b=\"c\"", 7, "\",\" or \"}\""},
        {"a{b=\"c\",", 8, "name is missing"},
        {"a{", 2, "name is missing"},
        {"a{b", 3, "\"=\" is missing"},
        {"a{b=", 4, "not in quotes"},
        {"a{b=\"1\",b=\"2\"} 1", 0, "occurs twice"},
        {"a{b=\"\x80\"} 1", 5, "not valid UTF-8"},
        {"# HELP a \x80", 9, "not valid UTF-8"},
        {"# HELP 1 b", 7, "metric's name"},
        {"# TYPE a-b gauge", 7, "metric's name"},
        {"a{b=\"\\x\"} 1", 5, "begins no escape"},
        {"# HELP a \\x", 9, "begins no escape"},
        {"# HELP a \\\"", 9, "begins no escape"},
        {"# HELP a \\", 9, "begins no escape"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        char start[32];
        char line[64];
        snprintf(line, sizeof line, "%s\n", rows[i].text);
        const char *got = parsed(TEXT, IFM_PARSE_STRICT, line);
        snprintf(start, sizeof start, "error at %zu: ", rows[i].offset);
        CHECK_CONTAINS(got, start);
        CHECK_CONTAINS(got, rows[i].want);
    }
    check_end();
}

/* A body that was cut off must not pass for a whole one: "a 12" may have been "a 123". */
static void text_refuses_a_last_line_without_line_feed(void **state)
{
    (void)state;
    CHECK_PARSED(
        TEXT, "a 1\nb 12",
        "sample a{} 1\nerror at 8: cannot parse line 2: the last line does not end with a line feed\n");
    CHECK_PARSED(TEXT, "# HELP a b",
                 "error at 10: cannot parse line 1: the last line does not end with a line "
                 "feed\n");
    CHECK_LENIENT(TEXT, "a 1\nb 12", "sample a{} 1\nsample b{} 12\nend\n");
    check_end();
}

static void timestamps_reach_the_ends_of_int64(void **state)
{
    (void)state;
    CHECK_PARSED(TEXT, "a 1 9223372036854775807\na 1 -9223372036854775808\n",
                 "sample a{} 1 @9223372036854775807\nsample a{} 1 @-9223372036854775808\nend\n");
    CHECK_PARSED(OPENMETRICS, "a 1 1e300\na 1 -1e300\na 1 1.5\na 1 -0.0019\n# EOF\n",
                 "sample a{} 1 @9223372036854775807\nsample a{} 1 @-9223372036854775808\n"
                 "sample a{} 1 @1500\nsample a{} 1 @-1\nend\n");
    check_end();
}

static void openmetrics_yields_entries(void **state)
{
    (void)state;
    CHECK_PARSED(OPENMETRICS,
                 "# TYPE a_seconds histogram\n# UNIT a_seconds seconds\n# HELP a_seconds Time.\n"
                 "a_seconds_bucket{le=\"+Inf\"} 3 1520879607.789 # {trace=\"x\"} 0.67 1520879606.1\n# EOF\n",
                 "type a_seconds 3\nunit a_seconds <seconds>\nhelp a_seconds <Time.>\n"
                 "sample a_seconds_bucket{le=+Inf} 3 @1520879607789 # {trace=x} 0.67000000000000004 "
                 "@1520879606100\nend\n");
    CHECK_PARSED(OPENMETRICS,
                 "# TYPE a unknown\n# TYPE a gaugehistogram\n# TYPE a info\n# TYPE a stateset\n# EOF",
                 "type a 0\ntype a 4\ntype a 6\ntype a 7\nend\n");
    CHECK_PARSED(
        OPENMETRICS, "a 1\nb x\n# EOF\n",
        "sample a{} 1\nerror at 6: cannot parse line 2: value \"x\" is not a number or is too large\n");
    check_end();
}

static void lenient_mode_takes_what_prometheus_takes(void **state)
{
    (void)state;
    CHECK_LENIENT(TEXT, "a{b=\"c\"d=\"e\"}1\n", "sample a{b=c,d=e} 1\nend\n");
    CHECK_LENIENT(TEXT, "a+1\n", "sample a{} 1\nend\n");
    CHECK_LENIENT(TEXT, "a{b=\"\\x\\\\\"} 1\n", "sample a{b=\\x\\} 1\nend\n");
    CHECK_LENIENT(TEXT, "# HELP a \\\\ \\n \\\" \\x \\\n", "help a <\\ \n \\\" \\x \\>\nend\n");
    CHECK_LENIENT(
        TEXT, "a{b=\"c\nd\"} 1\nx x\n",
        "sample a{b=c\nd} 1\nerror at 15: cannot parse line 3: value \"x\" is not a number or is too "
        "large\n");
    CHECK_LENIENT(OPENMETRICS, "a{b=\"c\",} 1\n# EOF", "sample a{b=c} 1\nend\n");
    CHECK_LENIENT(OPENMETRICS, "a{b=\"c\"}1\n# EOF",
                  "error at 8: cannot parse line 1: a blank and the value are expected here\n");
    CHECK_LENIENT(OPENMETRICS, "a{b=\"c\n\"} 1\n# EOF",
                  "error at 4: cannot parse line 1: the quote is not closed\n");
    check_end();
}

static void exemplar_has_at_most_128_characters(void **state)
{
    (void)state;
    for (int count = IFM_EXEMPLAR_CHARACTERS_MAX - 1; count <= IFM_EXEMPLAR_CHARACTERS_MAX + 1; count++) {
        char text[600] = "a_total 1 # {n=\"";
        size_t size = strlen(text);
        for (int i = 1; i < count; i++) {
            const char *character = i % 2 == 0 ? "\xC3\xA9" : i % 3 == 0 ? "\\n" : "x";
            size += (size_t)snprintf(text + size, sizeof text - size, "%s", character);
        }
        snprintf(text + size, sizeof text - size, "\"} 1\n# EOF\n");
        bool fits = count <= IFM_EXEMPLAR_CHARACTERS_MAX;
        CHECK_INT(strstr(parsed(OPENMETRICS, IFM_PARSE_STRICT, text), "have 129 characters") == NULL, fits);
        CHECK(strstr(parsed(OPENMETRICS, IFM_PARSE_LENIENT, text), "error") == NULL);
    }
    check_end();
}

/* The code of parsing a sample, or an exemplar, with `count` labels of one or two letters. */
static ifm_code parse_labels_code(const char *start, size_t count, ifm_parse_mode mode)
{
    ifm_buf text;
    ifm_error err = {.code = IFM_OK};
    ifm_entry entry;
    ifm_buf_init(&text, 100000);
    ifm_buf_append_text(&text, start);
    for (size_t i = 0; i < count; i++) {
        ifm_buf_printf(&text, "%sl%zu=\"\"", i == 0 ? "" : ",", i);
    }
    ifm_buf_append_text(&text, "} 1\n# EOF\n");
    ifm_parser *parser = ifm_parser_new(OPENMETRICS, mode, &err);
    assert_non_null(parser);
    ifm_parser_start(parser, text.data, text.size);
    bool ok = ifm_parser_next(parser, &entry, &err);
    CHECK_INT(ok, err.code == IFM_OK);
    CHECK(!ok || entry.label_count == count || entry.exemplar.label_count == count);
    ifm_parser_free(parser);
    ifm_buf_deinit(&text);
    return err.code;
}

static void labels_are_limited(void **state)
{
    (void)state;
    CHECK_INT(parse_labels_code("a{", IFM_PARSE_LABELS_MAX - 1, IFM_PARSE_STRICT), IFM_OK);
    CHECK_INT(parse_labels_code("a{", IFM_PARSE_LABELS_MAX, IFM_PARSE_STRICT), IFM_OK);
    CHECK_INT(parse_labels_code("a{", IFM_PARSE_LABELS_MAX + 1, IFM_PARSE_STRICT), IFM_LIMIT);
    size_t max = IFM_PARSE_EXEMPLAR_LABELS_MAX;
    CHECK_INT(parse_labels_code("a_total 1 # {", max - 1, IFM_PARSE_LENIENT), IFM_OK);
    CHECK_INT(parse_labels_code("a_total 1 # {", max, IFM_PARSE_LENIENT), IFM_OK);
    CHECK_INT(parse_labels_code("a_total 1 # {", max + 1, IFM_PARSE_LENIENT), IFM_LIMIT);
    check_end();
}

static void escaped_text_is_limited(void **state)
{
    (void)state;
    for (size_t size = IFM_PARSE_ESCAPED_BYTES_MAX - 1; size <= IFM_PARSE_ESCAPED_BYTES_MAX + 1; size++) {
        ifm_buf text;
        ifm_error err = {.code = IFM_OK};
        ifm_entry entry;
        ifm_buf_init(&text, SIZE_MAX);
        ifm_buf_append_text(&text, "# HELP a ");
        char *help = ifm_buf_reserve(&text, size);
        assert_non_null(help);
        memset(help, 'x', size);
        memcpy(help, "\\n", 2);
        text.size += size;
        ifm_buf_append_char(&text, '\n');
        ifm_parser *parser = ifm_parser_new(TEXT, IFM_PARSE_STRICT, &err);
        ifm_parser_start(parser, text.data, text.size);
        CHECK_INT(ifm_parser_next(parser, &entry, &err), size <= IFM_PARSE_ESCAPED_BYTES_MAX);
        CHECK_INT(err.code, size <= IFM_PARSE_ESCAPED_BYTES_MAX ? IFM_OK : IFM_LIMIT);
        ifm_parser_free(parser);
        ifm_buf_deinit(&text);
    }
    check_end();
}

static void parser_stays_at_its_end_and_starts_again(void **state)
{
    (void)state;
    ifm_error err;
    ifm_entry entry;
    ifm_parser *parser = ifm_parser_new(TEXT, IFM_PARSE_STRICT, &err);
    assert_non_null(parser);
    CHECK(ifm_parser_next(parser, &entry, &err) && entry.kind == IFM_ENTRY_END);
    ifm_parser_start(parser, "a 1\n?\n", 6);
    CHECK(ifm_parser_next(parser, &entry, &err) && entry.kind == IFM_ENTRY_SAMPLE);
    for (int i = 0; i < 2; i++) {
        err = (ifm_error){.code = IFM_OK};
        CHECK(!ifm_parser_next(parser, &entry, &err));
        CHECK_INT(err.code, IFM_INVALID);
        CHECK_INT(err.offset, 4);
        CHECK_CONTAINS(err.message, "line 2");
    }
    ifm_parser_start(parser, "\n b 2\n", 6);
    CHECK(ifm_parser_next(parser, &entry, &err) && entry.kind == IFM_ENTRY_SAMPLE);
    CHECK_INT(entry.line, 2);
    CHECK_INT(entry.offset, 2);
    CHECK(ifm_parser_next(parser, &entry, &err) && entry.kind == IFM_ENTRY_END);
    CHECK(ifm_parser_next(parser, &entry, &err) && entry.kind == IFM_ENTRY_END);
    ifm_parser_free(parser);
    ifm_parser_free(NULL);
    check_end();
}

static void parser_allocates_nothing_for_lines_without_escapes(void **state)
{
    (void)state;
    ifm_error err;
    ifm_entry entry = {.kind = IFM_ENTRY_COMMENT};
    static const char text[] = "# TYPE a counter\n# HELP a b\na_total{c=\"d\"} 1 # {e=\"f\"} 2\n# EOF\n";
    ifm_parser *parser = ifm_parser_new(OPENMETRICS, IFM_PARSE_STRICT, &err);
    assert_non_null(parser);
    size_t allocations = torture_allocation_count();
    ifm_parser_start(parser, text, sizeof text - 1);
    while (entry.kind != IFM_ENTRY_END) {
        assert_true(ifm_parser_next(parser, &entry, &err));
    }
    CHECK_INT(torture_allocation_count() - allocations, 0);
    ifm_parser_free(parser);
    check_end();
}

static bool parse_with_escapes(void *context, ifm_error *err)
{
    (void)context;
    static const char text[] = "# HELP a \\n\na{b=\"\\n\"} 1\n";
    ifm_parser *parser = ifm_parser_new(TEXT, IFM_PARSE_STRICT, err);
    ifm_entry entry = {.kind = IFM_ENTRY_COMMENT};
    bool ok = parser != NULL;
    if (ok) {
        ifm_parser_start(parser, text, sizeof text - 1);
    }
    while (ok && entry.kind != IFM_ENTRY_END) {
        ok = ifm_parser_next(parser, &entry, err);
    }
    ifm_parser_free(parser);
    return ok;
}

static void parser_survives_failing_allocations(void **state)
{
    (void)state;
    CHECK_INT(torture_allocations(parse_with_escapes, NULL, TORTURE_MUST_FAIL), 2);
    check_end();
}

static void error_shows_text_that_is_safe_to_print(void **state)
{
    (void)state;
    CHECK_CONTAINS(parsed(TEXT, IFM_PARSE_STRICT, "a \x01\xFF\xC3\xA9\n"), "value \"??\xC3\xA9\" is");
    char text[200] = "a ";
    memset(text + 2, 'x', 100);
    text[102] = '\n';
    const char *got = parsed(TEXT, IFM_PARSE_STRICT, text);
    CHECK_CONTAINS(got, "xxx...\" is not a number");
    CHECK(strlen(got) < 150);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_yields_entries),
        cmocka_unit_test(text_takes_blanks_between_tokens),
        cmocka_unit_test(text_types_are_five),
        cmocka_unit_test(text_comments_are_what_is_no_description),
        cmocka_unit_test(escapes_are_replaced),
        cmocka_unit_test(names_may_stand_in_quotes),
        cmocka_unit_test(text_refuses_what_breaks_the_grammar),
        cmocka_unit_test(text_refuses_a_last_line_without_line_feed),
        cmocka_unit_test(timestamps_reach_the_ends_of_int64),
        cmocka_unit_test(openmetrics_yields_entries),
        cmocka_unit_test(lenient_mode_takes_what_prometheus_takes),
        cmocka_unit_test(exemplar_has_at_most_128_characters),
        cmocka_unit_test(labels_are_limited),
        cmocka_unit_test(escaped_text_is_limited),
        cmocka_unit_test(parser_stays_at_its_end_and_starts_again),
        cmocka_unit_test(parser_allocates_nothing_for_lines_without_escapes),
        cmocka_unit_test(parser_survives_failing_allocations),
        cmocka_unit_test(error_shows_text_that_is_safe_to_print),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
