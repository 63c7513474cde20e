/* SPDX-License-Identifier: Apache-2.0
 *
 * D4, D5, D16, D20: whether Prometheus reaches the programs, and whether all clocks agree.
 */
#include "doctor_fixture.h"

#define AT_LOOPBACK "http://127.0.0.1:8000/metrics"
#define AT_DOCKER   "http://host.docker.internal:8000/metrics"

static const fake_answer docker_runs[] = {
    DOCKER_WORKS, CONTAINERS, RUNNING,
    OK("docker exec prometheus cat /etc/hosts", "127.0.0.1\tlocalhost\n172.17.0.1\thost.docker.internal\n"),
    END};
static const fake_page well[] = {WELL_PAGES};

/* --- D5 --------------------------------------------------------------------------------------------- */

static void d5_explains_targets_that_are_down(void **state)
{
    static const struct {
        const char *targets;
        stack_network network;
        stack_doctor_status status;
        const char *cause, *fix;
    } rows[] = {
        {UP_TARGETS, STACK_NETWORK_HOST, STACK_DOCTOR_OK, "1 target is up", ""},
        {TARGETS_OF(TARGET_OF(AT_LOOPBACK, "up", "") "," TARGET_OF(AT_LOOPBACK, "unknown", "")),
         STACK_NETWORK_HOST, STACK_DOCTOR_OK, "1 of 2 targets are up", ""},
        {TARGETS_OF(TARGET_OF(AT_LOOPBACK, "down",
                              "Get \\\"" AT_LOOPBACK
                              "\\\": dial tcp 127.0.0.1:8000: connect: connection refused")),
         STACK_NETWORK_HOST, STACK_DOCTOR_FAILED, "target 127.0.0.1:8000: connection refused",
         "INFEROMETER_PORT=8000"},
        {TARGETS_OF(TARGET_OF(AT_DOCKER, "down", "Get \\\"" AT_DOCKER "\\\": context deadline exceeded")),
         STACK_NETWORK_BRIDGE, STACK_DOCTOR_FAILED, "a firewall on this machine",
         "sudo ufw allow from 172.16.0.0/12 to any port 8000 proto tcp"},
        {TARGETS_OF(""), STACK_NETWORK_HOST, STACK_DOCTOR_SKIPPED, "no target, see D16", ""},
    };
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        const fake_page pages[] = {{"/api/v1/targets", 200, rows[i].targets, 0}, WELL_PAGES};
        doctor_fixture fixture;
        fixture_init(&fixture, docker_runs, pages);
        fixture.record.network = rows[i].network;
        fixture_check(&fixture, "D5", rows[i].status, rows[i].cause, rows[i].fix, __FILE__, __LINE__);
        fixture_deinit(&fixture);
    }
    check_end();
}

static void d5_says_why_prometheus_does_not_answer(void **state)
{
    static const fake_answer ended[] = {DOCKER_WORKS, CONTAINERS, OK("docker inspect*", "exited 1\n"),
                                        ANSWER("docker logs*", 0, "",
                                               "ts=2026 level=info msg=\"Starting Prometheus\"\nts=2026 "
                                               "level=error msg=\"Error loading config\" "
                                               "err=\"yaml: line 3\"\nts=2026 level=info msg=bye\n"),
                                        END};
    static const fake_page starting[] = {{"/-/ready", 503, "Service Unavailable", 0}, WELL_PAGES};
    doctor_fixture fixture;
    (void)state;
    fixture_init(&fixture, ended, NULL);
    CHECK_SAYS(&fixture, "D5", FAILED, "its state: exited (1); the last of its log: ts=2026 level=error",
               "inferometer stack up");
    fixture_deinit(&fixture);
    fixture_init(&fixture, docker_runs, NULL);
    CHECK_SAYS(&fixture, "D5", FAILED, "connection refused; its state: running", "inferometer stack logs");
    fixture.pages = starting;
    CHECK_SAYS(&fixture, "D5", FAILED, "is still starting", "");
    fixture_native(&fixture);
    fixture.pages = NULL;
    fake_file(&fixture.fake, "/state/stack/native/logs/prometheus.log", "level=error err=\"disk\"\n");
    CHECK_SAYS(&fixture, "D5", FAILED, "its state: ended; the last of its log: level=error err=\"disk\"",
               "inferometer stack up");
    fixture.doctor.record = NULL;
    CHECK_SAYS(&fixture, "D5", SKIPPED, "no stack was started", "");
    fixture_deinit(&fixture);
    check_end();
}

static void d5_is_short_when_everything_is_down(void **state)
{
    enum { DOWN = 20 };
    ifm_buf targets;
    (void)state;
    ifm_buf_init(&targets, 1 << 20);
    ifm_buf_append_text(&targets, "{\"status\":\"success\",\"data\":{\"activeTargets\":[");
    for (int i = 0; i < DOWN; i++) {
        ifm_buf_append_text(&targets, i == 0 ? "" : ",");
        ifm_buf_append_text(&targets, TARGET_OF(AT_LOOPBACK, "down", "EOF"));
    }
    ifm_buf_append_text(&targets, "]}}");
    ifm_buf_append_char(&targets, '\0');
    const fake_page pages[] = {{"/api/v1/targets", 200, targets.data, 0}, WELL_PAGES};
    doctor_fixture fixture;
    fixture_init(&fixture, docker_runs, pages);
    CHECK_SAYS(&fixture, "D5", FAILED, "and 12 more of 20 targets are down", "");
    CHECK_INT(fixture.count, DOCTOR_LINES_MAX + 1);
    fixture_deinit(&fixture);
    ifm_buf_deinit(&targets);
    check_end();
}

/* --- D4 --------------------------------------------------------------------------------------------- */

static void d4_looks_for_this_machines_name(void **state)
{
    static const struct {
        const char *info, *hosts;
        int status;
        stack_doctor_status want;
        const char *cause;
    } rows[] = {
        {INFO_DEBIAN, "127.0.0.1 localhost\n172.17.0.1 host.docker.internal\n", 0, STACK_DOCTOR_OK,
         "host.docker.internal is 172.17.0.1"},
        {INFO_DEBIAN, "127.0.0.1 localhost\n# 172.17.0.1 host.docker.internal\n", 0, STACK_DOCTOR_FAILED,
         "does not know host.docker.internal"},
        {INFO_ROOTLESS, "172.17.0.1 host.docker.internal\n", 0, STACK_DOCTOR_FAILED,
         "it has to be 198.51.100.7"},
        {INFO_ROOTLESS, "198.51.100.7 host.docker.internal\n", 0, STACK_DOCTOR_OK, "198.51.100.7"},
        {INFO_DEBIAN, "", 127, STACK_DOCTOR_SKIPPED, "could not look into the container"},
    };
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        const fake_answer answers[] = {
            OK(DOCKER_VERSION, CLIENT_SERVER),
            OK(DOCKER_INFO, rows[i].info),
            OK(DOCKER_CONTEXT, CONTEXT_DEFAULT),
            OK(DOCKER_PLUGIN, "v2.24.5\n"),
            CONTAINERS,
            ANSWER("docker exec prometheus cat /etc/hosts", rows[i].status, rows[i].hosts, ""),
            END};
        doctor_fixture fixture;
        fixture_init(&fixture, answers, well);
        fixture.record.network = STACK_NETWORK_BRIDGE;
        fixture_check(&fixture, "D4", rows[i].want, rows[i].cause, "", __FILE__, __LINE__);
        fixture_deinit(&fixture);
    }
    check_end();
}

static void d4_believes_prometheus_first(void **state)
{
    static const fake_page pages[] = {
        {"/api/v1/targets", 200,
         TARGETS_OF(TARGET_OF(AT_DOCKER, "down",
                              "Get \\\"" AT_DOCKER
                              "\\\": dial tcp: lookup host.docker.internal on 127.0.0.11:53: no such host")),
         0},
        WELL_PAGES};
    doctor_fixture fixture;
    (void)state;
    fixture_init(&fixture, docker_runs, pages);
    fixture.record.network = STACK_NETWORK_BRIDGE;
    CHECK_SAYS(&fixture, "D4", FAILED, "is not in the container's hosts file", "inferometer stack up");
    fixture.record.network = STACK_NETWORK_HOST;
    CHECK_SAYS(&fixture, "D4", OK, "no name is needed", "");
    fixture_native(&fixture);
    CHECK_SAYS(&fixture, "D4", SKIPPED, "without containers", "");
    fixture_deinit(&fixture);
    check_end();
}

/* --- D16 -------------------------------------------------------------------------------------------- */

static void d16_counts_what_was_scraped(void **state)
{
    static const fake_page none[] = {{"/api/v1/targets", 200, TARGETS_OF(""), 0}, WELL_PAGES};
    static const char empty[] = "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}}";
    doctor_fixture fixture;
    (void)state;
    fixture_init(&fixture, docker_runs, well);
    CHECK_SAYS(&fixture, "D16", OK, "120 series", "");
    fixture.samples = empty;
    CHECK_SAYS(&fixture, "D16", WARNING, "no target was scraped yet", "--check=D16");
    fixture.samples = VECTOR_OF("0");
    CHECK_SAYS(&fixture, "D16", WARNING, "gave no series", "--check=D5");
    fixture.pages = none;
    fixture.samples = empty;
    CHECK_SAYS(&fixture, "D16", WARNING, "no pipeline is known to Prometheus", "--target=HOST:PORT");
    fixture.samples = "garbage";
    CHECK_SAYS(&fixture, "D16", FAILED, "cannot be read", "");
    fixture.pages = NULL;
    CHECK_SAYS(&fixture, "D16", SKIPPED, "see D5", "");
    fixture_deinit(&fixture);
    check_end();
}

/* --- D20 -------------------------------------------------------------------------------------------- */

static void d20_compares_clocks(void **state)
{
    static const fake_page prometheus[] = {{"/-/ready", 200, "", NOW_MS - 20000}, WELL_PAGES};
    static const fake_page grafana[] = {{"/api/health", 200, HEALTHY, NOW_MS + 90000}, WELL_PAGES};
    static const fake_page target[] = {{":8000/metrics", 200, "", NOW_MS + 7000}, WELL_PAGES};
    static const fake_page silent[] = {{"/-/ready", 200, "", 0}, WELL_PAGES};
    doctor_fixture fixture;
    (void)state;
    fixture_init(&fixture, docker_runs, well);
    CHECK_SAYS(&fixture, "D20", OK, "all clocks agree, and scrapes are on time", "");
    fixture.pages = prometheus;
    CHECK_SAYS(&fixture, "D20", WARNING, "the clock of Prometheus is 20 s behind", "timedatectl");
    fixture.pages = grafana;
    CHECK_SAYS(&fixture, "D20", FAILED, "the clock of Grafana is 90 s ahead of", "timedatectl");
    fixture.pages = target;
    CHECK_SAYS(&fixture, "D20", WARNING, "the clock of target 127.0.0.1:8000 is 7 s ahead", "timedatectl");
    fixture.pages = silent; /* then its time() tells */
    fixture.samples = SCALAR_OF("1700000060");
    CHECK_SAYS(&fixture, "D20", WARNING, "the clock of Prometheus is 60 s ahead", "timedatectl");
    fixture.samples = SCALAR_OF("NaN");
    CHECK_SAYS(&fixture, "D20", OK, "all clocks agree", "");
    fixture.pages = NULL;
    CHECK_SAYS(&fixture, "D20", SKIPPED, "see D5", "");
    fixture_deinit(&fixture);
    check_end();
}

static void d20_finds_scrapes_that_are_late(void **state)
{
    static const fake_page late[] = {
        {"/api/v1/targets", 200,
         TARGETS_OF(
             "{\"labels\":{\"instance\":\"a:1\"},\"health\":\"up\",\"lastScrape\":\"2023-11-14T22:12:20Z\","
             "\"scrapeInterval\":\"5s\"}"),
         0},
        WELL_PAGES};
    static const fake_page on_time[] = {
        {"/api/v1/targets", 200,
         TARGETS_OF(
             "{\"labels\":{\"instance\":\"a:1\"},\"health\":\"up\",\"lastScrape\":\"2023-11-14T22:12:20Z\","
             "\"scrapeInterval\":\"1m\"}"),
         0},
        WELL_PAGES};
    doctor_fixture fixture;
    (void)state;
    fixture_init(&fixture, docker_runs, late);
    CHECK_SAYS(&fixture, "D20", FAILED, "target a:1 was last scraped 60 s ago", "inferometer stack logs");
    fixture.pages = on_time;
    CHECK_SAYS(&fixture, "D20", OK, "all clocks agree", "");
    fixture_deinit(&fixture);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(d5_explains_targets_that_are_down),
        cmocka_unit_test(d5_says_why_prometheus_does_not_answer),
        cmocka_unit_test(d5_is_short_when_everything_is_down),
        cmocka_unit_test(d4_looks_for_this_machines_name),
        cmocka_unit_test(d4_believes_prometheus_first),
        cmocka_unit_test(d16_counts_what_was_scraped),
        cmocka_unit_test(d20_compares_clocks),
        cmocka_unit_test(d20_finds_scrapes_that_are_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
