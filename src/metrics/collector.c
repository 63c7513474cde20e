/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics/collector.h"

#include "base/base.h"
#include "metrics/collection.h"
#include "metrics/gather.h"
#include "os/os.h"

#include <stdio.h>
#include <string.h>

/* Gives one reference back. The context is freed without the lock: its function may use the registry. */
static void collector_release(ifm_registry *registry, struct ifm_collector *collector)
{
    pthread_mutex_lock(&registry->lock);
    bool last = --collector->references == 0;
    pthread_mutex_unlock(&registry->lock);
    if (!last) {
        return;
    }
    if (collector->free_context != NULL) {
        collector->free_context(collector->context);
    }
    ifm_free(collector->name);
    ifm_free(collector);
}

/* Where the name is, or belongs. */
static size_t collectors_find(const ifm_registry *registry, const char *name, bool *found)
{
    size_t at = 0;
    int order = 1;
    while (at < registry->collector_count) {
        order = strcmp(registry->collectors[at]->name, name);
        if (order >= 0) {
            break;
        }
        at++;
    }
    *found = at < registry->collector_count && order == 0;
    return at;
}

static struct ifm_collector *collector_new(const ifm_collector_options *options, ifm_error *err)
{
    struct ifm_collector *collector = ifm_alloc_zero(1, sizeof *collector);
    char *name = ifm_copy_text(options->name);
    if (collector == NULL || name == NULL) {
        ifm_free(collector);
        ifm_free(name);
        ifm_error_nomem(err);
        return NULL;
    }
    *collector = (struct ifm_collector){
        .name = name,
        .collect = options->collect,
        .context = options->context,
        .free_context = options->free_context,
        .references = 1,
    };
    return collector;
}

static bool collectors_insert(ifm_registry *registry, struct ifm_collector *collector, ifm_error *err)
{
    bool found;
    size_t at = collectors_find(registry, collector->name, &found);
    if (found) {
        return ifm_error_set(err, IFM_EXISTS, "cannot register collector \"%.60s\": the name is taken",
                             collector->name);
    }
    if (registry->collector_count >= IFM_COLLECTORS_MAX) {
        return ifm_error_set(err, IFM_LIMIT, "cannot register collector \"%.60s\": the limit is %d",
                             collector->name, IFM_COLLECTORS_MAX);
    }
    if (registry->collector_count == registry->collector_capacity) {
        size_t capacity = registry->collector_capacity == 0 ? 4 : registry->collector_capacity * 2;
        struct ifm_collector **grown = ifm_realloc(registry->collectors, capacity, sizeof *grown);
        if (grown == NULL) {
            return ifm_error_nomem(err);
        }
        registry->collectors = grown;
        registry->collector_capacity = capacity;
    }
    memmove(registry->collectors + at + 1, registry->collectors + at,
            (registry->collector_count - at) * sizeof(struct ifm_collector *));
    registry->collectors[at] = collector;
    registry->collector_count++;
    return true;
}

bool ifm_collector_register(ifm_registry *registry, const ifm_collector_options *options, ifm_error *err)
{
    if (options->name == NULL || options->name[0] == '\0' ||
        !ifm_utf8_valid(options->name, strlen(options->name))) {
        return ifm_error_set(err, IFM_INVALID,
                             "cannot register a collector: its name is missing or not UTF-8");
    }
    if (options->collect == NULL) {
        return ifm_error_set(err, IFM_INVALID, "cannot register collector \"%.60s\": it has no function",
                             options->name);
    }
    registry = ifm_registry_or_default(registry);
    struct ifm_collector *collector = registry == NULL ? NULL : collector_new(options, err);
    if (collector == NULL) {
        return ifm_error_nomem(err);
    }
    pthread_mutex_lock(&registry->lock);
    bool done = collectors_insert(registry, collector, err);
    pthread_mutex_unlock(&registry->lock);
    if (!done) {
        collector->free_context = NULL; /* the context stays the caller's */
        collector_release(registry, collector);
    }
    return done;
}

bool ifm_collector_unregister(ifm_registry *registry, const char *name)
{
    bool found;
    struct ifm_collector *collector = NULL;
    pthread_mutex_lock(&registry->lock);
    size_t at = collectors_find(registry, name, &found);
    if (found) {
        collector = registry->collectors[at];
        registry->collector_count--;
        memmove(registry->collectors + at, registry->collectors + at + 1,
                (registry->collector_count - at) * sizeof(struct ifm_collector *));
    }
    pthread_mutex_unlock(&registry->lock);
    if (found) {
        collector_release(registry, collector);
    }
    return found;
}

void ifm_collectors_free_all(ifm_registry *registry)
{
    while (registry->collector_count > 0) {
        collector_release(registry, registry->collectors[--registry->collector_count]);
    }
    ifm_free(registry->collectors);
}

/* --- Gathering ------------------------------------------------------------------------------------------ */

static struct ifm_collector **collectors_acquire(ifm_registry *registry, size_t *count)
{
    pthread_mutex_lock(&registry->lock);
    *count = registry->collector_count;
    struct ifm_collector **collectors = ifm_alloc((*count + 1) * sizeof(struct ifm_collector *));
    for (size_t i = 0; collectors != NULL && i < *count; i++) {
        collectors[i] = registry->collectors[i];
        collectors[i]->references++; /* C1 */
    }
    pthread_mutex_unlock(&registry->lock);
    return collectors;
}

static void collectors_release(ifm_registry *registry, struct ifm_collector **collectors, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        collector_release(registry, collectors[i]);
    }
    ifm_free(collectors);
}

/* Has a failure logged once until the collector succeeds again. A gather has room for one warning: where two
 * collectors begin to fail at once, the second is reported by the gather after. */
static void collector_report(struct ifm_collector *collector, struct ifm_gather *gather, const char *reason)
{
    if (!collector->reported && gather->warning[0] == '\0') {
        snprintf(gather->warning, sizeof gather->warning, "could not collect all of collector \"%.100s\": %s",
                 collector->name, reason);
        collector->reported = true;
    }
}

static void collector_run(struct ifm_collector *collector, struct ifm_gather *gather,
                          ifm_collection *collection)
{
    ifm_error reason = {.message = ""};
    size_t first = collection->family_count;
    ifm_collection_begin(collection);
    int64_t begin_ns = ifm_os_monotonic_ns();
    bool done = collector->collect(collector->context, collection, &reason);
    collector->duration_seconds = (double)(ifm_os_monotonic_ns() - begin_ns) / 1e9;
    ifm_collection_check(collection, first);
    if (done && !collection->refused) {
        collector->reported = false;
        return;
    }
    collector->failures++;
    if (done) {
        collector_report(
            collector, gather,
            "a family or sample was left out: its name or a label is wrong, it is there already, "
            "or there are too many");
    } else {
        collector_report(collector, gather, reason.message[0] != '\0' ? reason.message : "it gave no reason");
    }
}

bool ifm_gather_collectors(struct ifm_gather *gather, ifm_error *err)
{
    size_t count;
    ifm_collection collection = {.registry = gather->registry};
    struct ifm_collector **collectors = collectors_acquire(gather->registry, &count);
    if (collectors == NULL) {
        return ifm_error_nomem(err);
    }
    for (size_t i = 0; i < count; i++) {
        collector_run(collectors[i], gather, &collection);
    }
    collectors_release(gather->registry, collectors, count);
    if (!collection.nomem) {
        ifm_collection_write(&collection, gather);
    }
    ifm_collection_deinit(&collection);
    return !collection.nomem || ifm_error_nomem(err);
}
