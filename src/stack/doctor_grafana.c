/* SPDX-License-Identifier: Apache-2.0
 *
 * D11, D13, D14: what Grafana makes of the data source, and whether we are its admin.
 */
#include "stack/doctor_impl.h"

#include <stdio.h>
#include <string.h>

/* What Grafana's data source has to point at. */
static void right_url(const doctor_state *state, char *out)
{
    const stack_record *record = state->record;
    if (record->engine != STACK_ENGINE_NATIVE && record->network == STACK_NETWORK_BRIDGE) {
        snprintf(out, STACK_URL_SIZE, "http://prometheus:9090");
    } else {
        snprintf(out, STACK_URL_SIZE, "%s", state->prometheus_url);
    }
}

/* --- D11 ------------------------------------------------------------------------------------------ */

static void report_silent_grafana(doctor_state *state, const ifm_error *err)
{
    char service[STACK_STATE_SIZE];
    doctor_service_state(state, "grafana", service);
    bool runs = strcmp(service, "running") == 0;
    doctor_fail(state, runs ? "inferometer stack logs" : "inferometer stack up", "%s%s%s", err->message,
                service[0] == '\0' ? "" : "; its state: ", service);
}

static void d11_unhealthy(doctor_state *state, const stack_server *grafana, const char *message)
{
    stack_grafana_source source;
    bool found = false;
    ifm_error ignored; /* then without its address */
    char want[STACK_URL_SIZE];
    right_url(state, want);
    if (!stack_grafana_source_by_uid(grafana, STACK_DATASOURCE_UID, &found, &source, &ignored) || !found) {
        found = false;
    }
    if (found && source.url[0] != '\0' && strcmp(source.url, want) != 0) {
        doctor_fail(state, "inferometer stack down && inferometer stack up",
                    "Grafana asks for Prometheus at %s, but from where Grafana runs it is at %s: %s",
                    source.url, want, message);
    } else {
        bool answers = doctor_ask_prometheus(state)->ok;
        bool nameless = state->record->engine == STACK_ENGINE_PODMAN &&
                        state->record->network == STACK_NETWORK_BRIDGE &&
                        strstr(message, "lookup prometheus") != NULL;
        doctor_fail(state,
                    nameless  ? "inferometer stack up --network=host"
                    : answers ? "inferometer stack down && inferometer stack up"
                              : "inferometer doctor --check=D5",
                    "Grafana does not reach Prometheus%s: %s", answers ? ", which answers from here" : "",
                    message);
    }
}

void doctor_d11_source_health(doctor_state *state)
{
    if (doctor_skip_without_grafana(state)) {
        return;
    }
    const doctor_answer *answer = doctor_ask_grafana(state);
    if (!answer->ok) {
        report_silent_grafana(state, &answer->err);
        return;
    }
    if (doctor_skip_without_login(state)) {
        return;
    }
    bool healthy;
    char message[STACK_GRAFANA_TEXT_SIZE];
    ifm_error err;
    stack_server grafana = doctor_grafana(state);
    if (!stack_grafana_source_health(&grafana, STACK_DATASOURCE_UID, &healthy, message, &err)) {
        doctor_fail(state, "inferometer stack logs", "%s", err.message);
    } else if (!healthy) {
        d11_unhealthy(state, &grafana, message);
    } else {
        doctor_ok(state, "%s", message[0] == '\0' ? "Grafana's data source is healthy" : message);
    }
}

/* --- D13 ------------------------------------------------------------------------------------------ */

static void d13_other(doctor_state *state, const stack_grafana_source *source)
{
    char fix[STACK_SENTENCE_SIZE];
    if (doctor_is_native(state)) {
        snprintf(fix, sizeof fix, "inferometer stack down --volumes && inferometer stack up");
    } else {
        snprintf(fix, sizeof fix,
                 "inferometer stack down && %s volume rm %.60s_grafana-data && inferometer stack up",
                 stack_engine_name(state->record->engine), state->record->project);
    }
    doctor_fail(state, fix,
                "Grafana keeps its data source \"" STACK_DATASOURCE_NAME
                "\" under the uid \"%s\" of an earlier time, but the dashboards name \"" STACK_DATASOURCE_UID
                "\"; mending it loses what was saved in Grafana by hand",
                source->uid);
}

/* Nothing has our uid: what has our name, then? */
static void d13_missing(doctor_state *state, const stack_server *grafana)
{
    stack_grafana_source source;
    bool found;
    ifm_error err;
    if (!stack_grafana_source_by_name(grafana, STACK_DATASOURCE_NAME, &found, &source, &err)) {
        doctor_fail(state, "inferometer stack logs", "%s", err.message);
    } else if (found) {
        d13_other(state, &source);
    } else {
        doctor_fail(state, "inferometer stack down && inferometer stack up",
                    "Grafana has no data source \"" STACK_DATASOURCE_NAME
                    "\": it did not read its provisioning, see D9 and D10");
    }
}

void doctor_d13_source_uid(doctor_state *state)
{
    if (doctor_skip_without_grafana(state) || doctor_skip_without_login(state)) {
        return;
    }
    stack_grafana_source source;
    bool found;
    ifm_error err;
    stack_server grafana = doctor_grafana(state);
    if (!stack_grafana_source_by_uid(&grafana, STACK_DATASOURCE_UID, &found, &source, &err)) {
        doctor_fail(state, "inferometer stack logs", "%s", err.message);
    } else if (!found) {
        d13_missing(state, &grafana);
    } else if (source.type[0] != '\0' && strcmp(source.type, "prometheus") != 0) {
        /* "Data source connected, but no labels received" is what Loki's kind says of a Prometheus. */
        doctor_fail(state, "inferometer stack down && inferometer stack up",
                    "the data source is of the kind \"%s\", not \"prometheus\"", source.type);
    } else {
        doctor_ok(state, "the data source has the uid that dashboards name");
    }
}

/* --- D14 ------------------------------------------------------------------------------------------ */

void doctor_d14_password(doctor_state *state)
{
    if (doctor_skip_without_grafana(state)) {
        return;
    }
    if (doctor_ask_grafana(state)->ok && state->doctor->password == NULL) {
        doctor_warn(state, "inferometer stack reset-password",
                    "the file with Grafana's admin password is missing: \"%s/" STACK_PASSWORD_FILE "\"",
                    state->doctor->folder->path);
        return;
    }
    switch (doctor_ask_login(state)) {
    case DOCTOR_LOGIN_OK:
        doctor_ok(state, "Grafana takes the password of admin");
        break;
    case DOCTOR_LOGIN_REFUSED:
        doctor_fail(
            state, "inferometer stack reset-password",
            "Grafana refuses the admin password: its data is of an earlier time, and the password that it "
            "is started with counts only at the very first start");
        break;
    default:
        doctor_skip(state, "%s", state->login_reason);
    }
}
