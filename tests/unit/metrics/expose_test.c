/* SPDX-License-Identifier: Apache-2.0
 *
 * Whole documents: every kind of metric in every format, read again by the parser.
 */
#include "exposition/exposition.h"

#include "base/base.h"
#include "unit/metrics/metrics_fixture.h"

#include <locale.h>
#include <math.h>

/* One family of each kind, with labels, values that need escaping, exemplars, and everything updated. */
static ifm_registry *registry_of_everything(const ifm_registry_options *options)
{
    static const double quantiles[] = {0.5, 0.99};
    static const char *const hostile[] = {"\"\\\n\xc3\xa4", "2"};
    ifm_error err;
    ifm_registry *registry = fixture_registry(options);
    ifm_counter_family *counters;
    ifm_gauge gauge;
    ifm_histogram histogram;
    ifm_summary summary;
    ifm_info_family *info;
    ifm_state_set set;
    MUST(ifm_counter_family_register(
        registry,
        &(ifm_counter_options){.metric = {.name = "requests", .help = "All \"requests\"\\\n.", LABEL_TWO},
                               .exemplars = IFM_EXEMPLARS_ON},
        &counters, &err));
    ifm_counter_add_exemplar(ifm_counter_with(counters, hostile), 2.5,
                             &(ifm_exemplar){TEXTS("trace"), TEXTS("t"), 1, 1700000000123});
    MUST(ifm_gauge_register(registry, GAUGE(.name = "size_bytes", .unit = "bytes"), &gauge, &err));
    ifm_gauge_set(gauge, 1.5);
    MUST(ifm_histogram_register(
        registry,
        &(ifm_histogram_options){.metric = {.name = "time_seconds", .help = "Help.", .unit = "seconds"},
                                 .kind = IFM_HISTOGRAM_BOTH,
                                 .exemplars = IFM_EXEMPLARS_ON},
        &histogram, &err));
    for (int i = 0; i < 100; i++) {
        ifm_histogram_observe_exemplar(histogram, i * 0.11,
                                       &(ifm_exemplar){TEXTS("trace"), TEXTS("t"), 1, 1700000000123});
    }
    MUST(ifm_summary_register(registry,
                              &(ifm_summary_options){.metric = {.name = "length", .help = "Help."},
                                                     .quantiles = quantiles,
                                                     .quantile_count = 2},
                              &summary, &err));
    ifm_summary_observe(summary, 0.25);
    MUST(ifm_info_register(registry, &(ifm_metric_options){.name = "model", .help = "Help.", LABEL_ONE},
                           &info, &err));
    ifm_info_set(info, TEXTS("m"));
    MUST(ifm_state_set_register(registry,
                                &(ifm_state_set_options){.metric = {.name = "mode", .help = "Help."},
                                                         .states = TEXTS("on", "off"),
                                                         .state_count = 2},
                                &set, &err));
    ifm_state_set_only(set, 1);
    return registry;
}

/* Reads the document to its end; returns the number of samples. */
static int parse(ifm_parse_format format, const char *text, size_t size)
{
    ifm_error err;
    ifm_entry entry;
    int samples = 0;
    ifm_parser *parser = ifm_parser_new(format, IFM_PARSE_STRICT, &err);
    assert_non_null(parser);
    ifm_parser_start(parser, text, size);
    do {
        MUST(ifm_parser_next(parser, &entry, &err));
        samples += entry.kind == IFM_ENTRY_SAMPLE;
    } while (entry.kind != IFM_ENTRY_END);
    ifm_parser_free(parser);
    return samples;
}

enum { SAMPLES = 1 + 1 + 14 + 4 + 1 + 2 }; /* of the kinds above */

static void text_formats_can_be_parsed_again(void **state)
{
    (void)state;
    static const struct {
        ifm_format format;
        ifm_escaping escaping;
        ifm_parse_format parse;
    } rows[] = {
        {IFM_FORMAT_TEXT, IFM_ESCAPING_UNDERSCORES, IFM_PARSE_TEXT},
        {IFM_FORMAT_TEXT_1_0_0, IFM_ESCAPING_ALLOW_UTF8, IFM_PARSE_TEXT},
        {IFM_FORMAT_OPENMETRICS, IFM_ESCAPING_VALUES, IFM_PARSE_OPENMETRICS},
        {IFM_FORMAT_OPENMETRICS, IFM_ESCAPING_DOTS, IFM_PARSE_OPENMETRICS},
    };
    ifm_registry *registry =
        registry_of_everything(&(ifm_registry_options){.self_metrics = IFM_SELF_METRICS_OMIT});
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        size_t size;
        ifm_expose_options options = {.format = rows[i].format, .escaping = rows[i].escaping};
        char *text = fixture_expose(registry, &options, &size);
        CHECK_INT(strlen(text), size);
        CHECK_INT(parse(rows[i].parse, text, size), SAMPLES);
        ifm_free(text);
    }
    ifm_registry_free(registry);
    check_end();
}

static void the_whole_document_is_as_expected(void **state)
{
    (void)state;
    ifm_registry *registry =
        registry_of_everything(&(ifm_registry_options){.self_metrics = IFM_SELF_METRICS_OMIT});
    char *text = fixture_format(registry, IFM_FORMAT_TEXT);
    CHECK_CONTAINS(text, "# HELP length Help.\n# TYPE length summary\nlength{quantile=\"0.5\"} 0.2");
    CHECK_CONTAINS(text, "# HELP mode Help.\n# TYPE mode gauge\nmode{mode=\"on\"} 0\nmode{mode=\"off\"} 1\n"
                         "# HELP model_info Help.\n# TYPE model_info gauge\nmodel_info{a=\"m\"} 1\n"
                         "# HELP requests_total All \"requests\"\\\\\\n.\n# TYPE requests_total counter\n"
                         "requests_total{a=\"\\\"\\\\\\n\xc3\xa4\",b=\"2\"} 2.5\n"
                         "# HELP size_bytes Help.\n# TYPE size_bytes gauge\nsize_bytes 1.5\n"
                         "# HELP time_seconds Help.\n# TYPE time_seconds histogram\n"
                         "time_seconds_bucket{le=\"0.005\"} 1\n");
    CHECK_CONTAINS(text, "time_seconds_bucket{le=\"10.0\"} 91\ntime_seconds_bucket{le=\"+Inf\"} 100\n");
    ifm_free(text);
    ifm_registry_free(registry);
    check_end();
}

/* Delimited messages: each is preceded by its length as a varint. Returns how many there are, -1 when the
 * lengths do not add up; `names` of the families go to out. */
static int protobuf_families(const char *bytes, size_t size, ifm_text *out, size_t max)
{
    size_t at = 0;
    int count = 0;
    while (at < size) {
        size_t length = 0;
        for (int shift = 0;; shift += 7) {
            if (at == size || shift > 28) {
                return -1;
            }
            length |= (size_t)(bytes[at] & 0x7F) << shift;
            if ((bytes[at++] & 0x80) == 0) {
                break;
            }
        }
        /* Field 1, the name: tag 0x0a and a length of one byte, for short names. */
        if (length > size - at || length < 2 || bytes[at] != 0x0a) {
            return -1;
        }
        if ((size_t)count < max) {
            out[count] = (ifm_text){bytes + at + 2, (unsigned char)bytes[at + 1]};
        }
        count++;
        at += length;
    }
    return count;
}

static void protobuf_has_every_family_delimited(void **state)
{
    (void)state;
    static const char *const want[] = {"length",         "mode",       "model_info",
                                       "requests_total", "size_bytes", "time_seconds"};
    ifm_text names[IFM_COUNT_OF(want)];
    size_t size;
    ifm_registry *registry =
        registry_of_everything(&(ifm_registry_options){.self_metrics = IFM_SELF_METRICS_OMIT});
    char *bytes = fixture_expose(registry, &(ifm_expose_options){.format = IFM_FORMAT_PROTOBUF}, &size);
    CHECK_INT(protobuf_families(bytes, size, names, IFM_COUNT_OF(names)), IFM_COUNT_OF(want));
    for (size_t i = 0; i < IFM_COUNT_OF(want); i++) {
        CHECK(names[i].size == strlen(want[i]) && memcmp(names[i].data, want[i], names[i].size) == 0);
    }
    /* An exemplar of a counter and of a histogram: the label's name and value, as length-delimited fields. */
    CHECK(memmem(bytes, size, "\x0a\x05trace\x12\x01t", 10) != NULL);
    ifm_free(bytes);
    ifm_registry_free(registry);
    check_end();
}

static void created_timestamps_are_exposed_when_asked_for(void **state)
{
    (void)state;
    ifm_registry *without = registry_of_everything(NULL);
    ifm_registry *with =
        registry_of_everything(&(ifm_registry_options){.created_timestamps = IFM_CREATED_EXPOSE});
    char *text = fixture_format(without, IFM_FORMAT_OPENMETRICS);
    CHECK(strstr(text, "_created") == NULL);
    ifm_free(text);
    text = fixture_format(with, IFM_FORMAT_OPENMETRICS);
    const char *found = fixture_find(text, "time_seconds_created");
    assert_non_null(found);
    CHECK(strtod(found, NULL) > 1.7e9);
    CHECK_CONTAINS(text, "\nrequests_created{");
    CHECK_CONTAINS(text, "\nlength_created ");
    CHECK(strstr(text, "size_bytes_created") == NULL); /* a gauge has no beginning */
    CHECK(parse(IFM_PARSE_OPENMETRICS, text, strlen(text)) > SAMPLES);
    ifm_free(text);
    text = fixture_format(with, IFM_FORMAT_TEXT);
    CHECK(strstr(text, "_created") == NULL);
    ifm_free(text);
    ifm_registry_free(with);
    ifm_registry_free(without);
    check_end();
}

static void only_samples_that_were_asked_for_are_written(void **state)
{
    (void)state;
    static const struct {
        const char *names[2];
        size_t count;
        int samples;
    } rows[] = {
        {{"requests_total"}, 1, 1},
        {{"time_seconds"}, 1, 14},
        {{"time_seconds_bucket"}, 1, 12},
        {{"time_seconds_sum", "time_seconds_count"}, 2, 2},
        {{"mode", "size_bytes"}, 2, 3},
        {{"nothing"}, 1, 0},
        {{"inferometer_overflow_updates_total"}, 1, 1},
        {{"time"}, 1, 0},
    };
    ifm_registry *registry = registry_of_everything(NULL);
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        size_t size;
        ifm_expose_options options = {.names = rows[i].names, .name_count = rows[i].count};
        char *text = fixture_expose(registry, &options, &size);
        CHECK_INT(parse(IFM_PARSE_TEXT, text, size), rows[i].samples);
        ifm_free(text);
    }
    ifm_registry_free(registry);
    check_end();
}

static void families_come_in_the_order_of_their_names(void **state)
{
    (void)state;
    static const char *const names[] = {"m", "b", "z", "a", "b_b", "B", "_"};
    static const char *const want[] = {"B", "_", "a", "b", "b_b", "m", "z"};
    ifm_error err;
    ifm_registry *registry = fixture_registry(&(ifm_registry_options){.self_metrics = IFM_SELF_METRICS_OMIT});
    char expected[500] = "";
    for (size_t i = 0; i < IFM_COUNT_OF(names); i++) {
        ifm_gauge gauge;
        MUST(ifm_gauge_register(registry, GAUGE(.name = names[i]), &gauge, &err));
        size_t used = strlen(expected);
        snprintf(expected + used, sizeof expected - used, "# HELP %s Help.\n# TYPE %s gauge\n%s 0\n", want[i],
                 want[i], want[i]);
    }
    char *text = fixture_format(registry, IFM_FORMAT_TEXT);
    CHECK_TEXT(text, expected);
    ifm_free(text);
    ifm_registry_free(registry);
    check_end();
}

static void series_come_in_the_order_of_their_creation(void **state)
{
    (void)state;
    ifm_error err;
    ifm_gauge_family *family;
    ifm_registry *registry = fixture_registry(NULL);
    MUST(ifm_gauge_family_register(registry, GAUGE(.name = "g", LABEL_ONE), &family, &err));
    ifm_gauge_with(family, TEXTS("z"));
    ifm_gauge_with(family, TEXTS("gone"));
    ifm_gauge_with(family, TEXTS("a"));
    CHECK(ifm_gauge_remove(family, TEXTS("gone")));
    ifm_gauge_with(family, TEXTS("m"));
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT, "gauge\ng{a=\"z\"} 0\ng{a=\"a\"} 0\ng{a=\"m\"} 0\n");
    ifm_registry_free(registry);
    check_end();
}

static void an_empty_registry_is_a_document_too(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(&(ifm_registry_options){.self_metrics = IFM_SELF_METRICS_OMIT});
    size_t size = 99;
    char *text = fixture_expose(registry, NULL, &size);
    CHECK_TEXT(text, "");
    CHECK_INT(size, 0);
    ifm_free(text);
    text = fixture_format(registry, IFM_FORMAT_OPENMETRICS);
    CHECK_TEXT(text, "# EOF\n");
    ifm_free(text);
    ifm_registry_free(registry);
    check_end();
}

static void the_locale_changes_nothing(void **state)
{
    (void)state;
    static const char *const names[] = {"de_DE.UTF-8", "de_DE.utf8", "fr_FR.UTF-8", "de_DE", "cs_CZ.UTF-8"};
    ifm_registry *registry = registry_of_everything(NULL);
    char *before = fixture_format(registry, IFM_FORMAT_OPENMETRICS);
    const char *set = NULL;
    for (size_t i = 0; i < IFM_COUNT_OF(names) && set == NULL; i++) {
        set = setlocale(LC_ALL, names[i]);
    }
    if (set == NULL) {
        print_message("no locale with a decimal comma is installed\n");
    }
    char *after = fixture_format(registry, IFM_FORMAT_OPENMETRICS);
    setlocale(LC_ALL, "C");
    CHECK_TEXT(after, before);
    CHECK_CONTAINS(after, "size_bytes 1.5\n");
    ifm_free(before);
    ifm_free(after);
    ifm_registry_free(registry);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_formats_can_be_parsed_again),
        cmocka_unit_test(the_whole_document_is_as_expected),
        cmocka_unit_test(protobuf_has_every_family_delimited),
        cmocka_unit_test(created_timestamps_are_exposed_when_asked_for),
        cmocka_unit_test(only_samples_that_were_asked_for_are_written),
        cmocka_unit_test(families_come_in_the_order_of_their_names),
        cmocka_unit_test(series_come_in_the_order_of_their_creation),
        cmocka_unit_test(an_empty_registry_is_a_document_too),
        cmocka_unit_test(the_locale_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
