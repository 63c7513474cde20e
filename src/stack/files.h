/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing everything that Prometheus, Grafana and compose read.
 *
 * Thread-safety: one thread, which holds the folder's lock.
 */
#ifndef STACK_FILES_H
#define STACK_FILES_H

#include "stack/render.h"

typedef struct stack_files_change {
    bool prometheus; /* what it reads anew on /-/reload */
    bool grafana;    /* what it reads when it starts */
} stack_files_change;

/* `targets` NULL: those of before stay. `password` NULL without --expose. */
bool stack_files_write(const stack_plan *plan, const char *const *targets, size_t target_count,
                       const char *password, stack_files_change *change, ifm_error *err);

/* How many targets --target has given. */
size_t stack_files_static_targets(const stack_folder *folder);

/* The part of it that holds the hash of the password; nothing without --expose. *changed (may be NULL) as of
 * stack_folder_write(). */
bool stack_files_write_web_config(const stack_plan *plan, const char *password, bool *changed,
                                  ifm_error *err);

#endif
