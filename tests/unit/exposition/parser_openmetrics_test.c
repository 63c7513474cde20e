/* SPDX-License-Identifier: Apache-2.0
 *
 * Which documents are OpenMetrics 1.0 and which are not: one row for each rule of the specification, with a
 * part of the sentence that refuses it. "# EOF\n" is added to every text unless it has one.
 */
#include "check.h"
#include "exposition/exposition.h"
#include "exposition/parser_check.h"
#include "torture.h"

#include <inferometer/registry.h>

typedef struct refused_row {
    const char *text;
    const char *want; /* in the message */
} refused_row;

static bool check_document(const char *text, ifm_error *err)
{
    static const char end[] = "# EOF\n";
    ifm_buf document;
    ifm_buf_init(&document, 100000);
    ifm_buf_append_text(&document, text);
    if (strstr(text, "EOF") == NULL) {
        ifm_buf_append_text(&document, end);
    }
    bool ok = ifm_openmetrics_check_text(document.data, document.size, err);
    ifm_buf_deinit(&document);
    return ok;
}

static void check_accepted(const char *const *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ifm_error err = {.message = ""};
        if (!check_document(rows[i], &err)) {
            CHECK_TEXT(err.message, rows[i]);
        }
    }
    check_end();
}

static void check_refused(const refused_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        ifm_error err = {.message = ""};
        if (check_document(rows[i].text, &err)) {
            CHECK_TEXT("accepted", rows[i].text);
            continue;
        }
        CHECK_INT(err.code, IFM_INVALID);
        CHECK_CONTAINS(err.message, rows[i].want);
    }
    check_end();
}

#define ACCEPTED(rows) check_accepted(rows, IFM_COUNT_OF(rows))
#define REFUSED(rows)  check_refused(rows, IFM_COUNT_OF(rows))

static void openmetrics_accepts_documents(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "",
        "# EOF",
        "a 1\n",
        "a{} 1\n",
        "a 1\n# EOF",
        "a +1e-9 -3.5\n",
        "a 1 0012\n",
        "a 1 1.5E3\n",
        "a NaN\nb -Inf\nc +inf\nd infinity\ne .5\nf 7.\n",
        "a 1 99999999999999999999.5\n",
        ":a:b 1\n_c 2\n",
        "a{b=\"\",c=\"{}=,# \\\"\\\\\\n\\x\"} 1\n",
        "a{b=\"\xC3\xA9\"} 1\n",
        "{\"a.b\"} 1\n",
        "{\"a.b\",\"c.d\"=\"e\",f=\"g\"} 1\n",
        "a{\"b.c\"=\"d\"} 1\n",
        "# HELP a \n# UNIT a \n# TYPE a unknown\n",
        "# HELP a \\n \\\\ \\\" \\x tail \\\na 1\n",
        "# TYPE \"a.b\" gauge\n# HELP \"a.b\" x\n{\"a.b\"} 1\n",
        "# UNIT a_s s\n# TYPE a_s gauge\n# HELP a_s x\na_s 1\n",
        "# TYPE x_u info\n# UNIT x_u \nx_u_info 1\n",
    };
    ACCEPTED(rows);
}

static void openmetrics_accepts_each_type(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "# TYPE a counter\na_total 1 # {} 1\na_created 1.5\n",
        "# TYPE a counter\na_total 0 12 # {a=\"b\"} 0.5 13.5\n",
        "# TYPE a counter\na_total 18446744073709551615\n",
        "# TYPE a counter\na_total +Inf\n",
        "# TYPE a gauge\na -1\n",
        "# TYPE a histogram\na_bucket{le=\"1\"} 0 # {t=\"1\"} 0.5\na_bucket{le=\"+Inf\"} 3 # {t=\"2\"} 4\n"
        "a_count 3\na_sum 2\na_created 1\n",
        "# TYPE a histogram\na_sum 2\na_count 3\na_bucket{le=\"+Inf\"} 3\n",
        "# TYPE a histogram\na_bucket{le=\"+Inf\"} 3\n",
        "# TYPE a histogram\na_bucket{le=\"-1\"} 0\na_bucket{le=\"+Inf\"} 3\n",
        "# TYPE a histogram\na_bucket{le=\"-Inf\"} 0\na_bucket{le=\"+Inf\"} 3\n",
        "# TYPE a histogram\na_bucket{x=\"1\",le=\"+Inf\"} 3\na_bucket{x=\"2\",le=\"+Inf\"} 1\n",
        "# TYPE a histogram\na_bucket{le=\"+Inf\"} 3 1\na_bucket{le=\"+Inf\"} 2 2\n",
        "# TYPE a histogram\n",
        "# TYPE a gaugehistogram\na_bucket{le=\"-1\"} 1\na_bucket{le=\"+Inf\"} 3\na_gcount 3\na_gsum -5\n",
        "# TYPE a gaugehistogram\na_bucket{le=\"1\"} 0 12 # {a=\"b\"} 0.5\na_bucket{le=\"+Inf\"} 3 12\n",
        "# TYPE a summary\na{quantile=\"0\"} 0\na{quantile=\"0.5\"} NaN\na{quantile=\"1\"} 2\na_sum "
        "1\na_count 2\n",
        "# TYPE a summary\na_count 1\na_sum 2\na_created 3\n",
        "# TYPE a info\na_info{b=\"c\"} 1\n",
        "# TYPE a info\na_info{b=\"1\"} 1 5\na_info{b=\"2\"} 1 4\n",
        "# TYPE a stateset\na{a=\"on\"} 1\na{a=\"off\"} 0.0\n",
        "# TYPE a stateset\na{x=\"1\",a=\"on\"} 1\na{x=\"2\",a=\"on\"} 0\n",
        "# TYPE a unknown\na{quantile=\"x\",le=\"y\"} -1\n",
        "a_total -1\na_bucket 0.5\n",
    };
    ACCEPTED(rows);
}

static void openmetrics_accepts_groups_and_times(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "# TYPE a gauge\na 1 1\na 2 2\na 3 2\n",
        "# TYPE a gauge\na 1 0.0000000000\na 2 0.0000000001\n",
        "# TYPE a gauge\na{b=\"1\"} 1 5\na{b=\"2\"} 1 4\na{b=\"3\"} 1\n",
        "# TYPE a gauge\na{b=\"1\",c=\"2\"} 1\na{b=\"2\",c=\"1\"} 1\n",
        "a 1\na{b=\"1\"} 2\nc 1\n",
    };
    ACCEPTED(rows);
}

static void openmetrics_refuses_wrong_ends(void **state)
{
    (void)state;
    static const refused_row rows[] = {
        {"a 1\n# EOF\nblah", "after \"# EOF\""},
        {"a 1\n# EOFblah", "after \"# EOF\""},
        {"a 1\n# EOF\n\n", "after \"# EOF\""},
        {"a 1\n# EOF ", "after \"# EOF\""},
        {"a 1\n# EOF\n# EOF\n", "after \"# EOF\""},
        {"a 1\n#EOF\n", "HELP, TYPE, UNIT or EOF"},
        {"a 1\n#  EOF\n", "HELP, TYPE, UNIT or EOF"},
        {"a 1\n\n", "the line is empty"},
        {"\n", "the line is empty"},
        {"a 1\r\n", "is not a number"},
    };
    REFUSED(rows);
    ifm_error err;
    CHECK(!ifm_openmetrics_check_text("", 0, &err));
    CHECK_CONTAINS(err.message, "does not end with");
    CHECK(!ifm_openmetrics_check_text("a 1\n", 4, &err));
    CHECK_CONTAINS(err.message, "does not end with");
    CHECK(!ifm_openmetrics_check_text("a 1", 3, &err));
    CHECK_CONTAINS(err.message, "does not end with");
    check_end();
}

static void openmetrics_refuses_wrong_labels(void **state)
{
    (void)state;
    static const refused_row rows[] = {
        {"a{a=1} 1\n", "not in quotes"},
        {"a{a='1'} 1\n", "not in quotes"},
        {"a{a=\"1} 1\n", "quote is not closed"},
        {"a{a=\"1\\\"} 1\n", "quote is not closed"},
        {"a{a=\"1\\\n\"} 1\n", "quote is not closed"},
        {"a{a=\"} 1\n", "quote is not closed"},
        {"a{a} 1\n", "\"=\" is missing"},
        {"a{a\"b\"} 1\n", "\"=\" is missing"},
        {"a{a=} 1\n", "not in quotes"},
        {"a{\"\"} 1\n", "name is missing"},
        {"a{\"b\"} 1\n", "has no value"},
        {"{\"\"} 1\n", "name is missing"},
        {"{} 1\n", "name is missing"},
        {"{a=\"b\"} 1\n", "metric's name is missing"},
        {"{\"a\",\"b\"} 1\n", "has no value"},
        {"a{b=\"1\"}1\n", "a blank and the value"},
        {"a{b=\"1\"c=\"2\"} 1\n", "\",\" or \"}\""},
        {"a{b=\"1\",,c=\"2\"} 1\n", "name is missing"},
        {"a{b=\"1\",} 1\n", "name is missing"},
        {"a{,b=\"1\"} 1\n", "name is missing"},
        {"a{,} 1\n", "name is missing"},
        {"a{ b=\"1\"} 1\n", "name is missing"},
        {"a{b =\"1\"} 1\n", "\"=\" is missing"},
        {"a{b= \"1\"} 1\n", "not in quotes"},
        {"a{b=\"1\" } 1\n", "\",\" or \"}\""},
        {"a{b=\"1\", c=\"1\"} 1\n", "name is missing"},
        {"a {b=\"1\"} 1\n", "is not a number"},
        {"a{1=\"1\"} 1\n", "name is missing"},
        {"a{a:b=\"1\"} 1\n", "\"=\" is missing"},
        {"a{b=\"1\",b=\"1\"} 1\n", "occurs twice"},
        {"a{b=\"1\",\"b\"=\"2\"} 1\n", "occurs twice"},
        {"a{b=\" # \",b=\" # \"} 1\n", "occurs twice"},
        {"a{b=\"1\"c} 1\n", "\",\" or \"}\""},
        {"a{b=\"1\" 1\n", "\",\" or \"}\""},
        {"a{b=\"\xFF\"} 1\n", "not valid UTF-8"},
        {"a{b=\"\xED\xA0\x80\"} 1\n", "not valid UTF-8"},
        {"{\"\xC0\x80\"} 1\n", "not valid UTF-8"},
    };
    REFUSED(rows);
}

static void openmetrics_refuses_wrong_names_and_values(void **state)
{
    (void)state;
    static const refused_row rows[] = {
        {"0a 1\n", "metric's name is missing"},
        {"a.b 1\n", "a blank and the value"},
        {"a-b 1\n", "a blank and the value"},
        {"\xC3\xA9 1\n", "metric's name is missing"},
        {" a 1\n", "metric's name is missing"},
        {"a\n", "a blank and the value"},
        {"a \n", "value \"\" is not"},
        {"a a\n", "value \"a\" is not"},
        {"a  1\n", "value \"\" is not"},
        {"a\t1\n", "a blank and the value"},
        {"a 1\t\n", "is not a number"},
        {"a 1 \n", "not a timestamp"},
        {"a 1_2\n", "is not a number"},
        {"a 0x1p-3\n", "is not a number"},
        {"a 0X1P-3\n", "is not a number"},
        {"a 0x1\n", "is not a number"},
        {"a 0b1\n", "is not a number"},
        {"a 0o1\n", "is not a number"},
        {"a +NaN\n", "is not a number"},
        {"a 1e\n", "is not a number"},
        {"a 1e999\n", "too large"},
        {"a 1,5\n", "is not a number"},
        {"a 1 z\n", "not a timestamp"},
        {"a 1 1z\n", "not a timestamp"},
        {"a 1 1_2\n", "not a timestamp"},
        {"a 1 1.1.1\n", "not a timestamp"},
        {"a 1 NaN\n", "not a timestamp"},
        {"a 1 Inf\n", "not a timestamp"},
        {"a 1 -Inf\n", "not a timestamp"},
        {"a 1 0x1p3\n", "not a timestamp"},
        {"a 1  1\n", "not a timestamp"},
        {"a 1 1 \n", "an exemplar or the end"},
        {"a 1 1 1\n", "an exemplar or the end"},
    };
    REFUSED(rows);
}

static void openmetrics_refuses_wrong_descriptions(void **state)
{
    (void)state;
    static const refused_row rows[] = {
        {"# HELP\n", "HELP, TYPE, UNIT or EOF"},
        {"# HELP \n", "metric's name and a blank"},
        {"# HELP a\n", "metric's name and a blank"},
        {"# HELP a\tb\n", "metric's name and a blank"},
        {"# HELP  a b\n", "metric's name and a blank"},
        {"# HELP 0a b\n", "metric's name and a blank"},
        {"# HELP a-b c\n", "metric's name and a blank"},
        {"# HELP \"\" c\n", "metric's name and a blank"},
        {"# HELP \"a\"c d\n", "metric's name and a blank"},
        {"# HELP \"a c\n", "quote is not closed"},
        {"# HELP a \xFF\n", "not valid UTF-8"},
        {" # HELP a b\n", "metric's name is missing"},
        {"#HELP a b\n", "HELP, TYPE, UNIT or EOF"},
        {"# help a b\n", "HELP, TYPE, UNIT or EOF"},
        {"# FOO a b\n", "HELP, TYPE, UNIT or EOF"},
        {"# a comment\n", "HELP, TYPE, UNIT or EOF"},
        {"# TYPE a\n", "metric's name and a blank"},
        {"# TYPE a \n", "no metric type \"\""},
        {"# TYPE a meh\n", "no metric type \"meh\""},
        {"# TYPE a gauge \n", "no metric type"},
        {"# TYPE a  gauge\n", "no metric type"},
        {"# TYPE a Gauge\n", "no metric type"},
        {"# TYPE a untyped\n", "no metric type"},
        {"# UNIT a\n", "metric's name and a blank"},
        {"# UNIT a seconds\n", "does not end with unit"},
        {"# UNIT seconds seconds\n", "does not end with unit"},
        {"# UNIT _seconds _seconds\n", "does not end with unit"},
        {"# UNIT aseconds seconds\n", "does not end with unit"},
        {"# UNIT a_seconds seconds \n", "does not end with unit"},
        {"# TYPE x_u info\n# UNIT x_u u\n", "has a unit"},
        {"# UNIT x_u u\n# TYPE x_u stateset\n", "has a unit"},
        {"# HELP a x\na 1\n# TYPE a gauge\n", "described after its samples"},
        {"# TYPE a gauge\na 1\n# HELP a x\n", "described after its samples"},
        {"# TYPE a_s gauge\na_s 1\n# UNIT a_s s\n", "described after its samples"},
        {"# HELP a x\n# HELP a x\n", "two lines of one kind"},
        {"# HELP a \n# HELP a \n", "two lines of one kind"},
        {"# TYPE a gauge\n# TYPE a gauge\n", "two lines of one kind"},
        {"# TYPE a gauge\n# TYPE a counter\n", "two lines of one kind"},
        {"# UNIT a_s s\n# UNIT a_s s\n", "two lines of one kind"},
        {"# UNIT a \n# UNIT a \n", "two lines of one kind"},
    };
    REFUSED(rows);
}

static void openmetrics_refuses_names_that_clash(void **state)
{
    (void)state;
    static const refused_row rows[] = {
        {"a 1\nb 1\na 2\n", "taken by an earlier family"},
        {"# TYPE a gauge\n# TYPE b gauge\n# TYPE a gauge\n", "taken by an earlier family"},
        {"# TYPE a_created gauge\n# TYPE a counter\n", "taken by an earlier family"},
        {"# TYPE a counter\n# TYPE a_total gauge\n", "taken by an earlier family"},
        {"# TYPE a histogram\n# TYPE a_bucket gauge\n", "taken by an earlier family"},
        {"# TYPE a_sum counter\n# TYPE a summary\n", "taken by an earlier family"},
        {"# TYPE a info\n# TYPE a_info gauge\n", "taken by an earlier family"},
        {"# TYPE a gaugehistogram\n# TYPE a_gcount gauge\n", "taken by an earlier family"},
        {"# TYPE a counter\na 1\n", "taken by an earlier family"},
        {"# TYPE a counter\na_sum 1\na_total 1\n", "taken by an earlier family"},
        {"# TYPE a info\na 1\n", "taken by an earlier family"},
        {"# TYPE a info\na 2\n", "taken by an earlier family"},
        {"# TYPE a histogram\na_bucket{le=\"+Inf\"} 1\na 1\n", "taken by an earlier family"},
        {"# TYPE a gaugehistogram\na_bucket{le=\"+Inf\"} 1\nb 1\na_gsum 1\n", "taken by an earlier family"},
        {"a_total 1\n# TYPE a counter\na_total 1\n", "taken by an earlier family"},
        {"{\"a\"} 1\nb 1\na 2\n", "taken by an earlier family"},
    };
    REFUSED(rows);
}

static void openmetrics_refuses_wrong_exemplars(void **state)
{
    (void)state;
    static const refused_row rows[] = {
        {"# TYPE a counter\na_total 1 #\n", "a blank and the exemplar's labels"},
        {"# TYPE a counter\na_total 1 # \n", "begins with \"{\""},
        {"# TYPE a counter\na_total 1# {} 1\n", "is not a number"},
        {"# TYPE a counter\na_total 1 #{} 1\n", "a blank and the exemplar's labels"},
        {"# TYPE a counter\na_total 1  # {} 1\n", "not a timestamp"},
        {"# TYPE a counter\na_total 1 # {}1\n", "a blank and the exemplar's value"},
        {"# TYPE a counter\na_total 1 # {}\n", "a blank and the exemplar's value"},
        {"# TYPE a counter\na_total 1 # {} \n", "is not a number"},
        {"# TYPE a counter\na_total 1 # {} 1 \n", "not a timestamp"},
        {"# TYPE a counter\na_total 1 # {} 1 1 \n", "end of the line"},
        {"# TYPE a counter\na_total 1 # {} 0x1p-3\n", "is not a number"},
        {"# TYPE a counter\na_total 1 # {} 1 NaN\n", "not a timestamp"},
        {"# TYPE a counter\na_total 1 # {} 1 Inf\n", "not a timestamp"},
        {"# TYPE a counter\na_total 1 # {a=\"1\",} 1\n", "name is missing"},
        {"# TYPE a counter\na_total 1 # {a=\"1\",a=\"1\"} 1\n", "occurs twice"},
        {"# TYPE a counter\na_total 1 # {\"a\"} 1\n", "has no value"},
        {"# TYPE a counter\na_total 1 # {} 1 # {} 1\n", "not a timestamp"},
        {"# TYPE a counter\na_total 1 1 # {a=\"1\"}  \n", "is not a number"},
        {"# TYPE a counter\na_total 1 1 # a=\"1\"} 1\n", "begins with \"{\""},
        {"# TYPE a counter\na_total 1 1 a=\" # \"} 1\n", "an exemplar or the end"},
        {"a 1 # {} 1\n", "only buckets and counters"},
        {"# TYPE a gauge\na 1 # {} 1\n", "only buckets and counters"},
        {"# TYPE a info\na_info 1 # {} 1\n", "only buckets and counters"},
        {"# TYPE a stateset\na{a=\"b\"} 1 # {} 1\n", "only buckets and counters"},
        {"# TYPE a counter\na_created 1 # {} 1\n", "only buckets and counters"},
        {"# TYPE a histogram\na_sum 1 # {} 1\n", "only buckets and counters"},
        {"# TYPE a histogram\na_count 1 # {} 1\n", "only buckets and counters"},
        {"# TYPE a gaugehistogram\na_gsum 1 # {} 1\n", "only buckets and counters"},
        {"# TYPE a_bucket gauge\na_bucket 1 # {} 1\n", "only buckets and counters"},
        {"# TYPE a summary\na{quantile=\"0\"} 1 # {} 1\n", "only buckets and counters"},
    };
    REFUSED(rows);
}

static void openmetrics_refuses_values_a_type_cannot_have(void **state)
{
    (void)state;
    static const refused_row rows[] = {
        {"# TYPE a counter\na_total NaN\n", "cannot be NaN"},
        {"# TYPE a counter\na_total -1\n", "cannot be negative"},
        {"# TYPE a histogram\na_sum NaN\n", "cannot be NaN"},
        {"# TYPE a histogram\na_sum -1\n", "cannot be negative"},
        {"# TYPE a histogram\na_count NaN\n", "cannot be NaN"},
        {"# TYPE a histogram\na_count -1\n", "cannot be negative"},
        {"# TYPE a histogram\na_count 1.5\n", "not an integer"},
        {"# TYPE a histogram\na_count +Inf\n", "not an integer"},
        {"# TYPE a histogram\na_bucket{le=\"+Inf\"} NaN\n", "cannot be NaN"},
        {"# TYPE a histogram\na_bucket{le=\"+Inf\"} -1\n", "cannot be negative"},
        {"# TYPE a histogram\na_bucket{le=\"+Inf\"} 0.5\n", "not an integer"},
        {"# TYPE a gaugehistogram\na_bucket{le=\"+Inf\"} NaN\n", "cannot be NaN"},
        {"# TYPE a gaugehistogram\na_bucket{le=\"+Inf\"} -1\n", "cannot be negative"},
        {"# TYPE a gaugehistogram\na_gsum NaN\n", "cannot be NaN"},
        {"# TYPE a gaugehistogram\na_gcount -1\n", "cannot be negative"},
        {"# TYPE a gaugehistogram\na_gcount 0.5\n", "not an integer"},
        {"# TYPE a summary\na_sum NaN\n", "cannot be NaN"},
        {"# TYPE a summary\na_sum -1\n", "cannot be negative"},
        {"# TYPE a summary\na_count NaN\n", "cannot be NaN"},
        {"# TYPE a summary\na_count -1\n", "cannot be negative"},
        {"# TYPE a summary\na_count 2.5\n", "not an integer"},
        {"# TYPE a summary\na{quantile=\"0.5\"} -1\n", "negative quantile"},
        {"# TYPE a summary\na 0\n", "\"quantile\" is missing"},
        {"# TYPE a summary\na{quantile=\"-1\"} 0\n", "between 0 and 1"},
        {"# TYPE a summary\na{quantile=\"1.01\"} 0\n", "between 0 and 1"},
        {"# TYPE a summary\na{quantile=\"x\"} 0\n", "\"quantile\" is missing"},
        {"# TYPE a summary\na{quantile=\"NaN\"} 0\n", "\"quantile\" is missing"},
        {"# TYPE a info\na_info 2\n", "is not 1"},
        {"# TYPE a info\na_info 0\n", "is not 1"},
        {"# TYPE a info\na_info NaN\n", "is not 1"},
        {"# TYPE a stateset\na{a=\"b\"} 2\n", "neither 0 nor 1"},
        {"# TYPE a stateset\na{a=\"b\"} NaN\n", "neither 0 nor 1"},
        {"# TYPE a stateset\na{a=\"b\"} 0.5\n", "neither 0 nor 1"},
        {"# TYPE a stateset\na 0\n", "no label of its own name"},
        {"# TYPE a stateset\na{b=\"c\"} 0\n", "no label of its own name"},
    };
    REFUSED(rows);
}

static void openmetrics_refuses_wrong_histograms(void **state)
{
    (void)state;
#define H "# TYPE a histogram\n"
#define G "# TYPE a gaugehistogram\n"
    static const refused_row rows[] = {
        {H "a_bucket 0\n", "\"le\" is missing"},
        {H "a_bucket{le=\"\"} 0\n", "\"le\" is missing"},
        {H "a_bucket{le=\"NaN\"} 0\n", "\"le\" is missing"},
        {H "a_bucket{le=\"+INF\"} 0\n", "\"le\" is missing"},
        {H "a_bucket{le=\"Inf\"} 0\n", "\"le\" is missing"},
        {H "a_bucket{le=\"0x1p3\"} 0\n", "\"le\" is missing"},
        {G "a_bucket 0\n", "\"le\" is missing"},
        {H "a_sum 1\n", "no bucket with le=\"+Inf\""},
        {H "a_created 1\n", "no bucket with le=\"+Inf\""},
        {H "a_bucket{le=\"1\"} 0\n", "no bucket with le=\"+Inf\""},
        {H "a_bucket{le=\"+Inf\"} 0\na_sum 0\n", "only one of sum and count"},
        {H "a_bucket{le=\"+Inf\"} 0\na_count 0\n", "only one of sum and count"},
        {H "a_bucket{le=\"+Inf\"} 1\na_sum 0\na_count 0\n", "count that differs"},
        {H "a_count 1\na_sum 0\na_bucket{le=\"+Inf\"} 0\n", "count that differs"},
        {H "a_bucket{le=\"-1\"} 0\na_bucket{le=\"+Inf\"} 0\na_sum 0\na_count 0\n", "negative buckets"},
        {H "a_bucket{le=\"2\"} 0\na_bucket{le=\"1\"} 0\na_bucket{le=\"+Inf\"} 0\n", "bound is not above"},
        {H "a_bucket{le=\"1\"} 0\na_bucket{le=\"1.0\"} 0\na_bucket{le=\"+Inf\"} 0\n", "bound is not above"},
        {H "a_bucket{le=\"+Inf\"} 0\na_bucket{le=\"1\"} 0\n", "bound is not above"},
        {H "a_bucket{le=\"1\"} 2\na_bucket{le=\"+Inf\"} 1\n", "smaller count"},
        {H "a_bucket{x=\"1\",le=\"1\"} 1\na_bucket{x=\"2\",le=\"+Inf\"} 1\n", "no bucket with le=\"+Inf\""},
        {H "a_bucket{le=\"1\"} 1 1\na_bucket{le=\"+Inf\"} 1 2\n", "no bucket with le=\"+Inf\""},
        {G "a_gsum 1\n", "no bucket with le=\"+Inf\""},
        {G "a_bucket{le=\"+Inf\"} 0\na_gsum 0\n", "only one of sum and count"},
        {G "a_bucket{le=\"+Inf\"} 0\na_gcount 0\n", "only one of sum and count"},
        {G "a_bucket{le=\"+Inf\"} 1\na_gsum -1\na_gcount 1\n", "negative sum without"},
        {G "a_bucket{le=\"+Inf\"} 1\na_gsum 1\na_gcount 2\n", "count that differs"},
        {G "a_bucket{le=\"1\"} 0\nb 1\n", "no bucket with le=\"+Inf\""},
    };
    REFUSED(rows);
}

static void openmetrics_refuses_wrong_groups_and_times(void **state)
{
    (void)state;
    static const refused_row rows[] = {
        {"# TYPE a gauge\na{b=\"1\"} 0\na{b=\"2\"} 0\na{b=\"1\"} 0\n", "further above"},
        {"# TYPE a gauge\na{b=\"1\"} 0 1\na{b=\"2\"} 0 1\na{b=\"1\"} 0 2\n", "further above"},
        {H "a_sum{b=\"1\"} 0\na_bucket{b=\"1\",le=\"+Inf\"} 0\na_count{b=\"1\"} "
           "0\na_bucket{b=\"2\",le=\"+Inf\"} 0\n"
           "a_created{b=\"1\"} 0\n",
         "further above"},
        {H "a_bucket{le=\"+Inf\",b=\"1\"} 0\na_bucket{b=\"2\",le=\"+Inf\"} 0\na_bucket{b=\"1\",le=\"+Inf\"} "
           "0\n",
         "further above"},
        {"# TYPE a summary\na_sum{b=\"1\"} 0\na_sum{b=\"2\"} 0\na{b=\"1\",quantile=\"0\"} 0\n",
         "further above"},
        {"# TYPE a stateset\na{a=\"x\",b=\"1\"} 0\na{a=\"x\",b=\"2\"} 0\na{b=\"1\",a=\"y\"} 0\n",
         "further above"},
        {"a 1\na 2\n", "occurs twice"},
        {"a{b=\"1\",c=\"2\"} 1\na{c=\"2\",b=\"1\"} 1\n", "occurs twice"},
        {"# TYPE a info\na_info{b=\"1\"} 1\na_info{b=\"2\"} 1\na_info{b=\"1\"} 1\n", "occurs twice"},
        {"# TYPE a summary\na{quantile=\"0\"} 0\na_sum 0\na{quantile=\"0\"} 0\n", "occurs twice"},
        {"# TYPE a gauge\na 0 -1\na 0 -2\n", "before that of the sample above"},
        {"# TYPE a gauge\na 0 -1\na 0 -1.1\n", "before that of the sample above"},
        {"# TYPE a gauge\na 0 1.1\na 0 1\n", "before that of the sample above"},
        {"# TYPE a counter\na_total 0 2\na_created 0 1\n", "before that of the sample above"},
        {"# TYPE a gauge\na 0\na 0 0\n", "not both"},
        {"# TYPE a gauge\na 0 0\na 0\n", "not both"},
        {"# TYPE a summary\na_sum 0 1\na_count 0\n", "not both"},
        {"# TYPE a info\na_info{b=\"1\"} 1 1\na_info{b=\"2\"} 1\n", "not both"},
    };
    REFUSED(rows);
}

static void openmetrics_error_names_line_and_offset(void **state)
{
    (void)state;
    ifm_error err;
    CHECK(!check_document("a 1\nb 2\nc x\n", &err));
    CHECK_TEXT(err.message, "cannot parse line 3: value \"x\" is not a number or is too large");
    CHECK_INT(err.offset, 10);
    CHECK(!check_document("a 1\nb 2\na 3\n", &err));
    CHECK_TEXT(err.message, "line 3 breaks OpenMetrics: the name \"a\" is taken by an earlier family");
    CHECK_INT(err.offset, 8);
    check_end();
}

static bool check_many(void *context, ifm_error *err)
{
    return ifm_openmetrics_check_text(context, strlen(context), err);
}

static void openmetrics_check_survives_failing_allocations(void **state)
{
    (void)state;
    static char text[20000];
    size_t size = 0;
    for (int i = 0; i < 200; i++) {
        size +=
            (size_t)snprintf(text + size, sizeof text - size, "# TYPE g%d gauge\ng%d{a=\"\\n\"} 1\n", i, i);
    }
    for (int i = 0; i < 200; i++) {
        size += (size_t)snprintf(text + size, sizeof text - size, "h{a=\"%d\"} 1\n", i);
    }
    snprintf(text + size, sizeof text - size, "# EOF\n");
    CHECK(torture_allocations(check_many, text, TORTURE_MUST_FAIL) >= 10);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(openmetrics_accepts_documents),
        cmocka_unit_test(openmetrics_accepts_each_type),
        cmocka_unit_test(openmetrics_accepts_groups_and_times),
        cmocka_unit_test(openmetrics_refuses_wrong_ends),
        cmocka_unit_test(openmetrics_refuses_wrong_labels),
        cmocka_unit_test(openmetrics_refuses_wrong_names_and_values),
        cmocka_unit_test(openmetrics_refuses_wrong_descriptions),
        cmocka_unit_test(openmetrics_refuses_names_that_clash),
        cmocka_unit_test(openmetrics_refuses_wrong_exemplars),
        cmocka_unit_test(openmetrics_refuses_values_a_type_cannot_have),
        cmocka_unit_test(openmetrics_refuses_wrong_histograms),
        cmocka_unit_test(openmetrics_refuses_wrong_groups_and_times),
        cmocka_unit_test(openmetrics_error_names_line_and_offset),
        cmocka_unit_test(openmetrics_check_survives_failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
