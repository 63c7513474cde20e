/* SPDX-License-Identifier: Apache-2.0
 *
 * What several checks want to know, asked for once (Q1).
 */
#include "stack/doctor_impl.h"

#include "stack/text.h"
#include "stack/urls.h"

#include <stdio.h>
#include <string.h>

#define NS_PER_MS INT64_C(1000000)

/* --- Where things are ----------------------------------------------------------------------------- */

void doctor_state_init(doctor_state *state, const stack_doctor *doctor)
{
    *state = (doctor_state){.doctor = doctor, .system = doctor->system, .record = doctor->record};
    if (state->record != NULL) {
        stack_url_prometheus(state->record, state->prometheus_url);
        stack_url_grafana(state->record, state->grafana_url);
    }
}

void doctor_state_deinit(doctor_state *state)
{
    stack_targets_deinit(&state->targets);
}

const char *doctor_path(const doctor_state *state, const char *name, char *out)
{
    snprintf(out, DOCTOR_PATH_SIZE, "%s/%s", state->doctor->folder->path, name);
    return out;
}

const char *doctor_quote(const char *path, char *out)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:@,%=";
    if (*path != '\0' && path[strspn(path, plain)] == '\0') {
        snprintf(out, DOCTOR_PATH_SIZE, "%s", path);
        return out;
    }
    size_t used = 0;
    out[used++] = '\'';
    for (; *path != '\0' && used + 6 < DOCTOR_PATH_SIZE; path++) {
        static const char escaped[] = "'\\''";
        const char *piece = *path == '\'' ? escaped : path;
        size_t size = *path == '\'' ? sizeof escaped - 1 : 1;
        memcpy(out + used, piece, size);
        used += size;
    }
    out[used++] = '\'';
    out[used] = '\0';
    return out;
}

/* --- The engine ----------------------------------------------------------------------------------- */

bool doctor_is_native(const doctor_state *state)
{
    return state->record != NULL && state->record->engine == STACK_ENGINE_NATIVE;
}

const stack_engine_info *doctor_engine(doctor_state *state, stack_engine engine)
{
    if (!state->probed[engine]) {
        state->probed[engine] = true;
        stack_engine_probe(state->system, engine, state->doctor->cancel_fd, &state->engines[engine]);
    }
    return &state->engines[engine];
}

const stack_engine_info *doctor_engine_used(doctor_state *state)
{
    if (state->record != NULL) {
        return doctor_engine(state, state->record->engine);
    }
    for (stack_engine engine = STACK_ENGINE_DOCKER; engine <= STACK_ENGINE_NATIVE; engine++) {
        const stack_engine_info *info = doctor_engine(state, engine);
        if (info->fault == STACK_FAULT_NONE) {
            return info;
        }
    }
    return NULL;
}

stack_compose doctor_compose(const doctor_state *state)
{
    return (stack_compose){
        .system = state->system,
        .engine = state->record->engine,
        .tool = state->record->tool,
        .folder = state->doctor->folder->path,
        .project = state->record->project,
        .deadline_ns = ifm_os_monotonic_ns() + DOCTOR_COMMAND_MS * NS_PER_MS,
        .cancel_fd = state->doctor->cancel_fd,
    };
}

/* --- Servers -------------------------------------------------------------------------------------- */

static stack_server server(const doctor_state *state, const char *name, const char *url, bool login)
{
    bool known = login && state->doctor->password != NULL;
    return (stack_server){
        .system = state->system,
        .name = name,
        .url = url,
        .user = known ? "admin" : NULL,
        .password = known ? state->doctor->password : NULL,
        .timeout_ns = DOCTOR_HTTP_MS * NS_PER_MS,
        .cancel_fd = state->doctor->cancel_fd,
    };
}

stack_server doctor_prometheus(const doctor_state *state)
{
    return server(state, "Prometheus", state->prometheus_url, state->record->exposed);
}

stack_server doctor_grafana(const doctor_state *state)
{
    return server(state, "Grafana", state->grafana_url, true);
}

static void ask(doctor_state *state, doctor_answer *answer, const stack_server *server_of,
                bool (*question)(const stack_server *server, int64_t *date_ms, ifm_error *err))
{
    if (answer->asked) {
        return;
    }
    answer->asked = true;
    answer->date_ms = -1;
    int64_t before_ms = state->system->wall_ms(state->system->context);
    answer->ok = question(server_of, &answer->date_ms, &answer->err);
    int64_t after_ms = state->system->wall_ms(state->system->context);
    answer->asked_at_ms = before_ms + (after_ms - before_ms) / 2;
}

const doctor_answer *doctor_ask_prometheus(doctor_state *state)
{
    stack_server prometheus = doctor_prometheus(state);
    ask(state, &state->prometheus, &prometheus, stack_prometheus_ready);
    return &state->prometheus;
}

const doctor_answer *doctor_ask_grafana(doctor_state *state)
{
    stack_server grafana = server(state, "Grafana", state->grafana_url, false);
    ask(state, &state->grafana, &grafana, stack_grafana_health);
    return &state->grafana;
}

const doctor_answer *doctor_ask_targets(doctor_state *state)
{
    doctor_answer *answer = &state->targets_answer;
    if (!answer->asked) {
        answer->asked = true;
        const doctor_answer *prometheus = doctor_ask_prometheus(state);
        if (prometheus->ok) {
            stack_server asked = doctor_prometheus(state);
            answer->ok = stack_prometheus_targets(&asked, &state->targets, &answer->err);
            answer->asked_at_ms = state->system->wall_ms(state->system->context);
        } else {
            answer->err = prometheus->err;
        }
    }
    return answer;
}

doctor_login doctor_ask_login(doctor_state *state)
{
    if (state->login != DOCTOR_LOGIN_NOT_ASKED) {
        return state->login;
    }
    bool accepted = false;
    ifm_error err;
    stack_server grafana = doctor_grafana(state);
    state->login = DOCTOR_LOGIN_UNKNOWN;
    if (!doctor_ask_grafana(state)->ok) {
        snprintf(state->login_reason, sizeof state->login_reason, "Grafana does not answer, see D11");
    } else if (state->doctor->password == NULL) {
        snprintf(state->login_reason, sizeof state->login_reason, "the admin password is not known, see D14");
    } else if (!stack_grafana_login(&grafana, &accepted, &err)) {
        stack_text_copy(state->login_reason, sizeof state->login_reason, err.message);
    } else {
        state->login = accepted ? DOCTOR_LOGIN_OK : DOCTOR_LOGIN_REFUSED;
    }
    return state->login;
}

bool doctor_skip_without_login(doctor_state *state)
{
    doctor_login login = doctor_ask_login(state);
    if (login == DOCTOR_LOGIN_REFUSED) {
        doctor_skip(state, "Grafana refuses the admin password, see D14");
    } else if (login == DOCTOR_LOGIN_UNKNOWN) {
        doctor_skip(state, "%s", state->login_reason);
    }
    return login != DOCTOR_LOGIN_OK;
}

/* --- Services ------------------------------------------------------------------------------------- */

/* As of now: each question has its own time. */
static stack_session session_of(const doctor_state *state)
{
    return (stack_session){.system = state->system,
                           .cancel_fd = state->doctor->cancel_fd,
                           .deadline_ns = ifm_os_monotonic_ns() + DOCTOR_COMMAND_MS * NS_PER_MS};
}

void doctor_service_state(doctor_state *state, const char *service, char out[STACK_STATE_SIZE])
{
    ifm_error ignored; /* that it is not known is an answer */
    stack_session session = session_of(state);
    const stack_services services = {
        .session = &session, .folder = state->doctor->folder, .record = state->record};
    if (!stack_services_state(&services, service, out, &ignored)) {
        out[0] = '\0';
    } else if (out[0] == '\0') {
        snprintf(out, STACK_STATE_SIZE, "%s", doctor_is_native(state) ? "ended" : "there is no container");
    }
}

char *doctor_log(doctor_state *state, const char *service)
{
    char *log = NULL;
    ifm_error ignored; /* a service without a log has none to look into */
    stack_session session = session_of(state);
    const stack_services services = {
        .session = &session, .folder = state->doctor->folder, .record = state->record};
    return stack_services_log(&services, service, DOCTOR_LOG_LINES, &log, &ignored) ? log : NULL;
}
