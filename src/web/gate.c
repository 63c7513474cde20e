/* SPDX-License-Identifier: Apache-2.0 */
#include "web/gate.h"

#include "web/limits.h"

#include <stdbool.h>
#include <time.h>

void web_gate_init(web_gate *gate, uint32_t active_max, uint32_t waiting_max)
{
    pthread_condattr_t attributes;
    *gate = (web_gate){.active_max = active_max, .waiting_max = waiting_max};
    pthread_mutex_init(&gate->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&gate->left, &attributes);
    pthread_condattr_destroy(&attributes);
}

void web_gate_deinit(web_gate *gate)
{
    pthread_cond_destroy(&gate->left);
    pthread_mutex_destroy(&gate->lock);
}

/* Under the lock: until one leaves, or it is time to look again. */
static void gate_wait(web_gate *gate)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += WEB_LOOK_MS * 1000000L;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_timedwait(&gate->left, &gate->lock, &until);
}

static ifm_code gate_queue(web_gate *gate, ifm_code (*interrupted)(void *context), void *context)
{
    ifm_code code = IFM_OK;
    gate->waiting++; /* G1 */
    while (gate->active >= gate->active_max && code == IFM_OK) {
        gate_wait(gate);
        pthread_mutex_unlock(&gate->lock);
        code = interrupted(context);
        pthread_mutex_lock(&gate->lock);
    }
    gate->waiting--;
    return code;
}

ifm_code web_gate_enter(web_gate *gate, ifm_code (*interrupted)(void *context), void *context)
{
    ifm_code code = IFM_OK;
    pthread_mutex_lock(&gate->lock);
    gate->queries++;
    if (gate->active >= gate->active_max) {
        code = gate->waiting >= gate->waiting_max ? IFM_BUSY : gate_queue(gate, interrupted, context);
    }
    gate->active += code == IFM_OK; /* G1 */
    gate->refused += code == IFM_BUSY;
    gate->timed_out += code == IFM_TIMEOUT;
    pthread_mutex_unlock(&gate->lock);
    return code;
}

void web_gate_leave(web_gate *gate, ifm_code result)
{
    pthread_mutex_lock(&gate->lock);
    gate->active--;
    gate->timed_out += result == IFM_TIMEOUT;
    pthread_cond_signal(&gate->left);
    pthread_mutex_unlock(&gate->lock);
}
