/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to top: keys whose sequences the description of the terminal (TERM) does not have: it may be that
 * of another one, as over SSH or in a multiplexer. Taken for their characters they would be an Escape and
 * several keys that do something else.
 *
 * Thread-safety: any.
 */
#ifndef TOP_KEYS_H
#define TOP_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { TOP_SEQUENCE_SIZE = 16 };

/* What follows an Escape. */
typedef struct top_sequence {
    char bytes[TOP_SEQUENCE_SIZE]; /* of a longer one the beginning, which is no key's */
    size_t size;
    bool is_over;
} top_sequence;

/* Takes the next character; false: it is of no sequence, and stays what it is. */
bool top_sequence_add(top_sequence *sequence, uint32_t point);

/* Of one that is over; 0: a key that has no meaning here. */
uint32_t top_sequence_key(const top_sequence *sequence);

#endif
