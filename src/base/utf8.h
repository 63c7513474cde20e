/* SPDX-License-Identifier: Apache-2.0
 *
 * UTF-8 as Prometheus requires it: shortest forms, no surrogates, up to U+10FFFF.
 */
#ifndef IFM_BASE_UTF8_H
#define IFM_BASE_UTF8_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The length in bytes (1 to 4) of the character at `text`, of which `size` > 0 bytes are readable, and its
 * code point in *point; 0 when it is no valid UTF-8. */
size_t ifm_utf8_decode(const char *text, size_t size, uint32_t *point);

bool ifm_utf8_valid(const char *text, size_t size);

/* The number of characters; `text` is valid. */
size_t ifm_utf8_length(const char *text, size_t size);

/* Appends `text` with each byte that does not belong to a valid character replaced by U+FFFD, cut before
 * the character that would go past `max` bytes. */
void ifm_utf8_repair(ifm_buf *out, const char *text, size_t size, size_t max);

#endif
