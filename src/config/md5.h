/* SPDX-License-Identifier: Apache-2.0
 *
 * MD5 (RFC 1321), which the relabel action "hashmod" is defined by: targets have to be shared out as
 * Prometheus does it. For nothing else: it protects nothing. Not from a library: those that have it refuse it
 * where FIPS 140 is switched on.
 */
#ifndef CONFIG_MD5_H
#define CONFIG_MD5_H

#include <stddef.h>
#include <stdint.h>

void config_md5(const void *bytes, size_t size, uint8_t out[16]);

#endif
