/* SPDX-License-Identifier: Apache-2.0
 *
 * Durations and times as Grafana writes them. dashboard_duration() is in check.h.
 */
#ifndef DASHBOARD_DURATION_H
#define DASHBOARD_DURATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "now", "now-15m", "now-1d/d", "now/w", a date that begins with its year, or milliseconds since 1970.
 * How long before now it is goes to *ms, -1 where that is not known. */
bool dashboard_time(const char *text, int64_t *ms);

/* Writes it as PromQL reads it: "20s", "1500ms". `out` has DASHBOARD_DURATION_SIZE bytes; terminated. */
enum { DASHBOARD_DURATION_SIZE = 32 };
void dashboard_duration_write(char *out, int64_t ms);

#endif
