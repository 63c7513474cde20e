/* SPDX-License-Identifier: Apache-2.0
 *
 * A folder of a test's own, in which the state folder lies as well (os/state.h), and which goes with the
 * test:
 *
 *     return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
 *
 * Thread-safety: one thread.
 */
#ifndef IFM_TESTS_SCRATCH_H
#define IFM_TESTS_SCRATCH_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char scratch[] = "/tmp/ifm_test.XXXXXX";

static inline int scratch_make(void **state)
{
    (void)state;
    return mkdtemp(scratch) != NULL ? setenv("XDG_STATE_HOME", scratch, 1) : -1;
}

/* The same in memory where that is possible: for tests that make and remove thousands of files. */
static inline int scratch_make_in_memory(void **state)
{
    static const char place[] = "/dev/shm/ifmt.XXXXXX";
    _Static_assert(sizeof place == sizeof scratch, "it takes the place of the other one");
    if (access("/dev/shm", W_OK) == 0) {
        memcpy(scratch, place, sizeof place);
    }
    return scratch_make(state);
}

static inline int scratch_remove_entry(const char *path, const struct stat *status, int kind,
                                       struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

static inline int scratch_remove(void **state)
{
    (void)state;
    return nftw(scratch, scratch_remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
