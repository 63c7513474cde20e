/* SPDX-License-Identifier: Apache-2.0
 *
 * One run over a file: its lines, the storage, what the command at hand needs.
 *
 * L1  a line is trimmed; one that is a comment is empty; an empty one ends a command.
 */
#ifndef IFM_PROMQLTEST_RUN_H
#define IFM_PROMQLTEST_RUN_H

#include "promql/promql.h"
#include "promqltest/promqltest.h"
#include "promqltest/series.h"

typedef struct promqltest_run_state {
    const promqltest_options *options;
    promqltest_counts *counts;
    const char *at; /* the lines that are left */
    const char *end;
    size_t line; /* number of the last one read */
    promqltest_memory *memory;
    storage *queried; /* NULL: to be asked for, for the memory has changed */
    ifm_bump arena;   /* of the command */
} promqltest_run_state;

/* The next line of a command; false, without taking one, at its end. */
bool promqltest_next_of_command(promqltest_run_state *run, model_text *out);

/* Commands, without their first word. False with `err`: the command is wrong, or failed. */
bool promqltest_load(promqltest_run_state *run, model_text rest, bool with_nhcb, ifm_error *err);

/* Series of one load. */
typedef struct promqltest_load_series {
    promqltest_series series;
    uint64_t hash;
} promqltest_load_series;

typedef struct promqltest_load_data {
    int64_t step_ms;
    promqltest_load_series *series;
    size_t count;
} promqltest_load_data;

/* Appends the native histograms that classic ones among the series make. */
bool promqltest_load_nhcb(promqltest_run_state *run, const promqltest_load_data *load, ifm_error *err);

#endif
