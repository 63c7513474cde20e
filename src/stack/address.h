/* SPDX-License-Identifier: Apache-2.0
 *
 * By which address this machine is known to others.
 *
 * Thread-safety: any thread; no state.
 */
#ifndef STACK_ADDRESS_H
#define STACK_ADDRESS_H

#include "stack/system.h"

/* An IPv4 address of this machine that is none of loopback: of the way out, or else of any interface that is
 * no bridge of an engine. False when there is none. Nothing is sent. */
bool stack_address_own(char out[static STACK_ADDRESS_SIZE]);

#endif
