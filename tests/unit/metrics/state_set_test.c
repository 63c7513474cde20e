/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "unit/metrics/metrics_fixture.h"

static const char *const STATES[] = {"idle", "busy", "gone"};

static void states_are_turned_on_and_off(void **state)
{
    (void)state;
    ifm_error err;
    ifm_state_set set;
    ifm_registry *registry = fixture_registry(NULL);
    MUST(ifm_state_set_register(registry,
                                &(ifm_state_set_options){.metric = {.name = "x", .help = "Help."},
                                                         .states = STATES,
                                                         .state_count = 3},
                                &set, &err));
    CHECK_EXPOSES(registry, IFM_FORMAT_OPENMETRICS,
                  "# TYPE x stateset\n# HELP x Help.\nx{x=\"idle\"} 0\nx{x=\"busy\"} 0\nx{x=\"gone\"} 0\n");
    ifm_state_set_enable(set, 0);
    ifm_state_set_enable(set, 2);
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT, "x{x=\"idle\"} 1\nx{x=\"busy\"} 0\nx{x=\"gone\"} 1\n");
    ifm_state_set_disable(set, 0);
    ifm_state_set_disable(set, 1);
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT, "x{x=\"idle\"} 0\nx{x=\"busy\"} 0\nx{x=\"gone\"} 1\n");
    ifm_state_set_only(set, 1);
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT, "x{x=\"idle\"} 0\nx{x=\"busy\"} 1\nx{x=\"gone\"} 0\n");
    ifm_state_set_only(set, 3);
    ifm_state_set_enable(set, 3);
    ifm_state_set_disable(set, 64);
    ifm_state_set_enable(set, 64);
    ifm_state_set_only(set, (size_t)-1);
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT, "x{x=\"idle\"} 0\nx{x=\"busy\"} 1\nx{x=\"gone\"} 0\n");
    ifm_registry_free(registry);
    check_end();
}

static void there_may_be_as_many_states_as_bits(void **state)
{
    (void)state;
    static char names[IFM_STATES_MAX + 1][8];
    const char *states[IFM_STATES_MAX + 1];
    for (size_t i = 0; i <= IFM_STATES_MAX; i++) {
        snprintf(names[i], sizeof names[i], "s%zu", i);
        states[i] = names[i];
    }
    static const struct {
        size_t count;
        bool fits;
    } rows[] = {{0, false},
                {1, true},
                {IFM_STATES_MAX - 1, true},
                {IFM_STATES_MAX, true},
                {IFM_STATES_MAX + 1, false}};
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_registry *registry = fixture_registry(NULL);
        ifm_error err;
        ifm_state_set set = {0};
        ifm_state_set_options options = {
            .metric = {.name = "x", .help = "H"}, .states = states, .state_count = rows[i].count};
        CHECK_INT(ifm_state_set_register(registry, &options, &set, &err), rows[i].fits);
        if (rows[i].fits) {
            char sample[40];
            snprintf(sample, sizeof sample, "x{x=\"s%zu\"}", rows[i].count - 1);
            ifm_state_set_only(set, rows[i].count - 1);
            CHECK_INT(fixture_value(registry, sample), 1);
        } else {
            CHECK_INT(err.code, IFM_INVALID);
            CHECK_CONTAINS(err.message, "states are given; it takes from 1 to 64");
        }
        ifm_registry_free(registry);
    }
    check_end();
}

static void states_that_cannot_be_used_are_refused(void **state)
{
    (void)state;
    static const char *const twice[] = {"a", "b", "a"};
    static const char *const empty[] = {"a", ""};
    static const char *const null[] = {NULL};
    static const char *const wrong[] = {"\xff"};
    static const char *const labels[] = {"x"};
    static const struct {
        ifm_state_set_options options;
        const char *want;
    } rows[] = {
        {{.metric = {.name = "x", .help = "H"}, .states = twice, .state_count = 3},
         "metric \"x\": state \"a\" is given twice"},
        {{.metric = {.name = "x", .help = "H"}, .states = empty, .state_count = 2}, "state 1 is empty"},
        {{.metric = {.name = "x", .help = "H"}, .states = null, .state_count = 1}, "state 0 is empty"},
        {{.metric = {.name = "x", .help = "H"}, .states = wrong, .state_count = 1}, "not valid UTF-8"},
        {{.metric = {.name = "x", .help = "H"}, .states = NULL, .state_count = 5}, "0 states are given"},
        {{.metric = {.name = "x_seconds", .help = "H", .unit = "seconds"},
          .states = STATES,
          .state_count = 3},
         "it has no unit, but \"seconds\" is given"},
        {{.metric = {.name = "x", .help = "H", .label_names = labels, .label_count = 1},
          .states = STATES,
          .state_count = 3},
         "label name \"x\" is reserved: a state set has the label of its own name"},
    };
    ifm_registry *registry = fixture_registry(NULL);
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_state_set_family *family;
        CHECK_REFUSED(ifm_state_set_family_register(registry, &rows[i].options, &family, &refused),
                      IFM_INVALID, rows[i].want);
    }
    ifm_registry_free(registry);
    check_end();
}

static void a_family_of_state_sets_keeps_them_apart(void **state)
{
    (void)state;
    ifm_error err;
    ifm_state_set_family *family;
    ifm_registry *registry = fixture_registry(NULL);
    MUST(ifm_state_set_family_register(
        registry,
        &(ifm_state_set_options){
            .metric = {.name = "x", .help = "H", LABEL_ONE}, .states = STATES, .state_count = 3},
        &family, &err));
    ifm_state_set one = ifm_state_set_with(family, TEXTS("1"));
    ifm_state_set two = ifm_state_set_with(family, TEXTS("2"));
    ifm_state_set_only(one, 0);
    ifm_state_set_only(two, 2);
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT,
                  "x{a=\"1\",x=\"idle\"} 1\nx{a=\"1\",x=\"busy\"} 0\nx{a=\"1\",x=\"gone\"} 0\n"
                  "x{a=\"2\",x=\"idle\"} 0\nx{a=\"2\",x=\"busy\"} 0\nx{a=\"2\",x=\"gone\"} 1\n");
    CHECK(ifm_state_set_remove(family, TEXTS("1")));
    ifm_state_set_enable(one, 1);
    ifm_state_set_disable(one, 1);
    ifm_state_set_only(one, 1);
    CHECK_INT(fixture_dropped(registry, "removed"), 3);
    ifm_state_set_clear(family);
    ifm_state_set_enable(two, 1);
    CHECK_INT(fixture_dropped(registry, "removed"), 4);
    ifm_state_set_enable((ifm_state_set){0}, 1);
    ifm_registry_free(registry);
    check_end();
}

static void a_series_made_again_has_no_state_on(void **state)
{
    (void)state;
    ifm_error err;
    ifm_state_set_family *family;
    ifm_registry *registry = fixture_registry(NULL);
    MUST(ifm_state_set_family_register(
        registry,
        &(ifm_state_set_options){
            .metric = {.name = "x", .help = "H", LABEL_ONE}, .states = STATES, .state_count = 3},
        &family, &err));
    for (int i = 0; i < 100; i++) {
        ifm_state_set set = ifm_state_set_with(family, TEXTS("1"));
        CHECK_INT(fixture_value(registry, "x{a=\"1\",x=\"gone\"}"), 0);
        ifm_state_set_enable(set, 2);
        CHECK(ifm_state_set_remove(family, TEXTS("1")));
    }
    ifm_registry_free(registry);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(states_are_turned_on_and_off),
        cmocka_unit_test(there_may_be_as_many_states_as_bits),
        cmocka_unit_test(states_that_cannot_be_used_are_refused),
        cmocka_unit_test(a_family_of_state_sets_keeps_them_apart),
        cmocka_unit_test(a_series_made_again_has_no_state_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
