/* SPDX-License-Identifier: Apache-2.0
 *
 * Driving a compose tool: pulling images, starting, stopping, logs. What the tools differ in stays in here.
 *
 * Every call runs the tool in `folder`, which holds compose.yaml, with the project's name. Its failure is
 * translated: first what is known to have a cause (a port that is taken, no space, no network, the old tool's
 * 'ContainerConfig'), else the tool's own last line.
 *
 * Thread-safety: one thread.
 */
#ifndef STACK_COMPOSE_H
#define STACK_COMPOSE_H

#include "stack/engine.h"

typedef struct stack_compose {
    const stack_system *system;
    stack_engine engine;
    stack_tool tool;
    const char *folder;
    const char *project;
    int64_t deadline_ns; /* of ifm_os_monotonic_ns(): when everything must be done; 0: none */
    int cancel_fd;
    /* One line of progress, plain text; may be NULL. */
    void (*say)(void *context, const char *line);
    void *context;
} stack_compose;

/* Whether the image is on this machine (docker image inspect, podman image exists). */
bool stack_compose_has_image(const stack_compose *compose, const char *image, bool *out, ifm_error *err);

/* Pulls one image, with progress in lines of what the engine says, thinned to a few a second. */
bool stack_compose_pull(const stack_compose *compose, const char *image, ifm_error *err);

/* Starts what is not running and recreates what changed; never pulls. */
bool stack_compose_up(const stack_compose *compose, ifm_error *err);

/* Stops and removes containers and networks, with `volumes` the data too. Nothing there is no error. */
bool stack_compose_down(const stack_compose *compose, bool volumes, ifm_error *err);

/* The state of a service's container: "running", "restarting", "exited (1)", "" when there is none. */
bool stack_compose_state(const stack_compose *compose, const char *service, char *out, size_t size,
                         ifm_error *err);

/* The last `lines` lines that a service ("prometheus", "grafana") wrote, freed with ifm_free(). */
bool stack_compose_log(const stack_compose *compose, const char *service, int lines, char **out,
                       ifm_error *err);

/* Logs of a service (NULL: all) to our stdout; `follow` until it is cancelled. */
bool stack_compose_show_logs(const stack_compose *compose, const char *service, int lines, bool follow,
                             ifm_error *err);

/* Runs a command inside a service's container, feeding it `input`; *result as of ifm_os_command_run(). */
bool stack_compose_exec(const stack_compose *compose, const char *service, const char *const *arguments,
                        const char *input, ifm_os_command_result *result, ifm_error *err);

#endif
