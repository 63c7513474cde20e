/* SPDX-License-Identifier: Apache-2.0 */
#include "exposition/encoder_scratch.h"

#include "base/base.h"

#include <stdalign.h>

enum { BLOCK_SIZE_MIN = 4096 }; /* holds the names of any usual family */

struct ifm_scratch_block {
    struct ifm_scratch_block *next;
    size_t size; /* of memory[] */
    size_t used;
    alignas(max_align_t) char memory[];
};

void ifm_scratch_init(ifm_scratch *scratch)
{
    *scratch = (ifm_scratch){0};
}

void ifm_scratch_deinit(ifm_scratch *scratch)
{
    while (scratch->first != NULL) {
        struct ifm_scratch_block *next = scratch->first->next;
        ifm_free(scratch->first);
        scratch->first = next;
    }
    scratch->current = NULL;
}

void ifm_scratch_reset(ifm_scratch *scratch)
{
    scratch->current = scratch->first;
    if (scratch->first != NULL) {
        scratch->first->used = 0;
    }
}

/* Makes the next block that has room for `size` bytes the current one; blocks too small stay empty. */
static struct ifm_scratch_block *next_block(ifm_scratch *scratch, size_t size)
{
    struct ifm_scratch_block *last = scratch->current;
    struct ifm_scratch_block *block = last == NULL ? NULL : last->next;
    while (block != NULL && block->size < size) {
        last = block;
        block = block->next;
    }
    if (block == NULL) {
        size_t room = size < BLOCK_SIZE_MIN ? BLOCK_SIZE_MIN : size;
        block = room > SIZE_MAX - sizeof *block ? NULL : ifm_alloc(sizeof *block + room);
        if (block == NULL) {
            return NULL;
        }
        *block = (struct ifm_scratch_block){.size = room};
        *(last == NULL ? &scratch->first : &last->next) = block;
    }
    block->used = 0;
    scratch->current = block;
    return block;
}

void *ifm_scratch_alloc(ifm_scratch *scratch, size_t count, size_t size)
{
    if (size != 0 && count > (SIZE_MAX - alignof(max_align_t)) / size) {
        return NULL;
    }
    size_t bytes = (count * size + alignof(max_align_t) - 1) / alignof(max_align_t) * alignof(max_align_t);
    struct ifm_scratch_block *block = scratch->current;
    if (block == NULL || block->size - block->used < bytes) {
        block = next_block(scratch, bytes);
    }
    if (block == NULL) {
        return NULL;
    }
    void *memory = block->memory + block->used;
    block->used += bytes;
    return memory;
}
