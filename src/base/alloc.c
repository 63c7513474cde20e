/* SPDX-License-Identifier: Apache-2.0 */
#include "base/alloc.h"

#include <inferometer/registry.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *ifm_alloc(size_t size)
{
    return malloc(size == 0 ? 1 : size);
}

void *ifm_alloc_zero(size_t count, size_t size)
{
    return calloc(count == 0 ? 1 : count, size == 0 ? 1 : size);
}

void *ifm_alloc_aligned(size_t alignment, size_t size)
{
    if (size > SIZE_MAX - alignment) {
        return NULL;
    }
    size_t rounded = (size + alignment - 1) / alignment * alignment;
    void *memory = aligned_alloc(alignment, rounded);
    if (memory != NULL) {
        memset(memory, 0, rounded);
    }
    return memory;
}

void *ifm_realloc(void *memory, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) {
        return NULL;
    }
    size_t bytes = count * size;
    return realloc(memory, bytes == 0 ? 1 : bytes);
}

char *ifm_copy_text(const char *text)
{
    return ifm_copy_bytes(text, strlen(text));
}

char *ifm_copy_bytes(const void *bytes, size_t size)
{
    if (size == SIZE_MAX) {
        return NULL;
    }
    char *copy = ifm_alloc(size + 1);
    if (copy != NULL) {
        memcpy(copy, bytes, size);
        copy[size] = '\0';
    }
    return copy;
}

void ifm_alloc_trim(void)
{
#ifdef __GLIBC__ /* no other heap that we run on keeps it */
    malloc_trim(0);
#endif
}

void ifm_free(void *memory)
{
    free(memory);
}
