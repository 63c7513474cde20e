/* SPDX-License-Identifier: Apache-2.0
 *
 * A store of the known data (tsdb/known_data.h) in a folder of its own, where calls of the system can be made
 * to fail, and what it warns of.
 */
#ifndef IFM_TESTS_FAULTY_STORE_H
#define IFM_TESTS_FAULTY_STORE_H

#include "tsdb/fault_files.h"
#include "tsdb/known_data.h"
#include "tsdb/tsdb.h"

#include "check.h"
#include "scratch.h"

#include <inferometer/log.h>
#include <unistd.h>

static char folder[64];
static size_t warnings;

static inline void count_warnings(void *context, ifm_log_level level, const char *message)
{
    (void)context;
    (void)message;
    warnings += level != IFM_LOG_INFO;
}

static inline void store_remove(void)
{
    if (access(folder, F_OK) == 0) {
        nftw(folder, scratch_remove_entry, 8, FTW_DEPTH | FTW_PHYS);
    }
}

static inline bool store_open(tsdb **out, ifm_error *err)
{
    const tsdb_options options = {.folder = folder,
                                  .files = fault_files(),
                                  .retention_ms = INT64_MAX / 4, /* the data are from 2023 */
                                  .flush_interval_ms = INT64_MAX / 4,
                                  .no_threads = true};
    return tsdb_open(&options, out, err);
}

static inline int store_setup(void **state)
{
    int result = scratch_make_in_memory(state);
    snprintf(folder, sizeof folder, "%s/store", scratch);
    ifm_log_set(count_warnings, NULL);
    return result;
}

#endif
