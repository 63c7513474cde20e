/* SPDX-License-Identifier: Apache-2.0 */
#include "stack/engine.h"

#include "stack/engine_impl.h"
#include "stack/output.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define NS_PER_S INT64_C(1000000000)

enum {
    PROBE_S = 10, /* for each question: an engine that is well answers in a tenth of a second */
    TOOL_S = 30 /* docker-compose 1 needs a second to begin, and ten when the machine is busy: it is there */
};

/* --- Names ----------------------------------------------------------------------------------------- */

static const struct tool_row {
    const char *const words[3];
    const char *name;
} tools[] = {
    [STACK_TOOL_NONE] = {{NULL}, "none"},
    [STACK_TOOL_DOCKER_PLUGIN] = {{"docker", "compose", NULL}, "docker compose"},
    [STACK_TOOL_DOCKER_COMPOSE] = {{"docker-compose", NULL}, "docker-compose"},
    [STACK_TOOL_PODMAN_PLUGIN] = {{"podman", "compose", NULL}, "podman compose"},
    [STACK_TOOL_PODMAN_COMPOSE] = {{"podman-compose", NULL}, "podman-compose"},
};

const char *const *stack_tool_words(stack_tool tool)
{
    return tools[tool].words;
}

const char *stack_tool_name(stack_tool tool)
{
    return tools[tool].name;
}

const char *stack_engine_name(stack_engine engine)
{
    static const char *const names[] = {[STACK_ENGINE_AUTO] = "auto",
                                        [STACK_ENGINE_DOCKER] = "docker",
                                        [STACK_ENGINE_PODMAN] = "podman",
                                        [STACK_ENGINE_NATIVE] = "native"};
    return names[engine];
}

/* --- Networks -------------------------------------------------------------------------------------- */

/* A virtual machine's network is not this machine's, nor is that of the namespace where a rootless Docker
 * lives. Rootless podman enters the host's network by itself. An engine that remaps users refuses the
 * host's. */
stack_network stack_engine_network(const stack_engine_info *info)
{
    bool bridge = info->engine == STACK_ENGINE_DOCKER && (info->desktop || info->rootless || info->remapped);
    return bridge ? STACK_NETWORK_BRIDGE : STACK_NETWORK_HOST;
}

const char *stack_engine_host_name(stack_engine engine)
{
    return engine == STACK_ENGINE_PODMAN ? "host.containers.internal" : "host.docker.internal";
}

const char *stack_engine_host_gateway(const stack_engine_info *info)
{
    /* podman's containers all have its name; podman 4.3, that of Debian 12, refuses "host-gateway". */
    if (info->desktop || info->engine != STACK_ENGINE_DOCKER) {
        return NULL;
    }
    return info->rootless ? info->address : "host-gateway";
}

/* --- What the probes share ------------------------------------------------------------------------- */

static bool run(const engine_probe *probe, const char *const *arguments, int seconds,
                ifm_os_command_result *result, ifm_error *err)
{
    const ifm_os_command command = {
        .arguments = arguments, .timeout_ns = seconds * NS_PER_S, .cancel_fd = probe->cancel_fd};
    return probe->system->run(probe->system->context, &command, result, err);
}

bool stack_probe_run(const engine_probe *probe, const char *const *arguments, ifm_os_command_result *result,
                     ifm_error *err)
{
    return run(probe, arguments, PROBE_S, result, err);
}

bool stack_probe_tool(const engine_probe *probe, stack_tool tool, const char *const *arguments,
                      ifm_os_command_result *said)
{
    ifm_os_command_result result;
    ifm_error ignored; /* the next tool may be there */
    if (said != NULL) {
        *said = (ifm_os_command_result){0};
    }
    if (!run(probe, arguments, TOOL_S, &result, &ignored)) {
        return false;
    }
    char version[sizeof probe->out->tool_version];
    bool ok = result.status == 0 && stack_output_version(result.out, version, sizeof version);
    if (ok) {
        probe->out->tool = tool;
        memcpy(probe->out->tool_version, version, sizeof version);
    }
    if (ok && said != NULL) {
        *said = result;
    } else {
        ifm_os_command_result_deinit(&result);
    }
    return ok;
}

json_t *stack_probe_json(const char *text)
{
    return json_loads(text, JSON_DISABLE_EOF_CHECK, NULL);
}

const char *stack_json_text(const json_t *json, ...)
{
    va_list keys;
    va_start(keys, json);
    for (const char *key = va_arg(keys, const char *); key != NULL; key = va_arg(keys, const char *)) {
        json = json_object_get(json, key);
    }
    va_end(keys);
    const char *text = json_string_value(json);
    return text == NULL ? "" : text;
}

void stack_probe_fault(const engine_probe *probe, stack_fault fault, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(probe->out->cause, sizeof probe->out->cause, format, arguments);
    va_end(arguments);
    probe->out->fault = fault;
}

void stack_probe_fix(const engine_probe *probe, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(probe->out->fix, sizeof probe->out->fix, format, arguments);
    va_end(arguments);
}

void stack_probe_not_run(const engine_probe *probe, const char *name, const ifm_error *err)
{
    if (err->code == IFM_NOT_FOUND) {
        stack_probe_fault(probe, STACK_FAULT_NOT_INSTALLED, "%s is not installed", name);
    } else if (err->code == IFM_TIMEOUT) {
        stack_probe_fault(probe, STACK_FAULT_OTHER, "%s did not answer within %d s", name, PROBE_S);
    } else {
        stack_probe_fault(probe, STACK_FAULT_OTHER, "%s could not be asked: %s", name, err->message);
        stack_probe_fix(probe, "try again");
    }
}

/* --- Prometheus of this machine --------------------------------------------------------------------- */

static void probe_native(const engine_probe *probe)
{
    static const char *const version[] = {"prometheus", "--version", NULL};
    stack_engine_info *out = probe->out;
    ifm_os_command_result result;
    ifm_error err;
    if (!stack_probe_run(probe, version, &result, &err)) {
        stack_probe_not_run(probe, "Prometheus (the program \"prometheus\")", &err);
        if (out->fault == STACK_FAULT_NOT_INSTALLED) {
            stack_install_prometheus(probe);
        } else if (out->fix[0] == '\0') {
            stack_probe_fix(probe, "prometheus --version");
        }
        return;
    }
    if (result.status != 0 ||
        !stack_output_version(result.out, out->server_version, sizeof out->server_version)) {
        char line[STACK_SENTENCE_SIZE / 2];
        stack_output_last_line(result.err, line, sizeof line);
        stack_probe_fault(probe, STACK_FAULT_OTHER, "the program \"prometheus\" does not say its version%s%s",
                          line[0] == '\0' ? "" : ": ", line);
        stack_probe_fix(probe, "prometheus --version");
    }
    ifm_os_command_result_deinit(&result);
}

void stack_engine_probe(const stack_system *system, stack_engine engine, int cancel_fd,
                        stack_engine_info *out)
{
    *out = (stack_engine_info){.engine = engine};
    const engine_probe probe = {.system = system, .cancel_fd = cancel_fd, .out = out};
    if (engine == STACK_ENGINE_PODMAN) {
        stack_probe_podman(&probe);
    } else if (engine == STACK_ENGINE_NATIVE) {
        probe_native(&probe);
    } else {
        stack_probe_docker(&probe);
    }
}
