/* SPDX-License-Identifier: Apache-2.0
 *
 * The services as processes of this machine: which programs they are, with which flags and variables.
 *
 * Thread-safety: one thread.
 */
#ifndef STACK_SERVICES_NATIVE_H
#define STACK_SERVICES_NATIVE_H

#include "stack/services.h"

/* As stack_services_start(). */
bool stack_services_native_start(const stack_services *services, const stack_plan *plan,
                                 const stack_files_change *change, ifm_error *err);

/* Removes the data of both. */
bool stack_services_native_remove(const stack_services *services, ifm_error *err);

/* Sets the password of Grafana's admin through its own command line. */
bool stack_services_native_password(const stack_services *services, const stack_plan *plan,
                                    const char *password, ifm_error *err);

#endif
