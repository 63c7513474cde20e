/* SPDX-License-Identifier: Apache-2.0
 *
 * Choosing ports: whether one is free, who has it, and which one is.
 *
 * Thread-safety: one thread. The answer is of the moment; what is started says when it came too late.
 */
#ifndef STACK_PORTS_H
#define STACK_PORTS_H

#include "stack/session.h"

/* Whether a server could listen there now. */
bool stack_port_is_free(const char *address, int port);

/* Who listens there, for a sentence: "\"prometheus\" (process 812)", "another user's program (user id
 * 998)". */
void stack_port_owner(const char *address, int port, char *out, size_t size);

typedef struct stack_port_wish {
    const char *what;   /* "Prometheus" */
    const char *option; /* "--prometheus-port" */
    const char *address;
    int port;
    bool given; /* by the user: no other will do */
    int avoid;  /* a port that is spoken for; 0: none */
} stack_port_wish;

/* The wished port, or the next free one, which is told. Errors: IFM_BUSY, naming the owner and the next
 * free one; IFM_INVALID (nobody can listen there). */
bool stack_port_choose(const stack_session *session, const stack_port_wish *wish, int *out, ifm_error *err);

/* Whether somebody listens there who is not of this session of processes (setsid()). When it cannot be
 * seen: no. */
bool stack_port_is_of_others(const char *address, int port, pid_t session);

#endif
