/* SPDX-License-Identifier: Apache-2.0
 *
 * stack status: what runs, where, and which targets are up. It takes no lock and changes nothing.
 */
#include "stack/password.h"
#include "stack/stack.h"
#include "stack/urls.h"
#include "stack/verify.h"

#include <stdio.h>
#include <string.h>

/* One look at everything. */
typedef struct status_look {
    const stack_session *session;
    stack_services services;
    const char *password;
    bool well;
} status_look;

static void tell(status_look *look, bool well, const char *what, const char *state, const char *more)
{
    look->well = look->well && well;
    stack_tell(look->session, well ? STACK_DONE : STACK_WARN, "%-11s %-9s %s", what, state, more);
}

/* Returns whether it runs: when not, whoever has its port is not ours. */
static bool look_at_service(status_look *look, const char *service, const stack_server *server,
                            bool (*ready)(const stack_server *, int64_t *, ifm_error *), int port)
{
    char state[STACK_STATE_SIZE] = "", url[STACK_URL_SIZE];
    ifm_error err;
    int64_t date_ms;
    stack_url_open(look->services.record, port, url);
    if (!stack_services_state(&look->services, service, state, &err)) {
        tell(look, false, service, "unknown", err.message);
    } else if (strcmp(state, "running") != 0) {
        tell(look, false, service, "stopped", state[0] != '\0' ? state : "hint: inferometer stack up");
    } else if (!ready(server, &date_ms, &err)) {
        tell(look, false, service, "silent", err.message);
    } else {
        tell(look, true, service, "running", url);
    }
    return strcmp(state, "running") == 0;
}

static void look_at_target(status_look *look, const stack_target *target, const stack_reach *reach)
{
    char cause[STACK_SENTENCE_SIZE] = "", fix[STACK_SENTENCE_SIZE] = "", text[3 * STACK_SENTENCE_SIZE];
    bool up = strcmp(target->health, "up") == 0;
    if (!up && target->last_error[0] != '\0') {
        stack_explain_target_error(target->last_error, target->scrape_url, reach, cause, fix);
    }
    snprintf(text, sizeof text, "%s%s%s%s%s", target->instance, cause[0] != '\0' ? ": " : "", cause,
             fix[0] != '\0' ? "; hint: " : "", fix);
    tell(look, up, "target", up ? "up" : target->last_error[0] != '\0' ? "DOWN" : "waiting", text);
}

static void look_at_targets(status_look *look, const stack_server *prometheus)
{
    const stack_record *record = look->services.record;
    stack_targets targets;
    ifm_error err;
    if (!stack_prometheus_targets(prometheus, &targets, &err)) {
        if (look->well) { /* else it is stopped or silent, which was told */
            tell(look, false, "targets", "unknown", err.message);
        }
        return;
    }
    const stack_reach reach = {.network = record->network,
                               .engine = record->engine,
                               .rootless = record->rootless,
                               .desktop = record->desktop};
    for (size_t i = 0; i < targets.count; i++) {
        if (strcmp(targets.items[i].job, STACK_JOB) == 0) {
            look_at_target(look, &targets.items[i], &reach);
        }
    }
    if (targets.count == 0) {
        tell(look, true, "targets", "none", "a program that opens a logger appears by itself");
    }
    stack_targets_deinit(&targets);
}

static void look_at_all(status_look *look)
{
    const stack_record *record = look->services.record;
    char url[STACK_URL_SIZE], where[STACK_URL_SIZE];
    tell(look, true, "engine", stack_engine_name(record->engine),
         record->tool != STACK_TOOL_NONE ? stack_tool_name(record->tool) : "processes of this machine");
    stack_server prometheus = stack_server_prometheus(look->session, record, look->password, url);
    bool runs =
        look_at_service(look, "prometheus", &prometheus, stack_prometheus_ready, record->prometheus_port);
    if (record->grafana) {
        char grafana_url[STACK_URL_SIZE];
        stack_server grafana = stack_server_grafana(look->session, record, look->password, grafana_url);
        look_at_service(look, "grafana", &grafana, stack_grafana_health, record->grafana_port);
        snprintf(where, sizeof where, "of user admin, in %.200s/" STACK_PASSWORD_FILE,
                 look->services.folder->path);
        tell(look, true, "password", "", where);
    }
    if (runs) {
        look_at_targets(look, &prometheus);
    }
}

bool stack_status(const stack_session *session, bool *running, ifm_error *err)
{
    stack_folder folder;
    stack_record record;
    bool recorded;
    char *password = NULL;
    *running = false;
    if (!stack_folder_open(&folder, false, err)) {
        return false;
    }
    bool ok =
        stack_folder_record(&folder, &record, &recorded, err) && stack_password_read(&folder, &password, err);
    if (ok && !recorded) {
        stack_tell(session, STACK_WARN, "nothing was started; hint: inferometer stack up");
    } else if (ok) {
        status_look look = {.session = session,
                            .services = {.session = session, .folder = &folder, .record = &record},
                            .password = password,
                            .well = true};
        look_at_all(&look);
        *running = look.well;
    }
    stack_record_deinit(&record);
    ifm_free(password);
    stack_folder_close(&folder);
    return ok;
}
