/* SPDX-License-Identifier: Apache-2.0
 *
 * podman has no daemon: when it is installed it runs, unless its store, its user ids or a remote service
 * are at fault. Of its compose tools `podman compose` only passes the work on, to docker-compose, which
 * speaks to the socket of a service that few have running, or to podman-compose, which needs none.
 */
#include "stack/engine_impl.h"
#include "stack/output.h"

#include <string.h>

/* Faults that `podman info` ends with. */
static void podman_fault(const engine_probe *probe, const char *said)
{
    char line[STACK_SENTENCE_SIZE / 2];
    stack_output_last_line(said, line, sizeof line);
    stack_probe_fault(probe, STACK_FAULT_OTHER, "podman does not work: %s", line);
    if (strstr(said, "newuidmap") != NULL || strstr(said, "newgidmap") != NULL) {
        stack_probe_fix(probe, "install newuidmap and newgidmap (package uidmap or shadow-utils)");
    } else if (strstr(said, "/etc/subuid") != NULL || strstr(said, "/etc/subgid") != NULL) {
        char name[STACK_HOST_NAME_SIZE];
        stack_probe_fix(probe, "sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 %s",
                        stack_host_user_name(probe->system, name));
    } else if (strcasestr(said, "connect to Podman") != NULL) {
        probe->out->fault = STACK_FAULT_WRONG_CONTEXT;
        stack_probe_fix(probe, "unset CONTAINER_HOST CONTAINER_CONNECTION");
    } else {
        stack_probe_fix(probe, "podman info");
    }
}

/* What `podman info` says; false when that is a fault. */
static bool podman_info(const engine_probe *probe, bool *has_socket)
{
    static const char *const words[] = {"podman", "info", "--format", "json", NULL};
    stack_engine_info *out = probe->out;
    ifm_os_command_result result;
    ifm_error err;
    if (!stack_probe_run(probe, words, &result, &err)) {
        stack_probe_not_run(probe, "podman", &err);
        if (out->fault == STACK_FAULT_NOT_INSTALLED) {
            stack_install_podman(probe);
        } else if (out->fix[0] == '\0') {
            stack_probe_fix(probe, "podman info");
        }
        return false;
    }
    json_t *info = stack_probe_json(result.out);
    const json_t *host = json_object_get(info, "host");
    if (result.status != 0 || host == NULL) {
        podman_fault(probe, result.err);
    } else if (json_is_true(json_object_get(host, "serviceIsRemote"))) {
        stack_probe_fault(probe, STACK_FAULT_WRONG_CONTEXT,
                          "podman runs its containers on another machine, where they do not find this one");
        stack_probe_fix(probe, "unset CONTAINER_HOST CONTAINER_CONNECTION");
    } else {
        stack_output_version(stack_json_text(info, "version", "Version", NULL), out->server_version,
                             sizeof out->server_version);
        out->rootless = json_is_true(json_object_get(json_object_get(host, "security"), "rootless"));
        *has_socket = json_is_true(json_object_get(json_object_get(host, "remoteSocket"), "exists"));
    }
    json_decref(info);
    ifm_os_command_result_deinit(&result);
    return out->fault == STACK_FAULT_NONE;
}

/* Whether `podman compose` leads to a tool that works: sets *needs_socket when only its service is missing.
 * */
static bool podman_plugin(const engine_probe *probe, bool has_socket, bool *needs_socket)
{
    static const char *const words[] = {"podman", "compose", "version", NULL};
    stack_engine_info *out = probe->out;
    ifm_os_command_result said;
    if (!stack_probe_tool(probe, STACK_TOOL_PODMAN_PLUGIN, words, &said)) {
        return false;
    }
    bool is_own = strstr(said.out, "podman-compose") != NULL || strstr(said.err, "podman-compose\"") != NULL;
    ifm_os_command_result_deinit(&said);
    *needs_socket = !is_own && !has_socket;
    if (is_own || *needs_socket) { /* podman-compose is better called by its name */
        out->tool = STACK_TOOL_NONE;
        out->tool_version[0] = '\0';
        return false;
    }
    return true;
}

/* It tells podman's version too, which comes first when nobody watches: podman prints that itself, and
 * Python keeps what it prints until its end. */
static bool podman_compose(const engine_probe *probe)
{
    static const char *const words[] = {"podman-compose", "version", NULL};
    stack_engine_info *out = probe->out;
    ifm_os_command_result said;
    if (!stack_probe_tool(probe, STACK_TOOL_PODMAN_COMPOSE, words, &said)) {
        return false;
    }
    const char *own = strstr(said.out, "podman-compose");
    if (own != NULL) {
        stack_output_version(own, out->tool_version, sizeof out->tool_version);
    }
    ifm_os_command_result_deinit(&said);
    return true;
}

void stack_probe_podman(const engine_probe *probe)
{
    stack_engine_info *out = probe->out;
    bool has_socket = false;
    bool needs_socket = false;
    if (!podman_info(probe, &has_socket) || podman_plugin(probe, has_socket, &needs_socket) ||
        podman_compose(probe)) {
        return;
    }
    if (needs_socket) {
        stack_probe_fault(
            probe, STACK_FAULT_NO_COMPOSE,
            "podman works, but its compose tool docker-compose needs podman's service, which does "
            "not run");
        stack_probe_fix(probe, out->rootless ? "systemctl --user enable --now podman.socket"
                                             : "systemctl enable --now podman.socket");
    } else {
        stack_probe_fault(probe, STACK_FAULT_NO_COMPOSE,
                          "podman works, but there is neither podman compose nor podman-compose");
        stack_install_podman_compose(probe);
    }
}
