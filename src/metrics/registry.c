/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics/registry.h"

#include "base/base.h"
#include "metrics/self.h"
#include "os/os.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

/* All registries of the process, for fork(); and the default one. */
static struct {
    pthread_once_t once;
    pthread_mutex_t making; /* held while the default registry is made; taken before `lock` */
    pthread_mutex_t lock;   /* protects `first` and the links of the list */
    ifm_registry *first;
    _Atomic(ifm_registry *) standard; /* set once, under `making` */
} registries = {PTHREAD_ONCE_INIT, PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER, NULL, NULL};

/* It notices a collector that gathers the registry which asks it: an error instead of a deadlock. */
static void gather_lock_init(ifm_registry *registry)
{
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ERRORCHECK);
    pthread_mutex_init(&registry->gather_lock, &attributes);
    pthread_mutexattr_destroy(&attributes);
}

/* --- fork() ----------------------------------------------------------------------------------------- */

/* With every structure lock held, the child's copy is whole. Gathers are not waited for: a collector may
 * be what forks. The child resets what a gather had taken. */
static void fork_prepare(void)
{
    pthread_mutex_lock(&registries.making);
    pthread_mutex_lock(&registries.lock);
    for (ifm_registry *registry = registries.first; registry != NULL; registry = registry->next) {
        pthread_mutex_lock(&registry->lock);
    }
}

static void fork_release(void)
{
    for (ifm_registry *registry = registries.first; registry != NULL; registry = registry->next) {
        pthread_mutex_unlock(&registry->lock);
    }
    pthread_mutex_unlock(&registries.lock);
    pthread_mutex_unlock(&registries.making);
}

/* A gather of another thread is gone with it; that of this thread, whose collector forks, goes on. */
static void fork_child_gather(ifm_registry *registry)
{
    bool mine = registry->gathering > 0 && pthread_equal(registry->gatherer, pthread_self());
    gather_lock_init(registry);
    registry->gathering = mine ? 1 : 0;
    if (mine) {
        pthread_mutex_lock(&registry->gather_lock);
    }
}

/* The structure locks are this thread's, from fork_prepare(). A gather lock may be another thread's, which
 * is not there any more. */
static void fork_child(void)
{
    ifm_log_after_fork();
    ifm_thread_after_fork();
    for (ifm_registry *registry = registries.first; registry != NULL; registry = registry->next) {
        fork_child_gather(registry);
        for (size_t i = 0; i < IFM_DROP_REASONS; i++) {
            atomic_store(&registry->dropped[i], 0);
        }
        atomic_store(&registry->overflow_updates, 0);
        atomic_store(&registry->skipped_series, 0);
        ifm_registry_reset_values(registry);
    }
    fork_release();
}

static void registries_init(void)
{
    pthread_atfork(fork_prepare, fork_release, fork_child);
}

/* --- Making and freeing ------------------------------------------------------------------------------- */

ifm_registry *ifm_registry_new(const ifm_registry_options *options, ifm_error *err)
{
    pthread_once(&registries.once, registries_init);
    ifm_registry *registry = ifm_alloc_zero(1, sizeof *registry);
    if (registry == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    if (!ifm_arena_init(&registry->arena, err)) {
        ifm_free(registry);
        return NULL;
    }
    if (options != NULL) {
        registry->options = *options;
    }
    if (getrandom(&registry->hash_seed, sizeof registry->hash_seed, GRND_NONBLOCK) < 0) {
        registry->hash_seed = (uint64_t)ifm_os_monotonic_ns(); /* Early at boot; better than a constant. */
    }
    if (registry->options.series_limit == 0) {
        registry->options.series_limit = IFM_SERIES_LIMIT_DEFAULT;
    }
    pthread_mutex_init(&registry->lock, NULL);
    gather_lock_init(registry);
    pthread_mutex_lock(&registries.lock);
    registry->next = registries.first;
    if (registry->next != NULL) {
        registry->next->previous = registry;
    }
    registries.first = registry;
    pthread_mutex_unlock(&registries.lock);
    return registry;
}

static void registry_unlink(ifm_registry *registry)
{
    pthread_mutex_lock(&registries.lock);
    if (registry->previous != NULL) {
        registry->previous->next = registry->next;
    } else {
        registries.first = registry->next;
    }
    if (registry->next != NULL) {
        registry->next->previous = registry->previous;
    }
    pthread_mutex_unlock(&registries.lock);
}

void ifm_registry_free(ifm_registry *registry)
{
    if (registry == NULL || registry == atomic_load(&registries.standard)) {
        return;
    }
    ifm_collectors_free_all(registry); /* first: a context may be freed by way of the registry */
    registry_unlink(registry);
    ifm_series_free_all(registry);
    for (size_t i = 0; i < registry->family_count; i++) {
        ifm_family_free(registry->families[i]);
    }
    while (registry->dead_families != NULL) {
        struct ifm_family *next = registry->dead_families->next_dead;
        ifm_family_free(registry->dead_families);
        registry->dead_families = next;
    }
    while (registry->limbo_tables != NULL) {
        struct ifm_table *next = registry->limbo_tables->next;
        ifm_free(registry->limbo_tables);
        registry->limbo_tables = next;
    }
    ifm_free(registry->families);
    ifm_arena_deinit(&registry->arena);
    pthread_mutex_destroy(&registry->lock);
    pthread_mutex_destroy(&registry->gather_lock);
    ifm_free(registry);
}

ifm_registry *ifm_registry_default(void)
{
    ifm_error ignored;
    ifm_registry *registry = atomic_load(&registries.standard);
    if (registry != NULL) {
        return registry;
    }
    pthread_once(&registries.once, registries_init);
    pthread_mutex_lock(&registries.making);
    registry = atomic_load(&registries.standard);
    if (registry == NULL) {
        registry = ifm_registry_new(NULL, &ignored);
        if (registry != NULL && (!ifm_process_collector_register(registry, &ignored) ||
                                 !ifm_build_info_register(registry, &ignored))) {
            ifm_registry_free(registry);
            registry = NULL;
        }
        atomic_store(&registries.standard, registry);
    }
    pthread_mutex_unlock(&registries.making);
    return registry;
}

ifm_registry *ifm_registry_or_default(ifm_registry *registry)
{
    return registry != NULL ? registry : ifm_registry_default();
}

size_t ifm_registry_series_count(ifm_registry *registry)
{
    registry = ifm_registry_or_default(registry);
    if (registry == NULL) {
        return 0;
    }
    pthread_mutex_lock(&registry->lock);
    size_t count = registry->series_live;
    pthread_mutex_unlock(&registry->lock);
    return count;
}

/* --- Families ----------------------------------------------------------------------------------------- */

/* Where the sort key is, or belongs. */
static size_t families_find(const ifm_registry *registry, const char *key, bool *found)
{
    size_t low = 0;
    size_t high = registry->family_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(registry->families[middle]->sort_key, key);
        if (order == 0) {
            *found = true;
            return middle;
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    *found = false;
    return low;
}

/* The family that already exposes a sample `name`: its own name is `name`, or `name` without a suffix. */
static const struct ifm_family *families_with_sample(const ifm_registry *registry, const char *name)
{
    static const char *const suffixes[] = {"", "_total", "_created", "_bucket", "_sum", "_count", "_info"};
    char base[2 * IFM_NAME_BYTES_MAX + 16];
    size_t size = strlen(name);
    for (size_t i = 0; i < IFM_COUNT_OF(suffixes); i++) {
        size_t cut = strlen(suffixes[i]);
        if (size <= cut || size - cut >= sizeof base || strcmp(name + size - cut, suffixes[i]) != 0) {
            continue;
        }
        memcpy(base, name, size - cut);
        base[size - cut] = '\0';
        bool found;
        size_t at = families_find(registry, base, &found);
        if (found && ifm_family_has_sample(registry->families[at], name)) {
            return registry->families[at];
        }
    }
    return NULL;
}

static bool registry_check_clash(const ifm_registry *registry, const struct ifm_family *family,
                                 ifm_error *err)
{
    char name[2 * IFM_NAME_BYTES_MAX + 16];
    const char *suffix;
    for (size_t i = 0; (suffix = ifm_family_sample_suffix(family, i)) != NULL; i++) {
        snprintf(name, sizeof name, "%s%s", family->sort_key, suffix);
        const struct ifm_family *other = families_with_sample(registry, name);
        if (other != NULL) {
            return ifm_error_set(
                err, IFM_EXISTS,
                "cannot register metric \"%.60s\": its sample \"%.60s\" is one of metric \"%.60s\"",
                family->name, name, other->name);
        }
        if (ifm_self_has_sample(name)) {
            return ifm_error_set(err, IFM_EXISTS,
                                 "cannot register metric \"%.60s\": the name belongs to the library",
                                 family->name);
        }
    }
    return true;
}

/* The family that has the name already, if both are the same. */
static struct ifm_family *registry_same(struct ifm_family *there, const struct ifm_family *family,
                                        ifm_error *err)
{
    if (ifm_family_same(there, family)) {
        return there;
    }
    if (strcmp(there->name, family->name) != 0) {
        ifm_error_set(err, IFM_EXISTS,
                      "cannot register metric \"%.60s\": scrapers that do not take UTF-8 names see it as "
                      "\"%.60s\", as they do metric \"%.60s\"",
                      family->name, family->sort_key, there->name);
        return NULL;
    }
    ifm_error_set(
        err, IFM_EXISTS,
        "cannot register metric \"%.60s\": \"%.60s\" is registered already with another type, or other "
        "options than help and series_limit",
        family->name, there->name);
    return NULL;
}

static bool registry_room(ifm_registry *registry, ifm_error *err)
{
    if (registry->family_count >= IFM_FAMILIES_MAX) {
        return ifm_error_set(err, IFM_LIMIT,
                             "cannot register another metric: the registry has its limit of %d; hint: use "
                             "labels for what varies, not names",
                             IFM_FAMILIES_MAX);
    }
    if (registry->family_count < registry->family_capacity) {
        return true;
    }
    size_t capacity = registry->family_capacity == 0 ? 16 : registry->family_capacity * 2;
    struct ifm_family **families = ifm_realloc(registry->families, capacity, sizeof *families);
    if (families == NULL) {
        return ifm_error_nomem(err);
    }
    registry->families = families;
    registry->family_capacity = capacity;
    return true;
}

static struct ifm_family *registry_add_locked(ifm_registry *registry, struct ifm_family *family,
                                              ifm_error *err)
{
    bool found;
    size_t at = families_find(registry, family->sort_key, &found);
    if (found) {
        return registry_same(registry->families[at], family, err);
    }
    if (!registry_check_clash(registry, family, err) || !registry_room(registry, err)) {
        return NULL;
    }
    family->registry = registry;
    if (family->series_limit == 0 || family->series_limit > registry->options.series_limit) {
        family->series_limit = registry->options.series_limit;
    }
    if (!ifm_family_start(family, err)) {
        return NULL;
    }
    memmove(registry->families + at + 1, registry->families + at,
            (registry->family_count - at) * sizeof(struct ifm_family *));
    registry->families[at] = family;
    registry->family_count++;
    return family;
}

struct ifm_family *ifm_registry_add(ifm_registry *registry, struct ifm_family *family,
                                    struct ifm_handle *only, ifm_error *err)
{
    registry = ifm_registry_or_default(registry);
    if (registry == NULL) {
        ifm_error_nomem(err);
        ifm_family_free(family);
        return NULL;
    }
    pthread_mutex_lock(&registry->lock);
    ifm_registry_reclaim(registry);
    struct ifm_family *added = registry_add_locked(registry, family, err);
    if (added != NULL && only != NULL) {
        *only = ifm_family_only(added);
    }
    pthread_mutex_unlock(&registry->lock);
    if (added != family) {
        ifm_family_free(family);
    }
    return added;
}

bool ifm_registry_clashes(ifm_registry *registry, const struct ifm_family *family)
{
    ifm_error ignored;
    pthread_mutex_lock(&registry->lock);
    bool clashes = !registry_check_clash(registry, family, &ignored);
    pthread_mutex_unlock(&registry->lock);
    return clashes;
}

/* Whether `name` is the family's name and `suffix`, which is "" or one that its type adds by itself. */
static bool family_is_named(const struct ifm_family *family, const char *name, const char *suffix)
{
    size_t size = strlen(family->name);
    bool adds = suffix[0] == '\0' || (family->type == IFM_TYPE_COUNTER && strcmp(suffix, "_total") == 0) ||
                (family->type == IFM_TYPE_INFO && strcmp(suffix, "_info") == 0);
    return adds && strncmp(name, family->name, size) == 0 && strcmp(name + size, suffix) == 0;
}

/* Removes the family that was registered as `name`, which is `key` without its suffix. */
static bool registry_unregister_family(ifm_registry *registry, const char *key, const char *name,
                                       const char *suffix)
{
    bool found;
    size_t at = families_find(registry, key, &found);
    if (!found || !family_is_named(registry->families[at], name, suffix)) {
        return false;
    }
    struct ifm_family *family = registry->families[at];
    registry->family_count--;
    memmove(registry->families + at, registry->families + at + 1,
            (registry->family_count - at) * sizeof(struct ifm_family *));
    ifm_family_remove_all(family);
    family->next_dead = registry->dead_families;
    registry->dead_families = family;
    ifm_registry_reclaim(registry);
    return true;
}

/* The family of that name as it was registered: "_total" and "_info" may be there or not. */
static bool registry_unregister_named(ifm_registry *registry, const char *name)
{
    ifm_error ignored;
    size_t size;
    ifm_buf buf;
    ifm_buf_init(&buf, 8 * IFM_NAME_BYTES_MAX);
    ifm_name_escape(&buf, name, strlen(name), IFM_ESCAPING_UNDERSCORES, IFM_NAME_METRIC);
    char *key = ifm_buf_take(&buf, &size, &ignored);
    if (key == NULL) {
        ifm_buf_deinit(&buf);
        return false;
    }
    bool done = registry_unregister_family(registry, key, name, "");
    static const char *const suffixes[] = {"_total", "_info"};
    for (size_t i = 0; !done && i < IFM_COUNT_OF(suffixes); i++) {
        size_t cut = strlen(suffixes[i]);
        if (size > cut && strcmp(key + size - cut, suffixes[i]) == 0) {
            key[size - cut] = '\0';
            done = registry_unregister_family(registry, key, name, suffixes[i]);
        }
    }
    ifm_free(key);
    return done;
}

bool ifm_registry_unregister(ifm_registry *registry, const char *name)
{
    registry = ifm_registry_or_default(registry);
    if (registry == NULL || name == NULL || name[0] == '\0') {
        return false;
    }
    pthread_mutex_lock(&registry->lock);
    bool done = registry_unregister_named(registry, name);
    pthread_mutex_unlock(&registry->lock);
    return done || ifm_collector_unregister(registry, name);
}
