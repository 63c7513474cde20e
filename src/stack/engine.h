/* SPDX-License-Identifier: Apache-2.0
 *
 * Which container engine is there, which compose tool goes with it, and if one cannot be used, why: not
 * installed, not running, not permitted, or another machine's.
 *
 * Thread-safety: one thread.
 */
#ifndef STACK_ENGINE_H
#define STACK_ENGINE_H

#include "stack/stack.h"
#include "stack/system.h"

typedef enum stack_tool {
    STACK_TOOL_NONE,
    STACK_TOOL_DOCKER_PLUGIN,  /* docker compose */
    STACK_TOOL_DOCKER_COMPOSE, /* docker-compose 1.29 */
    STACK_TOOL_PODMAN_PLUGIN,  /* podman compose */
    STACK_TOOL_PODMAN_COMPOSE  /* podman-compose */
} stack_tool;

typedef enum stack_fault {
    STACK_FAULT_NONE,
    STACK_FAULT_NOT_INSTALLED,
    STACK_FAULT_NOT_RUNNING,
    STACK_FAULT_NO_PERMISSION,
    STACK_FAULT_WRONG_CONTEXT, /* the client's context or DOCKER_HOST leads nowhere, or to another machine */
    STACK_FAULT_NO_COMPOSE,    /* the engine works, but no compose tool does */
    STACK_FAULT_OTHER
} stack_fault;

enum { STACK_SENTENCE_SIZE = 512 };

typedef struct stack_engine_info {
    stack_engine engine; /* DOCKER, PODMAN or NATIVE; PODMAN too when the docker that was asked is podman's */
    stack_tool tool;
    char tool_version[32];
    char server_version[32]; /* of the engine; of Prometheus with NATIVE */
    bool rootless;
    bool desktop;                     /* Docker Desktop: its containers run in a virtual machine */
    bool snap;                        /* Docker from a snap: it sees only some folders */
    bool remapped;                    /* the engine gives containers other user ids (userns-remap) */
    char address[STACK_ADDRESS_SIZE]; /* where containers of rootless Docker find this machine; else "" */
    stack_fault fault;
    char cause[STACK_SENTENCE_SIZE]; /* one sentence; "" without a fault */
    char fix[STACK_SENTENCE_SIZE];   /* one command, or what else to do; "" without a fault */
    char note[STACK_SENTENCE_SIZE];  /* what works but has a drawback; "" when there is nothing to say */
} stack_engine_info;

/* Asks the engine, for at most a few seconds. `engine` is not AUTO. Never fails: what goes wrong is a fault;
 * so is a cancellation (OTHER), of which the caller knows. */
void stack_engine_probe(const stack_system *system, stack_engine engine, int cancel_fd,
                        stack_engine_info *out);

/* The network that containers of this engine need to reach programs of this machine. */
stack_network stack_engine_network(const stack_engine_info *info);

/* By which name a container on a bridge finds this machine: "host.docker.internal", or podman's. */
const char *stack_engine_host_name(stack_engine engine);

/* What stands for this machine's address in extra_hosts of a container on a bridge, beside that name:
 * "host-gateway" or an address; NULL when the engine brings the name along. */
const char *stack_engine_host_gateway(const stack_engine_info *info);

/* The words that a compose command begins with, as {"docker", "compose", NULL}. */
const char *const *stack_tool_words(stack_tool tool);
/* "docker compose", for people. */
const char *stack_tool_name(stack_tool tool);
const char *stack_engine_name(stack_engine engine);

#endif
