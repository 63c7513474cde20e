/* SPDX-License-Identifier: Apache-2.0
 *
 * SipHash-2-4 with 64 bits (Aumasson and Bernstein, 2012): a keyed hash whose results say nothing about
 * the input to one who has not the key. For remembering which credentials were tried, never for storing.
 *
 * Thread-safety: any thread; no state.
 */
#ifndef IFM_OS_SIPHASH_H
#define IFM_OS_SIPHASH_H

#include <stddef.h>
#include <stdint.h>

typedef struct ifm_siphash_key {
    uint64_t words[2]; /* the 16 bytes of the key, read little-endian */
} ifm_siphash_key;

uint64_t ifm_siphash(const ifm_siphash_key *key, const void *bytes, size_t size);

#endif
