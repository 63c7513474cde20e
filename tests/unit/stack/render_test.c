/* SPDX-License-Identifier: Apache-2.0
 *
 * The files that Prometheus, Grafana and compose read, for each engine and network. That these programs
 * take them is shown where they run: tests/integration.
 */
#include "stack/render.h"

#include "check.h"

static stack_record record = {
    .engine = STACK_ENGINE_DOCKER,
    .network = STACK_NETWORK_HOST,
    .project = (char[]){"p"},
    .prometheus_image = (char[]){"prom/prometheus:v3.14.0"},
    .grafana_image = (char[]){"grafana/grafana:13.2.1"},
    .address = (char[]){"127.0.0.1"},
    .prometheus_port = 9091,
    .grafana_port = 3001,
    .scrape_interval_s = 5,
    .grafana = true,
};
static const stack_folder folder = {.path = (char[]){"/state/stack"}, .targets = (char[]){"/state/targets"}};

static char text[32768];

static const char *rendered(void (*render)(const stack_plan *, ifm_buf *), const stack_record *of,
                            const char *gateway)
{
    ifm_buf out;
    ifm_buf_init(&out, sizeof text - 1);
    render(&(stack_plan){.record = of, .folder = &folder, .gateway = gateway}, &out);
    CHECK_INT(out.failed, IFM_OK);
    memcpy(text, out.data, out.size);
    text[out.size] = '\0';
    ifm_buf_deinit(&out);
    return text;
}

#define CHECK_LACKS(in, part) CHECK(strstr(in, part) == NULL)

static void host_network_stays_on_loopback(void **state)
{
    (void)state;
    const char *compose = rendered(stack_render_compose, &record, NULL);
    CHECK_CONTAINS(compose, "image: \"prom/prometheus:v3.14.0\"\n    network_mode: host\n");
    CHECK_CONTAINS(compose, "\"--web.listen-address=127.0.0.1:9091\"");
    CHECK_CONTAINS(compose, "GF_SERVER_HTTP_ADDR: \"127.0.0.1\"\n      GF_SERVER_HTTP_PORT: \"3001\"");
    CHECK_CONTAINS(compose, "GF_SERVER_ROOT_URL: \"http://localhost:3001/\"");
    CHECK_CONTAINS(compose, "- ../targets:/targets:ro,z\n");
    CHECK_LACKS(compose, "ports:");
    CHECK_LACKS(compose, "0.0.0.0");
    CHECK_LACKS(compose, "version:"); /* compose 2 warns of it */
    const char *prometheus = rendered(stack_render_prometheus, &record, NULL);
    CHECK_CONTAINS(prometheus, "scrape_interval: 5s\n  scrape_timeout: 5s\n");
    CHECK_CONTAINS(prometheus, "- \"/targets/*.json\"\n");
    CHECK_LACKS(prometheus, "relabel_configs");
    CHECK_CONTAINS(rendered(stack_render_datasource, &record, NULL), "url: http://127.0.0.1:9091\n");
    check_end();
}

static void bridge_publishes_on_loopback_and_rewrites_targets(void **state)
{
    (void)state;
    stack_record bridge = record;
    bridge.network = STACK_NETWORK_BRIDGE;
    const char *compose = rendered(stack_render_compose, &bridge, "host-gateway");
    CHECK_CONTAINS(compose, "ports:\n      - \"127.0.0.1:9091:9090\"\n");
    CHECK_CONTAINS(compose, "ports:\n      - \"127.0.0.1:3001:3000\"\n");
    CHECK_CONTAINS(compose, "extra_hosts:\n      - \"host.docker.internal:host-gateway\"\n");
    CHECK_CONTAINS(compose, "\"--web.listen-address=0.0.0.0:9090\"");
    CHECK_LACKS(compose, "network_mode");
    CHECK_LACKS(compose, "GF_SERVER_HTTP_PORT");
    CHECK_LACKS(rendered(stack_render_compose, &bridge, NULL), "extra_hosts"); /* Docker Desktop has it */
    CHECK_CONTAINS(rendered(stack_render_prometheus, &bridge, NULL),
                   "replacement: 'host.docker.internal:$1'");
    CHECK_CONTAINS(rendered(stack_render_datasource, &bridge, NULL), "url: http://prometheus:9090\n");
    bridge.engine = STACK_ENGINE_PODMAN;
    CHECK_CONTAINS(rendered(stack_render_prometheus, &bridge, NULL),
                   "replacement: 'host.containers.internal:$1'");
    check_end();
}

static void data_source_has_the_scrape_interval(void **state)
{
    (void)state;
    stack_record slow = record;
    slow.scrape_interval_s = 30;
    const char *source = rendered(stack_render_datasource, &slow, NULL);
    CHECK_CONTAINS(source, "uid: inferometer-prometheus\n");
    CHECK_CONTAINS(source, "timeInterval: 30s\n");
    CHECK_CONTAINS(source, "httpMethod: POST\n");
    CHECK_LACKS(source, "basicAuth");
    CHECK_CONTAINS(rendered(stack_render_prometheus, &slow, NULL),
                   "scrape_interval: 30s\n  scrape_timeout: 10s\n");
    check_end();
}

static void viewers_look_without_login_on_loopback_only(void **state)
{
    (void)state;
    CHECK_CONTAINS(rendered(stack_render_compose, &record, NULL), "GF_AUTH_ANONYMOUS_ENABLED: \"true\"");
    stack_record open = record;
    open.address = (char[]){"0.0.0.0"};
    open.exposed = true;
    const char *compose = rendered(stack_render_compose, &open, NULL);
    CHECK_CONTAINS(compose, "GF_AUTH_ANONYMOUS_ENABLED: \"false\"");
    CHECK_CONTAINS(compose, "\"--web.config.file=/etc/prometheus/web.yml\"");
    CHECK_CONTAINS(rendered(stack_render_datasource, &open, NULL),
                   "basicAuthPassword: \"$__file{/etc/grafana/secrets/admin_password}\"\n");
    check_end();
}

static void native_uses_paths_of_this_machine(void **state)
{
    (void)state;
    stack_record native = record;
    native.engine = STACK_ENGINE_NATIVE;
    native.address = (char[]){"::1"};
    CHECK_CONTAINS(rendered(stack_render_prometheus, &native, NULL), "- \"/state/targets/*.json\"\n");
    CHECK_CONTAINS(rendered(stack_render_provider, &native, NULL),
                   "path: \"/state/stack/grafana/dashboards\"\n");
    CHECK_CONTAINS(rendered(stack_render_datasource, &native, NULL), "url: http://[::1]:9091\n");
    check_end();
}

/* A home folder may have any name. */
static void strange_names_stay_texts(void **state)
{
    (void)state;
    stack_record dollar = record;
    dollar.prometheus_image = (char[]){"a$b \"{c}\": $"};
    CHECK_CONTAINS(rendered(stack_render_compose, &dollar, NULL),
                   "image: \"a$$b \\\"{c}\\\": $$\"\n"); /* compose's variables */
    check_end();
}

static void changed_provisioning_recreates_grafana(void **state)
{
    (void)state;
    char before[sizeof text];
    memcpy(before, rendered(stack_render_compose, &record, NULL), sizeof before);
    CHECK_TEXT(rendered(stack_render_compose, &record, NULL), before);
    stack_record slow = record;
    slow.scrape_interval_s = 30;
    CHECK(strcmp(rendered(stack_render_compose, &slow, NULL), before) != 0);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(host_network_stays_on_loopback),
        cmocka_unit_test(bridge_publishes_on_loopback_and_rewrites_targets),
        cmocka_unit_test(data_source_has_the_scrape_interval),
        cmocka_unit_test(viewers_look_without_login_on_loopback_only),
        cmocka_unit_test(native_uses_paths_of_this_machine),
        cmocka_unit_test(strange_names_stay_texts),
        cmocka_unit_test(changed_provisioning_recreates_grafana),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
