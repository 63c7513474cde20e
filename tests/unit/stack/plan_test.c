/* SPDX-License-Identifier: Apache-2.0
 *
 * Choosing what shall run: with every allocation failing, and what is refused.
 */
#include "stack/plan.h"

#include "check.h"
#include "stack/urls.h"
#include "torture.h"

#include <stdlib.h>

static const stack_session session = {.cancel_fd = -1};
static const stack_folder folder = {.path = (char[]){"/state/stack"}, .targets = (char[]){"/state/targets"}};

static bool make_record(void *context, ifm_error *err)
{
    const stack_engine_info *engine = context;
    const stack_options options = {.prometheus_image = "prom/prometheus:v2.53.0", .scrape_interval_s = 15};
    const stack_before before = {.recorded = false};
    stack_record record;
    bool ok = stack_make_record(&session, &options, engine, &folder, &before, &record, err);
    CHECK(ok || (record.address == NULL && record.project == NULL && record.prometheus_image == NULL));
    if (ok) {
        bool native = engine->engine == STACK_ENGINE_NATIVE;
        CHECK_TEXT(record.address, "127.0.0.1");
        CHECK(strncmp(record.project, "inferometer-", 12) == 0);
        CHECK(native ? record.prometheus_image == NULL
                     : strcmp(record.prometheus_image, "docker.io/prom/prometheus:v2.53.0") == 0);
        CHECK(record.prometheus_port > 0 && record.prometheus_port != record.grafana_port);
        CHECK_INT(record.scrape_interval_s, 15);
    }
    stack_record_deinit(&record);
    return ok;
}

static void record_is_made_or_nothing(void **state)
{
    (void)state;
    stack_engine_info podman = {.engine = STACK_ENGINE_PODMAN, .tool = STACK_TOOL_PODMAN_COMPOSE};
    CHECK(torture_allocations(make_record, &podman, TORTURE_MAY_SUCCEED) >= 4);
    stack_engine_info native = {.engine = STACK_ENGINE_NATIVE};
    CHECK(torture_allocations(make_record, &native, TORTURE_MAY_SUCCEED) >= 2);
    check_end();
}

static void options_that_cannot_be_meant_are_refused(void **state)
{
    (void)state;
    static const struct {
        stack_options options;
        const char *want;
    } rows[] = {
        {{.expose = "everywhere", .password = "longenough"}, "\"everywhere\" is no address"},
        {{.expose = "0.0.0.0"}, "hint: give a password with --password-file=FILE"},
        {{.prometheus_port = 3000, .grafana_port = 3000}, "cannot both have port 3000"},
        {{.password = "short"}, "the password has 5 bytes; it must have 8 to 200"},
        {{.password = "eight\tby"}, "the password has a control character in it"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        ifm_error err;
        CHECK(!stack_options_check(&rows[i].options, &err));
        CHECK_INT(err.code, IFM_INVALID);
        CHECK_CONTAINS(err.message, rows[i].want);
    }
    ifm_error err;
    CHECK(stack_options_check(&(stack_options){.expose = "::", .password = "longenough"}, &err));
    check_end();
}

/* An address of nobody here is not a port that is taken. */
static void address_of_another_machine_is_told_apart(void **state)
{
    (void)state;
    const stack_engine_info native = {.engine = STACK_ENGINE_NATIVE};
    const stack_options options = {.expose = "192.0.2.1", .password = "longenough"};
    const stack_before before = {.recorded = false};
    stack_record record;
    ifm_error err;
    CHECK(!stack_make_record(&session, &options, &native, &folder, &before, &record, &err));
    CHECK_CONTAINS(err.message, "cannot listen on 192.0.2.1:9090 for Prometheus: Cannot assign requested");
    CHECK_INT(err.code, IFM_INVALID);
    check_end();
}

static void urls_have_their_brackets(void **state)
{
    (void)state;
    static const struct {
        const char *address, *asked, *opened;
    } rows[] = {
        {"127.0.0.1", "http://127.0.0.1:9090", "http://localhost:9090/"},
        {"0.0.0.0", "http://127.0.0.1:9090", "http://localhost:9090/"},
        {"::", "http://[::1]:9090", "http://localhost:9090/"},
        {"2001:db8::1", "http://[2001:db8::1]:9090", "http://[2001:db8::1]:9090/"},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        char url[STACK_URL_SIZE], address[64];
        snprintf(address, sizeof address, "%s", rows[i].address);
        const stack_record record = {.address = address, .prometheus_port = 9090};
        stack_url_prometheus(&record, url);
        CHECK_TEXT(url, rows[i].asked);
        stack_url_open(&record, 9090, url);
        CHECK_TEXT(url, rows[i].opened);
    }
    check_end();
}

static void ssh_command_forwards_both_ports(void **state)
{
    (void)state;
    const stack_record record = {
        .address = (char[]){"127.0.0.1"}, .prometheus_port = 9091, .grafana_port = 3001, .grafana = true};
    static const struct {
        const char *connection, *want;
    } rows[] = {
        {"10.0.0.2 5000 10.0.0.1 22", "ssh -N -L 3001:127.0.0.1:3001 -L 9091:127.0.0.1:9091 alice@10.0.0.1"},
        {"10.0.0.2 5000 10.0.0.1 2222",
         "ssh -N -p 2222 -L 3001:127.0.0.1:3001 -L 9091:127.0.0.1:9091 alice@10.0.0.1"},
        {"nonsense", ""},
        {NULL, ""},
    };
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        char command[STACK_URL_SIZE];
        stack_url_ssh(&record, rows[i].connection, "alice", command);
        CHECK_TEXT(command, rows[i].want);
    }
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(record_is_made_or_nothing),
        cmocka_unit_test(options_that_cannot_be_meant_are_refused),
        cmocka_unit_test(address_of_another_machine_is_told_apart),
        cmocka_unit_test(urls_have_their_brackets),
        cmocka_unit_test(ssh_command_forwards_both_ports),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
