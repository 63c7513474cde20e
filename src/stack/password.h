/* SPDX-License-Identifier: Apache-2.0
 *
 * The password of Grafana's admin, and with --expose of Prometheus.
 *
 * Thread-safety: one thread.
 */
#ifndef STACK_PASSWORD_H
#define STACK_PASSWORD_H

#include "stack/folder.h"

/* 24 letters and digits from the kernel's generator: 142 bits. Errors: IFM_IO. */
bool stack_password_generate(char *out, size_t size, ifm_error *err);

/* Whether people and all programs on the way can handle it. Errors: IFM_INVALID. */
bool stack_password_check(const char *password, ifm_error *err);

/* The stored one, freed with ifm_free(); *out is NULL without one. */
bool stack_password_read(const stack_folder *folder, char **out, ifm_error *err);
bool stack_password_store(const stack_folder *folder, const char *password, ifm_error *err);

/* In two steps, around telling Grafana: prepared in a file beside, so that no full disk comes in between,
 * then made the stored one. A prepared one can be taken away. Errors: IFM_IO, IFM_NOMEM. */
#define STACK_PASSWORD_PREPARED STACK_PASSWORD_FILE ".new"
bool stack_password_prepare(const stack_folder *folder, const char *password, ifm_error *err);
bool stack_password_commit(const stack_folder *folder, ifm_error *err);
void stack_password_withdraw(const stack_folder *folder);

/* The bcrypt hash that Prometheus wants in its web configuration; `old` (may be NULL) is kept when it is
 * one of the password. `out` has STACK_HASH_SIZE bytes. */
enum { STACK_HASH_SIZE = 128 };
bool stack_password_hash(const char *password, const char *old, char *out, ifm_error *err);

#endif
