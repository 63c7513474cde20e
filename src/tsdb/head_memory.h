/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory of the head: arenas that one writer takes from while readers use what was taken before, and arrays
 * that grow without moving.
 *
 * Thread-safety: one writer; readers see items whose number was published to them.
 * A1  after head_arena_reserve(n) succeeded, allocations of n bytes together cannot fail.
 */
#ifndef IFM_TSDB_HEAD_MEMORY_H
#define IFM_TSDB_HEAD_MEMORY_H

#include "base/base.h"

#include <stdatomic.h>
#include <stdint.h>

typedef struct head_arena_block head_arena_block;

typedef struct head_arena {
    head_arena_block *blocks; /* the newest first */
    head_arena_block *spare;  /* reserved, not begun */
    char *at, *end;           /* the free part of the newest block */
    size_t bytes;             /* taken from the heap */
} head_arena;

void head_arena_deinit(head_arena *arena);
/* Not zeroed, aligned to 8 bytes; NULL when memory is out. */
void *head_arena_alloc(head_arena *arena, size_t size);
void *head_arena_copy(head_arena *arena, const void *bytes, size_t size);
/* A1, for pieces of at most HEAD_ARENA_PIECE_MAX bytes. */
bool head_arena_reserve(head_arena *arena, size_t size);

enum {
    HEAD_ARENA_BLOCK_MIN = 16 * 1024,  /* a store with a few series */
    HEAD_ARENA_BLOCK_MAX = 256 * 1024, /* what is wasted at the end of a generation */
    HEAD_ARENA_PIECE_MAX = 1024
};

/* Page k has 2^(k + HEAD_PAGE_BITS) items, so that a directory of fixed size is enough for 2^32 of them. What
 * was not used of a large page is no memory yet. */
enum { HEAD_PAGE_BITS = 7, HEAD_PAGE_COUNT = 26 };

typedef struct head_pages {
    _Atomic(char *) pages[HEAD_PAGE_COUNT]; /* release: items of a new page are zero */
    uint32_t item_size;
} head_pages;

void head_pages_init(head_pages *pages, uint32_t item_size);
void head_pages_deinit(head_pages *pages);
/* Makes item `index` exist. */
bool head_pages_ensure(head_pages *pages, uint32_t index);

/* NULL: it does not exist. */
static inline void *head_pages_find(const head_pages *pages, uint32_t index)
{
    uint64_t shifted = ((uint64_t)index >> HEAD_PAGE_BITS) + 1;
    unsigned page = 63U - (unsigned)__builtin_clzll(shifted);
    uint64_t first = ((UINT64_C(1) << page) - 1) << HEAD_PAGE_BITS;
    char *items = atomic_load_explicit(&pages->pages[page], memory_order_acquire);
    return items == NULL ? NULL : items + (index - first) * pages->item_size;
}

/* Of an item that exists. */
static inline void *head_pages_at(const head_pages *pages, uint32_t index)
{
    uint64_t shifted = ((uint64_t)index >> HEAD_PAGE_BITS) + 1;
    unsigned page = 63U - (unsigned)__builtin_clzll(shifted);
    uint64_t first = ((UINT64_C(1) << page) - 1) << HEAD_PAGE_BITS;
    return atomic_load_explicit(&pages->pages[page], memory_order_acquire) +
           (index - first) * pages->item_size;
}

#endif
