/* SPDX-License-Identifier: Apache-2.0
 *
 * Queries: what is sent to Prometheus.
 */
#ifndef DASHBOARD_QUERY_H
#define DASHBOARD_QUERY_H

#include "dashboard/checker.h"

/* Checks one query at the place where we are. `step_ms` is the shortest step that it may be asked with. */
void dashboard_query_check(dashboard_checker *checker, const char *query, int64_t step_ms);

/* Checks the query of a variable: a text, or an object that has it, such as label_values(up, job). */
void dashboard_query_variable(dashboard_checker *checker, const json_t *query);

/* One variable that was replaced: bytes [start, end) of the expanded query. */
typedef struct dashboard_replaced {
    size_t start, end;
    const char *name; /* in the query as it stands in the file; not terminated */
    size_t name_size;
} dashboard_replaced;

enum { DASHBOARD_REPLACED_MAX = 64 }; /* of one query; of those beyond it the origin is not known */

typedef struct dashboard_expansion {
    dashboard_replaced replaced[DASHBOARD_REPLACED_MAX];
    size_t replaced_count;
    const dashboard_variable *guess; /* one whose value is not known; NULL: none */
    bool is_whole;                   /* all variables are defined */
} dashboard_expansion;

/* Replaces the variables of `text` into checker->expanded, which is terminated. Complains of those that
 * are not defined. False when there is nothing to go on with. */
bool dashboard_expand(dashboard_checker *checker, const char *text, int64_t step_ms,
                      dashboard_expansion *out);

/* Complains of variables in `text` that are not defined. */
void dashboard_expand_title(dashboard_checker *checker, const char *text);

#endif
