/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics/family.h"

#include "base/base.h"
#include "metrics/registry.h"
#include "metrics/stripes.h"

#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

static const char OVERFLOW_VALUE[] = "_overflow";

size_t ifm_family_cell_size(const struct ifm_family *family)
{
    return family->histogram.cell_size != 0 ? family->histogram.cell_size : sizeof(struct ifm_counter_stripe);
}

/* --- Keys ------------------------------------------------------------------------------------------- */

/* Seeded, so that whoever chooses label values cannot choose collisions. */
static struct ifm_key key_of(const struct ifm_family *family, const char *data, size_t size)
{
    uint64_t hash = XXH3_64bits_withSeed(data, size, family->registry->hash_seed);
    return (struct ifm_key){data, (uint32_t)size, (uint32_t)hash};
}

/* As memcpy(), without the call for what most label values are. */
static inline void copy_short(char *to, const char *from, size_t size)
{
    if (size > 16 || size < 4) {
        memcpy(to, from, size);
    } else if (size >= 8) {
        memcpy(to, from, 8);
        memcpy(to + size - 8, from + size - 8, 8); /* overlaps */
    } else {
        memcpy(to, from, 4);
        memcpy(to + size - 4, from + size - 4, 4);
    }
}

/* Packs values that are short, as they are. 0 when they do not fit, or one is NULL. */
static size_t key_pack_fast(char *out, const char *const *values, size_t count)
{
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        size_t size = values[i] == NULL ? SIZE_MAX : strlen(values[i]);
        if (size > IFM_KEY_BYTES_FAST - sizeof(uint16_t) - used) {
            return 0;
        }
        uint16_t packed = (uint16_t)size;
        memcpy(out + used, &packed, sizeof packed);
        copy_short(out + used + sizeof packed, values[i], size);
        used += sizeof packed + size;
        if (used > IFM_KEY_BYTES_FAST - sizeof packed) {
            return i + 1 == count ? used : 0;
        }
    }
    return used;
}

char *ifm_family_pack(const struct ifm_family *family, const char *const *values, uint32_t *out_size)
{
    ifm_error ignored;
    size_t count = family->label_count;
    ifm_buf buf;
    ifm_buf_init(&buf, count * (IFM_LABEL_VALUE_BYTES_MAX + sizeof(uint16_t)) + 1);
    for (size_t i = 0; i < count; i++) {
        const char *value = values[i] == NULL ? "" : values[i];
        size_t at = buf.size;
        uint16_t packed = 0;
        ifm_buf_append(&buf, &packed, sizeof packed);
        ifm_utf8_repair(&buf, value, strnlen(value, IFM_LABEL_VALUE_BYTES_MAX + 4),
                        IFM_LABEL_VALUE_BYTES_MAX);
        if (buf.failed == IFM_OK) {
            packed = (uint16_t)(buf.size - at - sizeof packed);
            memcpy(buf.data + at, &packed, sizeof packed);
        }
    }
    size_t size = 0;
    char *data = ifm_buf_take(&buf, &size, &ignored);
    if (data == NULL) {
        ifm_buf_deinit(&buf);
    }
    *out_size = (uint32_t)size;
    if (data == NULL) {
        return NULL;
    }
    char *exact = ifm_realloc(data, size, 1); /* a buffer has room to grow, which a key never does */
    return exact == NULL ? data : exact;
}

void ifm_family_unpack(const struct ifm_family *family, const char *key, ifm_text *texts)
{
    const char *at = key;
    for (size_t i = 0; i < family->label_count; i++) {
        uint16_t size;
        memcpy(&size, at, sizeof size);
        texts[i] = (ifm_text){at + sizeof size, size};
        at += sizeof size + size;
    }
}

/* --- Series ----------------------------------------------------------------------------------------- */

static struct ifm_handle handle_of(struct ifm_series *series)
{
    return (struct ifm_handle){series, ifm_series_generation(series)};
}

static struct ifm_handle family_overflow(struct ifm_family *family)
{
    atomic_store_explicit(&family->overflow_used, true, memory_order_relaxed);
    return (struct ifm_handle){family->overflow, family->overflow_generation};
}

static bool family_child_room(struct ifm_family *family)
{
    if (family->child_count < family->child_capacity) {
        return true;
    }
    size_t kept = 0;
    if (family->live_count < family->child_count / 2) {
        for (size_t i = 0; i < family->child_count; i++) { /* F1: close the gaps */
            if (family->children[i] != NULL) {
                family->children[i]->position = (uint32_t)kept;
                family->children[kept++] = family->children[i];
            }
        }
        family->child_count = kept;
        return true;
    }
    size_t capacity = family->child_capacity == 0 ? 4 : family->child_capacity * 2;
    struct ifm_series **children = ifm_realloc(family->children, capacity, sizeof *children);
    if (children == NULL) {
        return false;
    }
    family->children = children;
    family->child_capacity = capacity;
    return true;
}

static bool family_table_room(struct ifm_family *family)
{
    struct ifm_table *table = atomic_load_explicit(&family->table, memory_order_relaxed);
    if (ifm_table_has_room(table)) {
        return true;
    }
    struct ifm_table *larger = ifm_table_new(table->live + 1);
    if (larger == NULL) {
        return false;
    }
    ifm_table_copy(larger, table);
    atomic_store_explicit(&family->table, larger, memory_order_release);
    ifm_table_retire(family->registry, table);
    return true;
}

/* Under the lock. Takes over `key`; NULL at a limit or when memory is out. */
static struct ifm_series *family_add(struct ifm_family *family, char *key, const struct ifm_key *packed)
{
    ifm_registry *registry = family->registry;
    ifm_registry_reclaim(registry);
    bool full = family->live_count >= family->series_limit ||
                registry->series_live + registry->series_limbo >= registry->options.series_limit;
    struct ifm_series *series = NULL;
    if (!full && family_child_room(family) && family_table_room(family)) {
        series = ifm_series_new(family, key, packed->size, packed->hash);
    }
    if (series == NULL) {
        ifm_free(key);
        return NULL;
    }
    series->position = (uint32_t)family->child_count;
    family->children[family->child_count++] = series;
    family->live_count++;
    ifm_table_insert(atomic_load_explicit(&family->table, memory_order_relaxed), series);
    return series;
}

static struct ifm_handle family_with_locked(struct ifm_family *family, const char *const *values)
{
    uint32_t size = 0;
    char *key = ifm_family_pack(family, values, &size);
    if (key == NULL) {
        return family_overflow(family);
    }
    struct ifm_key packed = key_of(family, key, size);
    pthread_mutex_lock(&family->registry->lock);
    struct ifm_series *series =
        ifm_table_find_locked(atomic_load_explicit(&family->table, memory_order_relaxed), &packed);
    if (series != NULL) {
        ifm_free(key);
    } else {
        series = family_add(family, key, &packed);
    }
    struct ifm_handle handle =
        series == NULL || series == family->overflow ? family_overflow(family) : handle_of(series);
    pthread_mutex_unlock(&family->registry->lock);
    return handle;
}

struct ifm_handle ifm_family_only(const struct ifm_family *family)
{
    return handle_of(family->children[0]);
}

struct ifm_handle ifm_family_with(struct ifm_family *family, const char *const *values)
{
    if (family == NULL) {
        return (struct ifm_handle){0};
    }
    if (family->label_count == 0) {
        return ifm_family_only(family);
    }
    if (values == NULL) {
        return family_overflow(family);
    }
    char packed[IFM_KEY_BYTES_FAST];
    size_t size = key_pack_fast(packed, values, family->label_count);
    struct ifm_thread *self = ifm_thread_current();
    if (size > 0 && self != &ifm_thread_none) {
        struct ifm_key key = key_of(family, packed, size);
        struct ifm_series *series = ifm_table_find(&family->table, &key, self);
        if (series != NULL) {
            struct ifm_handle handle = handle_of(series);
            ifm_hazard_series_clear(self);
            if ((handle.generation & 1) == 0) { /* S1: else it is being removed at this moment */
                return series == family->overflow ? family_overflow(family) : handle;
            }
        }
    }
    return family_with_locked(family, values);
}

static void family_retire(struct ifm_family *family, struct ifm_series *series)
{
    struct ifm_table *table = atomic_load_explicit(&family->table, memory_order_relaxed);
    if (table != NULL) {
        ifm_table_remove(table, series); /* R1 */
    }
    family->children[series->position] = NULL;
    family->live_count--;
    ifm_series_retire(series);
}

bool ifm_family_remove(struct ifm_family *family, const char *const *values)
{
    uint32_t size = 0;
    char *key = NULL;
    if (family != NULL && family->label_count > 0 && values != NULL) {
        key = ifm_family_pack(family, values, &size);
    }
    if (key == NULL) {
        return false;
    }
    struct ifm_key packed = key_of(family, key, size);
    pthread_mutex_lock(&family->registry->lock);
    struct ifm_series *series =
        ifm_table_find_locked(atomic_load_explicit(&family->table, memory_order_relaxed), &packed);
    bool found = series != NULL && series != family->overflow;
    if (found) {
        family_retire(family, series);
        ifm_registry_reclaim(family->registry);
    }
    pthread_mutex_unlock(&family->registry->lock);
    ifm_free(key);
    return found;
}

static void family_retire_children(struct ifm_family *family)
{
    for (size_t i = 0; i < family->child_count; i++) {
        if (family->children[i] != NULL) {
            family_retire(family, family->children[i]);
        }
    }
    family->child_count = 0;
}

void ifm_family_clear(struct ifm_family *family)
{
    if (family == NULL || family->label_count == 0) {
        return;
    }
    pthread_mutex_lock(&family->registry->lock);
    family_retire_children(family);
    ifm_registry_reclaim(family->registry);
    pthread_mutex_unlock(&family->registry->lock);
}

void ifm_family_remove_all(struct ifm_family *family)
{
    family_retire_children(family);
    if (family->overflow != NULL) {
        struct ifm_table *table = atomic_load_explicit(&family->table, memory_order_relaxed);
        ifm_table_remove(table, family->overflow);
        family->registry->series_live++; /* it was never counted: series_retire() takes it away */
        ifm_series_retire(family->overflow);
        family->overflow = NULL;
    }
}

/* --- Making and freeing ----------------------------------------------------------------------------- */

static bool family_start_overflow(struct ifm_family *family)
{
    const char *values[IFM_LABELS_MAX];
    for (size_t i = 0; i < family->label_count; i++) {
        values[i] = OVERFLOW_VALUE;
    }
    uint32_t size = 0;
    char *key = ifm_family_pack(family, values, &size);
    struct ifm_table *table = ifm_table_new(1);
    struct ifm_series *series = NULL;
    if (key != NULL && table != NULL) {
        series = ifm_series_new(family, key, size, key_of(family, key, size).hash);
    }
    if (series == NULL) {
        ifm_free(key);
        ifm_free(table);
        return false;
    }
    family->registry->series_live--; /* outside every limit */
    family->overflow = series;
    family->overflow_generation = ifm_series_generation(series);
    atomic_store_explicit(&series->owner, IFM_OWNER_SHARED | family->overflow_generation,
                          memory_order_release);
    ifm_table_insert(table, series); /* F2: nobody else gets these values */
    atomic_store_explicit(&family->table, table, memory_order_release);
    return true;
}

bool ifm_family_start(struct ifm_family *family, ifm_error *err)
{
    if (family->label_count > 0) {
        return family_start_overflow(family) || ifm_error_nomem(err);
    }
    struct ifm_series *series = family_child_room(family) ? ifm_series_new(family, NULL, 0, 0) : NULL;
    if (series == NULL) {
        return ifm_error_nomem(err);
    }
    family->children[family->child_count++] = series;
    family->live_count++;
    return true;
}

void ifm_family_free(struct ifm_family *family)
{
    if (family == NULL) {
        return;
    }
    ifm_free(family->name);
    ifm_free(family->unit);
    ifm_free(family->help);
    ifm_free(family->sort_key);
    for (size_t i = 0; family->label_names != NULL && i < family->label_count; i++) {
        ifm_free((void *)(uintptr_t)family->label_names[i].data);
    }
    ifm_free(family->label_names);
    for (size_t i = 0; family->states != NULL && i < family->state_count; i++) {
        ifm_free((void *)(uintptr_t)family->states[i].data);
    }
    ifm_free(family->states);
    ifm_histogram_layout_deinit(&family->histogram);
    ifm_sketch_layout_deinit(&family->sketch);
    ifm_free(atomic_load_explicit(&family->table, memory_order_relaxed));
    ifm_free(family->children);
    ifm_free(family);
}
