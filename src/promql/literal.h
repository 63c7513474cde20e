/* SPDX-License-Identifier: Apache-2.0
 *
 * What numbers, durations and strings mean, as Go's strconv and Prometheus's ParseDuration read them.
 */
#ifndef IFM_PROMQL_LITERAL_H
#define IFM_PROMQL_LITERAL_H

#include "promql/promql.h"

static const double PROMQL_NS_PER_SECOND = 1e9;

/* NULL, or why the text is no number: "value out of range", "invalid syntax", or "" when memory ran out,
 * which the arena remembers. */
const char *promql_read_number(promql_text text, ifm_bump *arena, double *out);

/* Seconds. NULL, or the format of the message about the text, in which %s stands for the quoted text. */
typedef enum promql_duration_fault {
    PROMQL_DURATION_VALID,
    PROMQL_DURATION_MALFORMED,
    PROMQL_DURATION_UNKNOWN_UNIT, /* *unit is filled in */
    PROMQL_DURATION_TOO_LONG
} promql_duration_fault;
promql_duration_fault promql_read_duration(promql_text text, double *out, promql_text *unit);

/* The contents of a string token, of which the lexer has checked the escapes. A NULL pointer when memory ran
 * out. */
promql_text promql_unquote(promql_text token, ifm_bump *arena);

/* Seconds to nanoseconds, rounded; from 13 days on to whole milliseconds, which a double still tells apart,
 * so that what is printed reads back as the same. False when it is out of range, or no number. */
bool promql_seconds_to_ns(double seconds, int64_t *out);

/* Appends a duration as Prometheus writes it: 1h30m; with a sign when negative. A duration that is no whole
 * number of milliseconds is written in seconds, as a number: 0.0005. */
void promql_print_duration(ifm_buf *out, int64_t ns);

#endif
