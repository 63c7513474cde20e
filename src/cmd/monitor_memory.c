/* SPDX-License-Identifier: Apache-2.0
 *
 * Loading 40 libraries and starting TLS touches some 5 MB of code and tables that are not used again.
 *
 * Only mappings are let go that cannot be written and of which /proc/self/smaps says that no page is our own
 * copy ("Anonymous: 0 kB"): relocated tables, which are made read-only after they were changed, are not among
 * them.
 */
#include "cmd/monitor_memory.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

enum { LINE_SIZE = 4352 }; /* a path and what stands before it */

typedef struct mapping {
    uintptr_t start, end;
    bool is_file_only; /* it has a file, and cannot be written */
} mapping;

/* "55d0c000-55d0d000 r-xp 00000000 08:01 123   /usr/bin/x". */
static bool read_mapping(const char *line, mapping *out)
{
    char modes[5];
    int path = 0;
    if (sscanf(line, "%" SCNxPTR "-%" SCNxPTR " %4s %*s %*s %*s %n", &out->start, &out->end, modes, &path) <
        3) {
        return false;
    }
    out->is_file_only = modes[1] == '-' && modes[3] == 'p' && line[path] == '/';
    return true;
}

size_t monitor_memory_release(void)
{
    FILE *maps = fopen("/proc/self/smaps", "re");
    char line[LINE_SIZE];
    mapping at = {.is_file_only = false};
    size_t released = 0;
    if (maps == NULL) {
        return 0;
    }
    while (fgets(line, sizeof line, maps) != NULL) {
        unsigned long changed;
        if (sscanf(line, "Anonymous: %lu kB", &changed) == 1) {
            /* The last that is known of a mapping, and before it none other was read. */
            if (at.is_file_only && changed == 0 &&
                madvise((void *)at.start, at.end - at.start, MADV_DONTNEED) == 0) {
                released += at.end - at.start;
            }
            at.is_file_only = false;
        } else if (strchr(line, '-') != NULL) {
            mapping next;
            at = read_mapping(line, &next) ? next : at;
        }
    }
    fclose(maps);
    return released;
}
