/* SPDX-License-Identifier: Apache-2.0
 *
 * Counts by name: how much of something each of many texts has.
 *
 * Thread-safety: one thread.
 */
#ifndef CMD_TSDB_TALLY_H
#define CMD_TSDB_TALLY_H

#include "model/model.h"

typedef struct cmd_tally_item {
    model_text name; /* data NULL: none */
    double amount;
} cmd_tally_item;

/* A hash table with open addressing, at most half full. */
typedef struct cmd_tally {
    ifm_bump *arena;
    cmd_tally_item *slots;
    size_t slot_count; /* a power of two */
    size_t count;
} cmd_tally;

/* Adds to what `name` has; *is_new, which may be NULL, says whether it had nothing before. Without memory the
 * arena remembers. */
void cmd_tally_add(cmd_tally *tally, model_text name, double amount, bool *is_new);

/* Prints the `limit` largest ones, "AMOUNT NAME" each, or "none". The tally cannot be used any more. */
void cmd_tally_print(cmd_tally *tally, size_t limit);

#endif
