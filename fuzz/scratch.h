/* SPDX-License-Identifier: Apache-2.0
 *
 * A folder for a fuzz target that needs a store: made once, and gone when the fuzzer ends.
 *
 * Thread-safety: one thread.
 */
#ifndef IFM_FUZZ_SCRATCH_H
#define IFM_FUZZ_SCRATCH_H

#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static char fuzz_scratch[] = "/tmp/ifm_fuzz.XXXXXX";

static int fuzz_scratch_remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

static void fuzz_scratch_remove(void)
{
    (void)nftw(fuzz_scratch, fuzz_scratch_remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

static inline const char *fuzz_scratch_folder(void)
{
    static bool made;
    if (!made && (mkdtemp(fuzz_scratch) == NULL || atexit(fuzz_scratch_remove) != 0)) {
        abort();
    }
    made = true;
    return fuzz_scratch;
}

#endif
