/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CMD_LIBRARY_METRICS_H
#define CMD_LIBRARY_METRICS_H

#include "dashboard/dashboard.h"

/* Adds the names of all metrics that the library can expose, by asking it: a private registry, with a
 * logger on it and a pipeline that reports something of every kind. So the list cannot be out of date.
 * What this system does not tell about a process or host is not exposed here either. Takes all
 * INFEROMETER_ variables out of this process's environment: they are for the loggers of others. Errors:
 * those of ifm_logger_open(). */
bool library_metrics_add(dashboard_metrics *metrics, ifm_error *err);

#endif
