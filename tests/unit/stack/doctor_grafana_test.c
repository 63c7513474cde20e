/* SPDX-License-Identifier: Apache-2.0
 *
 * D11 to D15 and D17: Grafana, its data source, its dashboards.
 */
#include "doctor_fixture.h"

static const fake_answer docker_runs[] = {DOCKER_WORKS, CONTAINERS, RUNNING, OK("docker logs*", ""), END};
static const fake_answer nothing_runs[] = {DOCKER_WORKS, CONTAINERS, OK("docker inspect*", "exited 1\n"),
                                           END};
static const fake_page well[] = {WELL_PAGES};

#define HEALTH  "/api/datasources/uid/inferometer-prometheus/health"
#define BY_UID  "/api/datasources/uid/inferometer-prometheus"
#define BY_NAME "/api/datasources/name/inferometer"

/* --- D11 -------------------------------------------------------------------------------------------- */

static void d11_tells_what_grafana_reaches(void **state)
{
    static const char refused[] =
        "{\"status\":\"ERROR\",\"message\":\"dial tcp 127.0.0.1:9090: connect: connection refused\"}";
    static const fake_page wrong_url[] = {
        {HEALTH, 400, refused, 0},
        {BY_UID, 200, SOURCE_OF("inferometer-prometheus", "prometheus", "http://localhost:9090", "5s"), 0},
        WELL_PAGES};
    static const fake_page right_url[] = {{HEALTH, 400, refused, 0}, WELL_PAGES};
    static const fake_page alone[] = {{HEALTH, 400, refused, 0}, {":9090/-/ready", 503, "", 0}, WELL_PAGES};
    doctor_fixture fixture;
    (void)state;
    fixture_init(&fixture, docker_runs, well);
    CHECK_SAYS(&fixture, "D11", OK, "Successfully queried the Prometheus API.", "");
    fixture.pages = wrong_url;
    fixture.record.network = STACK_NETWORK_BRIDGE;
    CHECK_SAYS(&fixture, "D11", FAILED,
               "asks for Prometheus at http://localhost:9090, but from where Grafana runs it is at "
               "http://prometheus:9090",
               "inferometer stack up");
    fixture.record.network = STACK_NETWORK_HOST;
    fixture.pages = right_url;
    CHECK_SAYS(&fixture, "D11", FAILED, "which answers from here: dial tcp",
               "stack down && inferometer stack up");
    fixture.pages = alone;
    CHECK_SAYS(&fixture, "D11", FAILED, "Grafana does not reach Prometheus: dial tcp", "--check=D5");
    fixture_deinit(&fixture);
    check_end();
}

static void d11_says_that_grafana_is_down(void **state)
{
    static const fake_page starting[] = {{"/api/health", 503, "{\"database\":\"failing\"}", 0}, WELL_PAGES};
    doctor_fixture fixture;
    (void)state;
    fixture_init(&fixture, nothing_runs, NULL);
    CHECK_SAYS(&fixture, "D11", FAILED, "connection refused; its state: exited (1)", "inferometer stack up");
    CHECK_SAYS(&fixture, "D13", SKIPPED, "see D11", "");
    CHECK_SAYS(&fixture, "D14", SKIPPED, "see D11", "");
    fixture.pages = starting;
    CHECK_SAYS(&fixture, "D11", FAILED, "HTTP status 503", "");
    fixture.record.grafana = false;
    CHECK_SAYS(&fixture, "D11", SKIPPED, "grafana-server is not installed", "");
    CHECK_SAYS(&fixture, "D14", SKIPPED, "grafana-server is not installed", "");
    fixture_deinit(&fixture);
    check_end();
}

/* --- D13, D14 --------------------------------------------------------------------------------------- */

static void d13_compares_the_uid(void **state)
{
    static const char none[] = "{\"message\":\"Data source not found\"}";
    static const fake_page other[] = {
        {BY_UID, 404, none, 0},
        {BY_NAME, 200, SOURCE_OF("PBFA97CFB590B2093", "prometheus", "http://127.0.0.1:9090", "5s"), 0},
        WELL_PAGES};
    static const fake_page loki[] = {
        {BY_UID, 200, SOURCE_OF("inferometer-prometheus", "loki", "http://127.0.0.1:9090", "5s"), 0},
        WELL_PAGES};
    static const fake_page missing[] = {{BY_UID, 404, none, 0}, {BY_NAME, 404, none, 0}, WELL_PAGES};
    doctor_fixture fixture;
    (void)state;
    fixture_init(&fixture, docker_runs, well);
    CHECK_SAYS(&fixture, "D13", OK, "has the uid that dashboards name", "");
    fixture.pages = other;
    CHECK_SAYS(&fixture, "D13", FAILED, "under the uid \"PBFA97CFB590B2093\"",
               "docker volume rm inferometer_grafana-data");
    fixture.pages = loki;
    CHECK_SAYS(&fixture, "D13", FAILED, "of the kind \"loki\"", "stack up");
    fixture.pages = missing;
    CHECK_SAYS(&fixture, "D13", FAILED, "has no data source \"inferometer\"", "stack up");
    fixture_native(&fixture);
    fixture.pages = other;
    CHECK_SAYS(&fixture, "D13", FAILED, "loses what was saved in Grafana by hand", "stack down --volumes");
    fixture_deinit(&fixture);
    check_end();
}

static void d14_tries_the_password_once(void **state)
{
    static const fake_page refused[] = {
        {"/api/org", 401, "{\"message\":\"Invalid username or password\"}", 0}, WELL_PAGES};
    static const fake_page broken[] = {{"/api/org", 500, "{\"message\":\"Internal\"}", 0}, WELL_PAGES};
    doctor_fixture fixture;
    (void)state;
    fixture_init(&fixture, docker_runs, well);
    CHECK_SAYS(&fixture, "D14", OK, "takes the password", "");
    fixture.pages = refused;
    CHECK_SAYS(&fixture, "D14", FAILED, "refuses the admin password", "inferometer stack reset-password");
    CHECK_SAYS(&fixture, "D11", SKIPPED, "see D14", "");
    CHECK_SAYS(&fixture, "D13", SKIPPED, "see D14", "");
    fixture.pages = broken;
    CHECK_SAYS(&fixture, "D14", SKIPPED, "HTTP status 500: Internal", "");
    fixture.doctor.password = NULL;
    CHECK_SAYS(&fixture, "D14", WARNING, "admin password is missing", "inferometer stack reset-password");
    fixture_deinit(&fixture);
    check_end();
}

/* --- D12, D15, D17 ---------------------------------------------------------------------------------- */

#define PANEL(source, query)                                                                                 \
    "{\"uid\":\"x\",\"title\":\"X\",\"schemaVersion\":39,\"panels\":[{\"title\":\"Rate\",\"gridPos\":{},"    \
    "\"datasource\":" source ",\"targets\":[{\"expr\":\"" query "\"}]}]}"

static void dashboards_are_looked_at(void **state)
{
    static const struct {
        const char *dashboard, *id;
        stack_doctor_status status;
        const char *cause, *fix;
    } rows[] = {
        {DASHBOARD, "D12", STACK_DOCTOR_OK, "every data source of 2 dashboards is there", ""},
        {DASHBOARD, "D15", STACK_DOCTOR_OK, "no window of a dashboard is too short", ""},
        {DASHBOARD, "D17", STACK_DOCTOR_OK, "2 dashboards have the classic form", ""},
        {PANEL("{\"uid\":\"${DS_PROMETHEUS}\"}", "up"), "D12", STACK_DOCTOR_FAILED, "\"${DS_PROMETHEUS}\"",
         "add one named"},
        {PANEL("{\"uid\":\"YeARpVIVk\"}", "up"), "D12", STACK_DOCTOR_FAILED, "\"YeARpVIVk\"",
         "${datasource}"},
        {PANEL("{\"uid\":\"inferometer-prometheus\"}", "up"), "D12", STACK_DOCTOR_OK, "", ""},
        {"{\"panels\":[", "D17", STACK_DOCTOR_FAILED, "x.json", ""},
        {"{\"title\":\"X\",\"panels\":[]}", "D17", STACK_DOCTOR_FAILED, "schemaVersion", "classic"},
        {PANEL("{\"uid\":\"inferometer-prometheus\"}", "rate(a[10s])"), "D15", STACK_DOCTOR_WARNING, "10s",
         "$__rate_interval"},
        {"{\"elements\":{},\"layout\":{\"kind\":\"GridLayout\"}}", "D17", STACK_DOCTOR_FAILED, "v2",
         "Classic"},
        {"{\"apiVersion\":\"dashboard.grafana.app/v2beta1\",\"spec\":{\"elements\":{}}}", "D17",
         STACK_DOCTOR_FAILED, "v2", "Classic"},
    };
    (void)state;
    for (size_t i = 0; i < IFM_COUNT_OF(rows); i++) {
        doctor_fixture fixture;
        fixture_init(&fixture, docker_runs, well);
        fake_file(&fixture.fake, "/state/stack/grafana/dashboards/x.json", rows[i].dashboard);
        fake_file(&fixture.fake, "/state/stack/grafana/dashboards/.hidden.json", "garbage");
        fixture_check(&fixture, rows[i].id, rows[i].status, rows[i].cause, rows[i].fix, __FILE__,
                      __LINE__ + (int)i);
        fixture_deinit(&fixture);
    }
    check_end();
}

static void d12_says_that_there_is_no_dashboard(void **state)
{
    doctor_fixture fixture;
    char path[600];
    (void)state;
    fixture_init(&fixture, docker_runs, NULL);
    snprintf(path, sizeof path, "%s/grafana/dashboards/overview.json", fixture.path);
    assert_int_equal(unlink(path), 0);
    CHECK_SAYS(&fixture, "D12", SKIPPED, "no dashboard, see D7", "");
    CHECK_SAYS(&fixture, "D17", SKIPPED, "no dashboard, see D7", "");
    fixture_deinit(&fixture);
    check_end();
}

static void d15_compares_the_intervals(void **state)
{
    static const fake_page slow[] = {{"/api/v1/status/config", 200, CONFIG_OF("30s"), 0}, WELL_PAGES};
    static const fake_page fast[] = {{"/api/v1/status/config", 200, CONFIG_OF("1s"), 0}, WELL_PAGES};
    static const fake_page unset[] = {
        {"/api/v1/status/config", 200, CONFIG_OF("30s"), 0},
        {BY_UID, 200, SOURCE_OF("inferometer-prometheus", "prometheus", "http://127.0.0.1:9090", ""), 0},
        WELL_PAGES};
    static const fake_page odd[] = {
        {BY_UID, 200, SOURCE_OF("inferometer-prometheus", "prometheus", "http://127.0.0.1:9090", "soon"), 0},
        WELL_PAGES};
    doctor_fixture fixture;
    (void)state;
    fixture_init(&fixture, docker_runs, slow);
    CHECK_SAYS(&fixture, "D15", FAILED, "scrapes every 30 s, but Grafana takes it for 5 s", "stack up");
    fixture.pages = fast;
    CHECK_SAYS(&fixture, "D15", WARNING, "scrapes every 1 s, but Grafana takes it for 5 s", "stack up");
    fixture.pages = unset; /* then Grafana takes 15 s */
    CHECK_SAYS(&fixture, "D15", FAILED, "but Grafana takes it for 15 s", "stack up");
    fixture.pages = odd;
    CHECK_SAYS(&fixture, "D15", FAILED, "\"soon\" is no duration", "stack up");
    fixture.pages = NULL; /* then the files */
    CHECK_SAYS(&fixture, "D15", OK, "scrapes every 5 s, as Grafana takes it to", "");
    fake_file(&fixture.fake, "/state/stack/prometheus/prometheus.yml", "global: {scrape_interval: 20s}\n");
    CHECK_SAYS(&fixture, "D15", FAILED, "scrapes every 20 s", "stack up");
    fake_file(&fixture.fake, "/state/stack/prometheus/prometheus.yml", "global: {\n");
    CHECK_SAYS(&fixture, "D15", SKIPPED, "see D7", "");
    fixture_deinit(&fixture);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(d11_tells_what_grafana_reaches),
        cmocka_unit_test(d11_says_that_grafana_is_down),
        cmocka_unit_test(d13_compares_the_uid),
        cmocka_unit_test(d14_tries_the_password_once),
        cmocka_unit_test(dashboards_are_looked_at),
        cmocka_unit_test(d12_says_that_there_is_no_dashboard),
        cmocka_unit_test(d15_compares_the_intervals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
