/* SPDX-License-Identifier: Apache-2.0
 *
 * D6 and D18: the ports, and how to get at them from elsewhere.
 */
#include "stack/doctor_impl.h"

#include "stack/host.h"
#include "stack/limits.h"
#include "stack/ports.h"
#include "stack/urls.h"

#include <stdio.h>
#include <string.h>

static int next_free(const char *address, int port, int avoid)
{
    for (int next = port + 1; next <= port + STACK_PORT_TRIES && next <= UINT16_MAX; next++) {
        if (next != avoid && stack_port_is_free(address, next)) {
            return next;
        }
    }
    return 0;
}

typedef struct port_use {
    const char *name;    /* "Prometheus" */
    const char *service; /* "prometheus" */
    int port, other_port;
} port_use;

/* Whether it is our own service that listens there. */
static bool is_ours(doctor_state *state, const port_use *use, bool answers)
{
    char service[STACK_STATE_SIZE];
    if (state->record == NULL) {
        return false;
    }
    doctor_service_state(state, use->service, service);
    return strcmp(service, "running") == 0 || (service[0] == '\0' && answers);
}

/* Reports a port that is taken; counts one that is ours. */
static void d6_port(doctor_state *state, const char *address, const port_use *use, size_t *ours)
{
    char owner[160], fix[STACK_SENTENCE_SIZE];
    if (stack_port_is_free(address, use->port)) {
        return;
    }
    bool answers =
        state->record != NULL && (strcmp(use->service, "grafana") == 0 ? doctor_ask_grafana(state)->ok
                                                                       : doctor_ask_prometheus(state)->ok);
    if (is_ours(state, use, answers)) {
        ++*ours;
        return;
    }
    stack_port_owner(address, use->port, owner, sizeof owner);
    int next = next_free(address, use->port, use->other_port);
    snprintf(fix, sizeof fix, "inferometer stack up --%s-port=%d", use->service, next);
    doctor_say(state, state->record != NULL ? STACK_DOCTOR_FAILED : STACK_DOCTOR_WARNING,
               next == 0 ? "" : fix, "port %d, which %s %s, is taken by %s", use->port, use->name,
               state->record != NULL ? "was given" : "would get", owner);
}

void doctor_d6_ports(doctor_state *state)
{
    const stack_record *record = state->record;
    const char *address = record == NULL ? "127.0.0.1" : record->address;
    int prometheus = record == NULL ? STACK_PROMETHEUS_PORT : record->prometheus_port;
    int grafana = record == NULL ? STACK_GRAFANA_PORT : record->grafana_port;
    bool both = record == NULL || record->grafana;
    size_t ours = 0;
    d6_port(state, address, &(port_use){"Prometheus", "prometheus", prometheus, grafana}, &ours);
    if (both) {
        d6_port(state, address, &(port_use){"Grafana", "grafana", grafana, prometheus}, &ours);
    }
    if (state->lines > 0) {
        return;
    }
    char ports[64];
    snprintf(ports, sizeof ports, both ? "ports %d and %d" : "port %d", prometheus, grafana);
    if (ours == (both ? 2U : 1U)) {
        doctor_ok(state, "the stack itself has %s", ports);
    } else {
        doctor_ok(state, "nobody else has %s", ports);
    }
}

/* --- D18 ------------------------------------------------------------------------------------------ */

void doctor_d18_tunnel(doctor_state *state)
{
    static char loopback[] = "127.0.0.1";
    const stack_record usual = {.address = loopback,
                                .prometheus_port = STACK_PROMETHEUS_PORT,
                                .grafana_port = STACK_GRAFANA_PORT,
                                .grafana = true};
    const stack_record *record = state->record == NULL ? &usual : state->record;
    const stack_system *system = state->system;
    const char *connection = system->environment(system->context, "SSH_CONNECTION");
    char user[STACK_HOST_NAME_SIZE], command[STACK_URL_SIZE];
    stack_url_ssh(record, connection, stack_host_user_name(system, user), command);
    if (command[0] == '\0') {
        doctor_ok(state, "this is no SSH session: http://localhost is this machine in its own browser");
        return;
    }
    /* Grafana Live compares the browser's origin, port included, with what Grafana calls itself. */
    doctor_say(state, STACK_DOCTOR_OK, command,
               "you are here over SSH from %.*s: run the command below there, not here, and open "
               "http://localhost:%d there; both ends need the same ports",
               (int)strcspn(connection, " "), connection,
               record->grafana ? record->grafana_port : record->prometheus_port);
}
