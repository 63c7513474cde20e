/* SPDX-License-Identifier: Apache-2.0
 *
 * Private to the printers: parts of promql_print() that the pretty printer puts on lines of their own.
 */
#ifndef IFM_PROMQL_PRINTER_H
#define IFM_PROMQL_PRINTER_H

#include "promql/promql.h"

/* "sum by (a) ", up to the parenthesis. */
void promql_print_aggregation(ifm_buf *out, const promql_aggregate *aggregate);

/* "== bool on (a) group_left ()". */
void promql_print_operator(ifm_buf *out, const promql_binary *binary);

/* Whether the left operand must be printed as "Inf": with its sign it would be +(Inf ^ x). */
bool promql_is_power_of_infinity(const promql_binary *binary);

/* "[5m:1m] offset 1m". */
void promql_print_subquery_end(ifm_buf *out, const promql_subquery *subquery);

#endif
