/* SPDX-License-Identifier: Apache-2.0
 *
 * What may be registered, what may not, and the sentence that says so.
 */
#include "base/base.h"
#include "unit/metrics/metrics_fixture.h"

static char long_text[IFM_HELP_BYTES_MAX + 2];

/* `size` times the letter n. */
static const char *text_of(size_t size)
{
    memset(long_text, 'n', size);
    long_text[size] = '\0';
    return long_text;
}

static bool register_counter(ifm_registry *registry, const char *name, ifm_error *err)
{
    ifm_counter counter;
    return ifm_counter_register(registry, COUNTER(.name = name), &counter, err);
}

static bool register_gauge(ifm_registry *registry, const char *name, ifm_error *err)
{
    ifm_gauge gauge;
    return ifm_gauge_register(registry, GAUGE(.name = name), &gauge, err);
}

static bool register_histogram(ifm_registry *registry, const char *name, ifm_error *err)
{
    ifm_histogram histogram;
    return ifm_histogram_register(registry, HISTOGRAM(.name = name), &histogram, err);
}

static bool register_summary(ifm_registry *registry, const char *name, ifm_error *err)
{
    ifm_summary summary;
    return ifm_summary_register(registry, SUMMARY(.name = name), &summary, err);
}

static bool register_info(ifm_registry *registry, const char *name, ifm_error *err)
{
    ifm_info_family *family;
    return ifm_info_register(registry, &(ifm_metric_options){.name = name, .help = "H", LABEL_ONE}, &family,
                             err);
}

static bool register_state_set(ifm_registry *registry, const char *name, ifm_error *err)
{
    ifm_state_set set;
    return ifm_state_set_register(registry,
                                  &(ifm_state_set_options){.metric = {.name = name, .help = "H"},
                                                           .states = TEXTS("on"),
                                                           .state_count = 1},
                                  &set, err);
}

typedef bool register_function(ifm_registry *registry, const char *name, ifm_error *err);

static void descriptions_that_cannot_be_used_are_refused(void **state)
{
    (void)state;
    static const char *const one[] = {"a"};
    static const char *const empty[] = {"a", ""};
    static const char *const null[] = {NULL};
    static const char *const twice[] = {"a", "b", "a"};
    static const char *const wrong[] = {"\xc3"};
    static const char *const reserved[] = {"__name__"};
    static const struct {
        ifm_metric_options metric;
        const char *want;
    } rows[] = {
        {{.name = NULL, .help = "H"}, "cannot register a metric: name is missing"},
        {{.name = "", .help = "H"}, "cannot register a metric: name is missing"},
        {{.name = "\xff", .help = "H"}, "name is not valid UTF-8"},
        {{.name = "\xed\xa0\x80", .help = "H"}, "name is not valid UTF-8"},
        {{.name = "x", .help = NULL}, "cannot register metric \"x\": help is missing"},
        {{.name = "x", .help = ""}, "help is missing"},
        {{.name = "x", .help = "\xc0\x80"}, "help is not valid UTF-8"},
        {{.name = "x", .help = "H", .unit = "seconds"},
         "unit \"seconds\" is not the end of the name; hint: name it \"x_seconds\""},
        {{.name = "seconds", .help = "H", .unit = "seconds"}, "hint: name it \"seconds_seconds\""},
        {{.name = "xseconds", .help = "H", .unit = "seconds"}, "is not the end of the name"},
        {{.name = "milliseconds", .help = "H", .unit = "seconds"}, "is not the end of the name"},
        {{.name = "x_\xff", .help = "H", .unit = "\xff"}, "is not valid UTF-8"},
        {{.name = "x", .help = "H", .label_names = empty, .label_count = 2}, "label name is missing"},
        {{.name = "x", .help = "H", .label_names = null, .label_count = 1}, "label name is missing"},
        {{.name = "x", .help = "H", .label_names = wrong, .label_count = 1}, "label name is not valid UTF-8"},
        {{.name = "x", .help = "H", .label_names = twice, .label_count = 3},
         "label name \"a\" is given twice"},
        {{.name = "x", .help = "H", .label_names = reserved, .label_count = 1},
         "label name \"__name__\" is reserved: names that begin with \"__\" belong to Prometheus"},
        {{.name = "x", .help = "H", .label_count = 1}, "label_names is NULL, but label_count is 1"},
        {{.name = "x", .help = "H", .label_names = one, .label_count = IFM_LABELS_MAX + 1},
         "33 label names are more than the limit of 32"},
    };
    ifm_registry *registry = fixture_registry(NULL);
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_gauge_family *family = (ifm_gauge_family *)registry;
        CHECK_REFUSED(ifm_gauge_family_register(registry, &(ifm_gauge_options){.metric = rows[i].metric},
                                                &family, &refused),
                      IFM_INVALID, rows[i].want);
        CHECK(family == (ifm_gauge_family *)registry); /* untouched */
    }
    CHECK_INT(ifm_registry_series_count(registry), 0);
    ifm_registry_free(registry);
    check_end();
}

static void labels_that_a_type_needs_itself_are_reserved(void **state)
{
    (void)state;
    ifm_error err;
    ifm_registry *registry = fixture_registry(NULL);
    ifm_histogram_family *histogram;
    ifm_summary_family *summary;
    ifm_gauge_family *gauge;
    const char *const le[] = {"le"};
    const char *const quantile[] = {"quantile"};
    CHECK_REFUSED(ifm_histogram_family_register(registry,
                                                HISTOGRAM(.name = "h", .label_names = le, .label_count = 1),
                                                &histogram, &refused),
                  IFM_INVALID, "label name \"le\" is reserved: a histogram has it for its buckets");
    CHECK_REFUSED(ifm_summary_family_register(registry,
                                              SUMMARY(.name = "s", .label_names = quantile, .label_count = 1),
                                              &summary, &refused),
                  IFM_INVALID, "label name \"quantile\" is reserved: a summary has it for its quantiles");
    MUST(ifm_gauge_family_register(registry, GAUGE(.name = "g", .label_names = le, .label_count = 1), &gauge,
                                   &err));
    ifm_registry_free(registry);
    check_end();
}

static void handles_are_not_had_from_families_with_labels(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    ifm_counter counter = {.generation = 7};
    CHECK_REFUSED(ifm_counter_register(registry, COUNTER(.name = "x", LABEL_ONE), &counter, &refused),
                  IFM_INVALID, "cannot register metric \"x\": it has labels; hint: register a family");
    CHECK_INT(counter.generation, 7);
    ifm_registry_free(registry);
    check_end();
}

static void lengths_have_limits(void **state)
{
    (void)state;
    ifm_error err;
    ifm_gauge gauge;
    ifm_gauge_family *family;
    ifm_registry *registry = fixture_registry(NULL);
    CHECK(register_gauge(registry, text_of(IFM_NAME_BYTES_MAX - 1), &err));
    CHECK(register_gauge(registry, text_of(IFM_NAME_BYTES_MAX), &err));
    CHECK_REFUSED(register_gauge(registry, text_of(IFM_NAME_BYTES_MAX + 1), &refused), IFM_INVALID,
                  "is longer than 512 bytes");
    CHECK(ifm_gauge_register(
        registry, &(ifm_gauge_options){.metric = {.name = "h1", .help = text_of(IFM_HELP_BYTES_MAX)}}, &gauge,
        &err));
    CHECK_REFUSED(ifm_gauge_register(
                      registry,
                      &(ifm_gauge_options){.metric = {.name = "h2", .help = text_of(IFM_HELP_BYTES_MAX + 1)}},
                      &gauge, &refused),
                  IFM_INVALID, "is longer than 4096 bytes");
    CHECK(ifm_gauge_family_register(
        registry, GAUGE(.name = "l1", .label_names = TEXTS(text_of(IFM_NAME_BYTES_MAX)), .label_count = 1),
        &family, &err));
    CHECK_REFUSED(
        ifm_gauge_family_register(
            registry,
            GAUGE(.name = "l2", .label_names = TEXTS(text_of(IFM_NAME_BYTES_MAX + 1)), .label_count = 1),
            &family, &refused),
        IFM_INVALID, "is longer than 512 bytes");
    ifm_registry_free(registry);
    check_end();
}

static void number_of_labels_is_limited(void **state)
{
    (void)state;
    static char names[IFM_LABELS_MAX + 1][8];
    const char *labels[IFM_LABELS_MAX + 1];
    for (size_t i = 0; i <= IFM_LABELS_MAX; i++) {
        snprintf(names[i], sizeof names[i], "l%zu", i);
        labels[i] = names[i];
    }
    ifm_error err;
    ifm_gauge_family *family;
    ifm_registry *registry = fixture_registry(NULL);
    MUST(ifm_gauge_family_register(
        registry, GAUGE(.name = "a", .label_names = labels, .label_count = IFM_LABELS_MAX - 1), &family,
        &err));
    MUST(ifm_gauge_family_register(
        registry, GAUGE(.name = "b", .label_names = labels, .label_count = IFM_LABELS_MAX), &family, &err));
    CHECK_REFUSED(ifm_gauge_family_register(
                      registry, GAUGE(.name = "c", .label_names = labels, .label_count = IFM_LABELS_MAX + 1),
                      &family, &refused),
                  IFM_INVALID, "33 label names are more than the limit of 32");
    ifm_gauge_set(ifm_gauge_with(family, labels), 5);
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT, "l31=\"l31\"} 5\n");
    ifm_registry_free(registry);
    check_end();
}

static void number_of_families_is_limited(void **state)
{
    (void)state;
    ifm_error err;
    ifm_registry *registry = fixture_registry(NULL);
    char name[16];
    for (int i = 0; i < IFM_FAMILIES_MAX; i++) {
        snprintf(name, sizeof name, "g%d", i);
        MUST(register_gauge(registry, name, &err));
    }
    CHECK_REFUSED(register_gauge(registry, "more", &refused), IFM_LIMIT,
                  "the registry has its limit of 10000");
    CHECK(register_gauge(registry, "g17", &err)); /* there already */
    CHECK(ifm_registry_unregister(registry, "g17"));
    CHECK(register_gauge(registry, "more", &err));
    ifm_registry_free(registry);
    check_end();
}

static void samples_of_two_families_may_not_share_a_name(void **state)
{
    (void)state;
    static const struct {
        register_function *first;
        const char *first_name;
        register_function *second;
        const char *second_name;
        bool clash;
    } rows[] = {
        {register_counter, "x", register_gauge, "x", true},
        {register_counter, "x", register_gauge, "x_total", true},
        {register_counter, "x", register_gauge, "x_created", true},
        {register_counter, "x", register_gauge, "x_sum", false},
        {register_counter, "x", register_gauge, "x_bucket", false},
        {register_counter, "x", register_counter, "x_total_total", true},
        {register_histogram, "x", register_gauge, "x_bucket", true},
        {register_histogram, "x", register_gauge, "x_sum", true},
        {register_histogram, "x", register_gauge, "x_count", true},
        {register_histogram, "x", register_gauge, "x_created", true},
        {register_histogram, "x", register_gauge, "x_total", false},
        {register_histogram, "x", register_counter, "x_sum", true},
        {register_histogram, "x", register_summary, "x", true},
        {register_histogram, "x", register_summary, "x_sum", true},
        {register_summary, "x", register_gauge, "x_count", true},
        {register_summary, "x", register_gauge, "x_bucket", false},
        {register_summary, "x", register_histogram, "x", true},
        {register_info, "x", register_gauge, "x_info", true},
        {register_info, "x", register_counter, "x", true},
        {register_info, "x", register_gauge, "x_total", false},
        {register_state_set, "x", register_gauge, "x", true},
        {register_gauge, "x_sum", register_gauge, "x_count", false},
        {register_gauge, "my.x", register_gauge, "my_x", true},
        {register_gauge, "my.x", register_counter, "my_x", true},
        {register_histogram, "my.x", register_gauge, "my_x_sum", true},
        {register_histogram, "my_x", register_gauge, "my-x-count", true},
        {register_gauge, "\xc3\xa4", register_gauge, "\xc3\xb6", true},
        {register_gauge, "a.b", register_gauge, "a.c", false},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        for (int turn = 0; turn < 2; turn++) { /* whichever comes first */
            ifm_error err = {.code = IFM_OK};
            ifm_registry *registry = fixture_registry(NULL);
            const char *first_name = turn == 0 ? rows[i].first_name : rows[i].second_name;
            const char *second_name = turn == 0 ? rows[i].second_name : rows[i].first_name;
            MUST((turn == 0 ? rows[i].first : rows[i].second)(registry, first_name, &err));
            bool done = (turn == 0 ? rows[i].second : rows[i].first)(registry, second_name, &err);
            if (done == rows[i].clash || (rows[i].clash && err.code != IFM_EXISTS)) {
                fprintf(stderr, "row %zu: \"%s\" after \"%s\": %s\n", i, second_name, first_name,
                        done ? "registered" : err.message);
                CHECK(false);
            }
            CHECK(!rows[i].clash || strstr(err.message, "cannot register metric \"") == err.message);
            ifm_registry_free(registry);
        }
    }
    check_end();
}

static void names_of_the_library_are_taken(void **state)
{
    (void)state;
    static const char *const names[] = {
        "inferometer_dropped_updates",    "inferometer_dropped_updates_total",
        "inferometer_overflow_updates",   "inferometer_skipped_series_total",
        "inferometer_collector_failures", "inferometer_collector_duration_seconds",
        "inferometer.dropped.updates",
    };
    ifm_error err;
    ifm_registry *registry = fixture_registry(NULL);
    for (size_t i = 0; i < IFM_COUNT_OF(names); i++) {
        CHECK_REFUSED(register_counter(registry, names[i], &refused), IFM_EXISTS,
                      "the name belongs to the library");
    }
    CHECK_REFUSED(register_gauge(registry, "inferometer_overflow_updates_total", &refused), IFM_EXISTS,
                  "the name belongs to the library");
    CHECK(register_counter(registry, "inferometer_dropped", &err));
    ifm_registry_free(registry);
    check_end();
}

static void the_sentence_of_a_clash_names_both(void **state)
{
    (void)state;
    ifm_error err;
    ifm_registry *registry = fixture_registry(NULL);
    MUST(register_histogram(registry, "x", &err));
    MUST(register_gauge(registry, "my.y", &err));
    CHECK_REFUSED(register_gauge(registry, "x_sum", &refused), IFM_EXISTS,
                  "cannot register metric \"x_sum\": its sample \"x_sum\" is one of metric \"x\"");
    CHECK_REFUSED(
        register_gauge(registry, "x", &refused), IFM_EXISTS,
        "\"x\" is registered already with another type, or other options than help and series_limit");
    CHECK_REFUSED(register_gauge(registry, "my_y", &refused), IFM_EXISTS,
                  "scrapers that do not take UTF-8 names see it as \"my_y\", as they do metric \"my.y\"");
    ifm_registry_free(registry);
    check_end();
}

static void the_same_registration_yields_the_same_family(void **state)
{
    (void)state;
    ifm_error err;
    static const double bounds[] = {1, 2};
    ifm_registry *registry = fixture_registry(NULL);
    ifm_counter first;
    ifm_counter second;
    MUST(ifm_counter_register(registry, COUNTER(.name = "x"), &first, &err));
    MUST(ifm_counter_register(
        registry, &(ifm_counter_options){.metric = {.name = "x", .help = "Another help."}}, &second, &err));
    CHECK(first.series == second.series && first.generation == second.generation);
    ifm_histogram_options options = {
        .metric = {.name = "h_seconds", .help = "H", .unit = "seconds", LABEL_TWO},
        .bounds = bounds,
        .bound_count = 2};
    ifm_histogram_family *families[2];
    MUST(ifm_histogram_family_register(registry, &options, &families[0], &err));
    MUST(ifm_histogram_family_register(registry, &options, &families[1], &err));
    CHECK(families[0] == families[1]);
    ifm_registry_free(registry);
    check_end();
}

static void another_description_under_the_name_is_refused(void **state)
{
    (void)state;
    ifm_error err;
    static const double bounds[] = {1, 2};
    static const double others[] = {1, 3};
    static const char *const swapped[] = {"b", "a"};
    ifm_registry *registry = fixture_registry(NULL);
    ifm_histogram_family *family;
    ifm_histogram_options same = {.metric = {.name = "h_seconds", .help = "H", .unit = "seconds", LABEL_TWO},
                                  .bounds = bounds,
                                  .bound_count = 2};
    MUST(ifm_histogram_family_register(registry, &same, &family, &err));
    ifm_histogram_options changed[8];
    for (size_t i = 0; i < IFM_COUNT_OF(changed); i++) {
        changed[i] = same;
    }
    changed[0].bounds = others;
    changed[1].bound_count = 1;
    changed[2].metric.unit = NULL;
    changed[3].metric.label_count = 1;
    changed[4].metric.label_names = swapped;
    changed[5].kind = IFM_HISTOGRAM_BOTH;
    changed[6].kind = IFM_HISTOGRAM_NATIVE;
    changed[7].exemplars = IFM_EXEMPLARS_ON;
    for (size_t i = 0; i < IFM_COUNT_OF(changed); i++) {
        CHECK_REFUSED(ifm_histogram_family_register(registry, &changed[i], &family, &refused), IFM_EXISTS,
                      "is registered already with another");
    }
    ifm_registry_free(registry);
    check_end();
}

static void strings_and_arrays_are_copied(void **state)
{
    (void)state;
    ifm_error err;
    char name[] = "name_seconds";
    char help[] = "help";
    char unit[] = "seconds";
    char label[] = "label";
    char value[] = "value";
    const char *labels[] = {label};
    const char *values[] = {value};
    ifm_gauge_family *family;
    ifm_registry *registry = fixture_registry(NULL);
    MUST(ifm_gauge_family_register(
        registry,
        &(ifm_gauge_options){
            .metric = {.name = name, .help = help, .unit = unit, .label_names = labels, .label_count = 1}},
        &family, &err));
    ifm_gauge_set(ifm_gauge_with(family, values), 1);
    memset(name, '!', sizeof name);
    memset(help, '!', sizeof help);
    memset(unit, '!', sizeof unit);
    memset(label, '!', sizeof label);
    memset(value, '!', sizeof value);
    labels[0] = values[0] = NULL;
    CHECK_EXPOSES(registry, IFM_FORMAT_OPENMETRICS,
                  "# TYPE name_seconds gauge\n# UNIT name_seconds seconds\n# HELP name_seconds help\n"
                  "name_seconds{label=\"value\"} 1\n");
    ifm_registry_free(registry);
    check_end();
}

static void names_that_need_quotes_are_kept_for_those_who_take_them(void **state)
{
    (void)state;
    ifm_error err;
    ifm_counter_family *family;
    ifm_registry *registry = fixture_registry(NULL);
    MUST(ifm_counter_family_register(
        registry, COUNTER(.name = "http.requests", .label_names = TEXTS("http.method"), .label_count = 1),
        &family, &err));
    ifm_counter_inc(ifm_counter_with(family, TEXTS("GET")));
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT, "http_requests_total{http_method=\"GET\"} 1\n");
    ifm_expose_options options = {.format = IFM_FORMAT_TEXT_1_0_0, .escaping = IFM_ESCAPING_ALLOW_UTF8};
    char *text = fixture_expose(registry, &options, NULL);
    CHECK_CONTAINS(text, "{\"http.requests_total\",\"http.method\"=\"GET\"} 1\n");
    ifm_free(text);
    ifm_registry_free(registry);
    check_end();
}

static void the_default_registry_is_what_null_means(void **state)
{
    (void)state;
    ifm_error err;
    ifm_registry *registry = ifm_registry_default();
    assert_non_null(registry);
    CHECK(registry == ifm_registry_default());
    MUST(register_gauge(NULL, "standard", &err));
    CHECK(ifm_registry_series_count(NULL) > 0);
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT, "standard 0\n");
    CHECK_EXPOSES(NULL, IFM_FORMAT_TEXT, "process_cpu_seconds_total ");
    CHECK_EXPOSES(NULL, IFM_FORMAT_TEXT, "inferometer_build_info{");
    CHECK(ifm_registry_unregister(NULL, "standard"));
    ifm_registry_free(registry); /* left alone */
    CHECK(ifm_registry_default() == registry);
    CHECK_INT(fixture_value(NULL, "standard"), -1);
    ifm_registry_free(NULL);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(descriptions_that_cannot_be_used_are_refused),
        cmocka_unit_test(labels_that_a_type_needs_itself_are_reserved),
        cmocka_unit_test(handles_are_not_had_from_families_with_labels),
        cmocka_unit_test(lengths_have_limits),
        cmocka_unit_test(number_of_labels_is_limited),
        cmocka_unit_test(number_of_families_is_limited),
        cmocka_unit_test(samples_of_two_families_may_not_share_a_name),
        cmocka_unit_test(names_of_the_library_are_taken),
        cmocka_unit_test(the_sentence_of_a_clash_names_both),
        cmocka_unit_test(the_same_registration_yields_the_same_family),
        cmocka_unit_test(another_description_under_the_name_is_refused),
        cmocka_unit_test(strings_and_arrays_are_copied),
        cmocka_unit_test(names_that_need_quotes_are_kept_for_those_who_take_them),
        cmocka_unit_test(the_default_registry_is_what_null_means),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
