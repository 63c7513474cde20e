/* SPDX-License-Identifier: Apache-2.0
 *
 * Names of pipelines and stages, and a table from names to values: a fixed number of buckets, each a list.
 *
 * Thread-safety: find from any thread, without a lock; add under the caller's lock.
 * N1  an entry never changes and never moves once it can be found.
 * N2  adding is one store of a pointer: a fork at any moment leaves the child with a sound table.
 */
#ifndef IFM_PIPELINE_PIPELINE_NAMES_H
#define IFM_PIPELINE_PIPELINE_NAMES_H

#include <inferometer/error.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct ifm_name {
    struct ifm_name *next;
    void *value;
    char text[];
} ifm_name;

typedef struct ifm_names {
    _Atomic(ifm_name *) *buckets; /* release when an entry is put in front */
    size_t bucket_count;          /* a power of two */
    size_t count;                 /* under the caller's lock */
} ifm_names;

/* `kind` is "pipeline" or "stage". Not NULL, not empty, UTF-8, at most IFM_PIPELINE_NAME_BYTES_MAX bytes.
 * Errors: IFM_INVALID. */
bool ifm_pipeline_name_check(const char *kind, const char *name, ifm_error *err);

/* `bucket_count` is a power of two. Errors: IFM_NOMEM. */
bool ifm_names_init(ifm_names *names, size_t bucket_count, ifm_error *err);

/* Frees the table; `free_value`, which may be NULL, is called for each value. A zeroed table is accepted. */
void ifm_names_deinit(ifm_names *names, void (*free_value)(void *value));

/* The value of `name`, NULL when there is none. */
void *ifm_names_find(const ifm_names *names, const char *name);

/* Adds `name` (copied), which is not in the table. Takes `value`, which is not NULL, when it succeeds.
 * Returns the copy, which lives as long as the table; NULL on IFM_NOMEM. */
const char *ifm_names_add(ifm_names *names, const char *name, void *value, ifm_error *err);

/* Takes an entry out, for tables that nobody reads without the caller's lock. Returns its value, NULL when
 * there is none. */
void *ifm_names_remove(ifm_names *names, const char *name);

/* Calls `each` for every entry. */
void ifm_names_each(const ifm_names *names, void (*each)(void *context, const char *name, void *value),
                    void *context);

#endif
