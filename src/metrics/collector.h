/* SPDX-License-Identifier: Apache-2.0
 *
 * Custom collectors: the list of them, and the checked, buffered collection that they fill.
 *
 * Thread-safety: the list is under the registry's lock; a collection belongs to the gather that made it.
 * C1  a collector that is running has a reference, so unregistering it frees it only afterwards.
 */
#ifndef IFM_METRICS_COLLECTOR_H
#define IFM_METRICS_COLLECTOR_H

#include <inferometer/collector.h>

struct ifm_collector {
    char *name;
    ifm_collect_function collect;
    void *context;
    void (*free_context)(void *context);
    double duration_seconds; /* of the last run; under gather_lock */
    uint64_t failures;       /* under gather_lock */
    bool reported;           /* its failure was logged, and it has not succeeded since; under gather_lock */
    unsigned references;     /* of the registry and of running gathers: C1; under lock */
};

/* Gives the registry's references back, of which nobody else has any; in ifm_registry_free(). */
void ifm_collectors_free_all(ifm_registry *registry);

/* False when there is none by that name. */
bool ifm_collector_unregister(ifm_registry *registry, const char *name);

#endif
