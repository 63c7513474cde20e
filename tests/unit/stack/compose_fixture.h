/* SPDX-License-Identifier: Apache-2.0
 *
 * A project of containers in a fake machine, and what is said about it.
 */
#ifndef IFM_TESTS_COMPOSE_FIXTURE_H
#define IFM_TESTS_COMPOSE_FIXTURE_H

#include "fake_system.h"
#include "stack/compose.h"

#define OF_PROJECT "--quiet --filter label=com.docker.compose.project=ifm"
#define PS         "docker ps --all --no-trunc " OF_PROJECT
#define PODMAN_PS  "podman ps --all --no-trunc " OF_PROJECT
#define UP         " -p ifm -f compose.yaml up -d --no-build"

static ifm_buf said;

static inline void say(void *context, const char *line)
{
    (void)context;
    ifm_buf_printf(&said, "[%s]", line);
}

static inline stack_compose compose_of(fake_system *fake, stack_tool tool)
{
    bool podman = tool == STACK_TOOL_PODMAN_COMPOSE || tool == STACK_TOOL_PODMAN_PLUGIN;
    return (stack_compose){.system = &fake->system,
                           .engine = podman ? STACK_ENGINE_PODMAN : STACK_ENGINE_DOCKER,
                           .tool = tool,
                           .folder = fake->root,
                           .project = "ifm",
                           .cancel_fd = -1,
                           .say = say};
}

static inline stack_compose begin(fake_system *fake, const fake_answer *answers, stack_tool tool)
{
    ifm_buf_init(&said, 1 << 20);
    fake_init(fake, answers, NULL);
    return compose_of(fake, tool);
}

static inline void end(fake_system *fake)
{
    ifm_buf_deinit(&said);
    fake_deinit(fake);
}

static inline const char *all_said(void)
{
    ifm_buf_append_char(&said, '\0');
    said.size--;
    return said.data;
}

#endif
