/* SPDX-License-Identifier: Apache-2.0
 *
 * All checks together: what a run reports, asks and leaves alone.
 */
#include "doctor_fixture.h"

#include "torture.h"

#include <unistd.h>

static const fake_answer docker_runs[] = {
    DOCKER_WORKS,
    CONTAINERS,
    RUNNING,
    OK("docker exec prometheus cat /etc/prometheus/prometheus.yml", PROMETHEUS_YML),
    OK("docker exec grafana cat /etc/grafana/provisioning/datasources/inferometer.yaml", SOURCE_YAML),
    OK("docker image inspect*", "sha256:1\n"),
    OK("docker logs*", ""),
    END};
static const fake_page well[] = {WELL_PAGES};

static bool run(doctor_fixture *fixture, char *choice)
{
    ifm_error err;
    fixture->count = 0;
    return stack_doctor_run(&fixture->doctor, choice, &err);
}

static void doctor_finds_nothing_wrong_with_what_is_well(void **state)
{
    doctor_fixture fixture;
    char choice[STACK_DOCTOR_TEXT_SIZE] = "x";
    (void)state;
    fixture_init(&fixture, docker_runs, well);
    fixture.record.prometheus_port = 9090;
    CHECK(run(&fixture, choice));
    CHECK_INT(fixture.count, STACK_DOCTOR_COUNT);
    for (size_t i = 0; i < fixture.count; i++) {
        const stack_doctor_result *result = &fixture.results[i];
        CHECK_TEXT(result->id, doctor_checks[i].id);
        CHECK(result->cause[0] != '\0');
        /* This machine's own port 9090 is not the fake one's. */
        if (strcmp(result->id, "D6") != 0 &&
            !check_report(result->status == STACK_DOCTOR_OK, __FILE__, __LINE__)) {
            fprintf(stderr, "%s: %s\n", result->id, result->cause);
        }
    }
    CHECK_TEXT(choice, "");
    fixture_deinit(&fixture);
    check_end();
}

static void doctor_without_a_stack_says_what_it_would_start_with(void **state)
{
    static const fake_answer missing[] = {END};
    doctor_fixture fixture;
    char choice[STACK_DOCTOR_TEXT_SIZE];
    (void)state;
    fixture_init(&fixture, docker_runs, NULL);
    fixture.doctor.record = NULL;
    CHECK(run(&fixture, choice));
    CHECK_INT(fixture.count, STACK_DOCTOR_COUNT);
    for (size_t i = 0; i < fixture.count; i++) {
        CHECK(fixture.results[i].status != STACK_DOCTOR_FAILED);
    }
    CHECK_CONTAINS(choice, "inferometer stack up would take docker 20.10.24+dfsg1 with docker compose");
    CHECK_INT(fixture.requests, 0);
    fixture_deinit(&fixture);
    fixture_init(&fixture, missing, NULL);
    fixture.doctor.record = NULL;
    CHECK(run(&fixture, choice));
    CHECK_CONTAINS(choice, "would find no engine");
    fixture_deinit(&fixture);
    check_end();
}

/* A server that hangs costs its time limit once, not in every check. */
static void doctor_asks_a_dead_server_once(void **state)
{
    static const fake_page hangs[] = {{"http", 0, "", 0}, {NULL, 0, NULL, 0}};
    doctor_fixture fixture;
    char choice[STACK_DOCTOR_TEXT_SIZE];
    (void)state;
    fixture_init(&fixture, docker_runs, hangs);
    CHECK(run(&fixture, choice));
    CHECK_INT(fixture.requests, 2); /* Prometheus, Grafana */
    fixture_deinit(&fixture);
    check_end();
}

static void doctor_limits_every_command(void **state)
{
    doctor_fixture fixture;
    char choice[STACK_DOCTOR_TEXT_SIZE];
    (void)state;
    fixture_init(&fixture, docker_runs, well);
    for (size_t i = 0; i < STACK_DOCTOR_COUNT; i++) {
        fixture.fake.timeout_ns = -1;
        fixture.doctor.check = doctor_checks[i].id;
        CHECK(run(&fixture, choice));
        CHECK(fixture.fake.timeout_ns != 0);
        CHECK(fixture.fake.timeout_ns <=
              3 * DOCTOR_COMMAND_MS * INT64_C(1000000)); /* a tool: as long as that */
    }
    fixture_deinit(&fixture);
    check_end();
}

static void doctor_changes_nothing(void **state)
{
    static const char *const words[] = {" up",    " down", " pull",    " rm",
                                        " start", " stop", " restart", " run "};
    doctor_fixture fixture;
    char choice[STACK_DOCTOR_TEXT_SIZE], list[700], before[4096], after[4096];
    (void)state;
    fixture_init(&fixture, docker_runs, well);
    snprintf(list, sizeof list, "cd '%s' && find . -printf '%%p %%m %%s %%T@\\n' | sort | md5sum",
             fixture.fake.root);
    FILE *pipe = popen(list, "r");
    assert_non_null(fgets(before, sizeof before, pipe));
    pclose(pipe);
    CHECK(run(&fixture, choice));
    pipe = popen(list, "r");
    assert_non_null(fgets(after, sizeof after, pipe));
    pclose(pipe);
    CHECK_TEXT(after, before);
    for (size_t i = 0; i < IFM_COUNT_OF(words); i++) {
        CHECK(strstr(fake_log(&fixture.fake), words[i]) == NULL);
    }
    fixture_deinit(&fixture);
    check_end();
}

static void doctor_can_be_cancelled(void **state)
{
    doctor_fixture fixture;
    char choice[STACK_DOCTOR_TEXT_SIZE];
    int ends[2];
    ifm_error err = {.code = IFM_OK};
    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    fixture_init(&fixture, docker_runs, well);
    fixture.doctor.cancel_fd = ends[0];
    CHECK(!stack_doctor_run(&fixture.doctor, choice, &err));
    CHECK_INT(err.code, IFM_CANCELED);
    CHECK_INT(fixture.count, 0);
    close(ends[0]);
    close(ends[1]);
    fixture_deinit(&fixture);
    check_end();
}

static void doctor_knows_its_checks(void **state)
{
    (void)state;
    CHECK(stack_doctor_has_check("D1"));
    CHECK(stack_doctor_has_check("d20"));
    CHECK(!stack_doctor_has_check("D21"));
    CHECK(!stack_doctor_has_check("D"));
    CHECK(!stack_doctor_has_check(""));
    check_end();
}

static void doctor_quotes_for_a_shell(void **state)
{
    static const struct {
        const char *path, *want;
    } rows[] = {{"/srv/a.b-c", "/srv/a.b-c"},
                {"/srv/a b", "'/srv/a b'"},
                {"it's", "'it'\\''s'"},
                {"", "''"},
                {"$(x)", "'$(x)'"}};
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        char out[DOCTOR_PATH_SIZE];
        CHECK_TEXT(doctor_quote(rows[i].path, out), rows[i].want);
    }
    check_end();
}

/* Without memory a check says less, but the run neither crashes nor leaks. */
static void doctor_survives_without_memory(void **state)
{
    doctor_fixture fixture;
    char choice[STACK_DOCTOR_TEXT_SIZE];
    (void)state;
    fixture_init(&fixture, docker_runs, well);
    assert_true(run(&fixture, choice));
    size_t budget = torture_allocation_count();
    assert_true(run(&fixture, choice));
    budget = torture_allocation_count() - budget;
    CHECK(budget > 50);
    for (size_t n = 1; n <= budget; n += 1 + n / 40) {
        long blocks = torture_block_count();
        torture_arm(n, TORTURE_PERSISTENT);
        bool ok = run(&fixture, choice);
        torture_disarm();
        CHECK(ok || n == 1);
        CHECK(!ok || fixture.count >= STACK_DOCTOR_COUNT);
        long left = torture_block_count() - blocks;
        CHECK(left <= 2); /* the fixture's own logs may have grown */
    }
    fixture_deinit(&fixture);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doctor_finds_nothing_wrong_with_what_is_well),
        cmocka_unit_test(doctor_without_a_stack_says_what_it_would_start_with),
        cmocka_unit_test(doctor_asks_a_dead_server_once),
        cmocka_unit_test(doctor_limits_every_command),
        cmocka_unit_test(doctor_changes_nothing),
        cmocka_unit_test(doctor_can_be_cancelled),
        cmocka_unit_test(doctor_knows_its_checks),
        cmocka_unit_test(doctor_quotes_for_a_shell),
        cmocka_unit_test(doctor_survives_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
