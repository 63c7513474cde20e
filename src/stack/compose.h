/* SPDX-License-Identifier: Apache-2.0
 *
 * Driving a compose tool: pulling images, starting, stopping, logs. What the tools differ in stays in here.
 *
 * The tool itself is asked for two things only, to start and to show all logs; it runs in `folder`, which
 * holds compose.yaml, with the project's name. For the rest the engine is asked, by the labels that every
 * tool puts on what it makes: that works when compose.yaml is gone, and has one form of answer. A failure
 * is translated: first what is known to have a cause (a port that is taken, no space, no network), else the
 * tool's own line.
 *
 * Thread-safety: one thread.
 */
#ifndef STACK_COMPOSE_H
#define STACK_COMPOSE_H

#include "stack/engine.h"

typedef struct stack_compose {
    const stack_system *system;
    stack_engine engine; /* DOCKER or PODMAN */
    stack_tool tool;
    const char *folder; /* absolute */
    const char *project;
    int64_t deadline_ns; /* of ifm_os_monotonic_ns(): when everything must be done; 0: none */
    int cancel_fd;
    /* One line of progress, plain text; may be NULL. */
    void (*say)(void *context, const char *line);
    void *context;
} stack_compose;

/* Whether the image is on this machine (docker image inspect, podman image exists). */
bool stack_compose_has_image(const stack_compose *compose, const char *image, bool *out, ifm_error *err);

/* Pulls one image. Says how many of its layers are there, at most every two seconds; what the engine says
 * to a failure is said too, word for word, and the error has the cause: IFM_NOT_FOUND (no such image or
 * version), IFM_LIMIT (the registry allows no more), IFM_IO (no way to it, no space), .. */
bool stack_compose_pull(const stack_compose *compose, const char *image, ifm_error *err);

/* Starts what is not running and recreates what changed (with podman-compose, everything); never pulls.
 * Errors: IFM_BUSY (a port is taken), IFM_IO, .. */
bool stack_compose_up(const stack_compose *compose, ifm_error *err);

/* Stops and removes containers and networks, with `volumes` the data too. Nothing there is no error. */
bool stack_compose_down(const stack_compose *compose, bool volumes, ifm_error *err);

/* The state of a service's container: "running", "restarting", "exited (1)", "" when there is none. */
bool stack_compose_state(const stack_compose *compose, const char *service, char *out, size_t size,
                         ifm_error *err);

/* The last `lines` lines of each stream that a service ("prometheus", "grafana") wrote, "" when there is no
 * container; freed with ifm_free(). */
bool stack_compose_log(const stack_compose *compose, const char *service, int lines, char **out,
                       ifm_error *err);

/* Logs of a service (NULL: all) to our stdout and stderr. With `follow` until it is cancelled, which is
 * then no error. Errors: IFM_NOT_FOUND (there is no container). */
bool stack_compose_show_logs(const stack_compose *compose, const char *service, int lines, bool follow,
                             ifm_error *err);

/* Runs a command inside a service's container, feeding it `input` (NULL: none); *result as of
 * ifm_os_command_run(). Errors: IFM_NOT_FOUND (there is no container). */
bool stack_compose_exec(const stack_compose *compose, const char *service, const char *const *arguments,
                        const char *input, ifm_os_command_result *result, ifm_error *err);

#endif
