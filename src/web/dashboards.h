/* SPDX-License-Identifier: Apache-2.0
 *
 * What is known of the dashboards, so that a list of a thousand parses only the files that have changed.
 *
 * Thread-safety: any thread.
 * D1  what is known of a file holds while its device, inode, size and times are those that it had before and
 *     after it was read. They belong to what a link leads to, so one that leads elsewhere is read anew.
 * D2  a file that changed so shortly before it was read that its times could not tell a second change is read
 *     again the next time.
 * D3  nothing is read or parsed under the lock.
 */
#ifndef WEB_DASHBOARDS_H
#define WEB_DASHBOARDS_H

#include "base/base.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/stat.h>

enum { WEB_DASHBOARD_UID_SIZE = 128 };

typedef struct web_dashboard {
    char uid[WEB_DASHBOARD_UID_SIZE];
    const char *item;  /* of the list, as JSON */
    const char *wrong; /* NULL, or why it is no dashboard */
} web_dashboard;

typedef struct web_dashboards_entry web_dashboards_entry;

typedef struct web_dashboards {
    pthread_mutex_t lock;           /* protects what follows, and the entries */
    web_dashboards_entry **entries; /* by name; a name without "/" is a file of the folder */
    size_t count;
    _Atomic uint64_t parsed; /* for tests: how often something was; relaxed, nothing hangs on it */
} web_dashboards;

void web_dashboards_init(web_dashboards *known);
void web_dashboards_deinit(web_dashboards *known);

/* What is known of `name` if it is still as `now` says; copied to `arena`. `now` NULL: it never changes. */
bool web_dashboards_find(web_dashboards *known, const char *name, const struct stat *now, ifm_bump *arena,
                         web_dashboard *out);
/* `before` and `after` it was read, which was at `read_ms` of the wall clock (D1, D2); NULL: it never
 * changes. Without memory, or of a very long one, nothing is kept. */
void web_dashboards_put(web_dashboards *known, const char *name, const struct stat *before,
                        const struct stat *after, int64_t read_ms, const web_dashboard *dashboard);
/* Forgets the files that are not among `names`, which are sorted. */
void web_dashboards_keep(web_dashboards *known, char *const *names, size_t count);

#endif
