/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DASHBOARD_UNITS_H
#define DASHBOARD_UNITS_H

#include <stdbool.h>

/* Whether Grafana knows the unit of that id: "" (none), one of its table, or a form such as "suffix:tok". */
bool dashboard_unit_is_known(const char *unit);

#endif
