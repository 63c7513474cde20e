/* SPDX-License-Identifier: Apache-2.0
 *
 * Memory of a process that stays for months, most of it idle.
 *
 * Thread-safety: any thread.
 */
#ifndef CMD_MONITOR_MEMORY_H
#define CMD_MONITOR_MEMORY_H

#include <stddef.h>

/* Lets go of what only the start needed: pages of the program's and its libraries' files that nobody has
 * changed. They are the system's, which has them at hand; those that are used again come back by themselves.
 * Returns how many bytes of mappings were given back, 0 when /proc does not tell. */
size_t monitor_memory_release(void);

#endif
