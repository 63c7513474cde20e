/* SPDX-License-Identifier: Apache-2.0
 *
 * An arena: memory for everything that one query, one scrape or one file needs, handed out by moving a
 * pointer and freed at once. The first failure sticks, so a builder of trees may check once at its end.
 *
 * Not the arena of metrics/arena.h, whose cells are given back one by one and are taken without a lock.
 *
 * Thread-safety: one thread.
 * M1  used <= max: the sum of all blocks taken from the heap never passes the limit.
 * M2  memory handed out is zeroed, aligned for any type, and stays where it is until deinit or rewind.
 * M3  after a failure, `failed` stays set and every call returns NULL; what was handed out stays valid.
 */
#ifndef IFM_BASE_BUMP_H
#define IFM_BASE_BUMP_H

#include <inferometer/error.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct ifm_bump_block ifm_bump_block;

typedef struct ifm_bump {
    ifm_bump_block *blocks; /* the newest first */
    char *at;               /* the free part of the newest block */
    char *end;
    size_t used; /* bytes taken from the heap */
    size_t max;
    ifm_code failed; /* IFM_OK, IFM_NOMEM or IFM_LIMIT */
} ifm_bump;

/* Takes no memory yet. */
void ifm_bump_init(ifm_bump *bump, size_t max);

/* Frees all that was handed out. */
void ifm_bump_deinit(ifm_bump *bump);

/* `size` zeroed bytes; NULL on failure. Size 0 yields a pointer that must not be read. */
void *ifm_bump_alloc(ifm_bump *bump, size_t size);

/* `count` zeroed items of `size` bytes. */
void *ifm_bump_alloc_array(ifm_bump *bump, size_t count, size_t size);

/* A copy of bytes[0..size), terminated by a NUL beyond them. */
char *ifm_bump_copy(ifm_bump *bump, const void *bytes, size_t size);

/* Room for one more item of `size` bytes in an array of `count`, which this function alone has grown: the
 * array itself, or a copy of twice the size (the old one is left to the arena). Items past `count` are
 * zero. NULL on failure. */
void *ifm_bump_grow(ifm_bump *bump, void *items, size_t count, size_t size);

/* A place to go back to. */
typedef struct ifm_bump_mark {
    ifm_bump_block *block;
    char *at;
} ifm_bump_mark;

ifm_bump_mark ifm_bump_mark_now(const ifm_bump *bump);

/* Takes back all that was handed out since `mark` was made; marks made since then are void. After a failure
 * nothing happens. */
void ifm_bump_rewind(ifm_bump *bump, ifm_bump_mark mark);

/* False, with `err` filled in, when a call failed. */
bool ifm_bump_check(const ifm_bump *bump, ifm_error *err);

#endif
