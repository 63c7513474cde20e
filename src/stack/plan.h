/* SPDX-License-Identifier: Apache-2.0
 *
 * Before anything is started: which engine, which ports, which images.
 *
 * Thread-safety: one thread.
 */
#ifndef STACK_PLAN_H
#define STACK_PLAN_H

#include "stack/render.h"
#include "stack/session.h"

/* What is there already. */
typedef struct stack_before {
    bool recorded; /* an earlier call wrote stack.json */
    stack_record record;
    bool prometheus_runs, grafana_runs;
} stack_before;

/* Refuses options that cannot be meant. Errors: IFM_INVALID. */
bool stack_options_check(const stack_options *options, ifm_error *err);

/* The first of the engines that can be used, or the one that was asked for; what was decided and why is told.
 * `skip` are engines (bits of 1 << stack_engine) that are left out.
 * Errors: IFM_NOT_FOUND, with the reason of each. */
bool stack_choose_engine(const stack_session *session, const stack_options *options, unsigned skip,
                         stack_engine_info *out, ifm_error *err);

/* A new record: what shall run. `*out` is to be deinitialised. */
bool stack_make_record(const stack_session *session, const stack_options *options,
                       const stack_engine_info *engine, const stack_folder *folder,
                       const stack_before *before, stack_record *out, ifm_error *err);

#endif
