/* SPDX-License-Identifier: Apache-2.0
 *
 * Limits of the stack, each with its reason.
 */
#ifndef STACK_LIMITS_H
#define STACK_LIMITS_H

enum {
    STACK_FILE_BYTES_MAX = 8 << 20, /* a file of ours; the largest dashboard has some 100 KB */
    STACK_PORT_TRIES = 100,         /* ports after the wished one: more are taken only by intent */
    STACK_HTTP_MS = 3000,           /* an answer from this machine takes milliseconds */
    STACK_LOOK_MS = 200,            /* between two looks whether something is ready */
    STACK_PASSWORD_BYTES_MAX = 200, /* Grafana takes as many; bcrypt looks at the first 72 */
    STACK_STOP_S = 20,              /* Prometheus writes its head block on SIGTERM */
    STACK_KILL_S = 10,              /* what is killed ends at once, unless a disk holds it in the kernel */
    STACK_LOG_BYTES_MAX = 10 << 20  /* a native log is begun anew when it is larger at a start */
};

#endif
