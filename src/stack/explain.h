/* SPDX-License-Identifier: Apache-2.0
 *
 * Why Prometheus cannot read a target: from the text of Go's HTTP client, which says what a call returned,
 * to what a person has to change. The same text means different things from inside a container and beside
 * it.
 *
 * Thread-safety: any thread; no state.
 */
#ifndef STACK_EXPLAIN_H
#define STACK_EXPLAIN_H

#include "stack/engine.h"

typedef struct stack_reach { /* from where Prometheus looks */
    stack_network network;   /* HOST for a native one too */
    stack_engine engine;
    bool rootless;
    bool desktop;
} stack_reach;

/* What `last_error` of the target at `scrape_url` means, and what to do: both of STACK_SENTENCE_SIZE bytes,
 * `fix` one command or an instruction, "" when there is no advice. The URL, which may hold a password, is
 * left out of `cause`. */
void stack_explain_target_error(const char *last_error, const char *scrape_url, const stack_reach *reach,
                                char *cause, char *fix);

#endif
