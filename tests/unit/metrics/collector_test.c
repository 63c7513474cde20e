/* SPDX-License-Identifier: Apache-2.0 */
#include "base/base.h"
#include "metrics/registry.h"
#include "unit/metrics/metrics_fixture.h"

#include <math.h>
#include <sys/wait.h>
#include <unistd.h>

/* What one collector is to do, and what became of it. */
struct probe {
    ifm_registry *registry;
    int runs;
    int freed;
    bool fails;
    const char *unregisters;
    ifm_code gathered; /* the error of a gather from inside */
    const char *emits; /* the name of a gauge */
};

static bool probe_collect(void *context, ifm_collection *out, ifm_error *err)
{
    struct probe *probe = context;
    probe->runs++;
    if (probe->unregisters != NULL) {
        CHECK(ifm_registry_unregister(probe->registry, probe->unregisters));
        probe->unregisters = NULL;
    }
    if (probe->emits != NULL) {
        ifm_collect_family(
            out, &(ifm_collected_family){.name = probe->emits, .help = "Help.", .type = IFM_COLLECTED_GAUGE});
        ifm_collect_sample(out, NULL, probe->runs);
    }
    return !probe->fails || ifm_error_set(err, IFM_IO, "could not be read");
}

static void probe_free(void *context)
{
    ((struct probe *)context)->freed++;
}

static void add(ifm_registry *registry, const char *name, ifm_collect_function collect, void *context)
{
    ifm_error err;
    MUST(ifm_collector_register(
        registry, &(ifm_collector_options){.name = name, .collect = collect, .context = context}, &err));
}

static void add_probe(ifm_registry *registry, const char *name, struct probe *probe)
{
    ifm_error err;
    probe->registry = registry;
    MUST(ifm_collector_register(
        registry,
        &(ifm_collector_options){
            .name = name, .collect = probe_collect, .context = probe, .free_context = probe_free},
        &err));
}

static double failures_of(ifm_registry *registry, const char *name)
{
    char sample[100];
    snprintf(sample, sizeof sample, "inferometer_collector_failures_total{collector=\"%s\"}", name);
    return fixture_value(registry, sample);
}

/* --- What is emitted -------------------------------------------------------------------------------- */

static bool collect_every_type(void *context, ifm_collection *out, ifm_error *err)
{
    static const double bounds[] = {1, 2};
    static const uint64_t buckets[] = {3, 0, 4};
    (void)context;
    (void)err;
    CHECK(ifm_collect_family(
        out, &(ifm_collected_family){
                 .name = "c_total", .help = "A counter.", .type = IFM_COLLECTED_COUNTER, LABEL_ONE}));
    ifm_collect_sample(out, TEXTS("1"), 1);
    ifm_collect_sample(out, TEXTS("\"\n"), 2.5);
    ifm_collect_sample(out, TEXTS(NULL), 0);
    CHECK(ifm_collect_family(
        out, &(ifm_collected_family){
                 .name = "g_seconds", .help = "A gauge.", .unit = "seconds", .type = IFM_COLLECTED_GAUGE}));
    ifm_collect_sample(out, NULL, NAN);
    CHECK(ifm_collect_family(
        out,
        &(ifm_collected_family){.name = "i", .help = "An info.", .type = IFM_COLLECTED_INFO, LABEL_ONE}));
    ifm_collect_sample(out, TEXTS("1"), 7);
    CHECK(ifm_collect_family(
        out, &(ifm_collected_family){.name = "u", .help = "Unknown.", .type = IFM_COLLECTED_UNKNOWN}));
    ifm_collect_sample(out, NULL, -1);
    ifm_collect_histogram(out, "h", "A histogram.", NULL, bounds, buckets, 2, 9.5);
    return true;
}

static void every_type_is_exposed(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    add(registry, "all", collect_every_type, NULL);
    CHECK_EXPOSES(registry, IFM_FORMAT_OPENMETRICS,
                  "# TYPE c counter\n# HELP c A counter.\nc_total{a=\"1\"} 1\nc_total{a=\"\\\"\\n\"} 2.5\n"
                  "c_total{a=\"\"} 0\n# TYPE g_seconds gauge\n# UNIT g_seconds seconds\n"
                  "# HELP g_seconds A gauge.\ng_seconds NaN\n# TYPE i info\n# HELP i An info.\n"
                  "i_info{a=\"1\"} 1\n# TYPE u unknown\n# HELP u Unknown.\nu -1\n# TYPE h histogram\n"
                  "# HELP h A histogram.\nh_bucket{le=\"1.0\"} 3\nh_bucket{le=\"2.0\"} 3\n"
                  "h_bucket{le=\"+Inf\"} 7\nh_sum 9.5\nh_count 7\n");
    CHECK_INT(failures_of(registry, "all"), 0);
    ifm_registry_free(registry);
    check_end();
}

static void collectors_run_once_per_scrape_in_the_order_of_their_names(void **state)
{
    (void)state;
    struct probe probes[3] = {{.emits = "from_c"}, {.emits = "from_a"}, {.emits = "from_b"}};
    static const char *const names[] = {"c", "a", "b"};
    ifm_registry *registry = fixture_registry(NULL);
    for (size_t i = 0; i < 3; i++) {
        add_probe(registry, names[i], &probes[i]);
    }
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT,
                  "# HELP from_a Help.\n# TYPE from_a gauge\nfrom_a 1\n"
                  "# HELP from_b Help.\n# TYPE from_b gauge\nfrom_b 1\n"
                  "# HELP from_c Help.\n# TYPE from_c gauge\nfrom_c 1\n");
    CHECK_INT(fixture_value(registry, "from_c"), 2);
    ifm_registry_free(registry);
    for (size_t i = 0; i < 3; i++) {
        CHECK_INT(probes[i].runs, 2);
        CHECK_INT(probes[i].freed, 1);
    }
    check_end();
}

/* --- What is left out ------------------------------------------------------------------------------- */

static bool collect_repeated_series(void *context, ifm_collection *out, ifm_error *err)
{
    (void)context;
    (void)err;
    ifm_collect_family(
        out, &(ifm_collected_family){.name = "g", .help = "H", .type = IFM_COLLECTED_GAUGE, LABEL_TWO});
    ifm_collect_sample(out, TEXTS("1", "2"), 1);
    ifm_collect_sample(out, TEXTS("12", ""), 2);
    ifm_collect_sample(out, TEXTS("1", "2"), 3);
    ifm_collect_sample(out, TEXTS("", "12"), 4);
    ifm_collect_sample(out, TEXTS("1", "2"), 5);
    ifm_collect_family(out, &(ifm_collected_family){.name = "p", .help = "H", .type = IFM_COLLECTED_GAUGE});
    ifm_collect_sample(out, NULL, 6);
    ifm_collect_sample(out, NULL, 7);
    return true;
}

static void a_repeated_series_is_left_out(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    add(registry, "twice", collect_repeated_series, NULL);
    CHECK_EXPOSES(registry, IFM_FORMAT_TEXT,
                  "# TYPE g gauge\ng{a=\"1\",b=\"2\"} 1\ng{a=\"12\",b=\"\"} 2\ng{a=\"\",b=\"12\"} 4\n"
                  "# HELP p H\n# TYPE p gauge\np 6\n# HELP");
    CHECK_INT(failures_of(registry, "twice"), 2); /* scrapes, not samples */
    ifm_registry_free(registry);
    check_end();
}

static bool collect_one_wrong_thing(void *context, ifm_collection *out, ifm_error *err)
{
    static const double falling[] = {2, 1};
    static const uint64_t buckets[] = {1, 1, 1};
    static const char *const labels[] = {"a", "a"};
    ifm_collected_family family = {.name = "wrong", .help = "H", .type = IFM_COLLECTED_GAUGE};
    (void)err;
    switch (*(const int *)context) {
    case 0:
        family.name = "";
        break;
    case 1:
        family.help = NULL;
        break;
    case 2:
        family.name = "\xff";
        break;
    case 3:
        family.unit = "seconds";
        break;
    case 4:
        family.name = "taken";
        break;
    case 5:
        family.name = "histogram_sum";
        break;
    case 6:
        family.type = (ifm_collected_type)99;
        break;
    case 7:
        family.label_names = labels;
        family.label_count = 2;
        break;
    case 8:
        family.name = "inferometer_overflow_updates_total";
        break;
    case 9:
        ifm_collect_histogram(out, "wrong", "H", NULL, falling, buckets, 2, 1);
        break;
    case 10:
        family.name = "first";
        break;
    default: /* samples of a family that is fine */
        family.type = IFM_COLLECTED_COUNTER;
        family.label_names = labels;
        family.label_count = 1;
        CHECK(ifm_collect_family(out, &family));
        ifm_collect_sample(out, NULL, 1);
        ifm_collect_sample(out, TEXTS("negative"), -1);
        ifm_collect_sample(out, TEXTS("not a number"), NAN);
        return true;
    }
    if (*(const int *)context != 9) {
        CHECK(!ifm_collect_family(out, &family));
    }
    ifm_collect_sample(out, TEXTS("x"), 12345); /* ignored */
    return true;
}

static void what_is_wrong_is_left_out_and_counted_and_harms_nothing_else(void **state)
{
    (void)state;
    ifm_error err;
    for (int thing = 0; thing <= 11; thing++) {
        ifm_registry *registry = fixture_registry(NULL);
        struct probe before = {.emits = "first"};
        struct probe after = {.emits = "last"};
        ifm_gauge gauge;
        ifm_histogram histogram;
        MUST(ifm_gauge_register(registry, GAUGE(.name = "taken"), &gauge, &err));
        MUST(ifm_histogram_register(registry, HISTOGRAM(.name = "histogram"), &histogram, &err));
        add_probe(registry, "a", &before);
        add(registry, "b", collect_one_wrong_thing, &thing);
        add_probe(registry, "c", &after);
        char *text = fixture_format(registry, IFM_FORMAT_TEXT);
        CHECK_CONTAINS(text, "\ntaken 0\n");
        CHECK_CONTAINS(text, "\nfirst 1\n");
        CHECK_CONTAINS(text, "\nlast 1\n");
        CHECK(strstr(text, "12345") == NULL);
        CHECK(strstr(text, "wrong") == NULL);
        CHECK_CONTAINS(text, "inferometer_collector_failures_total{collector=\"a\"} 0\n");
        CHECK_CONTAINS(text, "inferometer_collector_failures_total{collector=\"b\"} 1\n");
        CHECK_CONTAINS(text, "inferometer_collector_failures_total{collector=\"c\"} 0\n");
        ifm_free(text);
        ifm_registry_free(registry);
    }
    check_end();
}

static void a_failure_is_counted_and_what_was_emitted_stays(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    struct probe probe = {.emits = "g", .fails = true};
    add_probe(registry, "failing", &probe);
    CHECK_INT(failures_of(registry, "failing"), 1);
    CHECK_INT(fixture_value(registry, "g"), 2);
    probe.fails = false;
    CHECK_INT(failures_of(registry, "failing"), 2);
    CHECK(fixture_value(registry, "inferometer_collector_duration_seconds{collector=\"failing\"}") >= 0);
    ifm_registry_free(registry);
    check_end();
}

struct heard {
    ifm_registry *registry;
    int count;
    char last[512];
};

/* Uses the registry, as a program's function may. */
static void listen_to(void *context, ifm_log_level level, const char *message)
{
    struct heard *heard = context;
    double value;
    ifm_error err;
    CHECK_INT(level, IFM_LOG_WARNING);
    CHECK(ifm_registry_sample(heard->registry, "inferometer_overflow_updates_total", &value, &err));
    heard->count++;
    snprintf(heard->last, sizeof heard->last, "%s", message);
}

static bool collect_with_reason(void *context, ifm_collection *out, ifm_error *err)
{
    const char *reason = *(const char **)context;
    (void)out;
    if (reason != NULL) {
        *err = (ifm_error){.code = IFM_IO};
        snprintf(err->message, sizeof err->message, "%s", reason);
    }
    return reason == NULL;
}

static void a_failure_is_logged_once_until_the_collector_succeeds(void **state)
{
    static const struct {
        const char *reason; /* NULL: succeeds */
        int heard;
        const char *last;
    } rows[] = {
        {NULL, 0, ""},
        {"the queue is asleep", 1, "could not collect all of collector \"queue\": the queue is asleep"},
        {"another", 1, "could not collect all of collector \"queue\": the queue is asleep"},
        {NULL, 1, "could not collect all of collector \"queue\": the queue is asleep"},
        {"", 2, "could not collect all of collector \"queue\": it gave no reason"},
    };
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    struct heard heard = {.registry = registry};
    const char *reason = NULL;
    add(registry, "queue", collect_with_reason, &reason);
    ifm_log_set(listen_to, &heard);
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        reason = rows[i].reason;
        ifm_free(fixture_format(registry, IFM_FORMAT_TEXT));
        CHECK_INT(heard.count, rows[i].heard);
        CHECK_TEXT(heard.last, rows[i].last);
    }
    ifm_log_set(NULL, NULL);
    ifm_registry_free(registry);
    check_end();
}

static void two_collectors_that_fail_at_once_are_both_logged(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    ifm_registry *quiet = fixture_registry(NULL);
    struct heard heard = {.registry = quiet};
    const char *reason = "asleep";
    int thing = 0;
    add(registry, "a", collect_with_reason, &reason);
    add(registry, "b", collect_one_wrong_thing, &thing);
    ifm_log_set(listen_to, &heard);
    ifm_free(fixture_format(registry, IFM_FORMAT_TEXT));
    CHECK_CONTAINS(heard.last, "collector \"a\": asleep");
    ifm_free(fixture_format(registry, IFM_FORMAT_TEXT));
    CHECK_CONTAINS(heard.last, "collector \"b\": a family or sample was left out");
    ifm_free(fixture_format(registry, IFM_FORMAT_TEXT));
    CHECK_INT(heard.count, 2);
    ifm_log_set(NULL, NULL);
    ifm_registry_free(quiet);
    ifm_registry_free(registry);
    check_end();
}

static bool collect_too_many(void *context, ifm_collection *out, ifm_error *err)
{
    char value[16];
    (void)err;
    ifm_collect_family(
        out, &(ifm_collected_family){.name = "g", .help = "H", .type = IFM_COLLECTED_GAUGE, LABEL_ONE});
    for (int i = 0; i < *(const int *)context; i++) {
        snprintf(value, sizeof value, "%d", i);
        ifm_collect_sample(out, TEXTS(value), i);
    }
    return true;
}

static void samples_of_one_collector_are_limited(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    int count = IFM_SERIES_LIMIT_DEFAULT;
    add(registry, "many", collect_too_many, &count);
    CHECK_INT(failures_of(registry, "many"), 0);
    count++;
    char *text = fixture_format(registry, IFM_FORMAT_TEXT);
    CHECK_CONTAINS(text, "\ng{a=\"99999\"} 99999\n");
    CHECK(strstr(text, "\ng{a=\"100000\"}") == NULL);
    CHECK_CONTAINS(text, "inferometer_collector_failures_total{collector=\"many\"} 1\n");
    ifm_free(text);
    ifm_registry_free(registry);
    check_end();
}

static bool collect_many_families(void *context, ifm_collection *out, ifm_error *err)
{
    char name[16];
    (void)err;
    for (int i = 0; i < *(const int *)context; i++) {
        snprintf(name, sizeof name, "g%d", i);
        ifm_collect_family(out,
                           &(ifm_collected_family){.name = name, .help = "H", .type = IFM_COLLECTED_GAUGE});
        ifm_collect_sample(out, NULL, i);
    }
    return true;
}

static void families_of_all_collectors_are_limited(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    int count = IFM_FAMILIES_MAX - 1;
    struct probe probe = {.emits = "one_more"};
    add(registry, "a", collect_many_families, &count);
    add_probe(registry, "b", &probe);
    CHECK_INT(failures_of(registry, "b"), 0);
    count++;
    char *text = fixture_format(registry, IFM_FORMAT_TEXT);
    CHECK_CONTAINS(text, "\ng9999 9999\n");
    CHECK(strstr(text, "\none_more ") == NULL);
    CHECK_CONTAINS(text, "inferometer_collector_failures_total{collector=\"a\"} 0\n");
    CHECK_CONTAINS(text, "inferometer_collector_failures_total{collector=\"b\"} 1\n");
    ifm_free(text);
    ifm_registry_free(registry);
    check_end();
}

/* --- From inside ------------------------------------------------------------------------------------ */

static bool collect_gathering(void *context, ifm_collection *out, ifm_error *err)
{
    struct probe *probe = context;
    ifm_error inner = {.code = IFM_OK};
    char *text = NULL;
    size_t size;
    (void)out;
    (void)err;
    CHECK(!ifm_registry_expose(probe->registry, NULL, &text, &size, &inner));
    CHECK_CONTAINS(inner.message, "cannot gather a registry from inside one of its collectors");
    probe->gathered = inner.code;
    return true;
}

static void gathering_from_inside_a_collector_is_an_error_not_a_deadlock(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    struct probe probe = {.registry = registry};
    add(registry, "inside", collect_gathering, &probe);
    ifm_free(fixture_format(registry, IFM_FORMAT_TEXT));
    CHECK_INT(probe.gathered, IFM_STATE);
    ifm_free(fixture_format(registry, IFM_FORMAT_TEXT));
    ifm_registry_free(registry);
    check_end();
}

static bool collect_registering(void *context, ifm_collection *out, ifm_error *err)
{
    struct probe *probe = context;
    ifm_counter counter;
    ifm_counter_family *family;
    (void)out;
    if (!ifm_counter_register(probe->registry, COUNTER(.name = "made_inside"), &counter, err) ||
        !ifm_counter_family_register(probe->registry, COUNTER(.name = "family", LABEL_ONE), &family, err)) {
        return false;
    }
    ifm_counter_inc(counter);
    ifm_counter_inc(ifm_counter_with(family, TEXTS("1")));
    return true;
}

static void a_collector_may_register_and_update(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    struct probe probe = {.registry = registry};
    add(registry, "inside", collect_registering, &probe);
    ifm_free(fixture_format(registry, IFM_FORMAT_TEXT));
    CHECK_INT(fixture_value(registry, "made_inside_total"), 1); /* families are written first */
    CHECK_INT(fixture_value(registry, "family_total{a=\"1\"}"), 2);
    CHECK_INT(failures_of(registry, "inside"), 0);
    ifm_registry_free(registry);
    check_end();
}

static void a_collector_may_unregister_itself_and_others_while_it_runs(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    struct probe self = {.unregisters = "self", .emits = "from_self"};
    struct probe killer = {.unregisters = "victim", .emits = "from_killer"};
    struct probe victim = {.emits = "from_victim"};
    add_probe(registry, "self", &self);
    add_probe(registry, "killer", &killer);
    add_probe(registry, "victim", &victim);
    char *text = fixture_format(registry, IFM_FORMAT_TEXT);
    CHECK_CONTAINS(text, "\nfrom_self 1\n");
    CHECK_CONTAINS(text, "\nfrom_victim 1\n"); /* this scrape had begun with it */
    ifm_free(text);
    CHECK_INT(self.freed, 1);
    CHECK_INT(victim.freed, 1);
    CHECK_INT(killer.freed, 0);
    CHECK_INT(fixture_value(registry, "from_victim"), -1);
    CHECK_INT(victim.runs, 1);
    ifm_registry_free(registry);
    CHECK_INT(self.freed, 1);
    CHECK_INT(victim.freed, 1);
    CHECK_INT(killer.freed, 1);
    check_end();
}

/* Forks; the child comes back from here too. */
static bool collect_forking(void *context, ifm_collection *out, ifm_error *err)
{
    (void)out;
    (void)err;
    *(pid_t *)context = fork();
    return true;
}

/* What the child says: 0 when scrapes go on and removed series are recycled. */
static int child_check(ifm_registry *registry, ifm_counter_family *family)
{
    ifm_free(fixture_format(registry, IFM_FORMAT_TEXT));
    ifm_counter_with(family, TEXTS("1"));
    bool removed = ifm_counter_remove(family, TEXTS("1"));
    return removed && registry->gathering == 0 && registry->series_limbo == 0 ? 0 : 1;
}

static void a_collector_may_fork(void **state)
{
    (void)state;
    ifm_error err;
    pid_t child = -1;
    int status = -1;
    ifm_counter_family *family;
    ifm_registry *registry = fixture_registry(NULL);
    MUST(ifm_counter_family_register(registry, COUNTER(.name = "c", LABEL_ONE), &family, &err));
    add(registry, "forking", collect_forking, &child);
    ifm_free(fixture_format(registry, IFM_FORMAT_TEXT));
    CHECK(ifm_registry_unregister(registry, "forking"));
    if (child == 0) {
        _exit(child_check(registry, family));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    CHECK(WIFEXITED(status));
    CHECK_INT(WEXITSTATUS(status), 0);
    CHECK_INT(child_check(registry, family), 0);
    ifm_registry_free(registry);
    check_end();
}

static void free_using_the_registry(void *context)
{
    struct probe *probe = context;
    ifm_error err;
    ifm_gauge gauge;
    probe->freed++;
    CHECK(ifm_registry_unregister(probe->registry, "of_the_collector"));
    MUST(ifm_gauge_register(probe->registry, GAUGE(.name = "another"), &gauge, &err));
}

static void a_context_may_use_the_registry_while_it_is_freed(void **state)
{
    (void)state;
    ifm_error err;
    for (int turn = 0; turn < 2; turn++) {
        ifm_gauge gauge;
        ifm_registry *registry = fixture_registry(NULL);
        struct probe probe = {.registry = registry};
        MUST(ifm_gauge_register(registry, GAUGE(.name = "of_the_collector"), &gauge, &err));
        MUST(ifm_collector_register(registry,
                                    &(ifm_collector_options){.name = "x",
                                                             .collect = probe_collect,
                                                             .context = &probe,
                                                             .free_context = free_using_the_registry},
                                    &err));
        if (turn == 0) {
            CHECK(ifm_registry_unregister(registry, "x"));
            CHECK_INT(fixture_value(registry, "another"), 0);
        }
        ifm_registry_free(registry);
        CHECK_INT(probe.freed, 1);
    }
    check_end();
}

/* --- Registering ------------------------------------------------------------------------------------ */

static void a_collector_that_cannot_be_registered_keeps_its_context(void **state)
{
    (void)state;
    ifm_registry *registry = fixture_registry(NULL);
    struct probe probe = {0};
    struct probe other = {0};
    add_probe(registry, "taken", &probe);
    static const struct {
        ifm_collector_options options;
        ifm_code code;
        const char *want;
    } rows[] = {
        {{.name = "taken", .collect = probe_collect}, IFM_EXISTS, "collector \"taken\": the name is taken"},
        {{.name = "x"}, IFM_INVALID, "collector \"x\": it has no function"},
        {{.name = "", .collect = probe_collect}, IFM_INVALID, "its name is missing or not UTF-8"},
        {{.name = NULL, .collect = probe_collect}, IFM_INVALID, "its name is missing or not UTF-8"},
        {{.name = "\xff", .collect = probe_collect}, IFM_INVALID, "its name is missing or not UTF-8"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_collector_options options = rows[i].options;
        options.context = &other;
        options.free_context = probe_free;
        CHECK_REFUSED(ifm_collector_register(registry, &options, &refused), rows[i].code, rows[i].want);
    }
    CHECK_INT(other.freed, 0);
    CHECK_INT(probe.freed, 0);
    CHECK(ifm_registry_unregister(registry, "taken"));
    CHECK(!ifm_registry_unregister(registry, "taken"));
    CHECK_INT(probe.freed, 1);
    ifm_registry_free(registry);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_type_is_exposed),
        cmocka_unit_test(collectors_run_once_per_scrape_in_the_order_of_their_names),
        cmocka_unit_test(a_repeated_series_is_left_out),
        cmocka_unit_test(what_is_wrong_is_left_out_and_counted_and_harms_nothing_else),
        cmocka_unit_test(a_failure_is_counted_and_what_was_emitted_stays),
        cmocka_unit_test(a_failure_is_logged_once_until_the_collector_succeeds),
        cmocka_unit_test(two_collectors_that_fail_at_once_are_both_logged),
        cmocka_unit_test(samples_of_one_collector_are_limited),
        cmocka_unit_test(families_of_all_collectors_are_limited),
        cmocka_unit_test(gathering_from_inside_a_collector_is_an_error_not_a_deadlock),
        cmocka_unit_test(a_collector_may_register_and_update),
        cmocka_unit_test(a_collector_may_unregister_itself_and_others_while_it_runs),
        cmocka_unit_test(a_collector_may_fork),
        cmocka_unit_test(a_context_may_use_the_registry_while_it_is_freed),
        cmocka_unit_test(a_collector_that_cannot_be_registered_keeps_its_context),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
