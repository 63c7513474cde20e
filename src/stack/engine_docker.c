/* SPDX-License-Identifier: Apache-2.0
 *
 * "Cannot connect to the Docker daemon ... Is the docker daemon running?" is what Docker's client says to
 * half a dozen different faults. Which of them it is follows from where the client looked (its context),
 * from what is there (the socket), and from who we are:
 *
 *     the client is not there                                    not installed
 *     its context is missing, or is another machine              wrong context
 *     it was refused ("permission denied")                       no permission: the group, or the session
 *     nothing is at its socket, but at another of ours           wrong context
 *     nothing is at its socket, and there is no engine           not installed
 *     nothing, or nobody who answers, is at its socket           not running
 */
#include "stack/engine_impl.h"
#include "stack/output.h"

#include <stdio.h>
#include <string.h>

#define DEFAULT_SOCKET "/var/run/docker.sock"
#define UNIX           "unix://"

enum { PLACE_SIZE = 512 /* of a DOCKER_HOST */ };

/* Where the client looks for its engine. */
typedef struct docker_place {
    char host[PLACE_SIZE]; /* "unix:///var/run/docker.sock", "tcp://10.0.0.1:2375" */
    char context[64];      /* "default" */
} docker_place;

static const char *environment(const engine_probe *probe, const char *name)
{
    const char *value = probe->system->environment(probe->system->context, name);
    return value == NULL ? "" : value;
}

/* --- The place ------------------------------------------------------------------------------------- */

static void docker_place_ask(const engine_probe *probe, docker_place *out)
{
    static const char *const words[] = {"docker", "context", "inspect", "--format", "{{json .}}", NULL};
    const char *host = environment(probe, "DOCKER_HOST");
    snprintf(out->host, sizeof out->host, "%s", host[0] == '\0' ? UNIX DEFAULT_SOCKET : host);
    out->context[0] = '\0';
    ifm_os_command_result result;
    ifm_error ignored; /* a client before 19.03 has no contexts, only the variable */
    if (!stack_probe_run(probe, words, &result, &ignored)) {
        return;
    }
    json_t *context = stack_probe_json(result.out);
    const char *said = stack_json_text(context, "Endpoints", "docker", "Host", NULL);
    if (result.status == 0 && said[0] != '\0') {
        snprintf(out->host, sizeof out->host, "%s", said);
        snprintf(out->context, sizeof out->context, "%s", stack_json_text(context, "Name", NULL));
    }
    json_decref(context);
    ifm_os_command_result_deinit(&result);
}

/* The socket's path; NULL when it is none. */
static const char *place_socket(const docker_place *place)
{
    return strncmp(place->host, UNIX, strlen(UNIX)) == 0 ? place->host + strlen(UNIX) : NULL;
}

/* The client takes "10.0.0.1:2375" for tcp:// too. */
static bool place_is_remote(const docker_place *place)
{
    static const char *const loopback[] = {"localhost", "127.", "::1", "[::1]"};
    if (place_socket(place) != NULL) {
        return false;
    }
    const char *scheme_end = strstr(place->host, "://");
    const char *host = scheme_end == NULL ? place->host : scheme_end + 3;
    const char *user_end = strchr(host, '@');
    host = user_end == NULL ? host : user_end + 1;
    if (*host == '\0' || *host == '/' || *host == ':') {
        return false; /* npipe:////./pipe, fd://, tcp://:2375 */
    }
    for (size_t i = 0; i < IFM_COUNT_OF(loopback); i++) {
        if (strncmp(host, loopback[i], strlen(loopback[i])) == 0) {
            return false;
        }
    }
    return true;
}

static void fix_place(const engine_probe *probe)
{
    if (environment(probe, "DOCKER_HOST")[0] != '\0') {
        stack_probe_fix(probe, "unset DOCKER_HOST");
    } else if (environment(probe, "DOCKER_CONTEXT")[0] != '\0') {
        stack_probe_fix(probe, "unset DOCKER_CONTEXT");
    } else {
        stack_probe_fix(probe, "docker context use default");
    }
}

/* Who led the client there, for a sentence: "DOCKER_HOST", "the context \"lab\"". */
static const char *place_origin(const engine_probe *probe, const docker_place *place, char out[static 96])
{
    if (environment(probe, "DOCKER_HOST")[0] != '\0') {
        return "DOCKER_HOST";
    }
    snprintf(out, 96, "the context \"%s\" of the Docker client", place->context);
    return out;
}

/* --- Not running ----------------------------------------------------------------------------------- */

/* A socket of this user's own engine: rootless Docker's. */
static bool find_user_socket(const engine_probe *probe, char out[static STACK_HOST_PATH_SIZE])
{
    const char *folder = environment(probe, "XDG_RUNTIME_DIR");
    int length = folder[0] == '/' ? snprintf(out, STACK_HOST_PATH_SIZE, "%s/docker.sock", folder)
                                  : snprintf(out, STACK_HOST_PATH_SIZE, "/run/user/%u/docker.sock",
                                             stack_host_user(probe->system));
    return length < STACK_HOST_PATH_SIZE && stack_host_has(probe->system, out);
}

static bool has_desktop(const engine_probe *probe)
{
    char path[STACK_HOST_PATH_SIZE];
    int length = snprintf(path, sizeof path, "%s/.docker/desktop/docker.sock", environment(probe, "HOME"));
    return length < STACK_HOST_PATH_SIZE && path[0] == '/' && stack_host_has(probe->system, path);
}

static bool has_engine_program(const stack_system *system)
{
    static const char *const paths[] = {"/usr/bin/dockerd", "/usr/sbin/dockerd", "/usr/local/bin/dockerd",
                                        "/snap/bin/dockerd", "/snap/docker"};
    for (size_t i = 0; i < IFM_COUNT_OF(paths); i++) {
        if (stack_host_has(system, paths[i])) {
            return true;
        }
    }
    return false;
}

static void fix_not_running(const engine_probe *probe)
{
    const stack_system *system = probe->system;
    const char *sudo = stack_host_sudo(system);
    if (stack_host_has(system, "/snap/docker")) {
        stack_probe_fix(probe, "%ssnap start docker", sudo);
    } else if (stack_host_has_systemd(system)) {
        stack_probe_fix(probe, "%ssystemctl start docker", sudo);
    } else if (stack_host_has(system, "/etc/init.d/docker")) {
        stack_probe_fix(probe, "%sservice docker start", sudo);
    } else {
        stack_probe_fix(probe, "%sdockerd", sudo);
    }
}

/* Nobody is at the socket that every client knows. */
static void default_socket_is_silent(const engine_probe *probe)
{
    char socket[STACK_HOST_PATH_SIZE];
    if (stack_host_has(probe->system, DEFAULT_SOCKET)) {
        stack_probe_fault(probe, STACK_FAULT_NOT_RUNNING,
                          "the Docker engine is not running: nobody answers at \"%s\"", DEFAULT_SOCKET);
        fix_not_running(probe);
    } else if (find_user_socket(probe, socket)) {
        stack_probe_fault(
            probe, STACK_FAULT_WRONG_CONTEXT,
            "the Docker client looks for an engine at \"%s\", but yours is rootless and at \"%s\"",
            DEFAULT_SOCKET, socket);
        stack_probe_fix(probe, "export DOCKER_HOST=" UNIX "%s", socket);
    } else if (has_desktop(probe)) {
        stack_probe_fault(probe, STACK_FAULT_WRONG_CONTEXT,
                          "the Docker client looks for an engine at \"%s\", but yours is Docker Desktop",
                          DEFAULT_SOCKET);
        stack_probe_fix(probe, "docker context use desktop-linux");
    } else if (!has_engine_program(probe->system)) {
        stack_probe_fault(probe, STACK_FAULT_NOT_INSTALLED,
                          "the Docker client is installed, but no Docker engine (dockerd)");
        stack_install_docker(probe);
    } else {
        stack_probe_fault(probe, STACK_FAULT_NOT_RUNNING,
                          "the Docker engine is not running: its socket \"%s\" does not exist",
                          DEFAULT_SOCKET);
        fix_not_running(probe);
    }
}

static bool is_default_socket(const char *socket)
{
    return strcmp(socket, DEFAULT_SOCKET) == 0 || strcmp(socket, "/run/docker.sock") == 0;
}

static bool is_user_socket(const char *socket)
{
    return strncmp(socket, "/run/user/", 10) == 0 || strncmp(socket, "/var/run/user/", 14) == 0;
}

static void engine_is_silent(const engine_probe *probe, const docker_place *place)
{
    const char *socket = place_socket(place);
    char origin[96];
    if (socket != NULL && is_default_socket(socket)) {
        default_socket_is_silent(probe);
    } else if (socket != NULL && is_user_socket(socket) && !stack_host_has(probe->system, DEFAULT_SOCKET)) {
        stack_probe_fault(probe, STACK_FAULT_NOT_RUNNING,
                          "the rootless Docker engine is not running: nobody answers at \"%s\"", socket);
        stack_probe_fix(probe, "systemctl --user start docker");
    } else if (socket != NULL && strstr(socket, "/.docker/desktop/") != NULL) {
        stack_probe_fault(probe, STACK_FAULT_NOT_RUNNING, "Docker Desktop is not running");
        stack_probe_fix(probe, "systemctl --user start docker-desktop");
    } else {
        stack_probe_fault(probe, STACK_FAULT_WRONG_CONTEXT,
                          "%s leads to \"%s\", where no Docker engine answers",
                          place_origin(probe, place, origin), place->host);
        fix_place(probe);
    }
}

/* --- No permission --------------------------------------------------------------------------------- */

static const char *restart_command(const stack_system *system)
{
    return stack_host_has_systemd(system) ? "systemctl restart docker" : "service docker restart";
}

#define GROUP_IS_ROOT                                                                                        \
    "; then log in again (members of that group can become root; rootless Docker and podman need no such "   \
    "right)"

/* The socket is for root and for a group. Opening it to all would give everybody root, so nothing here says
 * so. */
static void permission_is_missing(const engine_probe *probe, const char *socket)
{
    const stack_system *system = probe->system;
    char user[STACK_HOST_NAME_SIZE];
    char group[STACK_HOST_NAME_SIZE] = "";
    bool listed = false;
    struct stat status;
    stack_host_user_name(system, user);
    bool known = socket != NULL && stack_host_stat(system, socket, &status);
    if (known) {
        stack_host_group(system, status.st_gid, user, group, &listed);
    }
    if (known && (status.st_gid == 0 || group[0] == '\0')) {
        stack_probe_fault(probe, STACK_FAULT_NO_PERMISSION,
                          "user \"%s\" may not use the Docker engine: its socket \"%s\" is for root alone",
                          user, socket);
        stack_probe_fix(probe,
                        "sudo groupadd --force docker && sudo usermod -aG docker %s && sudo %s" GROUP_IS_ROOT,
                        user, restart_command(system));
    } else if (known && stack_host_is_in_group(system, status.st_gid)) {
        stack_probe_fault(
            probe, STACK_FAULT_NO_PERMISSION,
            "user \"%s\" is in the group \"%s\" and yet was refused at \"%s\": a security module "
            "(SELinux, AppArmor) may forbid it",
            user, group, socket);
        stack_probe_fix(probe, "sudo journalctl --boot --grep='denied.*docker'");
    } else if (listed) {
        stack_probe_fault(
            probe, STACK_FAULT_NO_PERMISSION,
            "user \"%s\" was added to the group \"%s\", which may use the Docker engine, but this "
            "session began before that",
            user, group);
        stack_probe_fix(probe, "newgrp %s (for this shell; for all: log in again)", group);
    } else {
        const char *name = group[0] == '\0' ? "docker" : group;
        stack_probe_fault(probe, STACK_FAULT_NO_PERMISSION,
                          "user \"%s\" may not use the Docker engine: its socket is for the group \"%s\"",
                          user, name);
        stack_probe_fix(probe, "sudo usermod -aG %s %s" GROUP_IS_ROOT, name, user);
    }
}

/* --- The engine answers ----------------------------------------------------------------------------- */

static bool has_security_option(const json_t *info, const char *name)
{
    size_t index;
    const json_t *option;
    json_array_foreach(json_object_get(info, "SecurityOptions"), index, option)
    {
        const char *text = json_string_value(option);
        if (text != NULL && strncmp(text, name, strlen(name)) == 0) {
            return true;
        }
    }
    return false;
}

static void docker_info_take(const engine_probe *probe, const json_t *info)
{
    stack_engine_info *out = probe->out;
    out->rootless = has_security_option(info, "name=rootless");
    out->remapped = has_security_option(info, "name=userns");
    if (out->rootless) {
        stack_rootless_address(probe);
    }
    out->desktop =
        out->desktop || strstr(stack_json_text(info, "OperatingSystem", NULL), "Docker Desktop") != NULL;
    out->snap = strncmp(stack_json_text(info, "DockerRootDir", NULL), "/var/snap/", 10) == 0;
    const char *wrong = json_string_value(json_array_get(json_object_get(info, "ServerErrors"), 0));
    if (wrong != NULL) {
        char line[STACK_SENTENCE_SIZE / 2];
        stack_probe_fault(probe, STACK_FAULT_OTHER, "the Docker engine does not work: %s",
                          stack_output_last_line(wrong, line, sizeof line));
        stack_probe_fix(probe, "docker info");
    }
}

static void docker_info(const engine_probe *probe)
{
    static const char *const words[] = {"docker", "info", "--format", "{{json .}}", NULL};
    ifm_os_command_result result;
    ifm_error err;
    if (!stack_probe_run(probe, words, &result, &err)) {
        stack_probe_not_run(probe, "the Docker engine", &err);
        return;
    }
    json_t *info = stack_probe_json(result.out);
    docker_info_take(probe, info);
    json_decref(info);
    ifm_os_command_result_deinit(&result);
}

static void docker_tool(const engine_probe *probe)
{
    static const char *const plugin[] = {"docker", "compose", "version", "--short", NULL};
    static const char *const program[] = {"docker-compose", "version", "--short", NULL};
    stack_engine_info *out = probe->out;
    if (stack_probe_tool(probe, STACK_TOOL_DOCKER_PLUGIN, plugin, NULL)) {
        return;
    }
    if (!stack_probe_tool(probe, STACK_TOOL_DOCKER_COMPOSE, program, NULL)) {
        stack_probe_fault(probe, STACK_FAULT_NO_COMPOSE,
                          "the Docker engine works, but there is neither docker compose nor docker-compose");
        stack_install_docker_compose(probe);
    } else if (strncmp(out->tool_version, "1.", 2) == 0) {
        snprintf(
            out->note, sizeof out->note,
            "docker-compose %s still does its work, but is maintained no longer: docker compose, a plugin of "
            "Docker, took its place",
            out->tool_version);
    }
}

static void docker_works(const engine_probe *probe, const json_t *server)
{
    stack_engine_info *out = probe->out;
    snprintf(out->server_version, sizeof out->server_version, "%s", stack_json_text(server, "Version", NULL));
    out->desktop = strncmp(stack_json_text(server, "Platform", "Name", NULL), "Docker Desktop", 14) == 0;
    docker_info(probe);
    if (out->fault == STACK_FAULT_NONE) {
        docker_tool(probe);
    }
}

/* --- All of it ------------------------------------------------------------------------------------- */

/* podman's stand-in for the command docker says so, unless it was told not to; its JSON differs in the case
 * of a key. A real client that was led to podman's service finds a component of that name. */
static bool is_podman(const json_t *version, const char *said)
{
    size_t index;
    const json_t *component;
    json_array_foreach(json_object_get(json_object_get(version, "Server"), "Components"), index, component)
    {
        if (strcmp(stack_json_text(component, "Name", NULL), "Podman Engine") == 0) {
            return true;
        }
    }
    return strstr(said, "Emulate Docker CLI using podman") != NULL ||
           json_object_get(json_object_get(version, "Client"), "APIVersion") != NULL;
}

static bool is_context_missing(const char *said)
{
    return strstr(said, "ontext \"") != NULL &&
           (strstr(said, "not found") != NULL || strstr(said, "does not exist") != NULL);
}

static void docker_is_silent(const engine_probe *probe, const docker_place *place, const char *said)
{
    char line[STACK_SENTENCE_SIZE / 2];
    if (is_context_missing(said)) {
        stack_probe_fault(probe, STACK_FAULT_WRONG_CONTEXT, "the Docker client has no such context: %s",
                          stack_output_last_line(said, line, sizeof line));
        fix_place(probe);
    } else if (strcasestr(said, "permission denied") != NULL) {
        permission_is_missing(probe, place_socket(place));
    } else if (strstr(said, "Cannot connect to the Docker daemon") != NULL ||
               strstr(said, "error during connect") != NULL || strstr(said, "no such file") != NULL) {
        engine_is_silent(probe, place);
    } else {
        stack_probe_fault(probe, STACK_FAULT_OTHER, "the Docker engine does not work: %s",
                          stack_output_last_line(said, line, sizeof line));
        stack_probe_fix(probe, "docker version");
    }
}

static void docker_timed_out(const engine_probe *probe, const ifm_error *err)
{
    stack_probe_not_run(probe, "the Docker engine", err);
    if (err->code == IFM_TIMEOUT) {
        stack_probe_fix(probe, "%s%s", stack_host_sudo(probe->system), restart_command(probe->system));
    }
}

/* `ran` is whether the client did; then `result` is what it said, and else `err` why not. */
static void docker_judge(const engine_probe *probe, bool ran, const ifm_os_command_result *result,
                         const ifm_error *err)
{
    json_t *version = ran ? stack_probe_json(result->out) : NULL;
    const json_t *server = json_object_get(version, "Server");
    docker_place place;
    char origin[96];
    if (ran && is_podman(version, result->err)) {
        probe->out->engine = STACK_ENGINE_PODMAN;
        json_decref(version);
        stack_probe_podman(probe);
        return;
    }
    docker_place_ask(probe, &place);
    if (place_is_remote(&place)) {
        stack_probe_fault(probe, STACK_FAULT_WRONG_CONTEXT,
                          "%s leads to another machine, \"%s\": containers there do not reach this one",
                          place_origin(probe, &place, origin), place.host);
        fix_place(probe);
    } else if (!ran) {
        docker_timed_out(probe, err);
    } else if (result->status == 0 && json_is_object(server)) {
        docker_works(probe, server);
    } else {
        docker_is_silent(probe, &place, result->err);
    }
    json_decref(version);
}

void stack_probe_docker(const engine_probe *probe)
{
    static const char *const words[] = {"docker", "version", "--format", "{{json .}}", NULL};
    ifm_os_command_result result = {0};
    ifm_error err = {0};
    bool ran = stack_probe_run(probe, words, &result, &err);
    if (ran || err.code == IFM_TIMEOUT) {
        docker_judge(probe, ran, &result, &err);
    } else {
        stack_probe_not_run(probe, "Docker", &err);
        if (probe->out->fault == STACK_FAULT_NOT_INSTALLED) {
            stack_install_docker(probe);
        }
    }
    ifm_os_command_result_deinit(&result);
}
