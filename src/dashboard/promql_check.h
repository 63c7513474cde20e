/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DASHBOARD_PROMQL_CHECK_H
#define DASHBOARD_PROMQL_CHECK_H

#include "dashboard/query.h"
#include "promql/promql.h"

/* Checks a query that parses: whether its metrics are known, its windows are long enough, and its
 * functions are given what they are for. `expansion` tells where in checker->expanded variables stood. */
void dashboard_promql_check(dashboard_checker *checker, const dashboard_expansion *expansion,
                            const promql_node *root);

#endif
