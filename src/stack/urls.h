/* SPDX-License-Identifier: Apache-2.0
 *
 * Where the services of a stack are: as we ask them, and as people open them.
 *
 * Thread-safety: any thread; no state. `out` has STACK_URL_SIZE bytes.
 */
#ifndef STACK_URLS_H
#define STACK_URLS_H

#include "stack/record.h"

/* "http://127.0.0.1:9090", without a slash at its end: always this machine. */
void stack_url_prometheus(const stack_record *record, char *out);
void stack_url_grafana(const stack_record *record, char *out);

/* For a browser: "http://localhost:3000/". The same as Grafana's root_url, which it compares the
 * browser's origin with. */
void stack_url_open(const stack_record *record, int port, char *out);

/* The command that brings both ports to the machine of whoever is here over ssh; "" when nobody is. Both
 * ends have the same port, for the same reason. `ssh_connection` is the environment variable, or NULL. */
void stack_url_ssh(const stack_record *record, const char *ssh_connection, const char *user, char *out);

#endif
