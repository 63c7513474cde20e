/* SPDX-License-Identifier: Apache-2.0
 *
 * An OpenMetrics text as series in the order of time.
 */
#include "tsdb/import.h"

#include "check.h"
#include "torture.h"

#include <inferometer/registry.h>

enum { OUT_MAX = 1 << 20 };

static bool parse(tsdb_import_data *data, const char *text, ifm_error *err)
{
    const tsdb_import_options options = {.folder = NULL};
    tsdb_import_init(data);
    return tsdb_import_parse(data, &options, text, strlen(text), err) && tsdb_import_sort(data, err);
}

/* "{labels} time=value ..; .." in static storage, or the message of what went wrong. */
static const char *parsed(const char *text)
{
    static ifm_buf out;
    tsdb_import_data data;
    ifm_error err;
    ifm_buf_deinit(&out);
    ifm_buf_init(&out, OUT_MAX);
    if (!parse(&data, text, &err)) {
        ifm_buf_append_text(&out, err.message);
        data.count = 0;
    }
    for (size_t i = 0; i < data.count; i++) {
        const tsdb_import_series *series = data.series[i];
        ifm_buf_append_text(&out, i == 0 ? "" : "; ");
        model_labels_print(series->labels, &out);
        for (size_t j = 0; j < series->count; j++) {
            ifm_buf_printf(&out, " %lld=%g", (long long)series->times_ms[j], series->values[j]);
        }
    }
    ifm_buf_append_char(&out, '\0');
    tsdb_import_deinit(&data);
    return out.data;
}

static void import_sorts_series_and_samples(void **state)
{
    (void)state;
    CHECK_TEXT(parsed("# EOF\n"), "");
    CHECK_TEXT(parsed("b 1 1\nb 2 2\na{y=\"2\",x=\"1\"} 3 1.5\nb 0 0.25\n# EOF\n"),
               "{__name__=\"a\", x=\"1\", y=\"2\"} 1500=3; {__name__=\"b\"} 250=0 1000=1 2000=2");
    CHECK_TEXT(parsed("a{x=\"\"} 1 1\na 2 2\n# EOF\n"), "{__name__=\"a\"} 1000=1 2000=2");
    CHECK_TEXT(parsed("a 1 -1.5\na 2 1e-3\n# EOF\n"), "{__name__=\"a\"} -1500=1 1=2");
    check_end();
}

static void import_takes_what_prometheus_takes(void **state)
{
    (void)state;
    CHECK_TEXT(parsed("# HELP a_seconds Text.\n# TYPE a_seconds counter\n# UNIT a_seconds seconds\n"
                      "a_seconds_total 1 1 # {id=\"7\"} 0.5\na_seconds_created 0 1\n# EOF\n"),
               "{__name__=\"a_seconds_created\"} 1000=0; {__name__=\"a_seconds_total\"} 1000=1");
    CHECK_TEXT(parsed("{\"a.b\",\"c d\"=\"e\"} 1 1\n# EOF\n"), "{__name__=\"a.b\", \"c d\"=\"e\"} 1000=1");
    check_end();
}

static void import_keeps_the_same_sample_once(void **state)
{
    (void)state;
    CHECK_TEXT(parsed("a 1 1\na 1 1\na 2 2\na 2 2\n# EOF\n"), "{__name__=\"a\"} 1000=1 2000=2");
    CHECK_TEXT(parsed("a 1 1\na 2 2\na 3 1\n# EOF\n"),
               "there are two samples with other values at 1000 of {__name__=\"a\"}");
    check_end();
}

static void import_says_which_line_is_wrong(void **state)
{
    (void)state;
    CHECK_TEXT(parsed("a 1 1\na 2\n# EOF\n"), "line 2: a sample of \"a\" has no time");
    CHECK_CONTAINS(parsed("a 1 1\na x 2\n# EOF\n"), "line 2");
    CHECK_CONTAINS(parsed("a 1 1\n"), "EOF");
    CHECK_CONTAINS(parsed("a{__name__=\"b\"} 1 1\n# EOF\n"), "line 1");
    check_end();
}

static void series_with_the_same_times_share_a_column(void **state)
{
    tsdb_import_data data;
    ifm_error err;
    (void)state;
    CHECK(parse(&data, "a 1 1\nb 1 1\nc 1 1\na 2 2\nb 2 2\nc 2 3\n# EOF\n", &err));
    CHECK_INT(data.count, 3);
    CHECK(data.series[0]->column == data.series[1]->column);
    CHECK(data.series[0]->times_ms == data.series[1]->times_ms);
    CHECK(data.series[0]->column != data.series[2]->column);
    CHECK_INT(data.samples, 6);
    tsdb_import_deinit(&data);
    check_end();
}

static bool stop(void *context, size_t bytes)
{
    *(size_t *)context = bytes;
    return false;
}

static void an_import_can_be_stopped(void **state)
{
    size_t bytes = 0;
    const tsdb_import_options options = {.progress = stop, .context = &bytes};
    tsdb_import_data data;
    ifm_buf text;
    ifm_error err = {.code = IFM_OK};
    (void)state;
    ifm_buf_init(&text, 16 << 20);
    for (int i = 0; i < 200000; i++) {
        ifm_buf_printf(&text, "a %d %d\n", i, i);
    }
    ifm_buf_append_text(&text, "# EOF\n");
    tsdb_import_init(&data);
    CHECK(!tsdb_import_parse(&data, &options, text.data, text.size, &err));
    CHECK_INT(err.code, IFM_CANCELED);
    CHECK(bytes > 0 && bytes < text.size / 2);
    tsdb_import_deinit(&data);
    ifm_buf_deinit(&text);
    check_end();
}

static bool parse_once(void *context, ifm_error *err)
{
    tsdb_import_data data;
    (void)context;
    bool ok = parse(&data, "a{b=\"c\\n\"} 1 2\na{b=\"c\\n\"} 1 1\nc 1 1\n# EOF\n", err);
    tsdb_import_deinit(&data);
    return ok;
}

static void import_survives_without_memory(void **state)
{
    (void)state;
    CHECK(torture_allocations(parse_once, NULL, TORTURE_MUST_FAIL) >= 3);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(import_sorts_series_and_samples),
        cmocka_unit_test(import_takes_what_prometheus_takes),
        cmocka_unit_test(import_keeps_the_same_sample_once),
        cmocka_unit_test(import_says_which_line_is_wrong),
        cmocka_unit_test(series_with_the_same_times_share_a_column),
        cmocka_unit_test(an_import_can_be_stopped),
        cmocka_unit_test(import_survives_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
