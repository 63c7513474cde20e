/* SPDX-License-Identifier: Apache-2.0 */
#include "tsdb/head_memory.h"

#include <inferometer/registry.h>

struct head_arena_block {
    head_arena_block *next;
    size_t size; /* itself included */
};

static void free_blocks(head_arena_block *block)
{
    while (block != NULL) {
        head_arena_block *next = block->next;
        ifm_free(block);
        block = next;
    }
}

void head_arena_deinit(head_arena *arena)
{
    free_blocks(arena->blocks);
    free_blocks(arena->spare);
    *arena = (head_arena){0};
}

static head_arena_block *take_block(head_arena *arena, size_t size)
{
    size_t want = arena->bytes < HEAD_ARENA_BLOCK_MIN ? HEAD_ARENA_BLOCK_MIN : arena->bytes;
    want = want > HEAD_ARENA_BLOCK_MAX ? HEAD_ARENA_BLOCK_MAX : want;
    if (size > SIZE_MAX - sizeof(head_arena_block)) {
        return NULL;
    }
    want = want < size + sizeof(head_arena_block) ? size + sizeof(head_arena_block) : want;
    head_arena_block *block = ifm_alloc(want);
    if (block != NULL) {
        block->size = want;
        block->next = NULL;
        arena->bytes += want;
    }
    return block;
}

static void begin_block(head_arena *arena, head_arena_block *block)
{
    block->next = arena->blocks;
    arena->blocks = block;
    arena->at = (char *)block + sizeof *block;
    arena->end = (char *)block + block->size;
}

void *head_arena_alloc(head_arena *arena, size_t size)
{
    if (size > SIZE_MAX - 8) {
        return NULL;
    }
    size = size == 0 ? 8 : (size + 7) & ~(size_t)7;
    if ((size_t)(arena->end - arena->at) < size) {
        head_arena_block *block = arena->spare;
        if (block != NULL && block->size - sizeof *block >= size) {
            arena->spare = block->next;
        } else {
            block = take_block(arena, size);
        }
        if (block == NULL) {
            return NULL;
        }
        begin_block(arena, block);
    }
    void *memory = arena->at;
    arena->at += size;
    return memory;
}

void *head_arena_copy(head_arena *arena, const void *bytes, size_t size)
{
    void *copy = head_arena_alloc(arena, size);
    if (copy != NULL && size > 0) {
        memcpy(copy, bytes, size);
    }
    return copy;
}

/* What a block cannot be filled with, because the next piece does not fit, is less than a piece. */
bool head_arena_reserve(head_arena *arena, size_t size)
{
    size_t have = (size_t)(arena->end - arena->at);
    have = have > HEAD_ARENA_PIECE_MAX ? have - HEAD_ARENA_PIECE_MAX : 0;
    for (head_arena_block *block = arena->spare; block != NULL; block = block->next) {
        have += block->size - sizeof *block - HEAD_ARENA_PIECE_MAX;
    }
    while (have < size) {
        head_arena_block *block = take_block(arena, HEAD_ARENA_PIECE_MAX * 2);
        if (block == NULL) {
            return false;
        }
        block->next = arena->spare;
        arena->spare = block;
        have += block->size - sizeof *block - HEAD_ARENA_PIECE_MAX;
    }
    return true;
}

void head_pages_init(head_pages *pages, uint32_t item_size)
{
    for (size_t i = 0; i < HEAD_PAGE_COUNT; i++) {
        atomic_init(&pages->pages[i], NULL);
    }
    pages->item_size = item_size;
}

void head_pages_deinit(head_pages *pages)
{
    for (size_t i = 0; i < HEAD_PAGE_COUNT; i++) {
        ifm_free(atomic_load_explicit(&pages->pages[i], memory_order_relaxed));
        atomic_store_explicit(&pages->pages[i], NULL, memory_order_relaxed);
    }
}

bool head_pages_ensure(head_pages *pages, uint32_t index)
{
    uint64_t shifted = ((uint64_t)index >> HEAD_PAGE_BITS) + 1;
    unsigned page = 63U - (unsigned)__builtin_clzll(shifted);
    if (atomic_load_explicit(&pages->pages[page], memory_order_relaxed) != NULL) {
        return true;
    }
    char *items = ifm_alloc_zero((size_t)1 << (page + HEAD_PAGE_BITS), pages->item_size);
    if (items == NULL) {
        return false;
    }
    atomic_store_explicit(&pages->pages[page], items, memory_order_release);
    return true;
}
