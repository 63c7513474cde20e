/* SPDX-License-Identifier: Apache-2.0 */
#include "stack/render.h"

#include "stack/urls.h"

#define XXH_INLINE_ALL
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>

/* Where things are inside the containers. Folders are mounted, never single files: a file that is
 * replaced would stay the old one in there. */
#define CONTAINER_PROMETHEUS   "/etc/prometheus"
#define CONTAINER_TARGETS      "/targets"
#define CONTAINER_PROVISIONING "/etc/grafana/provisioning"
#define CONTAINER_DASHBOARDS   "/etc/grafana/dashboards"
#define CONTAINER_SECRETS      "/etc/grafana/secrets"

enum { VALUE_BYTES_MAX = 8192 };

static bool is_native(const stack_plan *plan)
{
    return plan->record->engine == STACK_ENGINE_NATIVE;
}

static bool is_bridge(const stack_plan *plan)
{
    return !is_native(plan) && plan->record->network == STACK_NETWORK_BRIDGE;
}

void stack_render_host_port(char *out, size_t size, const char *address, int port)
{
    bool is_6 = strchr(address, ':') != NULL;
    snprintf(out, size, "%s%s%s:%d", is_6 ? "[" : "", address, is_6 ? "]" : "", port);
}

/* Puts "FOLDER/NAME" together; `out` has VALUE_BYTES_MAX bytes. A path that is too long is cut, and then not
 * found: nothing of ours has one. */
static const char *native_path(const stack_plan *plan, const char *name, char *out)
{
    snprintf(out, VALUE_BYTES_MAX, "%s/%s", plan->folder->path, name);
    return out;
}

/* --- Prometheus ----------------------------------------------------------------------------------- */

static void flag_listen(const stack_plan *plan, stack_flag *flag, void *context)
{
    char place[STACK_URL_SIZE] = "0.0.0.0:9090"; /* in its own network; published as the record says */
    char text[STACK_URL_SIZE + 32];
    if (!is_bridge(plan)) {
        stack_render_host_port(place, sizeof place, plan->record->address, plan->record->prometheus_port);
    }
    snprintf(text, sizeof text, "--web.listen-address=%s", place);
    flag(context, text);
}

void stack_render_title(const stack_record *record, char *out)
{
    snprintf(out, STACK_URL_SIZE, "Prometheus (%s)", record->project);
}

void stack_render_prometheus_flags(const stack_plan *plan, stack_flag *flag, void *context)
{
    char path[VALUE_BYTES_MAX], text[VALUE_BYTES_MAX + 64];
    bool native = is_native(plan);
    snprintf(text, sizeof text, "--config.file=%s/prometheus.yml",
             native ? native_path(plan, "prometheus", path) : CONTAINER_PROMETHEUS);
    flag(context, text);
    snprintf(text, sizeof text, "--storage.tsdb.path=%s",
             native ? native_path(plan, "native/prometheus-data", path) : "/prometheus");
    flag(context, text);
    /* The key of the configuration file for it is not known to 2.42; the flag is deprecated in 3, and
     * works. */
    flag(context, "--storage.tsdb.retention.time=15d");
    flag(context, "--web.enable-lifecycle");
    char title[STACK_URL_SIZE];
    stack_render_title(plan->record, title);
    snprintf(text, sizeof text, "--web.page-title=%s", title);
    flag(context, text);
    flag(context, "--enable-feature=exemplar-storage");
    flag_listen(plan, flag, context);
    if (plan->record->exposed) {
        snprintf(text, sizeof text, "--web.config.file=%s/web.yml",
                 native ? native_path(plan, "prometheus", path) : CONTAINER_PROMETHEUS);
        flag(context, text);
    }
}

static void prometheus_targets(const stack_plan *plan, ifm_buf *out)
{
    const char *folder = is_native(plan) ? plan->folder->targets : CONTAINER_TARGETS;
    ifm_buf_append_text(out, "    file_sd_configs:\n      - files:\n          - ");
    char pattern[VALUE_BYTES_MAX + 16];
    snprintf(pattern, sizeof pattern, "%s/*.json", folder);
    ifm_buf_append_json(out, pattern);
    /* Prometheus hears of changes at once, but in the virtual machine of Docker Desktop it does not. */
    ifm_buf_append_text(out, "\n          - \"targets/*.json\"\n        refresh_interval: 5s\n");
    if (is_bridge(plan)) {
        /* In here 127.0.0.1 is the container. The instance keeps the name that the program has on its
         * machine. */
        ifm_buf_printf(out,
                       "    relabel_configs:\n"
                       "      - source_labels: [__address__]\n"
                       "        target_label: instance\n"
                       "      - source_labels: [__address__]\n"
                       "        regex: '(?:localhost|127\\.0\\.0\\.1|\\[::1\\]):(\\d+)'\n"
                       "        target_label: __address__\n"
                       "        replacement: '%s:$1'\n",
                       stack_engine_host_name(plan->record->engine));
    }
}

void stack_render_prometheus(const stack_plan *plan, ifm_buf *out)
{
    int interval = plan->record->scrape_interval_s;
    ifm_buf_printf(
        out,
        "# Written by inferometer stack up: changes are overwritten. Pipelines appear here by themselves;\n"
        "# others are given with --target.\n"
        "global:\n"
        "  scrape_interval: %ds\n"
        "  scrape_timeout: %ds\n"
        "  evaluation_interval: %ds\n"
        "rule_files:\n"
        "  - rules/*.yml\n"
        "scrape_configs:\n"
        "  - job_name: " STACK_JOB "\n",
        interval, interval < 10 ? interval : 10, interval);
    prometheus_targets(plan, out);
}

void stack_render_web_config(const char *password_hash, ifm_buf *out)
{
    ifm_buf_append_text(out, "# Written by inferometer stack up --expose.\nbasic_auth_users:\n  admin: ");
    ifm_buf_append_json(out, password_hash);
    ifm_buf_append_char(out, '\n');
}

/* --- Grafana -------------------------------------------------------------------------------------- */

void stack_render_datasource(const stack_plan *plan, ifm_buf *out)
{
    char path[VALUE_BYTES_MAX], place[STACK_URL_SIZE] = "prometheus:9090";
    const stack_record *record = plan->record;
    if (!is_bridge(plan)) {
        stack_render_host_port(place, sizeof place, record->address, record->prometheus_port);
    }
    ifm_buf_append_text(out, "# Written by inferometer stack up: changes are overwritten.\n"
                             "apiVersion: 1\n"
                             "datasources:\n"
                             "  - name: " STACK_DATASOURCE_NAME "\n"
                             "    uid: " STACK_DATASOURCE_UID "\n"
                             "    type: prometheus\n"
                             "    access: proxy\n"
                             "    orgId: 1\n"
                             "    url: http://");
    /* timeInterval must be the scrape interval: with a shorter one $__rate_interval finds "No data". */
    ifm_buf_printf(out,
                   "%s\n    isDefault: true\n"
                   "    editable: false\n"
                   "    jsonData:\n"
                   "      httpMethod: POST\n"
                   "      timeInterval: %ds\n"
                   "      prometheusType: Prometheus\n"
                   "      manageAlerts: true\n"
                   "      cacheLevel: Low\n",
                   place, record->scrape_interval_s);
    if (record->exposed) {
        char secret[VALUE_BYTES_MAX + 32];
        snprintf(secret, sizeof secret, "$__file{%s/admin_password}",
                 is_native(plan) ? native_path(plan, "grafana/secrets", path) : CONTAINER_SECRETS);
        ifm_buf_append_text(out, "    basicAuth: true\n"
                                 "    basicAuthUser: admin\n"
                                 "    secureJsonData:\n"
                                 "      basicAuthPassword: ");
        ifm_buf_append_json(out, secret);
        ifm_buf_append_char(out, '\n');
    }
}

void stack_render_provider(const stack_plan *plan, ifm_buf *out)
{
    char path[VALUE_BYTES_MAX];
    ifm_buf_append_text(out, "# Written by inferometer stack up: changes are overwritten.\n"
                             "apiVersion: 1\n"
                             "providers:\n"
                             "  - name: inferometer\n"
                             "    orgId: 1\n"
                             "    folder: inferometer\n"
                             "    folderUid: inferometer\n"
                             "    type: file\n"
                             "    disableDeletion: true\n"
                             "    allowUiUpdates: true\n"
                             "    updateIntervalSeconds: 10\n"
                             "    options:\n"
                             "      foldersFromFilesStructure: false\n"
                             "      path: ");
    ifm_buf_append_json(out, is_native(plan) ? native_path(plan, "grafana/dashboards", path)
                                             : CONTAINER_DASHBOARDS);
    ifm_buf_append_char(out, '\n');
}

static void grafana_server(const stack_plan *plan, stack_variable *variable, void *context)
{
    const stack_record *record = plan->record;
    char text[VALUE_BYTES_MAX];
    if (!is_bridge(plan)) {
        variable(context, "GF_SERVER_HTTP_ADDR", record->address);
        snprintf(text, sizeof text, "%d", record->grafana_port);
        variable(context, "GF_SERVER_HTTP_PORT", text);
    }
    char url[STACK_URL_SIZE];
    stack_url_open(record, record->grafana_port, url);
    variable(context, "GF_SERVER_ROOT_URL", url); /* Grafana Live compares the browser's origin with it */
}

static void grafana_paths(const stack_plan *plan, stack_variable *variable, void *context)
{
    char path[VALUE_BYTES_MAX];
    if (!is_native(plan)) {
        variable(context, "GF_SECURITY_ADMIN_PASSWORD__FILE", CONTAINER_SECRETS "/admin_password");
        variable(context, "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH",
                 CONTAINER_DASHBOARDS "/inferometer-overview.json");
        return;
    }
    /* __FILE is for the image's start script; the program itself reads files so. */
    char secret[VALUE_BYTES_MAX + 16];
    snprintf(secret, sizeof secret, "$__file{%s}", native_path(plan, STACK_PASSWORD_FILE, path));
    variable(context, "GF_SECURITY_ADMIN_PASSWORD", secret);
    variable(context, "GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH",
             native_path(plan, "grafana/dashboards/inferometer-overview.json", path));
    variable(context, "GF_PATHS_PROVISIONING", native_path(plan, "grafana/provisioning", path));
    variable(context, "GF_PATHS_DATA", native_path(plan, "native/grafana-data", path));
    variable(context, "GF_PATHS_LOGS", native_path(plan, "native/logs", path));
    variable(context, "GF_PATHS_PLUGINS", native_path(plan, "native/grafana-data/plugins", path));
    variable(context, "GF_LOG_MODE", "console"); /* into our log file, whose end explains a failed start */
}

void stack_render_grafana_environment(const stack_plan *plan, stack_variable *variable, void *context)
{
    grafana_server(plan, variable, context);
    grafana_paths(plan, variable, context);
    /* A viewer without a login may look and query, and change nothing. Beyond this machine everybody
     * logs in. */
    variable(context, "GF_AUTH_ANONYMOUS_ENABLED", plan->record->exposed ? "false" : "true");
    variable(context, "GF_AUTH_ANONYMOUS_ORG_ROLE", "Viewer");
    variable(context, "GF_USERS_ALLOW_SIGN_UP", "false");
    variable(context, "GF_DASHBOARDS_MIN_REFRESH_INTERVAL", "1s");
    /* Nothing is asked of the network: it may not be there. */
    variable(context, "GF_PLUGINS_PREINSTALL_DISABLED", "true");
    variable(context, "GF_ANALYTICS_REPORTING_ENABLED", "false");
    variable(context, "GF_ANALYTICS_CHECK_FOR_UPDATES", "false");
    variable(context, "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES", "false");
}

/* --- compose.yaml --------------------------------------------------------------------------------- */

/* compose reads "$" as the beginning of a variable. What is longer than any of our texts is cut. */
static void compose_text(ifm_buf *out, const char *text)
{
    char doubled[2 * VALUE_BYTES_MAX + 256];
    size_t size = 0;
    for (; *text != '\0' && size + 2 < sizeof doubled; text++) {
        doubled[size++] = *text;
        if (*text == '$') {
            doubled[size++] = '$';
        }
    }
    doubled[size] = '\0';
    ifm_buf_append_json(out, doubled);
}

static void compose_variable(void *context, const char *name, const char *value)
{
    ifm_buf_printf(context, "      %s: ", name);
    compose_text(context, value);
    ifm_buf_append_char(context, '\n');
}

static void compose_flag(void *context, const char *flag)
{
    ifm_buf_append_text(context, "      - ");
    compose_text(context, flag);
    ifm_buf_append_char(context, '\n');
}

static void compose_network(const stack_plan *plan, int host_port, int port, ifm_buf *out)
{
    if (!is_bridge(plan)) {
        ifm_buf_append_text(out, "    network_mode: host\n");
        return;
    }
    char place[STACK_URL_SIZE];
    stack_render_host_port(place, sizeof place, plan->record->address, host_port);
    ifm_buf_printf(out, "    ports:\n      - \"%s:%d\"\n", place, port);
}

static void compose_image(const char *image, ifm_buf *out)
{
    ifm_buf_append_text(out, "    image: ");
    compose_text(out, image);
    ifm_buf_append_char(out, '\n');
}

static void compose_prometheus(const stack_plan *plan, ifm_buf *out)
{
    ifm_buf_append_text(out, "  prometheus:\n");
    compose_image(plan->record->prometheus_image, out);
    compose_network(plan, plan->record->prometheus_port, 9090, out);
    if (is_bridge(plan) && plan->gateway != NULL) {
        ifm_buf_printf(out, "    extra_hosts:\n      - \"%s:%s\"\n",
                       stack_engine_host_name(plan->record->engine), plan->gateway);
    }
    ifm_buf_append_text(out, "    command:\n");
    stack_render_prometheus_flags(plan, compose_flag, out);
    /* z: where SELinux is at work, containers may read them. */
    ifm_buf_append_text(out, "    volumes:\n"
                             "      - ./prometheus:" CONTAINER_PROMETHEUS ":ro,z\n"
                             "      - ../targets:" CONTAINER_TARGETS ":ro,z\n"
                             "      - prometheus-data:/prometheus\n"
                             "    restart: unless-stopped\n");
}

/* Grafana reads its provisioning when it starts: another mark makes it start anew. */
static void compose_mark(const stack_plan *plan, ifm_buf *out)
{
    ifm_buf text;
    ifm_buf_init(&text, 4 * VALUE_BYTES_MAX);
    stack_render_datasource(plan, &text);
    stack_render_provider(plan, &text);
    ifm_buf_append_text(&text, plan->password_hash != NULL ? plan->password_hash : "");
    if (text.failed == IFM_OK) {
        ifm_buf_printf(out, "    labels:\n      inferometer.provisioning: \"%016" PRIx64 "\"\n",
                       (uint64_t)XXH3_64bits(text.data, text.size));
    } else if (out->failed == IFM_OK) {
        out->failed = text.failed;
    }
    ifm_buf_deinit(&text);
}

static void compose_grafana(const stack_plan *plan, ifm_buf *out)
{
    ifm_buf_append_text(out, "  grafana:\n");
    compose_image(plan->record->grafana_image, out);
    compose_network(plan, plan->record->grafana_port, 3000, out);
    ifm_buf_append_text(out, "    environment:\n");
    stack_render_grafana_environment(plan, compose_variable, out);
    compose_mark(plan, out);
    ifm_buf_append_text(out, "    volumes:\n"
                             "      - ./grafana/provisioning:" CONTAINER_PROVISIONING ":ro,z\n"
                             "      - ./grafana/dashboards:" CONTAINER_DASHBOARDS ":ro,z\n"
                             "      - ./grafana/secrets:" CONTAINER_SECRETS ":ro,z\n"
                             "      - grafana-data:/var/lib/grafana\n"
                             "    restart: unless-stopped\n");
}

void stack_render_compose(const stack_plan *plan, ifm_buf *out)
{
    /* Neither "version:" (compose 2 warns) nor "name:" (compose 1.29 refuses it). */
    ifm_buf_append_text(out, "# Written by inferometer stack up: changes are overwritten.\nservices:\n");
    compose_prometheus(plan, out);
    compose_grafana(plan, out);
    ifm_buf_append_text(out, "volumes:\n  prometheus-data: {}\n  grafana-data: {}\n");
}
