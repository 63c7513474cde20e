/* SPDX-License-Identifier: Apache-2.0
 *
 * The only door to the heap: malloc, realloc and free are called nowhere else. All functions return NULL
 * when memory is out or the size would overflow; none aborts.
 *
 * Thread-safety: any thread.
 */
#ifndef IFM_BASE_ALLOC_H
#define IFM_BASE_ALLOC_H

#include <stddef.h>

/* Uninitialised memory of `size` bytes; size 0 yields a pointer that can be freed. */
void *ifm_alloc(size_t size);

/* Zeroed memory for `count` items of `size` bytes. */
void *ifm_alloc_zero(size_t count, size_t size);

/* Zeroed memory aligned to `alignment` (a power of two, >= sizeof(void *)). Freed like any other. */
void *ifm_alloc_aligned(size_t alignment, size_t size);

/* Grows or shrinks to `count` items of `size` bytes; on NULL the old memory is untouched. */
void *ifm_realloc(void *memory, size_t count, size_t size);

/* A copy of `text`, or of its first `size` bytes, terminated. */
char *ifm_copy_text(const char *text);
char *ifm_copy_bytes(const void *bytes, size_t size);

/* Gives memory that was freed back to the system, where the heap keeps it otherwise: for what has just freed
 * much of it at once. */
void ifm_alloc_trim(void);

/* ifm_free() is public: inferometer/registry.h. */
void ifm_free(void *memory);

#endif
