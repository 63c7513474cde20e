/* SPDX-License-Identifier: Apache-2.0 */
#include "os/os.h"

#include <time.h>

static int64_t clock_wall_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t ifm_os_monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

const ifm_os_clock ifm_os_clock_real = {ifm_os_monotonic_ns, clock_wall_ms};
