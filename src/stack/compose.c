/* SPDX-License-Identifier: Apache-2.0 */
#include "stack/compose.h"

#include "stack/compose_impl.h"
#include "stack/output.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FILE_NAME     "compose.yaml"
#define LABEL_PROJECT "label=com.docker.compose.project="
#define LABEL_SERVICE "label=com.docker.compose.service="
#define NS_PER_S      INT64_C(1000000000)

enum {
    LABEL_SIZE = 128,
    REMOVE_ROUNDS = 3 /* one removes; a container that was just restarted may need the second */
};

/* --- Commands --------------------------------------------------------------------------------------- */

void stack_command_add(compose_command *command, const char *word)
{
    if (command->count == STACK_WORDS_MAX) {
        command->full = true;
        return;
    }
    command->words[command->count++] = word;
}

void stack_command_add_all(compose_command *command, const char *const *words)
{
    for (; *words != NULL; words++) {
        stack_command_add(command, *words);
    }
}

void stack_command_add_tool(const stack_compose *compose, compose_command *command)
{
    command->in_folder = true;
    stack_command_add_all(command, stack_tool_words(compose->tool));
}

void stack_command_add_project(const stack_compose *compose, compose_command *command)
{
    stack_command_add_all(command, (const char *const[]){"-p", compose->project, "-f", "compose.yaml", NULL});
}

const char *stack_compose_program(const stack_compose *compose)
{
    return compose->engine == STACK_ENGINE_PODMAN ? "podman" : "docker";
}

bool stack_command_run(const stack_compose *compose, compose_command *command, ifm_os_command_result *result,
                       ifm_error *err)
{
    /* Nothing but what was asked for: no advertisement, no word about which tool does the work. */
    static const char *const environment[] = {"DOCKER_CLI_HINTS=false", "PODMAN_COMPOSE_WARNING_LOGS=false",
                                              NULL};
    *result = (ifm_os_command_result){0};
    if (command->full) {
        return ifm_error_set(err, IFM_LIMIT, "\"%s\" would have more than %d arguments", command->words[0],
                             STACK_WORDS_MAX);
    }
    command->words[command->count] = NULL;
    int64_t timeout_ns = 0;
    if (compose->deadline_ns != 0) {
        timeout_ns = compose->deadline_ns - ifm_os_monotonic_ns();
        if (timeout_ns <= 0) {
            return ifm_error_set(err, IFM_TIMEOUT, "no time was left for \"%s\"", command->words[0]);
        }
    }
    const ifm_os_command run = {.arguments = command->words,
                                .environment = environment,
                                .directory = command->in_folder ? compose->folder : NULL,
                                .input = command->input,
                                .timeout_ns = timeout_ns,
                                .cancel_fd = compose->cancel_fd,
                                .inherit = command->inherit,
                                .progress = command->progress,
                                .context = command->context};
    return compose->system->run(compose->system->context, &run, result, err);
}

/* Runs a command of which only success matters. `what` is what could not be done. */
static bool run_plainly(const stack_compose *compose, compose_command *command, const char *what,
                        ifm_error *err)
{
    ifm_os_command_result result;
    if (!stack_command_run(compose, command, &result, err)) {
        return ifm_error_wrap(err, "could not %s", what);
    }
    bool ok = result.status == 0 || stack_compose_fail(&result, err, "%s", what);
    ifm_os_command_result_deinit(&result);
    return ok;
}

/* --- What is there ---------------------------------------------------------------------------------- */

/* Names of containers, networks or volumes, which point into the result. */
typedef struct name_list {
    ifm_os_command_result result;
    const char
        *names[STACK_WORDS_MAX / 2 + 1]; /* ends with NULL; of more the rest is left for the next time */
    size_t count;
} name_list;

static void name_list_deinit(name_list *list)
{
    ifm_os_command_result_deinit(&list->result);
}

/* `kind` as "ps", "--all", NULL; `service` NULL: of all services. */
static bool name_list_init(name_list *list, const stack_compose *compose, const char *const *kind,
                           const char *service, ifm_error *err)
{
    char project[LABEL_SIZE], label[LABEL_SIZE];
    snprintf(project, sizeof project, LABEL_PROJECT "%s", compose->project);
    *list = (name_list){0};
    compose_command command = {0};
    stack_command_add(&command, stack_compose_program(compose));
    stack_command_add_all(&command, kind);
    stack_command_add_all(&command, (const char *const[]){"--quiet", "--filter", project, NULL});
    if (service != NULL) {
        snprintf(label, sizeof label, LABEL_SERVICE "%s", service);
        stack_command_add_all(&command, (const char *const[]){"--filter", label, NULL});
    }
    if (!stack_command_run(compose, &command, &list->result, err)) {
        return ifm_error_wrap(err, "could not look for containers");
    }
    if (list->result.status != 0) {
        stack_compose_fail(&list->result, err, "look for containers");
        name_list_deinit(list);
        return false;
    }
    char *rest = list->result.out;
    for (char *name = strsep(&rest, "\n"); name != NULL; name = strsep(&rest, "\n")) {
        if (*name != '\0' && list->count + 1 < IFM_COUNT_OF(list->names)) {
            list->names[list->count++] = name;
        }
    }
    return true;
}

static bool containers(name_list *list, const stack_compose *compose, const char *service, ifm_error *err)
{
    return name_list_init(list, compose, (const char *const[]){"ps", "--all", "--no-trunc", NULL}, service,
                          err);
}

/* As containers(), but IFM_NOT_FOUND when there is none. */
static bool some_containers(name_list *list, const stack_compose *compose, const char *service,
                            ifm_error *err)
{
    if (!containers(list, compose, service, err)) {
        return false;
    }
    if (list->count == 0) {
        name_list_deinit(list);
        return ifm_error_set(err, IFM_NOT_FOUND,
                             "there is no container of \"%s\"; hint: inferometer stack up",
                             service == NULL ? compose->project : service);
    }
    return true;
}

/* --- Images ----------------------------------------------------------------------------------------- */

bool stack_compose_has_image(const stack_compose *compose, const char *image, bool *out, ifm_error *err)
{
    bool is_podman = compose->engine == STACK_ENGINE_PODMAN;
    compose_command command = {0};
    stack_command_add_all(&command, is_podman ? (const char *const[]){"podman", "image", "exists", NULL}
                                              : (const char *const[]){"docker", "image", "inspect",
                                                                      "--format", "{{.Id}}", NULL});
    stack_command_add(&command, image);
    ifm_os_command_result result;
    if (!stack_command_run(compose, &command, &result, err)) {
        return ifm_error_wrap(err, "could not look for the image \"%s\"", image);
    }
    bool is_missing = result.status == 1 && (is_podman || strcasestr(result.err, "no such image") != NULL);
    bool ok = result.status == 0 || is_missing ||
              stack_compose_fail(&result, err, "look for the image \"%s\"", image);
    if (ok) {
        *out = !is_missing;
    }
    ifm_os_command_result_deinit(&result);
    return ok;
}

/* --- Down ------------------------------------------------------------------------------------------- */

/* Whether it is of no use to try again. */
static bool is_final(const ifm_error *err)
{
    return err->code == IFM_CANCELED || err->code == IFM_TIMEOUT || err->code == IFM_NOMEM;
}

/* Stops the containers in order, so that Prometheus closes its log, and removes them with their anonymous
 * volumes. What fails here shows when they are still there afterwards. */
static bool remove_round(const stack_compose *compose, const name_list *list, ifm_error *err)
{
    const char *program = stack_compose_program(compose);
    compose_command stop = {0};
    stack_command_add_all(&stop, (const char *const[]){program, "stop", "-t", "10", NULL});
    stack_command_add_all(&stop, list->names);
    if (!run_plainly(compose, &stop, "stop the containers", err) && is_final(err)) {
        return false;
    }
    compose_command remove = {0};
    stack_command_add_all(&remove, (const char *const[]){program, "rm", "--force", "--volumes", NULL});
    stack_command_add_all(&remove, list->names);
    return run_plainly(compose, &remove, "remove the containers", err);
}

bool stack_compose_remove_containers(const stack_compose *compose, ifm_error *err)
{
    ifm_error why = {0};
    for (int round = 0; !is_final(&why); round++) {
        name_list list;
        if (!containers(&list, compose, NULL, err)) {
            return false;
        }
        size_t count = list.count;
        if (count > 0 && round < REMOVE_ROUNDS) {
            remove_round(compose, &list, &why); /* the next look tells whether it did it */
        }
        name_list_deinit(&list);
        if (count == 0) {
            return true;
        }
        if (round == REMOVE_ROUNDS) {
            break;
        }
    }
    if (why.code == IFM_OK) {
        return ifm_error_set(err, IFM_BUSY, "could not remove the containers: something starts them again");
    }
    *err = why;
    return false;
}

/* `kind` as "network", with the commands `ls` and `rm`. */
static bool remove_kind(const stack_compose *compose, const char *kind, const char *what, ifm_error *err)
{
    name_list list;
    if (!name_list_init(&list, compose, (const char *const[]){kind, "ls", NULL}, NULL, err)) {
        return false;
    }
    compose_command command = {0};
    stack_command_add_all(&command, (const char *const[]){stack_compose_program(compose), kind, "rm", NULL});
    stack_command_add_all(&command, list.names);
    bool ok = list.count == 0 || run_plainly(compose, &command, what, err);
    name_list_deinit(&list);
    return ok;
}

/* podman-compose since 1.0.4 puts the containers of a project into a pod, which has no label. */
static bool remove_pod(const stack_compose *compose, ifm_error *err)
{
    char pod[LABEL_SIZE];
    snprintf(pod, sizeof pod, "pod_%s", compose->project);
    compose_command command = {0};
    stack_command_add_all(&command,
                          (const char *const[]){"podman", "pod", "rm", "--force", "--ignore", pod, NULL});
    return run_plainly(compose, &command, "remove the pod", err);
}

bool stack_compose_down(const stack_compose *compose, bool volumes, ifm_error *err)
{
    return stack_compose_remove_containers(compose, err) &&
           (compose->engine != STACK_ENGINE_PODMAN || remove_pod(compose, err)) &&
           remove_kind(compose, "network", "remove the network", err) &&
           (!volumes || remove_kind(compose, "volume", "remove the data", err));
}

/* --- While it runs ---------------------------------------------------------------------------------- */

/* "running 0" becomes "running", "exited 1" "exited (1)". */
static void state_write(const char *line, size_t length, char *out, size_t size)
{
    size_t word = strcspn(line, " \n");
    bool ended = word == 6 && memcmp(line, "exited", 6) == 0;
    if (ended && word < length) {
        snprintf(out, size, "exited (%.*s)", (int)(length - word - 1), line + word + 1);
    } else {
        snprintf(out, size, "%.*s", (int)word, line);
    }
}

bool stack_compose_state(const stack_compose *compose, const char *service, char *out, size_t size,
                         ifm_error *err)
{
    name_list list;
    if (!containers(&list, compose, service, err)) {
        return false;
    }
    compose_command command = {0};
    stack_command_add_all(&command, (const char *const[]){stack_compose_program(compose), "inspect", "--type",
                                                          "container", "--format",
                                                          "{{.State.Status}} {{.State.ExitCode}}", NULL});
    stack_command_add_all(&command, list.names);
    ifm_os_command_result result = {0};
    bool ok = list.count == 0 || stack_command_run(compose, &command, &result, err);
    name_list_deinit(&list);
    if (!ok) {
        return ifm_error_wrap(err, "could not inspect \"%s\"", service);
    }
    /* A container that was removed in between is none. */
    bool is_gone = result.status != 0 && strcasestr(result.err, "no such ") != NULL;
    ok = result.status == 0 || is_gone || stack_compose_fail(&result, err, "inspect \"%s\"", service);
    if (ok) {
        const char *line = result.out == NULL ? "" : result.out;
        state_write(line, strcspn(line, "\n"), out, size);
    }
    ifm_os_command_result_deinit(&result);
    return ok;
}

static void add_logs(compose_command *command, const char *tail, bool follow)
{
    stack_command_add_all(command, (const char *const[]){"logs", tail, NULL});
    if (follow) {
        stack_command_add(command, "--follow");
    }
}

/* Prometheus writes to stderr, Grafana to stdout: one after the other loses no order that matters. */
static char *join_streams(const ifm_os_command_result *result, ifm_error *err)
{
    ifm_buf text;
    size_t size;
    ifm_buf_init(&text, 2 * (size_t)IFM_OS_COMMAND_OUTPUT_MAX + 1);
    ifm_buf_append_text(&text, result->out);
    ifm_buf_append_text(&text, result->err);
    char *taken = ifm_buf_take(&text, &size, err);
    ifm_buf_deinit(&text);
    return taken;
}

bool stack_compose_log(const stack_compose *compose, const char *service, int lines, char **out,
                       ifm_error *err)
{
    name_list list;
    char tail[32];
    if (!containers(&list, compose, service, err)) {
        return false;
    }
    snprintf(tail, sizeof tail, "--tail=%d", lines);
    compose_command command = {0};
    stack_command_add(&command, stack_compose_program(compose));
    add_logs(&command, tail, false);
    ifm_os_command_result result = {0};
    char *text = NULL;
    if (list.count == 0) {
        text = ifm_copy_text("");
        if (text == NULL) {
            ifm_error_nomem(err);
        }
    } else {
        stack_command_add(&command, list.names[0]);
        if (!stack_command_run(compose, &command, &result, err)) {
            ifm_error_wrap(err, "could not read the log of \"%s\"", service);
        } else if (result.status != 0) {
            stack_compose_fail(&result, err, "read the log of \"%s\"", service);
        } else {
            text = join_streams(&result, err);
        }
    }
    ifm_os_command_result_deinit(&result);
    name_list_deinit(&list);
    if (text != NULL) {
        *out = text;
    }
    return text != NULL;
}

bool stack_compose_show_logs(const stack_compose *compose, const char *service, int lines, bool follow,
                             ifm_error *err)
{
    name_list list;
    char tail[32];
    if (!some_containers(&list, compose, service, err)) {
        return false;
    }
    snprintf(tail, sizeof tail, "--tail=%d", lines);
    compose_command command = {.inherit = true};
    if (compose->engine == STACK_ENGINE_PODMAN || list.count == 1) {
        stack_command_add(&command, stack_compose_program(compose));
        add_logs(&command, tail, follow);
        stack_command_add_all(&command, list.names); /* podman takes several */
    } else {
        stack_command_add_tool(compose, &command);
        stack_command_add_project(compose, &command);
        add_logs(&command, tail, follow);
        if (isatty(STDOUT_FILENO) == 0) { /* docker-compose 1.29 does not look */
            stack_command_add(&command, "--no-color");
        }
        if (service != NULL) {
            stack_command_add(&command, service);
        }
    }
    ifm_os_command_result result = {0};
    bool ok = stack_command_run(compose, &command, &result, err);
    if (ok && result.status != 0) {
        ok = ifm_error_set(err, IFM_IO, "could not show the logs: \"%s\" ended with status %d",
                           command.words[0], result.status);
    } else if (!ok && follow && err->code == IFM_CANCELED) {
        ok = true;
    }
    ifm_os_command_result_deinit(&result);
    name_list_deinit(&list);
    return ok;
}

bool stack_compose_exec(const stack_compose *compose, const char *service, const char *const *arguments,
                        const char *input, ifm_os_command_result *result, ifm_error *err)
{
    name_list list;
    *result = (ifm_os_command_result){0};
    if (!some_containers(&list, compose, service, err)) {
        return false;
    }
    compose_command command = {.input = input};
    stack_command_add_all(&command, (const char *const[]){stack_compose_program(compose), "exec", NULL});
    if (input != NULL) {
        stack_command_add(&command, "--interactive");
    }
    stack_command_add(&command, list.names[0]);
    stack_command_add_all(&command, arguments);
    bool ok = stack_command_run(compose, &command, result, err) ||
              ifm_error_wrap(err, "could not run \"%s\" in \"%s\"", arguments[0], service);
    name_list_deinit(&list);
    return ok;
}
