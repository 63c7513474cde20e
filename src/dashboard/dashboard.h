/* SPDX-License-Identifier: Apache-2.0
 *
 * Layer 4, the header that other folders include: what is wrong with Grafana dashboards.
 */
#ifndef DASHBOARD_DASHBOARD_H
#define DASHBOARD_DASHBOARD_H

#include "dashboard/check.h"
#include "dashboard/limits.h"
#include "dashboard/metrics.h"
#include "dashboard/report.h"

#endif
