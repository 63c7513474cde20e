/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DASHBOARD_METRICS_IMPL_H
#define DASHBOARD_METRICS_IMPL_H

#include "dashboard/metrics.h"

/* Every name that is longer than `prefix` and begins with it is known. For DASHBOARD_METRIC_HISTOGRAM,
 * what it ends in says its type. Errors: IFM_NOMEM. */
bool dashboard_metrics_add_pattern(dashboard_metrics *metrics, const char *prefix, size_t size,
                                   dashboard_metric_type type, ifm_error *err);

#endif
