/* SPDX-License-Identifier: Apache-2.0
 *
 * The real clock: the one place where a test may look at it.
 */
#include "check.h"
#include "os/os.h"

#include <time.h>

static int64_t timespec_ns(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void monotonic_clock_is_that_of_the_system(void **state)
{
    (void)state;
    int64_t before = timespec_ns(CLOCK_MONOTONIC);
    int64_t direct = ifm_os_monotonic_ns();
    int64_t through_table = ifm_os_clock_real.monotonic_ns();
    int64_t after = timespec_ns(CLOCK_MONOTONIC);
    CHECK(before <= direct);
    CHECK(direct <= through_table);
    CHECK(through_table <= after);
    check_end();
}

static void wall_clock_is_in_milliseconds_since_1970(void **state)
{
    (void)state;
    int64_t before = timespec_ns(CLOCK_REALTIME) / 1000000;
    int64_t wall = ifm_os_clock_real.wall_ms();
    int64_t after = timespec_ns(CLOCK_REALTIME) / 1000000;
    /* The wall clock may be set between the two; a minute says nothing about units. */
    CHECK(wall >= before - 60000);
    CHECK(wall <= after + 60000);
    check_end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(monotonic_clock_is_that_of_the_system),
        cmocka_unit_test(wall_clock_is_in_milliseconds_since_1970),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
