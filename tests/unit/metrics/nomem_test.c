/* SPDX-License-Identifier: Apache-2.0
 *
 * Every allocation made to fail in turn: registering fails with a sentence, look-ups yield the overflow
 * series, documents fail whole, and nothing is left behind.
 */
#include "base/base.h"
#include "torture.h"
#include "unit/metrics/metrics_fixture.h"

static const double BOUNDS[] = {1, 2};
static const double QUANTILES[] = {0.5};

static bool make_registry(void *context, ifm_error *err)
{
    ifm_registry *registry = ifm_registry_new(context, err);
    ifm_registry_free(registry);
    return registry != NULL;
}

static bool register_counter(ifm_registry *registry, ifm_error *err)
{
    ifm_counter_family *family;
    ifm_counter counter;
    return ifm_counter_family_register(
               registry,
               &(ifm_counter_options){
                   .metric = {.name = "c_seconds", .help = "H", .unit = "seconds", LABEL_TWO},
                   .exemplars = IFM_EXEMPLARS_ON},
               &family, err) &&
           ifm_counter_register(
               registry,
               &(ifm_counter_options){.metric = {.name = "d.e", .help = "H"}, .exemplars = IFM_EXEMPLARS_ON},
               &counter, err);
}

static bool register_gauge(ifm_registry *registry, ifm_error *err)
{
    ifm_gauge gauge;
    ifm_gauge_family *family;
    return ifm_gauge_register(registry, GAUGE(.name = "g"), &gauge, err) &&
           ifm_gauge_family_register(registry, GAUGE(.name = "f", LABEL_ONE), &family, err);
}

static bool register_histogram(ifm_registry *registry, ifm_error *err)
{
    ifm_histogram histogram;
    ifm_histogram_family *family;
    ifm_histogram_options options = {.metric = {.name = "h", .help = "H"},
                                     .kind = IFM_HISTOGRAM_BOTH,
                                     .bounds = BOUNDS,
                                     .bound_count = 2,
                                     .exemplars = IFM_EXEMPLARS_ON};
    ifm_histogram_options labelled = options;
    labelled.metric = (ifm_metric_options){.name = "i", .help = "H", LABEL_ONE};
    return ifm_histogram_register(registry, &options, &histogram, err) &&
           ifm_histogram_family_register(registry, &labelled, &family, err);
}

static bool register_summary(ifm_registry *registry, ifm_error *err)
{
    ifm_summary summary;
    ifm_summary_family *family;
    ifm_summary_options options = {
        .metric = {.name = "s", .help = "H"}, .quantiles = QUANTILES, .quantile_count = 1};
    ifm_summary_options labelled = options;
    labelled.metric = (ifm_metric_options){.name = "t", .help = "H", LABEL_ONE};
    return ifm_summary_register(registry, &options, &summary, err) &&
           ifm_summary_family_register(registry, &labelled, &family, err);
}

static bool register_others(ifm_registry *registry, ifm_error *err)
{
    ifm_info_family *info;
    ifm_state_set set;
    return ifm_info_register(registry, &(ifm_metric_options){.name = "i", .help = "H", LABEL_ONE}, &info,
                             err) &&
           ifm_state_set_register(registry,
                                  &(ifm_state_set_options){.metric = {.name = "s", .help = "H"},
                                                           .states = TEXTS("on", "off"),
                                                           .state_count = 2},
                                  &set, err);
}

static bool collect_one(void *context, ifm_collection *out, ifm_error *err)
{
    static const uint64_t buckets[] = {1, 2, 3};
    (void)context;
    (void)err;
    ifm_collect_family(out, &(ifm_collected_family){
                                .name = "collected", .help = "H", .type = IFM_COLLECTED_GAUGE, LABEL_ONE});
    ifm_collect_sample(out, TEXTS("1"), 1);
    ifm_collect_sample(out, TEXTS("2"), 2);
    ifm_collect_histogram(out, "collected_histogram", "H", NULL, BOUNDS, buckets, 2, 5);
    return true;
}

static bool register_collector(ifm_registry *registry, ifm_error *err)
{
    return ifm_collector_register(registry,
                                  &(ifm_collector_options){.name = "collector", .collect = collect_one}, err);
}

typedef bool register_function(ifm_registry *registry, ifm_error *err);

struct registration {
    register_function *function;
};

/* In a registry of its own, which has to be usable and free of what was refused. */
static bool register_in_new_registry(void *context, ifm_error *err)
{
    const struct registration *registration = context;
    ifm_registry *registry = ifm_registry_new(NULL, err);
    if (registry == NULL) {
        return false;
    }
    bool done = registration->function(registry, err);
    ifm_registry_free(registry);
    return done;
}

static void registering_fails_whole_when_memory_is_out(void **state)
{
    (void)state;
    static const struct registration kinds[] = {{register_counter}, {register_gauge},  {register_histogram},
                                                {register_summary}, {register_others}, {register_collector}};
    CHECK(torture_allocations(make_registry, NULL, TORTURE_MUST_FAIL) >= 1);
    for (size_t i = 0; i < IFM_COUNT_OF(kinds); i++) {
        /* May succeed: a key that could not be shrunk is used as it is. */
        CHECK(torture_allocations(register_in_new_registry, (void *)(uintptr_t)&kinds[i],
                                  TORTURE_MAY_SUCCEED) >= 4);
    }
    check_end();
}

static void a_refused_registration_leaves_no_trace(void **state)
{
    (void)state;
    ifm_error err;
    ifm_registry *registry = fixture_registry(NULL);
    size_t n = 1;
    for (bool done = false; !done; n++) {
        torture_arm(n, TORTURE_TRANSIENT);
        done = register_histogram(registry, &err);
        torture_disarm();
        CHECK(done || err.code == IFM_NOMEM);
        CHECK(n < 200);
        if (n >= 200) {
            break;
        }
    }
    CHECK(n > 10);
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT, "h_count 0\n");
    CHECK(ifm_registry_unregister(registry, "h"));
    CHECK(ifm_registry_unregister(registry, "i"));
    CHECK_INT(ifm_registry_series_count(registry), 0);
    ifm_registry_free(registry);
    check_end();
}

static void a_look_up_without_memory_yields_the_overflow_series(void **state)
{
    (void)state;
    ifm_error err;
    char value[16];
    ifm_histogram_family *family;
    ifm_registry *registry = fixture_registry(NULL);
    MUST(ifm_histogram_family_register(registry, HISTOGRAM(.name = "h", LABEL_ONE), &family, &err));
    ifm_histogram there = ifm_histogram_with(family, TEXTS("there"));
    int overflowed = 0;
    int made = 0;
    for (int i = 0; i < 300; i++) { /* past slabs, tables and lists of children */
        snprintf(value, sizeof value, "%d", i);
        torture_arm((size_t)i % 4 + 1, TORTURE_PERSISTENT);
        ifm_histogram histogram = ifm_histogram_with(family, TEXTS(value));
        ifm_histogram again = ifm_histogram_with(family, TEXTS("there"));
        torture_disarm();
        CHECK(again.series == there.series); /* what exists is found without memory */
        ifm_histogram over = ifm_histogram_with(family, NULL);
        overflowed += histogram.series == over.series;
        made += histogram.series != over.series;
        ifm_histogram_observe(histogram, 1);
    }
    CHECK(overflowed > 0);
    CHECK(made > 0);
    CHECK_INT(fixture_overflowed(registry), overflowed);
    CHECK_INT(ifm_registry_series_count(registry), made + 1);
    ifm_registry_free(registry);
    check_end();
}

struct exposition {
    ifm_registry *registry;
    ifm_format format;
    const char *text; /* the document as it is without a failure */
    size_t size;
};

static bool expose(void *context, ifm_error *err)
{
    const struct exposition *exposition = context;
    char *text = NULL;
    size_t size = 12345;
    bool done = ifm_registry_expose(exposition->registry, &(ifm_expose_options){.format = exposition->format},
                                    &text, &size, err);
    CHECK(done || (text == NULL && size == 12345)); /* untouched */
    CHECK(!done || (size == exposition->size && memcmp(text, exposition->text, size) == 0));
    ifm_free(text);
    return done;
}

static void a_document_is_whole_or_an_error(void **state)
{
    (void)state;
    static const ifm_format formats[] = {IFM_FORMAT_TEXT, IFM_FORMAT_TEXT_1_0_0, IFM_FORMAT_OPENMETRICS,
                                         IFM_FORMAT_PROTOBUF};
    static register_function *const functions[] = {register_counter, register_gauge, register_histogram,
                                                   register_summary, register_collector};
    ifm_error err;
    ifm_registry *registry = fixture_registry(&(ifm_registry_options){.self_metrics = IFM_SELF_METRICS_OMIT});
    for (size_t i = 0; i < IFM_COUNT_OF(functions); i++) {
        MUST(functions[i](registry, &err));
    }
    ifm_histogram_family *family;
    MUST(ifm_histogram_family_register(
        registry,
        &(ifm_histogram_options){.metric = {.name = "n", .help = "H", LABEL_ONE},
                                 .kind = IFM_HISTOGRAM_NATIVE},
        &family, &err));
    for (int i = -20; i < 20; i++) {
        ifm_histogram_observe(ifm_histogram_with(family, TEXTS("1")), i);
    }
    for (size_t i = 0; i < IFM_COUNT_OF(formats); i++) {
        size_t size;
        char *text = fixture_expose(registry, &(ifm_expose_options){.format = formats[i]}, &size);
        struct exposition exposition = {registry, formats[i], text, size};
        CHECK(torture_allocations(expose, &exposition, TORTURE_MAY_SUCCEED) > 10);
        ifm_free(text);
    }
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT, "collected{a=\"2\"} 2\n");
    ifm_registry_free(registry);
    check_end();
}

static void removing_without_memory_is_said_to_have_failed(void **state)
{
    (void)state;
    ifm_error err;
    ifm_counter_family *family;
    ifm_registry *registry = fixture_registry(NULL);
    MUST(ifm_counter_family_register(registry, COUNTER(.name = "c", LABEL_ONE), &family, &err));
    ifm_counter counter = ifm_counter_with(family, TEXTS("1"));
    torture_arm(1, TORTURE_PERSISTENT);
    bool removed = ifm_counter_remove(family, TEXTS("1"));
    torture_disarm();
    ifm_counter_inc(counter);
    CHECK_DOUBLE(ifm_counter_value(counter), removed ? 0 : 1);
    CHECK_INT(ifm_counter_remove(family, TEXTS("1")), !removed);
    ifm_registry_free(registry);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(registering_fails_whole_when_memory_is_out),
        cmocka_unit_test(a_refused_registration_leaves_no_trace),
        cmocka_unit_test(a_look_up_without_memory_yields_the_overflow_series),
        cmocka_unit_test(a_document_is_whole_or_an_error),
        cmocka_unit_test(removing_without_memory_is_said_to_have_failed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
