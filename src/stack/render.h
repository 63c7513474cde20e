/* SPDX-License-Identifier: Apache-2.0
 *
 * The files that Prometheus, Grafana and the compose tools read. Only keys that all of these know:
 * Prometheus 2.42 to 3.x (which refuses keys it does not know), docker-compose 1.29, docker compose 2
 * and podman-compose 1.0.
 *
 * Thread-safety: any thread; no state. Each appends to `out`, whose failure sticks.
 */
#ifndef STACK_RENDER_H
#define STACK_RENDER_H

#include "stack/folder.h"

/* Never to be changed: a data source that was provisioned keeps its uid, and dashboards in the wild name
 * it. */
#define STACK_DATASOURCE_NAME "inferometer"
#define STACK_DATASOURCE_UID  "inferometer-prometheus"

/* Where Prometheus's own job of all pipelines is found: job="inferometer". */
#define STACK_JOB "inferometer"

typedef struct stack_plan {
    const stack_record *record;
    const stack_folder *folder;
    const char *gateway; /* this machine's address for extra_hosts; NULL: the engine brings the name along */
    const char *password_hash; /* with --expose, for compose.yaml: with another Grafana starts anew */
} stack_plan;

void stack_render_compose(const stack_plan *plan, ifm_buf *out);
void stack_render_prometheus(const stack_plan *plan, ifm_buf *out);
void stack_render_web_config(const char *password_hash, ifm_buf *out);
void stack_render_datasource(const stack_plan *plan, ifm_buf *out);
void stack_render_provider(const stack_plan *plan, ifm_buf *out);

/* The environment of Grafana, one "NAME" and "VALUE" after the other, for compose.yaml and for our own
 * process. */
typedef void stack_variable(void *context, const char *name, const char *value);
void stack_render_grafana_environment(const stack_plan *plan, stack_variable *variable, void *context);

/* The title of Prometheus's pages, by which a stack knows its own: STACK_URL_SIZE bytes. */
void stack_render_title(const stack_record *record, char *out);

/* Prometheus's flags likewise. */
typedef void stack_flag(void *context, const char *flag);
void stack_render_prometheus_flags(const stack_plan *plan, stack_flag *flag, void *context);

/* "127.0.0.1:9090", "[::1]:9090"; an address is at most 45 bytes. */
void stack_render_host_port(char *out, size_t size, const char *address, int port);

#endif
