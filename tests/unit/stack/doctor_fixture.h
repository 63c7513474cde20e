/* SPDX-License-Identifier: Apache-2.0
 *
 * A machine with a stack that is well: its folder, its servers, its engine. A test makes one thing ill,
 * runs one check, and looks at what it says.
 */
#ifndef IFM_TESTS_DOCTOR_FIXTURE_H
#define IFM_TESTS_DOCTOR_FIXTURE_H

#include "fake_server.h"
#include "fake_system.h"
#include "recorded.h"
#include "stack/doctor_impl.h"

enum { FIXTURE_RESULTS_MAX = 64, FIXTURE_NOW_MS_HIGH = 1700000000 };

#define NOW_MS (INT64_C(1000) * FIXTURE_NOW_MS_HIGH)

/* Docker that works, with containers whose ids are their services' names. */
#define CONTAINERS_OF(service)                                                                               \
    "docker ps --all --no-trunc --quiet --filter label=com.docker.compose.project=inferometer "              \
    "--filter label=com.docker.compose.service=" service
#define DOCKER_WORKS                                                                                         \
    OK(DOCKER_VERSION, CLIENT_SERVER), OK(DOCKER_INFO, INFO_DEBIAN), OK(DOCKER_CONTEXT, CONTEXT_DEFAULT),    \
        OK(DOCKER_PLUGIN, "v2.24.5\n")
#define CONTAINERS OK(CONTAINERS_OF("prometheus"), "prometheus\n"), OK(CONTAINERS_OF("grafana"), "grafana\n")
#define RUNNING    OK("docker inspect*", "running 0\n")

#define TARGETS_OF(list)                                                                                     \
    "{\"status\":\"success\",\"data\":{\"activeTargets\":[" list "],\"droppedTargets\":[]}}"
/* Scraped two seconds before now. */
#define TARGET_OF(url, health, error)                                                                        \
    "{\"labels\":{\"instance\":\"127.0.0.1:8000\",\"job\":\"inferometer\"},\"scrapeUrl\":\"" url             \
    "\",\"lastError\":\"" error "\",\"lastScrape\":\"2023-11-14T22:13:18.5Z\",\"health\":\"" health          \
    "\",\"scrapeInterval\":\"5s\"}"
#define UP_TARGETS TARGETS_OF(TARGET_OF("http://127.0.0.1:8000/metrics", "up", ""))
#define CONFIG_OF(interval)                                                                                  \
    "{\"status\":\"success\",\"data\":{\"yaml\":\"global:\\n  scrape_interval: " interval "\\n\"}}"
#define VECTOR_OF(value)                                                                                     \
    "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[{\"metric\":{},\"value\":[1,"   \
    "\"" value "\"]}]}}"
#define SCALAR_OF(value)                                                                                     \
    "{\"status\":\"success\",\"data\":{\"resultType\":\"scalar\",\"result\":[1,\"" value "\"]}}"
#define SOURCE_OF(uid, type, url, interval)                                                                  \
    "{\"uid\":\"" uid "\",\"name\":\"inferometer\",\"type\":\"" type "\",\"url\":\"" url                     \
    "\",\"jsonData\":{\"timeInterval\":\"" interval "\"}}"
#define HEALTHY_SOURCE SOURCE_OF("inferometer-prometheus", "prometheus", "http://127.0.0.1:9090", "5s")
#define HEALTHY        "{\"database\":\"ok\",\"version\":\"13.2.1\"}"

/* What stands after a test's own pages. Its first row that fits counts. */
#define WELL_PAGES                                                                                           \
    {":9090/-/ready", 200, "Prometheus Server is Ready.\n", NOW_MS},                                         \
        {":9090/api/v1/targets", 200, UP_TARGETS, NOW_MS},                                                   \
        {":9090/api/v1/status/config", 200, CONFIG_OF("5s"), NOW_MS},                                        \
        {":3000/api/health", 200, HEALTHY, NOW_MS}, {":3000/api/org", 200, "{\"id\":1}", NOW_MS},            \
        {"/api/datasources/uid/inferometer-prometheus/health", 200,                                          \
         "{\"status\":\"OK\",\"message\":\"Successfully queried the Prometheus API.\"}", NOW_MS},            \
        {"/api/datasources/", 200, HEALTHY_SOURCE, NOW_MS}, {":8000/metrics", 200, "", NOW_MS},              \
    {                                                                                                        \
        NULL, 0, NULL, 0                                                                                     \
    }

typedef struct doctor_fixture {
    fake_system fake; /* first: the system's context */
    const fake_page *pages;
    const char *samples; /* the answer to a query; NULL: 120 series, and now */
    stack_record record;
    stack_doctor doctor;
    char path[512], targets[512];
    stack_folder folder;
    stack_doctor_result results[FIXTURE_RESULTS_MAX];
    size_t count;
    size_t requests;
} doctor_fixture;

static inline bool fixture_http(void *context, const stack_request *request, stack_response *response,
                                ifm_error *err)
{
    doctor_fixture *fixture = context;
    fixture->requests++;
    if (strstr(request->url, "/api/v1/query") != NULL && fixture->pages != NULL) {
        bool time = strstr(request->body, "time") != NULL;
        const fake_page page[] = {{"/query", 200,
                                   fixture->samples != NULL ? fixture->samples
                                   : time                   ? SCALAR_OF("1700000000.5")
                                                            : VECTOR_OF("120"),
                                   0},
                                  {NULL, 0, NULL, 0}};
        fake_server server = {.answers = page};
        return fake_http(&server, request, response, err);
    }
    static const fake_page nothing[] = {{NULL, 0, NULL, 0}};
    fake_server server = {.answers = fixture->pages == NULL ? nothing : fixture->pages};
    return fake_http(&server, request, response, err);
}

static inline void fixture_report(void *context, const stack_doctor_result *result)
{
    doctor_fixture *fixture = context;
    assert_true(fixture->count < FIXTURE_RESULTS_MAX);
    fixture->results[fixture->count++] = *result;
}

#define COMPOSE_YAML                                                                                         \
    "services:\n"                                                                                            \
    "  prometheus:\n"                                                                                        \
    "    volumes:\n"                                                                                         \
    "      - ./prometheus:/etc/prometheus:ro,z\n"                                                            \
    "      - ../targets:/targets:ro,z\n"                                                                     \
    "      - prometheus-data:/prometheus\n"                                                                  \
    "  grafana:\n"                                                                                           \
    "    volumes:\n"                                                                                         \
    "      - ./grafana/provisioning:/etc/grafana/provisioning:ro,z\n"                                        \
    "      - {type: bind, source: ./grafana/dashboards, target: /etc/grafana/dashboards, bind: {selinux: "   \
    "z}}\n"
#define PROMETHEUS_YML "global:\n  scrape_interval: 5s\n"
#define SOURCE_YAML                                                                                          \
    "datasources:\n  - {name: inferometer, uid: inferometer-prometheus, jsonData: {timeInterval: 5s}}\n"
#define DASHBOARD                                                                                            \
    "{\"uid\":\"overview\",\"title\":\"Overview\",\"schemaVersion\":39,\"templating\":{\"list\":[{\"name\":" \
    "\"datasource\",\"type\":\"datasource\"}]},"                                                             \
    "\"panels\":[{\"title\":\"Rate\",\"gridPos\":{},\"datasource\":{\"uid\":\"${datasource}\"},\"targets\":" \
    "["                                                                                                      \
    "{\"expr\":\"rate(x[$__rate_interval])\"},{\"expr\":\"rate(x[5m])\"}]}]}"

/* `answers` is what commands answer; `pages` what servers do, NULL: none is there. */
static inline void fixture_init(doctor_fixture *fixture, const fake_answer *answers, const fake_page *pages)
{
    static const char *const environment[] = {"USER=alice", NULL};
    fake_init(&fixture->fake, answers, environment);
    fixture->pages = pages;
    fixture->samples = NULL;
    fixture->count = fixture->requests = 0;
    fixture->fake.wall_ms = NOW_MS + 300;
    fixture->fake.system.http = fixture_http;
    fixture->record = (stack_record){.engine = STACK_ENGINE_DOCKER,
                                     .tool = STACK_TOOL_DOCKER_PLUGIN,
                                     .network = STACK_NETWORK_HOST,
                                     .project = (char[]){"inferometer"},
                                     .prometheus_port = 9090,
                                     .grafana_port = 3000,
                                     .scrape_interval_s = 5,
                                     .grafana = true};
    static char project[] = "inferometer", prometheus[] = "prom/prometheus:v3.14.0",
                grafana[] = "grafana/grafana:13.2.1", address[] = "127.0.0.1";
    fixture->record.project = project;
    fixture->record.prometheus_image = prometheus;
    fixture->record.grafana_image = grafana;
    fixture->record.address = address;
    snprintf(fixture->path, sizeof fixture->path, "%s/state/stack", fixture->fake.root);
    snprintf(fixture->targets, sizeof fixture->targets, "%s/state/targets", fixture->fake.root);
    fixture->folder = (stack_folder){.path = fixture->path, .targets = fixture->targets, .lock_fd = -1};
    fixture->doctor = (stack_doctor){.system = &fixture->fake.system,
                                     .folder = &fixture->folder,
                                     .record = &fixture->record,
                                     .password = "secret",
                                     .cancel_fd = -1,
                                     .report = fixture_report,
                                     .context = fixture};
    fake_file(&fixture->fake, "/state/stack/compose.yaml", COMPOSE_YAML);
    fake_file(&fixture->fake, "/state/stack/prometheus/prometheus.yml", PROMETHEUS_YML);
    fake_file(&fixture->fake, "/state/stack/grafana/provisioning/datasources/inferometer.yaml", SOURCE_YAML);
    fake_file(&fixture->fake, "/state/stack/grafana/provisioning/dashboards/inferometer.yaml",
              "providers: []\n");
    fake_file(&fixture->fake, "/state/stack/grafana/dashboards/overview.json", DASHBOARD);
    fake_file(&fixture->fake, "/state/stack/" STACK_PASSWORD_FILE, "secret\n");
    fake_file(&fixture->fake, "/state/targets/8000.json", "[]\n");
}

static inline void fixture_deinit(doctor_fixture *fixture)
{
    fake_deinit(&fixture->fake);
}

/* As if it ran without containers. */
static inline void fixture_native(doctor_fixture *fixture)
{
    fixture->record.engine = STACK_ENGINE_NATIVE;
    fixture->record.tool = STACK_TOOL_NONE;
    fixture->record.prometheus_image = fixture->record.grafana_image = NULL;
}

/* Makes one check, and shows what it said when that is not what was wanted. `cause` and `fix` are parts of
 * one of the results of that status. */
static inline void fixture_check(doctor_fixture *fixture, const char *id, stack_doctor_status status,
                                 const char *cause, const char *fix, const char *file, int line)
{
    char choice[STACK_DOCTOR_TEXT_SIZE];
    ifm_error err;
    fixture->count = 0;
    fixture->doctor.check = id;
    assert_true(stack_doctor_run(&fixture->doctor, choice, &err));
    bool found = false;
    for (size_t i = 0; i < fixture->count; i++) {
        const stack_doctor_result *result = &fixture->results[i];
        found = found || (result->status == status && strcmp(result->id, id) == 0 &&
                          strstr(result->cause, cause) != NULL && strstr(result->fix, fix) != NULL);
    }
    if (!check_report(found, file, line)) {
        fprintf(stderr, "%s is not %d \"%s\" with \"%s\", but:\n", id, (int)status, cause, fix);
        for (size_t i = 0; i < fixture->count; i++) {
            fprintf(stderr, "    %d \"%s\"\n      \"%s\"\n", (int)fixture->results[i].status,
                    fixture->results[i].cause, fixture->results[i].fix);
        }
    }
}

#define CHECK_SAYS(fixture, id, status, cause, fix)                                                          \
    fixture_check(fixture, id, STACK_DOCTOR_##status, cause, fix, __FILE__, __LINE__)

#endif
