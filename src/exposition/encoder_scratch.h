/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory that lives as long as one family or one point: pieces are handed out and all given back at once.
 * What a document needs at most at a time is allocated once and used again.
 *
 * Thread-safety: one thread.
 */
#ifndef IFM_EXPOSITION_ENCODER_SCRATCH_H
#define IFM_EXPOSITION_ENCODER_SCRATCH_H

#include <stddef.h>

struct ifm_scratch_block;

typedef struct ifm_scratch {
    struct ifm_scratch_block *first;   /* in the order of their creation */
    struct ifm_scratch_block *current; /* the one that is being filled; those after it are empty */
} ifm_scratch;

void ifm_scratch_init(ifm_scratch *scratch);
void ifm_scratch_deinit(ifm_scratch *scratch);

/* Takes back everything that was handed out; keeps the memory. */
void ifm_scratch_reset(ifm_scratch *scratch);

/* Uninitialised memory for `count` items of `size` bytes, aligned for any type, valid until the next
 * reset. NULL when memory is out. */
void *ifm_scratch_alloc(ifm_scratch *scratch, size_t count, size_t size);

#endif
