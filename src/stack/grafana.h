/* SPDX-License-Identifier: Apache-2.0
 *
 * What Grafana says of itself, read from its HTTP API. All but its health needs the admin's password.
 *
 * Thread-safety: one thread.
 */
#ifndef STACK_GRAFANA_H
#define STACK_GRAFANA_H

#include "stack/api.h"

enum { STACK_GRAFANA_TEXT_SIZE = 160 };

typedef struct stack_grafana_source { /* a data source; what it does not say is "" */
    char uid[STACK_GRAFANA_TEXT_SIZE];
    char name[STACK_GRAFANA_TEXT_SIZE];
    char type[STACK_GRAFANA_TEXT_SIZE];
    char url[STACK_GRAFANA_TEXT_SIZE];
    char time_interval[STACK_GRAFANA_TEXT_SIZE];
} stack_grafana_source;

/* Whether it runs and reaches its own database. *date_ms as of stack_prometheus_ready(). */
bool stack_grafana_health(const stack_server *server, int64_t *date_ms, ifm_error *err);

/* Whether it takes the server's user and password. Tried once: Grafana locks a user after five failures. */
bool stack_grafana_login(const stack_server *server, bool *accepted, ifm_error *err);

/* A data source by its uid, or by its name; *found false when there is none. */
bool stack_grafana_source_by_uid(const stack_server *server, const char *uid, bool *found,
                                 stack_grafana_source *out, ifm_error *err);
bool stack_grafana_source_by_name(const stack_server *server, const char *name, bool *found,
                                  stack_grafana_source *out, ifm_error *err);

/* Has it read the provisioned data sources anew. */
bool stack_grafana_reload_sources(const stack_server *server, ifm_error *err);

/* Whether the data source reaches what it stands for; `message` is Grafana's own, of
 * STACK_GRAFANA_TEXT_SIZE. */
bool stack_grafana_source_health(const stack_server *server, const char *uid, bool *healthy, char *message,
                                 ifm_error *err);

#endif
