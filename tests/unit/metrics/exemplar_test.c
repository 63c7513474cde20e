/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics/exemplar.h"

#include "base/base.h"
#include "unit/metrics/metrics_fixture.h"

static const int64_t TIME_MS = INT64_C(1700000000123);

static ifm_exemplar trace(const char *const *values)
{
    static const char *const names[] = {"trace_id"};
    return (ifm_exemplar){names, values, 1, TIME_MS};
}

static ifm_counter counter_in(ifm_registry *registry, ifm_exemplars exemplars)
{
    ifm_error err;
    ifm_counter counter;
    MUST(ifm_counter_register(
        registry, &(ifm_counter_options){.metric = {.name = "x", .help = "H"}, .exemplars = exemplars},
        &counter, &err));
    return counter;
}

static void the_latest_exemplar_of_a_counter_is_exposed(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    ifm_counter counter = counter_in(registry, IFM_EXEMPLARS_ON);
    CHECK_EXPOSES(registry, IFM_FORMAT_OPENMETRICS, "x_total 0\n");
    ifm_exemplar first = {TEXTS("trace_id"), TEXTS("a\"b"), 1, TIME_MS};
    ifm_counter_add_exemplar(counter, 2, &first);
    CHECK_EXPOSES(registry, IFM_FORMAT_OPENMETRICS, "x_total 2 # {trace_id=\"a\\\"b\"} 2 1700000000.123\n");
    ifm_exemplar second = {TEXTS("trace_id", "span"), TEXTS("c", ""), 2, TIME_MS + 1};
    ifm_counter_add_exemplar(counter, 0.5, &second);
    ifm_counter_inc(counter);
    CHECK_EXPOSES(registry, IFM_FORMAT_OPENMETRICS,
                  "x_total 3.5 # {trace_id=\"c\",span=\"\"} 0.5 1700000000.124\n");
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT, "x_total 3.5\n"); /* text has none */
    ifm_registry_free(registry);
    check_end();
}

static void each_bucket_keeps_the_latest_of_its_range(void **state)
{
    (void)state;
    static const double bounds[] = {1, 2};
    static const char *const ids[] = {"0", "1", "2", "3", "4", "5"};
    static const double values[] = {0.5, 1, 1.5, 2, 7, 3};
    ifm_error err;
    ifm_histogram histogram;
    ifm_registry *registry = fixture_registry(NULL);
    MUST(ifm_histogram_register(registry,
                                &(ifm_histogram_options){.metric = {.name = "x", .help = "H"},
                                                         .bounds = bounds,
                                                         .bound_count = 2,
                                                         .exemplars = IFM_EXEMPLARS_ON},
                                &histogram, &err));
    for (size_t i = 0; i < IFM_COUNT_OF(values); i++) {
        ifm_exemplar exemplar = trace(&ids[i]);
        ifm_histogram_observe_exemplar(histogram, values[i], &exemplar);
    }
    CHECK_EXPOSES(registry, IFM_FORMAT_OPENMETRICS,
                  "x_bucket{le=\"1.0\"} 2 # {trace_id=\"1\"} 1 1700000000.123\n"
                  "x_bucket{le=\"2.0\"} 4 # {trace_id=\"3\"} 2 1700000000.123\n"
                  "x_bucket{le=\"+Inf\"} 6 # {trace_id=\"5\"} 3 1700000000.123\n");
    ifm_registry_free(registry);
    check_end();
}

static void a_native_histogram_keeps_the_latest_of_all(void **state)
{
    (void)state;
    ifm_error err;
    ifm_histogram histogram;
    ifm_registry *registry = fixture_registry(NULL);
    MUST(ifm_histogram_register(registry,
                                &(ifm_histogram_options){.metric = {.name = "x", .help = "H"},
                                                         .kind = IFM_HISTOGRAM_NATIVE,
                                                         .exemplars = IFM_EXEMPLARS_ON},
                                &histogram, &err));
    ifm_exemplar first = {TEXTS("trace_id"), TEXTS("1"), 1, TIME_MS};
    ifm_exemplar second = {TEXTS("trace_id"), TEXTS("2"), 1, TIME_MS};
    ifm_histogram_observe_exemplar(histogram, 5, &first);
    ifm_histogram_observe_exemplar(histogram, -3, &second);
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT, "x_count 2\n");
    size_t size;
    char *bytes = fixture_expose(registry, &(ifm_expose_options){.format = IFM_FORMAT_PROTOBUF}, &size);
    CHECK(memmem(bytes, size, "\x0a\x08trace_id\x12\x01\x32", 13) != NULL);
    CHECK(memmem(bytes, size, "\x0a\x08trace_id\x12\x01\x31", 13) == NULL);
    ifm_free(bytes);
    ifm_registry_free(registry);
    check_end();
}

static void without_a_time_an_exemplar_is_of_now(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    ifm_counter counter = counter_in(registry, IFM_EXEMPLARS_ON);
    ifm_counter_add_exemplar(counter, 1, &(ifm_exemplar){0});
    char *text = fixture_format(registry, IFM_FORMAT_OPENMETRICS);
    CHECK(strtod(fixture_find(text, "x_total 1 # {} 1"), NULL) > 1.7e9);
    ifm_free(text);
    ifm_registry_free(registry);
    check_end();
}

static char long_value[IFM_EXEMPLAR_TEXT_BYTES + 8];

/* `characters` times `character`. */
static const char *value_of(size_t characters, const char *character)
{
    size_t size = strlen(character);
    for (size_t i = 0; i < characters; i++) {
        memcpy(long_value + i * size, character, size);
    }
    long_value[characters * size] = '\0';
    return long_value;
}

static bool is_kept(const ifm_exemplar *exemplar)
{
    ifm_registry *registry = fixture_registry(NULL);
    ifm_counter counter = counter_in(registry, IFM_EXEMPLARS_ON);
    ifm_counter_add_exemplar(counter, 1, exemplar);
    CHECK_DOUBLE(ifm_counter_value(counter), 1); /* counted in any case */
    char *text = fixture_format(registry, IFM_FORMAT_OPENMETRICS);
    bool kept = strstr(text, "x_total 1 # {") != NULL;
    CHECK(kept || strstr(text, "x_total 1\n") != NULL);
    ifm_free(text);
    ifm_registry_free(registry);
    return kept;
}

static void an_exemplar_has_up_to_128_characters(void **state)
{
    (void)state;
    static const struct {
        size_t characters; /* beside the name "n" */
        const char *character;
        bool kept;
    } rows[] = {
        {0, "v", true},           {126, "v", true},
        {127, "v", true},         {128, "v", false},
        {127, "\xc3\xa4", true},  {127, "\xf0\x9f\x98\x80", true},
        {128, "\xc3\xa4", false}, {128, "\xf0\x9f\x98\x80", false},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        const char *value = value_of(rows[i].characters, rows[i].character);
        CHECK_INT(is_kept(&(ifm_exemplar){TEXTS("n"), TEXTS(value), 1, 1}), rows[i].kept);
    }
    check_end();
}

static void an_exemplar_that_no_scraper_would_take_is_left_out(void **state)
{
    (void)state;
    static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i",
                                        "j", "k", "l", "m", "n", "o", "p", "q"};
    const struct {
        ifm_exemplar exemplar;
        bool kept;
        const char *why;
    } rows[] = {
        {{names, names, IFM_EXEMPLAR_LABELS_MAX, 1}, true, "as many labels as there is room for"},
        {{names, names, IFM_EXEMPLAR_LABELS_MAX + 1, 1}, false, "one more"},
        {{TEXTS("a"), TEXTS("\xff"), 1, 1}, false, "a value that is not UTF-8"},
        {{TEXTS("\xff"), TEXTS("a"), 1, 1}, false, "a name that is not UTF-8"},
        {{TEXTS(""), TEXTS("a"), 1, 1}, false, "an empty name"},
        {{TEXTS(NULL), TEXTS("a"), 1, 1}, false, "no name"},
        {{TEXTS("a"), TEXTS(NULL), 1, 1}, false, "no value"},
        {{TEXTS("a", "a"), TEXTS("1", "2"), 2, 1}, false, "a name twice"},
        {{TEXTS("a", "b"), TEXTS("1", "1"), 2, 1}, true, "a value twice"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        if (is_kept(&rows[i].exemplar) != rows[i].kept) {
            fprintf(stderr, "%s\n", rows[i].why);
            CHECK(false);
        }
    }
    CHECK(!is_kept(NULL));
    check_end();
}

static void without_being_asked_for_exemplars_are_ignored(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    ifm_counter counter = counter_in(registry, IFM_EXEMPLARS_OFF);
    ifm_exemplar exemplar = {TEXTS("n"), TEXTS("v"), 1, 1};
    ifm_counter_add_exemplar(counter, 1, &exemplar);
    CHECK_EXPOSES(registry, IFM_FORMAT_OPENMETRICS, "x_total 1\n");
    ifm_registry_free(registry);
    check_end();
}

static void a_series_made_again_has_no_exemplar(void **state)
{
    (void)state;
    ifm_error err;
    ifm_counter_family *family;
    ifm_registry *registry = fixture_registry(NULL);
    MUST(ifm_counter_family_register(registry,
                                     &(ifm_counter_options){.metric = {.name = "x", .help = "H", LABEL_ONE},
                                                            .exemplars = IFM_EXEMPLARS_ON},
                                     &family, &err));
    ifm_exemplar exemplar = {TEXTS("n"), TEXTS("v"), 1, 1};
    ifm_counter counter = ifm_counter_with(family, TEXTS("1"));
    ifm_counter_add_exemplar(counter, 1, &exemplar);
    CHECK(ifm_counter_remove(family, TEXTS("1")));
    ifm_counter_add_exemplar(counter, 1, &exemplar);
    ifm_counter_inc(ifm_counter_with(family, TEXTS("1")));
    ifm_counter_add_exemplar(counter, 1, &exemplar); /* the memory is in use again */
    CHECK_EXPOSES(registry, IFM_FORMAT_OPENMETRICS, "x_total{a=\"1\"} 1\n");
    CHECK_INT(fixture_dropped(registry, "removed"), 2);
    ifm_registry_free(registry);
    check_end();
}

static void a_stale_handle_puts_no_exemplar_into_a_histogram(void **state)
{
    (void)state;
    ifm_error err;
    ifm_histogram_family *family;
    ifm_registry *registry = fixture_registry(NULL);
    MUST(ifm_histogram_family_register(
        registry,
        &(ifm_histogram_options){.metric = {.name = "x", .help = "H", LABEL_ONE},
                                 .exemplars = IFM_EXEMPLARS_ON},
        &family, &err));
    ifm_histogram stale = ifm_histogram_with(family, TEXTS("1"));
    CHECK(ifm_histogram_remove(family, TEXTS("1")));
    ifm_histogram fresh = ifm_histogram_with(family, TEXTS("1"));
    CHECK(fresh.series == stale.series);
    ifm_exemplar exemplar = {TEXTS("n"), TEXTS("v"), 1, 1};
    ifm_histogram_observe_exemplar(stale, 1, &exemplar);
    CHECK_EXPOSES(registry, IFM_FORMAT_OPENMETRICS, "x_bucket{a=\"1\",le=\"1.0\"} 0\n");
    ifm_registry_free(registry);
    check_end();
}

static void a_slot_holds_what_was_put_last_until_it_is_cleared(void **state)
{
    (void)state;
    ifm_error err;
    struct ifm_exemplar_record record;
    struct ifm_exemplars_store *store = ifm_exemplars_new(2, &err);
    assert_non_null(store);
    CHECK(!ifm_exemplars_get(store, 0, &record));
    ifm_exemplar exemplar = {TEXTS("n"), TEXTS("v"), 1, 5};
    ifm_exemplars_put(store, 1, 2.5, &exemplar);
    CHECK(!ifm_exemplars_get(store, 0, &record));
    CHECK(ifm_exemplars_get(store, 1, &record));
    CHECK_DOUBLE(record.value, 2.5);
    CHECK_INT(record.timestamp_ms, 5);
    ifm_exemplars_clear(store);
    CHECK(!ifm_exemplars_get(store, 1, &record));
    ifm_exemplars_put(store, 1, 3, &exemplar);
    CHECK(ifm_exemplars_get(store, 1, &record));
    CHECK_DOUBLE(record.value, 3);
    ifm_exemplars_free(store);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_latest_exemplar_of_a_counter_is_exposed),
        cmocka_unit_test(each_bucket_keeps_the_latest_of_its_range),
        cmocka_unit_test(a_native_histogram_keeps_the_latest_of_all),
        cmocka_unit_test(without_a_time_an_exemplar_is_of_now),
        cmocka_unit_test(an_exemplar_has_up_to_128_characters),
        cmocka_unit_test(an_exemplar_that_no_scraper_would_take_is_left_out),
        cmocka_unit_test(without_being_asked_for_exemplars_are_ignored),
        cmocka_unit_test(a_series_made_again_has_no_exemplar),
        cmocka_unit_test(a_stale_handle_puts_no_exemplar_into_a_histogram),
        cmocka_unit_test(a_slot_holds_what_was_put_last_until_it_is_cleared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
