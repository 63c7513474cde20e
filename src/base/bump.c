/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bump.h"

#include "base/alloc.h"
#include "base/error.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

struct ifm_bump_block {
    alignas(max_align_t) ifm_bump_block *next;
    size_t size; /* itself included */
};

enum {
    BUMP_ALIGNMENT = alignof(max_align_t),
    BUMP_BLOCK_MIN = 4096,        /* most queries and rules fit in one */
    BUMP_BLOCK_MAX = 1024 * 1024, /* what is wasted at the end of a large arena */
    BUMP_GROW_MIN = 4             /* items: most lists of labels and arguments are shorter */
};

void ifm_bump_init(ifm_bump *bump, size_t max)
{
    *bump = (ifm_bump){.max = max};
}

void ifm_bump_deinit(ifm_bump *bump)
{
    for (ifm_bump_block *block = bump->blocks, *next; block != NULL; block = next) {
        next = block->next;
        ifm_free(block);
    }
    ifm_bump_init(bump, bump->max);
}

/* Takes a block with room for `size` bytes, a multiple of the alignment. */
static bool bump_more(ifm_bump *bump, size_t size)
{
    size_t left = bump->max - bump->used;
    if (left < sizeof(ifm_bump_block) || size > left - sizeof(ifm_bump_block)) {
        bump->failed = IFM_LIMIT; /* M3 */
        return false;
    }
    size_t need = sizeof(ifm_bump_block) + size;
    size_t want = bump->used < BUMP_BLOCK_MIN ? BUMP_BLOCK_MIN : bump->used; /* twice as much as before */
    want = want > BUMP_BLOCK_MAX ? BUMP_BLOCK_MAX : want;
    want = want < need ? need : want;
    want = want > left ? left : want; /* M1 */
    ifm_bump_block *block = ifm_alloc_zero(1, want);
    if (block == NULL) {
        bump->failed = IFM_NOMEM;
        return false;
    }
    block->next = bump->blocks;
    block->size = want;
    bump->blocks = block;
    bump->used += want;
    bump->at = (char *)block + sizeof *block;
    bump->end = (char *)block + want;
    return true;
}

void *ifm_bump_alloc(ifm_bump *bump, size_t size)
{
    if (bump->failed != IFM_OK) {
        return NULL;
    }
    if (size > SIZE_MAX - BUMP_ALIGNMENT) {
        bump->failed = IFM_LIMIT;
        return NULL;
    }
    size_t rounded = (size + BUMP_ALIGNMENT - 1) / BUMP_ALIGNMENT * BUMP_ALIGNMENT;
    if ((bump->at == NULL || rounded > (size_t)(bump->end - bump->at)) && !bump_more(bump, rounded)) {
        return NULL;
    }
    void *memory = bump->at;
    bump->at += rounded; /* M2: zeroed when the block was taken */
    return memory;
}

void *ifm_bump_alloc_array(ifm_bump *bump, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size) {
        bump->failed = bump->failed == IFM_OK ? IFM_LIMIT : bump->failed;
        return NULL;
    }
    return ifm_bump_alloc(bump, count * size);
}

char *ifm_bump_copy(ifm_bump *bump, const void *bytes, size_t size)
{
    char *copy = size == SIZE_MAX ? NULL : ifm_bump_alloc(bump, size + 1);
    if (copy != NULL && size > 0) {
        memcpy(copy, bytes, size);
    }
    return copy;
}

void *ifm_bump_grow(ifm_bump *bump, void *items, size_t count, size_t size)
{
    /* Capacities are 4, 8, 16, ..: a full array has one of these counts. */
    bool full = count == 0 || (count >= BUMP_GROW_MIN && (count & (count - 1)) == 0);
    if (!full) {
        return items;
    }
    void *grown = ifm_bump_alloc_array(bump, count == 0 ? BUMP_GROW_MIN : count * 2, size);
    if (grown != NULL && count > 0) {
        memcpy(grown, items, count * size);
    }
    return grown;
}

ifm_bump_mark ifm_bump_mark_now(const ifm_bump *bump)
{
    return (ifm_bump_mark){.block = bump->blocks, .at = bump->at};
}

void ifm_bump_rewind(ifm_bump *bump, ifm_bump_mark mark)
{
    if (bump->failed != IFM_OK) {
        return;
    }
    /* A first block that was taken since is kept, so that one who goes back to the beginning each time does
     * not take and give back the same memory. */
    while (bump->blocks != mark.block && (mark.block != NULL || bump->blocks->next != NULL)) {
        ifm_bump_block *block = bump->blocks;
        bump->blocks = block->next;
        bump->used -= block->size;
        ifm_free(block);
        bump->at = NULL; /* all of the block before is taken, for all that is known */
    }
    ifm_bump_block *block = bump->blocks;
    if (block == NULL) {
        return;
    }
    char *at = mark.block == NULL ? (char *)block + sizeof *block : mark.at;
    char *end = (char *)block + block->size;
    char *dirty = bump->at == NULL ? end : bump->at;
    memset(at, 0, (size_t)(dirty - at)); /* M2 */
    bump->at = at;
    bump->end = end;
}

bool ifm_bump_check(const ifm_bump *bump, ifm_error *err)
{
    if (bump->failed == IFM_LIMIT) {
        ifm_error_set(err, IFM_LIMIT, "needs more memory than its limit of %zu bytes", bump->max);
    } else if (bump->failed != IFM_OK) {
        ifm_error_nomem(err);
    }
    return bump->failed == IFM_OK;
}
