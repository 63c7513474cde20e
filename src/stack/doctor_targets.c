/* SPDX-License-Identifier: Apache-2.0
 *
 * D4, D5, D16: whether Prometheus reaches the programs that it is to watch.
 */
#include "stack/doctor_impl.h"

#include "stack/text.h"

#include <stdio.h>
#include <string.h>

static stack_reach reach_of(doctor_state *state)
{
    stack_reach reach = {.network = state->record->network, .engine = state->record->engine};
    if (!doctor_is_native(state)) {
        const stack_engine_info *info = doctor_engine(state, state->record->engine);
        reach.rootless = info->rootless;
        reach.desktop = info->desktop;
    } else {
        reach.network = STACK_NETWORK_HOST;
    }
    return reach;
}

/* The last line of a log that speaks of an error, else its last. */
static void last_words(const char *log, char *out, size_t size)
{
    static const char *const signs[] = {"err=", "error=", "level=error", "panic:", "fatal", "denied"};
    bool found = false;
    out[0] = '\0';
    while (log != NULL && *log != '\0') {
        int length = (int)strcspn(log, "\n");
        bool sign = false;
        for (size_t i = 0; i < IFM_COUNT_OF(signs) && !sign; i++) {
            const char *at = strstr(log, signs[i]);
            sign = at != NULL && at < log + length;
        }
        if (length > 0 && (sign || !found)) {
            stack_text_format(out, size, "%.*s", length, log);
            found = found || sign;
        }
        log += length + (log[length] == '\n');
    }
}

static void report_silent_prometheus(doctor_state *state, const ifm_error *err)
{
    char service[STACK_STATE_SIZE], words[256] = "";
    doctor_service_state(state, "prometheus", service);
    bool runs = strcmp(service, "running") == 0;
    if (!runs) {
        char *log = doctor_log(state, "prometheus");
        last_words(log, words, sizeof words);
        ifm_free(log);
    }
    doctor_fail(state, runs ? "inferometer stack logs" : "inferometer stack up", "%s%s%s%s%s%s", err->message,
                service[0] == '\0' ? "" : "; its state: ", service,
                words[0] == '\0' ? "" : "; the last of its log: ", words, "");
}

/* --- D5 ------------------------------------------------------------------------------------------- */

static bool is_down(const stack_target *target)
{
    return strcmp(target->health, "down") == 0 || target->last_error[0] != '\0';
}

static void d5_down(doctor_state *state, const stack_target *target, const stack_reach *reach)
{
    char cause[STACK_SENTENCE_SIZE], fix[STACK_SENTENCE_SIZE];
    stack_explain_target_error(target->last_error, target->scrape_url, reach, cause, fix);
    doctor_fail(state, fix, "target %.100s: %s", target->instance, cause);
}

void doctor_d5_targets(doctor_state *state)
{
    if (doctor_skip_without_stack(state)) {
        return;
    }
    const doctor_answer *answer = doctor_ask_targets(state);
    if (!answer->ok) {
        report_silent_prometheus(state, &answer->err);
        return;
    }
    if (state->targets.count == 0) {
        doctor_skip(state, "Prometheus has no target, see D16");
        return;
    }
    stack_reach reach = reach_of(state);
    size_t down = 0, fresh = 0;
    for (size_t i = 0; i < state->targets.count; i++) {
        const stack_target *target = &state->targets.items[i];
        if (is_down(target)) {
            if (++down <= DOCTOR_LINES_MAX) {
                d5_down(state, target, &reach);
            }
        } else if (strcmp(target->health, "up") != 0) {
            fresh++;
        }
    }
    if (down > DOCTOR_LINES_MAX) {
        doctor_fail(state, "", "and %zu more of %zu targets are down", down - DOCTOR_LINES_MAX,
                    state->targets.count);
    } else if (down == 0 && fresh > 0) {
        doctor_ok(state, "%zu of %zu targets are up; the rest was not scraped yet",
                  state->targets.count - fresh, state->targets.count);
    } else if (down == 0) {
        doctor_ok(state, "%zu target%s up", state->targets.count,
                  state->targets.count == 1 ? " is" : "s are");
    }
}

/* --- D4 ------------------------------------------------------------------------------------------- */

static const char *const host_names[] = {"host.docker.internal", "host.containers.internal"};

static bool speaks_of_host_name(const stack_target *target)
{
    for (size_t i = 0; i < IFM_COUNT_OF(host_names); i++) {
        if (strstr(target->scrape_url, host_names[i]) != NULL &&
            (strstr(target->last_error, "no such host") != NULL ||
             strstr(target->last_error, "server misbehaving") != NULL)) {
            return true;
        }
    }
    return false;
}

/* The address that the container's hosts file gives the name; "" for none. */
static void find_in_hosts(const char *hosts, char *out, size_t size)
{
    out[0] = '\0';
    while (*hosts != '\0' && out[0] == '\0') {
        size_t length = strcspn(hosts, "\n"), address = strcspn(hosts, " \t\n");
        for (size_t i = 0; i < IFM_COUNT_OF(host_names); i++) {
            const char *at = strstr(hosts, host_names[i]);
            if (hosts[0] != '#' && at != NULL && at < hosts + length) {
                stack_text_format(out, size, "%.*s", (int)address, hosts);
                break;
            }
        }
        hosts += length + (hosts[length] == '\n');
    }
}

/* Looks from inside. */
static void d4_container(doctor_state *state, const stack_reach *reach)
{
    static const char *const arguments[] = {"cat", "/etc/hosts", NULL};
    ifm_os_command_result result;
    ifm_error err;
    stack_compose compose = doctor_compose(state);
    if (!stack_compose_exec(&compose, "prometheus", arguments, NULL, &result, &err)) {
        doctor_skip(state, "could not look into the container: %s", err.message);
        return;
    }
    char address[64];
    const char *name = stack_engine_host_name(reach->engine);
    const char *rootless = doctor_engine(state, reach->engine)->address;
    find_in_hosts(result.out, address, sizeof address);
    int status = result.status;
    ifm_os_command_result_deinit(&result);
    if (status != 0) {
        doctor_skip(state, "could not look into the container of Prometheus: it ends with %d", status);
    } else if (address[0] == '\0' && !reach->desktop) {
        doctor_fail(
            state, "inferometer stack up",
            "the container does not know %s, by which it would reach this machine: on Linux the name has to "
            "be given to it",
            name);
    } else if (reach->rootless && reach->engine == STACK_ENGINE_DOCKER && strcmp(address, rootless) != 0) {
        doctor_fail(state, "inferometer stack up",
                    "%s is %s in the container, where rootless Docker finds nothing: it has to be %s, an "
                    "address of this machine, which may have had another",
                    name, address, rootless);
    } else {
        doctor_ok(state, "%s is %s in the container", name,
                  address[0] == '\0' ? "known by Docker Desktop" : address);
    }
}

void doctor_d4_host_name(doctor_state *state)
{
    if (doctor_skip_without_containers(state)) {
        return;
    }
    if (state->record->network != STACK_NETWORK_BRIDGE) {
        doctor_ok(state, "containers share this machine's network: no name is needed");
        return;
    }
    stack_reach reach = reach_of(state);
    if (doctor_ask_targets(state)->ok) {
        for (size_t i = 0; i < state->targets.count; i++) {
            if (speaks_of_host_name(&state->targets.items[i])) {
                char cause[STACK_SENTENCE_SIZE], fix[STACK_SENTENCE_SIZE];
                stack_explain_target_error(state->targets.items[i].last_error,
                                           state->targets.items[i].scrape_url, &reach, cause, fix);
                doctor_fail(state, fix, "%s", cause);
                return;
            }
        }
    }
    d4_container(state, &reach);
}

/* --- D16 ------------------------------------------------------------------------------------------ */

void doctor_d16_series(doctor_state *state)
{
    if (doctor_skip_without_stack(state)) {
        return;
    }
    if (!doctor_ask_prometheus(state)->ok) {
        doctor_skip(state, "Prometheus does not answer, see D5");
        return;
    }
    stack_server prometheus = doctor_prometheus(state);
    stack_query_result result;
    ifm_error err;
    /* Whatever it scraped has an "up", also what was down; counting all series would cost a busy one
     * seconds. */
    if (!stack_prometheus_query(&prometheus, "sum(scrape_samples_scraped)", &result, &err)) {
        doctor_fail(state, "inferometer stack logs", "%s", err.message);
        return;
    }
    double series = result.count > 0 ? result.values[0] : -1;
    stack_query_result_deinit(&result);
    const doctor_answer *targets = doctor_ask_targets(state);
    if (series > 0) {
        doctor_ok(state, "%.0f series were read at the last scrape", series);
    } else if (targets->ok && state->targets.count == 0) {
        doctor_warn(state,
                    "inferometer stack up --target=HOST:PORT  # or start a program that opens a logger: it "
                    "appears by itself",
                    "no pipeline is known to Prometheus, so there is nothing to show");
    } else if (series < 0) {
        doctor_warn(state, "inferometer doctor --check=D16  # after one scrape interval",
                    "no target was scraped yet");
    } else {
        doctor_warn(state, "inferometer doctor --check=D5",
                    "targets were scraped, but gave no series: dashboards stay empty");
    }
}
