/* SPDX-License-Identifier: Apache-2.0 */
#include "stack/compose_impl.h"

#include <string.h>

/* Only docker compose has a word for "never pull": with the others that every image is here already is what
 * keeps them from it. Releases before 2.3 do not know the word. */
static bool run_up(const stack_compose *compose, bool never_pull, ifm_os_command_result *result,
                   ifm_error *err)
{
    compose_command command = {0};
    stack_command_add_tool(compose, &command);
    stack_command_add_project(compose, &command);
    stack_command_add_all(&command,
                          (const char *const[]){"up", "-d", "--no-build", "--remove-orphans", NULL});
    if (never_pull) {
        stack_command_add_all(&command, (const char *const[]){"--pull", "never", NULL});
    }
    return stack_command_run(compose, &command, result, err) ||
           ifm_error_wrap(err, "could not start the containers");
}

static bool is_said(const ifm_os_command_result *result, const char *text)
{
    return strstr(result->err, text) != NULL || strstr(result->out, text) != NULL;
}

static bool up_plainly(const stack_compose *compose, ifm_error *err)
{
    bool never_pull = compose->tool == STACK_TOOL_DOCKER_PLUGIN;
    ifm_os_command_result result;
    bool ran = run_up(compose, never_pull, &result, err);
    if (ran && result.status != 0 && is_said(&result, "unknown flag: --pull")) {
        ifm_os_command_result_deinit(&result);
        ran = run_up(compose, false, &result, err);
    }
    /* docker-compose 1.29 cannot recreate a container of an engine that has left out what nobody used any
     * more; it can create one. */
    if (ran && result.status != 0 && is_said(&result, "'ContainerConfig'")) {
        ifm_os_command_result_deinit(&result);
        ran = stack_compose_remove_containers(compose, err) && run_up(compose, false, &result, err);
    }
    if (!ran) {
        return false;
    }
    bool ok = result.status == 0 || stack_compose_fail(&result, err, "start the containers");
    ifm_os_command_result_deinit(&result);
    return ok;
}

/* --- Up with podman-compose ------------------------------------------------------------------------- */

/* podman-compose 1.0.3, that of Debian 12, gives a container that shares the host's network a second one,
 * which podman refuses. So it runs this instead of podman. */
#define WRAPPER_NAME "podman-for-compose"
static const char wrapper[] = "#!/bin/sh\n"
                              "# SPDX-License-Identifier: Apache-2.0\n"
                              "# podman without a second network for a container that shares the host's\n"
                              "case \" $* \" in\n"
                              "*' --network host '*) ;;\n"
                              "*) exec podman \"$@\" ;;\n"
                              "esac\n"
                              "left=$#\n"
                              "while [ \"$left\" -gt 0 ]; do\n"
                              "    case $1 in\n"
                              "    --net | --network-alias)\n"
                              "        shift 2\n"
                              "        left=$((left - 2))\n"
                              "        ;;\n"
                              "    *)\n"
                              "        set -- \"$@\" \"$1\"\n"
                              "        shift\n"
                              "        left=$((left - 1))\n"
                              "        ;;\n"
                              "    esac\n"
                              "done\n"
                              "exec podman \"$@\"\n";

/* It goes on after a failure and ends with 0, but tells what each podman ended with: "exit code: 125". */
static bool has_exit_code(const char *text)
{
    static const char words[] = "exit code: ";
    for (const char *at = strstr(text, words); at != NULL; at = strstr(at + 1, words)) {
        char first = at[sizeof words - 1];
        if (first >= '1' && first <= '9') {
            return true;
        }
    }
    return false;
}

/* It starts what is there, changed or not: so nothing is there. */
static bool up_with_podman_compose(const stack_compose *compose, ifm_error *err)
{
    const ifm_os_replace_target target = {
        .files = &ifm_os_files_real, .directory = compose->folder, .name = WRAPPER_NAME, .mode = 0700};
    char *path = ifm_os_path_join(compose->folder, WRAPPER_NAME, err);
    if (path == NULL) {
        return false;
    }
    compose_command command = {0};
    stack_command_add_tool(compose, &command);
    stack_command_add_all(&command, (const char *const[]){"--podman-path", path, NULL});
    stack_command_add_project(compose, &command);
    stack_command_add_all(&command, (const char *const[]){"up", "-d", "--no-build", NULL});
    ifm_os_command_result result = {0};
    bool ok = ifm_os_replace(&target, 0, wrapper, sizeof wrapper - 1, err) &&
              stack_compose_remove_containers(compose, err) &&
              (stack_command_run(compose, &command, &result, err) ||
               ifm_error_wrap(err, "could not start the containers"));
    if (ok && (result.status != 0 || has_exit_code(result.out) || has_exit_code(result.err))) {
        ok = stack_compose_fail(&result, err, "start the containers");
    }
    ifm_os_command_result_deinit(&result);
    ifm_free(path);
    return ok;
}

bool stack_compose_up(const stack_compose *compose, ifm_error *err)
{
    return compose->tool == STACK_TOOL_PODMAN_COMPOSE ? up_with_podman_compose(compose, err)
                                                      : up_plainly(compose, err);
}
