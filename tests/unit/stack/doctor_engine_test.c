/* SPDX-License-Identifier: Apache-2.0
 *
 * D1, D2, D3, D19: what the stack runs on, as recorded on machines where it does and where it does not.
 */
#include "doctor_fixture.h"

/* The only engine that is there, so that a fault of it matters. */
static void on(doctor_fixture *fixture, const fake_answer *answers, bool started)
{
    fixture_init(fixture, answers, NULL);
    if (!started) {
        fixture->doctor.record = NULL;
    }
}

static void d1_tells_what_is_wrong_with_the_engine(void **state)
{
    static const fake_answer works[] = {DOCKER_WORKS, END};
    static const fake_answer missing[] = {END};
    static const fake_answer silent[] = {ANSWER(DOCKER_VERSION, 1, CLIENT_ALONE, NO_DAEMON),
                                         OK(DOCKER_CONTEXT, CONTEXT_DEFAULT), END};
    static const fake_answer elsewhere[] = {
        ANSWER(DOCKER_VERSION, 1, CLIENT_ALONE,
               "error during connect: Get \"http://10.9.8.7:2375/v1.50/version\": dial tcp 10.9.8.7:2375: "
               "connect: "
               "no route to host\n"),
        OK(DOCKER_CONTEXT, CONTEXT("gpu", "tcp://10.9.8.7:2375")), END};
    static const fake_answer refused[] = {ANSWER(DOCKER_VERSION, 1, CLIENT_ALONE, NO_PERMISSION),
                                          OK(DOCKER_CONTEXT, CONTEXT_DEFAULT), END};
    static const struct {
        const fake_answer *answers;
        stack_doctor_status status;
        const char *cause, *fix;
    } rows[] = {
        {works, STACK_DOCTOR_OK, "docker 20.10.24+dfsg1 answers", ""},
        {missing, STACK_DOCTOR_FAILED, "not installed", ""},
        {silent, STACK_DOCTOR_FAILED, "no Docker engine (dockerd)", "install"},
        {elsewhere, STACK_DOCTOR_FAILED, "10.9.8.7", "docker context use default"},
        {refused, STACK_DOCTOR_SKIPPED, "does not let this user ask, see D2", ""},
    };
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        for (int started = 0; started < 2; started++) {
            doctor_fixture fixture;
            on(&fixture, rows[i].answers, started == 1);
            fixture_check(&fixture, "D1", rows[i].status, rows[i].cause, rows[i].fix, __FILE__,
                          __LINE__ + (int)i);
            CHECK_INT(fixture.count, 1);
            fixture_deinit(&fixture);
        }
    }
    check_end();
}

static void d1_tells_not_running_from_not_installed(void **state)
{
    static const fake_answer answers[] = {ANSWER(DOCKER_VERSION, 1, CLIENT_ALONE, NO_DAEMON),
                                          OK(DOCKER_CONTEXT, CONTEXT_DEFAULT), END};
    doctor_fixture fixture;
    (void)state;
    on(&fixture, answers, true);
    fake_file(&fixture.fake, "/usr/bin/dockerd", "");
    CHECK_SAYS(&fixture, "D1", FAILED, "the Docker engine is not running", "dockerd");
    fixture_deinit(&fixture);
    check_end();
}

/* Whoever has podman need not have Docker; what is there and does not work is worth a word. */
static void d1_counts_what_the_stack_can_run_on(void **state)
{
    static const fake_answer podman[] = {OK(PODMAN_INFO, PODMAN_INFO_JSON("true", "false", "")),
                                         ANSWER(PODMAN_PLUGIN, 125, NULL, PODMAN_NO_COMPOSE),
                                         OK(PODMAN_COMPOSE, PODMAN_COMPOSE_VERSION), END};
    static const fake_answer both[] = {ANSWER(DOCKER_VERSION, 1, CLIENT_ALONE, NO_DAEMON),
                                       OK(DOCKER_CONTEXT, CONTEXT_DEFAULT),
                                       OK(PODMAN_INFO, PODMAN_INFO_JSON("true", "false", "")),
                                       ANSWER(PODMAN_PLUGIN, 125, NULL, PODMAN_NO_COMPOSE),
                                       OK(PODMAN_COMPOSE, PODMAN_COMPOSE_VERSION),
                                       END};
    doctor_fixture fixture;
    (void)state;
    on(&fixture, podman, false);
    CHECK_SAYS(&fixture, "D1", OK, "podman 4.3.1 answers (rootless); without docker, which is not needed",
               "");
    CHECK_INT(fixture.count, 1);
    fixture_deinit(&fixture);
    on(&fixture, both, false);
    fake_file(&fixture.fake, "/usr/bin/dockerd", "");
    CHECK_SAYS(&fixture, "D1", OK, "podman 4.3.1 answers", "");
    CHECK_SAYS(&fixture, "D1", WARNING, "the stack would use podman instead", "dockerd");
    fixture_deinit(&fixture);
    check_end();
}

static void d2_is_about_docker_sockets_permission(void **state)
{
    static const fake_answer refused[] = {ANSWER(DOCKER_VERSION, 1, CLIENT_ALONE, NO_PERMISSION),
                                          OK(DOCKER_CONTEXT, CONTEXT_DEFAULT), END};
    static const fake_answer works[] = {DOCKER_WORKS, END};
    static const fake_answer missing[] = {END};
    doctor_fixture fixture;
    (void)state;
    for (int started = 0; started < 2; started++) {
        on(&fixture, refused, started == 1);
        fake_file(&fixture.fake, "/var/run/docker.sock", "");
        fake_user(&fixture.fake, 54321, 54321, "54321");
        CHECK_SAYS(&fixture, "D2", FAILED, "", "");
        for (size_t i = 0; i < fixture.count;
             i++) { /* never: it is root for whoever gets it, until a restart */
            CHECK(strstr(fixture.results[i].fix, "chmod") == NULL);
            CHECK(strstr(fixture.results[i].fix, "chown") == NULL);
        }
        fixture_deinit(&fixture);
    }
    on(&fixture, works, true);
    CHECK_SAYS(&fixture, "D2", OK, "may use docker", "");
    fixture_deinit(&fixture);
    on(&fixture, missing, false);
    CHECK_SAYS(&fixture, "D2", SKIPPED, "not installed", "");
    fixture_deinit(&fixture);
    on(&fixture, works, true);
    fixture.record.engine = STACK_ENGINE_PODMAN;
    CHECK_SAYS(&fixture, "D2", SKIPPED, "does not run on docker", "");
    fixture_deinit(&fixture);
    check_end();
}

static void d3_knows_the_tools(void **state)
{
    static const fake_answer works[] = {DOCKER_WORKS, END};
    static const fake_answer old[] = {
        OK(DOCKER_VERSION, CLIENT_SERVER),   OK(DOCKER_INFO, INFO_DEBIAN),
        OK(DOCKER_CONTEXT, CONTEXT_DEFAULT), ANSWER(DOCKER_PLUGIN, 125, NULL, NO_PLUGIN_28),
        OK(DOCKER_COMPOSE, "1.29.2\n"),      END};
    static const fake_answer none[] = {OK(DOCKER_VERSION, CLIENT_SERVER), OK(DOCKER_INFO, INFO_DEBIAN),
                                       OK(DOCKER_CONTEXT, CONTEXT_DEFAULT),
                                       ANSWER(DOCKER_PLUGIN, 125, NULL, NO_PLUGIN_28), END};
    static const fake_answer missing[] = {END};
    doctor_fixture fixture;
    (void)state;
    on(&fixture, works, true);
    CHECK_SAYS(&fixture, "D3", OK, "docker compose 2.24.5", "");
    fixture_deinit(&fixture);
    for (int started = 0; started < 2; started++) {
        on(&fixture, old, started == 1);
        CHECK_SAYS(&fixture, "D3", WARNING, "1.29.2", "plugin");
        fixture_deinit(&fixture);
        on(&fixture, none, started == 1);
        CHECK_SAYS(&fixture, "D3", FAILED, "neither docker compose nor docker-compose", "");
        CHECK_SAYS(&fixture, "D1", OK, "docker 20.10.24+dfsg1 answers", "");
        fixture_deinit(&fixture);
    }
    on(&fixture, missing, false);
    CHECK_SAYS(&fixture, "D3", SKIPPED, "see D1", "");
    fixture_deinit(&fixture);
    on(&fixture, works, true);
    fixture_native(&fixture);
    CHECK_SAYS(&fixture, "D3", SKIPPED, "without containers", "");
    fixture_deinit(&fixture);
    check_end();
}

#define INSPECT "docker image inspect --format {{.Id}} "

static void d19_looks_for_the_images(void **state)
{
    static const fake_answer there[] = {DOCKER_WORKS, OK(INSPECT "*", "sha256:1\n"), END};
    static const fake_answer half[] = {DOCKER_WORKS, OK(INSPECT "prom/prometheus:v3.14.0", "sha256:1\n"),
                                       ANSWER(INSPECT "*", 1, "", "Error: No such image: grafana\n"), END};
    static const fake_answer silent[] = {DOCKER_WORKS, ANSWER(INSPECT "*", 1, "", NO_DAEMON), END};
    static char latest[] = "grafana/grafana:latest", registry[] = "localhost:5000/grafana";
    doctor_fixture fixture;
    (void)state;
    on(&fixture, there, true);
    CHECK_SAYS(&fixture, "D19", OK, "grafana/grafana:13.2.1 are on this machine", "");
    fixture.record.grafana_image = latest;
    CHECK_SAYS(&fixture, "D19", WARNING, "has no version of its own", "");
    fixture.record.grafana_image = registry;
    CHECK_SAYS(&fixture, "D19", WARNING, "has no version of its own", "");
    fixture_native(&fixture);
    CHECK_SAYS(&fixture, "D19", SKIPPED, "", "");
    fixture_deinit(&fixture);
    on(&fixture, half, true);
    CHECK_SAYS(&fixture, "D19", WARNING, "grafana/grafana:13.2.1 is not on this machine any more",
               "docker pull grafana/grafana:13.2.1");
    fixture_deinit(&fixture);
    on(&fixture, half, false);
    CHECK_SAYS(&fixture, "D19", OK, "stack up pulls it", "docker pull grafana/grafana:13.2.1");
    fixture_deinit(&fixture);
    on(&fixture, silent, true);
    CHECK_SAYS(&fixture, "D19", SKIPPED, "could not see whether", "");
    fixture_deinit(&fixture);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(d1_tells_what_is_wrong_with_the_engine),
        cmocka_unit_test(d1_tells_not_running_from_not_installed),
        cmocka_unit_test(d1_counts_what_the_stack_can_run_on),
        cmocka_unit_test(d2_is_about_docker_sockets_permission),
        cmocka_unit_test(d3_knows_the_tools),
        cmocka_unit_test(d19_looks_for_the_images),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
