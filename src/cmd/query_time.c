/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/query.h"

#include "stack/stack.h"

#include <math.h>
#include <string.h>

/* Times of this many seconds, in milliseconds, are whole numbers that a double holds. */
#define SECONDS_MAX 9e12

bool query_time(const char *text, int64_t *out_ms, ifm_error *err)
{
    double seconds;
    if (ifm_number_read(text, strlen(text), &seconds) && fabs(seconds) < SECONDS_MAX) {
        *out_ms = llround(seconds * 1000);
        return true;
    }
    return stack_time_read(text, out_ms) ||
           ifm_error_set(err, IFM_INVALID,
                         "it is no time; hint: seconds since 1970, or as 2026-11-25T18:55:22Z");
}
