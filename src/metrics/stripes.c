/* SPDX-License-Identifier: Apache-2.0 */
#include "metrics/stripes.h"

_Static_assert(sizeof(struct ifm_stripes) == 2 * IFM_CACHE_LINE, "a root is two cache lines");

/* Publishes `fresh` in *place, or gives it back when another thread was first; returns what is there. */
static void *stripes_publish(_Atomic(void *) *place, void *fresh, struct ifm_arena *arena, size_t size)
{
    void *there = NULL;
    if (atomic_compare_exchange_strong_explicit(place, &there, fresh, memory_order_acq_rel,
                                                memory_order_acquire)) {
        return fresh;
    }
    ifm_arena_give(arena, fresh, size);
    return there;
}

/* What *place points to, made of `size` zeroed bytes if there is nothing yet. */
static void *stripes_node(_Atomic(void *) *place, struct ifm_arena *arena, size_t size)
{
    void *node = atomic_load_explicit(place, memory_order_acquire);
    if (node != NULL) {
        return node;
    }
    node = ifm_arena_take(arena, size);
    return node == NULL ? NULL : stripes_publish(place, node, arena, size);
}

static _Atomic(void *) *stripes_place(struct ifm_series *series, struct ifm_arena *arena, uint32_t index)
{
    struct ifm_stripes *root =
        stripes_node((_Atomic(void *) *)&series->stripes, arena, sizeof(struct ifm_stripes));
    if (root == NULL) {
        return NULL;
    }
    if (index < IFM_STRIPES_DIRECT) {
        return &root->direct[index];
    }
    struct ifm_stripes_more *more =
        stripes_node((_Atomic(void *) *)&root->more, arena, sizeof(struct ifm_stripes_more));
    if (more == NULL) {
        return NULL;
    }
    struct ifm_stripes_leaf *leaf = stripes_node((_Atomic(void *) *)&more->leaves[index / IFM_STRIPES_FAN],
                                                 arena, sizeof(struct ifm_stripes_leaf));
    return leaf == NULL ? NULL : &leaf->cells[index % IFM_STRIPES_FAN];
}

void *ifm_stripes_add(struct ifm_series *series, struct ifm_arena *arena, const struct ifm_thread *self,
                      size_t size, void (*init)(void *cell, const void *context), const void *context)
{
    _Atomic(void *) *place = stripes_place(series, arena, self->index);
    void *cell = place == NULL ? NULL : ifm_arena_take(arena, size);
    if (cell != NULL) {
        if (init != NULL) {
            init(cell, context);
        }
        atomic_store_explicit(place, cell, memory_order_release); /* P1: nobody else writes here */
    }
    return cell;
}

typedef bool (*stripes_visitor)(void *cell, void *context);

static bool stripes_visit_places(const _Atomic(void *) *places, size_t count, stripes_visitor visit,
                                 void *context)
{
    for (size_t i = 0; i < count; i++) {
        void *cell = atomic_load_explicit(&places[i], memory_order_acquire);
        if (cell != NULL && !visit(cell, context)) {
            return false;
        }
    }
    return true;
}

bool ifm_stripes_visit(const struct ifm_series *series, stripes_visitor visit, void *context)
{
    struct ifm_stripes *root = atomic_load_explicit(&series->stripes, memory_order_acquire);
    if (root == NULL) {
        return true;
    }
    if (!stripes_visit_places(root->direct, IFM_STRIPES_DIRECT, visit, context)) {
        return false;
    }
    struct ifm_stripes_more *more = atomic_load_explicit(&root->more, memory_order_acquire);
    for (size_t i = 0; more != NULL && i < IFM_THREADS_MAX / IFM_STRIPES_FAN; i++) {
        struct ifm_stripes_leaf *leaf = atomic_load_explicit(&more->leaves[i], memory_order_acquire);
        if (leaf != NULL && !stripes_visit_places(leaf->cells, IFM_STRIPES_FAN, visit, context)) {
            return false;
        }
    }
    return true;
}

struct stripes_give {
    struct ifm_arena *arena;
    size_t size;
};

static bool stripes_give_cell(void *cell, void *context)
{
    const struct stripes_give *give = context;
    ifm_arena_give(give->arena, cell, give->size);
    return true;
}

void ifm_stripes_free(struct ifm_series *series, struct ifm_arena *arena, size_t size)
{
    struct ifm_stripes *root = atomic_load_explicit(&series->stripes, memory_order_acquire);
    if (root == NULL) {
        return;
    }
    struct stripes_give give = {arena, size};
    ifm_stripes_visit(series, stripes_give_cell, &give);
    struct ifm_stripes_more *more = atomic_load_explicit(&root->more, memory_order_acquire);
    for (size_t i = 0; more != NULL && i < IFM_THREADS_MAX / IFM_STRIPES_FAN; i++) {
        struct ifm_stripes_leaf *leaf = atomic_load_explicit(&more->leaves[i], memory_order_acquire);
        if (leaf != NULL) {
            ifm_arena_give(arena, leaf, sizeof *leaf);
        }
    }
    if (more != NULL) {
        ifm_arena_give(arena, more, sizeof *more);
    }
    ifm_arena_give(arena, root, sizeof *root);
    atomic_store_explicit(&series->stripes, NULL, memory_order_relaxed);
}
