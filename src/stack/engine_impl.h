/* SPDX-License-Identifier: Apache-2.0
 *
 * What the probes of the engines share.
 *
 * Thread-safety: one thread.
 */
#ifndef STACK_ENGINE_IMPL_H
#define STACK_ENGINE_IMPL_H

#include "stack/engine.h"
#include "stack/host.h"

#include <jansson.h>

/* A probe on its way. */
typedef struct engine_probe {
    const stack_system *system;
    int cancel_fd;
    stack_engine_info *out;
} engine_probe;

/* Runs a command with the time limit of a probe. As ifm_os_command_run(). */
bool stack_probe_run(const engine_probe *probe, const char *const *arguments, ifm_os_command_result *result,
                     ifm_error *err);

/* Runs a command that prints its version, and keeps that as the tool's. False, with the tool untouched,
 * when it did not run, failed or printed none. `said` receives stdout and stderr; NULL: nobody asks. */
bool stack_probe_tool(const engine_probe *probe, stack_tool tool, const char *const *arguments,
                      ifm_os_command_result *said);

/* Reads the JSON that begins `text`; NULL when there is none. */
json_t *stack_probe_json(const char *text);

/* Text at a path of keys that ends with NULL; "" when it is missing or no text. As long as `json` lives. */
const char *stack_json_text(const json_t *json, ...) __attribute__((sentinel));

void stack_probe_fault(const engine_probe *probe, stack_fault fault, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void stack_probe_fix(const engine_probe *probe, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A command that could not be run to its end: not installed, no answer in time, or else. `name` is for
 * people, "the Docker client"; what to do is added where it is not plain. */
void stack_probe_not_run(const engine_probe *probe, const char *name, const ifm_error *err);

void stack_probe_docker(const engine_probe *probe);
void stack_probe_podman(const engine_probe *probe);

/* Where a container of rootless Docker finds this machine, into the address of the info. */
void stack_rootless_address(const engine_probe *probe);

/* --- How to install (engine_install.c) --------------------------------------------------------------- */

void stack_install_docker(const engine_probe *probe);
void stack_install_docker_compose(const engine_probe *probe);
void stack_install_podman(const engine_probe *probe);
void stack_install_podman_compose(const engine_probe *probe);
void stack_install_prometheus(const engine_probe *probe);

#endif
