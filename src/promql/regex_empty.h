/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether a regular expression matches the empty text: {a=~".*"} would select everything.
 */
#ifndef IFM_PROMQL_REGEX_EMPTY_H
#define IFM_PROMQL_REGEX_EMPTY_H

#include "promql/promql.h"

/* `pattern` is RE2's syntax, anchored at both ends. What is no valid pattern, or has more nested groups than
 * fit, does not match. Takes time linear in its size, and no memory. */
bool promql_regex_matches_empty(promql_text pattern);

#endif
