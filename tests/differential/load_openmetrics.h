/* SPDX-License-Identifier: Apache-2.0
 *
 * A file in OpenMetrics with a time at each sample, into a storage in memory. For the differential test and
 * the benchmark, which give the same file to other monitoring systems.
 */
#ifndef DIFFERENTIAL_LOAD_OPENMETRICS_H
#define DIFFERENTIAL_LOAD_OPENMETRICS_H

#include "promqltest/promqltest.h"

/* The samples of a series have to stand in the order of time; they are read fastest when nothing stands
 * between them. Errors: IFM_IO, IFM_LIMIT, IFM_NOMEM, IFM_INVALID. */
bool load_openmetrics(const char *path, promqltest_memory *memory, ifm_error *err);

#endif
