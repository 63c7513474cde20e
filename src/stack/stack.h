/* SPDX-License-Identifier: Apache-2.0
 *
 * Layer 5, the header that other folders include: Prometheus and Grafana on this machine, started, provisioned,
 * stopped, and diagnosed.
 *
 * Everything is kept in one private folder, "stack" of the state folder (os/state.h): configuration, dashboards,
 * the admin password, and stack.json, which says what was started and how. Each call that changes anything holds
 * the folder's lock, so two at once take turns; the lock goes with its process.
 *
 * Thread-safety: one thread.
 */
#ifndef STACK_STACK_H
#define STACK_STACK_H

#include <inferometer/error.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum stack_engine {
    STACK_ENGINE_AUTO, /* the first of the following that works */
    STACK_ENGINE_DOCKER,
    STACK_ENGINE_PODMAN,
    STACK_ENGINE_NATIVE /* prometheus and grafana-server of this machine, as our own processes */
} stack_engine;

typedef enum stack_network {
    STACK_NETWORK_AUTO,
    STACK_NETWORK_HOST,  /* containers share this machine's network: programs stay on 127.0.0.1 */
    STACK_NETWORK_BRIDGE /* a network of their own; this machine is host.docker.internal */
} stack_network;

enum {
    STACK_PROMETHEUS_PORT = 9090,
    STACK_GRAFANA_PORT = 3000,
    STACK_SCRAPE_INTERVAL_S = 5,
    STACK_TIMEOUT_S = 600, /* images of 500 MB over a slow line */
    STACK_TARGETS_MAX = 256
};

#endif
