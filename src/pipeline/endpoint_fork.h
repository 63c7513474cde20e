/* SPDX-License-Identifier: Apache-2.0
 *
 * fork(): a child inherits the endpoint's descriptors but none of its threads. With the listening socket it
 * would hold the port after its parent ended, with a connection it would keep it from closing. So the child
 * closes them all before fork() returns there.
 *
 * Process-wide state: the list of endpoints, which fork handlers cannot be handed in another way.
 *
 * Thread-safety: any thread. Order of locks: the fork lock, then `running` of each endpoint; fork() takes
 * both, and nothing that holds `running` calls the program's code.
 */
#ifndef IFM_PIPELINE_ENDPOINT_FORK_H
#define IFM_PIPELINE_ENDPOINT_FORK_H

#include <inferometer/endpoint.h>

/* Between them no fork() happens: for opening and closing descriptors. */
void ifm_endpoint_fork_lock(void);
void ifm_endpoint_fork_unlock(void);

/* Under the lock. From add to remove, a child closes what the endpoint has open. */
void ifm_endpoint_fork_add(ifm_endpoint *endpoint);
void ifm_endpoint_fork_remove(ifm_endpoint *endpoint);

#endif
