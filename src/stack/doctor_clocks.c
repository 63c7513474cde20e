/* SPDX-License-Identifier: Apache-2.0
 *
 * D20: clocks that disagree, and scrapes that are late. Samples have the time of Prometheus's machine,
 * queries that of the browser: what differs is data that seems to be missing.
 */
#include "stack/doctor_impl.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SKEW_WARN_MS = 5000,  /* a Date header has whole seconds, and an answer may take one */
    SKEW_FAIL_MS = 60000, /* more than what "now" of a dashboard forgives */
    STALE_INTERVALS = 3,  /* one scrape may be late, two are a coincidence */
    ENDPOINTS_MAX = 4,    /* each may take its time limit */
    INTERVAL_DEFAULT_MS = 5000
};

/* Reports when a clock is off. */
static void compare(doctor_state *state, const char *whose, int64_t date_ms, int64_t our_ms)
{
    int64_t skew_ms = date_ms - our_ms;
    int64_t size_ms = skew_ms < 0 ? -skew_ms : skew_ms;
    if (date_ms < 0 || size_ms < SKEW_WARN_MS) {
        return;
    }
    doctor_say(state, size_ms >= SKEW_FAIL_MS ? STACK_DOCTOR_FAILED : STACK_DOCTOR_WARNING,
               "timedatectl set-ntp true  # on the machine whose clock is wrong",
               "the clock of %s is %.0f s %s this machine's: its newest data seems %s", whose,
               (double)size_ms / 1000.0, skew_ms > 0 ? "ahead of" : "behind",
               skew_ms > 0 ? "to be of the future" : "to be missing");
}

/* What Prometheus takes for now. */
static void compare_time(doctor_state *state)
{
    stack_server prometheus = doctor_prometheus(state);
    stack_query_result result;
    ifm_error ignored; /* D16 says it */
    int64_t before_ms = state->system->wall_ms(state->system->context);
    if (!stack_prometheus_query(&prometheus, "time()", &result, &ignored)) {
        return;
    }
    int64_t after_ms = state->system->wall_ms(state->system->context);
    if (result.count == 1 && isfinite(result.values[0]) && fabs(result.values[0]) < 1e12) {
        compare(state, "Prometheus", (int64_t)(result.values[0] * 1000),
                before_ms + (after_ms - before_ms) / 2);
    }
    stack_query_result_deinit(&result);
}

/* A target's URL as it is reached from here. */
static bool endpoint_url(const stack_target *target, char *out, size_t size)
{
    static const char name[] = "http://host.docker.internal:";
    static const char podman_name[] = "http://host.containers.internal:";
    const char *url = target->scrape_url;
    size_t skip = strncmp(url, name, sizeof name - 1) == 0                 ? sizeof name - 1
                  : strncmp(url, podman_name, sizeof podman_name - 1) == 0 ? sizeof podman_name - 1
                                                                           : 0;
    if (strncmp(url, "http://", 7) != 0 || strlen(url) + 32 > size) {
        return false; /* a certificate would have to be checked too */
    }
    snprintf(out, size, "%s%s", skip > 0 ? "http://127.0.0.1:" : "", url + skip);
    return true;
}

static void compare_endpoint(doctor_state *state, const stack_target *target)
{
    char url[1024], whose[160];
    if (!endpoint_url(target, url, sizeof url)) {
        return;
    }
    const stack_request request = {
        .url = url, .timeout_ns = DOCTOR_HTTP_MS * INT64_C(1000000), .cancel_fd = state->doctor->cancel_fd};
    stack_response response = {.date_ms = -1};
    ifm_error ignored; /* that a target is down is D5's */
    int64_t before_ms = state->system->wall_ms(state->system->context);
    if (!state->system->http(state->system->context, &request, &response, &ignored)) {
        return;
    }
    int64_t after_ms = state->system->wall_ms(state->system->context);
    snprintf(whose, sizeof whose, "target %.100s", target->instance);
    compare(state, whose, response.date_ms, before_ms + (after_ms - before_ms) / 2);
    stack_response_deinit(&response);
}

static void check_age(doctor_state *state, const stack_target *target, int64_t now_ms)
{
    int64_t interval_ms = target->scrape_interval_ms > 0         ? target->scrape_interval_ms
                          : state->record->scrape_interval_s > 0 ? state->record->scrape_interval_s * 1000
                                                                 : INTERVAL_DEFAULT_MS;
    int64_t age_ms = now_ms - target->last_scrape_ms;
    if (target->last_scrape_ms < 0 || age_ms <= STALE_INTERVALS * interval_ms + 1000) {
        return;
    }
    doctor_fail(
        state, "inferometer stack logs",
        "target %.100s was last scraped %.0f s ago, though it should be every %.3g s: Prometheus is stuck "
        "or overloaded",
        target->instance, (double)age_ms / 1000.0, (double)interval_ms / 1000.0);
}

void doctor_d20_clocks(doctor_state *state)
{
    if (doctor_skip_without_stack(state)) {
        return;
    }
    const doctor_answer *prometheus = doctor_ask_prometheus(state);
    const doctor_answer *grafana = state->record->grafana ? doctor_ask_grafana(state) : NULL;
    if (!prometheus->ok) {
        doctor_skip(state, "Prometheus does not answer, see D5");
        return;
    }
    compare(state, "Prometheus", prometheus->date_ms, prometheus->asked_at_ms);
    bool skewed = state->lines > 0;
    if (!skewed) {
        compare_time(state);
        skewed = state->lines > 0;
    }
    if (grafana != NULL && grafana->ok) {
        compare(state, "Grafana", grafana->date_ms, grafana->asked_at_ms);
    }
    const doctor_answer *targets = doctor_ask_targets(state);
    size_t asked = 0;
    for (size_t i = 0; targets->ok && i < state->targets.count && state->lines < DOCTOR_LINES_MAX; i++) {
        const stack_target *target = &state->targets.items[i];
        if (!skewed) { /* else the age means nothing */
            check_age(state, target, targets->asked_at_ms);
        }
        if (strcmp(target->health, "up") == 0 && asked < ENDPOINTS_MAX) {
            asked++;
            compare_endpoint(state, target);
        }
    }
    if (state->lines == 0) {
        doctor_ok(state, "all clocks agree%s", asked > 0 ? ", and scrapes are on time" : "");
    }
}
