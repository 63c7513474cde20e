/* SPDX-License-Identifier: Apache-2.0 */
#include "stack/doctor.h"

#include "stack/doctor_impl.h"
#include "stack/text.h"

#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

const doctor_entry doctor_checks[STACK_DOCTOR_COUNT] = {
    {"D1", "container engine", doctor_d1_engine},
    {"D2", "Docker's socket", doctor_d2_socket},
    {"D3", "compose tool", doctor_d3_tool},
    {"D4", "this machine's name in containers", doctor_d4_host_name},
    {"D5", "targets", doctor_d5_targets},
    {"D6", "ports", doctor_d6_ports},
    {"D7", "files", doctor_d7_files},
    {"D8", "data folders", doctor_d8_data},
    {"D9", "permissions", doctor_d9_permissions},
    {"D10", "mounts", doctor_d10_mounts},
    {"D11", "Grafana reaches Prometheus", doctor_d11_source_health},
    {"D12", "data sources of dashboards", doctor_d12_sources},
    {"D13", "uid of the data source", doctor_d13_source_uid},
    {"D14", "admin password", doctor_d14_password},
    {"D15", "scrape interval", doctor_d15_interval},
    {"D16", "series", doctor_d16_series},
    {"D17", "form of dashboards", doctor_d17_form},
    {"D18", "SSH", doctor_d18_tunnel},
    {"D19", "images", doctor_d19_images},
    {"D20", "clocks", doctor_d20_clocks},
};

static bool is_cancelled(const stack_doctor *doctor)
{
    struct pollfd look = {.fd = doctor->cancel_fd, .events = POLLIN};
    return doctor->cancel_fd >= 0 && poll(&look, 1, 0) > 0;
}

void doctor_say(doctor_state *state, stack_doctor_status status, const char *fix, const char *format, ...)
{
    stack_doctor_result result = {
        .id = doctor_checks[state->check].id, .title = doctor_checks[state->check].title, .status = status};
    char made[2 * STACK_DOCTOR_TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(made, sizeof made, format, arguments);
    va_end(arguments);
    stack_text_copy(result.cause, sizeof result.cause, made);
    stack_text_copy(result.fix, sizeof result.fix, fix);
    state->lines++;
    if (!is_cancelled(state->doctor)) { /* else whatever was asked was interrupted, and is not at fault */
        state->doctor->report(state->doctor->context, &result);
    }
}

bool doctor_skip_without_stack(doctor_state *state)
{
    if (state->record == NULL) {
        doctor_skip(state, DOCTOR_NO_STACK);
    }
    return state->record == NULL;
}

bool doctor_skip_without_containers(doctor_state *state)
{
    if (doctor_skip_without_stack(state)) {
        return true;
    }
    if (doctor_is_native(state)) {
        doctor_skip(state, "the stack runs without containers");
        return true;
    }
    return false;
}

bool doctor_skip_without_grafana(doctor_state *state)
{
    if (doctor_skip_without_stack(state)) {
        return true;
    }
    if (!state->record->grafana) {
        doctor_skip(state, DOCTOR_NO_GRAFANA);
    }
    return !state->record->grafana;
}

bool stack_doctor_has_check(const char *id)
{
    for (size_t i = 0; i < STACK_DOCTOR_COUNT; i++) {
        if (strcasecmp(doctor_checks[i].id, id) == 0) {
            return true;
        }
    }
    return false;
}

/* With what `stack up` would begin. */
static void choose(doctor_state *state, char *choice)
{
    choice[0] = '\0';
    if (state->record != NULL || state->doctor->check != NULL) {
        return;
    }
    const stack_engine_info *info = doctor_engine_used(state);
    if (info == NULL) {
        snprintf(choice, STACK_DOCTOR_TEXT_SIZE,
                 "no stack was started, and inferometer stack up would find no engine to start one with");
    } else {
        snprintf(choice, STACK_DOCTOR_TEXT_SIZE,
                 "no stack was started; inferometer stack up would take %s %s%s%s",
                 stack_engine_name(info->engine), info->server_version,
                 info->tool == STACK_TOOL_NONE ? "" : " with ",
                 info->tool == STACK_TOOL_NONE ? "" : stack_tool_name(info->tool));
    }
}

bool stack_doctor_run(const stack_doctor *doctor, char *choice, ifm_error *err)
{
    doctor_state *state = ifm_alloc_zero(1, sizeof *state);
    if (state == NULL) {
        return ifm_error_nomem(err);
    }
    doctor_state_init(state, doctor);
    bool cancelled = false;
    for (state->check = 0; state->check < STACK_DOCTOR_COUNT; state->check++) {
        if (doctor->check != NULL && strcasecmp(doctor->check, doctor_checks[state->check].id) != 0) {
            continue;
        }
        cancelled = is_cancelled(doctor);
        if (cancelled) {
            break;
        }
        state->lines = 0;
        doctor_checks[state->check].check(state);
    }
    if (!cancelled) {
        choose(state, choice);
        cancelled = is_cancelled(doctor);
    }
    doctor_state_deinit(state);
    ifm_free(state);
    return !cancelled || ifm_error_set(err, IFM_CANCELED, "cancelled");
}
