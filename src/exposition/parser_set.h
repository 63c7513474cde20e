/* SPDX-License-Identifier: Apache-2.0
 *
 * A set of texts and label sets, known by a hash of 128 bits alone: two different ones are taken for the
 * same once in 2^64 documents, and then a correct document is refused, no more. Private to the check.
 *
 * Thread-safety: one thread.
 * S1  count < capacity * 3/4, so a search always ends at a free slot.
 */
#ifndef IFM_EXPOSITION_PARSER_SET_H
#define IFM_EXPOSITION_PARSER_SET_H

#include "exposition/parser.h"

typedef struct ifm_hash {
    uint64_t low;
    uint64_t high;
} ifm_hash;

ifm_hash ifm_hash_text(ifm_text text, uint64_t seed);

/* Hashes of labels are added up, so that their order does not matter. */
void ifm_hash_add_label(ifm_hash *hash, const ifm_parsed_label *label);

typedef struct ifm_hash_slot {
    ifm_hash hash;
    uint64_t generation; /* free unless it is that of the set */
} ifm_hash_slot;

typedef struct ifm_hash_set {
    ifm_hash_slot *slots;
    size_t capacity; /* 0 or a power of two */
    size_t count;
    uint64_t generation;
} ifm_hash_set;

void ifm_hash_set_init(ifm_hash_set *set);
void ifm_hash_set_deinit(ifm_hash_set *set);

/* Empties it, in constant time. */
void ifm_hash_set_clear(ifm_hash_set *set);

/* Adds `hash`; *added is false when it was there already. False with `err` on IFM_NOMEM. */
bool ifm_hash_set_add(ifm_hash_set *set, ifm_hash hash, bool *added, ifm_error *err);

#endif
