/* SPDX-License-Identifier: Apache-2.0
 *
 * What the files of stack/compose share.
 *
 * Thread-safety: one thread.
 */
#ifndef STACK_COMPOSE_IMPL_H
#define STACK_COMPOSE_IMPL_H

#include "stack/compose.h"

enum { STACK_WORDS_MAX = 128 /* of one command line: ours have 20 and one for each container */ };

/* A command line, and how it is run. All is borrowed. */
typedef struct compose_command {
    const char *words[STACK_WORDS_MAX + 1];
    size_t count;
    bool full; /* a word had no room */
    const char *input;
    bool in_folder;
    bool inherit;
    void (*progress)(void *context, const char *line);
    void *context;
} compose_command;

void stack_command_add(compose_command *command, const char *word);
void stack_command_add_all(compose_command *command, const char *const *words);

/* The tool's words; it runs in the folder. */
void stack_command_add_tool(const stack_compose *compose, compose_command *command);
/* Which project and file, to follow the tool's words. */
void stack_command_add_project(const stack_compose *compose, compose_command *command);

/* "docker" or "podman", to begin a command with. */
const char *stack_compose_program(const stack_compose *compose);

/* Runs it within the deadline. As ifm_os_command_run(). */
bool stack_command_run(const stack_compose *compose, compose_command *command, ifm_os_command_result *result,
                       ifm_error *err);

/* Stops and removes the project's containers; none is no error. */
bool stack_compose_remove_containers(const stack_compose *compose, ifm_error *err);

/* Fails with "could not WHAT: CAUSE; hint: ADVICE" for what the command said. Returns false. */
bool stack_compose_fail(const ifm_os_command_result *result, ifm_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
