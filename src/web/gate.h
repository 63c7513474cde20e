/* SPDX-License-Identifier: Apache-2.0
 *
 * How many queries run at once. The others wait in line, as long as their deadline and their client let
 * them, and not too many of them.
 *
 * Thread-safety: any thread.
 * G1  active <= active_max, waiting <= waiting_max.
 */
#ifndef IFM_WEB_GATE_H
#define IFM_WEB_GATE_H

#include <inferometer/error.h>
#include <pthread.h>
#include <stdint.h>

typedef struct web_gate {
    pthread_mutex_t lock; /* protects all but the limits */
    pthread_cond_t left;  /* one has left, of CLOCK_MONOTONIC */
    uint32_t active_max, waiting_max;
    uint32_t active, waiting;
    uint64_t queries, refused, timed_out;
} web_gate;

void web_gate_init(web_gate *gate, uint32_t active_max, uint32_t waiting_max);
void web_gate_deinit(web_gate *gate);

/* IFM_OK: in; web_gate_leave() is to be called. IFM_BUSY: too many wait already. Else what `interrupted`
 * said meanwhile, which is asked every WEB_LOOK_MS. */
ifm_code web_gate_enter(web_gate *gate, ifm_code (*interrupted)(void *context), void *context);
/* `result` is how the query ended. */
void web_gate_leave(web_gate *gate, ifm_code result);

#endif
