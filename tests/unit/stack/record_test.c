/* SPDX-License-Identifier: Apache-2.0
 *
 * stack.json: written and read again, and refused when it is not what we wrote.
 */
#include "stack/record.h"

#include "check.h"
#include "torture.h"

static const stack_record sample = {
    .engine = STACK_ENGINE_DOCKER,
    .tool = STACK_TOOL_DOCKER_COMPOSE,
    .network = STACK_NETWORK_BRIDGE,
    .project = (char[]){"inferometer-1"},
    .prometheus_image = (char[]){"prom/prometheus:v3.14.0"},
    .address = (char[]){"127.0.0.1"},
    .prometheus_port = 9091,
    .grafana_port = 3001,
    .scrape_interval_s = 5,
    .grafana = true,
    .rootless = true,
};

static bool round_trip(void *context, ifm_error *err)
{
    stack_record *out = context;
    stack_record read = {0};
    ifm_buf text;
    ifm_buf_init(&text, 4096);
    bool ok = stack_record_print(&sample, &text, err) && stack_record_parse(text.data, text.size, &read, err);
    ifm_buf_deinit(&text);
    if (ok && out != NULL) {
        *out = read;
    } else {
        stack_record_deinit(&read);
    }
    return ok;
}

static void record_survives_being_written(void **state)
{
    (void)state;
    stack_record record;
    ifm_error err;
    assert_true(round_trip(&record, &err));
    CHECK(stack_record_same_services(&record, &sample));
    CHECK_INT(record.scrape_interval_s, 5);
    CHECK(record.grafana_image == NULL);
    CHECK(record.grafana && !record.exposed);
    CHECK(record.rootless && !record.desktop);
    record.prometheus_port++;
    CHECK(!stack_record_same_services(&record, &sample));
    stack_record_deinit(&record);
    check_end();
}

static void record_survives_every_failed_allocation(void **state)
{
    (void)state;
    CHECK(torture_allocations(round_trip, NULL, TORTURE_MUST_FAIL) >= 4);
    check_end();
}

static void record_refuses_what_it_did_not_write(void **state)
{
    (void)state;
#define REST                                                                                                 \
    "\"tool\":\"\",\"network\":\"host\",\"project\":\"p\",\"address\":\"127.0.0.1\",\"prometheus_port\":1,"  \
    "\"grafana_port\":2,\"scrape_interval_s\":5,\"grafana\":true,\"exposed\":false}"
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"", "line 1, column 0: '[' or '{' expected near end of file"},
        {"{\"engine\": ", "line 1, column 11: "},
        {"[]", "\"engine\" is not one of its names"},
        {"{\"engine\":\"kvm\"," REST, "\"engine\" is not one of its names"},
        {"{\"engine\":\"native\",\"exposed\":1," REST, ""}, /* the later of two keys counts */
        {"{\"engine\":\"native\",\"prometheus_image\":[]," REST, "\"prometheus_image\" is not a text"},
        {"{\"engine\":\"native\"}", "\"tool\" is not one of its names"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        stack_record record;
        ifm_error err = {.message = ""};
        bool ok = stack_record_parse(rows[i].text, strlen(rows[i].text), &record, &err);
        CHECK_INT(ok, rows[i].want[0] == '\0');
        CHECK_CONTAINS(err.message, rows[i].want);
        stack_record_deinit(&record);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(record_survives_being_written),
        cmocka_unit_test(record_survives_every_failed_allocation),
        cmocka_unit_test(record_refuses_what_it_did_not_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
