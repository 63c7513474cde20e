/* SPDX-License-Identifier: Apache-2.0
 *
 * Series by their label values: found again, kept apart, removed, limited.
 */
#include "metrics/family.h"

#include "base/base.h"
#include "metrics/registry.h"
#include "unit/metrics/metrics_fixture.h"

#include <pthread.h>

static ifm_counter_family *family_in(ifm_registry *registry, size_t labels, size_t limit)
{
    ifm_error err;
    ifm_counter_family *family;
    ifm_counter_options options = {.metric = {.name = "x",
                                              .help = "Help.",
                                              .label_names = TEXTS("a", "b", "c"),
                                              .label_count = labels,
                                              .series_limit = limit}};
    MUST(ifm_counter_family_register(registry, &options, &family, &err));
    return family;
}

static bool same(ifm_counter a, ifm_counter b)
{
    return a.series == b.series && a.generation == b.generation;
}

static void the_same_values_are_the_same_series(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    ifm_counter_family *family = family_in(registry, 2, 0);
    char copy[] = "GET";
    ifm_counter first = ifm_counter_with(family, TEXTS("GET", "/"));
    CHECK(same(first, ifm_counter_with(family, TEXTS(copy, "/"))));
    CHECK(!same(first, ifm_counter_with(family, TEXTS("/", "GET"))));
    CHECK(!same(first, ifm_counter_with(family, TEXTS("GE", "T/"))));
    CHECK_INT(ifm_registry_series_count(registry), 3);
    ifm_registry_free(registry);
    check_end();
}

static void values_that_differ_only_in_where_they_end_are_kept_apart(void **state)
{
    (void)state;
    static const char *const values[][3] = {
        {"ab", "c", ""},       {"a", "bc", ""}, {"abc", "", ""},       {"", "abc", ""},  {"", "", "abc"},
        {"a", "b", "c"},       {"", "", ""},    {"\x01", "", ""},      {"", "\x01", ""}, {"a\x01", "b", ""},
        {"a", "\x01\x62", ""}, {"ab", "", "c"}, {"_overflow", "", ""},
    };
    ifm_registry *registry = fixture_registry(NULL);
    ifm_counter_family *family = family_in(registry, 3, 0);
    for (size_t i = 0; i < IFM_COUNT_OF(values); i++) {
        ifm_counter_add(ifm_counter_with(family, values[i]), (double)i + 1);
    }
    for (size_t i = 0; i < IFM_COUNT_OF(values); i++) {
        CHECK_DOUBLE(ifm_counter_value(ifm_counter_with(family, values[i])), (double)i + 1);
    }
    CHECK_INT(ifm_registry_series_count(registry), IFM_COUNT_OF(values));
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT, "x_total{a=\"a\",b=\"bc\",c=\"\"} 2\n");
    ifm_registry_free(registry);
    check_end();
}

static void values_are_repaired_and_cut(void **state)
{
    (void)state;
    static char long_value[IFM_LABEL_VALUE_BYTES_MAX + 100];
    static const struct {
        const char *given;
        const char *meant;
    } rows[] = {
        {NULL, ""},
        {"\xff", "\xef\xbf\xbd"},
        {"a\xc3", "a\xef\xbf\xbd"},
        {"\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"},
    };
    ifm_registry *registry = fixture_registry(NULL);
    ifm_counter_family *family = family_in(registry, 1, 0);
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_counter given = ifm_counter_with(family, TEXTS(rows[i].given));
        CHECK(same(given, ifm_counter_with(family, TEXTS(rows[i].meant))));
        CHECK(same(given, ifm_counter_with(family, TEXTS(rows[i].given))));
    }
    memset(long_value, 'v', sizeof long_value - 1);
    ifm_counter longer = ifm_counter_with(family, TEXTS(long_value));
    long_value[IFM_LABEL_VALUE_BYTES_MAX + 1] = '\0';
    CHECK(same(longer, ifm_counter_with(family, TEXTS(long_value))));
    long_value[IFM_LABEL_VALUE_BYTES_MAX] = '\0';
    CHECK(same(longer, ifm_counter_with(family, TEXTS(long_value))));
    long_value[IFM_LABEL_VALUE_BYTES_MAX - 1] = '\0';
    ifm_counter shorter = ifm_counter_with(family, TEXTS(long_value));
    CHECK(!same(longer, shorter));
    memcpy(long_value + IFM_LABEL_VALUE_BYTES_MAX - 1, "\xc3\xa4", 3); /* the limit falls into a character */
    CHECK(same(shorter, ifm_counter_with(family, TEXTS(long_value))));
    ifm_registry_free(registry);
    check_end();
}

/* Around the size up to which a look-up packs on the stack. */
static void values_of_any_length_are_found_again(void **state)
{
    (void)state;
    char value[1100];
    ifm_registry *registry = fixture_registry(NULL);
    ifm_counter_family *family = family_in(registry, 2, 0);
    for (size_t size = 0; size < 1050; size++) {
        memset(value, 'v', size);
        value[size] = '\0';
        ifm_counter_inc(ifm_counter_with(family, TEXTS(value, "tail")));
        ifm_counter_inc(ifm_counter_with(family, TEXTS(value, "tail")));
        CHECK_DOUBLE(ifm_counter_value(ifm_counter_with(family, TEXTS(value, "tail"))), 2);
    }
    CHECK_INT(ifm_registry_series_count(registry), 1050);
    ifm_registry_free(registry);
    check_end();
}

static void a_hundred_thousand_series_are_found_again(void **state)
{
    (void)state;
    enum { SERIES = 100000 };
    char value[16];
    ifm_registry *registry = fixture_registry(NULL);
    ifm_counter_family *family = family_in(registry, 1, 0);
    static ifm_counter handles[SERIES];
    for (int i = 0; i < SERIES; i++) {
        snprintf(value, sizeof value, "%d", i);
        handles[i] = ifm_counter_with(family, TEXTS(value));
        ifm_counter_add(handles[i], i);
    }
    int wrong = 0;
    for (int i = 0; i < SERIES; i++) {
        snprintf(value, sizeof value, "%d", i);
        ifm_counter found = ifm_counter_with(family, TEXTS(value));
        wrong += !same(found, handles[i]) || ifm_counter_value(found) != i;
    }
    CHECK_INT(wrong, 0);
    CHECK_INT(ifm_registry_series_count(registry), SERIES);
    CHECK_INT(fixture_overflowed(registry), 0);
    ifm_counter_inc(ifm_counter_with(family, TEXTS("one more")));
    CHECK_INT(fixture_overflowed(registry), 1);
    ifm_registry_free(registry);
    check_end();
}

static void a_series_made_again_is_a_fresh_one(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    ifm_counter_family *family = family_in(registry, 1, 0);
    ifm_counter old = ifm_counter_with(family, TEXTS("1"));
    ifm_counter_add(old, 5);
    CHECK(ifm_counter_remove(family, TEXTS("1")));
    CHECK(!ifm_counter_remove(family, TEXTS("1")));
    CHECK_INT(fixture_value(registry, "x_total{a=\"1\"}"), -1);
    ifm_counter_inc(old);
    ifm_counter_add(old, 2);
    CHECK_DOUBLE(ifm_counter_value(old), 0);
    CHECK_INT(fixture_dropped(registry, "removed"), 2);
    ifm_counter fresh = ifm_counter_with(family, TEXTS("1"));
    CHECK(!same(old, fresh));
    CHECK_DOUBLE(ifm_counter_value(fresh), 0);
    ifm_counter_inc(fresh);
    ifm_counter_inc(old); /* also where it has the memory of the old one */
    CHECK_DOUBLE(ifm_counter_value(fresh), 1);
    CHECK_DOUBLE(fixture_value(registry, "x_total{a=\"1\"}"), 1);
    CHECK_INT(fixture_dropped(registry, "removed"), 3);
    ifm_registry_free(registry);
    check_end();
}

static void clearing_removes_all_series(void **state)
{
    (void)state;
    char value[16];
    ifm_registry *registry = fixture_registry(NULL);
    ifm_counter_family *family = family_in(registry, 1, 0);
    ifm_counter first = ifm_counter_with(family, TEXTS("0"));
    for (int i = 0; i < 1000; i++) {
        snprintf(value, sizeof value, "%d", i);
        ifm_counter_inc(ifm_counter_with(family, TEXTS(value)));
    }
    ifm_counter_clear(family);
    CHECK_INT(ifm_registry_series_count(registry), 0);
    ifm_counter_inc(first);
    CHECK_INT(fixture_dropped(registry, "removed"), 1);
    char *text = fixture_format(registry, IFM_FORMAT_TEXT);
    CHECK(strstr(text, "x_total") == NULL); /* without series there is no family either */
    ifm_free(text);
    ifm_counter_inc(ifm_counter_with(family, TEXTS("0")));
    CHECK_DOUBLE(fixture_value(registry, "x_total{a=\"0\"}"), 1);
    ifm_registry_free(registry);
    check_end();
}

static void a_family_without_labels_keeps_its_series(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    ifm_counter_family *family = family_in(registry, 0, 0);
    ifm_counter_inc(ifm_counter_with(family, NULL));
    CHECK(!ifm_counter_remove(family, NULL));
    ifm_counter_clear(family);
    CHECK_DOUBLE(ifm_counter_value(ifm_counter_with(family, NULL)), 1);
    ifm_registry_free(registry);
    check_end();
}

static void check_limit(ifm_registry *registry, ifm_counter_family *family, int limit)
{
    char value[16];
    for (int i = 0; i < limit; i++) {
        snprintf(value, sizeof value, "%d", i);
        ifm_counter_inc(ifm_counter_with(family, TEXTS(value)));
    }
    CHECK_INT(fixture_overflowed(registry), 0);
    CHECK_INT(fixture_value(registry, "x_total{a=\"_overflow\"}"), -1); /* not before it is used */
    ifm_counter over = ifm_counter_with(family, TEXTS("over"));
    CHECK(same(over, ifm_counter_with(family, TEXTS("also over"))));
    ifm_counter_inc(over);
    ifm_counter_add(over, 2.5);
    CHECK_INT(fixture_overflowed(registry), 2);
    CHECK_DOUBLE(fixture_value(registry, "x_total{a=\"_overflow\"}"), 3.5);
    ifm_counter_inc(ifm_counter_with(family, TEXTS("0"))); /* those that are there go on */
    CHECK_DOUBLE(fixture_value(registry, "x_total{a=\"0\"}"), 2);
    CHECK(ifm_counter_remove(family, TEXTS("0")));
    ifm_counter_inc(ifm_counter_with(family, TEXTS("over"))); /* there is room again */
    CHECK_DOUBLE(fixture_value(registry, "x_total{a=\"over\"}"), 1);
    CHECK_INT(fixture_overflowed(registry), 2);
}

static void a_family_is_limited(void **state)
{
    (void)state;
    for (int limit = 1; limit < 40; limit++) {
        ifm_registry *registry = fixture_registry(NULL);
        check_limit(registry, family_in(registry, 1, (size_t)limit), limit);
        ifm_registry_free(registry);
    }
    check_end();
}

static void a_registry_is_limited(void **state)
{
    (void)state;
    for (int limit = 1; limit < 40; limit++) {
        ifm_registry *registry = fixture_registry(&(ifm_registry_options){.series_limit = (size_t)limit});
        check_limit(registry, family_in(registry, 1, 1000), limit);
        ifm_registry_free(registry);
    }
    check_end();
}

static void values_that_read_overflow_are_the_overflow_series(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    ifm_counter_family *family = family_in(registry, 2, 0);
    ifm_counter_inc(ifm_counter_with(family, TEXTS("_overflow", "_overflow")));
    CHECK_INT(fixture_overflowed(registry), 1);
    ifm_counter_inc(ifm_counter_with(family, NULL));
    CHECK_INT(fixture_overflowed(registry), 2);
    CHECK_INT(fixture_value(registry, "x_total{a=\"_overflow\",b=\"_overflow\"}"), 2);
    ifm_counter_inc(ifm_counter_with(family, TEXTS("_overflow", "")));
    CHECK_INT(fixture_overflowed(registry), 2);
    CHECK(!ifm_counter_remove(family, TEXTS("_overflow", "_overflow")));
    ifm_counter_clear(family);
    ifm_counter_inc(ifm_counter_with(family, TEXTS("_overflow", "_overflow")));
    CHECK_INT(fixture_value(registry, "x_total{a=\"_overflow\",b=\"_overflow\"}"), 3);
    ifm_registry_free(registry);
    check_end();
}

static void every_kind_counts_what_overflows(void **state)
{
    (void)state;
    ifm_error err;
    ifm_registry *registry = fixture_registry(&(ifm_registry_options){.series_limit = 1});
    ifm_gauge_family *gauges;
    ifm_histogram_family *histograms;
    ifm_summary_family *summaries;
    ifm_state_set_family *sets;
    MUST(ifm_gauge_family_register(registry, GAUGE(.name = "g", LABEL_ONE), &gauges, &err));
    MUST(ifm_histogram_family_register(registry, HISTOGRAM(.name = "h", LABEL_ONE), &histograms, &err));
    MUST(ifm_summary_family_register(registry, SUMMARY(.name = "s", LABEL_ONE), &summaries, &err));
    MUST(ifm_state_set_family_register(
        registry,
        &(ifm_state_set_options){
            .metric = {.name = "t", .help = "H", LABEL_ONE}, .states = TEXTS("on"), .state_count = 1},
        &sets, &err));
    ifm_gauge_set(ifm_gauge_with(gauges, TEXTS("first")), 1);
    ifm_gauge_add(ifm_gauge_with(gauges, TEXTS("1")), 4);
    ifm_histogram_observe(ifm_histogram_with(histograms, TEXTS("1")), 4);
    ifm_summary_observe(ifm_summary_with(summaries, TEXTS("1")), 4);
    ifm_state_set_enable(ifm_state_set_with(sets, TEXTS("1")), 0);
    CHECK_INT(fixture_overflowed(registry), 4);
    ifm_histogram_observe(ifm_histogram_with(histograms, TEXTS("1")), 0); /* this thread has a cell now */
    ifm_summary_observe(ifm_summary_with(summaries, TEXTS("1")), 0);
    CHECK_INT(fixture_overflowed(registry), 6);
    CHECK_INT(fixture_value(registry, "g{a=\"_overflow\"}"), 4);
    CHECK_INT(fixture_value(registry, "h_sum{a=\"_overflow\"}"), 4);
    CHECK_INT(fixture_value(registry, "s_sum{a=\"_overflow\"}"), 4);
    CHECK_INT(fixture_value(registry, "t{a=\"_overflow\",t=\"on\"}"), 1);
    ifm_registry_free(registry);
    check_end();
}

/* Holds hazards as a thread does that stands still in the middle of a look-up or an update. */
struct reader {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    const void *table; /* the hazards that the reader holds, NULL for none */
    const void *series;
    bool holds;
    bool leave;
};

/* Stands still in the middle of a look-up. */
static void *reader_run(void *context)
{
    struct reader *reader = context;
    struct ifm_thread *self = ifm_thread_current();
    pthread_mutex_lock(&reader->lock);
    ifm_hazard_table(self, reader->table);
    ifm_hazard_series(self, reader->series);
    reader->holds = true;
    pthread_cond_broadcast(&reader->changed);
    while (!reader->leave) {
        pthread_cond_wait(&reader->changed, &reader->lock);
    }
    ifm_hazard_table_clear(self);
    ifm_hazard_series_clear(self);
    pthread_mutex_unlock(&reader->lock);
    return NULL;
}

static void reader_wait(struct reader *reader)
{
    pthread_mutex_lock(&reader->lock);
    while (!reader->holds) {
        pthread_cond_wait(&reader->changed, &reader->lock);
    }
    pthread_mutex_unlock(&reader->lock);
}

static void reader_end(struct reader *reader, pthread_t thread)
{
    pthread_mutex_lock(&reader->lock);
    reader->leave = true;
    pthread_cond_broadcast(&reader->changed);
    pthread_mutex_unlock(&reader->lock);
    pthread_join(thread, NULL);
}

static void a_replaced_table_is_not_freed_under_its_reader(void **state)
{
    (void)state;
    char value[16];
    pthread_t thread;
    ifm_registry *registry = fixture_registry(NULL);
    ifm_counter_family *family = family_in(registry, 1, 0);
    ifm_counter_with(family, TEXTS("victim"));
    struct reader reader = {.lock = PTHREAD_MUTEX_INITIALIZER,
                            .changed = PTHREAD_COND_INITIALIZER,
                            .table = atomic_load(&((struct ifm_family *)family)->table)};
    assert_int_equal(pthread_create(&thread, NULL, reader_run, &reader), 0);
    reader_wait(&reader);
    for (int i = 0; i < 100; i++) { /* the table is replaced */
        snprintf(value, sizeof value, "%d", i);
        ifm_counter_with(family, TEXTS(value));
    }
    CHECK(ifm_counter_remove(family, TEXTS("victim")));
    CHECK(registry->limbo_tables == reader.table);
    CHECK_INT(registry->series_limbo, 0); /* no reader looks at a series in a table that was replaced (L3) */
    reader_end(&reader, thread);
    ifm_counter_with(family, TEXTS("another"));
    CHECK(registry->limbo_tables == NULL);
    ifm_registry_free(registry);
    check_end();
}

static void a_series_is_not_recycled_under_an_update(void **state)
{
    (void)state;
    pthread_t thread;
    ifm_registry *registry = fixture_registry(NULL);
    ifm_counter_family *family = family_in(registry, 1, 0);
    ifm_counter counter = ifm_counter_with(family, TEXTS("victim"));
    struct reader reader = {
        .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER, .series = counter.series};
    assert_int_equal(pthread_create(&thread, NULL, reader_run, &reader), 0);
    reader_wait(&reader);
    CHECK(ifm_counter_remove(family, TEXTS("victim")));
    CHECK_INT(registry->series_limbo, 1);
    CHECK(ifm_counter_with(family, TEXTS("victim")).series != counter.series);
    reader_end(&reader, thread);
    CHECK(ifm_counter_remove(family, TEXTS("victim")));
    CHECK_INT(registry->series_limbo, 0);
    ifm_registry_free(registry);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_values_are_the_same_series),
        cmocka_unit_test(values_that_differ_only_in_where_they_end_are_kept_apart),
        cmocka_unit_test(values_are_repaired_and_cut),
        cmocka_unit_test(values_of_any_length_are_found_again),
        cmocka_unit_test(a_hundred_thousand_series_are_found_again),
        cmocka_unit_test(a_series_made_again_is_a_fresh_one),
        cmocka_unit_test(clearing_removes_all_series),
        cmocka_unit_test(a_family_without_labels_keeps_its_series),
        cmocka_unit_test(a_family_is_limited),
        cmocka_unit_test(a_registry_is_limited),
        cmocka_unit_test(values_that_read_overflow_are_the_overflow_series),
        cmocka_unit_test(every_kind_counts_what_overflows),
        cmocka_unit_test(a_series_is_not_recycled_under_an_update),
        cmocka_unit_test(a_replaced_table_is_not_freed_under_its_reader),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
