/* SPDX-License-Identifier: Apache-2.0 */
#include "pipeline/pipeline_names.h"

#include "base/base.h"
#include "pipeline/limits.h"

#include <stdint.h>
#include <string.h>

bool ifm_pipeline_name_check(const char *kind, const char *name, ifm_error *err)
{
    if (name == NULL || *name == '\0') {
        return ifm_error_set(err, IFM_INVALID, "the name of a %s is empty", kind);
    }
    size_t size = strlen(name);
    if (size > IFM_PIPELINE_NAME_BYTES_MAX) {
        return ifm_error_set(err, IFM_INVALID, "the name of a %s has %zu bytes, the limit is %d", kind, size,
                             IFM_PIPELINE_NAME_BYTES_MAX);
    }
    if (!ifm_utf8_valid(name, size)) {
        return ifm_error_set(err, IFM_INVALID, "the name of a %s is not valid UTF-8", kind);
    }
    return true;
}

/* FNV-1a, 64 bits: short texts, and no enemy, for names come from the program itself. */
static size_t names_bucket(const ifm_names *names, const char *name)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (const char *c = name; *c != '\0'; c++) {
        hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
    }
    return (size_t)(hash ^ hash >> 32) & (names->bucket_count - 1);
}

bool ifm_names_init(ifm_names *names, size_t bucket_count, ifm_error *err)
{
    *names = (ifm_names){.buckets = ifm_alloc_zero(bucket_count, sizeof *names->buckets)};
    if (names->buckets == NULL) {
        return ifm_error_nomem(err);
    }
    names->bucket_count = bucket_count;
    return true;
}

void ifm_names_deinit(ifm_names *names, void (*free_value)(void *value))
{
    for (size_t i = 0; i < names->bucket_count; i++) {
        ifm_name *next;
        for (ifm_name *name = atomic_load(&names->buckets[i]); name != NULL; name = next) {
            next = name->next;
            if (free_value != NULL) {
                free_value(name->value);
            }
            ifm_free(name);
        }
    }
    ifm_free(names->buckets);
    *names = (ifm_names){.count = 0};
}

void *ifm_names_find(const ifm_names *names, const char *name)
{
    size_t bucket = names_bucket(names, name);
    ifm_name *entry = atomic_load_explicit(&names->buckets[bucket], memory_order_acquire);
    while (entry != NULL && strcmp(entry->text, name) != 0) {
        entry = entry->next;
    }
    return entry == NULL ? NULL : entry->value;
}

const char *ifm_names_add(ifm_names *names, const char *name, void *value, ifm_error *err)
{
    size_t size = strlen(name) + 1;
    ifm_name *entry = ifm_alloc(sizeof *entry + size);
    if (entry == NULL) {
        ifm_error_nomem(err);
        return NULL;
    }
    _Atomic(ifm_name *) *bucket = &names->buckets[names_bucket(names, name)];
    entry->next = atomic_load_explicit(bucket, memory_order_relaxed);
    entry->value = value;
    memcpy(entry->text, name, size);
    atomic_store_explicit(bucket, entry, memory_order_release); /* N1, N2 */
    names->count++;
    return entry->text;
}

void *ifm_names_remove(ifm_names *names, const char *name)
{
    _Atomic(ifm_name *) *bucket = &names->buckets[names_bucket(names, name)];
    ifm_name *before = NULL;
    ifm_name *entry = atomic_load_explicit(bucket, memory_order_relaxed);
    while (entry != NULL && strcmp(entry->text, name) != 0) {
        before = entry;
        entry = entry->next;
    }
    if (entry == NULL) {
        return NULL;
    }
    if (before == NULL) {
        atomic_store_explicit(bucket, entry->next, memory_order_relaxed);
    } else {
        before->next = entry->next;
    }
    void *value = entry->value;
    ifm_free(entry);
    names->count--;
    return value;
}

void ifm_names_each(const ifm_names *names, void (*each)(void *context, const char *name, void *value),
                    void *context)
{
    for (size_t i = 0; i < names->bucket_count; i++) {
        ifm_name *entry = atomic_load_explicit(&names->buckets[i], memory_order_acquire);
        for (; entry != NULL; entry = entry->next) {
            each(context, entry->text, entry->value);
        }
    }
}
